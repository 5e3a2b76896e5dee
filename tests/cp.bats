# SPDX-License-Identifier: GPL-2.0-or-later
# cp: docker's rules of what goes where, and whose it is then.
# shellcheck disable=SC2016 # text to evaluate later

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

# container [ARGUMENT...]: runs one named c, in the background.
container()
{
	tcr run -d --name c "$@" busybox sleep 1000 >/dev/null && wait_for 10 is_inside
}

is_inside()
{
	[ -n "$(pid_of_container)" ]
}

# inside COMMAND: prints what a shell in the container's files prints, by way of its root directory.
inside()
{
	chroot "/proc/$(pid_of_container)/root" /bin/sh -c "$1"
}

pid_of_container()
{
	pids_of sleep 1000
}

host_tree()
{
	mkdir -p tree/sub && echo one >tree/one && echo two >tree/sub/two && ln -s one tree/link
	chown 1000:44 tree tree/one && chmod 2750 tree && chmod 4711 tree/one
}

@test "a file goes to a new name, into a directory, over a file" {
	container
	echo text >file
	tcr cp file c:/new && prints text inside 'cat /new'
	tcr cp file c:/tmp && prints text inside 'cat /tmp/file'
	tcr cp file c:/tmp/ && tcr cp ./file c:etc/passwd && prints text inside 'cat /etc/passwd'
	tcr cp "$PWD/file" c:/tmp/other && prints text inside 'cat /tmp/other'
	assert_fails 125 '/none/ is not there' tcr cp file c:/none/
	assert_fails 125 '/none/x: No such file' tcr cp file c:/none/x
	assert_fails 125 'in the container: /etc/passwd/: Not a directory' tcr cp file c:/etc/passwd/
	assert_fails 125 'nofile: No such file' tcr cp nofile c:/
}

@test "a file comes out to a new name, into a directory, over a file" {
	container
	mkdir dir && echo old >over
	tcr cp c:/var/www/index.html new && prints "It works" cat new
	tcr cp c:/var/www/index.html dir && prints "It works" cat dir/index.html
	tcr cp c:/var/www/index.html over && prints "It works" cat over
	tcr cp c:var/www/index.html . && prints "It works" cat index.html
	assert_fails 125 'none/ is not there' tcr cp c:/var/www/index.html none/
	assert_fails 125 'in the container: /none: No such file' tcr cp c:/none .
	assert_fails 125 'index.html/: Not a directory' tcr cp c:/var/www/index.html/ .
}

@test "a directory becomes a new one, or goes into one that is there, or only its content does" {
	container
	host_tree
	tcr cp tree c:/new && prints "link one sub" xargs < <(inside 'ls /new')
	tcr cp tree c:/new && prints "link one sub" xargs < <(inside 'ls /new/tree')
	tcr cp tree/. c:/tmp && prints "link one sub" xargs < <(inside 'ls /tmp')
	(cd tree && tcr cp . c:/var/www) && prints "two" inside 'cat /var/www/sub/two'
	(cd tree/sub && tcr cp .. c:/home) && prints "one" inside 'cat /home/tree/one'
	assert_fails 125 'a directory cannot be copied to the file' tcr cp tree c:/etc/passwd
	tcr cp c:/new back && prints "link one sub tree" xargs < <(ls back)
	tcr cp c:/new/. back2 && prints "link one sub tree" xargs < <(ls back2)
	tcr cp c:/new/sub back && prints two cat back/sub/two
	prints one readlink back/link
	echo x >plain
	assert_fails 125 'a directory cannot be copied to the file' tcr cp c:/new plain
}

@test "a directory does not take the place of a file in it, nor a file that of a directory" {
	container
	mkdir -p a/x b && echo f >b/x
	tcr cp a/. c:/one && tcr cp b/. c:/two
	assert_fails 125 'x is a directory there' tcr cp b/. c:/one
	assert_fails 125 'x is a directory in the archive' tcr cp a/. c:/two
}

