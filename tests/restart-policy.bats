# SPDX-License-Identifier: GPL-2.0-or-later
# Restart policies, as docker has them. The delays themselves are tests/unit/restart.c's.
# shellcheck disable=SC2016,SC2154 # text to evaluate later; variables of lib/container

load lib/helper
load lib/container
load lib/policy

setup()
{
	begin
}

# kill_process NAME: ends its process as an error of its own would, behind the daemon's back.
kill_process()
{
	kill -KILL "$(tcr inspect --format '{{.State.Pid}}' "$1")"
}

@test "no: neither a success nor a failure is followed by another run" {
	local other
	for other in "" "--restart no"; do
		# shellcheck disable=SC2086 # words
		tcr run -d --name a $other -v .:/here busybox sh -c 'echo x >>/here/a; exit 3' >/dev/null
		wait_for 10 has_state a exited
		tcr rm a
	done
	# Whatever came behind would have come until now.
	run_policy b always true
	wait_for 20 ran_at_least b 3
	[ "$(runs a)" = 2 ]
}

@test "on-failure:N runs it exactly N + 1 times, and tells the last exit code" {
	run_policy none on-failure 'exit 0'
	run_policy once on-failure:1 'exit 4'
	run_policy thrice on-failure:3 'exit 5'
	run_policy some on-failure '[ $(wc -l </here/some) = 3 ] || exit 6'
	wait_for 20 has_state thrice exited
	wait_for 20 has_status some 'Exited (0)'
	has_status none 'Exited (0)'
	has_status once 'Exited (4)'
	has_status thrice 'Exited (5)'
	[ "$(runs none) $(runs once) $(runs thrice) $(runs some)" = "1 2 4 3" ]
	[ "$(restarts_of none) $(restarts_of once) $(restarts_of thrice)" = "0 1 3" ]
	# The user begins anew.
	tcr start once >/dev/null
	wait_for 20 ran_at_least once 4
	wait_for 20 has_state once exited
	[ "$(runs once)" = 4 ]
}

@test "always and unless-stopped: a success and a failure are followed by the next run, later each time" {
	run_policy a always 'exit 0'
	run_policy b unless-stopped 'exit 1'
	wait_for 30 ran_at_least a 5
	wait_for 30 ran_at_least b 5
	[ "$(restarts_of a)" -ge 4 ]
	# 100, 200, 400, 800 ms lie between them, and what a start takes.
	for f in a b; do
		awk 'NR > 1 { if ($1 - last < 0.09 * 2 ^ (NR - 2)) exit 1 } { last = $1 }' $f ||
			fail "too soon: $(xargs <$f)"
	done
	tcr rm -f a b >/dev/null
}

@test "ps says restarting while the next run is waited for, and rm needs -f" {
	run_policy a always 'exit 3'
	wait_for 30 ran_at_least a 6
	wait_for 20 has_state a restarting
	refuses 'a" is restarting' tcr rm a
	refuses '"a" is not running' tcr kill a
	refuses '"a" is restarting' tcr pause a
	prints a tcr rm -f a
	[ -z "$(tcr ps -aq)" ]
}

@test "a stop by the user ends a container of each policy, also during the delay, and start goes on" {
	local policy
	for policy in always unless-stopped on-failure; do
		run_policy "$policy" "$policy" 'exit 1'
		wait_for 30 ran_at_least "$policy" 4
	done
	for policy in always unless-stopped on-failure; do
		prints "$policy" tcr stop -t 0 "$policy"
		has_state "$policy" exited
		runs "$policy" >"$policy.runs"
	done
	run_policy other always 'exit 1'
	wait_for 30 ran_at_least other 4
	for policy in always unless-stopped on-failure; do
		[ "$(runs "$policy")" = "$(<"$policy.runs")" ]
		prints "$policy" tcr start "$policy"
		wait_for 20 ran_at_least "$policy" $(($(<"$policy.runs") + 2))
	done
}

@test "a kill by the user is followed by the next run, a stop is not" {
	run_policy a always 'exec sleep 1001'
	wait_for 10 ran_at_least a 1
	tcr kill a >/dev/null
	wait_for 20 ran_at_least a 2
	wait_for 10 has_state a running
	kill_process a
	wait_for 20 ran_at_least a 3
	wait_for 10 has_state a running
	tcr stop -t 0 a >/dev/null
	has_status a 'Exited (137)'
}

@test "wait and a client in the foreground end with the first run" {
	start_client run --name a --restart always -v .:/here busybox sh -c 'echo x >>/here/a; sleep 1001'
	wait_for 10 ran_at_least a 1
	wait_for 10 has_state a running
	"$TCRBOX" tcr wait a >code 3>&- &
	wait_for 10 eval '[ "$(grep -cF "$TCR_SOCKET" /proc/net/unix)" -gt 2 ]'
	tcr kill a >/dev/null
	client_ends 137
	wait $!
	[ "$(<code)" = 137 ]
	wait_for 20 ran_at_least a 2
}

@test "a stop during the delay ends who waits for the container" {
	run_policy a always 'exit 3'
	wait_for 30 ran_at_least a 5
	wait_for 20 has_state a restarting
	start_client wait a
	wait_for 10 eval '[ "$(grep -cF "$TCR_SOCKET" /proc/net/unix)" -gt 1 ]'
	tcr stop a >/dev/null
	client_ends 0
	[ "$(<out)" = 3 ]
}

@test "update ends a restart loop, and begins one" {
	run_policy a always 'exit 3'
	wait_for 30 ran_at_least a 4
	tcr update --restart no a >/dev/null
	wait_for 20 has_state a exited
	run_policy b no 'while ! [ -e /here/go ]; do usleep 10000; done; exit 2'
	wait_for 10 ran_at_least b 1
	tcr update --restart on-failure:2 b >/dev/null
	: >go
	wait_for 20 has_state b exited
	[ "$(runs b)" = 3 ]
}

@test "a command that cannot be started is an error for the user, and tried again by the policy" {
	printf '#!/bin/sh\necho x >>/here/a\nexit 1\n' >tool
	exits 126 tcr run -d --name a --restart always -v .:/here busybox /here/tool 2>err
	[ "$(wc -l <err)" = 1 ]
	chmod 755 tool
	tcr create --name a --restart always -v .:/here busybox /here/tool >/dev/null
	tcr start a >/dev/null
	wait_for 20 ran_at_least a 2
	chmod 644 tool
	wait_for 20 eval '[ "$(restarts_of a)" -gt $(($(runs a) + 1)) ]'
	# Nobody is left to wait for a start that fails again and again.
	wait_for 20 has_state a restarting
	exits 126 tcr start a 2>err
	chmod 755 tool
	local before
	before=$(runs a)
	tcr start a >/dev/null
	wait_for 20 ran_at_least a $((before + 2))
}

@test "a read-only container whose image lacks a mount point is run again" {
	mkdir vol
	tcr run -d --read-only --restart always --name a -v ./vol:/not/there --network none busybox \
		sh -c 'echo x >>/not/there/runs'
	wait_for 10 eval '[ "$(wc -l <vol/runs)" -ge 3 ]'
}

@test "top of a container that waits for its next run says so" {
	run_policy w always 'exit 1'
	wait_for 30 ran_at_least w 6
	wait_for 20 has_state w restarting
	refuses '"w" is restarting, wait' tcr top w
}
