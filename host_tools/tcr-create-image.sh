#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns a container image into the squashfs file that "tcr image load" takes: skopeo pulls it, umoci
# flattens its layers, mksquashfs packs the result.
set -u

me=${0##*/}

usage()
{
	cat <<END
usage: $me [OPTIONS] IMAGE [OUTPUT.sqfs]

Pulls IMAGE and packs it as a squashfs file for "tcr image load". Run it as root: only root can
keep the owners of the files.

IMAGE is a name, completed as docker does it
    alpine  alpine:3.18  user/app:v1  host:5000/app@sha256:DIGEST
or a source in skopeo's notation
    docker://NAME  oci:DIR[:TAG]  oci-archive:FILE[:TAG]  docker-archive:FILE[:NAME]  dir:DIR
    containers-storage:NAME  docker-daemon:NAME
OUTPUT.sqfs is NAME-TAG.sqfs in the current directory if not given.

  -o, --output FILE      The same as OUTPUT.sqfs
  -f, --force            Replace an existing output file
      --ref NAME[:TAG]   Reference that the image gets on the device. Default: IMAGE; of a directory
                         or archive its file name and the tag, else "latest"
      --platform OS/ARCH[/VARIANT]
                         Take this platform of a multi-platform image. Default: this machine's
      --comp TYPE        Compressor: zstd (default), xz, lzo, lz4, gzip
  -w, --workdir DIR      Directory for temporary files. Default: \$TMPDIR or /tmp
      --creds USER:PASSWORD
                         Credentials for the registry. Default: those of "skopeo login"
      --cert-dir DIR     Directory with the registry's CA (*.crt) and client certificates
      --tls-verify=false Accept plain HTTP and any certificate
  -q, --quiet            Print errors and warnings only
  -h, --help             Print this

The same image gives the same bytes. Times in the squashfs are those of the image's files, and the
image's creation for the rest, or \$SOURCE_DATE_EPOCH.
Exit code: 0 success, 1 failure, 2 wrong usage.
END
}

say()
{
	[ -n "$quiet" ] || printf '%s\n' "$me: $*" >&2
}

die()
{
	printf '%s\n' "$me: $*" >&2
	exit 1
}

usage_error()
{
	printf '%s\n' "$me: $*; see $me --help" >&2
	exit 2
}

# matches TEXT ERE: the whole text, which must be one line.
matches()
{
	case $1 in
	*"
"*) return 1 ;;
	esac
	printf '%s\n' "$1" | grep -Eqx -e "$2"
}

## Command line

output='' force='' ref='' platform='' comp=zstd workdir=${TMPDIR:-/tmp}
creds='' certs='' tls='' quiet='' image=''

operand()
{
	[ -n "$1" ] || usage_error "an argument is empty"
	if [ -z "$image" ]; then
		image=$1
	elif [ -z "$output" ]; then
		output=$1
	else
		usage_error "one argument too many: $1"
	fi
}

parse()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--*=*) opt=${1%%=*} value=${1#*=} n=1 ;;
		*) opt=$1 value=${2-} n=2 ;;
		esac
		case $opt in
		-o | --output) output=$value ;;
		--ref) ref=$value ;;
		--platform) platform=$value ;;
		--comp) comp=$value ;;
		-w | --workdir) workdir=$value ;;
		--creds) creds=$value ;;
		--cert-dir) certs=$value ;;
		*)
			switch "$1"
			n=1 value=y
			;;
		esac
		[ $n -le $# ] || usage_error "$opt needs a value"
		[ -n "$value" ] || usage_error "$opt: the value is empty"
		[ "$opt" != -- ] || break
		shift $n
	done
	[ "${opt-}" != -- ] || shift
	for arg; do
		operand "$arg"
	done
	[ -n "$image" ] || usage_error "IMAGE is missing"
}

# An option without a value, or an operand.
switch()
{
	case $1 in
	-f | --force) force=y ;;
	-q | --quiet) quiet=y ;;
	--tls-verify | --tls-verify=true) tls=true ;;
	--tls-verify=false) tls=false ;;
	--tls-verify=*) usage_error "--tls-verify is true or false, not \"${1#*=}\"" ;;
	-h | --help)
		usage
		exit 0
		;;
	--) ;;
	--force=* | --quiet=* | --help=*) usage_error "${1%%=*} takes no value" ;;
	-?*) usage_error "unknown option: $1" ;;
	*) operand "$1" ;;
	esac
}

## References

