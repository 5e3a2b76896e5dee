# SPDX-License-Identifier: GPL-2.0-or-later
# tcr run --init: the reaper.

load lib/helper
load lib/container

setup()
{
	begin
}

# zombies N: that many processes in this sandbox have ended and were not reaped.
zombies()
{
	[ "$(cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | grep -c '^Z')" = "$1" ]
}

is_running()
{
	[ -n "$(pids_of "$@")" ]
}

no_orphans()
{
	! is_running sh -c 'until [ -e /d/go ]; do sleep 0.02; done'
}

three_orphans()
{
	[ "$(pids_of sh -c 'until [ -e /d/go ]; do sleep 0.02; done' | wc -l)" = 3 ]
}

# Three orphans that end when there is a file /d/go, and a process that waits for nobody.
ORPHANS_AND_SLEEP='for i in 1 2 3; do (sh -c "until [ -e /d/go ]; do sleep 0.02; done" & ); done
	exec sleep 98761'

@test "with --init process 1 is the reaper, and the command is its child" {
	prints $'/dev/init\nsh' tcr run --rm --init busybox sh -c \
		'for p in 1 $$; do tr "\0" "\n" </proc/$p/cmdline | head -n 1; done'
	prints 1 tcr run --rm --init busybox sh -c 'echo $PPID'
}

@test "with --init the exit code is the command's" {
	exits 0 tcr run --rm --init busybox true
	exits 7 tcr run --rm --init busybox sh -c 'exit 7'
	exits 255 tcr run --rm --init busybox sh -c 'exit 255'
	exits 137 tcr run --rm --init busybox sh -c 'kill -KILL $$'
	exits 143 tcr run --rm --init busybox sh -c 'kill -TERM $$'
}

@test "with --init a command that is not there exits with 127, one that is no program with 126" {
	assert_fails 127 '^tcr: .*nosuchcommand' tcr run --rm --init busybox nosuchcommand
	assert_fails 126 '^tcr: .*/etc' tcr run --rm --init busybox /etc
}

@test "the reaper itself says what it cannot execute, with the same exit codes" {
	mkdir v
	ln -s /nowhere v/missing
	ln -s /etc/passwd v/text
	assert_fails 127 '^tcr: cannot run "/v/missing": ' tcr run --rm --init -v ./v:/v busybox /v/missing
	assert_fails 126 '^tcr: cannot run "/v/text": Permission' tcr run --rm --init -v ./v:/v busybox /v/text
	assert_fails 126 '^tcr: cannot run "text": Permission' \
		tcr run --rm --init -v ./v:/v -e PATH=/bin:/v busybox text
}

@test "with --init PATH is searched as without it" {
	mkdir a b
	printf '#!/bin/sh\necho first\n' >a/cmd
	printf '#!/bin/sh\necho second\n' >b/cmd
	chmod 755 b/cmd
	prints second tcr run --rm --init -v ./a:/a -v ./b:/b -e PATH=/nowhere:/a:/b:/bin busybox cmd
	chmod 755 a/cmd
	prints first tcr run --rm --init -v ./a:/a -v ./b:/b -e PATH=/nowhere:/a:/b:/bin busybox cmd
}

@test "with --init orphans are reaped, without it they stay" {
	mkdir d
	tcr run -d --name none -v ./d:/d busybox sh -c "$ORPHANS_AND_SLEEP"
	wait_for 10 is_running sleep 98761
	touch d/go
	wait_for 10 zombies 3
	tcr rm -f none
	rm d/go
	tcr run -d --init --name reaper -v ./d:/d busybox sh -c "$ORPHANS_AND_SLEEP"
	wait_for 10 is_running sleep 98761
	wait_for 10 three_orphans
	touch d/go
	wait_for 10 no_orphans
	wait_for 10 zombies 0
}

@test "with --init stop ends a command that knows nothing of signals, at once" {
	tcr run -d --init --name s --stop-timeout 600 busybox sleep 98762
	wait_for 10 is_running sleep 98762
	tcr stop s
	has_status s 'Exited (143)'
}

