# SPDX-License-Identifier: GPL-2.0-or-later
# Restart policies, as docker has them. The delays themselves are tests/unit/restart.c's.
# shellcheck disable=SC2016,SC2154 # text to evaluate later; variables of lib/container

load lib/helper
load lib/container

setup()
{
	begin
}

# run_policy NAME POLICY COMMAND: a container that writes a line to the file NAME at each run.
run_policy()
{
	tcr run -d --name "$1" --restart "$2" -v .:/here busybox \
		sh -c "echo \$(cut -d ' ' -f 1 /proc/uptime) >>/here/$1; $3" >/dev/null
}

# How often the container NAME ran.
runs()
{
	if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi
}

ran_at_least()
{
	[ "$(runs "$1")" -ge "$2" ]
}

restarts_of()
{
	tcr inspect --format '{{.RestartCount}}' "$1"
}

# kill_process NAME: ends its process as an error of its own would, behind the daemon's back.
kill_process()
{
	kill -KILL "$(tcr inspect --format '{{.State.Pid}}' "$1")"
}

# reboot [SIGNAL]: the machine goes down: the daemon by SIGNAL, else as the power does.
reboot()
{
	if [ -n "${1-}" ]; then
		stop_tcrd
	else
		kill_tcrd
		find /sys/fs/cgroup -path '*/tcr*/*' -name cgroup.procs -exec cat {} + 2>/dev/null |
			sort -u | while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
	fi
	awk -v dir="$TCR_RUN/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | tac |
		while read -r m; do umount -l "$m"; done
	rm -rf "$TCR_RUN"
	start_tcrd
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
	wait_for 30 ran_at_least a 5
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

# --- the daemon ends, the machine goes down

# What is to be there after the daemon was started again: each policy, ended in each way.
make_all()
{
	local policy
	for policy in no on-failure unless-stopped always; do
		run_policy "up-$policy" $policy 'exec sleep 1001'
		run_policy "stopped-$policy" $policy 'exec sleep 1001'
		wait_for 10 ran_at_least "stopped-$policy" 1
		tcr stop -t 0 "stopped-$policy" >/dev/null
		tcr create --name "created-$policy" --restart $policy busybox sleep 1001 >/dev/null
	done
	run_policy killed always 'exec sleep 1001'
	run_policy ended on-failure 'exit 0'
	run_policy worn-out on-failure:1 'exit 1'
	wait_for 10 ran_at_least killed 1
	tcr kill killed >/dev/null
	wait_for 20 ran_at_least killed 2
	wait_for 20 has_state worn-out exited
	wait_for 20 has_state ended exited
	wait_for 20 has_state killed running
	for policy in no on-failure unless-stopped always; do
		wait_for 10 ran_at_least "up-$policy" 1
	done
}

# Prints what runs, in order.
up()
{
	tcr ps --format json | jq -r 'select(.State == "running").Names' | sort | xargs
}

up_are()
{
	wait_for 20 eval '[ "$(up)" = '"'$1'"' ]' || fail "$(up)"
}

@test "after SIGKILL of the daemon those that were stopped stay so, but for always; the rest goes on" {
	make_all
	kill_tcrd
	start_tcrd
	up_are "killed stopped-always up-always up-no up-on-failure up-unless-stopped"
	[ "$(runs up-always) $(runs stopped-always) $(runs worn-out) $(runs ended)" = "1 2 2 1" ]
	[ "$(state_of created-always)" = created ]
}

@test "after SIGTERM, and after a reboot, those that ran start again, and no others" {
	make_all
	stop_tcrd
	start_tcrd
	up_are "killed stopped-always up-always up-on-failure up-unless-stopped"
	[ "$(runs up-always) $(runs up-no) $(runs worn-out) $(runs ended)" = "2 1 2 1" ]
	[ "$(state_of created-always)" = created ]
	tcr stop -t 0 stopped-always >/dev/null
	reboot
	up_are "killed stopped-always up-always up-on-failure up-unless-stopped"
	wait_for 10 eval '[ "$(runs up-always) $(runs up-no) $(runs worn-out) $(runs ended)" = "3 1 2 1" ]'
	[ "$(state_of created-unless-stopped)" = created ]
	reboot TERM
	up_are "killed stopped-always up-always up-on-failure up-unless-stopped"
}

@test "a stop counts for the policy that comes later, too" {
	run_policy a no 'exec sleep 1001'
	run_policy b on-failure:1 'exit 1'
	wait_for 10 ran_at_least a 1
	wait_for 20 has_state b exited
	tcr stop -t 0 a >/dev/null
	tcr update --restart unless-stopped a >/dev/null
	tcr update --restart always b >/dev/null
	reboot
	wait_for 20 ran_at_least b 3
	has_state a exited
	[ "$(runs a)" = 1 ]
	tcr start a >/dev/null
	reboot
	up_are a || [ "$(state_of a)" = running ]
}

@test "the delay, and the count, go on over the daemon's end" {
	run_policy a on-failure:4 'exit 1'
	wait_for 20 ran_at_least a 3
	kill_tcrd
	start_tcrd
	wait_for 20 has_state a exited
	[ "$(runs a)" = 5 ]
	[ "$(restarts_of a)" = 4 ]
}

@test "a container that restarts five times writes nothing to the disk" {
	mkdir /run/flag
	tcr run -d --name a --restart always --read-only -v /run/flag:/here busybox \
		sh -c 'echo x >>/here/runs; sleep 0.1' >/dev/null
	wait_for 10 test -s /run/flag/runs
	snapshot()
	{
		find "$TCR_ROOT" -printf '%p %i %s %T@ %C@\n' | sort
	}
	snapshot >before
	wait_for 30 eval '[ "$(wc -l </run/flag/runs)" -ge 6 ]'
	snapshot | diff before - || fail "the root has changed"
	tcr rm -f a >/dev/null
}
