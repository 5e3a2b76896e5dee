# SPDX-License-Identifier: GPL-2.0-or-later
# Functions for the bats files: each test has a daemon, a root and a run directory of its own.
#
# Set by start_tcrd: TCRD_PID, TCR_ROOT, TCR_RUN, TCR_SOCKET (which the client finds in its
# environment), TCRD_LOG (the daemon's stderr). Environment: TCRBOX; VALGRIND=1.

LIB=${BASH_SOURCE[0]%/*}
# shellcheck source=tests/lib/registry.bash
. "$LIB/registry.bash"

[ -n "${TCR_SANDBOX_CGROUP-}" ] || {
	echo "run the tests with tests/run: they need its sandbox" >&2
	exit 1
}
[ -x "${TCRBOX-}" ] || {
	echo "TCRBOX (${TCRBOX:-not set}) must be the path of the binary" >&2
	exit 1
}

# fail TEXT...: ends the test.
fail()
{
	echo "$*" >&2
	return 1
}

# wait_for SECONDS COMMAND...: runs COMMAND until it succeeds; fails after SECONDS, but not before 20:
# a machine may be slow, and busy with other things.
wait_for()
{
	local limit=$((SECONDS + ($1 < 20 ? 20 : $1) + 1))
	shift
	until "$@"; do
		((SECONDS < limit)) || fail "waited in vain for: $*" || return
		sleep 0.02
	done
}

# tcr ARGUMENT...: the client, with this test's socket.
tcr()
{
	"$TCRBOX" tcr "$@" 3>&-
}

# start_tcrd [ARGUMENT...]: starts the daemon and waits until it answers. A second call in a test
# starts it again on the same directories.
start_tcrd()
{
	TCR_ROOT=$BATS_TEST_TMPDIR/root
	TCR_RUN=/run/t$BATS_TEST_NUMBER
	export TCR_SOCKET=$TCR_RUN/tcrd.sock
	TCRD_LOG=$BATS_TEST_TMPDIR/tcrd.log
	local checker=()
	[ -z "${VALGRIND-}" ] || use_valgrind || return
	ORPHANS=${ORPHANS-$(children_of 1)}
	"${checker[@]}" "$TCRBOX" tcrd --root "$TCR_ROOT" --run-dir "$TCR_RUN" "$@" \
		</dev/null >>"$TCRD_LOG" 2>&1 3>&- &
	TCRD_PID=$!
	wait_for 20 tcrd_answers_or_died || fail "the daemon does not answer" || print_log || return
	kill -0 "$TCRD_PID" 2>/dev/null || fail "the daemon ended at once" || print_log || return
	count_fds
}

# The daemon must not have more descriptors at the end of the test than now.
count_fds()
{
	TCRD_FDS=$(fds_of_tcrd)
}

# Sets checker. The programs that the daemon starts are not ours to check.
use_valgrind()
{
	local src=$LIB/valgrind_syscalls.c bin=$BATS_FILE_TMPDIR sock=$TCR_RUN.syscalls
	if [ ! -e "$bin/valgrind_syscalls" ]; then
		${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o "$bin/valgrind_syscalls.so" "$src" &&
			${CC:-cc} -D_GNU_SOURCE -DSERVER -o "$bin/valgrind_syscalls" "$src" || return
	fi
	if [ -z "${SYSCALLS_PID-}" ]; then
		"$bin/valgrind_syscalls" "$sock" 3>&- &
		SYSCALLS_PID=$!
		wait_for 5 test -S "$sock" || return
	fi
	checker=(env "LD_PRELOAD=$bin/valgrind_syscalls.so" "TCR_SYSCALLS=$sock" valgrind --quiet
		--error-exitcode=99 --leak-check=full --sim-hints=lax-ioctls
		--child-silent-after-fork=yes
		"--log-file=$BATS_TEST_TMPDIR/valgrind.%p")
}

tcrd_answers_or_died()
{
	tcr version >/dev/null 2>&1 || ! kill -0 "$TCRD_PID" 2>/dev/null
}

print_log()
{
	sed 's/^/tcrd: /' "$TCRD_LOG" >&2
	return 1
}

tcrd_is_gone()
{
	! kill -0 "$TCRD_PID" 2>/dev/null
}

# stop_tcrd: SIGTERM; fails unless the daemon ends with 0 and no checker complained.
stop_tcrd()
{
	local status=0
	kill -TERM "$TCRD_PID"
	wait_for 30 tcrd_is_gone || print_log || return
	wait "$TCRD_PID" || status=$?
	TCRD_PID=
	[ $status = 0 ] || fail "the daemon ended with $status" || print_log || return
	no_checker_complained
}

# kill_tcrd: SIGKILL, as a crash; its containers live on.
kill_tcrd()
{
	kill -KILL "$TCRD_PID"
	wait "$TCRD_PID" || true
	TCRD_PID=
}

# What a sanitizer said is in the log, what valgrind said in files of its own.
no_checker_complained()
{
	local f
	for f in "$TCRD_LOG" "$BATS_TEST_TMPDIR"/valgrind.*; do
		[ -e "$f" ] || continue
		! grep -E 'Sanitizer|runtime error:|^==[0-9]+==' "$f" >&2 ||
			fail "a checker complained in $f" || return
	done
}

# load_busybox, load_debian: loads the image, named busybox:latest or debian:latest.
load_busybox()
{
	BUSYBOX_SQFS=$("$LIB/images" busybox.sqfs) || return
	tcr image load "$BUSYBOX_SQFS"
}

load_debian()
{
	DEBIAN_SQFS=$("$LIB/images" debian.sqfs) ||
		skip "no Debian image: it needs mmdebstrap and a package mirror"
	tcr image load "$DEBIAN_SQFS"
}

# assert_fails CODE REGEX COMMAND...: COMMAND must exit with CODE and its stderr match REGEX (ERE).
assert_fails()
{
	local code=$1 regex=$2 status=0 said
	shift 2
	"$@" 2>"$BATS_TEST_TMPDIR/stderr" >"$BATS_TEST_TMPDIR/stdout" || status=$?
	said=$(<"$BATS_TEST_TMPDIR/stderr")
	[ "$status" = "$code" ] || fail "exit code $status, not $code: $*: $said" || return
	[[ $said =~ $regex ]] || fail "stderr does not match \"$regex\": $*: $said"
}

# Prints the pids of the children of process $1.
children_of()
{
	cat "/proc/$1"/task/*/children 2>/dev/null | tr ' ' '\n' | sort
}

