# SPDX-License-Identifier: GPL-2.0-or-later
# However containers end, and however often: no mount, loop device, cgroup, process, descriptor or
# file is left, and the daemon does not grow. (teardown checks the former after each test.)
# shellcheck disable=SC2016,SC2153 # text to evaluate later; a variable of lib/container

load lib/helper
load lib/container

setup()
{
	begin
}

# pid_of WORD...: prints the process that runs this command, as soon as there is one: it is not yet
# when run -d returns.
pid_of()
{
	wait_for 5 runs "$@" && pids_of "$@"
}

runs()
{
	[ -n "$(pids_of "$@")" ]
}

# Of the daemon, in KiB: what it has written to, and how much it has asked the kernel for.
memory_of_tcrd()
{
	awk '/^Private_Dirty/ { print $2 }' "/proc/$TCRD_PID/smaps_rollup"
	awk '/^VmData/ { print $2 }' "/proc/$TCRD_PID/status"
}

# grows COMMAND...: runs it; true if the daemon needs more memory afterwards, but for a few pages.
grows()
{
	local before after
	mapfile -t before < <(memory_of_tcrd)
	"$@" && assert_clean || return 2
	mapfile -t after < <(memory_of_tcrd)
	((after[0] > before[0] + 16 || after[1] > before[1] + 16))
}

# does_not_grow COMMAND...: what leaks makes the memory grow with each round; a new peak of what is
# needed at once does so only now and then. Under valgrind and the address sanitizer the memory is not
# the daemon's.
does_not_grow()
{
	local status
	for _ in 1 2 3 4; do
		status=0
		grows "$@" || status=$?
		[ $status = 2 ] && return 1
		[ $status = 1 ] && return 0
		[ -z "${VALGRIND-}" ] && ! grep -q __asan_init "$TCRBOX" || return 0
	done
	fail "it grew in each of four rounds: $(memory_of_tcrd | xargs) KiB now"
}

no_containers()
{
	[ -z "$(tcr ps -aq)" ]
}

# sequential N: so many runs, each with output and exit code of its own.
sequential()
{
	local i out status
	for ((i = 0; i < $1; i++)); do
		status=0
		out=$(tcr run --rm busybox sh -c "echo run $i; exit $((i % 7))") || status=$?
		[ "$out" = "run $i" ] || fail "run $i printed: $out" || return
		[ $status = $((i % 7)) ] || fail "run $i: exit code $status" || return
	done
}

@test "200 runs, one after the other, leave nothing, and the daemon does not grow" {
	sequential 20
	assert_clean
	does_not_grow sequential 200
}

# parallel N: the same at once.
parallel()
{
	local i pids=() bad=0 status
	for ((i = 0; i < $1; i++)); do
		tcr run --rm busybox sh -c "echo out $i; echo err $i >&2; exit $((i % 7))" \
			>"out.$i" 2>"err.$i" &
		pids+=($!)
	done
	for ((i = 0; i < $1; i++)); do
		status=0
		wait "${pids[i]}" || status=$?
		[ "$status $(<"out.$i") $(<"err.$i")" = "$((i % 7)) out $i err $i" ] ||
			fail "run $i: $status $(<"out.$i") $(<"err.$i")" || ((++bad))
	done
	((bad == 0))
}

@test "50 runs at once all succeed, each with its own output and exit code, and leave nothing" {
	
	for _ in 1 2 3 4; do
		parallel 50
	done
	assert_clean
	does_not_grow parallel 50
}

fail_to_start()
{
	local options
	for options in "" --rm -d "-d --rm" "--name x" --read-only; do
		# shellcheck disable=SC2086 # words
		exits 127 tcr run $options busybox /nope 2>/dev/null &&
			exits 126 tcr run $options busybox /etc 2>/dev/null &&
			exits 125 tcr run $options -u nobody2 busybox true 2>/dev/null &&
			exits 127 tcr run $options -v /etc:/e busybox /e/nope 2>/dev/null &&
			exits 126 tcr run $options -v /etc:/e busybox /e/passwd 2>/dev/null &&
			exits 125 tcr run $options -v /etc:/e -w /e/passwd/x busybox true \
				2>/dev/null || return
	done
	no_containers || fail "still there: $(tcr ps -a)"
}

