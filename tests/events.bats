# SPDX-License-Identifier: GPL-2.0-or-later
# events: what is told, to whom, and for how long it is kept.
# shellcheck disable=SC2034,SC2154,SC2046 # variables of lib; lists

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

# past ARGUMENT...: the events of type and action so far, one a line.
past()
{
	tcr events --since 0 --until 0s --format '{{.Type}} {{.Action}}' "$@"
}

# start_follower ARGUMENT...: `tcr events` in the background, its output in the file followed.
start_follower()
{
	"$TCRBOX" tcr events "$@" >followed 2>err </dev/null 3>&- &
	FOLLOWER=$!
}

follower_ends()
{
	wait_for 10 is_no_process "$FOLLOWER" && exits "$1" wait "$FOLLOWER"
}

@test "the life of a container, from create to destroy" {
	tcr run --name web --network none busybox sh -c 'exit 3' || true
	tcr rename web other
	tcr rm other
	past -f type=container >got
	prints 'container create container start container die container rename container destroy' xargs <got
	tcr events --since 0 --until 0s -f event=die --format json >got
	prints '3 web busybox' jq -r '.Actor.Attributes | "\(.exitCode) \(.name) \(.image)"' got
	prints 'die container local true' jq -r '"\(.status) \(.Type) \(.scope) \(.id == .Actor.ID)"' got
	prints busybox jq -r .from got
	prints true jq '(.timeNano / 1e9 | floor) == .time and .time > 1600000000' got
	prints oldName=web, grep -o 'oldName=web,*' < <(tcr events --since 0 --until 0s -f event=rename | tr ')' ,)
}

@test "a line is docker's" {
	local id
	id=$(tcr run -d --name web --network none --label b=2 --label a=1 busybox sleep 1000)
	tcr kill -s CONT web
	prints_like "^20[0-9-]+T[0-9:]+\.[0-9]{9}Z container kill $id \(a=1, b=2, image=busybox, name=web, signal=18\)$" \
		tcr events --since 0 --until 0s -f event=kill
}

@test "stop, pause and unpause are told" {
	tcr run -d --name web --network none --stop-timeout 0 busybox sleep 1000
	tcr pause web
	tcr unpause web
	tcr stop -t 0 web
	prints 'create start pause unpause kill die stop' actions_of web
	prints 9 tcr events --since 0 --until 0s -f event=kill --format '{{.Actor.Attributes.signal}}'
}

# actions_of NAME: what has happened to the container.
actions_of()
{
	tcr events --since 0 --until 0s -f "container=$1" --format '{{.Action}}' | xargs
}

@test "stop, restart and rm -f are told as docker does: the signals, the end, and what it was for" {
	tcr run -d --name a --network none busybox sleep 1000
	tcr stop -t 0 a
	tcr restart a
	tcr restart -t 0 a
	tcr rm -f a
	prints 'create start kill die stop start restart kill die stop start restart kill die destroy' \
		actions_of a
	tcr run -d --name b --init --network none busybox sleep 1000
	wait_for 10 eval '[ -n "$(pids_of sleep 1000)" ]'
	tcr stop b
	prints 15 tcr events --since 0 --until 0s -f event=kill -f container=b \
		--format '{{.Actor.Attributes.signal}}'
	tcr start b
	prints 'create start kill die stop start' actions_of b
}

@test "the end of a command of exec has its id and its exit code" {
	tcr run -d --name web --network none busybox sleep 1000
	exits 3 tcr exec web sh -c 'exit 3'
	prints 3 tcr events --since 0 --until 0s -f event=exec_die --format '{{.Actor.Attributes.exitCode}}'
	prints_like '^ *3 [0-9a-f]{64}$' uniq -c < <(tcr events --since 0 --until 0s -f event=exec_create \
		-f event=exec_start -f event=exec_die --format '{{.Actor.Attributes.execID}}')
}

@test "images and networks have events" {
	tcr network create net >/dev/null
	tcr run -d --name web --network net busybox sleep 1000
	tcr rm -f web
	tcr network rm net >/dev/null
	tcr image rm busybox >/dev/null
	prints 'create connect disconnect destroy' xargs < <(
		tcr events --since 0 --until 0s -f network=net --format '{{.Action}}')
	tcr volume create vol >/dev/null
	tcr volume rm vol >/dev/null
	prints 'create destroy' xargs < <(tcr events --since 0 --until 0s -f volume=vol --format '{{.Action}}')
	prints 'load untag delete' xargs < <(
		tcr events --since 0 --until 0s -f type=image --format '{{.Action}}')
	prints_like 'image load sha256:[0-9a-f]{64} \(name=busybox:latest\)' tcr events --since 0 --until 0s -f event=load
}

