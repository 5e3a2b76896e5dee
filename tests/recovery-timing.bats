# SPDX-License-Identifier: GPL-2.0-or-later
# Containers end before, while and after the daemon is killed and started again: what is said of
# them is true, and each restart policy is applied once. (Others that die with it: recovery.bats.)
# shellcheck disable=SC2016,SC2034,SC2154,SC2238 # text to evaluate later; variables of lib/container

load lib/helper
load lib/container
load lib/policy

setup()
{
	begin
	mkfifo gate
}

# Many containers a round. Each writes a line when it starts and waits at the gate; when the gate
# opens, it ends after a time of its own, having written when that was. What a policy starts again
# stays at the gate, which is closed then.
POLICIES=(no no on-failure:1 on-failure unless-stopped always)

# make_round N: containers c0 ... c(N-1): policy, code and delay differ.
make_round()
{
	local i pids=()
	rm -rf c*
	exec 5<>gate
	for ((i = 0; i < $1; i++)); do
		tcr run -d --name "c$i" --restart "${POLICIES[i % 6]}" --network none --read-only \
			-v .:/here busybox sh -c '
				echo run >>/here/$0
				exec 3</here/gate
				: >/here/$0.ready
				read _ <&3
				usleep $2
				cut -d " " -f 1 /proc/uptime >>/here/$0.ended
				exit $1' "c$i" $((i / 6 % 2 ? 0 : 3 + i)) $((i * 7919 % 32 * 8000)) 5>&- >/dev/null &
		pids+=($!)
		((i % 4 != 3)) || wait "${pids[@]}"
	done
	wait "${pids[@]}"
	wait_for 30 there_are "$1" 'c*.ready'
}

# there_are N NAME: so many files fit the pattern.
there_are()
{
	[ "$(find . -maxdepth 1 -name "$2" | wc -l)" = "$1" ]
}

uptime_now()
{
	cut -d ' ' -f 1 /proc/uptime
}

# said: prints "NAME STATE CODE RESTARTS" of each container.
said()
{
	tcr ps -aq | xargs "$TCRBOX" tcr inspect |
		jq -r '.[] | (.Name | ltrimstr("/")) + " " + .State.Status + " " + (.State.ExitCode | tostring) +
			" " + (.RestartCount | tostring)' | sort
}

all_are_settled()
{
	said >now
	[ "$(wc -l <now)" = "$1" ] || return
	! grep -qE '^c[0-9]+ (restarting|created)' now || return
	# Who had the gate opened has ended; who runs, waits at the closed gate a second time.
	there_are "$1" 'c*.ended' || return
	awk '$2 == "running" { print $1 }' now | while read -r name; do
		[ "$(wc -l <"$name")" = 2 ] || exit
	done
}

# check_one NAME STATE CODE RESTARTS: what it is now is what it should be.
check_one()
{
	local i=${1#c} runs code policy when
	policy=${POLICIES[i % 6]}
	code=$((i / 6 % 2 ? 0 : 3 + i))
	runs=$(wc -l <"$1")
	# Before the daemon died, it has said that it knew; after it came, it was there to know.
	when=$(awk -v t="$(<"$1.ended")" -v up="$UP" 'BEGIN { print (t >= up ? "after" : "between") }')
	! grep -qE "^$1 (exited|restarting)" before || when=before
	echo "$when" >>seen
	case $policy-$2 in
	no-exited)
		[ "$runs $4" = "1 0" ] || fail "$*: $runs runs" || return
		case $when in
		before) [ "$3" = $code ] ;;
		after) [ "$3" = "$(known_or_255 $code)" ] ;;
		between) [ "$3" = $code ] || [ "$3" = 255 ] ;;
		esac
		;;
	# A success, which somebody has seen.
	on-failure*-exited) [ "$code $3 $runs $4" = "0 0 1 0" ] ;;
	on-failure*-running)
		[ "$runs $4" = "2 1" ] && [ "$code-$when" != 0-before ] &&
			{ [ "$code-$when" != 0-after ] || [ "$(known_or_255 0)" = 255 ]; }
		;;
	unless-stopped-running | always-running) [ "$runs $4" = "2 1" ] ;;
	*) false ;;
	esac || fail "$* ($policy, code $code, ended $when): $runs runs"
}