@test "with --init each signal of kill reaches the command" {
	mkdir d
	tcr run -d --init --name k -v ./d:/d busybox sh -c '
		for s in HUP INT QUIT USR1 USR2 WINCH; do trap "echo $s >>/d/got" $s; done
		trap "exit 9" TERM
		: >/d/ready; while :; do sleep 0.02; done'
	wait_for 10 test -e d/ready
	for s in HUP INT QUIT USR1 USR2 WINCH; do
		tcr kill -s $s k
		wait_for 10 grep -qs "^$s\$" d/got
	done
	tcr kill -s TERM k
	wait_for 10 has_status k 'Exited (9)'
}

@test "with --init ctrl-c goes to the command in the foreground of the terminal" {
	tcr run -t --init --rm busybox sh -c '
		set -- $(cat /proc/$$/stat); [ "$5" = "$8" ] && [ "$5" = $$ ]'
	mkfifo keys
	exec 8<>keys
	script -qefc "$TCRBOX tcr run -it --init --rm busybox sh -c 'trap \"exit 11\" INT; echo ready; while :; do sleep 0.05; done'" \
		/dev/null <&8 >screen 2>&1 3>&- 8>&- &
	wait_for 10 grep -q ready screen
	printf '\003' >&8
	wait_for 10 is_no_process $!
	exits 11 wait $!
}

@test "with --init a user without rights, and a read-only root filesystem, are no obstacle" {
	prints_like '^uid=1000.*NoNewPrivs:.*1' tcr run --rm --init --read-only -u 1000 busybox sh -c \
		'id; grep NoNewPrivs /proc/1/status'
	exits 143 tcr run --rm --init -u 1000 busybox sh -c 'kill -TERM 1; sleep 1000'
}

@test "--init works where the run directory cannot execute" {
	mount -o remount,noexec /run
	exits 5 tcr run --rm --init busybox sh -c 'exit 5'
	mount -o remount,exec /run
}

@test "the container cannot change the reaper" {
	refuses 'Read-only' tcr run --rm --init busybox sh -c '>/dev/init'
	exits 1 tcr run --rm --init busybox sh -c '>/proc/1/exe'
	run ! tcr run --rm --init busybox sh -c 'rm /dev/init || mv /dev/init /x || umount /dev/init'
	exits 0 tcr run --rm --init busybox true
}

@test "a reaper on the host that is not as it should be is replaced" {
	tcr run --rm --init busybox true
	[ "$(stat -c %a "$TCR_RUN/init")" = 555 ]
	cp "$TCR_RUN/init" good
	echo '#!/bin/false' >"$TCR_RUN/init"
	exits 5 tcr run --rm --init busybox sh -c 'exit 5'
	cmp good "$TCR_RUN/init"
	rm "$TCR_RUN/init"
	exits 5 tcr run --rm --init busybox sh -c 'exit 5'
	cmp good "$TCR_RUN/init"
}

@test "the reaper is a static program of at most 4 KiB" {
	tcr run --rm --init busybox true
	[ "$(stat -c %s "$TCR_RUN/init")" -le 4096 ]
	[[ $(file "$TCR_RUN/init") == *statically* ]]
}

@test "--init refuses mounts that hide its program" {
	mkdir d
	refuses '/dev/init' tcr run --rm --init -v ./d:/dev busybox true
	refuses '/dev/init' tcr run --rm --init -v ./d:/dev/init busybox true
	refuses '/dev/init' tcr run --rm --init --tmpfs /dev busybox true
	exits 0 tcr run --rm --init --tmpfs /dev/shm busybox true
	[ -z "$(ls d)" ]
}

@test "with --init the next daemon adopts the container" {
	tcr run -d --init --name a busybox sleep 98763
	wait_for 10 is_running sleep 98763
	kill_tcrd
	start_tcrd
	has_state a running
	tcr stop -t 600 a
	has_state a exited
}
