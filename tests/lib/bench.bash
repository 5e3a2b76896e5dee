# SPDX-License-Identifier: GPL-2.0-or-later
# What the benchmarks share. The machine is noisy: what counts are the ratios of medians of runs
# that took turns.
# shellcheck disable=SC2034 # results are for the caller

[ -n "${TCR_SANDBOX_CGROUP-}" ] || {
	echo "bench: this needs tests/lib/sandbox" >&2
	exit 1
}
: "${TCRBOX:?must be the path of the binary}"

tcr() { "$TCRBOX" tcr "$@"; }

# start_daemon [ARGUMENT...]: with the busybox image. Sets DAEMON, its pid.
start_daemon()
{
	local image
	image=$("${BASH_SOURCE[0]%/*}/images" busybox.sqfs)
	"$TCRBOX" tcrd "$@" 2>/run/tcrd.log &
	DAEMON=$!
	until tcr version >/dev/null 2>&1; do
		kill -0 $DAEMON 2>/dev/null || { cat /run/tcrd.log >&2; exit 1; }
		sleep 0.02
	done
	tcr image load "$image" >/dev/null
}

stop_daemon()
{
	kill "$DAEMON"
	wait "$DAEMON"
}

nothing_runs()
{
	[ -z "$(tcr ps -aq)" ]
}

# Prints the microseconds that a command takes.
time_of()
{
	local start=$EPOCHREALTIME
	"$@" >/dev/null
	local end=$EPOCHREALTIME
	echo $((${end/./} - ${start/./}))
}

# median FILE...: of one number a line.
median()
{
	sort -g "$@" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# ms MICROSECONDS
ms()
{
	awk -v t="$1" 'BEGIN { printf "%.2f", t / 1000 }'
}

# ratio A B
ratio()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# row TEXT VALUE [RATIO [AIM]]
row()
{
	printf '%-50s %12s %8s%s\n' "$1" "$2" "${3-}" "${4:+  (aim: $4)}" | sed 's/ *$//'
}

# in_turns ROUNDS FUNCTION...: the microseconds of each go to the file $WORK/FUNCTION, but for those
# of three rounds to warm up.
in_turns()
{
	local i rounds=$1 name
	shift
	mkdir -p "$WORK"
	for ((i = -3; i < rounds; i++)); do
		for name; do
			time_of "$name" >>"$WORK/$name"
			until nothing_runs; do :; done
		done
		((i >= 0)) || (cd "$WORK" && rm "$@")
	done
}

# What is shared with others, libc above all, counts less the more of them there are.
pss()
{
	awk '/^Pss:/ { pss = $2 } /^Private/ { own += $2 } END { print pss " KiB, " own " of them private" }' \
		"/proc/$1/smaps_rollup"
}

pss_of_daemon()
{
	pss "$DAEMON"
}

# name_server_pid: the daemon's child that answers names; "" if there is none.
name_server_pid()
{
	local pid
	# shellcheck disable=SC2013 # words
	for pid in $(cat "/proc/$DAEMON/task/$DAEMON/children"); do
		! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q '^tcr-net dns' || echo "$pid"
	done
}