# Completes the reference $1 as docker does (host, "library/", tag) and prints it.
normalise()
{
	name=${1%%@*} digest='' tag=''
	[ "$name" = "$1" ] || digest=@${1#*@}
	case ${name##*/} in
	*:*) tag=:${name##*:} name=${name%:*} ;;
	esac
	case $name in
	docker.io/*/* | index.docker.io/*/*) name=docker.io/${name#*/} ;;
	docker.io/* | index.docker.io/*) name=docker.io/library/${name#*/} ;;
	localhost/* | *.*/* | *:*/*)
		# A dot or colon counts in the first component only: that is a host then.
		case ${name%%/*} in
		localhost | *.* | *:*) ;;
		*) name=docker.io/$name ;;
		esac
		;;
	*/*) name=docker.io/$name ;;
	*) name=docker.io/library/$name ;;
	esac
	# A digest says it all; a tag beside it would only seem to mean something.
	if [ -n "$digest" ]; then
		tag=''
	else
		tag=${tag:-:latest}
	fi
	part='[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*'
	host='([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\])(:[0-9]+)?'
	full="$host(/$part)+(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})"
	matches "$name$tag$digest" "$full" && [ ${#name} -le 255 ] || return
	printf '%s\n' "$name$tag$digest"
}

# The reference of something that has none: file name $1 and tag $2, as far as they can be one.
derive()
{
	case $2 in
	*/* | *:*)
		normalise "$2"
		return
		;;
	esac
	base=$1
	[ ! -d "$1" ] || base=$(cd "$1" && pwd -P)
	base=${base##*/}
	base=${base%.gz}
	base=$(printf '%s' "${base%.tar}" | tr 'A-Z \n' 'a-z--')
	normalise "$base:${2:-latest}"
}

# Sets source (what skopeo reads), reference, and remote (if that is a registry).
identify()
{
	remote='' source=$image
	path=${image#*:}
	case $image in
	oci:* | oci-archive:* | docker-archive:*)
		path=${path%%:*} tag=${image#*:}
		tag=${tag#"$path"}
		case $tag in :@*) tag='' ;; esac
		reference=$(derive "$path" "${tag#:}")
		;;
	dir:*) reference=$(derive "$path" '') ;;
	containers-storage:*) reference=$(normalise "${path#\[*\]}") ;;
	docker-daemon:*) reference=$(normalise "$path") ;;
	*)
		reference=$(normalise "${image#docker://}")
		source=docker://$reference
		remote=y
		path=''
		;;
	esac
	if [ -n "$ref" ]; then
		case $ref in *@*) usage_error "--ref is NAME[:TAG], not a digest: $ref" ;; esac
		[ -z "$remote" ] || [ -n "$reference" ] || usage_error "no valid reference: $image"
		reference=$(normalise "$ref") || usage_error "--ref: no valid reference: $ref"
	fi
	[ -n "$reference" ] || [ -z "$remote" ] || usage_error "no valid reference: $image"
	[ -n "$reference" ] || usage_error "no name can be made from $image; give --ref NAME:TAG"
	case $image in
	oci:* | dir:*) [ -d "$path" ] || die "$path: no such directory" ;;
	oci-archive:* | docker-archive:*) [ -f "$path" ] || die "$path: no such file" ;;
	esac
}

## Checks before anything is done

missing=''

# need TOOL DEBIAN-PACKAGE ALPINE-PACKAGE
need()
{
	command -v "$1" >/dev/null ||
		missing="$missing${missing:+, }$1 (Debian: $2, Alpine: $3)"
}

check_tools()
{
	need skopeo skopeo skopeo
	need umoci umoci umoci
	need mksquashfs squashfs-tools squashfs-tools
	[ -z "$missing" ] || die "please install: $missing"
}

check_options()
{
	case $comp in
	zstd | xz | lzo | lz4 | gzip) ;;
	*) usage_error "--comp is zstd, xz, lzo, lz4 or gzip, not \"$comp\"" ;;
	esac
	[ -z "$platform" ] || matches "$platform" 'linux/[a-z0-9_]+(/[a-z0-9.]+)?' ||
		usage_error "--platform is linux/ARCH[/VARIANT], not \"$platform\""
	[ -z "$creds" ] || matches "$creds" '[^:]+:.+' ||
		usage_error "--creds is USER:PASSWORD"
	[ -n "$remote" ] || [ -z "$creds$certs$tls" ] ||
		usage_error "--creds, --cert-dir and --tls-verify are for registries, not for $image"
	[ -z "${SOURCE_DATE_EPOCH-}" ] || matches "$SOURCE_DATE_EPOCH" '[0-9]{1,10}' ||
		usage_error "SOURCE_DATE_EPOCH is no number of seconds: $SOURCE_DATE_EPOCH"
	[ -z "$certs" ] || [ -d "$certs" ] || die "--cert-dir: $certs: no such directory"
	{ [ -d "$workdir" ] && [ -w "$workdir" ]; } ||
		die "$workdir: no writable directory for temporary files; choose one with -w"
}

# A path that begins with "-" would be an option to the tools.
as_path()
{
	case $1 in
	-*) printf '%s\n' "./$1" ;;
	*) printf '%s\n' "$1" ;;
	esac
}

