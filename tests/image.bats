# SPDX-License-Identifier: GPL-2.0-or-later
# tcr image load, ls, rm and inspect.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	SQFS=$("$LIB/images" busybox.sqfs)
	start_tcrd
}

sha256_of()
{
	sha256sum <"$1" | cut -d' ' -f1
}

# tiny NAME [FILTER]: an image of one program without a loader, DIR NAME and NAME.sqfs; FILTER
# changes its image-info.json.
tiny()
{
	mkdir -p "$1/bundle/rootfs/bin" "$1/bundle/rootfs/etc"
	cp "$(command -v busybox.static || command -v busybox)" "$1/bundle/rootfs/bin/busybox"
	ln -sf busybox "$1/bundle/rootfs/bin/sh"
	ln -sf busybox "$1/bundle/rootfs/bin/sleep"
	jq -n --arg ref "$1" --arg arch "$(arch_name)" \
		'{version: 1, reference: $ref, architecture: $arch, digest: null, created: "2023-11-14T22:13:20Z"}
		'"${2:+| $2}" >"$1/image-info.json"
	echo '{"ociVersion":"1.0.2","process":{"args":["sh"],"env":["PATH=/bin"],"cwd":"/"}}' \
		>"$1/bundle/config.json"
	pack "$1"
}

arch_name()
{
	unsquashfs -cat "$SQFS" image-info.json | jq -r .architecture
}

# image_mounts: how many images of ours are mounted.
image_mounts()
{
	awk '/ - squashfs / { n++ } END { print n + 0 }' /proc/self/mountinfo
}

# --- load

@test "load prints sha256: and the digest of the file, and loading it again the same" {
	prints "sha256:$(sha256_of "$SQFS")" tcr image load "$SQFS"
	prints "sha256:$(sha256_of "$SQFS")" tcr image load "$SQFS"
	prints "sha256:$(sha256_of "$SQFS")" tcr image load -i "$SQFS"
	cp "$SQFS" copy
	prints "sha256:$(sha256_of "$SQFS")" tcr image load copy
	[ "$(tcr image ls -q | wc -l)" = 1 ]
	[ "$(find "$TCR_ROOT/images_root" -name image.sqfs | wc -l)" = 1 ]
}

@test "load - reads standard input, from a file and from a pipe" {
	prints "sha256:$(sha256_of "$SQFS")" tcr image load - <"$SQFS"
	tcr image rm busybox
	# shellcheck disable=SC2002 # a pipe is what is tested
	[ "$(cat "$SQFS" | tcr image load -)" = "sha256:$(sha256_of "$SQFS")" ]
	prints hello tcr run --rm busybox echo hello
	# shellcheck disable=SC2002
	[ "$(cat "$SQFS" | tcr image load -i -)" = "sha256:$(sha256_of "$SQFS")" ]
}

@test "a relative path is the client's" {
	mkdir dir
	cp "$SQFS" dir/x.sqfs
	cd dir
	tcr image load ./x.sqfs
	tcr image load ../dir/x.sqfs
}

@test "the copy is the daemon's: the file may go" {
	cp "$SQFS" x.sqfs
	tcr image load x.sqfs
	rm x.sqfs
	prints hello tcr run --rm busybox echo hello
	cmp "$SQFS" "$TCR_ROOT/images_root/$(sha256_of "$SQFS")/image.sqfs"
}

@test "images are there after a restart of the daemon" {
	tiny other
	tcr image load "$SQFS"
	tcr image load other.sqfs
	tcr image ls --format json | sort >before
	stop_tcrd
	start_tcrd
	tcr image ls --format json | sort >after
	cmp before after
	prints hello tcr run --rm busybox echo hello
}

@test "--link uses the file in place" {
	cp "$SQFS" x.sqfs
	prints "sha256:$(sha256_of x.sqfs)" tcr image load --link x.sqfs
	[ -z "$(find "$TCR_ROOT/images_root" -type f -size +64k)" ]
	prints hello tcr run --rm busybox echo hello
	refuses 'standard input' tcr image load --link - <"$SQFS"
}

@test "a linked file that is gone is named at run" {
	cp "$SQFS" x.sqfs
	tcr image load --link x.sqfs
	rm x.sqfs
	refuses "$PWD/x.sqfs" tcr run --rm busybox true
}

