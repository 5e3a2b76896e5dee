# SPDX-License-Identifier: GPL-2.0-or-later
# What is done with containers every day, as docker has it: output, exit codes, states. (Pause
# and ends, restart policies, races, and options have files of their own.)
# shellcheck disable=SC2016,SC2034,SC2154 # text to evaluate later; variables of lib/container

load lib/helper
load lib/container
load lib/policy

setup()
{
	begin
}

# pid_of WORD...: prints the one process that runs this command.
pid_of()
{
	wait_for 10 eval '[ "$(pids_of '"$*"' | wc -l)" = 1 ]' && pids_of "$@"
}

# waits N: N connections of clients are open.
waits()
{
	[ "$(grep -cF "$TCR_SOCKET" /proc/net/unix)" -gt "$1" ]
}

# --- create, start

@test "create prints the id, runs nothing, and start runs it" {
	local id
	id=$(tcr create --name a -v .:/here busybox sh -c 'echo ran >>/here/log; exec sleep 1001')
	[[ $id =~ ^[0-9a-f]{64}$ ]]
	has_state a created
	has_status a Created
	[ -z "$(tcr ps -q)" ]
	[ ! -e log ]
	prints a tcr start a
	has_state a running
	wait_for 10 test -s log
	prints a tcr stop -t 0 a
	prints "${id:0:12}" tcr start "${id:0:12}"
	wait_for 10 eval '[ "$(wc -l <log)" = 2 ]'
}

@test "create knows the options of run but -d, and fails as run does" {
	refuses '^tcr: .*-d ' tcr create -d busybox
	refuses '^tcr: no such image: "nothing"' tcr create nothing
	refuses '^tcr: .*image is required' tcr create
	tcr create --name a busybox >/dev/null
	refuses 'the name "a" is taken' tcr create --name a busybox
	[ "$(tcr ps -aq | wc -l)" = 1 ]
	prints a tcr rm a
}

@test "a container keeps its files and its exit code from start to start" {
	tcr create --name a busybox sh -c 'echo x >>/n; exit $(wc -l </n)' >/dev/null
	exits 1 tcr start -a a
	exits 2 tcr start -a a
	has_status a 'Exited (2)'
	kill_tcrd
	start_tcrd
	has_status a 'Exited (2)'
	exits 3 tcr start -a a
}

@test "start of what runs succeeds and changes nothing; of what is paused, or not there, it fails" {
	local pid
	tcr run -d --name a busybox sleep 1001 >/dev/null
	pid=$(pid_of sleep 1001)
	prints a tcr start a
	[ "$(pid_of sleep 1001)" = "$pid" ]
	tcr pause a >/dev/null
	refuses '"a" is paused' tcr start a
	has_state a paused
	tcr unpause a >/dev/null
	tcr rm -f a >/dev/null
	refuses '^tcr: no such container: "a"$' tcr start a
	refuses 'at least one container' tcr start
}

@test "start of several starts those that are there, and says which are not" {
	tcr create --name a busybox sleep 1001 >/dev/null
	tcr create --name b busybox sleep 1002 >/dev/null
	exits 125 tcr start a nobody b >out 2>err
	[ "$(<err)" = 'tcr: no such container: "nobody"' ]
	[ "$(sort out | xargs)" = "a b" ]
	is_running a
	is_running b
}

@test "start -a prints what the container prints, takes its signals, and ends with its code" {
	tcr create --name a -v .:/here busybox sh -c "echo out; echo err >&2; $(polite 7)" >/dev/null
	start_client start -a a
	wait_for 10 test -e ready
	kill -TERM "$CLIENT"
	client_ends 7
	[ "$(<out) $(<err)" = "out err" ]
	has_status a 'Exited (7)'
	tcr create --name k busybox sleep 1001 >/dev/null
	start_client start -a k
	wait_for 10 is_running k
	tcr kill k >/dev/null
	client_ends 137
}

@test "start -a of several is refused before any of them starts" {
	tcr create --name a busybox sleep 1001 >/dev/null
	tcr create --name b busybox sleep 1002 >/dev/null
	refuses 'one container only' tcr start -a a b
	has_state a created
	has_state b created
}

@test "start -ai connects standard input of a container that has -i, start -a does not" {
	tcr create -i --name a busybox cat >/dev/null
	prints hello sh -c 'echo hello | "$TCRBOX" tcr start -ai a'
	prints hello sh -c 'echo hello | "$TCRBOX" tcr start -i a'
	local name
	for name in b c; do
		tcr create -i --name $name busybox sh -c 'read -t 1 line; echo "$line."' >/dev/null
	done
	printf 'b\nc\n' | while read -r name; do
		tcr start -a "$name"
	done >out
	[ "$(xargs <out)" = ". ." ]
}

