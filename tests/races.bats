# SPDX-License-Identifier: GPL-2.0-or-later
# Two commands meet, or a client dies in the middle of one: each is answered, the last one wins, and
# nothing is left (teardown looks).
# shellcheck disable=SC2016,SC2154 # text to evaluate later; variables of lib/container

load lib/helper
load lib/container
load lib/policy

setup()
{
	begin
	N=0
	PIDS=()
}

# in_background ARGUMENT...: a client whose output nobody needs; its exit code is told by all_end.
in_background()
{
	env --default-signal=INT,QUIT "$TCRBOX" tcr "$@" </dev/null >>bg.out 2>>bg.err 3>&- &
	PIDS+=($!)
}

# all_end: waits for them; CODES are their exit codes.
all_end()
{
	local pid code
	CODES=
	for pid in "${PIDS[@]}"; do
		wait_for 30 is_no_process "$pid" || return
		code=0
		wait "$pid" || code=$?
		CODES+="${CODES:+ }$code"
	done
	PIDS=()
}

# nap: a moment whose length grows from call to call, 0 to 40 ms, so that the second command meets
# another step of the first each time.
nap()
{
	local ms
	printf -v ms '%03d' $((N++ * 7 % 41))
	sleep "0.$ms"
}

# one_sleeps SECONDS N: N processes run this sleep.
one_sleeps()
{
	[ "$(pids_of sleep "$1" | wc -l)" = "$2" ]
}

is_settled()
{
	local state
	state=$(state_of "$1")
	[ "$state" = exited ] || [ "$state" = created ]
}

@test "a stop during the start ends the container" {
	tcr create --name a --network none busybox sleep 1001 >/dev/null
	for _ in {1..5}; do
		in_background start a
		nap
		tcr stop -t 0 a >/dev/null
		all_end
		# A stop that came first had nothing to do.
		tcr stop -t 0 a >/dev/null
		wait_for 10 is_settled a
		one_sleeps 1001 0
	done
}

@test "a start behind a stop runs, whatever the stop has met" {
	tcr create --name a --network none busybox sleep 1001 >/dev/null
	for _ in {1..5}; do
		in_background start a
		nap
		in_background stop -t 0 a
		nap
		tcr start a >/dev/null 2>&1 || true
		all_end
		tcr start a >/dev/null
		wait_for 10 one_sleeps 1001 1
		has_state a running
		tcr stop -t 0 a >/dev/null
	done
}

@test "two clients start the same container: both succeed, and it runs once" {
	tcr create --name a -v .:/here --network none busybox sh -c 'echo x >>/here/runs; exec sleep 1001' >/dev/null
	for i in {1..6}; do
		in_background start a
		in_background start a
		in_background start a
		all_end
		[ "$CODES" = "0 0 0" ]
		wait_for 10 one_sleeps 1001 1
		[ "$(wc -l <runs)" = "$i" ]
		tcr stop -t 0 a >/dev/null
	done
	in_background start -a a
	in_background start -a a
	wait_for 10 one_sleeps 1001 1
	tcr kill a >/dev/null
	all_end
	[ "$CODES" = "137 125" ] || [ "$CODES" = "125 137" ] || [ "$CODES" = "137 137" ]
}

@test "rm -f while it starts, and while it stops, removes it" {
	for _ in {1..5}; do
		tcr create --name a --network none busybox sleep 1001 >/dev/null
		in_background start a
		nap
		tcr rm -f a >/dev/null
		all_end
		[ -z "$(tcr ps -aq)" ]
		one_sleeps 1001 0
		tcr run -d --name b --network none busybox sleep 1001 >/dev/null
		in_background stop -t 60 b
		nap
		tcr rm -f b >/dev/null
		all_end
		# The stop may have come behind it.
		[ "$CODES" = 0 ] || grep -q 'no such container' bg.err
		[ -z "$(tcr ps -aq)" ]
	done
}

@test "start and rm: one of them wins, and says so" {
	for _ in {1..5}; do
		tcr create --name a --network none busybox sleep 1001 >/dev/null
		in_background start a
		in_background rm a
		all_end
		case $CODES in
		"0 125") wait_for 10 has_state a running ;;
		"125 0") [ -z "$(tcr ps -aq)" ] ;;
		*) fail "exit codes $CODES: $(<bg.err)" ;;
		esac
		tcr rm -f a >/dev/null 2>&1 || true
	done
}

@test "rm -f during the delay of a restart policy removes it" {
	for i in {1..5}; do
		run_policy "a$i" always 'exit 1'
		wait_for 20 ran_at_least "a$i" 2
		nap
		prints "a$i" tcr rm -f "a$i"
		[ -z "$(tcr ps -aq)" ]
	done
}

@test "two clients restart it: both succeed, and it runs once" {
	tcr run -d --name a --network none busybox sleep 1001 >/dev/null
	for _ in {1..5}; do
		in_background restart -t 0 a
		nap
		in_background restart -t 0 a
		all_end
		[ "$CODES" = "0 0" ] || fail "$(<bg.err)"
		wait_for 10 has_state a running
		wait_for 10 one_sleeps 1001 1
	done
}

