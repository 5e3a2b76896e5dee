# SPDX-License-Identifier: GPL-2.0-or-later
# The tests' own tools: a sandbox that leaves something, a runner that misses a failure or a check
# that cannot fail would make every other test worthless.
# shellcheck disable=SC2016,SC2034 # text to evaluate later; variables that helper.bash uses

setup()
{
	load lib/helper
	SANDBOX=$BATS_TEST_DIRNAME/lib/sandbox
	cd "$BATS_TEST_TMPDIR" || return
}

# Prints the cgroups of sandboxes in this one.
sandbox_cgroups()
{
	find /sys/fs/cgroup -name 'tcr-sandbox.*' 2>/dev/null
}

no_sandbox_cgroups()
{
	[ -z "$(sandbox_cgroups)" ]
}

no_sleep_runs()
{
	! pgrep -x sleep
}

# run_file NAME [LIMIT]: lets tests/run run the bats file on stdin, in which @ is doubled: bats
# would take it for tests of this file.
run_file()
{
	sed 's/@@/@/' >"$1.bats"
	run env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		"TCRBOX=$TCRBOX" "TEST_LIMIT=${2:-60}" "$BATS_TEST_DIRNAME/run" "$1.bats"
	echo "$output"
}

@test "sandbox: the exit code, arguments and stdin are the command's" {
	local code=0
	"$SANDBOX" sh -c 'exit 7' || code=$?
	[ $code = 7 ]
	[ "$(echo in | "$SANDBOX" sh -c 'cat; echo "$1"' x 'a  b')" = $'in\na  b' ]
}

@test "sandbox: mounts, network, processes, host name and IPC are its own" {
	local ns
	for ns in mnt net pid uts ipc cgroup; do
		[ "$TCR_SANDBOX_CGROUP" != none ] || [ $ns != cgroup ] || continue
		[ "$("$SANDBOX" readlink "/proc/self/ns/$ns")" != "$(readlink "/proc/self/ns/$ns")" ]
	done
	touch /run/ours /var/lib/tcr/ours
	[ "$("$SANDBOX" find /run /var/lib/tcr -name ours)" = "" ]
	"$SANDBOX" ip -br link show lo | grep -q UNKNOWN
	[ "$("$SANDBOX" sh -c 'ls /sys/class/net')" = lo ]
}

@test "sandbox: what is written to the directories of the system does not get there" {
	local dir name=tcr-harness.$$
	for dir in /usr /usr/bin /usr/local/bin /bin /sbin /lib /etc /etc/init.d /opt /boot /var/lib/tcr /run; do
		[ -d $dir ] || continue
		# Only this sandbox's own, which may be one that refuses.
		"$SANDBOX" touch "$dir/$name" 2>/dev/null || true
		[ ! -e "$dir/$name" ] || fail "$dir is not the sandbox's own"
	done
	for dir in /usr/bin /usr/local/bin; do
		assert_fails 1 'Read-only file system' touch "$dir/$name"
	done
}

@test "sandbox: crun runs containers with limits, in three sandboxes at once" {
	local i
	[ "$TCR_SANDBOX_CGROUP" != none ] || skip "no cgroups on this machine"
	# crun makes mount points that are missing: three would race for them in one tree
	mkdir -p b/rootfs/bin b/rootfs/proc b/rootfs/sys b/rootfs/dev
	cp "$(command -v busybox.static busybox | head -n 1)" b/rootfs/bin/sh
	(cd b && crun spec)
	jq '.process.terminal = false | .linux.cgroupsPath = "tcr/same" |
		.linux.resources.pids.limit = 20 |
		.process.args = ["/bin/sh", "-c", "echo it runs"]' \
		b/config.json >config.json
	mv config.json b
	for i in 1 2 3; do
		"$SANDBOX" crun --cgroup-manager=cgroupfs run -b b same >"out$i" 3>&- &
	done
	wait
	for i in 1 2 3; do
		[ "$(cat "out$i")" = "it runs" ]
	done
	no_sandbox_cgroups
}

@test "sandbox: when it ends, its processes and cgroups do" {
	local pid
	"$SANDBOX" sh -c 'setsid sleep 1000 & mkdir -p /sys/fs/cgroup/*/tcr/x /sys/fs/cgroup/tcr/x
		echo hello' 2>/dev/null
	no_sleep_runs
	no_sandbox_cgroups
	for sig in TERM INT HUP; do
		env --default-signal=INT "$SANDBOX" sh -c 'echo >ready; sleep 1000' 3>&- &
		pid=$!
		wait_for 5 test -e ready
		rm ready
		kill -$sig $pid
		wait $pid || [ $? -gt 128 ]
		no_sleep_runs
		no_sandbox_cgroups
	done
}

@test "sandbox: SIGKILL ends its processes too" {
	local pid
	"$SANDBOX" sh -c 'echo >ready; exec sleep 1000' 3>&- &
	pid=$!
	wait_for 5 test -e ready
	kill -KILL $pid
	wait_for 5 no_sleep_runs
	find /sys/fs/cgroup -depth -path '*/tcr-sandbox.*' -type d -exec rmdir {} +
}

@test "run: failures, skips and passes are counted, and the reasons shown" {
	run_file mixed <<-'END'
		@@test "good" { true; }
		@@test "bad" { echo "what happened"; false; }
		@@test "later" { skip "no time"; }
	END
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "tests: 1 passed, 1 failed, 1 skipped" ]
	[[ $output == *"# what happened"* ]]
	[[ $output == *"SKIPPED later"*"no time"* ]]
}

