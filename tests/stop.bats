# SPDX-License-Identifier: GPL-2.0-or-later
# stop, kill and rm of containers.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

@test "stop returns when the last process is gone, background children included" {
	tcr run -d --name s busybox sh -c '(trap "" TERM; sleep 98761; sleep 98761) & sleep 98762 &
		trap "exit 5" TERM; wait'
	wait_for 5 eval '[ -n "$(pids_of sleep 98761)" ] && [ -n "$(pids_of sleep 98762)" ]'
	prints s tcr stop s
	[ -z "$(pids_of sleep 98761)$(pids_of sleep 98762)" ]
	prints_like 'Exited \(5\)' tcr ps -a
}

@test "stop kills after -t seconds, and not earlier" {
	tcr run -d --name s busybox sleep 1000
	SECONDS=0
	local start=${EPOCHREALTIME/[.,]/} took
	prints s tcr stop -t 1 s
	took=$((${EPOCHREALTIME/[.,]/} - start))
	((took >= 1000000 && took < 9000000)) || fail "took $took us"
	prints_like 'Exited \(137\)' tcr ps -a
}

@test "stop -t 0 kills at once, and --stop-timeout is what stop waits without -t" {
	local start=${EPOCHREALTIME/[.,]/}
	tcr run -d --name z busybox sleep 1000
	tcr run -d --name s --stop-timeout 0 busybox sleep 1000
	prints z tcr stop -t 0 z
	prints s tcr stop s
	((${EPOCHREALTIME/[.,]/} - start < 9000000))
	assert_fails 125 'time' tcr run --stop-timeout x busybox true
	assert_fails 125 'time' tcr stop -t 1x s
}

@test "stop waits for a container that takes its time, and does not kill it" {
	tcr run -d --name slow -v .:/here busybox sh -c 'trap "sleep 0.5; exit 9" TERM
		: >/here/ready; while :; do sleep 0.05; done'
	wait_for 30 test -e ready
	prints slow tcr stop slow
	prints_like 'Exited \(9\)' tcr ps -a
}

@test "stop of a container that does not run is no error" {
	tcr run --name s busybox true
	prints s tcr stop s
	prints s tcr stop s
}

@test "the image's stop signal is what stop sends" {
	image_tree usr1
	set_config usr1 '.annotations."org.opencontainers.image.stopSignal" = "SIGUSR1"'
	load_tree usr1
	start_client run --name s usr1 sh -c 'trap "exit 11" USR1; trap "exit 12" TERM; echo ready
		while :; do sleep 0.05; done'
	wait_for 10 grep -q ready out
	prints s tcr stop s
	client_ends 11
}

@test "kill sends KILL, or the signal that -s names in any form" {
	local sig
	tcr run -d --name k busybox sleep 1000
	prints k tcr kill k
	wait_for 5 has_state k exited
	prints_like 'Exited \(137\)' tcr ps -a
	for sig in USR2 SIGUSR2 12 usr2; do
		start_client run --rm --name u busybox sh -c 'trap "exit 3" USR2; echo ready
			while :; do sleep 0.05; done'
		wait_for 10 grep -q ready out
		prints u tcr kill -s "$sig" u
		client_ends 3
	done
}

@test "kill refuses what is no signal, and a container that does not run" {
	local sig
	tcr run --name dead busybox true
	for sig in '' NOSUCH 0 65 -1 1x SIG; do
		assert_fails 125 'signal' tcr kill "--signal=$sig" dead
	done
	refuses 'not running' tcr kill dead
}

@test "several names at once: what is right is done, what is wrong is said, the exit code tells" {
	local verb
	for verb in 'stop -t 0' kill 'rm -f'; do
		tcr run -d --name a busybox sleep 1000 >/dev/null
		tcr run -d --name b busybox sleep 1000 >/dev/null
		# shellcheck disable=SC2086 # words
		run --separate-stderr tcr $verb a nosuch b
		[ "$status" != 0 ]
		[ "$(sort <<<"$output")" = $'a\nb' ]
		# shellcheck disable=SC2154 # set by run
		[[ $stderr =~ no\ such\ container.*nosuch ]]
		wait_for 5 eval '[ -z "$(tcr ps -q)" ]'
		tcr rm -f a b >/dev/null 2>&1 || true
	done
}