# attached N: so many clients have come to a container that ran.
attached()
{
	[ "$(tcr events --since 1h --until 0s -f event=attach | wc -l)" = "$1" ]
}

@test "start -a of what runs attaches, with standard input if it has -i" {
	tcr run -di --name a -v .:/here busybox sh -c "exec 3<&0; cat <&3 & $(polite 7)" >/dev/null
	wait_for 10 test -e ready
	start_client start -a a
	wait_for 10 attached 1
	echo typed >input
	"$TCRBOX" tcr start -ai a <input >typed 3>&- &
	wait_for 10 grep -qx typed out
	wait_for 10 grep -qx typed typed
	kill -TERM "$CLIENT"
	client_ends 7
	exits 7 wait $!
	tcr run -d --name b busybox sleep 1001 >/dev/null
	tcr pause b >/dev/null
	refuses '"b" is paused' tcr start -a b
}

@test "a start that fails says why in one line, with docker's code, and leaves what can start later" {
	tcr create --name a -v .:/here busybox /here/tool >/dev/null
	exits 127 tcr start a 2>err
	[ "$(wc -l <err)" = 1 ]
	has_state a created
	: >tool
	exits 126 tcr start -a a 2>err
	printf '#!/bin/sh\nexit 4\n' >tool
	chmod 755 tool
	exits 4 tcr start -a a
	has_status a 'Exited (4)'
}

@test "what was created, or is stopped, survives the daemon, and starts" {
	tcr create --name a --stop-timeout 1 busybox sleep 1001 >/dev/null
	tcr create --name gone --stop-timeout 1 --rm busybox sleep 1002 >/dev/null
	kill_tcrd
	start_tcrd
	has_state a created
	has_state gone created
	tcr start a gone >/dev/null
	stop_tcrd
	start_tcrd
	has_state a exited
	[ "$(tcr ps -aq | wc -l)" = 1 ]
	prints a tcr start a
	is_running a
}

@test "create --rm: it is removed when it has run" {
	tcr create --name a --rm busybox sh -c 'exit 6' >/dev/null
	has_state a created
	exits 6 tcr start -a a
	wait_for 10 eval '[ -z "$(tcr ps -aq)" ]'
	tcr create --name a --rm busybox >/dev/null
	prints a tcr rm a
}

# --- restart

@test "restart works on what runs, is stopped, was never started, or is paused" {
	local pid
	tcr create --name a busybox sleep 1001 >/dev/null
	prints a tcr restart -t 0 a
	pid=$(pid_of sleep 1001)
	prints a tcr restart -t 0 a
	[ "$(pid_of sleep 1001)" != "$pid" ]
	tcr stop -t 0 a >/dev/null
	prints a tcr restart a
	pid=$(pid_of sleep 1001)
	tcr pause a >/dev/null
	prints a tcr restart -t 0 a
	is_running a
	[ "$(pid_of sleep 1001)" != "$pid" ]
	refuses 'no such container' tcr restart nobody
	refuses 'time-out "x"' tcr restart -t x a
}

@test "restart sends the stop signal first, and waits for the end" {
	tcr run -d --name a -v .:/here busybox sh -c "echo up >>/here/log; $(polite 0)" >/dev/null
	wait_for 10 test -e ready
	prints a tcr restart -t 60 a
	wait_for 10 eval '[ "$(wc -l <log)" = 2 ]'
}

@test "restart keeps a container that has --rm, with its files, and a stop removes it" {
	tcr run -d --rm --name a -v .:/here busybox \
		sh -c 'echo x >>/n; wc -l </n >/here/n; exec sleep 1001' >/dev/null
	wait_for 10 eval '[ "$(cat n)" = 1 ]'
	prints a tcr restart -t 0 a
	wait_for 10 eval '[ "$(cat n)" = 2 ]'
	kill_tcrd
	start_tcrd
	is_running a
	prints a tcr stop -t 0 a
	wait_for 10 eval '[ -z "$(tcr ps -aq)" ]'
}

@test "a client in the foreground gets the exit code when another restarts its container" {
	start_client run --name a -v .:/here busybox sh -c "$(polite 9)"
	wait_for 10 test -e ready
	prints a tcr restart a
	client_ends 9
	is_running a
}

# --- wait

@test "wait prints the exit code of what ends, was ended, or never ran" {
	tcr run -d --name a -v .:/here busybox sh -c "$(polite 5)" >/dev/null
	start_client wait a
	wait_for 10 test -e ready
	kill -0 "$CLIENT"
	tcr kill -s TERM a >/dev/null
	client_ends 0
	[ "$(<out)" = 5 ]
	prints 5 tcr wait a
	tcr create --name c busybox >/dev/null
	prints 0 tcr wait c
	refuses 'no such container' tcr wait nobody
}

