# SPDX-License-Identifier: GPL-2.0-or-later
# SIGHUP: the daemon executes its binary again, and nobody notices.

load lib/helper
load lib/container

setup()
{
	begin
}

ready_count()
{
	[ "$(grep -c 'ready at' "$TCRD_LOG")" -ge "$1" ]
}

# reload: SIGHUP, and waits until the next image of the daemon is ready.
reload()
{
	local before
	before=$(grep -c 'ready at' "$TCRD_LOG")
	kill -HUP "$TCRD_PID"
	wait_for 20 ready_count $((before + 1))
	count_fds
}

init_of()
{
	tcr inspect --format '{{.State.Pid}}' "$1"
}

@test "the daemon keeps its process, its containers keep theirs" {
	tcr run -d --name web busybox sleep 1000
	local before
	before=$(init_of web)
	for _ in 1 2 3; do
		reload
	done
	kill -0 "$TCRD_PID"
	[ "$(init_of web)" = "$before" ]
	has_state web running
	tcr stop -t 0 web
	has_status web 'Exited (137)'
}

@test "another binary in the same place is what runs then" {
	cp "$TCRBOX" tcrbox.1
	"$PWD/tcrbox.1" tcrd --root "$PWD/r2" --run-dir /run/u2 >log2 2>&1 3>&- &
	local pid=$! before
	wait_for 10 grep -q 'ready at' log2
	before=$(stat -Lc %i "/proc/$pid/exe")
	cp "$TCRBOX" new && mv new tcrbox.1
	kill -HUP $pid
	wait_for 20 eval '[ "$(grep -c "ready at" log2)" = 2 ]'
	[ "$(stat -Lc %i "/proc/$pid/exe")" != "$before" ]
	kill $pid
	wait $pid
}

@test "a binary that is missing leaves the old one at work" {
	cp "$TCRBOX" tcrbox.1
	"$PWD/tcrbox.1" tcrd --root "$PWD/r2" --run-dir /run/u3 >log2 2>&1 3>&- &
	local pid=$!
	wait_for 10 grep -q 'ready at' log2
	rm tcrbox.1
	kill -HUP $pid
	wait_for 20 grep -q 'the old program goes on' log2
	"$TCRBOX" tcr --socket /run/u3/tcrd.sock ps 3>&-
	kill $pid
	wait $pid
}

@test "a client in front of a container gets its output and its exit code" {
	start_client run --name front busybox \
		sh -c 'until [ -e /go ]; do sleep 0.05; done; echo went; exit 7'
	wait_for 10 has_state front running
	reload
	: >"/proc/$(init_of front)/root/go"
	client_ends 7
	[ "$(cat out)" = went ]
}

@test "its signals reach the container" {
	start_client run --name front busybox sh -c 'trap "exit 5" TERM; echo up; while :; do sleep 0.05; done'
	wait_for 10 grep -q up out
	reload
	kill -TERM "$CLIENT"
	client_ends 5
}

@test "who waits for containers goes on to wait" {
	tcr run -d --name one busybox sh -c 'trap "exit 3" TERM; echo up; while :; do sleep 0.05; done'
	wait_for 10 eval 'tcr logs one | grep -q up'
	start_client wait one
	local waiter=$CLIENT
	tcr run -d --name two busybox sh -c 'trap "" TERM; sleep 1000'
	"$TCRBOX" tcr stop -t 600 two >stopped 3>&- &
	local stopper=$!
	wait_for 10 has_waiters 2
	reload
	kill -0 $stopper
	kill -0 "$waiter"
	tcr stop one
	client_ends 0
	[ "$(cat out)" = 3 ]
	tcr kill two
	wait $stopper
	[ "$(cat stopped)" = two ]
}

# Connections that the daemon has: its clients.
has_waiters()
{
	[ "$(ss -xH state connected src "$TCR_SOCKET" | wc -l)" -ge "$1" ]
}

