# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed while containers print: no byte is lost, and none is there twice.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
	mkdir d
}

# start_counting NAME [OPTION...]: a container that prints 1, 2, ... on both streams as fast as it
# can, until d/stop is there. How far it came is in d/out and d/err.
start_counting()
{
	# shellcheck disable=SC2016 # for the container's shell
	tcr run -d --name "$@" -v "$PWD/d:/d" busybox sh -c '
		count() { i=0; while [ ! -e /d/stop ]; do i=$((i+1)); echo $i; done; echo $i >/d/$1; }
		count out &
		count err >&2 &
		wait' >/dev/null
}

# crash N: kills the daemon and starts another one, N times, each a little later than the last one.
crash()
{
	local i
	for ((i = 0; i < $1; i++)); do
		sleep "0.0$((i * 7 % 100))"
		kill_tcrd
		start_tcrd || return
	done
}

stop_counting()
{
	: >d/stop
	tcr wait "$1" >/dev/null
	tcr logs "$1" >out 2>err
}

# is_end_of_count FILE LAST: FILE has numbers up to LAST, none is missing. It may have none at all:
# then the other stream has the whole of the log.
is_end_of_count()
{
	local n
	n=$(wc -l <"$1")
	cmp "$1" <(seq $(($2 - n + 1)) "$2")
}

@test "a container that prints all the time loses no line when the daemon is killed" {
	start_counting a --log-opt max-size=64m
	crash 9
	stop_counting a
	cmp out <(seq 1 "$(<d/out)")
	cmp err <(seq 1 "$(<d/err)")
}

@test "rotations that a crash interrupts leave two files, and no hole" {
	local dir
	start_counting a --log-opt max-size=16k
	dir=$(echo "$TCR_RUN"/logs/*)
	crash 9
	stop_counting a
	is_end_of_count out "$(<d/out)"
	is_end_of_count err "$(<d/err)"
	(($(cat out err | wc -l) > 1000))
	(($(find "$dir" -type f | wc -l) <= 4))
	(($(cat "$dir"/* | wc -c) <= 32768))
}

@test "what is printed while there is no daemon is kept, and the container waits when that is much" {
	mkdir e
	tcr run -d --name a -v "$PWD/d:/d" busybox sh -c \
		'while [ ! -e /d/go ]; do usleep 10000; done; seq 30000; : >/d/done; while [ ! -e /d/end ]; do usleep 10000; done'
	kill_tcrd
	: >d/go
	sleep 0.3
	[ ! -e d/done ]
	start_tcrd
	wait_for 10 test -e d/done
	: >d/end
	tcr wait a
	tcr logs a >out
	is_end_of_count out 30000
	(($(wc -l <out) > 1000))
}

@test "a daemon that was killed goes on with the log that is there" {
	tcr run -d --name a -v "$PWD/d:/d" busybox sh -c \
		'echo before; while [ ! -e /d/go ]; do usleep 10000; done; echo after; echo error >&2'
	wait_for 5 prints before tcr logs a
	kill_tcrd
	start_tcrd
	start_client logs -f a
	: >d/go
	client_ends 0
	[ "$(<out)" = $'before\nafter' ]
	[ "$(<err)" = error ]
	kill_tcrd
	start_tcrd
	prints $'before\nafter' tcr logs a 2>/dev/null
}

@test "--log-dir: the same on a disk, which nobody waits for" {
	local dir=$PWD/disk
	mkdir disk
	start_counting a --log-dir "$dir" --log-opt max-size=64m
	crash 5
	stop_counting a
	cmp out <(seq 1 "$(<d/out)")
	cmp err <(seq 1 "$(<d/err)")
	tcr rm a
	[ -z "$(ls -A disk)" ]
}

# --- SIGHUP

# reload: the daemon executes itself again.
reload()
{
	local n
	n=$(grep -c 'ready at' "$TCRD_LOG")
	kill -HUP "$TCRD_PID"
	wait_for 20 was_ready $((n + 1))
}

# was_ready TIMES
was_ready()
{
	[ "$(grep -c 'ready at' "$TCRD_LOG")" -ge "$1" ]
}

@test "over SIGHUP nothing is lost, and followers follow on" {
	local i
	start_counting a --log-opt max-size=64m
	"$TCRBOX" tcr logs -f a >follow 2>follow.err 3>&- &
	CLIENT=$!
	for i in {1..5}; do
		sleep "0.0$((i * 17))"
		reload
	done
	: >d/stop
	client_ends 0
	cmp follow <(seq 1 "$(<d/out)")
	cmp follow.err <(seq 1 "$(<d/err)")
	tcr logs a >out 2>err
	cmp out follow
	cmp err follow.err
}

@test "options of a follower, and a line that it is in, are the same after SIGHUP" {
	tcr run -d --name a -v "$PWD/d:/d" busybox sh -c \
		'seq 5; printf half; while [ ! -e /d/go ]; do usleep 10000; done; echo " line"; echo next'
	wait_for 5 prints $'5\nhalf' tcr logs -n 2 a
	start_client logs -f -t -n 2 a
	wait_for 5 grep -q half out
	reload
	: >d/go
	client_ends 0
	[ "$(cut -d' ' -f2- out)" = $'5\nhalf line\nnext' ]
}

@test "a reader that has stopped to read does not hold up SIGHUP, and misses nothing" {
	tcr run -d --name a --log-opt max-size=8m busybox sh -c 'seq 300000; exec sleep 1000'
	wait_for 20 prints 300000 tcr logs -n 1 a
	mkfifo pipe pipe1
	exec 7<>pipe 8<>pipe1
	"$TCRBOX" tcr logs -f a >pipe 2>/dev/null 3>&- 7>&- 8>&- &
	local follower=$!
	"$TCRBOX" tcr logs a >pipe1 3>&- 7>&- 8>&- &
	# shellcheck disable=SC2034 # for client_ends
	CLIENT=$!
	reload
	reload
	timeout 60 head -n 300000 <&7 >out
	cmp out <(seq 300000)
	timeout 60 head -n 300000 <&8 >out
	cmp out <(seq 300000)
	client_ends 0
	exec 7<&- 8<&-
	tcr rm -f a
	wait $follower || true
}