check_output()
{
	if [ -z "$output" ]; then
		output=${reference##*/}
		case $output in
		*@sha256:*) output=${output%%@*}-$(printf '%s\n' "${output##*:}" | cut -c1-12).sqfs ;;
		*) output=${output%:*}-${output##*:}.sqfs ;;
		esac
	fi
	output=$(as_path "$output")
	outdir=$(dirname "$output")
	[ -d "$outdir" ] || die "$outdir: no such directory"
	[ -w "$outdir" ] || die "$outdir: not writable"
	case $output in */) die "$output: is a directory" ;; esac
	[ ! -d "$output" ] || die "$output: is a directory"
	[ ! -e "$output" ] || [ -f "$output" ] || die "$output: is no regular file"
	output_is_free
}

output_is_free()
{
	[ -n "$force" ] || { [ ! -e "$output" ] && [ ! -L "$output" ]; } ||
		die "$output: exists already; -f replaces it"
}

## Work

work='' partial='' running='' last=''

clean_up()
{
	trap '' INT TERM HUP
	# A signal may come when the child runs already, and before anything but $! knows it.
	if [ -n "$running" ] && [ "${!-}" != "$last" ]; then
		kill -KILL "$!" 2>/dev/null
		wait "$!" 2>/dev/null
	fi
	[ -z "$partial" ] || rm -f "$partial"
	[ -z "$work" ] || { chmod -R u+rwX "$work" 2>/dev/null; rm -rf "$work"; }
}

# Runs a command so that a signal is not held back until it ends. Its stderr is in the log.
run()
{
	last=${!-}
	running=y
	"$@" </dev/null >&2 2>"$work/log" &
	wait "$!"
	status=$?
	running=''
	return $status
}

# The reason in the log of the last command, on one line: the last message of skopeo or umoci, and
# what can be done about it.
reason()
{
	text=$(tail -n 1 "$work/log")
	msg=$(printf '%s\n' "$text" | sed -n 's/.*msg="\(.*\)".*/\1/p' | sed 's/\\"/"/g')
	msg=${msg:-$text}
	case $msg in
	*"HTTP response to HTTPS client"*) hint='; --tls-verify=false allows plain HTTP' ;;
	*x509:*) hint='; --cert-dir names the directory of the CA certificate' ;;
	*unauthorized* | *"denied"*) hint='; --creds gives user and password' ;;
	*"no space left"*) hint="; -w chooses another place than $workdir" ;;
	*) hint='' ;;
	esac
	printf '%s\n' "${msg#initializing source "$source": }$hint" | tr -d '\001-\011\013-\037\177'
}

pull()
{
	set -- --dest-compress-format gzip "$source" "oci:$work/oci:image"
	[ -z "$creds" ] || set -- --src-creds "$creds" "$@"
	[ -z "$certs" ] || set -- --src-cert-dir "$certs" "$@"
	[ -z "$tls" ] || set -- "--src-tls-verify=$tls" "$@"
	[ -z "$quiet" ] || set -- -q "$@"
	set -- copy "$@"
	if [ -n "$platform" ]; then
		variant=${platform#*/*/}
		[ "$variant" = "$platform" ] || set -- --override-variant "$variant" "$@"
		arch=${platform#*/}
		set -- --override-arch "${arch%%/*}" "$@"
	fi
	# Images are for Linux, whatever runs here. A host's signature policy counts if it has one.
	set -- --override-os linux "$@"
	[ -e /etc/containers/policy.json ] || [ -e "${HOME-}/.config/containers/policy.json" ] ||
		set -- --insecure-policy "$@"
	say "pulling $source"
	run skopeo "$@" || die "cannot pull $source: $(reason)"
}

# field TEMPLATE: of the pulled image's configuration.
field()
{
	skopeo inspect --config --format "$1" "oci:$work/oci:image"
}

# Prints the list $1 of the image's configuration as JSON on one line, or null. umoci has merged
# Entrypoint and Cmd in config.json, where an --entrypoint on the device needs them apart, and added
# root's HOME to Env, which is wrong for other users. skopeo indents
# what it prints, one string a line, so that no string can be mistaken for the key.
argv()
{
	skopeo inspect --config "oci:$work/oci:image" | awk -v start="^ *\"$1\": \\\\[$" '
		$0 ~ start { on = 1; list = "["; next }
		on && /^ *\]/ { exit }
		on { sub(/^ */, ""); list = list $0 }
		END { print list ? list "]" : "null" }'
}

read_config()
{
	{ os=$(field '{{.OS}}') && arch=$(field '{{.Architecture}}') && variant=$(field '{{.Variant}}') &&
		created=$(field '{{if .Created}}{{.Created.UTC.Format "2006-01-02T15:04:05Z"}}{{end}}') &&
		seconds=$(field '{{if .Created}}{{.Created.Unix}}{{else}}0{{end}}') &&
		entrypoint=$(argv Entrypoint) && cmd=$(argv Cmd) && env=$(argv Env) &&
		user=$(field '{{.Config.User}}') &&
		digest=$(skopeo inspect --format '{{.Digest}}' "oci:$work/oci:image"); } ||
		die "$source: cannot read the image's configuration"
	[ "$os" = linux ] || die "$source: the image is for \"$os\", not for linux"
	matches "$arch" '[a-z0-9_]+' || die "$source: the image names no architecture"
	matches "$user" '[A-Za-z0-9_.:$-]*' || die "$source: the image's user is no user: $user"
	matches "$digest" 'sha256:[0-9a-f]{64}' || die "$source: no sha256 digest: $digest"
	# A single-platform image is pulled whatever was asked for.
	case $platform in
	'' | "$os/$arch" | "$os/$arch/$variant") ;;
	"$os/$arch/"*) [ -z "$variant" ] || die "$source: is for $os/$arch/$variant, not for $platform" ;;
	*) die "$source: is for $os/$arch, not for $platform" ;;
	esac
	seconds=${SOURCE_DATE_EPOCH:-$seconds}
	unset SOURCE_DATE_EPOCH # mksquashfs refuses it beside -mkfs-time
	# What squashfs can store.
	[ "$seconds" -ge 0 ] || seconds=0
	[ "$seconds" -le 4294967295 ] || seconds=4294967295
}

