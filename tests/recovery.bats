# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon dies, the disk is full or read-only, records are damaged: what was acknowledged is
# there afterwards, and nothing else is. (teardown checks for leftovers after each test.)
# shellcheck disable=SC2016,SC2153 # text to evaluate later; a variable of lib/container

load lib/helper
load lib/container

setup()
{
	begin
	ID=$(printf 'abcdef01%.0s' {1..8})
	OTHER=${ID//a/b}
}

# restart_tcrd: the next daemon after a crash.
restart_tcrd()
{
	kill_tcrd && start_tcrd
}

# pid_of WORD...: prints the process that runs this command, as soon as there is one: it is not yet
# when run -d returns.
pid_of()
{
	wait_for 5 runs "$@" && pids_of "$@"
}

runs()
{
	[ -n "$(pids_of "$@")" ]
}

no_containers()
{
	[ -z "$(tcr ps -aq)" ]
}

# Since Linux 6.15 the exit status of a process that is not one's child can be known.
known_or_255()
{
	if printf '%s\n' 6.15 "$(uname -r)" | sort -VC; then echo "$1"; else echo 255; fi
}

logs()
{
	grep -q -e "$1" "$TCRD_LOG" || fail "the log has no line like: $1"
}

# --- the daemon is killed while containers run

@test "containers outlive the daemon, and the next one adopts them" {
	local pid_a pid_b
	tcr run -d --name a busybox sh -c 'trap "exit 7" TERM; while :; do sleep 0.05; done' >/dev/null
	tcr run -d --name b --rm --read-only busybox sleep 1001 >/dev/null
	tcr run -d --name t -t busybox sleep 1002 >/dev/null
	pid_b=$(pid_of sleep 1001)
	pid_a=$(pid_of sh -c 'trap "exit 7" TERM; while :; do sleep 0.05; done')
	for _ in 1 2 3; do
		restart_tcrd
		[ "$(tcr ps --format json | jq -r '.Names + " " + .State' | sort | xargs)" = \
			"a running b running t running" ]
		has_status a "Up "
		[ "$(pids_of sleep 1001)" = "$pid_b" ]
		kill -0 "$pid_a"
	done
	refuses 'is used by container' tcr image rm busybox
	refuses 'is running' tcr rm a
	tcr stop a >/dev/null
	has_status a "Exited ($(known_or_255 7))"
	tcr kill b >/dev/null
	wait_for 5 eval '[ "$(tcr ps -q | wc -l)" = 1 ]'
	tcr rm -f t a >/dev/null
	no_containers
	assert_clean
	tcr image rm busybox
}

@test "containers that ended while there was no daemon are exited, those with --rm are gone" {
	tcr run -d --name a busybox sleep 1001 >/dev/null
	tcr run -d --name b --rm busybox sleep 1002 >/dev/null
	tcr run --name ended busybox sh -c 'exit 3' || true
	kill_tcrd
	kill -KILL "$(pid_of sleep 1001)" "$(pid_of sleep 1002)"
	wait_for 5 eval '[ -z "$(pids_of sleep 1001)$(pids_of sleep 1002)" ]'
	start_tcrd
	has_state a exited
	has_status ended "Exited (3)"
	[ "$(tcr ps -aq | wc -l)" = 2 ]
	tcr rm a ended >/dev/null
	assert_clean
}

@test "an adopted container that ends is cleaned up as any other" {
	tcr run -d --name a --rm busybox sleep 1001 >/dev/null
	tcr run -d --name b busybox sleep 1002 >/dev/null
	restart_tcrd
	kill -KILL "$(pid_of sleep 1001)" "$(pid_of sleep 1002)"
	wait_for 5 has_state b exited
	has_status b "Exited ($(known_or_255 137))"
	wait_for 5 eval '[ "$(tcr ps -aq | wc -l)" = 1 ]'
	tcr rm b
	assert_clean
}

@test "a client in the foreground says that it lost the daemon, its container goes on" {
	start_client run --name a busybox sleep 1001
	wait_for 5 has_state a running
	kill_tcrd
	client_ends 125
	[ "$(<err)" = "tcr: lost the connection to tcrd" ]
	wait_for 10 runs sleep 1001
	start_tcrd
	has_state a running
	tcr stop -t 0 a
}

@test "the pid of a container that another process has got by now is not adopted" {
	tcr run -d --name a busybox sleep 1001 >/dev/null
	kill_tcrd
	kill -KILL "$(pid_of sleep 1001)"
	wait_for 5 eval '[ -z "$(pids_of sleep 1001)" ]'
	sleep 1003 3>&- &
	local innocent=$! state
	state=$(echo "$TCR_RUN"/state/*)
	sed -i "s/^[0-9]*/$innocent/" "$state"
	start_tcrd
	has_state a exited
	tcr rm -f a
	kill -0 $innocent
	kill $innocent
}

# --- half-made things

# cgroup_dirs: the daemon's directory in each hierarchy; it is named after the run directory.
cgroup_dirs()
{
	if [ -e /sys/fs/cgroup/cgroup.procs ]; then
		echo "/sys/fs/cgroup/tcr${TCR_RUN//\//-}"
	else
		find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d -printf "%p/tcr${TCR_RUN//\//-}\n"
	fi
}

@test "what a crash left half-made is cleared, and what is not ours stays" {
	local root=$TCR_ROOT run=$TCR_RUN pid=
	kill_tcrd
	mkdir -p "$root/containers/$ID/upper/a/b" "$root/containers/$OTHER" "$root/images_root/tmp-1"
	echo x >"$root/containers/$ID/upper/a/b/c"
	echo --name=x >"$root/containers/$OTHER/spec.tmp"
	head -c 1000 /dev/zero >"$root/images_root/tmp-1/image.sqfs"
	mkdir -p "$root/images_root/tmp-2/mnt" "$run/containers/$ID/rootfs" "$run/crun/$ID" \
		"$run/images/$ID" u w
	# The same overlay twice, as a loop of restarts can leave it.
	mount -t overlay -o lowerdir=/usr/lib,upperdir=u,workdir=w overlay "$run/containers/$ID/rootfs"
	mount -t overlay -o lowerdir=/usr/lib:/usr/share overlay "$run/containers/$ID/rootfs"
	mount -t squashfs -o loop,ro "$BUSYBOX_SQFS" "$run/images/$ID"
	echo '{}' >"$run/crun/$ID/status"
	echo '1 2 3 4 5' >"$run/state/$ID"
	if [ "$TCR_SANDBOX_CGROUP" != none ]; then
		sleep 1004 3>&- &
		pid=$!
		local dir
		for dir in $(cgroup_dirs); do
			mkdir -p "$dir/$ID"
			# A v1 cpuset takes nobody before it has CPUs and memory.
			for f in cpuset.cpus cpuset.mems; do
				[ ! -e "$dir/$ID/$f" ] || cat "$dir/../$f" >"$dir/$ID/$f" || true
			done
			echo $pid >"$dir/$ID/cgroup.procs"
		done
	fi
	echo "not ours" >"$root/containers/notes"
	start_tcrd
	[ -z "$pid" ] || exits 137 wait "$pid"
	no_containers
	[ -z "$(find "$root" "$run" -name "*$ID*" -o -name "$OTHER" -o -name 'tmp-*')" ]
	[ "$(<"$root/containers/notes")" = "not ours" ]
	rm "$root/containers/notes"
	tcr run --rm busybox true
	assert_clean
}

# --- damaged records

@test "a damaged spec is quarantined with a message, and the others are there" {
	local id n=0
	tcr run --name good busybox true
	for damage in 'truncate -s 0' 'truncate -s -3' 'sed -i 1i\\--bogus' \
		'sed -i s/--image-id=/--name=/' directory binary 'rm -f'; do
		id=$(tcr run -d --name "bad$n" busybox true)
		wait_for 5 has_state "bad$n" exited
		kill_tcrd
		case $damage in
		directory) rm "$TCR_ROOT/containers/$id/spec" && mkdir "$TCR_ROOT/containers/$id/spec" ;;
		binary) head -c 512 /dev/urandom >"$TCR_ROOT/containers/$id/spec" ;;
		*) $damage "$TCR_ROOT/containers/$id/spec" ;;
		esac
		start_tcrd
		[ "$(tcr ps -a --format json | jq -r .Names)" = good ] || fail "$damage" || return
		# Without a spec there is no container.
		[ "$damage" = "rm -f" ] || {
			logs "container ${id:0:12}: .*quarantine"
			[ -d "$TCR_ROOT/quarantine/$id" ]
		}
		[ ! -e "$TCR_ROOT/containers/$id" ]
		((++n))
	done
	rm -r "$TCR_ROOT/quarantine"
}

