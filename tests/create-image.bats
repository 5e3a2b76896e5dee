# SPDX-License-Identifier: GPL-2.0-or-later
# tcr-create-image.sh against real registries on loopback: what it pulls, packs, refuses and leaves.

setup_file()
{
	load lib/helper
	export TOOL=$BATS_TEST_DIRNAME/../host_tools/tcr-create-image.sh
	BUSYBOX=oci:$("$LIB/images" busybox):latest
	export BUSYBOX
	export FIX=$BATS_FILE_TMPDIR
	odd_image
	start_registry "$FIX/plain"
	export PLAIN=$REGISTRY PLAIN_PID=$REGISTRY_PID
	push "$BUSYBOX" "$PLAIN/busybox:1"
	push "oci:$FIX/odd:latest" "$PLAIN/team/odd:v1"
	push "$BUSYBOX" "$PLAIN/busybox:schema2" --format v2s2
	push "dir:$(zstd_copy)" "$PLAIN/zstd:1"
	push_index "$PLAIN/multi:1"
	ARCH=$(skopeo inspect --config "$BUSYBOX" | jq -r .architecture)
	DIGEST=$(skopeo inspect --tls-verify=false "docker://$PLAIN/busybox:1" | jq -r .Digest)
	export ARCH DIGEST
	start_registry "$FIX/tls" --tls --user alice:secret
	export TLS=$REGISTRY
	skopeo --insecure-policy copy -q --dest-creds alice:secret --dest-cert-dir "$REGISTRY_CERTS" \
		"$BUSYBOX" "docker://$TLS/busybox:1"
}

teardown_file()
{
	load lib/helper
	stop_registry
	REGISTRY_PID=$PLAIN_PID
	stop_registry
}

setup()
{
	load lib/helper
	cd "$BATS_TEST_TMPDIR" || return
	mkdir work
	export TMPDIR=$BATS_TEST_TMPDIR/work
}

# push SOURCE NAME [OPTION...]
push()
{
	local from=$1 to=$2
	shift 2
	skopeo --insecure-policy copy -q --dest-tls-verify=false "$@" "$from" "docker://$to"
}

# An image of two layers with everything in it that is easily lost on the way.
odd_image()
{
	local oci=$FIX/odd root=$FIX/odd.bundle/rootfs
	cp -r "$("$LIB/images" busybox)" "$oci"
	umoci unpack --image "$oci:latest" "$FIX/odd.bundle"
	mkdir "$root/odd"
	cp "$root/bin/busybox" "$root/odd/ping"
	setcap cap_net_raw+ep "$root/odd/ping"
	echo 1 >"$root/odd/setuid"
	chown 1000:44 "$root/odd/setuid"
	chmod 6751 "$root/odd/setuid"
	ln "$root/odd/setuid" "$root/odd/hardlink"
	ln -s /does/not/exist "$root/odd/symlink"
	mkfifo -m 622 "$root/odd/fifo"
	mknod -m 640 "$root/odd/null" c 1 3
	mkdir -m 3770 "$root/odd/sticky"
	chown 70000:80000 "$root/odd/sticky"
	echo secret >"$root/odd/deleted"
	echo 2 >"$root/odd/a name	with \$(odd) bytes ü"
	touch -d @123456789 "$root/odd/a name"*
	setfattr -n user.note -v hello "$root/odd/setuid"
	umoci repack --refresh-bundle --image "$oci:latest" "$FIX/odd.bundle"
	rm "$root/odd/deleted"
	umoci repack --image "$oci:latest" "$FIX/odd.bundle"
	umoci config --image "$oci:latest" --created 2020-02-29T12:34:56.789Z --config.cmd 'a "b" \c' \
		--config.cmd '<&>' --config.entrypoint /bin/sh --config.entrypoint -c --config.user www \
		--config.stopsignal SIGINT --config.env 'X="Entrypoint": ['
}

# Makes a copy of the busybox image whose layer is compressed with zstd and prints its directory.
zstd_copy()
{
	skopeo --insecure-policy copy -q --dest-compress --dest-compress-format zstd "$BUSYBOX" \
		"dir:$FIX/zstd"
	echo "$FIX/zstd"
}