@test "a stop behind a restart wins, and the one that wanted it to run is told" {
	for _ in {1..5}; do
		tcr run -d --name a --network none busybox sleep 1001 >/dev/null
		in_background restart -t 1 a
		nap
		tcr stop -t 0 a >/dev/null
		all_end
		tcr stop -t 0 a >/dev/null
		has_state a exited
		one_sleeps 1001 0
		tcr rm a >/dev/null
	done
}

@test "pause and stop, pause and kill, pause and rm: it ends" {
	for command in "stop -t 0" "stop -t 60" kill "rm -f"; do
		for _ in 1 2; do
			rm -f ready
			tcr run -d --name a --network none -v .:/here busybox \
				sh -c 'trap "exit 0" TERM; : >/here/ready; while :; do usleep 10000; done' >/dev/null
			wait_for 10 test -e ready
			in_background pause a
			[ "$command" != "stop -t 60" ] || nap
			# shellcheck disable=SC2086 # words
			tcr $command a >/dev/null || fail "$command" || return
			all_end
			# A pause that came later has met nothing, or something that ends.
			tcr rm -f a >/dev/null 2>&1 || true
			[ -z "$(tcr ps -aq)" ]
		done
	done
}

@test "kills in a loop, while a policy starts it again, each hit one process at the most" {
	local i kills=0
	run_policy a always 'exec sleep 1001'
	for ((i = 0; i < 40; i++)); do
		! tcr kill a >/dev/null 2>&1 || ((++kills))
	done
	wait_for 30 one_sleeps 1001 1
	wait_for 10 has_state a running
	[ "$kills" -gt 0 ]
	[ "$(restarts_of a)" -le "$kills" ]
	[ "$(runs a)" -le $(($(restarts_of a) + 1)) ]
}

@test "rename while it starts, stops and ends keeps the new name" {
	local id new old=a
	id=$(tcr create --name a --stop-timeout 1 --network none busybox sleep 1001)
	for i in {1..6}; do
		new=b$i
		in_background start "$id"
		nap
		prints '' tcr rename "$old" "$new"
		old=c$i
		in_background stop -t 0 "$id"
		nap
		prints '' tcr rename "$new" "$old"
		all_end
		tcr stop -t 0 "$old" >/dev/null
	done
	kill_tcrd
	start_tcrd
	has_state c6 exited
	for i in {1..5}; do
		in_background run -d --name "x$i" --network none busybox sleep 1002
		wait_for 10 eval '[ -n "$(state_of "x'"$i"'")" ]'
		prints '' tcr rename "x$i" "y$i"
		all_end
		kill_tcrd
		start_tcrd
		has_state "y$i" running
		tcr rm -f "y$i" >/dev/null
	done
}

@test "update while it starts is kept" {
	for i in {1..5}; do
		in_background run -d --name "x$i" -v .:/here --network none busybox sh -c "echo x >>/here/x$i; exec sleep 1001"
		wait_for 10 eval '[ -n "$(state_of "x'"$i"'")" ]'
		prints "x$i" tcr update --restart always "x$i"
		all_end
	done
	stop_tcrd
	start_tcrd
	for i in {1..5}; do
		wait_for 10 ran_at_least "x$i" 2
	done
}

# --- a client is killed at every stage

# killed_at DELAY ARGUMENT...: the client gets SIGKILL after so many milliseconds.
killed_at()
{
	local ms pid
	printf -v ms '%03d' "$1"
	shift
	"$TCRBOX" tcr "$@" </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	sleep "0.$ms"
	kill -KILL $pid 2>/dev/null || true
	wait $pid || true
}

@test "a client of run that is killed leaves a container that runs, or none" {
	local ms
	for ms in 0 3 8 15 25 40 70; do
		killed_at $ms run --name "f$ms" --network none busybox sleep 1001
		killed_at $ms run -d --name "d$ms" --network none busybox sleep 1001
	done
	wait_for 20 eval '[ "$(tcr ps -aq | wc -l)" = "$(pids_of sleep 1001 | wc -l)" ]' ||
		fail "$(tcr ps -a)"
	[ "$(tcr ps -q | wc -l)" = "$(tcr ps -aq | wc -l)" ]
	kill_tcrd
	start_tcrd
	[ "$(tcr ps -q | wc -l)" = "$(pids_of sleep 1001 | wc -l)" ]
}

@test "a client of start, stop, restart, wait or rm that is killed keeps nobody from going on" {
	local ms command
	for ms in 1 8 25; do
		for command in "start a" "start -a a" "restart -t 0 a" "wait a" "stop -t 0 a" "pause a" \
			"rename a b" "rm -f a"; do
			tcr run -d --name a --network none busybox sleep 1001 >/dev/null 2>&1 || true
			[ "${command#start}" = "$command" ] || tcr stop -t 0 a >/dev/null
			# shellcheck disable=SC2086 # words
			killed_at $ms $command
			tcr rm -f a >/dev/null 2>&1 || tcr rm -f b >/dev/null 2>&1 || [ "$command" = "rm -f a" ] ||
				fail "after $command at $ms ms: $(tcr ps -a)" || return
			wait_for 10 eval '[ -z "$(tcr ps -aq)" ]'
		done
	done
	wait_for 10 one_sleeps 1001 0
}
