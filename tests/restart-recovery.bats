# SPDX-License-Identifier: GPL-2.0-or-later
# Restart policies, when the daemon ends or the machine goes down.
# shellcheck disable=SC2016,SC2154 # text to evaluate later; variables of lib/container

load lib/helper
load lib/container
load lib/policy

setup()
{
	begin
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
	wait_for 10 eval '[ "$(runs up-always) $(runs stopped-always) $(runs worn-out) $(runs ended)" = "1 2 2 1" ]'
	[ "$(state_of created-always)" = created ]
}

@test "after SIGTERM, and after a reboot, those that ran start again, and no others" {
	make_all
	stop_tcrd
	start_tcrd
	up_are "killed stopped-always up-always up-on-failure up-unless-stopped"
	wait_for 10 eval '[ "$(runs up-always) $(runs up-no) $(runs worn-out) $(runs ended)" = "2 1 2 1" ]'
	[ "$(state_of created-always)" = created ]
	tcr stop -t 0 stopped-always >/dev/null
	reboot
	up_are "killed stopped-always up-always up-on-failure up-unless-stopped"
	wait_for 10 eval '[ "$(runs up-always) $(runs up-no) $(runs worn-out) $(runs ended)" = "3 1 2 1" ]'
	[ "$(state_of created-unless-stopped)" = created ]
	reboot TERM
	up_are "killed stopped-always up-always up-on-failure up-unless-stopped"
}

@test "on-failure: who answers the end of the daemon with success is done, with a failure not" {
	local code
	for code in 0 7; do
		run_policy "code-$code" on-failure "$(polite $code)"
		wait_for 10 test -e ready
		rm ready
	done
	stop_tcrd
	start_tcrd
	up_are code-7
	prints 0 tcr inspect --format '{{.State.ExitCode}}' code-0
	reboot
	up_are code-7
	[ "$(runs code-0)" = 1 ]
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

@test "a stop that the daemon's death cut off is done by the next one" {
	run_policy a unless-stopped 'trap "" TERM; while :; do usleep 20000; done'
	wait_for 10 ran_at_least a 1
	start_client stop -t 600 a
	wait_for 10 eval 'test -e "$TCR_ROOT"/containers/*/down'
	kill_tcrd
	client_ends 125
	start_tcrd
	wait_for 20 has_state a exited
	[ "$(runs a)" = 1 ]
}

@test "a container that restarts five times writes nothing to the disk" {
	mkdir /run/flag
	snapshot()
	{
		find "$TCR_ROOT" -printf '%p %i %s %T@ %C@\n' | sort
	}
	for option in --read-only --tty; do
		rm -f /run/flag/runs
		tcr run -d --name a --restart always --network none $option -v /run/flag:/here busybox \
			sh -c 'echo x >>/here/runs; usleep 100000' >/dev/null
		wait_for 10 test -s /run/flag/runs
		snapshot >before
		wait_for 30 eval '[ "$(wc -l </run/flag/runs)" -ge 6 ]'
		snapshot | diff before - || fail "the root has changed" || return
		tcr rm -f a >/dev/null
	done
}