@test "files copied in are root's, files copied out the caller's; -a keeps owners and modes" {
	container
	host_tree
	tcr cp tree c:/plain && tcr cp -a tree c:/kept
	prints "0:0 711 0:0 2750" xargs < <(inside 'stat -c "%u:%g %a" /plain/one /plain')
	prints "1000:44 4711 1000:44 2750" xargs < <(inside 'stat -c "%u:%g %a" /kept/one /kept')
	tcr cp c:/kept/one plain && tcr cp -a c:/kept/one kept
	prints "0:0 711" stat -c '%u:%g %a' plain
	prints "1000:44 4711" stat -c '%u:%g %a' kept
	touch -d @1000000000 plain && tcr cp plain c:/time
	prints 1000000000 inside 'stat -c %Y /time'
}

# as_user COMMAND...: as somebody who may use the socket and is not root.
as_user()
{
	setpriv --reuid 1234 --regid 1234 --groups 44 "$@"
}

@test "who is not root reads and writes the host's files as himself" {
	container
	chmod 0666 "$TCR_SOCKET" && chmod 0711 "$TCR_RUN"
	local dir
	dir=$(mktemp -d /run/cp.XXXXXX) && chown 1234:1234 "$dir" && cp "$TCRBOX" "$dir/tcr"
	chmod 755 "$dir" && cd "$dir"
	echo secret >secret && chmod 600 secret
	echo group >group && chgrp 44 group && chmod 640 group
	assert_fails 125 'Permission denied' as_user ./tcr cp secret c:/stolen
	as_user ./tcr cp group c:/group && prints group inside 'cat /group'
	as_user ./tcr cp c:/etc/passwd mine && prints "1234:1234" stat -c %u:%g mine
	assert_fails 125 'Permission denied' as_user ./tcr cp c:/etc/passwd /etc/mine
	cd / && rm -r "$dir"
}

@test "a symlink is copied as one, with -L what it leads to; one at the destination is followed" {
	container
	ln -s /etc/hostname host-link && echo text >real && ln -s real near
	tcr cp near c:/near && prints real inside 'readlink /near'
	tcr cp -L near c:/followed && prints text inside 'cat /followed'
	inside 'ln -s etc/group /link; ln -s /new-file /dangling; ln -s tmp /to-dir'
	tcr cp c:/link out && prints etc/group readlink out
	tcr cp -L c:/link out2 && prints "$(inside 'cat /etc/group')" cat out2
	tcr cp real c:/link && prints text inside 'cat /etc/group; test -L /link'
	tcr cp real c:/dangling && prints text inside 'cat /new-file'
	tcr cp real c:/to-dir && prints text inside 'cat /tmp/real'
	ln -s target-dir dl && mkdir target-dir && tcr cp c:/tmp/real dl && prints text cat target-dir/real
}

@test "- is a tar archive, in both directions, for GNU tar and busybox tar" {
	container
	host_tree
	tar c tree | tcr cp - c:/tmp && prints one inside 'cat /tmp/tree/one'
	busybox tar c tree | tcr cp - c:/home && prints two inside 'cat /home/tree/sub/two'
	tar -c --format=gnu tree | tcr cp -a - c:/var && prints 1000:44 inside 'stat -c %u:%g /var/tree/one'
	tcr cp -a c:/var/tree - >out.tar
	mkdir gnu bb && tar xpf out.tar -C gnu && busybox tar xpf out.tar -C bb
	prints "" diff -r tree gnu/tree && prints "" diff -r tree bb/tree
	prints "1000:44 4711" stat -c '%u:%g %a' gnu/tree/one
	prints "tree/ tree/link tree/one tree/sub/ tree/sub/two" xargs < <(tar tf out.tar | sort)
	prints "./ ./two" xargs < <(tcr cp c:/var/tree/sub/. - | tar t | sort)
	assert_fails 125 'Not a directory' tcr cp - c:/etc/passwd <out.tar
	assert_fails 125 'no tar archive' tcr cp - c:/tmp <"$TCRBOX"
	assert_fails 125 'too early' tcr cp - c:/tmp < <(head -c 700 out.tar)
}

@test "long names, hard links, sparse and large files survive the way in and out" {
	container
	local deep
	deep=long/$(printf 'directory-%02d/' {1..40})
	mkdir -p "$deep" && echo deep >"$deep/file" && ln "$deep/file" long/hard
	truncate -s 3G long/sparse && dd if=/dev/urandom of=long/random bs=1M count=5 status=none
	truncate -s 20M long/sparse
	tcr cp long c:/tmp/ && tcr cp c:/tmp/long back
	prints "" diff -r long back
	prints 2 stat -c %h back/hard
}

