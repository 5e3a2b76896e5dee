# SPDX-License-Identifier: GPL-2.0-or-later
# What surrounds daemon and client goes wrong: descriptors, readers, disks, signals, power.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

@test "a daemon that was started without standard descriptors runs containers" {
	stop_tcrd
	"$TCRBOX" tcrd --root "$TCR_ROOT" --run-dir "$TCR_RUN" 0<&- 1>&- 2>&- 3>&- &
	TCRD_PID=$!
	wait_for 10 eval 'tcr version >/dev/null 2>&1'
	prints works tcr run --rm busybox echo works
	[ ! -s "$TCR_ROOT/lock" ]
	kill "$TCRD_PID"
	wait "$TCRD_PID"
	start_tcrd
}

@test "the terminal is restored when the reader of its output goes away" {
	cat >script <<-'END'
		stty -g >before
		"$TCRBOX" tcr run -it --rm busybox sh -c 'while echo hello; do usleep 50000; done' | head -n 1
		stty -g >after
	END
	timeout 60 script -qec "sh script" /dev/null </dev/null >screen 3>&-
	cmp before after
	# shellcheck disable=SC2046 # a list
	tcr rm -f $(tcr ps -q)
}

@test "a client whose output nobody reads still takes signals to its container" {
	local client reader
	mkfifo unread
	# shellcheck disable=SC2217 # it keeps the other end open
	sleep 60 <unread 3>&- &
	reader=$!
	env --default-signal=TERM "$TCRBOX" tcr run -t --rm -v .:/here busybox \
		sh -c 'trap "exit 9" TERM; yes & : >/here/ready; while :; do wait; done' >unread 3>&- &
	client=$!
	wait_for 10 test -e ready
	kill -TERM $client
	wait_for 10 eval '[ -z "$(tcr ps -q)" ]'
	# Then the client only waits for what it still has to say.
	kill $reader
	wait_for 10 is_no_process $client
}

@test "more than a megabyte of output arrives whole" {
	local args=() i
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		args+=("$(printf '%0120000d' "$i")")
	done
	tcr run -d --name big busybox sh -c 'sleep 1000' "${args[@]}" >/dev/null
	tcr ps --no-trunc >out
	[ "$(wc -c <out)" -gt 1400000 ]
	tail -n 1 out | grep -q 'big$'
	tcr rm -f big
}

@test "output that cannot be written is an error" {
	assert_fails 125 'No space left' sh -c '"$TCRBOX" tcr ps >/dev/full'
	assert_fails 125 'No space left' sh -c '"$TCRBOX" tcr help >/dev/full'
}

@test "control characters in a listing are made harmless" {
	tcr run -d --name c busybox sh -c $'sleep 1000; : \xc2\x9b31m\e[31m\x80' >/dev/null
	tcr ps --no-trunc >out
	run ! grep -qP '[\x00-\x08\x0b-\x1f\x7f\x80\x9b]' out
	tcr rm -f c
}

@test "a client that was started with nohup does not hand SIGHUP on" {
	env --ignore-signal=HUP "$TCRBOX" tcr run --rm -v .:/here busybox \
		sh -c 'trap "exit 1" HUP; trap "exit 5" USR1; : >/here/ready; while :; do usleep 50000; done' 3>&- &
	wait_for 10 test -e ready
	kill -HUP $!
	kill -USR1 $!
	exits 5 wait $!
}

@test "a signal that comes before the container runs reaches it" {
	local i
	for i in 1 2 3 4 5; do
		start_client run --rm busybox sleep 1000
		wait_for 5 grep -q 'tcr' "/proc/$CLIENT/cmdline"
		wait_for 5 eval 'grep -q "^SigBlk:.*[1-9a-f]" "/proc/$CLIENT/status"'
		kill -USR1 "$CLIENT"
		kill -0 "$CLIENT"
		wait_for 10 eval '[ -n "$(tcr ps -q)" ]'
		tcr rm -f "$(tcr ps -q)" >/dev/null
		client_ends 137
	done
}

@test "a load repairs an image that was damaged on disk" {
	local id
	id=$(tcr image ls -q --no-trunc)
	: >"$TCR_ROOT/images_root/${id#sha256:}/image.sqfs"
	run ! tcr run --rm busybox true
	load_busybox >/dev/null
	prints works tcr run --rm busybox echo works
}

@test "after a reboot the containers are there, as exited, and --rm ones are gone" {
	tcr run -d --name a busybox sleep 1000 >/dev/null
	tcr run -d --name b --rm busybox sleep 1000 >/dev/null
	tcr run --name c busybox sh -c 'exit 3' || true
	wait_for 10 eval '[ "$(pids_of sleep 1000 | wc -l)" = 2 ]'
	kill_tcrd
	pids_of sleep 1000 | xargs kill -KILL
	# Nothing of /run survives, no mount does.
	awk -v dir="$TCR_RUN/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | tac |
		while read -r m; do umount -l "$m"; done
	rm -rf "$TCR_RUN"
	start_tcrd
	has_status a 'Exited (255)'
	has_status c 'Exited (255)'
	[ "$(tcr ps -aq | wc -l)" = 2 ]
	[ "$(find "$TCR_ROOT/containers" -mindepth 1 -maxdepth 1 | wc -l)" = 2 ]
	tcr rm a c >/dev/null
	assert_clean
}
