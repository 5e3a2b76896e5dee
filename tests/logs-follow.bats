# SPDX-License-Identifier: GPL-2.0-or-later
# tcr logs -f: what comes, until when, and who is too slow for it.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

# has_line FILE LINE
has_line()
{
	grep -qxF "$2" "$1"
}

# is_numbers FILE FIRST LAST: each number is there once, in order.
is_numbers()
{
	cmp "$1" <(seq "$2" "$3")
}

@test "what is there comes first, then what is printed, on both streams" {
	mkdir d
	tcr run -d --name a -v "$PWD/d:/d" busybox sh -c \
		'echo one; echo bad >&2; while [ ! -e /d/go ]; do usleep 20000; done; echo two; echo worse >&2; exec sleep 1000'
	start_client logs -f a
	wait_for 5 has_line out one
	wait_for 5 has_line err bad
	: >d/go
	wait_for 5 has_line out two
	wait_for 5 has_line err worse
	tcr rm -f a
	client_ends 0
	[ "$(<out)" = $'one\ntwo' ]
	[ "$(<err)" = $'bad\nworse' ]
}

@test "it ends with the container, and has seen all of it" {
	tcr run -d --name a busybox sh -c 'sleep 0.3; seq 5000'
	start_client logs -f a
	client_ends 0
	is_numbers out 1 5000
	tcr run -d --rm --name y busybox sh -c 'sleep 0.3; seq 5000'
	start_client logs -f y
	client_ends 0
	is_numbers out 1 5000
	wait_for 5 is_removed y
}

is_removed()
{
	! tcr inspect "$1" >/dev/null 2>&1
}

@test "a container that has stopped is not waited for" {
	tcr run -d --name a busybox echo x
	tcr wait a
	prints x timeout 60 "$TCRBOX" tcr logs -f a
}

@test "it goes on over restarts: by a user, and by the policy" {
	tcr run -d --name a busybox sh -c 'echo run; exec sleep 1000'
	start_client logs -f a
	wait_for 5 has_line out run
	tcr restart -t 0 a
	wait_for 5 has_runs 2
	tcr rm -f a
	client_ends 0
	tcr run -d --name b --restart on-failure:3 busybox sh -c 'echo run; sleep 0.1; exit 1'
	start_client logs -f b
	wait_for 20 has_runs 4
	client_ends 0
	[ "$(grep -c run out)" = 4 ]
}

# has_runs N
has_runs()
{
	[ "$(grep -cx run out)" = "$1" ]
}

@test "it ends when a container that waits for its next start is removed" {
	tcr run -d --name a --restart always busybox sh -c 'echo run; exit 1'
	start_client logs -f a
	wait_for 10 has_line out run
	wait_for 20 has_state a restarting
	tcr rm -f a
	client_ends 0
}

@test "-f with --until ends then, or at once if that is over" {
	tcr run -d --name a busybox sh -c 'while :; do echo x; usleep 20000; done'
	wait_for 10 eval '[ "$(tcr logs a | wc -l)" -gt 1 ]'
	start_client logs -f --until 0s a
	client_ends 0
	start_client logs -f --until -1s a
	client_ends 0
	[ "$(uniq out)" = x ]
	[ ! -s err ]
}

@test "-f with -n begins with the last lines" {
	tcr run -d --name a busybox sh -c 'seq 100; exec sleep 1000'
	wait_for 5 prints 100 tcr logs -n 1 a
	start_client logs -f -n 2 a
	wait_for 5 is_numbers out 99 100
	tcr rm -f a
	client_ends 0
	is_numbers out 99 100
}

@test "it goes on over rotations, and misses nothing" {
	# Who prints waits for who reads: what is too slow depends on the machine.
	tcr run -d --name a --log-opt max-size=16k -v .:/here busybox sh -c 'i=0
		while [ $i -lt 20000 ]; do
			i=$((i+1)); echo $i
			[ $((i % 500)) != 0 ] || until [ "$(tail -n 1 /here/out 2>&1)" = $i ]; do usleep 1000; done
		done'
	start_client logs -f a
	wait_for 30 has_line out 20000
	client_ends 0
	is_numbers out 1 20000
	[ -z "$(ls "$TCR_RUN"/logs/*/1.log 2>/dev/null)" ]
}

@test "who is too slow is told so and ends with 125; nobody waits for it, no memory is spent" {
	local before after i
	tcr run -d --name a busybox sh -c 'while :; do echo 0123456789012345678901234567890123456789; done'
	mkfifo pipe
	exec 8<>pipe
	"$TCRBOX" tcr logs -f a >pipe 2>err 3>&- 8>&- &
	CLIENT=$!
	before=$(awk '/^RssAnon/ { print $2 }' "/proc/$TCRD_PID/status")
	wait_for 10 has_segment 9
	for ((i = 0; i < 10; i++)); do
		prints_like '^0' tcr logs -n 1 a
	done
	after=$(awk '/^RssAnon/ { print $2 }' "/proc/$TCRD_PID/status")
	memory_is_kept || ((after - before < 1000)) || fail "$before KiB, then $after"
	cat <&8 >/dev/null 3>&- &
	local reader=$!
	exec 8<&-
	client_ends 125
	kill "$reader"
	grep -qx 'tcr: .*too slow.*' err
}

# has_segment N: the only container's log has come that far.
has_segment()
{
	local f
	for f in "$TCR_RUN"/logs/*/*.log; do
		[ -e "$f" ] || return
		f=${f##*/}
		((${f%.log} < $1)) || return 0
	done
	return 1
}

@test "a client that goes away leaves nothing behind" {
	local fds
	tcr run -d --name a busybox sh -c 'while :; do echo x; usleep 1000; done'
	wait_for 5 prints x tcr logs -n 1 a
	fds=$(fds_of_tcrd)
	for i in {1..5}; do
		start_client logs -f a
		wait_for 5 has_line out x
		kill "-$([ "$i" = 1 ] && echo INT || echo KILL)" "$CLIENT"
		wait "$CLIENT" || true
	done
	wait_for 5 has_fds "$fds"
}

has_fds()
{
	[ "$(fds_of_tcrd)" = "$1" ]
}

@test "ten follow the same container" {
	local i pids=()
	tcr run -d --name a busybox sh -c 'sleep 0.5; seq 1000'
	for i in {0..9}; do
		"$TCRBOX" tcr logs -f a >"out$i" 2>&1 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	for i in {0..9}; do
		is_numbers "out$i" 1 1000
	done
}

@test "on a terminal -f shows half of a character when the other half has come" {
	mkdir d
	tcr run -d --name a -v "$PWD/d:/d" busybox sh -c \
		'printf "gr\303"; while [ ! -e /d/go ]; do usleep 20000; done; printf "\274n\n\303"'
	script -qefc "$TCRBOX tcr logs -f a" /dev/null </dev/null >out 2>&1 3>&- &
	wait_for 5 grep -q gr out
	: >d/go
	wait $!
	[ "$(tr -d '\r' <out)" = $'gr\xc3\xbcn\n\\xc3' ]
}

# A checker keeps for a while what is freed.
memory_is_kept()
{
	[ -n "${VALGRIND-}" ] || grep -q __asan_init "$TCRBOX"
}
