# SPDX-License-Identifier: GPL-2.0-or-later
# tcr exec at the wrong moment: many at once, while the container ends, while clients and daemons die.

load lib/helper
load lib/container

setup()
{
	begin
}

start_x()
{
	tcr run -d --name x --stop-timeout 0 busybox sleep 1000 >/dev/null
}

# end_of_all PID...: every client must end, with 0, 125, 126, 127 or 137. What they said is in files.
end_of_all()
{
	local pid status
	for pid; do
		wait_for 20 is_no_process "$pid" || fail "client $pid does not end" || return
		status=0
		wait "$pid" || status=$?
		[[ $status =~ ^(0|125|126|127|137)$ ]] || fail "exit code $status" || return
	done
}

@test "20 commands in parallel each get their own output and exit code" {
	local i pids=()
	start_x
	for ((i = 0; i < 20; i++)); do
		tcr exec x sh -c "echo out $i; exit $i" >"out.$i" 2>&1 &
		pids+=($!)
	done
	for ((i = 0; i < 20; i++)); do
		exits $i wait "${pids[i]}"
		[ "$(<"out.$i")" = "out $i" ]
	done
	[ -z "$(find "$TCR_RUN"/containers/*/ -mindepth 1 -maxdepth 1 -name '[0-9a-f][0-9a-f][0-9a-f]*')" ]
}

@test "20 terminals in parallel" {
	local i pids=()
	start_x
	for ((i = 0; i < 20; i++)); do
		tcr exec -t x sh -c "tty >/dev/null && echo out $i" >"out.$i" 2>&1 &
		pids+=($!)
	done
	for ((i = 0; i < 20; i++)); do
		exits 0 wait "${pids[i]}"
		[ "$(tr -d '\r' <"out.$i")" = "out $i" ]
	done
}

@test "commands that are started while the container is removed by force end, and nothing is left" {
	local i j pids
	for i in 1 2 3 4 5 6; do
		start_x
		pids=()
		for j in 1 2 3 4 5; do
			tcr exec x true 2>"err.$j" &
			pids+=($!)
		done
		[ $((i % 2)) = 0 ] || tcr exec x true
		tcr rm -f x >/dev/null
		end_of_all "${pids[@]}"
	done
	assert_clean
}

@test "commands that are started while the container stops end, and nothing is left" {
	local i j pids
	for i in 1 2 3 4 5 6; do
		start_x
		pids=()
		for j in 1 2 3; do
			tcr exec x sleep 1001 2>"err.$j" &
			pids+=($!)
			tcr exec -t x sleep 1001 >"err.$j" 2>&1 &
			pids+=($!)
		done
		[ $((i % 2)) = 0 ] || tcr exec x true
		tcr stop x >/dev/null
		end_of_all "${pids[@]}"
		[ -z "$(pids_of sleep 1001)" ]
		tcr rm x >/dev/null
	done
	assert_clean
}

@test "commands that are started while the container's first process ends by itself" {
	local i pids
	for i in 0 0.02 0.05 0.1 0.15; do
		tcr run -d --name x busybox sleep "$i" >/dev/null
		pids=()
		while has_state x running; do
			tcr exec x true 2>/dev/null &
			pids+=($!)
			((${#pids[@]} < 30)) || break
		done
		end_of_all "${pids[@]}"
		tcr rm -f x >/dev/null
	done
	assert_clean
}

@test "a command whose container ends is gone even if it ignores signals" {
	start_x
	start_client exec x sh -c 'trap "" TERM INT HUP; echo go; while :; do sleep 0.05; done'
	wait_for 10 grep -q go out
	tcr rm -f x >/dev/null
	client_ends 137
}

@test "a client that is killed at any moment leaves nothing, and the container does not mind" {
	local i pid
	start_x
	for ((i = 0; i < 30; i++)); do
		"$TCRBOX" tcr exec x true >/dev/null 2>&1 3>&- &
		pid=$!
		usleep $((i * 400)) 2>/dev/null || sleep "$(printf '0.%04d' $((i * 4)))"
		kill -KILL $pid 2>/dev/null || true
		wait $pid || true
	done
	prints works tcr exec x echo works
	wait_for 10 eval '[ -z "$(pids_of true)" ]'
	wait_for 10 eval '[ "$(children_of "$TCRD_PID" | grep -c .)" -le 2 ]'
}

@test "the terminal of a client that is killed at any moment is hung up" {
	local i pid
	start_x
	for ((i = 0; i < 20; i++)); do
		"$TCRBOX" tcr exec -t x sleep 1001 >/dev/null 2>&1 3>&- &
		pid=$!
		sleep "$(printf '0.%04d' $((i * 6)))"
		kill -KILL $pid 2>/dev/null || true
		wait $pid || true
	done
	wait_for 10 eval '[ -z "$(pids_of sleep 1001)" ]'
	prints works tcr exec x echo works
}

@test "commands outlive a killed daemon, and are ended with the container by the next one" {
	start_x
	start_client exec x sh -c 'echo go; exec sleep 1001'
	wait_for 10 grep -q go out
	kill_tcrd
	client_ends 125
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]' # until then it is a shell
	start_tcrd
	prints works tcr exec x echo works
	tcr rm -f x >/dev/null
	[ -z "$(pids_of sleep 1001)" ]
	assert_clean
}

@test "a daemon that is killed while commands start leaves nothing that the next one does not clear" {
	local i j
	for i in 1 2 3 4; do
		start_x
		for j in 1 2 3 4 5; do
			tcr exec x true >/dev/null 2>&1 &
			tcr exec -t x true >/dev/null 2>&1 &
		done
		[ $((i % 2)) = 0 ] || sleep 0.02
		kill_tcrd
		start_tcrd
		has_state x running
		prints works tcr exec x echo works
		tcr rm -f x >/dev/null
		assert_clean
	done
}

@test "SIGHUP: commands keep their clients, terminals and exit codes" {
	start_x
	tcr exec x sh -c 'echo go; until [ -e /tmp/go ]; do sleep 0.05; done; exit 7' >out.1 &
	local one=$! two
	tcr exec -t x sh -c 'echo go; until [ -e /tmp/go ]; do sleep 0.05; done; exit 8' >out.2 &
	two=$!
	tcr exec -dt x sh -c 'until [ -e /tmp/go ]; do sleep 0.05; done; yes | head -c 100000; echo 9 >/tmp/nine'
	wait_for 10 grep -q go out.1
	wait_for 10 grep -q go out.2
	kill -HUP "$TCRD_PID"
	wait_for 20 eval '[ "$(grep -c "ready at" "$TCRD_LOG")" = 2 ]'
	count_fds
	tcr exec x touch /tmp/go
	exits 7 wait $one
	exits 8 wait $two
	wait_for 10 tcr exec x test -s /tmp/nine
}