@test "a linked file that has changed is said at run, and the file of before makes it good" {
	cp "$SQFS" x.sqfs
	tcr image load --link x.sqfs
	mv x.sqfs y.sqfs
	cp y.sqfs x.sqfs
	printf 'x' | dd of=x.sqfs bs=1 seek=5000 conv=notrunc status=none
	refuses 'changed' tcr run --rm busybox true
	rm x.sqfs
	mkfifo x.sqfs
	refuses 'x.sqfs|changed|linked' timeout 60 "$TCRBOX" tcr run --rm busybox true
	rm x.sqfs
	mv y.sqfs x.sqfs
	tcr image load --link x.sqfs
	prints hello tcr run --rm busybox echo hello
}

@test "a linked file that was replaced by one of the same size and time is noticed" {
	cp "$SQFS" x.sqfs
	touch -d @1700000000 x.sqfs
	tcr image load --link x.sqfs
	cp x.sqfs z.sqfs
	printf 'x' | dd of=z.sqfs bs=1 seek=5000 conv=notrunc status=none
	touch -d @1700000000 z.sqfs
	mv z.sqfs x.sqfs
	refuses 'changed' tcr run --rm busybox true
}

@test "an image that was linked can be loaded as a copy, and the file may go then" {
	cp "$SQFS" x.sqfs
	tcr image load --link x.sqfs
	tcr image load x.sqfs
	rm x.sqfs
	prints hello tcr run --rm busybox echo hello
}

@test "a newer image takes over the tag; the old one keeps running, untagged" {
	tcr image load "$SQFS"
	tcr run -d --name old busybox sleep 1000
	image_tree new busybox
	echo new >new/bundle/rootfs/etc/version
	load_tree new
	prints new tcr run --rm busybox cat /etc/version
	prints old eval 'tcr ps --format json | jq -r .Names'
	tcr image ls >out
	[ "$(grep -c '^busybox *latest ' out)" = 1 ]
	grep -q "^<none> *<none> *$(sha256_of "$SQFS" | cut -c1-12)" out
	refuses '"old"' tcr image rm "$(sha256_of "$SQFS")"
	tcr rm -f old
	tcr image rm "$(sha256_of "$SQFS" | cut -c1-12)"
	prints new tcr run --rm busybox cat /etc/version
}

@test "an older image that is loaded again takes the tag back" {
	tcr image load "$SQFS"
	image_tree new busybox
	echo new >new/bundle/rootfs/etc/version
	load_tree new
	tcr image load "$SQFS"
	exits 1 tcr run --rm busybox test -e /etc/version
	stop_tcrd
	start_tcrd
	exits 1 tcr run --rm busybox test -e /etc/version
	[ "$(tcr image ls -q | wc -l)" = 2 ]
}

@test "ten loads at once, of the same and of others, all succeed" {
	local i pids=()
	for i in 1 2 3 4 5; do
		tiny "t$i"
	done
	for i in 1 2 3 4 5; do
		tcr image load "t$i.sqfs" >/dev/null &
		pids+=($!)
		tcr image load "$SQFS" >/dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	[ "$(tcr image ls -q | wc -l)" = 6 ]
	[ -z "$(find "$TCR_ROOT/images_root" -name 'tmp*')" ]
}

@test "a client that goes away during a load, or a daemon that dies, leaves nothing" {
	mkfifo slow
	exec 7<>slow
	head -c 100000 "$SQFS" >&7 &
	"$TCRBOX" tcr image load - <slow >/dev/null 2>&1 3>&- 7>&- &
	local client=$!
	wait_for 5 eval '[ -n "$(find "$TCR_ROOT/images_root" -name image.sqfs)" ]'
	kill "$client"
	wait "$client" || true
	exec 7>&-
	wait_for 5 eval '[ -z "$(find "$TCR_ROOT/images_root" -mindepth 1)" ]'
	prints '' tcr image ls -q
	mkdir "$TCR_ROOT/images_root/tmp-1"
	touch "$TCR_ROOT/images_root/tmp-1/image.sqfs"
	kill_tcrd
	start_tcrd
	[ -z "$(ls -A "$TCR_ROOT/images_root")" ]
	tcr image load "$SQFS"
}