@test "filters choose; those of one key are alternatives" {
	tcr run --name one --network none --label tier=front busybox true
	tcr run --name two --network none busybox true
	prints 3 wc -l < <(past -f container=one)
	prints 6 wc -l < <(past -f container=one -f container=two)
	prints 'container start' past -f container=one -f event=start
	prints 3 wc -l < <(past -f label=tier)
	prints 3 wc -l < <(past -f label=tier=front)
	prints '' past -f label=tier=back
	prints 7 wc -l < <(past -f image=busybox)
	prints '' past -f type=volume
	refuses 'KEY=VALUE is required, with KEY one of container' tcr events --until 0s -f nope=1
}

@test "--since and --until choose by time" {
	prints '' tcr events --until 0s
	prints '' tcr events --since 0s --until 0s
	prints '' tcr events --since 2h --until 1h
	prints 'image load' past
	prints 'image load' tcr events --since "$(date -d '-1 hour' +%s)" --until "$(date -d '+1 sec' -Iseconds)" \
		--format '{{.Type}} {{.Action}}'
	refuses '"soon" is no time' tcr events --until soon
	refuses '"soon" is no time' tcr events --since soon
}

@test "events are followed as they happen, until the time that was given" {
	start_follower --since 0 -f event=start -f event=load
	wait_for 10 grep -q 'image load' followed
	tcr run --name one --network none busybox true
	wait_for 10 grep -q 'container start' followed
	tcr run --name two --network none busybox true
	wait_for 10 grep -q 'name=two' followed
	prints 3 wc -l <followed
	kill "$FOLLOWER"
	wait "$FOLLOWER" || true
	start_follower --since 0 --until -1s
	follower_ends 0
	grep -q name=two followed
}

@test "followers end with the daemon, and have its last events" {
	tcr run -d --rm --name web --network none --stop-timeout 0 busybox sleep 1000
	start_follower --since 0
	wait_for 10 grep -q 'container start' followed
	stop_tcrd
	follower_ends 125
	grep -q 'container die' followed
	grep -q 'tcrd ends' err
}

@test "who does not read is dropped with a message, and costs no memory" {
	mkfifo slow
	"$TCRBOX" tcr events --since 0 >slow 2>err </dev/null 3>&- &
	FOLLOWER=$!
	exec 7<slow
	read -r line <&7
	[[ $line == *'image load'* ]]
	tcr run -d --name web --network none busybox sleep 1000
	# A pipe, a socket and the ring are full at some time.
	local i webs before after
	webs=$(printf 'web %.0s' {1..500})
	before=$(awk '/VmRSS/ { print $2 }' "/proc/$TCRD_PID/status")
	for i in {1..10}; do
		# shellcheck disable=SC2086 # a list
		tcr kill -s CONT $webs >/dev/null
	done
	after=$(awk '/VmRSS/ { print $2 }' "/proc/$TCRD_PID/status")
	# The address sanitizer keeps what is freed for a while.
	[ -n "${VALGRIND-}" ] || grep -q __asan_init "$TCRBOX" || ((after < before + 1000))
	cat <&7 >rest &
	follower_ends 125
	grep -q 'too slow' err
	exec 7<&-
}

@test "a burst of events is lost to nobody who reads" {
	tcr run -d --name web --network none busybox sleep 1000
	start_follower --since 0 -f event=kill
	# More than are kept, and not more than a socket takes while nobody reads.
	tcr kill -s CONT $(printf 'web %.0s' {1..120}) >/dev/null
	wait_for 20 eval '[ "$(wc -l <followed)" = 120 ]'
	tcr kill -s CONT $(printf 'web %.0s' {1..120}) >/dev/null
	wait_for 20 eval '[ "$(wc -l <followed)" = 240 ]'
	kill "$FOLLOWER"
}

@test "a follower that goes away is forgotten" {
	start_follower
	kill -KILL "$FOLLOWER"
	wait "$FOLLOWER" || true
	tcr run --rm --network none busybox true
}
