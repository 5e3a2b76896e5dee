# SPDX-License-Identifier: GPL-2.0-or-later
# What has begun is overtaken: by a stop, a removal, SIGHUP, SIGTERM.
# shellcheck disable=SC2016,SC2034,SC2154 # text to evaluate later; variables of lib

load lib/helper
load lib/container

setup()
{
	begin
}

# has_nothing_of ID: no directory of this container is left, or it is a container still.
has_nothing_of()
{
	[ ! -e "$TCR_ROOT/containers/$1" ] || tcr inspect "$1" >/dev/null 2>&1
}

@test "a removal that overtakes the restart of a container with --rm leaves nothing of it" {
	local i id
	for i in {10..24}; do
		id=$(tcr run -d --rm --name a --network none busybox sleep 1000)
		tcr restart -t 0 a >/dev/null 2>&1 &
		sleep "0.0$i"
		tcr rm -f "$id" >/dev/null 2>&1 || true
		wait $! || true
		wait_for 10 has_nothing_of "$id"
		tcr rm -f "$id" >/dev/null 2>&1 || true
	done
}

@test "restart of a container with --rm keeps its files" {
	tcr run -d --rm --name a --network none busybox sleep 1000
	tcr exec a touch /file
	tcr restart -t 0 a
	tcr exec a test -e /file
}

@test "a stop during the first start lasts until the user starts it" {
	local i id
	for i in {1..5}; do
		"$TCRBOX" tcr run -d --name "a$i" --restart unless-stopped --network none busybox \
			sleep 1000 >/dev/null 3>&- &
		wait_for 10 eval "tcr stop -t 0 a$i >/dev/null 2>&1"
		wait $! || true
		id=$(tcr inspect --format '{{.Id}}' "a$i")
		grep -q '^stopped ' "$TCR_ROOT/containers/$id/down"
	done
}

@test "SIGHUP does not hurry a stop that waits for ever" {
	tcr run -d --name a --restart unless-stopped --stop-timeout 0 --network none busybox \
		sh -c 'trap "echo asked" TERM; echo up; while :; do sleep 0.05; done'
	wait_for 10 eval 'tcr logs a | grep -q up'
	start_client stop -t -1 a
	wait_for 10 eval 'tcr logs a | grep -q asked'
	kill -HUP "$TCRD_PID"
	wait_for 20 eval '[ "$(grep -c "ready at" "$TCRD_LOG")" = 2 ]'
	TCRD_FDS=$(fds_of_tcrd)
	has_state a running
	[ "$(tcr logs a | grep -c asked)" = 1 ]
	tcr kill a
	client_ends 0
}

@test "SIGTERM ends the daemon although a client of logs reads nothing" {
	tcr run -d --name a --stop-timeout 0 --log-opt max-size=2m --network none busybox \
		sh -c 'yes 0123456789012345678901234567890 | head -c 1500000; exec sleep 1000'
	wait_for 20 eval '[ "$(tcr logs a | wc -c)" -ge 1500000 ]'
	mkfifo full
	exec 7<>full
	"$TCRBOX" tcr logs a >&7 3>&- &
	local client=$!
	wait_for 10 eval '! timeout 0.1 sh -c "echo >&7"'
	stop_tcrd
	kill "$client" || true
	wait "$client" || true
	exec 7>&-
	start_tcrd
}

@test "a command that SIGTERM overtakes says that tcrd ends" {
	local command pid
	tcr create --name a --network none busybox true
	mkfifo in out
	exec 8<>in 9<>out
	for command in "cp - a:/" "cp a:/ -" "image load -" "container prune" stats; do
		# shellcheck disable=SC2086 # words
		"$TCRBOX" tcr $command <in >out 2>err 3>&- 8>&- 9>&- &
		pid=$!
		wait_for 10 eval '[ -n "$(children_of "$TCRD_PID")" ]'
		stop_tcrd
		wait_for 10 is_no_process $pid
		exits 125 wait $pid
		[ "$(<err)" = "tcr: ${command%% [-a]*}: tcrd ends" ]
		start_tcrd
	done
	exec 8>&- 9>&-
}
