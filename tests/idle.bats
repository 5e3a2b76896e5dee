# SPDX-License-Identifier: GPL-2.0-or-later
# Where nothing happens the daemon does nothing: it does not wake up, calls nothing, writes nothing.
#
# environment: IDLE, the seconds that are looked at (3)
# shellcheck disable=SC2016 # text to evaluate later

load lib/helper
load lib/container

setup()
{
	begin
}

# What a process counts about itself. All that the daemon does begins with waking up from
# epoll_wait(), so that switches tell of calls that move no byte, too.
counters()
{
	grep -H -E '^(rchar|wchar|syscr|syscw|read_bytes|write_bytes):' "/proc/$1/io" &&
		grep -H '^voluntary_ctxt_switches:' "/proc/$1/status"
}

# activity: prints the counters of the daemon and of all its children, the name server among them.
# What runs in the containers must therefore sleep.
activity()
{
	local pid
	for pid in "$TCRD_PID" $(children_of "$TCRD_PID"); do
		counters "$pid" || return
	done
}

# idles SECONDS: whether none of that changes for so long.
idles()
{
	local before after
	before=$(activity) || return
	sleep "$1"
	after=$(activity) || return
	[ "$after" = "$before" ] || diff <(echo "$before") <(echo "$after") >&2
}

# no_timer_runs: whether neither the daemon nor its name server is to wake up later than we look.
no_timer_runs()
{
	local pid
	for pid in "$TCRD_PID" $(children_of "$TCRD_PID"); do
		! grep -H '^it_value: ' "/proc/$pid"/fdinfo/* 2>/dev/null | grep -v '(0, 0)$' || return
	done
}

# rests [SECONDS]: to be called when nothing is to happen any more. What has begun may take a while to
# end: a link that came up is announced for seconds, and the machine may be busy.
rests()
{
	wait_for 40 idles "${IDLE:-${1:-3}}" || fail "it does not come to rest" || return
	no_timer_runs || fail "it is to wake up later"
}

has_printed()
{
	[ "$(tcr logs "$1" | tr -d '\r')" = "$2" ]
}

has_restarted()
{
	[ "$(tcr inspect --format '{{.RestartCount}} {{.State.Status}}' "$1")" = "$2 running" ]
}

# children_like REGEX: prints how many children of the daemon have such a command line.
children_like()
{
	local pid n=0
	for pid in $(children_of "$TCRD_PID"); do
		! tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qE "$1" || n=$((n + 1))
	done
	echo $n
}

has_sleepers()
{
	[ "$(children_like '^sleep 1000')" = "$1" ]
}

sleeper='echo hello; exec sleep 1000'

@test "a daemon without containers rests" {
	rests 1
}

@test "it rests while containers run: with a log, a terminal, a policy, a port, a pause" {
	for _ in 1 2 3 4; do
		tcr run -d --network none busybox sleep 1000
	done
	tcr run -d --name printed --network none busybox sh -c "$sleeper"
	tcr run -d --name terminal -t --network none busybox sh -c "$sleeper"
	tcr run -d --name always --network none --restart always busybox sleep 1000
	tcr run -d --name again --network none --restart on-failure:5 \
		busybox sh -c '[ -e /once ] || { touch /once; exit 1; }; exec sleep 1000'
	tcr run -d --name web -p 8080:80 busybox sleep 1000
	tcr run -d --name paused --network none busybox sleep 1000
	tcr pause paused
	wait_for 10 has_printed printed hello
	wait_for 10 has_printed terminal hello
	wait_for 10 has_restarted again 1
	[ "$(children_like '^tcr-net dns')" = 1 ]
	wait_for 10 has_sleepers 10
	rests
}

@test "it rests while clients follow a log and events, wait, and are in the foreground" {
	local pids=()
	tcr run -d --name printed --network none busybox sh -c "$sleeper"
	wait_for 10 has_printed printed hello
	"$TCRBOX" tcr logs -f printed >followed 3>&- &
	pids+=($!)
	"$TCRBOX" tcr events --since 1h >told 3>&- &
	pids+=($!)
	"$TCRBOX" tcr wait printed >waited 3>&- &
	pids+=($!)
	"$TCRBOX" tcr run --name front --network none busybox sleep 1000 3>&- &
	pids+=($!)
	wait_for 10 has_state front running
	wait_for 10 grep -q hello followed
	wait_for 10 grep -q front told
	rests 1
	tcr rm -f front printed
	wait "${pids[0]}" "${pids[2]}"
	kill "${pids[1]}"
	[ "$(<waited)" = 137 ]
}

@test "it rests while commands run in a container" {
	tcr run -d --name x --network none busybox sleep 1000
	tcr exec -d x sleep 1000
	tcr exec x true
	"$TCRBOX" tcr exec x sleep 1000 3>&- &
	wait_for 10 has_sleepers 3
	rests 1
	tcr rm -f x
	exits 137 wait $!
}

@test "an adopted container does not keep the daemon awake" {
	tcr run -d --name printed --network none --restart always busybox sh -c "$sleeper"
	tcr run -d --name web -p 8080:80 busybox sleep 1000
	wait_for 10 has_printed printed hello
	kill_tcrd
	start_tcrd
	wait_for 10 has_state web running
	rests 1
}

@test "the tests above see a daemon that wakes up" {
	wait_for 10 idles 1
	tcr run -d --name x --network none busybox sh -c 'while sleep 0.1; do echo hello; done'
	wait_for 10 eval 'tcr logs x | grep -q hello'
	exits 1 idles 1
}