# Since Linux 6.15 the exit status of a process that is not one's child can be known.
known_or_255()
{
	if printf '%s\n' 6.15 "$(uname -r)" | sort -VC; then echo "$1"; else echo 255; fi
}

# A round: the daemon is killed some $1 ms behind the opening of the gate, and started again after $2.
round()
{
	local ms line
	: >before
	make_round 36
	exec 5>&-
	printf -v ms '%03d' "$1"
	sleep "0.$ms"
	[ "$1" = 0 ] || said >before
	kill_tcrd
	printf -v ms '%03d' "$2"
	sleep "0.$ms"
	start_tcrd
	UP=$(uptime_now)
	wait_for 30 all_are_settled 36 || fail "$(<now)"
	while read -r line; do
		# shellcheck disable=SC2086 # words
		check_one $line || return
	done <now
	tcr ps -aq | xargs "$TCRBOX" tcr rm -f >/dev/null
}

@test "whenever a container ends around the daemon's death, state and code are right, the policy is applied once" {
	round 0 0
	round 30 40
	round 60 0
	round 100 100
	round 160 20
	sort seen | uniq -c | xargs echo "# timings:" >&3
	[ "$(wc -l <seen)" = 180 ]
}

@test "whenever a container ends, while the daemon is killed again and again" {
	local n
	make_round 36
	exec 5>&-
	for n in 1 2 3 4 5 6; do
		kill_tcrd
		start_tcrd
	done
	: >before
	UP=$(uptime_now)
	wait_for 30 all_are_settled 36 || fail "$(<now)"
	while read -r line; do
		# shellcheck disable=SC2086 # words
		check_one $line || return
	done <now
}

@test "a daemon that dies while a policy starts containers starts each of them once" {
	local n i pids=()
	for i in {1..12}; do
		run_policy "p$i" always 'exec sleep 1001' &
		pids+=($!)
	done
	wait "${pids[@]}"
	for n in 0 20 40 60 80; do
		kill_tcrd
		pids_of sleep 1001 | xargs -r kill -KILL
		printf -v n '%03d' $n
		"$TCRBOX" tcrd --root "$TCR_ROOT" --run-dir "$TCR_RUN" </dev/null >>"$TCRD_LOG" 2>&1 3>&- &
		TCRD_PID=$!
		sleep "0.$n"
	done
	kill_tcrd
	start_tcrd
	wait_for 30 eval '[ "$(tcr ps --format json | grep -c "\"running\"")" = 12 ]'
	wait_for 10 eval '[ "$(pids_of sleep 1001 | wc -l)" = 12 ]'
	for i in {1..12}; do
		# A start that was cut off may have come as far as the command, but never twice at once.
		[ "$(runs "p$i")" -le 7 ]
		[ "$(restarts_of "p$i")" -le 6 ]
	done
}

@test "processes and connections of containers that live go on" {
	local pid
	mkfifo talk
	tcr run -d --name a -p 7001:7001 busybox nc -l -p 7001 -e cat >/dev/null
	pid=$(tcr inspect --format '{{.State.Pid}}' a)
	exec 6<>talk
	tcr run -d --name b -v .:/here busybox \
		sh -c 'until nc a 7001 </here/talk >/here/heard; do usleep 50000; done' >/dev/null
	echo 1 >&6
	wait_for 15 grep -q 1 heard
	for n in 2 3; do
		kill_tcrd
		start_tcrd
		echo "$n" >&6
		wait_for 15 grep -q $n heard
		[ "$(tcr inspect --format '{{.State.Pid}}' a)" = "$pid" ]
	done
	[ "$(xargs <heard)" = "1 2 3" ]
	exec 6>&-
}