@test "several containers are stopped at the same time" {
	local i start
	for i in 1 2 3 4; do
		tcr run -d --name "p$i" busybox sleep 1000 >/dev/null
	done
	start=${EPOCHREALTIME/[.,]/}
	tcr stop -t 3 p1 p2 p3 p4
	((${EPOCHREALTIME/[.,]/} - start < 9000000))
}

@test "rm refuses a running container, rm -f kills it" {
	tcr run -d --name r busybox sleep 98763
	refuses 'running.*(stop|-f)' tcr rm r
	prints running state_of r
	prints r tcr rm -f r
	[ -z "$(pids_of sleep 98763)" ]
	prints '' tcr ps -aq
}

@test "ids may be given as unique prefixes; an ambiguous one is an error and does nothing" {
	local id digit seen='' first=''
	id=$(tcr run -d busybox sleep 1000)
	prints "${id:0:12}" tcr stop -t 0 "${id:0:12}"
	prints "${id:0:20}" tcr rm "${id:0:20}"
	until [ -n "$first" ]; do
		id=$(tcr run -d busybox true)
		digit=${id:0:1}
		[[ $seen != *"$digit"* ]] || first=$digit
		seen+=$digit
	done
	refuses 'more than one|multiple' tcr rm -f "$first"
	[ "$(tcr ps -aq | wc -l)" = ${#seen} ]
	refuses 'no such container' tcr rm -f ''
}

@test "a name that looks like the beginning of an id is the name" {
	local id
	id=$(tcr run -d busybox sleep 1000)
	tcr run -d --name "${id:0:4}" busybox true
	wait_for 5 has_state "${id:0:4}" exited
	prints "${id:0:4}" tcr rm "${id:0:4}"
	prints "$id" tcr ps -q --no-trunc
}

@test "rm and stop while a container starts, and twice at once, leave nothing" {
	local i pids=()
	for i in 1 2 3 4 5 6; do
		"$TCRBOX" tcr run --name "x$i" busybox sleep 1000 >/dev/null 2>&1 3>&- &
		pids+=($!)
	done
	wait_for 10 eval '[ "$(tcr ps -aq | wc -l)" = 6 ]'
	tcr rm -f x1 x2 x3 x4 x5 x6 &
	pids+=($!)
	tcr rm -f x6 x5 x4 x3 x2 x1 >/dev/null 2>&1 || true
	wait "${pids[@]}" || true
	wait_for 10 eval '[ -z "$(tcr ps -aq)" ]'
}

@test "stop -s and restart -s send another signal than the container's, and the next stop its own again" {
	local trapped='trap "exit 3" USR1; trap "exit 4" TERM; trap "echo two >/here/two" USR2
		: >/here/ready; while :; do usleep 10000; done'
	tcr run -d --name s --network none -v .:/here busybox sh -c "$trapped"
	wait_for 20 test -e ready
	prints s tcr stop -t 60 -s USR1 s
	has_status s 'Exited (3)'
	prints s tcr stop --signal KILL s
	rm ready && tcr start s && wait_for 20 test -e ready
	prints s tcr stop -t 60 s
	has_status s 'Exited (4)'
	rm ready && tcr start s && wait_for 20 test -e ready
	rm ready
	prints s tcr restart -s KILL -t 60 s
	wait_for 20 test -e ready
	start_client stop -t -1 -s USR2 s
	wait_for 20 test -e two
	prints s tcr stop -t -1 --signal SIGKILL s
	client_ends 0
	has_status s 'Exited (137)'
	assert_fails 125 'signal "NOPE"' tcr stop -s NOPE s
	assert_fails 125 'signal "NOPE"' tcr restart --signal=NOPE s
}

@test "rm of a name that is given twice: there is no such container any more" {
	tcr create --name u busybox
	exits 125 tcr rm u u >out 2>err
	[ "$(<out)" = u ]
	grep -qx 'tcr: no such container: "u"' err
}

@test "a daemon that ends while stop -s waits sends the container's own signal, not that one again" {
	tcr run -d --name s --network none -v .:/here busybox sh -c 'trap "echo usr1 >>/here/got" USR1
		trap "echo term >>/here/got; exit 4" TERM; : >/here/ready; while :; do usleep 10000; done'
	wait_for 20 test -e ready
	start_client stop -t -1 -s USR1 s
	wait_for 20 grep -q usr1 got
	stop_tcrd
	[ "$(<got)" = $'usr1\nterm' ]
}