# Pushes an OCI index with the platforms linux/amd64 and linux/arm64/v8. skopeo copies an index
# from a directory of its own format, which is easily put together.
push_index()
{
	local dir=$FIX/index arch file list=
	cp -r "$("$LIB/images" busybox)" "$FIX/both"
	mkdir "$dir"
	for arch in amd64 arm64; do
		umoci config --image "$FIX/both:latest" --tag "$arch" --architecture "$arch"
		skopeo --insecure-policy copy -q "oci:$FIX/both:$arch" "dir:$FIX/$arch"
		file=$(sha256sum <"$FIX/$arch/manifest.json")
		file=${file%% *}
		mv "$FIX/$arch/manifest.json" "$dir/$file.manifest.json"
		cp "$FIX/$arch"/* "$dir"
		list+=${list:+,}'{"mediaType":"application/vnd.oci.image.manifest.v1+json",'
		list+='"digest":"sha256:'$file'","size":'$(stat -c %s "$dir/$file.manifest.json")','
		list+='"platform":{"os":"linux","architecture":"'$arch'"}}'
		export "DIGEST_$arch=sha256:$file"
	done
	printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' \
		application/vnd.oci.image.index.v1+json "$list" >"$dir/manifest.json"
	DIGEST_index=$(sha256sum <"$dir/manifest.json")
	export DIGEST_index=sha256:${DIGEST_index%% *}
	push "dir:$dir" "$1" --all
}

# info FILE JQ-FILTER
info()
{
	unsquashfs -cat "$1" image-info.json | jq -r "$2"
}

# stub TOOL: puts a shell script (stdin) before TOOL in PATH.
stub()
{
	mkdir -p "$BATS_TEST_TMPDIR/stubs"
	{
		echo '#!/bin/sh'
		cat
	} >"$BATS_TEST_TMPDIR/stubs/$1"
	chmod +x "$BATS_TEST_TMPDIR/stubs/$1"
	PATH=$BATS_TEST_TMPDIR/stubs:$PATH
}

is_gone()
{
	! kill -0 "$1" 2>/dev/null
}

# later_than FILE: whether it was made in another second than this one.
later_than()
{
	[ "$(date +%s)" -gt "$(stat -c %Y "$1")" ]
}

# Nothing but "stubs", "work" and the files named may be in the test's directory.
assert_left()
{
	local left
	[ -z "$(ls -A work)" ] || fail "in the work directory: $(ls -A work)" || return
	left=$(find . -mindepth 1 -maxdepth 1 -printf '%P\n' |
		grep -vxE 'stubs|work|std(out|err)|called' | LC_ALL=C sort | tr '\n' ' ')
	[ "$left" = "${*:+$* }" ] || fail "left: $left"
}

@test "a tag in a registry becomes a squashfs with image-info.json and bundle only" {
	"$TOOL" --tls-verify=false "$PLAIN/busybox:1" out.sqfs
	assert_left out.sqfs
	diff <(unsquashfs -l -d '' out.sqfs | grep -E '^(/[^/]*){1,2}$') - <<-END
		/bundle
		/bundle/config.json
		/bundle/rootfs
		/image-info.json
	END
	[ "$(info out.sqfs '"\(.version) \(.reference) \(.architecture) \(.os) \(.created)"')" = \
		"1 $PLAIN/busybox:1 $ARCH linux 2023-11-14T22:13:20Z" ]
	[ "$(info out.sqfs '.cmd[0], .entrypoint')" = $'sh\nnull' ]
	[ "$(info out.sqfs .digest)" = "$DIGEST" ]
	unsquashfs -cat out.sqfs bundle/config.json | jq -e '.process.args == ["sh"]'
}

@test "owners, modes, links, devices, xattrs, capabilities and times of the image are kept" {
	"$TOOL" -q --tls-verify=false "$PLAIN/team/odd:v1" odd.sqfs
	mkdir mnt
	mount -o loop,ro odd.sqfs mnt
	cd mnt/bundle/rootfs
	find odd tmp root -printf '%M %U:%G %n %y %p %l\n' | LC_ALL=C sort -k 5 >"$BATS_TEST_TMPDIR/found"
	diff - "$BATS_TEST_TMPDIR/found" <<-'END'
		drwxr-xr-x 0:0 3 d odd 
		-rw-r--r-- 0:0 1 f odd/a name	with $(odd) bytes ü 
		prw--w--w- 0:0 1 p odd/fifo 
		-rwsr-s--x 1000:44 2 f odd/hardlink 
		crw-r----- 0:0 1 c odd/null 
		-rwxr-xr-x 0:0 1 f odd/ping 
		-rwsr-s--x 1000:44 2 f odd/setuid 
		drwxrws--T 70000:80000 2 d odd/sticky 
		lrwxrwxrwx 0:0 1 l odd/symlink /does/not/exist
		drwx------ 0:0 2 d root 
		drwxrwxrwt 0:0 2 d tmp 
	END
	[ "$(getcap odd/ping)" = "odd/ping cap_net_raw=ep" ]
	[ "$(getfattr --only-values -n user.note odd/setuid)" = hello ]
	[ "$(stat -c %t:%T odd/null)" = 1:3 ]
	[ "$(stat -c %Y odd/a*)" = 123456789 ]
	[ "$(stat -c %Y bin/busybox)" = 1700000000 ]
	cd "$BATS_TEST_TMPDIR"
	umount mnt
}

@test "entrypoint and command are told apart, whatever bytes they hold" {
	"$TOOL" -q "oci:$FIX/odd:latest" --ref odd out.sqfs
	[ "$(info out.sqfs '[.entrypoint, .cmd] | tojson')" = \
		'[["/bin/sh","-c"],["a \"b\" \\c","<&>"]]' ]
	[ "$(info out.sqfs .created)" = 2020-02-29T12:34:56Z ]
}

@test "an image in Docker's schema 2 is converted" {
	"$TOOL" -q --tls-verify=false "$PLAIN/busybox:schema2" out.sqfs
	[ "$(info out.sqfs .reference)" = "$PLAIN/busybox:schema2" ]
	unsquashfs -l out.sqfs | grep -q /bundle/rootfs/bin/busybox$
}

@test "layers compressed with zstd are unpacked" {
	skopeo inspect --raw --tls-verify=false "docker://$PLAIN/zstd:1" | grep -q 'tar+zstd'
	"$TOOL" -q --tls-verify=false "$PLAIN/zstd:1" out.sqfs
	unsquashfs -l out.sqfs | grep -q /bundle/rootfs/bin/busybox$
}

@test "--platform takes that platform of an index, the default is this machine's" {
	"$TOOL" -q --tls-verify=false "$PLAIN/multi:1" host.sqfs
	"$TOOL" -q --tls-verify=false "$PLAIN/multi:1" --platform linux/arm64 arm64.sqfs
	[ "$(info host.sqfs .architecture)" = "$ARCH" ]
	[ "$(info arm64.sqfs .architecture)" = arm64 ]
	[ "$(info arm64.sqfs .digest)" = "${DIGEST_arm64-}" ]
}

@test "a platform that the image is not for is an error" {
	assert_fails 1 'no image found .* architecture arm,' \
		"$TOOL" -q --tls-verify=false "$PLAIN/multi:1" --platform linux/arm/v7 out.sqfs
	assert_fails 1 "is for linux/$ARCH, not for linux/s390x" \
		"$TOOL" -q --tls-verify=false "$PLAIN/busybox:1" --platform=linux/s390x out.sqfs
	assert_left
}

@test "a digest is pulled, of an index too, and stays in the reference" {
	"$TOOL" -q --tls-verify=false "$PLAIN/busybox@$DIGEST" out.sqfs
	[ "$(info out.sqfs .reference)" = "$PLAIN/busybox@$DIGEST" ]
	"$TOOL" -q --tls-verify=false "$PLAIN/multi:ignored@$DIGEST_index" --platform linux/arm64
	assert_left "multi-${DIGEST_index:7:12}.sqfs" out.sqfs
	[ "$(info multi-*.sqfs .reference)" = "$PLAIN/multi@$DIGEST_index" ]
	[ "$(info multi-*.sqfs .architecture)" = arm64 ]
}

@test "TLS needs the CA, a protected registry the credentials" {
	assert_fails 1 'x509: .*; --cert-dir' "$TOOL" -q "$TLS/busybox:1" out.sqfs
	assert_fails 1 'unauthorized.*; --creds' \
		"$TOOL" -q "$TLS/busybox:1" out.sqfs --cert-dir "$FIX/tls/certs"
	assert_fails 1 'unauthorized' \
		"$TOOL" -q "$TLS/busybox:1" out.sqfs --cert-dir "$FIX/tls/certs" --creds alice:wrong
	assert_left
	"$TOOL" -q "$TLS/busybox:1" out.sqfs --cert-dir "$FIX/tls/certs" --creds alice:secret
	"$TOOL" -q -f "$TLS/busybox:1" out.sqfs --tls-verify=false --creds=alice:secret
}

@test "plain HTTP needs --tls-verify=false" {
	assert_fails 1 'HTTP response to HTTPS client; --tls-verify=false' \
		"$TOOL" -q "$PLAIN/busybox:1" out.sqfs
}

@test "each of skopeo's sources gives a reference" {
	local from ref
	skopeo --insecure-policy copy -q "$BUSYBOX" docker-archive:My.tar:team/tool:7
	skopeo --insecure-policy copy -q "$BUSYBOX" oci-archive:box.tar:3
	skopeo --insecure-policy copy -q "$BUSYBOX" dir:plain_dir
	skopeo --insecure-policy copy -q "$BUSYBOX" oci:lay:example.org/x/y:5
	skopeo --insecure-policy copy -q "$BUSYBOX" "containers-storage:[vfs@$PWD/s+$PWD/r]cs:4"
	while read -r from ref; do
		"$TOOL" -q -f "$from" out.sqfs || fail "$from"
		[ "$(info out.sqfs .reference)" = "$ref" ] || fail "$from: $(info out.sqfs .reference)"
	done <<-END
		docker-archive:My.tar docker.io/library/my:latest
		docker-archive:My.tar:team/tool:7 docker.io/team/tool:7
		docker-archive:My.tar:@0 docker.io/library/my:latest
		oci-archive:box.tar:3 docker.io/library/box:3
		dir:plain_dir docker.io/library/plain_dir:latest
		oci:lay docker.io/library/lay:latest
		oci:./lay:example.org/x/y:5 example.org/x/y:5
		containers-storage:[vfs@$PWD/s+$PWD/r]cs:4 docker.io/library/cs:4
	END
}

@test "names are completed as docker does" {
	local name full hex
	hex=$(printf %064d 7)
	stub skopeo <<-'END'
		for a; do case $a in docker://*) echo "$a" >called; esac; done
		exit 1
	END
	while read -r name full; do
		assert_fails 1 "cannot pull" "$TOOL" -q "$name" out.sqfs
		[ "$(cat called)" = "docker://$full" ]
	done <<-END
		alpine docker.io/library/alpine:latest
		alpine:3.18 docker.io/library/alpine:3.18
		user/app:v1 docker.io/user/app:v1
		user/sub/app docker.io/user/sub/app:latest
		docker.io/alpine docker.io/library/alpine:latest
		docker.io/user/app docker.io/user/app:latest
		index.docker.io/alpine:2 docker.io/library/alpine:2
		docker://alpine docker.io/library/alpine:latest
		docker.io/library/alpine:3 docker.io/library/alpine:3
		localhost/x localhost/x:latest
		host:5000/x host:5000/x:latest
		host:5000/x@sha256:$hex host:5000/x@sha256:$hex
		host:5000/a/b:t@sha256:$hex host:5000/a/b@sha256:$hex
		ghcr.io/a/b:t ghcr.io/a/b:t
		us.er/app us.er/app:latest
		user/a.p docker.io/user/a.p:latest
		[::1]:5000/x [::1]:5000/x:latest
		a__b.c--d:E_f-.9 docker.io/library/a__b.c--d:E_f-.9
	END
	assert_left
}

@test "what is no reference is refused before anything is done" {
	local name long
	long=$(printf 'a%.0s' {1..300})
	stub skopeo <<<'touch called'
	for name in Alpine alpine: alpine:ta/g alpine:-x :tag /x x/ a//b x@sha256:12 'a b' $'a\nb' \
		"a;b" ../x a/../b a/.. "x@md5:$(printf %032d 1)" docker:// "$long" "a:$long" _a -- \
		"x@sha256:$(printf '%064d' 0)0" http://host/x 'host:port/x' "a\$(id)"; do
		assert_fails 2 'no valid reference|IMAGE is missing' "$TOOL" -q "$name" || fail "$name"
	done
	[ ! -e called ]
	assert_left
}

@test "wrong command lines are refused before anything is done" {
	local code regex args
	stub skopeo <<<'touch called'
	touch file
	mkdir dir
	mkfifo fifo
	ln -s nowhere link
	while IFS='|' read -r code regex args; do
		eval "set -- $args"
		assert_fails "$code" "^tcr-create-image.sh: $regex" "$TOOL" "$@" || fail "$args"
	done <<-'END'
		2|IMAGE is missing|
		2|an argument is empty|''
		2|an argument is empty|alpine ''
		2|one argument too many: c|a b c
		2|one argument too many: c|a -o b c
		2|unknown option: --frobnicate|--frobnicate a
		2|unknown option: -x|-x a
		2|unknown option: --ref-x=1|--ref-x=1 a
		2|-o needs a value|a -o
		2|--ref needs a value|a --ref
		2|--platform needs a value|a --platform
		2|--comp needs a value|a --comp
		2|--workdir needs a value|a --workdir
		2|--creds needs a value|a --creds
		2|--cert-dir needs a value|a --cert-dir
		2|-o: the value is empty|a -o ''
		2|--output: the value is empty|a --output=
		2|--ref: the value is empty|a --ref=
		2|--platform: the value is empty|a --platform ''
		2|--comp: the value is empty|a --comp=
		2|-w: the value is empty|a -w ''
		2|--force takes no value|a --force=yes
		2|--quiet takes no value|a --quiet=
		2|--tls-verify is true or false, not "maybe"|a --tls-verify=maybe
		2|--comp is zstd, xz, lzo, lz4 or gzip, not "bzip2"|a --comp bzip2
		2|--comp is .* not "zstd gzip"|a --comp 'zstd gzip'
		2|--platform is linux/ARCH|a --platform arm64
		2|--platform is linux/ARCH|a --platform windows/amd64
		2|--platform is linux/ARCH|a --platform linux/
		2|--platform is linux/ARCH|a --platform linux/arm/v7/x
		2|--platform is linux/ARCH|a --platform 'linux/a b'
		2|--creds is USER:PASSWORD|a --creds alice
		2|--creds is USER:PASSWORD|a --creds :secret
		2|--creds is USER:PASSWORD|a --creds alice:
		2|--ref: no valid reference: Big|a --ref Big
		2|--ref: no valid reference: a:b:c|a --ref a:b:c
		2|--ref is NAME\[:TAG\], not a digest|a --ref a@sha256:00
		2|--creds, .* are for registries, not for dir:dir|dir:dir --creds a:b
		2|--creds, .* are for registries, not for oci:dir|oci:dir --tls-verify=false
		1|--cert-dir: nowhere: no such directory|a --cert-dir nowhere
		1|--cert-dir: file: no such directory|a --cert-dir file
		1|nowhere: no writable directory|a -w nowhere
		1|file: no writable directory|a -w file
		1|nowhere: no such directory|a nowhere/out.sqfs
		1|file: no such directory|a file/out.sqfs
		1|dir: is a directory|a dir
		1|dir/: is a directory|a dir/
		1|dir: is a directory|a -f dir
		1|file: exists already; -f replaces it|a file
		1|link: exists already; -f replaces it|a link
		1|fifo: is no regular file|a -f fifo
		1|/dev/null: is no regular file|a -f /dev/null
		1|nowhere: no such directory|oci:nowhere:latest
		1|nowhere: no such directory|dir:nowhere
		1|nowhere.tar: no such file|docker-archive:nowhere.tar
		1|dir: no such file|oci-archive:dir
		2|no name can be made from dir:/|dir:/
		2|no name can be made from docker-daemon:|docker-daemon:
	END
	[ ! -e called ]
	assert_left dir fifo file link
}

@test "missing tools are named with the packages that have them" {
	local tool
	mkdir bin
	for tool in id mktemp grep sed dirname rm cat tr; do
		ln -s "$(command -v "$tool")" bin
	done
	regex='skopeo \(Debian: skopeo, .*umoci \(Debian.*'
	regex+='mksquashfs \(Debian: squashfs-tools, Alpine: squashfs-tools\)$'
	PATH=$PWD/bin assert_fails 1 "$regex" /bin/sh "$TOOL" "$BUSYBOX" out.sqfs
	rm -r bin
	assert_left
}

@test "an existing output stays as it is without -f, and is replaced with it" {
	echo precious >out.sqfs
	assert_fails 1 'out.sqfs: exists already' "$TOOL" -q "$BUSYBOX" out.sqfs
	[ "$(cat out.sqfs)" = precious ]
	"$TOOL" -q -f "$BUSYBOX" out.sqfs
	[ "$(info out.sqfs .version)" = 1 ]
	assert_left out.sqfs
}

@test "an output that appears meanwhile is not overwritten" {
	stub umoci <<-END
		echo precious >out.sqfs
		exec $(command -v umoci) "\$@"
	END
	assert_fails 1 'out.sqfs: exists already' "$TOOL" -q "$BUSYBOX" out.sqfs
	[ "$(cat out.sqfs)" = precious ]
	assert_left out.sqfs
}

@test "-f replaces the output in one step: a failed run leaves the old one" {
	echo precious >out.sqfs
	stub umoci <<<'exit 1'
	assert_fails 1 'cannot unpack' "$TOOL" -q -f "$BUSYBOX" out.sqfs
	[ "$(cat out.sqfs)" = precious ]
	assert_left out.sqfs
}

@test "the output's name comes from the reference, its mode from the umask" {
	umask 027
	"$TOOL" -q "$BUSYBOX" --ref ghcr.io/some/app:v1
	assert_left app-v1.sqfs
	[ "$(stat -c %a app-v1.sqfs)" = 640 ]
}

@test "options may stand anywhere and be joined with =" {
	"$TOOL" "$BUSYBOX" --quiet --ref=x:1 -o a.sqfs --comp=gzip
	"$TOOL" -q --output=b.sqfs -w work --workdir=work -- "$BUSYBOX"
	"$TOOL" --comp xz -q "$BUSYBOX" -- -c.sqfs
	assert_left -c.sqfs a.sqfs b.sqfs
	unsquashfs -s a.sqfs | grep -q 'Compression gzip'
	unsquashfs -s b.sqfs | grep -q 'Compression zstd'
	unsquashfs -s ./-c.sqfs | grep -q 'Compression xz'
}

@test "a compressor that mksquashfs lacks is noticed before the pull" {
	stub mksquashfs <<<'exit 1'
	stub skopeo <<<'touch called'
	assert_fails 1 'cannot compress with lzo here' "$TOOL" -q --comp lzo "$BUSYBOX" out.sqfs
	[ ! -e called ]
	assert_left
}

@test "the same image gives the same bytes, whenever, wherever and with whatever umask" {
	mkdir -p /run/elsewhere
	"$TOOL" -q "oci:$FIX/odd:latest" one.sqfs
	touch before
	wait_for 3 later_than before
	umask 077
	TZ=Asia/Tokyo LC_ALL=C "$TOOL" -q -w /run/elsewhere --tls-verify=false "$PLAIN/team/odd:v1" \
		--ref odd two.sqfs
	cmp one.sqfs two.sqfs
}

@test "SOURCE_DATE_EPOCH is the time of the file system" {
	SOURCE_DATE_EPOCH=86400 "$TOOL" -q "$BUSYBOX" out.sqfs
	unsquashfs -s -UTC out.sqfs | grep -q 'Fri Jan  2 00:00:00 1970'
}

@test "a signal at any stage leaves nothing, not even a process" {
	local stage sig code pid
	for stage in skopeo umoci mksquashfs; do
		stub "$stage" <<-END
			case "\$*" in *empty.sqfs*) exit 0 ;; esac
			echo \$\$ >"$BATS_TEST_TMPDIR/called"
			exec sleep 1000
		END
		for sig in INT:130 TERM:143 HUP:129; do
			rm -f called
			code=0
			env --default-signal=INT "$TOOL" -q "$BUSYBOX" out.sqfs 3>&- &
			pid=$!
			wait_for 10 test -s called
			kill "-${sig%:*}" $pid
			wait $pid || code=$?
			[ $code = "${sig#*:}" ] || fail "$stage $sig: exit code $code"
			wait_for 2 is_gone "$(cat called)"
			assert_left || fail "$stage $sig"
		done
		rm "stubs/$stage"
	done
}

@test "a full disk is an error and leaves nothing" {
	mkdir /run/small
	mount -t tmpfs -o size=600k tmpfs /run/small
	assert_fails 1 'no space left.*; -w chooses another place|cannot write' \
		"$TOOL" -q -w /run/small "$BUSYBOX" out.sqfs
	[ -z "$(ls -A /run/small)" ]
	assert_fails 1 'mksquashfs failed' "$TOOL" -q "$BUSYBOX" /run/small/out.sqfs
	[ -z "$(ls -A /run/small)" ]
	assert_left
	umount /run/small
}

@test "an image that is not there, damaged, or no image is an error" {
	assert_fails 1 'manifest unknown' "$TOOL" -q --tls-verify=false "$PLAIN/nothing:1" out.sqfs
	assert_fails 1 'cannot pull' "$TOOL" -q --tls-verify=false 127.0.0.1:9/x out.sqfs
	mkdir empty
	assert_fails 1 'cannot pull' "$TOOL" -q oci:empty:latest out.sqfs
	echo "no tar" >no.tar
	assert_fails 1 'cannot pull' "$TOOL" -q docker-archive:no.tar out.sqfs
	cp -r "$("$LIB/images" busybox)" broken
	find broken/blobs -type f -size +100k -exec truncate -s 100k {} +
	assert_fails 1 'cannot pull|cannot unpack' "$TOOL" -q oci:broken:latest out.sqfs
	assert_left broken empty no.tar
}

@test "who is not root is told what is lost, and gets an image owned by root" {
	mkdir -m 777 /run/user
	cp -r "$FIX/odd" /run/user/odd
	chmod -R a+rX /run/user/odd
	cp "$TOOL" /run/user
	cd /run/user
	TMPDIR=/run/user HOME=/run/user setpriv --reuid 1000 --regid 1000 --clear-groups \
		./tcr-create-image.sh -q oci:odd:latest out.sqfs 2>err
	grep -q 'not root: all files will belong to root; .* lost' err
	[ "$(unsquashfs -lln -d '' out.sqfs | awk '$2 != "0/0" && /bundle/')" = "" ]
	unsquashfs -lln -d '' out.sqfs | grep -q ' /bundle/rootfs/bin/busybox$'
	rm -rf /run/user
}

@test "--quiet says nothing, else every step is named" {
	[ -z "$("$TOOL" -q "$BUSYBOX" one.sqfs 2>&1)" ]
	"$TOOL" "$BUSYBOX" two.sqfs 2>said
	grep -q '^tcr-create-image.sh: pulling oci:' said
	grep -q '^tcr-create-image.sh: unpacking linux/' said
	grep -q '^tcr-create-image.sh: packing two.sqfs$' said
}

@test "--help names every option" {
	local word
	"$TOOL" --help >help
	for word in -o --output -f --force --ref --platform --comp -w --workdir --creds --cert-dir \
		--tls-verify=false -q --quiet -h --help SOURCE_DATE_EPOCH; do
		grep -q -e "$word\b" help || fail "$word"
	done
	[ "$(awk 'length > 100' help)" = "" ]
}
