# SPDX-License-Identifier: GPL-2.0-or-later
# tcr exec: one more process in a running container.

load lib/helper
load lib/container

setup()
{
	begin
	tcr run -d --name x --stop-timeout 0 busybox sleep 1000 >/dev/null
	DIR=$TCR_RUN/containers/$(tcr ps -q --no-trunc)
	wait_for 5 eval '[ -n "$(pids_of sleep 1000)" ]' # until then the process is crun's
}

# Nothing of an exec is left in the container's directory.
dir_is_clean()
{
	[ -z "$(find "$DIR" -mindepth 1 -maxdepth 1 -name '[0-9a-f][0-9a-f][0-9a-f]*')" ]
}

# field NAME ARGUMENT...: a field of /proc/self/status, as a process of `tcr exec ARGUMENT...` has it.
field()
{
	local name=$1
	shift
	tcr exec "$@" sed -n "s/^$name:[[:space:]]*//p" /proc/self/status | tr '\t' ' '
}

@test "exec runs a command in the container, with its output and exit code" {
	prints "hello" tcr exec x echo hello
	exits 7 tcr exec x sh -c 'exit 7'
	prints "sleep 1000" tcr exec x sh -c 'tr "\0" " " </proc/1/cmdline | sed "s/ $//"'
	tcr exec x sh -c 'echo out; echo err >&2' >out 2>err
	[[ $(<out) = out && $(<err) = err ]]
	dir_is_clean
}

@test "exec: 128 + n when a signal ends the command, 127 when it is not there, 126 when it is no program" {
	exits 137 tcr exec x sh -c 'kill -KILL $$'
	exits 143 tcr exec x sh -c 'kill -TERM $$'
	assert_fails 127 '^tcr: cannot run "nosuch"' tcr exec x nosuch
	assert_fails 127 '^tcr: cannot run "/no/such"' tcr exec x /no/such
	assert_fails 126 '^tcr: cannot run "/etc"' tcr exec x /etc
	assert_fails 126 '^tcr: cannot run "/etc/passwd"' tcr exec x /etc/passwd
	assert_fails 127 '^tcr: the working directory "/nope"' tcr exec -w /nope x true
	assert_fails 126 '^tcr: the working directory "/etc/passwd"' tcr exec -w /etc/passwd x true
	dir_is_clean
}

@test "exec finds what the container has made since it started" {
	tcr exec x sh -c 'printf "#!/bin/sh\necho made\n" >/tmp/made; chmod 755 /tmp/made'
	prints made tcr exec x /tmp/made
	prints made tcr exec -w /tmp x ./made
	prints made tcr exec -e PATH=/tmp:/bin x made
}

@test "a stopped container, one that is not there and a missing command are errors" {
	assert_fails 125 '^tcr: no such container: "y"$' tcr exec y true
	assert_fails 125 '^tcr: a command is required' tcr exec x
	assert_fails 125 '^tcr: a container and a command are required' tcr exec
	assert_fails 125 '^tcr: --privileged is not supported' tcr exec --privileged x true
	assert_fails 125 '^tcr: unknown flag: --nosuch' tcr exec --nosuch x true
	tcr stop x >/dev/null
	assert_fails 125 '^tcr: container "x" is not running, start it first$' tcr exec x true
}

@test "a container that is being stopped can still be looked into" {
	tcr rm -f x >/dev/null
	tcr run -d --name x --stop-timeout 60 busybox \
		sh -c 'trap "echo >/asked" TERM; echo up; while :; do sleep 0.05; done' >/dev/null
	wait_for 10 eval 'tcr logs x | grep -q up'
	start_client stop x
	wait_for 10 tcr exec x test -e /asked
	tcr kill x >/dev/null
	client_ends 0
}

@test "standard input is connected with -i, and /dev/null without" {
	prints in eval 'echo in | tcr exec -i x cat'
	prints "" eval 'echo in | tcr exec x cat'
	prints /dev/null tcr exec x readlink /proc/self/fd/0
	seq 1 50000 | tcr exec -i x cat >out
	seq 1 50000 | cmp - out
}

@test "options end at the container" {
	prints '-u -i --' tcr exec x printf '%s %s %s\n' -u -i --
}