fds_of_tcrd()
{
	local fds=("/proc/$TCRD_PID/fd"/*)
	echo ${#fds[@]}
}

# Prints what the daemon has left behind while no container exists: nothing, if all is well.
leftovers()
{
	awk -v a="$TCR_ROOT/" -v b="$TCR_RUN/" 'index($5, a) == 1 || index($5, b) == 1 {
		print "mount: " $5 }' /proc/self/mountinfo
	grep -H "^$BATS_TEST_TMPDIR/" /sys/block/loop*/loop/backing_file 2>/dev/null |
		sed 's/^/loop device: /'
	[ ! -d /sys/fs/cgroup ] ||
		find /sys/fs/cgroup -path '*/tcr*/*' -type d 2>/dev/null | sed 's/^/cgroup: /'
	find "$TCR_RUN/containers" "$TCR_RUN/netns" "$TCR_RUN/net" "$TCR_RUN/crun" "$TCR_ROOT/containers" \
		-mindepth 1 2>/dev/null | sed 's/^/file: /'
	if [ -n "${TCRD_PID-}" ]; then
		links_of_tcrd | sed 's/^/link: /'
		nft list tables 2>/dev/null | grep -x "table inet $(instance)"
	fi
	comm -13 <(echo "$ORPHANS") <(children_of 1) | print_processes orphan
	[ -n "${TCRD_PID-}" ] || return 0
	children_of "$TCRD_PID" | print_processes "child of tcrd"
	[ "$(fds_of_tcrd)" -le "$TCRD_FDS" ] ||
		find "/proc/$TCRD_PID/fd" -type l -printf "fd ($TCRD_FDS were open): %f -> %l\n"
}

# A pid that is gone by now was no leftover.
print_processes()
{
	local pid
	while read -r pid; do
		[ ! -d "/proc/$pid" ] ||
			echo "$1: $pid $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
	done
}

nothing_is_left()
{
	[ -z "$(leftovers)" ]
}

# The name of this test's daemon in the kernel: of its table, and in the aliases of its links.
instance()
{
	echo "tcr${TCR_RUN//[!a-zA-Z0-9]/_}"
}

# Prints the links that are this daemon's.
links_of_tcrd()
{
	ip -d link show 2>/dev/null | awk -v alias="tcr:$(instance):" '
		/^[0-9]+: / { name = $2; sub(/[@:].*/, "", name) }
		$1 == "alias" && index($2, alias) == 1 { print name }'
}

# forget_networks: removes all of them, if the daemon runs; without containers that must work.
forget_networks()
{
	local ids
	[ -n "${TCRD_PID-}" ] || return 0
	ids=$(tcr network ls -q 2>/dev/null) || return 0 # a daemon without networks
	# shellcheck disable=SC2086 # a list
	[ -z "$ids" ] || tcr network rm $ids >/dev/null
}

# assert_clean: no mount, loop device, cgroup, file, process, descriptor, link or table of ours is
# left, once the networks are removed. Some of them the kernel releases a moment late.
assert_clean()
{
	forget_networks || return
	wait_for 5 nothing_is_left 2>/dev/null || fail "left behind:
$(leftovers)"
}

# Takes away what a failed test left, so that the next one begins clean. What the daemon should
# have done itself is for assert_clean to say.
clean_up()
{
	stop_registry
	if [ -n "${TCRD_PID-}" ]; then
		kill -TERM "$TCRD_PID" 2>/dev/null || true
		wait_for 15 tcrd_is_gone 2>/dev/null || kill -KILL "$TCRD_PID" || true
		wait "$TCRD_PID" || true
	fi
	[ -z "${SYSCALLS_PID-}" ] || kill "$SYSCALLS_PID" || true
	local pid m
	if [ -n "${TCR_RUN-}" ]; then
		nft delete table inet "$(instance)" 2>/dev/null || true
		links_of_tcrd | while read -r m; do ip link del "$m" 2>/dev/null || true; done
	fi
	find /sys/fs/cgroup -path '*/tcr*/*' -name cgroup.procs -exec cat {} + 2>/dev/null |
		while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
	find /sys/fs/cgroup -path '*/tcr*/*' -depth -type d -exec rmdir {} + 2>/dev/null || true
	awk -v a="$BATS_TEST_TMPDIR/" -v b="/run/t$BATS_TEST_NUMBER/" \
		'index($5, a) == 1 || index($5, b) == 1 { print $5 }' /proc/self/mountinfo | tac |
		while read -r m; do umount -l "$m"; done
}

teardown()
{
	[ -n "${BATS_TEST_COMPLETED-}" ] || [ -z "${TCRD_LOG-}" ] || print_log || true
	clean_up
}