@test "wait for several prints their codes in the order of the arguments" {
	for n in 3 2 1; do
		rm -f ready
		tcr run -d --name "a$n" -v .:/here busybox sh -c "$(polite $n)" >/dev/null
		wait_for 10 test -e ready
	done
	start_client wait a1 a2 a3
	for n in 3 2 1; do
		tcr stop "a$n" >/dev/null
	done
	client_ends 0
	[ "$(xargs <out)" = "1 2 3" ]
	exits 125 tcr wait a1 nobody a2 >out 2>err
	[ "$(xargs <out)" = "1 2" ]
	grep -q '"nobody"' err
}

@test "wait ends when the container is removed, and when it is one with --rm" {
	tcr run -d --rm --name a -v .:/here busybox sh -c "$(polite 3)" >/dev/null
	wait_for 10 test -e ready
	start_client wait a
	wait_for 10 waits 1
	tcr stop a >/dev/null
	client_ends 0
	[ "$(<out)" = 3 ]
	tcr run -d --name b busybox sleep 1001 >/dev/null
	start_client wait b
	wait_for 10 waits 1
	tcr rm -f b >/dev/null
	client_ends 0
	[ "$(<out)" = 137 ]
}

@test "clients that wait and die leave nothing in the daemon" {
	local fds
	tcr run -d --name a busybox sleep 1001 >/dev/null
	fds=$(fds_of_tcrd)
	"$LIB/raw-client" "$TCR_SOCKET" hasty 200 wait a a a 3>&-
	wait_for 10 eval '[ "$(fds_of_tcrd)" -le '"$fds"' ]' || fail "$(fds_of_tcrd) fds are open"
	start_client wait a
	wait_for 10 waits 1
	kill -KILL "$CLIENT"
	wait_for 10 eval '[ "$(fds_of_tcrd)" -le '"$fds"' ]'
	tcr stop -t 0 a >/dev/null
}

# --- rename

@test "rename gives a new name: to ps, to the record, to everybody" {
	local id
	id=$(tcr run -d --name old busybox sleep 1001)
	prints '' tcr rename old b
	refuses 'no such container: "old"' tcr stop old
	tcr create --name old busybox >/dev/null
	kill_tcrd
	start_tcrd
	is_running b
	prints '' tcr rename "$id" c
	is_running c
	prints c tcr rm -f c
}

@test "rename to a name that is taken, not valid, or the same is refused" {
	tcr create --name a busybox >/dev/null
	tcr create --name b busybox >/dev/null
	refuses '"b" is taken' tcr rename a b
	refuses '"a" has this name already' tcr rename a a
	for name in '' -x a/b 'a b' $'a\nb' "$(printf 'x%.0s' {1..200})"; do
		refuses 'is not valid|unknown' tcr rename a "$name"
	done
	refuses 'no such container' tcr rename nobody c
	refuses 'are required' tcr rename a
	refuses 'are required' tcr rename a b c
	[ "$(tcr ps -a --format json | jq -r .Names | sort | xargs)" = "a b" ]
}

@test "other containers find a renamed one by its new name, and no more by the old" {
	tcr run -d --name a --network n busybox sleep 1001 >/dev/null
	tcr run -d --name client --network n busybox sleep 1002 >/dev/null
	# No container may start in between: then the name server would be told anyway.
	local ip
	ip=$(tcr inspect -f '{{json .NetworkSettings.Networks.n.IPAddress}}' a | tr -d '"')
	lookup()
	{
		tcr exec client nslookup "$1" >answer 2>&1 && grep -q "$2" answer
	}
	wait_for 10 lookup a "$ip"
	tcr rename a b
	wait_for 10 lookup b "$ip"
	wait_for 10 lookup "$ip" b
	! lookup a "$ip" || fail "the old name is still known"
}

# --- update

@test "update changes the policy of one or several, for ever" {
	local id
	id=$(tcr create --name a busybox)
	tcr create --name b busybox >/dev/null
	for policy in always unless-stopped on-failure on-failure:3 no; do
		prints $'a\nb' tcr update --restart "$policy" a b
		kill_tcrd
		start_tcrd
		grep -qx -e "--restart=$policy" "$TCR_ROOT/containers/$id/spec"
	done
	refuses 'sometimes' tcr update --restart sometimes a
	refuses 'on-failure:-1' tcr update --restart on-failure:-1 a
	refuses 'nothing to update' tcr update a
	refuses 'no such container' tcr update --restart no nobody
	refuses 'at least one' tcr update --restart no
}

@test "a container with --rm gets no restart policy" {
	tcr create --rm --name a busybox >/dev/null
	refuses '"a" has --rm' tcr update --restart always a
	refuses 'exclude each other' tcr run --rm --restart always busybox
	prints a tcr update --restart no a
}