@test "run: only passes are a success" {
	run_file good <<<'@@test "good" { true; }'
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "tests: 1 passed, 0 failed, 0 skipped" ]
}

@test "run: a file that hangs is ended, named, and its other tests have failed" {
	# How long is long depends on the machine.
	local start=$SECONDS
	run_file quick <<<'@@test "good" { true; }'
	limit=$((5 + 4 * (SECONDS - start)))
	run_file hanging $limit <<-'END'
		@@test "good" { true; }
		@@test "hangs" { sleep 1000; }
		@@test "never runs" { true; }
	END
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "tests: 1 passed, 2 failed, 0 skipped" ]
	[[ $output == *"hanging.bats ended early"*"limit of $limit s"* ]]
	no_sleep_runs
}

@test "run: a file that dies before its plan, or has no test, has failed" {
	run_file syntax <<<'@@test "x" { if'
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "tests: 0 passed, 1 failed, 0 skipped" ]
	run_file dies <<<'kill -KILL $$'
	[ "${lines[-1]}" = "tests: 0 passed, 1 failed, 0 skipped" ]
	run_file none <<<'exit 0'
	[ "${lines[-1]}" = "tests: 0 passed, 1 failed, 0 skipped" ]
}

@test "run: a file that is not there is an error" {
	assert_fails 1 'nowhere.bats: no such file' "$BATS_TEST_DIRNAME/run" nowhere.bats
}

@test "images: what is there already is not made again" {
	local first
	first=$("$LIB/images" busybox.sqfs)
	touch -d '1 hour ago' before
	find "$first" -newer before -exec touch -d '2 hours ago' {} +
	[ "$("$LIB/images" busybox.sqfs)" = "$first" ]
	[ ! "$first" -nt before ]
	assert_fails 1 'unknown image: nothing' "$LIB/images" nothing
}

@test "images: two at once make one" {
	export TCR_TESTS_CACHE=$PWD/cache
	"$LIB/images" busybox >one 3>&- &
	"$LIB/images" busybox >two
	wait
	cmp one two
	[ -f "$(cat one)/index.json" ]
	[ "$(find cache -mindepth 1 -maxdepth 1 -type d | wc -l)" = 1 ]
}

@test "assert_clean sees each kind of leftover" {
	start_tcrd
	assert_clean
	leaves "mount: $TCR_ROOT/x" 'mkdir $TCR_ROOT/x; mount -t tmpfs x $TCR_ROOT/x' \
		'umount $TCR_ROOT/x'
	leaves "file: $TCR_RUN/containers/x" 'mkdir -p $TCR_RUN/containers/x' \
		'rmdir $TCR_RUN/containers/x'
	leaves "file: $TCR_ROOT/containers/y" 'mkdir -p $TCR_ROOT/containers/y' \
		'rmdir $TCR_ROOT/containers/y'
	leaves "orphan: [0-9]* sleep 1000" '(setsid sleep 1000 3>&- &)' 'kill $(pgrep -x sleep)'
	truncate -s 1M "$BATS_TEST_TMPDIR/disk"
	leaves "loop device: .*/disk" 'loop=$(losetup -f --show $BATS_TEST_TMPDIR/disk)' \
		'losetup -d $loop'
	[ "$TCR_SANDBOX_CGROUP" = none ] ||
		leaves "cgroup: /sys/fs/cgroup/.*tcr/x" \
			'c=$(echo /sys/fs/cgroup/{pids,}/cgroup.procs | head -n 1)
			c=$(dirname $(ls $c 2>/dev/null | head -n 1))/tcr/x; mkdir -p $c' 'rmdir $c'
	TCRD_FDS=$((TCRD_FDS - 1))
	leaves "fd (.* were open): " : 'TCRD_FDS=$((TCRD_FDS + 1))'
	stop_tcrd
}

# leaves REGEX MAKE UNDO: assert_clean must complain about what MAKE makes, and not after UNDO.
leaves()
{
	eval "$2"
	leftovers | grep -q "$1" || fail "not seen: $1: $(leftovers)" || return
	! nothing_is_left || fail "assert_clean would pass" || return
	eval "$3"
	assert_clean
}

@test "assert_fails takes neither another code nor another message" {
	assert_fails 3 '^gone$' sh -c 'echo gone >&2; exit 3'
	! assert_fails 4 '^gone$' sh -c 'echo gone >&2; exit 3' || false
	! assert_fails 3 '^here$' sh -c 'echo gone >&2; exit 3' || false
	! assert_fails 0 '^gone$' sh -c 'echo gone; exit 0' || false
}

@test "stop_tcrd notices what a checker wrote and a wrong exit code" {
	TCRD_LOG=$PWD/log
	echo "x.c:1:2: runtime error: shift exponent 99" >"$TCRD_LOG"
	! no_checker_complained || false
	echo "==7==ERROR: AddressSanitizer: heap-use-after-free" >"$TCRD_LOG"
	! no_checker_complained || false
	echo "tcrd: all is well" >"$TCRD_LOG"
	no_checker_complained
	echo "==7== Invalid read of size 4" >valgrind.7
	! no_checker_complained || false
	rm valgrind.7
	sh -c 'exit 99' 3>&- &
	TCRD_PID=$!
	! stop_tcrd || false
}