# refused REGEX FILE: it must not load, and nothing stays.
refused()
{
	refuses "$1" timeout 60 "$TCRBOX" tcr image load "$2"
	prints '' tcr image ls -q
	[ -z "$(ls -A "$TCR_ROOT/images_root")" ] || fail "$(ls -A "$TCR_ROOT/images_root")"
	prints 0 image_mounts
}

@test "an image of another architecture is refused, which names both" {
	tiny foreign '.architecture = "s390x"'
	refused "s390x.*$(arch_name)|$(arch_name).*s390x" foreign.sqfs
	tiny nonsense '.architecture = "no such"'
	refused 'no such' nonsense.sqfs
}

@test "an unknown format version is refused, which names it" {
	tiny future '.version = 2'
	refused 'version 2' future.sqfs
	tiny none 'del(.version)'
	refused 'version' none.sqfs
}

@test "a truncated file is refused, as a file and as a stream" {
	local size bytes
	size=$(stat -c %s "$SQFS")
	for bytes in 0 1 95 96 4096 $((size / 2)) $((size - 4096)); do
		head -c "$bytes" "$SQFS" >cut.sqfs
		if ((bytes < 4)); then
			refused 'empty|no squashfs' cut.sqfs
		else
			refused 'truncated' cut.sqfs
		fi
		refuses 'truncated|empty|no squashfs' tcr image load - <cut.sqfs
		# shellcheck disable=SC2002 # a pipe
		refuses 'truncated|empty|no squashfs' eval 'cat cut.sqfs | tcr image load -'
	done
	[ -z "$(ls -A "$TCR_ROOT/images_root")" ]
}

@test "a file that is no squashfs is refused" {
	head -c 100000 /dev/urandom >random
	refused 'random: is no squashfs' random
	echo '{}' >text
	refused 'no squashfs' text
	refuses 'no squashfs' tcr image load - <random
}

@test "a squashfs that is no image is refused" {
	mkdir -p plain/etc
	echo x >plain/etc/x
	pack plain
	refused 'plain.sqfs.*not an image' plain.sqfs
}

@test "a damaged squashfs is refused or works, and the daemon lives" {
	local i
	tiny good
	for i in 1 2 3 4 5 6; do
		cp good.sqfs bad.sqfs
		head -c 200 /dev/urandom |
			dd of=bad.sqfs bs=1 seek=$((96 + i * 300)) conv=notrunc status=none
		head -c 100 /dev/urandom | dd of=bad.sqfs bs=1 \
			seek=$(($(stat -c %s bad.sqfs) - 4096 - i * 50)) conv=notrunc status=none
		timeout 60 "$TCRBOX" tcr image load bad.sqfs >/dev/null 2>&1 3>&- || true
	done
	tcr version
	tcr image load "$SQFS"
	prints x tcr run --rm busybox echo x
}

