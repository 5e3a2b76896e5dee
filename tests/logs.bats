# SPDX-License-Identifier: GPL-2.0-or-later
# What detached containers print, and `tcr logs`. Following: logs-follow.bats; crashes:
# logs-crash.bats; drivers: logs-drivers.bats.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

# finished NAME [OPTION...] -- COMMAND...: a detached container that has run to its end.
finished()
{
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	tcr run -d --name "$name" "${options[@]}" busybox "${@:2}" >/dev/null && tcr wait "$name" >/dev/null
}

# logs_of NAME [OPTION...]: into the files out and err.
logs_of()
{
	tcr logs "${@:2}" "$1" >out 2>err
}

log_dir_of()
{
	echo "$TCR_RUN/logs/$(tcr ps -a --no-trunc --format json | jq -r --arg n "$1" 'select(.Names == $n).ID')"
}

bytes_of_log()
{
	cat "$(log_dir_of "$1")"/* | wc -c
}

# --- what is kept

@test "standard output and standard error are kept apart, in order" {
	finished a -- sh -c 'echo one; echo bad >&2; sleep 0.05; echo two; echo worse >&2'
	logs_of a
	[ "$(<out)" = $'one\ntwo' ]
	[ "$(<err)" = $'bad\nworse' ]
}

@test "every byte is kept, whatever it is" {
	finished a -- sh -c 'i=0; while [ $i -lt 256 ]; do printf "\\$(printf %03o $i)"; i=$((i+1)); done; printf "no end"'
	tcr logs a >out
	for i in {0..255}; do printf "\\$(printf %03o "$i")"; done >want
	printf "no end" >>want
	cmp out want
}

@test "/dev/stdout and /dev/stderr can be opened again, by any user" {
	finished a -u 1000 -- sh -c 'echo out >/dev/stdout; echo err >/dev/stderr; echo fd >/proc/self/fd/1'
	logs_of a
	[ "$(<out)" = $'out\nfd' ]
	[ "$(<err)" = err ]
}

@test "a container that closes its output costs the daemon no time" {
	tcr run -d --name a busybox sh -c 'exec >/dev/null 2>&1; exec sleep 1000'
	wait_for 5 pids_exist sleep 1000
	local before after
	before=$(switches_of_tcrd)
	sleep 0.3
	after=$(switches_of_tcrd)
	((after - before < 50)) || fail "$((after - before)) wake-ups"
}

pids_exist()
{
	[ -n "$(pids_of "$@")" ]
}

switches_of_tcrd()
{
	awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$TCRD_PID/status"
}

@test "what a detached container prints on its terminal is kept" {
	finished a -t -- sh -c 'echo one; echo two >&2'
	prints $'one\r\ntwo\r' tcr logs a
}

@test "the log of a container that was only ever in the foreground is empty" {
	tcr run --name a busybox echo x
	prints '' tcr logs a
	prints '' tcr logs -f a
	grep -qx 'tcr: container "a" has no log: it has not run detached (-d) since the host started' \
		< <(tcr logs a 2>&1)
}

@test "nothing is said of a log that is empty for another reason" {
	tcr create --name never busybox echo x >/dev/null
	prints '' eval 'tcr logs never 2>&1'
	finished silent -- true
	prints '' eval 'tcr logs silent 2>&1'
}

@test "the log goes on over restarts of the container" {
	finished a -- sh -c 'echo run'
	tcr start a >/dev/null
	wait_for 5 has_state a exited
	prints $'run\nrun' tcr logs a
}

@test "a container that is removed leaves no log" {
	finished a -- echo x
	tcr run -d --rm --name b busybox echo x
	tcr run -d --name c busybox sh -c 'while :; do echo x; done'
	tcr rm a
	tcr rm -f c
	wait_for 5 no_container
	[ -z "$(ls -A "$TCR_RUN/logs")" ]
}

no_container()
{
	[ -z "$(tcr ps -aq)" ]
}

# --- bounds

@test "a log never has more than two files of 64 KiB, with all that belongs to them" {
	tcr run -d --name a busybox sh -c 'while :; do echo 0123456789; echo x >&2; done'
	local dir n most=0
	dir=$(log_dir_of a)
	wait_for 20 has_segment 5
	for _ in {1..50}; do
		n=$(cat "$dir"/* 2>/dev/null | wc -c)
		((n <= most)) || most=$n
	done
	((most > 65536 && most <= 131072)) || fail "$most bytes"
	(($(find "$dir" -type f | wc -l) <= 4))
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

@test "max-size is the bound, also for single bytes and for gigabytes" {
	tcr run -d --name a --log-opt max-size=4k busybox sh -c \
		'i=0; while [ $i -lt 2000 ]; do printf x; printf y >&2; i=$((i+1)); done; printf end'
	tcr run -d --name b --log-opt max-size=1k busybox dd if=/dev/zero bs=1M count=20
	tcr wait a b
	(($(bytes_of_log a) <= 8192))
	(($(bytes_of_log b) <= 2048))
	tcr logs a 2>/dev/null | tail -c 3 | grep -qx end
}

@test "after a rotation the log begins with a whole line, and ends with the last one" {
	finished a --log-opt max-size=4k -- seq 1000000 1002000
	tcr logs a >out
	(($(wc -l <out) > 500))
	[ "$(grep -cvE '^100[0-9]{4}$' out)" = 0 ]
	[ "$(tail -n 1 out)" = 1002000 ]
	[ "$(tail -n "$(wc -l <out)" <(seq 1000000 1002000))" = "$(<out)" ]
}

@test "a container that writes as fast as it can leaves time for others" {
	tcr run -d --name a busybox dd if=/dev/zero bs=1M
	tcr run -d --name b busybox dd if=/dev/zero bs=1M of=/dev/stderr
	for i in {1..10}; do
		tcr run -d --name "c$i" busybox echo "$i" >/dev/null
		tcr wait "c$i" >/dev/null
		prints "$i" tcr logs "c$i"
	done
	tcr rm -f a b
}

@test "output that cannot be stored is dropped, told once, and counted; later it goes on" {
	local lost
	mkdir full d
	mount -t tmpfs -o size=32k tmpfs full
	tcr run -d --name a --log-dir "$PWD/full" -v "$PWD/d:/d" busybox sh -c \
		'seq 100000; : >/d/done; while [ ! -e /d/go ]; do usleep 20000; done; echo after'
	wait_for 20 test -e d/done
	[ "$(grep -c 'container "a": its output is lost: .*No space left' "$TCRD_LOG")" = 1 ]
	mount -o remount,size=4m full
	: >d/go
	tcr wait a
	logs_of a
	[[ $(tail -n 1 out) == *after ]]
	lost=$(sed -n 's/^tcrd: \([0-9]*\) bytes of the output are lost$/\1/p' err)
	[ "$(($(wc -c <out) - 6 + lost))" = "$(seq 100000 | wc -c)" ]
	tcr rm a
	umount full
}

# --- what is shown

@test "-n shows the last lines of both streams, or all" {
	# One after the other: the daemon takes what is there, one stream before the other.
	mkdir d
	tcr run -d --name a -v ./d:/d busybox sh -c 'for i in 1 2 3 4 5; do echo $i; done
		until [ -e /d/out ]; do usleep 10000; done; echo err >&2
		until [ -e /d/err ]; do usleep 10000; done; printf six'
	wait_for 10 prints 5 tcr logs -n 1 a
	: >d/out
	wait_for 10 prints err eval 'tcr logs a 2>&1 >/dev/null'
	: >d/err
	tcr wait a
	logs_of a -n 3
	[ "$(<out)" = $'5\nsix' ]
	[ "$(<err)" = err ]
	prints '' tcr logs --tail 0 a
	prints six tcr logs --tail=1 a
	for n in all 100 -1; do
		prints $'1\n2\n3\n4\n5\nsix' tcr logs --tail="$n" a
	done 2>/dev/null
	refuses 'tail "x"' tcr logs -n x a
}

@test "-t puts the time when it came before each line, as docker does" {
	local before after
	before=$(date -u +%FT%T.%N)
	finished a -- sh -c 'echo one; sleep 0.1; echo; printf two'
	after=$(date -u +%FT%T.%N)
	tcr logs -t a >out
	[ "$(sed -E 's/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z //' out)" = $'one\n\ntwo' ]
	[[ ! $(head -n 1 out) < ${before%??????} && $(tail -n 1 out) < $after ]]
	[ "$(sort -c out 2>&1)" = '' ]
}

@test "--since and --until show what came in between" {
	local i two three
	mkdir d
	tcr run -d --name a -v ./d:/d busybox \
		sh -c 'for i in 1 2 3; do echo $i; until [ -e /d/$i ]; do usleep 10000; done; done'
	for i in 1 2 3; do
		wait_for 10 prints $i tcr logs -n 1 a
		: >d/$i
	done
	tcr wait a
	two=$(tcr logs -t a | sed -n '2s/ .*//p')
	three=$(tcr logs -t a | sed -n '3s/ .*//p')
	prints $'2\n3' tcr logs --since "$two" a
	prints $'1\n2' tcr logs --until "$two" a
	prints 2 tcr logs --since "$two" --until "$two" a
	prints 3 tcr logs --since "$(date -d "$three" +%s.%N)" a
	prints $'1\n2\n3' tcr logs --since 1h a
	prints '' tcr logs --until 1h a
	prints '' tcr logs -f --until 1h a
	refuses 'yesterday' tcr logs --since yesterday a
}