@test "starts that fail leave nothing, and no memory is lost" {
	fail_to_start
	assert_clean
	does_not_grow fail_to_start
}

@test "detached containers that remove themselves leave nothing" {
	local i
	for i in {1..20}; do
		tcr run -d --rm busybox sh -c "exit $i" >/dev/null
	done
	wait_for 10 no_containers
	assert_clean
}

@test "containers whose processes are killed from outside leave nothing" {
	local i
	for i in 1 2 3; do
		start_client run --rm busybox sh -c "sleep 100$i; true"
		wait_for 5 runs sleep "100$i"
		kill -KILL "$(pids_of sh -c "sleep 100$i; true")"
		client_ends 137
		tcr run -d --rm busybox sleep "200$i" >/dev/null
		kill -KILL "$(pid_of sleep "200$i")"
	done
	wait_for 5 no_containers
	assert_clean
	tcr run -d --name k busybox sleep 1000 >/dev/null
	kill -KILL "$(pid_of sleep 1000)"
	wait_for 5 has_state k exited
	tcr ps -a | grep -q 'Exited (137)'
	tcr rm k
}

@test "processes that a container leaves behind end with its first one" {
	tcr run --rm busybox sh -c 'setsid sleep 1000 & (sleep 1001 &) & echo done' >/dev/null
	[ -z "$(pids_of sleep 1000)$(pids_of sleep 1001)" ]
	assert_clean
}

@test "rm -f of 20 running containers, at once and in one command, leaves nothing" {
	local i pids=()
	for i in {1..20}; do
		tcr run -d --name "c$i" busybox sleep 1000 >/dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	[ "$(tcr ps -q | wc -l)" = 20 ]
	pids=()
	for i in {1..20}; do
		tcr rm -f "c$i" >/dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	no_containers
	assert_clean
	for i in {1..20}; do
		tcr run -d --name "c$i" busybox sleep 1000 >/dev/null
	done
	[ "$(tcr rm -f c{1..20} | wc -l)" = 20 ]
	no_containers
}

# Two may ask at the same time; one of them may come too late.
@test "stop, kill and rm of the same container at once leave nothing" {
	local i pids
	for i in {1..10}; do
		tcr run -d --name same busybox sleep 1000 >/dev/null
		pids=()
		tcr stop -t 0 same >/dev/null 2>&1 &
		pids+=($!)
		tcr rm -f same >/dev/null 2>&1 &
		pids+=($!)
		tcr kill same >/dev/null 2>&1 &
		pids+=($!)
		tcr rm -f same >/dev/null 2>&1 &
		pids+=($!)
		wait "${pids[@]}" || true
		no_containers
	done
}

# Runs the client on a terminal.
on_terminal()
{
	script -qec "$TCRBOX tcr $*" /dev/null </dev/null
}

terminals()
{
	local i
	for i in {1..15}; do
		[[ $(on_terminal "run --rm -t busybox echo hello $i") == "hello $i"* ]] || return
		tcr run -d --rm -t busybox echo nobody reads this >/dev/null || return
		! tcr run --rm -t busybox /nope 2>/dev/null || return
	done
	wait_for 5 no_containers
}

@test "runs with a terminal leave nothing, and the daemon does not grow" {
	[ "$(on_terminal run --rm -t busybox tty | tr -d '\r')" = /dev/pts/0 ]
	terminals
	assert_clean
	does_not_grow terminals
}