@test "a stopped container: its files, its volumes, and they are there when it starts" {
	tcr create --name c -v vol:/var/www -v "$PWD:/mnt" busybox sh -c 'cat /new /var/www/*' >/dev/null
	echo new >new.txt && echo more >more.txt
	tcr cp new.txt c:/new && tcr cp more.txt c:/var/www/more
	prints "It works more" xargs < <(cat "$TCR_ROOT"/volumes/vol/data/*)
	tcr cp c:/mnt/new.txt through && prints new cat through
	prints $'new\nIt works\nmore' tcr start -a c
	tcr cp c:/new again && prints new cat again
	prints "" find "$TCR_RUN/images" -mindepth 1
}

@test "what is copied to a volume before the first start is in it, where the image has no such place, too" {
	echo text >file && mkdir host
	tcr create --name c -v vol:/srv/deep/data -v "$PWD/host:/there" busybox cat /srv/deep/data/file >/dev/null
	tcr cp file c:/srv/deep/data/ && tcr cp file c:/there
	prints text cat "$TCR_ROOT/volumes/vol/data/file" && prints text cat host/file
	prints text tcr start -a c
}

@test "a container that is removed while something is copied into it leaves nothing" {
	mkdir many && (cd many && seq 3000 | xargs touch)
	tcr create --name c busybox true >/dev/null
	tcr cp many c:/ 2>err &
	local copy=$!
	wait_for 10 eval 'ls "$TCR_ROOT"/containers/*/upper/many/* >/dev/null 2>&1'
	tcr rm c
	wait $copy || true
	prints "" ls "$TCR_ROOT/containers"
	run ! grep -v 'ready at' "$TCRD_LOG"
}

@test "a running container's tmpfs and volumes are seen, a paused one's files too" {
	container -v vol:/data --tmpfs /scratch
	echo text >file
	tcr cp file c:/data && prints text cat "$TCR_ROOT/volumes/vol/data/file"
	tcr cp file c:/scratch && prints text inside 'cat /scratch/file'
	tcr cp c:/scratch/file out && prints text cat out
	tcr pause c >/dev/null && tcr cp file c:/paused && tcr unpause c >/dev/null
	prints text inside 'cat /paused'
}

@test "a read-only container takes nothing, but for its volumes" {
	tcr run -d --name c --read-only -v vol:/data busybox sleep 1000 >/dev/null
	echo text >file
	assert_fails 125 'Read-only file system' tcr cp file c:/file
	tcr cp file c:/data && tcr cp c:/data/file out
	tcr stop -t 0 c >/dev/null
	assert_fails 125 'is read-only' tcr cp file c:/file
	tcr cp c:/etc/passwd out
}

@test "a start while something is copied in is refused, and possible afterwards" {
	tcr create --name c busybox cat /file >/dev/null
	mkfifo fifo
	tcr cp - c:/ <fifo &
	local copy=$!
	exec 5>fifo
	wait_for 10 pgrep -P "$TCRD_PID" >children # its child unpacks
	refuses 'being copied into container "c"' tcr start c
	echo ended >file && tar c file >&5
	exec 5>&-
	wait "$copy"
	prints ended tcr start -a c
}

@test "what is wrong is said" {
	container
	assert_fails 125 'two paths are required' tcr cp x
	assert_fails 125 'one side has to be' tcr cp /a /b
	assert_fails 125 'to the host first' tcr cp c:/a c:/b
	assert_fails 125 'no such container: "nosuch"' tcr cp nosuch:/a .
	assert_fails 125 'a path is empty' tcr cp c: .
	touch a:b && tcr cp ./a:b c:/ && prints /a:b inside 'ls /a:b'
}

@test "a client that goes away ends the copy" {
	container
	mkfifo fifo
	local before
	before=$(children)
	"$TCRBOX" tcr cp - c:/ <fifo 3>&- &
	exec 5>fifo
	wait_for 5 has_more_children "$before"
	kill -KILL $!
	wait_for 5 has_children "$before"
	exec 5>&-
}

children()
{
	children_of "$TCRD_PID" | wc -l
}

has_children()
{
	[ "$(children)" = "$1" ]
}

has_more_children()
{
	[ "$(children)" -gt "$1" ]
}