@test "what cannot be moved to quarantine is not deleted" {
	local id
	id=$(tcr run -d busybox sh -c 'echo precious >/data')
	wait_for 5 eval '[ -z "$(tcr ps -q)" ]'
	kill_tcrd
	echo bogus >"$TCR_ROOT/containers/$id/spec"
	: >"$TCR_ROOT/quarantine"
	start_tcrd
	logs "${id:0:12}.*quarantine"
	[ "$(<"$TCR_ROOT/containers/$id/upper/data")" = precious ]
	kill_tcrd
	rm -r "$TCR_ROOT/quarantine" "$TCR_ROOT/containers/$id"
	start_tcrd
}

@test "a running container whose spec is damaged is ended, and its files are kept" {
	local id
	id=$(tcr run -d busybox sh -c 'echo precious >/data; exec sleep 1001')
	wait_for 5 runs sleep 1001
	kill_tcrd
	echo bogus >"$TCR_ROOT/containers/$id/spec"
	start_tcrd
	no_containers
	[ -z "$(pids_of sleep 1001)" ]
	[ "$(<"$TCR_ROOT/quarantine/$id/upper/data")" = precious ]
	assert_clean
}

@test "a damaged image.json gives a message, and loading the image again repairs it" {
	local id damage
	id=$(tcr image ls -q --no-trunc)
	id=${id#sha256:}
	for damage in 'truncate -s 0' 'truncate -s -2' 'sed -i s/:/;/' 'rm -f'; do
		kill_tcrd
		$damage "$TCR_ROOT/images_root/$id/image.json"
		: >"$TCRD_LOG"
		start_tcrd
		logs "image ${id:0:12}: .*load it again"
		[ -z "$(tcr image ls -q)" ]
		refuses 'no such image: "busybox"' tcr run --rm busybox true
		load_busybox >/dev/null
		tcr run --rm busybox true
	done
	kill_tcrd
	rm "$TCR_ROOT/images_root/$id/tag"
	start_tcrd
	tcr run --rm "${id:0:12}" true
	refuses 'no such image: "busybox"' tcr run --rm busybox true
}

@test "a running container whose image.json is damaged goes on, and an exited one is still there" {
	local id
	id=$(tcr image ls -q --no-trunc)
	tcr run -d --name a busybox sleep 1001 >/dev/null
	tcr run --name b busybox true
	wait_for 5 runs sleep 1001
	kill_tcrd
	: >"$TCR_ROOT/images_root/${id#sha256:}/image.json"
	start_tcrd
	has_state b exited
	[ -n "$(pids_of sleep 1001)" ]
	has_state a running
	tcr stop -t 0 a
	tcr rm a b
	assert_clean
}

# --- killed in the middle

images_root_has()
{
	[ "$(find "$TCR_ROOT/images_root" -mindepth 1 -maxdepth 1 | wc -l)" = "$1" ]
}

@test "a load that the daemon's end cut off leaves nothing after the next start" {
	mkfifo pipe
	"$TCRBOX" tcr image load - <pipe >out 2>err 3>&- &
	CLIENT=$!
	exec 4>pipe
	head -c 500000 "$BUSYBOX_SQFS" >&4
	wait_for 5 images_root_has 2
	kill_tcrd
	client_ends 125
	start_tcrd
	images_root_has 1
	exec 4>&-
	tcr run --rm busybox true
}

@test "a load that is killed at any moment is there as a whole, or not at all" {
	local ms name
	image_tree other
	pack other
	RANDOM=1
	for _ in {1..8}; do
		"$TCRBOX" tcr image load other.sqfs >out 2>err 3>&- &
		CLIENT=$!
		printf -v ms '%03d' $((RANDOM % 12))
		sleep "0.$ms"
		kill_tcrd
		wait $CLIENT || true
		start_tcrd
		for name in $(tcr image ls -q); do
			tcr run --rm "$name" true
		done
		images_root_has "$(tcr image ls -q | wc -l)"
		# What was acknowledged is there.
		[ ! -s out ] || tcr image ls -q --no-trunc | grep -qxF "$(<out)"
		tcr image rm other >/dev/null 2>&1 || true
	done
}

@test "the daemon killed at any moment of 30 runs at once leaves nothing after the next start" {
	local i ms pids
	RANDOM=2
	for _ in {1..6}; do
		pids=()
		for i in {1..30}; do
			"$TCRBOX" tcr run --rm busybox true >/dev/null 2>&1 3>&- &
			pids+=($!)
		done
		printf -v ms '%03d' $((RANDOM % 250))
		sleep "0.$ms"
		kill_tcrd
		wait "${pids[@]}" || true
		start_tcrd
		wait_for 5 no_containers
		assert_clean
	done
}

@test "the daemon killed at any moment of starts, stops and removals loses nothing acknowledged" {
	local i name ms pids
	RANDOM=3
	for _ in {1..5}; do
		pids=()
		for i in {1..10}; do
			{
				tcr run -d --name "k$i" busybox sleep 1000 >"id.$i" 2>/dev/null &&
					[ "$i" -gt 3 ] || tcr rm -f "k$i" >"rm.$i" 2>/dev/null
			} 3>&- &
			pids+=($!)
		done
		printf -v ms '%03d' $((50 + RANDOM % 250))
		sleep "0.$ms"
		kill_tcrd
		wait "${pids[@]}" || true
		start_tcrd
		for i in {1..10}; do
			if [ -s "rm.$i" ]; then
				! tcr ps -aq --no-trunc | grep -qxF "$(<"id.$i")" || fail "k$i came back"
			elif [ -s "id.$i" ] && [ "$i" -gt 3 ]; then
				has_state "k$i" running || fail "k$i is lost"
			fi
		done
		for name in $(tcr ps -aq); do
			tcr rm -f "$name" >/dev/null
		done
		rm -f id.* rm.*
		assert_clean
	done
}

# --- two daemons

# other_tcrd ARGUMENT...: must end with 125; what it says is in the file err.
other_tcrd()
{
	exits 125 timeout 30 "$TCRBOX" tcrd "$@" </dev/null >out 2>err 3>&-
	[ "$(wc -l <err)" = 1 ]
}

@test "what a killed daemon was writing into its run directory is gone after the next start" {
	local id
	id=$(tcr run -d --stop-timeout 0 busybox sleep 1000)
	touch "$TCR_RUN/terminals.tmp" "$TCR_RUN/init.tmp" "$TCR_RUN/containers/$id"/{hosts.tmp,00a,00a.json}
	kill_tcrd
	start_tcrd
	prints "" find "$TCR_RUN" -name '*.tmp' -o -name '00a*'
}

@test "a start that is refused leaves no directory behind" {
	local new=("$PWD/new" /run/new) row
	mkdir real
	ln -s real link
	for row in "--root ${new[0]} --run-dir $TCR_RUN" "--root $TCR_ROOT --run-dir ${new[1]}" \
		"--root ${new[0]} --run-dir ${new[1]} --crun /bin/true" \
		"--root ${new[0]} --run-dir ${new[1]} --socket /nowhere/at/all" \
		"--root ${new[0]} --run-dir /proc/none" "--root /proc/none --run-dir ${new[1]}" \
		"--root $PWD/link/root --run-dir $PWD/real"; do
		# shellcheck disable=SC2086 # a list
		other_tcrd $row
		[ ! -e "${new[0]}" ] && [ ! -e "${new[1]}" ] && [ ! -e real/root ] || fail "$row"
	done
	# What was there stays.
	mkdir "${new[@]}"
	other_tcrd --root "${new[0]}" --run-dir "${new[1]}" --socket /nowhere/at/all
	[ -d "${new[0]}" ] && [ -d "${new[1]}" ]
	rm -r "${new[@]}"
	# So does what comes meanwhile: the daemon tries to listen for a while.
	"$TCRBOX" tcrd --root "${new[0]}" --run-dir "${new[1]}" --socket /nowhere/at/all 2>err 3>&- &
	wait_for 20 eval '[ -d "${new[0]}/containers" ] || is_no_process $!'
	mkdir -p "${new[0]}/volumes/data"
	exits 125 wait $!
	[ -d "${new[0]}/volumes/data" ] && [ ! -e "${new[1]}" ]
	rm -r "${new[0]}"
}

@test "a second daemon on the same directories says who holds them, and disturbs nobody" {
	tcr run -d --name a busybox sleep 1001 >/dev/null
	other_tcrd --root "$TCR_ROOT" --run-dir "$TCR_RUN"
	grep -q "^tcrd: $TCR_RUN is in use by another tcrd, process $TCRD_PID" err
	other_tcrd --root "$TCR_ROOT" --run-dir /run/other
	grep -q "^tcrd: $TCR_ROOT is in use by another tcrd, process $TCRD_PID" err
	other_tcrd --root "$PWD/other" --run-dir "$TCR_RUN"
	grep -q "^tcrd: $TCR_RUN is in use by another tcrd, process $TCRD_PID" err
	ln -s "$TCR_ROOT" link
	other_tcrd --root "$PWD/link" --run-dir /run/other
	grep -q "in use by another tcrd, process $TCRD_PID" err
	has_state a running
	tcr run --rm busybox true
	tcr rm -f a
}

@test "a second daemon does not take the socket of the first" {
	other_tcrd --root "$PWD/other" --run-dir /run/other --socket "$TCR_SOCKET"
	grep -q "$TCR_SOCKET.*in use" err
	[ -S "$TCR_SOCKET" ]
	tcr run --rm busybox true
}

@test "two daemons on directories of their own know nothing of each other" {
	local first=$TCR_SOCKET
	"$TCRBOX" tcrd --root "$PWD/other" --run-dir /run/other </dev/null >log2 2>&1 3>&- &
	local second=$!
	wait_for 5 test -S /run/other/tcrd.sock
	tcr run -d --name a busybox sleep 1001 >/dev/null
	[ -z "$(tcr --socket /run/other/tcrd.sock ps -aq)" ]
	# Nor does one, when it starts, clear away what is the other's.
	kill -KILL $second
	wait $second || true
	"$TCRBOX" tcrd --root "$PWD/other" --run-dir /run/other </dev/null >log2 2>&1 3>&- &
	second=$!
	wait_for 5 tcr --socket /run/other/tcrd.sock version
	has_state a running
	wait_for 10 runs sleep 1001
	kill $second
	wait $second
	has_state a running
	[ "$TCR_SOCKET" = "$first" ]
	tcr rm -f a
}

# --- shut down

nothing_is_mounted()
{
	! awk -v a="$TCR_ROOT/" -v b="$TCR_RUN/" \
		'index($5, a) == 1 || index($5, b) == 1 { print; f = 1 } END { exit !f }' \
		/proc/self/mountinfo
}

@test "SIGTERM stops all containers at once, within their time-outs, and leaves nothing mounted" {
	local i start
	for i in 1 2 3; do
		tcr run -d --name "deaf$i" --stop-timeout 3 busybox sleep "100$i" >/dev/null
		tcr run -d --name "polite$i" busybox \
			sh -c 'trap "exit 4" TERM; echo up; while :; do sleep 0.05; done' >/dev/null
		wait_for 10 prints up tcr logs "polite$i"
	done
	tcr run -d --rm --name gone --stop-timeout 3 busybox sleep 1005 >/dev/null
	start_client run --name fg busybox \
		sh -c 'trap "exit 5" TERM; echo up; while :; do sleep 0.05; done'
	wait_for 5 grep -q up out
	start=${EPOCHREALTIME/./}
	stop_tcrd
	((${EPOCHREALTIME/./} - start < 9000000)) || fail "not at the same time"
	client_ends 5
	nothing_is_mounted
	assert_clean_but_records
	[ ! -e "$TCR_SOCKET" ]
	start_tcrd
	has_status deaf1 "Exited (137)"
	has_status polite3 "Exited (4)"
	has_status fg "Exited (5)"
	[ "$(tcr ps -aq | wc -l)" = 7 ]
}

# The records and layers of containers that are kept are no leftovers.
assert_clean_but_records()
{
	wait_for 5 eval '[ -z "$(leftovers | grep -v "^file: $TCR_ROOT/containers/")" ]' ||
		fail "$(leftovers)"
}

@test "SIGTERM in the middle of 20 starts leaves nothing mounted and no process" {
	local i ms pids
	RANDOM=4
	for _ in 1 2 3; do
		pids=()
		for i in {1..20}; do
			"$TCRBOX" tcr run --rm --stop-timeout 0 busybox sleep 1000 >/dev/null 2>&1 3>&- &
			pids+=($!)
		done
		printf -v ms '%03d' $((RANDOM % 200))
		sleep "0.$ms"
		stop_tcrd
		wait "${pids[@]}" || true
		nothing_is_mounted
		assert_clean
		start_tcrd
		no_containers
	done
}

@test "SIGTERM during a load from a pipe ends the load" {
	mkfifo pipe
	"$TCRBOX" tcr image load - <pipe >out 2>err 3>&- &
	CLIENT=$!
	exec 4>pipe
	head -c 500000 "$BUSYBOX_SQFS" >&4
	wait_for 5 images_root_has 2
	stop_tcrd
	client_ends 125
	[ "$(wc -l <err)" = 1 ]
	start_tcrd
	images_root_has 1
	exec 4>&-
}

# --- full and read-only disks

# begin_on_tmpfs OPTIONS: a daemon whose root is a tmpfs.
begin_on_tmpfs()
{
	stop_tcrd
	mount -t tmpfs -o "$1" tmpfs "$TCR_ROOT"
	start_tcrd
}

says()
{
	[ "$(wc -l <stderr)" = 1 ] || fail "not one line: $(<stderr)" || return
	grep -q "^tcr: .*$1" stderr || fail "it says: $(<stderr)"
}

@test "a full disk: image load says so, leaves nothing, and works when there is room" {
	begin_on_tmpfs size=400k
	exits 125 tcr image load "$BUSYBOX_SQFS" 2>stderr
	says 'busybox.*: No space left on device'
	exits 125 tcr image load - <"$BUSYBOX_SQFS" 2>stderr
	says 'standard input: .*No space left on device'
	images_root_has 0
	[ "$(df --output=used -k "$TCR_ROOT" | tail -n 1)" -lt 40 ]
	mount -o remount,size=4m "$TCR_ROOT"
	load_busybox >/dev/null
	tcr run --rm busybox true
}

# fill: takes all blocks and inodes of the root.
fill()
{
	head -c 10m /dev/zero >"$TCR_ROOT/ballast" 2>/dev/null || true
	local i
	for i in {1..200}; do
		mkdir "$TCR_ROOT/ballast.$i" 2>/dev/null || break
	done
}

@test "a full disk: run and others say so, leave nothing, and work when there is room" {
	local before
	begin_on_tmpfs size=4m,nr_inodes=100
	load_busybox >/dev/null
	tcr run -d --name a busybox sleep 1001 >/dev/null
	tcr run --name b busybox true
	fill
	before=$(find "$TCR_ROOT" "$TCR_RUN" | sort)
	for options in "" "--name c" -d --rm "-d --rm"; do
		# shellcheck disable=SC2086 # words
		exits 125 tcr run $options busybox true 2>stderr
		says 'No space left on device'
	done
	exits 125 tcr image load "$BUSYBOX_SQFS" 2>stderr
	says 'No space left on device'
	[ "$(find "$TCR_ROOT" "$TCR_RUN" | sort)" = "$before" ]
	# What needs no room works, and so one gets rid of things.
	tcr run --rm --read-only busybox true
	has_state a running
	tcr stop -t 0 a
	tcr rm b
	restart_tcrd
	has_state a exited
	tcr rm a
	rm -r "$TCR_ROOT"/ballast*
	tcr run busybox true
	tcr image load "$BUSYBOX_SQFS"
}

# A disk with errors becomes read-only while it is in use. (A descriptor that is open for writing
# keeps a remount from it, so this is done a level below.)
read_only_root()
{
	local dir
	for dir in "$TCR_ROOT"/{containers,images_root}; do
		mount --bind "$dir" "$dir" && mount -o remount,bind,ro "$dir" || return
	done
}

@test "a root that becomes read-only: run and others say so, and work again later" {
	local before
	tcr run --name a busybox true
	before=$(find "$TCR_ROOT" "$TCR_RUN" | sort)
	read_only_root
	for options in "" --rm -d "--name x"; do
		# shellcheck disable=SC2086 # words
		exits 125 tcr run $options busybox true 2>stderr
		says 'Read-only file system'
	done
	exits 125 tcr image load "$BUSYBOX_SQFS" 2>stderr
	says 'Read-only file system'
	! tcr rm a 2>stderr || false
	says 'Read-only file system'
	[ "$(find "$TCR_ROOT" "$TCR_RUN" | sort)" = "$before" ]
	has_state a exited
	tcr run --rm --read-only busybox true
	umount "$TCR_ROOT/containers" "$TCR_ROOT/images_root"
	tcr rm a
	! tcr image rm nope 2>/dev/null || false
	tcr run --rm busybox true
}

@test "image rm on a read-only root says so, and the image is still there" {
	read_only_root
	! tcr image rm busybox 2>stderr || false
	says 'Read-only file system'
	tcr run --rm --read-only busybox true
	umount "$TCR_ROOT/containers" "$TCR_ROOT/images_root"
	tcr image rm busybox
}

@test "a daemon on a read-only root says so at its start" {
	stop_tcrd
	mount --bind "$TCR_ROOT" "$TCR_ROOT"
	mount -o remount,bind,ro "$TCR_ROOT"
	other_tcrd --root "$TCR_ROOT" --run-dir "$TCR_RUN"
	grep -q "^tcrd: $TCR_ROOT.*: Read-only file system" err
	umount "$TCR_ROOT"
	start_tcrd
	tcr run --rm busybox true
}
