# SPDX-License-Identifier: GPL-2.0-or-later
# Terminals outlive a daemon that is killed.

load lib/helper
load lib/container
load lib/terminal

setup()
{
	begin
	begin_terminal
}

# Prints the processes that keep terminals.
keepers()
{
	grep -lx tcr-keeper /proc/[0-9]*/comm 2>/dev/null | tr -dc '0-9\n'
}

has_keepers()
{
	[ "$(keepers | grep -c .)" = "$1" ]
}

init_of()
{
	tcr inspect --format '{{.State.Pid}}' "$1"
}

# in_shell COMMAND: types it in the shell of the container x.
in_shell()
{
	COMMAND=$1 open_terminal <<-'END'
		tcr attach x
	END
	type_keys "$1"'\r'
}

@test "a container with a terminal is not disturbed by SIGKILL of the daemon, and can be attached again" {
	tcr run -dit --name x --stop-timeout 0 busybox sh >/dev/null
	local pid
	pid=$(init_of x)
	in_shell 'echo $((6 * 7))0'
	shows '^420'
	type_keys '\x10\x11'
	terminal_ends 0
	kill_tcrd
	kill -0 "$pid"
	start_tcrd
	has_state x running
	[ "$(init_of x)" = "$pid" ]
	in_shell 'echo $((7 * 7))0; exit 6'
	shows '^490'
	terminal_ends 6
}

@test "what is printed while no daemon lives is in the log of the next one" {
	tcr run -dt --name x --stop-timeout 0 -v .:/here busybox sh -c 'until [ -e /here/go ]; do sleep 0.05; done
		echo printed; echo 1 >/here/ended; sleep 1000' >/dev/null
	kill_tcrd
	touch go
	wait_for 10 test -s ended
	start_tcrd
	wait_for 10 eval 'tcr logs x | grep -q printed'
}

@test "one keeper is enough for all, and it ends with the last terminal" {
	has_keepers 0
	local i
	for i in 1 2 3 4 5; do
		tcr run -dt --name "x$i" --stop-timeout 0 busybox sleep 1000 >/dev/null
	done
	wait_for 5 has_keepers 1
	tcr rm -f x1 x2 x3 x4 >/dev/null
	wait_for 5 has_keepers 1
	wait_for 5 eval '[ "$(find "/proc/$(keepers)/fd" -type l | wc -l)" = 1 ]'
	kill_tcrd
	has_keepers 1
	start_tcrd
	wait_for 5 has_keepers 1
	tcr rm -f x5 >/dev/null
	wait_for 5 has_keepers 0
	[ ! -e "$TCR_RUN/terminals" ]
}

@test "a container without a terminal has no keeper" {
	tcr run -d --name x --stop-timeout 0 busybox sleep 1000 >/dev/null
	has_keepers 0
}

@test "the keeper holds nothing but terminals, has no rights, and does not run" {
	tcr run -dt --name x --stop-timeout 0 busybox sleep 1000 >/dev/null
	wait_for 5 has_keepers 1
	local pid
	pid=$(keepers)
	wait_for 5 eval '[ "$(find "/proc/$pid/fd" -type l -printf "%l\n" | sort -u)" = /dev/pts/ptmx ]'
	grep -q '^CapEff:[[:space:]]*0*$' "/proc/$pid/status"
	grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$pid/status"
	wait_for 5 grep -q '^State:[[:space:]]*S' "/proc/$pid/status"
}

@test "a keeper that was killed is no harm, and the next terminal has another" {
	tcr run -dt --name x --stop-timeout 0 busybox sleep 1000 >/dev/null
	wait_for 5 has_keepers 1
	kill -KILL "$(keepers)"
	wait_for 5 has_keepers 0
	has_state x running
	tcr run -dt --name y --stop-timeout 0 busybox sleep 1000 >/dev/null
	wait_for 5 has_keepers 1
	kill_tcrd
	start_tcrd
	[ "$(tcr ps -q | wc -l)" = 2 ]
}

@test "a daemon that is killed again and again while terminals come leaves one keeper" {
	local i
	for i in 1 2 3 4 5 6; do
		tcr run -dt --name "x$i" --stop-timeout 0 busybox sleep 1000 >/dev/null 2>&1 &
		sleep "0.0$i"
		kill_tcrd
		wait $! || true
		start_tcrd
	done
	tcr run -dt --name last --stop-timeout 0 busybox sleep 1000 >/dev/null
	wait_for 5 has_keepers 1
	# shellcheck disable=SC2046 # a list
	tcr rm -f $(tcr ps -aq) >/dev/null
	wait_for 5 has_keepers 0
}

@test "SIGHUP: the next image of the daemon keeps the terminals" {
	tcr run -dit --name x --stop-timeout 0 busybox sh >/dev/null
	kill -HUP "$TCRD_PID"
	wait_for 20 eval '[ "$(grep -c "ready at" "$TCRD_LOG")" = 2 ]'
	count_fds
	wait_for 5 has_keepers 1
	in_shell 'echo $((7 * 7))0'
	shows '^490'
	type_keys '\x10\x11'
	terminal_ends 0
	kill_tcrd
	start_tcrd
	in_shell 'exit 6'
	terminal_ends 6
}

@test "a terminal that nobody has open for a while is used again" {
	tcr run -dt --name a --network none busybox sh -c \
		'echo one; exec <&- >&- 2>&-; sleep 0.5; echo two >/dev/console; exec sleep 1000'
	wait_for 10 eval 'tcr logs a | grep -q two'
}

@test "exec -dt: a command that closes its terminal is not hung up" {
	tcr run -d --name a --network none busybox sleep 1000
	tcr exec -dt a sh -c 'exec <&- >&- 2>&-; sleep 0.5; exec sleep 1001'
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
}