only_one_image_directory()
{
	[ "$(find "$TCR_ROOT/images_root" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
}

load_and_remove()
{
	local i
	for ((i = 0; i < $1; i++)); do
		tcr image load busybox2.sqfs >/dev/null && tcr image rm busybox2 >/dev/null || return
	done
	[ "$(tcr image ls -q | wc -l)" = 1 ] && only_one_image_directory
}

@test "an image loaded and removed 50 times leaves nothing, and the daemon does not grow" {
	image_tree busybox2
	pack busybox2
	load_and_remove 5
	does_not_grow load_and_remove 50
}

@test "loads that fail leave nothing" {
	local i
	head -c 500000 "$BUSYBOX_SQFS" >part
	for i in {1..10}; do
		! tcr image load part 2>/dev/null || false
		! tcr image load - <part 2>/dev/null || false
		! tcr image load --link part 2>/dev/null || false
	done
	only_one_image_directory
}

@test "a load from a pipe ends with its client, though the pipe stays open" {
	mkfifo pipe
	"$TCRBOX" tcr image load - <pipe 3>&- &
	local client=$!
	exec 4>pipe
	head -c 500000 "$BUSYBOX_SQFS" >&4
	wait_for 5 eval '! only_one_image_directory'
	kill -KILL $client
	wait $client || true
	wait_for 5 only_one_image_directory
	assert_clean
	exec 4>&-
}

@test "a client killed at any moment of its run leaves nothing but a container that runs" {
	local i pid ms
	RANDOM=1
	for i in {1..40}; do
		"$TCRBOX" tcr run --name "k$i" --rm busybox sleep 1000 >/dev/null 2>&1 3>&- &
		pid=$!
		printf -v ms '%03d' $((RANDOM % 30))
		sleep "0.$ms"
		kill -KILL $pid
		wait $pid || true
	done
	all_run()
	{
		[ "$(tcr ps -aq)" = "$(tcr ps -q)" ] && ! tcr ps -a | grep -q Created
	}
	wait_for 10 all_run
}

# The daemon is stopped while the client asks and dies: it finds the request of a dead one.
@test "a container whose client vanished before it ran is stopped" {
	local pid
	for options in --rm "--name gone"; do
		kill -STOP "$TCRD_PID"
		# shellcheck disable=SC2086 # words
		"$TCRBOX" tcr run $options busybox sleep 1000 3>&- &
		pid=$!
		wait_for 5 grep -q '^State:.S' "/proc/$pid/status"
		kill -KILL $pid
		wait $pid || true
		kill -CONT "$TCRD_PID"
		tcr version >/dev/null
		wait_for 5 eval '[ -z "$(pids_of sleep 1000)" ] && [ -z "$(tcr ps -q)" ]'
	done
}

@test "a container whose client vanishes later goes on, and can be stopped" {
	start_client run --name on busybox sh -c 'trap "exit 5" TERM; echo up; while :; do sleep 0.1; done'
	wait_for 5 grep -q up out
	kill -KILL "$CLIENT"
	wait "$CLIENT" || true
	has_state on running
	tcr stop on >/dev/null
	has_state on exited
	tcr ps -a | grep -q 'Exited (5)'
}

@test "a client on a terminal that vanishes leaves a container that can still write" {
	local pid
	script -qec "echo \$\$ >pid; exec $TCRBOX tcr run --rm --name tty -t busybox \
		sh -c 'echo up; while :; do echo 0123456789012345678901234567890123456789; done'" \
		/dev/null </dev/null >typescript 2>&1 3>&- &
	pid=$!
	wait_for 5 grep -q up typescript
	kill -KILL "$(cat pid)"
	wait $pid || true
	has_state tty running
	# Were nobody to read, it would stand still with a full terminal.
	local c before
	c=$(pids_of sh -c 'echo up; while :; do echo 0123456789012345678901234567890123456789; done')
	before=$(awk '/^syscw/ { print $2 }' "/proc/$c/io")
	writes_on()
	{
		(($(awk '/^syscw/ { print $2 }' "/proc/$c/io") > before + 1000))
	}
	wait_for 5 writes_on
	tcr rm -f tty >/dev/null
}