@test "the environment is the container's, and -e changes it" {
	tcr rm -f x >/dev/null
	tcr run -d --name x --stop-timeout 0 -e MINE=run -e OTHER=run busybox sleep 1000 >/dev/null
	prints 'run exec blue' tcr exec -e OTHER=exec x sh -c 'echo $MINE $OTHER $COLOUR'
	prints 'client' env FROM=client "$TCRBOX" tcr exec -e FROM x sh -c 'echo $FROM'
	prints '' tcr exec -e NOSUCHVARIABLE x sh -c 'echo $NOSUCHVARIABLE'
	prints "$(tcr ps -q)" tcr exec x sh -c 'echo $HOSTNAME'
	assert_fails 125 'the variable has no name' tcr exec -e =x x true
}

@test "the user is the container's, and -u changes it" {
	prints 0:0 tcr exec x sh -c 'echo $(id -u):$(id -g)'
	prints 1000:1000:/home/www tcr exec -u www x sh -c 'echo $(id -u):$(id -g):$HOME'
	prints 7:8 tcr exec -u 7:8 x sh -c 'echo $(id -u):$(id -g)'
	tcr rm -f x >/dev/null
	tcr run -d --name x --stop-timeout 0 -u www busybox sleep 1000 >/dev/null
	prints 1000 tcr exec x id -u
	prints 0 tcr exec -u 0 x id -u
}

@test "-u is parsed strictly: what is no number is no user either (CVE-2026-30892)" {
	local user
	for user in 1000x x1000: -1 +5 0x10 4294967296 2147483648 1: :x '1 000' '1000:5x' nosuch; do
		[ "$user" != 1: ] || continue
		assert_fails 125 '^tcr: ' tcr exec "--user=$user" x id
	done
	tcr exec x sh -c 'echo 1000x:x:0:0::/:/bin/sh >>/etc/passwd'
	assert_fails 125 '^tcr: ' tcr exec -u 1000x x id
}

@test "the users of a running container are never read from its /proc" {
	tcr exec x sh -c 'rm /etc/passwd; ln -s /proc/kmsg /etc/passwd'
	assert_fails 125 'unable to find user www' timeout 60 "$TCRBOX" tcr exec -u www x id
	tcr exec x sh -c 'rm /etc/passwd; mkfifo /etc/passwd'
	assert_fails 125 'unable to find user www' timeout 60 "$TCRBOX" tcr exec -u www x id
	prints '5 5 5 5' field Uid -u 5 x
}

@test "the working directory is the container's, and -w changes it" {
	prints /bin tcr exec -w /bin x pwd
	tcr rm -f x >/dev/null
	tcr run -d --name x --stop-timeout 0 -w /usr busybox sleep 1000 >/dev/null
	prints /usr tcr exec x pwd
	assert_fails 125 'workdir|working' tcr exec -w relative x pwd
}

@test "a symlink in the container leads nowhere on the host" {
	mkdir "$BATS_TEST_TMPDIR/host"
	printf '#!/bin/sh\necho host\n' >host/program
	chmod 755 host/program
	tcr exec x ln -s "$PWD/host" /tmp/host
	tcr exec x ln -s /proc/1/root/../../../.. /tmp/up
	assert_fails 127 'cannot run' tcr exec x /tmp/host/program
	assert_fails 127 'working directory' tcr exec -w /tmp/host x pwd
}

@test "a command of exec has the capabilities, the seccomp filter and the limits of the container's own" {
	local name want
	for name in Seccomp NoNewPrivs CapBnd CapPrm CapEff CapInh CapAmb Groups Uid; do
		want=$(sed -n "s/^$name:[[:space:]]*//p" "/proc/$(pids_of sleep 1000)/status" | tr '\t' ' ')
		prints "$want" field "$name" x
	done
	[ "$(field NoNewPrivs x)" = 1 ]
	[ "$(field CapPrm -u www x)" = 0000000000000000 ]
	[ "$(field CapBnd -u www x)" = "$(field CapBnd x)" ]
	[ "$(field Seccomp x)" = 2 ]
}

@test "a command of exec is in the container's namespaces and control group" {
	local ns pid
	pid=$(pids_of sleep 1000)
	for ns in ipc mnt net pid uts; do
		prints "$(readlink "/proc/$pid/ns/$ns")" tcr exec x readlink "/proc/self/ns/$ns"
	done
	tcr exec -d x sleep 1001
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
	cmp "/proc/$pid/cgroup" "/proc/$(pids_of sleep 1001)/cgroup"
}

