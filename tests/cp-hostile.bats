# SPDX-License-Identifier: GPL-2.0-or-later
# cp with a container that does what it can: nothing outside of it is read or written
# (CVE-2018-15664, CVE-2019-14271, CVE-2021-33637).
# shellcheck disable=SC2016 # text to evaluate later

load lib/helper
load lib/container

setup()
{
	begin
	mkdir host && echo secret >host/secret && echo mine >mine
	SECRET=$PWD/host
}

# hostile COMMAND [OPTION...]: runs a container named c that executes it, says so in /ready, and stays.
hostile()
{
	tcr run -d --name c "${@:2}" busybox sh -c "$1
		touch /ready; sleep 1000" >/dev/null &&
		wait_for 10 is_ready
}

is_ready()
{
	tcr cp c:/ready ready.file 2>/dev/null
}

untouched()
{
	[ "$(ls host)$(<host/secret)" = secretsecret ] || fail "the host was written to: $(ls -l host)"
}

@test "absolute and upward symlinks of the container stay in it, read or written" {
	hostile "mkdir -p $SECRET; echo inner >$SECRET/secret; ln -s $SECRET /abs
		ln -s ../../../../../../../..$SECRET /up; ln -s $SECRET/secret /file"
	tcr cp c:/abs/secret a && prints inner cat a
	tcr cp c:/up/secret b && prints inner cat b
	tcr cp -L c:/file d && prints inner cat d
	tcr cp "c:/../../../..$SECRET/secret" e && prints inner cat e
	tcr cp mine c:/abs/new && tcr cp mine c:/up/new2 && tcr cp mine c:/file
	tcr cp "c:$SECRET" out && prints "new new2 secret" xargs < <(ls out)
	untouched
}

@test "magic links of /proc lead nowhere" {
	hostile 'ln -s /proc/1/root/etc /magic; ln -s /proc/self/cwd /cwd'
	assert_fails 125 'Too many levels|No such' tcr cp c:/magic/passwd x
	assert_fails 125 'Too many levels|No such' tcr cp mine c:/magic/x
	assert_fails 125 'Too many levels|No such' tcr cp mine c:/cwd/x
	assert_fails 125 'Too many levels|No such' tcr cp c:/proc/1/root/etc/passwd x
	untouched
}

@test "directories in directories end in an error, not in a crash" {
	hostile 'mkdir -p "/a$(printf "/d%.0s" $(seq 1000))" "/b$(printf "/d%.0s" $(seq 1100))"
		mv /b "/a$(printf "/d%.0s" $(seq 1000))/"'
	tcr ps -s >/dev/null
	assert_fails 125 '^tcr: a/d/d/d.*: (File name too long|Too many open files)$' tcr cp c:/a -
}

@test "FIFOs, devices and sockets are not opened; devices come out with -a only" {
	hostile 'mkfifo /d/fifo; mknod /d/zero c 1 5; ln /d/zero /d/same; echo x >/d/file; test -S /d/socket' \
		-v "$TCR_SOCKET:/d/socket"
	timeout 60 "$TCRBOX" tcr cp c:/d out 2>err
	prints "fifo file" xargs < <(ls out)
	grep -q '2 devices were left out; -a copies them' err
	assert_fails 125 'in the container: /d/zero is a device; -a copies it' tcr cp c:/d/zero out3
	assert_fails 125 'in the container: /d/socket is a socket' tcr cp c:/d/socket out3
	assert_fails 125 'sock is a socket' tcr cp "$TCR_SOCKET" c:/
	[ ! -e out3 ]
	timeout 60 "$TCRBOX" tcr cp -a c:/d/zero out3 && [ -c out3 ]
	timeout 60 "$TCRBOX" tcr cp -a c:/d out2 && prints "fifo file same zero" xargs < <(ls out2)
	timeout 60 "$TCRBOX" tcr cp c:/d/fifo alone && [ -p alone ]
	prints "x" tar xO d/file < <(timeout 60 "$TCRBOX" tcr cp c:/d -)
}

@test "setuid root programs of a container are none on the host" {
	hostile 'cp /bin/busybox /suid; chmod 6755 /suid'
	tcr cp c:/suid out
	prints 755 stat -c %a out
}

@test "a container that swaps a directory for a symlink all the time leads nobody astray" {
	hostile "mkdir -p /real $SECRET; echo inner >/real/secret; echo inner >$SECRET/secret
		ln -s ../../../../../../../..$SECRET /link
		(while :; do mv /real /tmp/real; mv /link /real; mv /real /link; mv /tmp/real /real; done) &"
	local i
	for ((i = 0; i < 20; i++)); do
		tcr cp mine "c:/real/new$((i % 3))" 2>/dev/null || true
		rm -rf out && tcr cp c:/real/secret out 2>/dev/null || true
		[ ! -e out ] || [ -L out ] || prints inner cat out
		rm -rf tree && tcr cp c:/real tree 2>/dev/null || true
		[ -L tree ] || [ ! -e tree/secret ] || prints inner cat tree/secret
	done
	untouched
}

@test "a file that shrinks, grows or becomes a FIFO while it is read ends nothing but itself" {
	hostile 'mkdir /d; (while :; do echo 1234567890 >/d/f; : >/d/f; rm /d/f; mkfifo /d/f; rm /d/f; done) &'
	local i
	for ((i = 0; i < 15; i++)); do
		rm -rf out
		timeout 60 "$TCRBOX" tcr cp c:/d out 2>/dev/null || [ $? = 125 ]
		timeout 60 "$TCRBOX" tcr cp c:/d - 2>/dev/null | tar t >/dev/null || true
	done
}

@test "symlinks of the host at the destination are not followed for what is in the tree" {
	hostile 'mkdir -p /tree/sub; echo evil >/tree/sub/secret'
	mkdir -p dest/tree && ln -s "$SECRET" dest/tree/sub
	assert_fails 125 'is a directory in the archive' tcr cp c:/tree dest
	assert_fails 125 'is a directory in the archive' tcr cp c:/tree/. dest/tree
	untouched
}

@test "hostile archives stay in the container" {
	hostile 'ln -s / /tmp/root'
	tar cPf up.tar --transform 's,^mine,../../../../../..'"$SECRET/new"',' mine
	assert_fails 125 'no name that can be used' tcr cp - c:/tmp <up.tar
	tar cPf abs.tar "$PWD/mine"
	tcr cp - c:/tmp <abs.tar
	tcr cp "c:/tmp$PWD/mine" again && prints mine cat again
	mkdir a && ln -s "$SECRET" a/link && tar cf link.tar -C a link
	rm a/link && mkdir a/link && echo evil >a/link/new && tar rf link.tar -C a link/new
	tcr cp - c:/tmp <link.tar 2>/dev/null || true
	untouched
}

@test "a stopped container's symlinks stay in it, and so do its volumes' places" {
	tcr create --name c -v "$SECRET:/vol:ro" busybox true >/dev/null
	tcr start -a c
	ln -s "$SECRET" abs && tar c abs | tcr cp - c:/ && rm abs
	assert_fails 125 'No such file' tcr cp mine c:/abs/x
	assert_fails 125 'Read-only' tcr cp mine c:/vol/x
	tcr cp c:/vol/secret ok && prints secret cat ok
	untouched
}