@test "a compressor that the kernel lacks is named" {
	local comp id
	tiny good
	for comp in lzma:2 unknown:9; do
		id=${comp#*:}
		cp good.sqfs other.sqfs
		printf "\\x0$id\\0" | dd of=other.sqfs bs=1 seek=20 conv=notrunc status=none
		refused 'lzma|compressor 9' other.sqfs
	done
}

@test "a compressor that this kernel was built without is named with its option" {
	local comp option config=''
	for comp in /proc/config.gz "/boot/config-$(uname -r)"; do
		[ ! -e "$comp" ] || config=$comp
	done
	[ -n "$config" ] || skip "this kernel does not tell its configuration"
	for comp in gzip:ZLIB lzo:LZO xz:XZ lz4:LZ4 zstd:ZSTD; do
		option=CONFIG_SQUASHFS_${comp#*:}
		zcat -f "$config" | grep -q "^$option=" && continue
		mkdir -p c
		tiny good
		mksquashfs good lacking.sqfs -comp "${comp%:*}" -quiet -no-progress >/dev/null || continue
		refused "${comp%:*}" lacking.sqfs
		return 0
	done
	skip "this kernel reads every compressor"
}

@test "every compressor of mksquashfs that the kernel has works" {
	local comp
	tiny good
	for comp in gzip lzo xz lz4 zstd; do
		mksquashfs good "$comp.sqfs" -comp "$comp" -quiet -no-progress >/dev/null
		tcr image load "$comp.sqfs"
		prints x tcr run --rm good sh -c 'echo x'
		tcr image rm good
	done
}

@test "a FIFO, a directory, a socket, a device or a missing file is refused at once" {
	mkfifo fifo
	mkdir dir
	refused 'fifo' fifo
	refused 'dir' dir
	refused 'null' /dev/null
	refused 'tcrd.sock' "$TCR_SOCKET"
	refused 'nosuch: No such file' nosuch
	ln -s loop loop
	refused 'loop' loop
	refuses 'fifo' tcr image load --link fifo
	refuses 'standard input: is empty' tcr image load </dev/null
	refuses 'one file' tcr image load a b
	refuses 'tcr: ' tcr image load ''
}

@test "an image on a file that its owner made unreadable is still root's to load" {
	cp "$SQFS" x.sqfs
	chmod 000 x.sqfs
	chown 1000 x.sqfs
	tcr image load x.sqfs
}

# --- references

@test "a reference is a name, name:tag, registry/name:tag, an id or a unique prefix" {
	local ref id
	id=$(sha256_of "$SQFS")
	tcr image load "$SQFS"
	for ref in busybox busybox:latest library/busybox docker.io/library/busybox \
		docker.io/library/busybox:latest "$id" "sha256:$id" "${id:0:12}" "${id:0:5}" "sha256:${id:0:7}"; do
		prints x tcr run --rm "$ref" echo x
	done
	for ref in busybox:1 busyboxx localhost/busybox other/busybox "${id:0:5}x" sha256: sha256:zz '' ' ' \
		'busybox:' 'BUSYBOX' "$id"0; do
		refuses 'image' tcr run --rm "$ref" true
	done
}

@test "docker.io/NAME is docker.io/library/NAME" {
	tcr image load "$SQFS"
	prints x tcr run --rm docker.io/busybox echo x
}

@test "names with registry, port, path and tag are kept as they are" {
	local ref
	for ref in host.example:5000/a/b:v1.2_3 localhost/x:1 user/app:v1; do
		tiny img ".reference = \"$ref\""
		tcr image load img.sqfs
		prints x tcr run --rm "$ref" sh -c 'echo x'
		prints "$ref" eval "tcr image inspect $ref | jq -r '.[0].RepoTags[0]'"
		rm -r img img.sqfs
	done
	tcr image ls >out
	grep -q '^host.example:5000/a/b  *v1.2_3 ' out
	grep -q '^user/app  *v1 ' out
	refuses 'no such image' tcr image rm user/app
}

@test "an ambiguous prefix of an id is an error" {
	local id digit seen='' first='' i=0
	until [ -n "$first" ]; do
		i=$((i + 1))
		tiny "i$i"
		id=$(tcr image load "i$i.sqfs")
		digit=${id:7:1}
		[[ $seen != *"$digit"* ]] || first=$digit
		seen+=$digit
		rm -r "i$i" "i$i.sqfs"
	done
	refuses 'more than one|multiple|ambiguous' tcr image rm "$first"
	refuses 'more than one|multiple|ambiguous' tcr run --rm "$first" sh
	[ "$(tcr image ls -q | wc -l)" = ${#seen} ]
}

# --- ls, rm, inspect

@test "image ls has docker's columns and -q, --no-trunc, --format json" {
	local id
	id=$(sha256_of "$SQFS")
	prints 'REPOSITORY TAG IMAGE ID CREATED SIZE' eval 'tcr image ls | xargs'
	tcr image load "$SQFS"
	prints_like "busybox +latest +${id:0:12} +.* ago +[0-9.]+ ?[kM]B" tcr image ls
	prints "${id:0:12}" tcr image ls -q
	prints "sha256:$id" tcr image ls -q --no-trunc
	[ "$(tcr image ls --format json | jq -r '.Repository, .Tag, .ID' | xargs)" = "busybox latest ${id:0:12}" ]
	refuses 'format' tcr image ls --format nosuch
}

@test "image rm removes the file, several at once, partly wrong" {
	tiny a
	tiny b
	tcr image load a.sqfs
	tcr image load b.sqfs
	tcr image load "$SQFS"
	run --separate-stderr tcr image rm a nosuch b
	[ "$status" != 0 ]
	[[ $output == *"$(sha256_of a.sqfs)"*"$(sha256_of b.sqfs)"* ]]
	# shellcheck disable=SC2154 # set by run
	[[ $stderr =~ nosuch ]]
	[ "$(ls "$TCR_ROOT/images_root")" = "$(sha256_of "$SQFS")" ]
	tcr image rm "$(sha256_of "$SQFS" | cut -c1-8)"
	[ -z "$(ls -A "$TCR_ROOT/images_root")" ]
	refuses 'no such image' tcr image rm busybox
	refuses 'image is required|requires' tcr image rm
}

@test "image rm says Untagged and Deleted as docker does" {
	tcr image load "$SQFS"
	tcr image rm busybox >out
	grep -qx 'Untagged: busybox:latest' out
	grep -qx "Deleted: sha256:$(sha256_of "$SQFS")" out
}

@test "image rm of a linked image leaves the file" {
	cp "$SQFS" x.sqfs
	tcr image load --link x.sqfs
	tcr image rm busybox
	cmp x.sqfs "$SQFS"
}

@test "image inspect prints docker's JSON" {
	tcr image load "$SQFS"
	tcr image inspect busybox >json
	[ "$(jq -r '.[0].Id' json)" = "sha256:$(sha256_of "$SQFS")" ]
	[ "$(jq -r '.[0].RepoTags[0]' json)" = busybox:latest ]
	[ "$(jq -r '.[0].Architecture' json)" = "$(arch_name)" ]
	[ "$(jq -r '.[0].Os' json)" = linux ]
	[ "$(jq -r '.[0].Size' json)" = "$(stat -c %s "$SQFS")" ]
	[ "$(jq -r '.[0].Created' json)" = 2023-11-14T22:13:20Z ]
	[ "$(jq -c '.[0].Config.Cmd' json)" = '["sh"]' ]
	[ "$(jq -r '.[0].Config.WorkingDir' json)" = /home ]
	[ "$(jq -c '.[0].Config.ExposedPorts' json)" = '{"80/tcp":{}}' ]
	[ "$(jq -r '.[0].Config.Labels."org.example.fixture"' json)" = busybox ]
	jq -e '.[0].Config.Env | index("COLOUR=blue")' json
	refuses 'nosuch' tcr image inspect nosuch
}

@test "image inspect shows the environment of the image, not what the packing tools add" {
	tcr image load "$SQFS"
	tcr image inspect busybox >json
	[ "$(jq -c '.[0].Config.Env | map(split("=")[0])' json)" = '["PATH","COLOUR"]' ] ||
		fail "$(jq -c '.[0].Config.Env' json)"
}

# --- mounts

@test "an image is mounted nosuid, nodev, ro, and only while it is used" {
	tcr image load "$SQFS"
	prints 0 image_mounts
	tcr run -d --name a busybox sleep 1000
	tcr run -d --name b busybox sleep 1000
	prints 1 image_mounts
	prints_like ' ro,nosuid,nodev[, ]' grep ' - squashfs ' /proc/self/mountinfo
	tcr stop -t 0 a
	prints 1 image_mounts
	tcr stop -t 0 b
	prints 0 image_mounts
	tcr image inspect busybox >/dev/null
	tcr image ls >/dev/null
	prints 0 image_mounts
	tcr run --rm busybox true
	prints 0 image_mounts
}

# loops: the loop devices that show a file of this test.
loops()
{
	grep -l "^$BATS_TEST_TMPDIR/" /sys/block/loop*/loop/backing_file 2>/dev/null | wc -l
}

@test "a loop device is there only while the image is used, read-only, and one for all" {
	tcr image load "$SQFS"
	prints 0 loops
	tcr run -d --name a busybox sleep 1000
	tcr run -d --name b busybox sleep 1000
	prints 1 loops
	local dev
	dev=$(grep -l "^$BATS_TEST_TMPDIR/" /sys/block/loop*/loop/backing_file | cut -d/ -f4)
	prints 1 cat "/sys/block/$dev/ro"
	prints 1 cat "/sys/block/$dev/loop/autoclear"
	tcr rm -f a b
	wait_for 5 eval '[ "$(loops)" = 0 ]'
}

@test "a load that fails leaves no loop device and no mount" {
	tiny foreign '.architecture = "s390x"'
	refuses 's390x' tcr image load foreign.sqfs
	wait_for 5 eval '[ "$(loops)" = 0 ]'
	prints 0 image_mounts
}