unpack()
{
	say "unpacking $os/$arch${variant:+/$variant} $digest"
	: >"$work/before"
	run umoci --log=warn unpack ${rootless:+--rootless} --image "$work/oci:image" "$work/bundle" ||
		die "cannot unpack $source: $(reason)"
	! grep -q ENOTSUP "$work/log" || [ -n "$rootless" ] ||
		die "$workdir: cannot hold the extended attributes of the image; choose another with -w"
	rm -f "$work"/bundle/umoci.json "$work"/bundle/*.mtree
	: >"$work/after"
}

write_info()
{
	cat <<-END
		{"version":1,"reference":"$reference","digest":"$digest","architecture":"$arch","os":"$os",
		"created":"${created:-1970-01-01T00:00:00Z}","entrypoint":$entrypoint,"cmd":$cmd,
		"env":$env,"user":"$user"}
	END
}

# What was made here and now gets a time that is the same the next time.
set_times()
{
	stamp=$work/stamp
	touch -d "@$seconds" "$stamp" || return
	find "$work/root" -newer "$work/before" ! -newer "$work/after" \
		-exec touch -h -r "$stamp" {} + &&
		touch -r "$stamp" "$work/root/bundle/config.json" "$work/root/bundle" \
			"$work/root/image-info.json" "$work/root"
}

# What the squashfs will hold.
lay_out()
{
	mkdir -m 755 "$work/root" && write_info >"$work/root/image-info.json" &&
		mv "$work/bundle" "$work/root/bundle" && chmod 755 "$work/root/bundle" &&
		chmod 644 "$work/root/image-info.json" "$work/root/bundle/config.json" && set_times
}

pack()
{
	lay_out || die "$workdir: cannot write the files of the image"
	partial=$(mktemp "$outdir/.${output##*/}.XXXXXX") || die "$outdir: cannot write"
	say "packing $output"
	run mksquashfs "$work/root" "$partial" -noappend -comp "$comp" -mkfs-time "$seconds" \
		-reproducible -exit-on-error -no-progress -quiet ${rootless:+-all-root -no-xattrs} ||
		die "$output: mksquashfs failed: $(reason)"
	chmod "$(printf %o $((0666 & ~0$(umask))))" "$partial" || die "$partial: cannot change its mode"
	sync "$partial" || die "$output: cannot write"
	output_is_free
	mv -f "$partial" "$output" || die "$output: cannot rename"
	partial=''
	sync "$outdir"
}

parse "$@"
identify
check_options
check_tools
check_output

rootless=''
if [ "$(id -u)" != 0 ]; then
	rootless=y
	echo "$me: not root: all files will belong to root; other owners, file capabilities and" \
		"device nodes of the image are lost" >&2
fi

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
work=$(mktemp -d "$workdir/tcr-create-image.XXXXXX") || die "$workdir: cannot write"
work=$(cd "$work" && pwd)
export TMPDIR="$work"

# A compressor that this mksquashfs lacks is noticed before the image is pulled.
mkdir "$work/empty"
run mksquashfs "$work/empty" "$work/empty.sqfs" -comp "$comp" -no-progress -quiet ||
	die "mksquashfs cannot compress with $comp here; choose another with --comp"

pull
read_config
unpack
pack
say "$output: $reference"