@test "on a terminal control bytes are made visible, elsewhere they are not" {
	finished a -- printf 'red \033[31m\a end\r\ntab\tx \233 over\rwrite gr\303\274n\n'
	prints $'red \e[31m\a end\r\ntab\tx \x9b over\rwrite gr\xc3\xbcn' tcr logs a
	script -qec "$TCRBOX tcr logs a" /dev/null </dev/null >out 3>&-
	[ "$(tr -d '\r' <out)" = $'red ^[[31m^G end\ntab\tx \\x9b over^Mwrite gr\xc3\xbcn' ]
}

@test "a log of many files' length is shown at the reader's pace, and costs the daemon no memory" {
	finished a --log-opt max-size=8m -- seq 1000000
	local before after
	before=$(awk '/^RssAnon/ { print $2 }' "/proc/$TCRD_PID/status")
	tcr logs a | { sleep 0.3; cat; } >out &
	for _ in {1..20}; do
		after=$(awk '/^RssAnon/ { print $2 }' "/proc/$TCRD_PID/status")
		memory_is_kept || ((after - before < 400)) || fail "$before KiB, then $after"
		sleep 0.02
	done
	wait $!
	cmp out <(seq 1000000)
	prints 999999$'\n'1000000 tcr logs -n 2 a
}

# A checker keeps for a while what is freed.
memory_is_kept()
{
	[ -n "${VALGRIND-}" ] || grep -q __asan_init "$TCRBOX"
}