@test "a container that a user has stopped does not start, one that waits for its restart does" {
	tcr run -d --name stopped --restart always busybox sleep 1000
	tcr stop -t 0 stopped
	tcr run -d --name failing --restart always busybox false
	wait_for 10 has_state failing restarting
	reload
	has_state stopped exited
	wait_for 10 restarts_more_than "$(restarts failing)"
	has_state stopped exited
}

restarts()
{
	tcr inspect --format '{{.RestartCount}}' "$1"
}

restarts_more_than()
{
	(($(restarts failing) > $1))
}

@test "a terminal stays" {
	tcr run -dt --name term busybox sh -c 'trap "exit 9" HUP; while :; do sleep 0.05; done'
	reload
	has_state term running
	tcr stop -t 0 term
	has_status term 'Exited (137)'
}

@test "commands that come meanwhile are answered" {
	tcr run -d --name web busybox sleep 1000
	local i pids=()
	for i in 1 2 3 4 5 6; do
		kill -HUP "$TCRD_PID"
		tcr ps -q >"ps$i" &
		pids+=($!)
		tcr run --rm busybox true
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	for i in 1 2 3 4 5 6; do
		[ "$(wc -l <"ps$i")" -ge 1 ]
	done
	wait_for 10 ready_count 2
	count_fds
}

@test "who follows events goes on to, with the same filters" {
	start_client events --filter 'event=die' --format '{{.Action}} {{.Actor.Attributes.name}}'
	tcr run --name one busybox true
	wait_for 10 grep -q 'die one' out
	reload
	tcr run --name two busybox true
	wait_for 10 grep -q 'die two' out
	[ "$(cat out)" = $'die one\ndie two' ]
	kill "$CLIENT"
}

@test "who follows events without an option, or with times, goes on to, and sees each once" {
	start_client events --since 1h --until -1h
	local with=$CLIENT
	wait_for 10 grep -q 'image load' out
	mv out with
	start_client events
	wait_for 10 eval 'tcr volume create v >/dev/null && tcr volume rm v >/dev/null && [ -s out ]'
	reload
	tcr volume create after >/dev/null
	wait_for 10 grep -q 'volume create after' out
	wait_for 10 grep -q 'volume create after' with
	[ "$(grep -c 'image load' with)" = 1 ]
	kill "$CLIENT" "$with"
}

@test "logs -f --until ends when it was to" {
	tcr run -d --name a --network none busybox sh -c 'while :; do echo x; usleep 20000; done'
	start_client logs -f --until -2s a
	wait_for 10 test -s out
	reload
	client_ends 0
	[ ! -s err ]
}

@test "the events that were kept are known still" {
	tcr volume create before >/dev/null
	reload
	tcr volume create after >/dev/null
	reload
	prints 'load create create' xargs < <(tcr events --since 0 --until 0s --format '{{.Action}}')
}

@test "a command that does not end delays it, and keeps nobody else waiting" {
	mkfifo stuck
	"$TCRBOX" tcr image load - <stuck >/dev/null 2>&1 3>&- &
	local loader=$!
	exec 9>stuck
	printf x >&9
	wait_for 10 eval '[ -n "$(children_of "$TCRD_PID")" ]'
	kill -HUP "$TCRD_PID"
	wait_for 30 grep -qF '`tcr image load` is still under way' "$TCRD_LOG"
	prints ok tcr run --rm busybox echo ok
	exec 9>&-
	wait $loader || true
	wait_for 20 ready_count 2
	count_fds
}

@test "a client of events that does not read keeps nobody from SIGHUP, and hears if it missed something" {
	local i
	tcr create --name a0 --network none busybox true
	start_client events
	wait_for 10 eval 'tcr rename a0 x && tcr rename x a0 && [ -s out ]'
	kill -STOP "$CLIENT"
	for i in {1..350}; do
		tcr rename "a$((i - 1))" "a$i"
	done
	reload
	kill -CONT "$CLIENT"
	wait_for 10 eval 'grep -q name=a350 out || grep -q "too slow" err'
	kill "$CLIENT" 2>/dev/null || true
}