@test "no descriptor of the daemon leaks into a command of exec" {
	prints $'0\n1\n2\n3' tcr exec x ls /proc/self/fd # 3 is the directory itself
	tcr exec -d x sleep 1001
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
	prints $'0\n1\n2' ls "/proc/$(pids_of sleep 1001)/fd"
}

@test "-d prints nothing, and the command goes on without the client" {
	prints '' tcr exec -d x sh -c 'echo unseen; echo done >/tmp/done; sleep 1001'
	wait_for 10 tcr exec x test -s /tmp/done
	tcr exec -d x sleep 1002
	wait_for 10 eval '[ -n "$(pids_of sleep 1002)" ]'
	[ "$(readlink "/proc/$(pids_of sleep 1002)/fd/1")" = /dev/null ]
	assert_fails 127 'cannot run' tcr exec -d x nosuch
	dir_is_clean
}

@test "-dt gives a terminal that nobody has to read" {
	tcr exec -dt x sh -c 'yes | head -c 1000000; tty >/tmp/done; exec sleep 1001'
	wait_for 10 tcr exec x test -s /tmp/done
	prints_like '^/dev/pts/' tcr exec x cat /tmp/done
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
}

@test "a signal of the client reaches the command" {
	start_client exec x sh -c 'trap "echo caught; exit 9" USR1; echo go; while :; do sleep 0.05; done'
	wait_for 10 grep -q go out
	kill -USR1 "$CLIENT"
	client_ends 9
	grep -q caught out
}

@test "^C ends the command, not only its client" {
	start_client exec x sleep 1001
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
	kill -INT "$CLIENT"
	client_ends 130
	[ -z "$(pids_of sleep 1001)" ]
	has_state x running
}

@test "without a terminal the command goes on when its client is killed" {
	start_client exec x sleep 1001
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
	kill -KILL "$CLIENT"
	wait "$CLIENT" || true
	prints works tcr exec x echo works
	[ -n "$(pids_of sleep 1001)" ]
	kill "$(pids_of sleep 1001)"
	wait_for 10 eval '[ -z "$(pids_of sleep 1001)" ]'
}

@test "the end of the container ends its commands, and their clients get 137" {
	start_client exec x sleep 1001
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
	tcr stop x >/dev/null
	client_ends 137
	[ -z "$(pids_of sleep 1001)" ]
}

@test "a read-only container without a writable directory can be used, too" {
	tcr run -d --read-only --name y --stop-timeout 0 busybox sleep 1000 >/dev/null
	prints works tcr exec y echo works
}

@test "exec of a container that ends meanwhile: only that is said, whatever crun says" {
	stop_tcrd
	cat >crun <<-END
		#!/bin/bash
		crun=$(command -v crun)
	END
	cat >>crun <<-'END'
		[[ $* != *--version* ]] || { echo crun version 1.17; exit; }
		[[ $* == *' exec '* ]] || exec -a crun "$crun" "$@"
		if [ -e "${0%/*}/doomed" ]; then
			read -r pid <"${0%/*}/doomed"
			kill -KILL "$pid"
			while grep -qs '^State:.[^Z]' "/proc/$pid/status"; do :; done
		fi
		while [ "$1" != --log ]; do shift; done
		echo '2026-01-02T03:04:05.678Z: setns `mnt`: No such file or directory' >"$2"
		exit 1
	END
	chmod +x crun
	start_tcrd --crun "$PWD/crun"
	tcr run -d --name y --network none busybox sleep 1000
	assert_fails 125 '^tcr: crun: setns `mnt`: No such file or directory$' tcr exec y true
	tcr inspect --format '{{.State.Pid}}' y >doomed
	assert_fails 125 '^tcr: the container has ended before the command was started$' tcr exec y true
}

@test "exec: an empty command is none, an empty user the container's own, and \"NAME:\" has the groups of NAME" {
	tcr run -d --name z -u 7:8 --network none busybox sleep 1000
	assert_fails 127 '^tcr: cannot run ""' tcr exec z ''
	prints 7:8 tcr exec -u '' z sh -c 'echo $(id -u):$(id -g)'
	prints 0:0 tcr exec -u root: z sh -c 'echo $(id -u):$(id -g)'
}
