# SPDX-License-Identifier: GPL-2.0-or-later
# pause, unpause, stop, kill and rm, as docker has them.
# shellcheck disable=SC2016,SC2034,SC2154 # text to evaluate later; variables of lib/container

load lib/helper
load lib/container
load lib/policy

setup()
{
	begin
}

@test "pause freezes all processes of a container, and unpause lets them go on" {
	tcr run -d --name a -v .:/here busybox \
		sh -c 'while echo x >>/here/n; do usleep 10000; done' >/dev/null
	wait_for 10 test -s n
	prints a tcr pause a
	has_state a paused
	local size
	# The last write may be under way.
	wait_for 5 eval 'size=$(stat -c %s n); sleep 0.3; [ "$(stat -c %s n)" = "$size" ]'
	refuses '"a" is paused' tcr pause a
	refuses '"a" is paused' tcr rm a
	prints a tcr unpause a
	size=$(stat -c %s n)
	wait_for 10 eval '[ "$(stat -c %s n)" -gt "$size" ]'
	refuses '"a" is running' tcr unpause a
	tcr stop -t 0 a >/dev/null
	refuses '"a" is exited' tcr pause a
	refuses 'no such container' tcr pause nobody
}

@test "a paused container can be stopped, killed and removed" {
	tcr run -d --name a -v .:/here busybox sh -c "$(polite 8)" >/dev/null
	wait_for 10 test -e ready
	tcr pause a >/dev/null
	prints a tcr stop -t 60 a
	has_status a 'Exited (8)'
	tcr start a >/dev/null
	tcr pause a >/dev/null
	prints a tcr kill a
	prints 137 tcr wait a
	tcr start a >/dev/null
	tcr pause a >/dev/null
	prints a tcr rm -f a
}

@test "a paused container outlives the daemon, paused" {
	tcr run -d --name a busybox sleep 1001 >/dev/null
	tcr pause a >/dev/null
	kill_tcrd
	start_tcrd
	has_state a paused
	prints a tcr unpause a
	is_running a
}

@test "stop of what does not run succeeds; kill of it is an error" {
	tcr create --name a busybox >/dev/null
	prints a tcr stop a
	refuses '"a" is not running' tcr kill a
	tcr start -a a </dev/null
	prints a tcr stop a
	refuses '"a" is not running' tcr kill a
	refuses 'no such container' tcr stop nobody
	refuses 'no such container' tcr kill nobody
	prints a tcr rm a
	refuses 'no such container' tcr rm a
}

@test "rm of a container that has just ended works as soon as ps calls it exited" {
	for _ in 1 2 3 4 5 6 7 8; do
		tcr run -d --name a busybox true >/dev/null
		wait_for 10 has_state a exited
		prints a tcr rm a
	done
}

@test "start -a works as soon as ps calls a container exited" {
	tcr create --name a busybox sh -c 'exit 3' >/dev/null
	for _ in 1 2 3 4 5 6 7 8; do
		tcr start a >/dev/null
		wait_for 10 has_state a exited
		exits 3 tcr start -a a
	done
}
