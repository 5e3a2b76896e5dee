# SPDX-License-Identifier: GPL-2.0-or-later
# tcr run with each of its options, and the help.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

# bb ARGUMENT...: a busybox container in the foreground, removed at its end.
bb()
{
	tcr run --rm "$@"
}

# --- exit codes

@test "the exit code of run is the container's" {
	exits 0 bb busybox true
	exits 7 bb busybox sh -c 'exit 7'
	exits 255 bb busybox sh -c 'exit 255'
}

@test "a container killed by a signal exits with 128 plus its number" {
	start_client run --rm --name k busybox sleep 98760
	wait_for 5 eval '[ -n "$(pids_of sleep 98760)" ]'
	kill -KILL "$(pids_of sleep 98760)"
	client_ends 137
	exits 143 bb busybox sh -c 'sleep 1000 & kill -TERM $!; wait $!'
}

@test "a command that is not there exits with 127 and says so" {
	assert_fails 127 '^tcr: .*/nonexistent' bb busybox /nonexistent
	assert_fails 127 '^tcr: .*nosuchcommand' bb busybox nosuchcommand
	[ "$(wc -l <stderr)" = 1 ]
}

@test "a command that cannot be executed exits with 126 and says so" {
	echo text >plain
	: >empty
	printf '\x7fELFgarbage' >broken
	chmod 755 broken empty
	assert_fails 126 '^tcr: .*/plain.*denied' bb -v ./plain:/plain busybox /plain
	assert_fails 126 '^tcr: .*(directory|denied)' bb busybox /etc
	[ "$(wc -l <stderr)" = 1 ]
	assert_fails 126 '^tcr: .*[Ee]xec format' bb -v ./broken:/broken busybox /broken
	assert_fails 126 '^tcr: .*[Ee]xec format' bb -v ./empty:/empty busybox /empty
}

@test "a script whose interpreter is missing exits with 127" {
	printf '#!/nosuch/interpreter\n' >script
	chmod 755 script
	assert_fails 127 '^tcr: ' bb -v ./script:/script busybox /script
}

@test "run -d with a bad command prints no id and fails" {
	assert_fails 127 '^tcr: ' tcr run -d --name bad busybox nosuchcommand
	[ ! -s stdout ]
	assert_fails 126 '^tcr: ' tcr run -d --name bad busybox /etc
	[ ! -s stdout ]
}

@test "a run that failed leaves no container, and its name is free again" {
	assert_fails 127 '^tcr: ' tcr run --name again busybox nosuchcommand
	prints '' tcr ps -aq
	prints ok tcr run --rm --name again busybox echo ok
}

@test "errors that are not the container's have exit code 125" {
	assert_fails 125 'no such image' tcr run nosuchimage
	assert_fails 125 'unknown flag' tcr run --nosuch busybox
	assert_fails 125 'unknown flag' tcr ps --nosuch
	assert_fails 125 'no such container' tcr stop nosuch
	assert_fails 125 'no such container' tcr kill nosuch
	assert_fails 125 'no such container' tcr rm nosuch
	assert_fails 125 'no such image' tcr image rm nosuch
}

# --- -d, --rm, --name

@test "run -d prints the id of 64 digits and returns at once" {
	local id
	SECONDS=0
	id=$(tcr run -d busybox sleep 1000)
	((SECONDS < 60))
	[[ $id =~ ^[0-9a-f]{64}$ ]]
	prints "$id" tcr ps -q --no-trunc
}

@test "run --rm removes the container, in the foreground and detached" {
	bb --name a busybox touch /x
	prints '' tcr ps -aq
	tcr run -d --rm --name b busybox true
	wait_for 5 has_state b ''
	assert_clean
}

@test "without --rm the container stays, with its exit code" {
	exits 3 tcr run --name kept busybox sh -c 'exit 3'
	prints_like 'Exited \(3\)' tcr ps -a
	prints '' tcr ps -q
}

@test "a name may be taken once only, and is free after rm" {
	tcr run --name one busybox true
	assert_fails 125 'name "one" is taken|already in use' tcr run --rm --name one busybox true
	tcr rm one
	bb --name one busybox true
}

@test "names match [a-zA-Z0-9][a-zA-Z0-9_.-]*" {
	local name
	for name in a 0 A.b_c-9; do
		bb --name "$name" busybox true
	done
	for name in '' . -a _a 'a b' a/b ../a $'a\nb' ä "$(printf 'x%.0s' {1..300})"; do
		assert_fails 125 '^tcr: .*name' bb "--name=$name" busybox true
		[ "$(wc -l <stderr)" = 1 ]
	done
}

@test "a container without --name has one that works" {
	local name
	tcr run -d busybox sleep 1000
	name=$(tcr ps --format json | jq -r .Names)
	[ -n "$name" ]
	prints "$name" tcr rm -f "$name"
}

# --- environment

@test "-e sets a variable, replaces the image's, and takes a lone name from the client" {
	prints 'blue' bb busybox sh -c 'echo "${COLOUR-unset}"'
	prints 'red' bb -e COLOUR=red busybox sh -c 'echo "${COLOUR-unset}"'
	prints 'a=b c' bb -eX='a=b c' busybox sh -c 'echo "${X-unset}"'
	prints '' bb -e X= busybox sh -c 'echo "${X-unset}"'
	prints 2 bb -e X=1 --env X=2 busybox sh -c 'echo "${X-unset}"'
	FROM_CLIENT='of the client' prints 'of the client' bb -e FROM_CLIENT busybox sh -c 'echo "${FROM_CLIENT-unset}"'
	prints unset bb -e NOT_SET_ANYWHERE busybox sh -c 'echo "${NOT_SET_ANYWHERE-unset}"'
	prints $'two\nlines' bb -e $'X=two\nlines' busybox sh -c 'echo "${X-unset}"'
}

@test "-e with a name that the client does not have leaves the image's variable out or alone" {
	unset COLOUR
	prints_like '^(blue)?$' bb -e COLOUR busybox sh -c 'echo "$COLOUR"'
}

@test "nothing of the client's or the daemon's environment is in the container" {
	SECRET=1 bb busybox env >out
	[ "$(cut -d= -f1 out | sort | tr '\n' ' ')" = "COLOUR HOME HOSTNAME PATH " ] ||
		[ "$(cut -d= -f1 out | sort | tr '\n' ' ')" = "COLOUR HOME PATH " ] || fail "$(cat out)"
}

@test "HOSTNAME is in the environment as docker has it" {
	prints web bb --hostname web busybox sh -c 'echo "${HOSTNAME-unset}"'
	prints other bb --hostname web -e HOSTNAME=other busybox sh -c 'echo "${HOSTNAME-unset}"'
}

@test "a container with a terminal has TERM" {
	prints_like '^xterm' bb -t busybox sh -c 'echo "${TERM-unset}"'
}

@test "arguments and environment may be larger than a packet" {
	local args big
	big=$(printf 'y%.0s' {1..1000})
	args=()
	for ((i = 0; i < 200; i++)); do
		args+=("$big")
	done
	prints 200 bb busybox sh -c 'echo $#' x "${args[@]}"
	BIG=$(printf 'z%.0s' {1..60000}) prints 60000 bb -e BIG busybox sh -c 'echo ${#BIG}'
}

# --- volumes

@test "-v mounts a directory, writable, with relative sources as well" {
	mkdir -p src/sub
	echo one >src/file
	prints one bb -v "$PWD/src:/data" busybox cat /data/file
	bb -v ./src:/data busybox sh -c 'echo two >/data/new'
	[ "$(cat src/new)" = two ]
	cd src/sub
	prints one bb -v ../:/data busybox cat /data/file
	prints one bb -v .:/data -v ../file:/data.txt busybox cat /data.txt
}

@test "-v with :ro cannot be written, with :rw it can" {
	mkdir src
	exits 1 bb -v ./src:/data:ro busybox touch /data/x
	[ ! -e src/x ]
	bb -v ./src:/data:rw busybox touch /data/x
	[ -e src/x ]
	assert_fails 125 'mode "nosuch"' bb -v ./src:/data:nosuch busybox true
}

@test "-v with :ro holds for what is mounted below the source, too" {
	[ -z "${VALGRIND-}" ] || skip "valgrind knows no mount_setattr(2)"
	mkdir -p src/sub
	mount -t tmpfs tmpfs src/sub
	echo below >src/sub/file
	prints below bb -v ./src:/data:ro busybox cat /data/sub/file
	exits 1 bb -v ./src:/data:ro busybox touch /data/sub/x
	[ ! -e src/sub/x ]
	umount src/sub
}

@test "-v mounts a file" {
	echo content >file
	prints content bb -v ./file:/etc/deep/er/file:ro busybox cat /etc/deep/er/file
	bb -v ./file:/file busybox sh -c 'echo changed >/file'
	[ "$(cat file)" = changed ]
}

@test "-v takes a source that is a symlink, a socket or a FIFO" {
	mkdir real
	echo x >real/file
	ln -s real link
	mkfifo fifo
	prints x bb -v ./link:/data busybox cat /data/file
	bb -v ./fifo:/fifo busybox test -p /fifo
	bb -v "$TCR_SOCKET:/socket" busybox test -S /socket
}

@test "-v with a missing source is an error that names it, and nothing is made" {
	assert_fails 125 'nosuch' tcr run -v ./nosuch:/data busybox true
	assert_fails 125 'nosuch' tcr run -d -v "$PWD/nosuch:/data" busybox true
	[ ! -s stdout ]
	[ ! -e nosuch ]
	prints '' tcr ps -aq
}

@test "nested mounts work in any order" {
	mkdir a b c
	echo a >a/f
	echo b >b/f
	echo c >c/f
	local volumes
	for volumes in '-v ./a:/m -v ./b:/m/x -v ./c:/m/x/y' '-v ./c:/m/x/y -v ./b:/m/x -v ./a:/m' \
		'-v ./b:/m/x -v ./c:/m/x/y -v ./a:/m'; do
		# shellcheck disable=SC2086 # words
		prints $'a\nb\nc' bb $volumes busybox cat /m/f /m/x/f /m/x/y/f
	done
	prints $'a\nb' bb -v ./b:/t/x --tmpfs /t -v ./a:/a busybox cat /a/f /t/x/f
}

@test "/etc/hosts, hostname and resolv.conf are those of the container in a volume on /etc, too" {
	local option f
	mkdir own && echo mine >own/hosts && echo mine >own/other
	for option in '-v etc:/etc' '-v ./own:/etc' '--tmpfs /etc' '-v ./own:/etc --read-only'; do
		# shellcheck disable=SC2086 # options
		prints_like $'localhost.*\nweb$' bb $option -h web busybox cat /etc/hosts /etc/hostname
		# shellcheck disable=SC2086
		bb $option --network host busybox cat /etc/resolv.conf | cmp - /etc/resolv.conf
	done
	mkdir empty
	prints '' bb -v ./empty:/etc:ro busybox ls /etc
	prints mine bb -v ./empty:/etc:ro -v ./own/other:/other busybox cat /other
	prints_like 'localhost' bb -v ./own:/etc:ro busybox cat /etc/hosts
	prints mine bb -v ./own:/etc busybox cat /etc/other
	prints mine bb -v ./own:/etc -v ./own/hosts:/etc/hosts busybox cat /etc/hosts
	prints mine cat own/hosts
}

@test "a volume hides /etc/hosts, /etc/resolv.conf and /proc if asked to" {
	echo mine >hosts
	prints mine bb -v ./hosts:/etc/hosts busybox cat /etc/hosts
	prints mine bb -v ./hosts:/etc/resolv.conf:ro busybox cat /etc/resolv.conf
	prints mine bb -v ./hosts:/etc/hostname --hostname other busybox cat /etc/hostname
}

@test "two mounts on one place are an error" {
	mkdir a b
	assert_fails 125 '/m' bb -v ./a:/m -v ./b:/m busybox true
	assert_fails 125 '/m' bb -v ./a:/m --tmpfs /m/ busybox true
}

@test "a volume leaves no mount in the host's tree, and the source's owner is kept" {
	mkdir src
	chown 1000:1000 src
	prints 1000 bb -v ./src:/data busybox stat -c %u /data
	[ "$(stat -c %u src)" = 1000 ]
	assert_clean
}

# --- tmpfs, read-only

@test "--tmpfs with a size of 64m has 64 MiB" {
	prints 65536 bb --tmpfs /t:64m busybox sh -c 'df -k /t | tail -n 1 | tr -s " " | cut -d" " -f2'
	prints 65536 bb --tmpfs /t:size=64m busybox sh -c \
		'df -k /t | tail -n 1 | tr -s " " | cut -d" " -f2'
	prints 1024 bb --tmpfs /t:1048576 busybox sh -c \
		'df -k /t | tail -n 1 | tr -s " " | cut -d" " -f2'
	exits 1 bb --tmpfs /t:1m busybox dd if=/dev/zero of=/t/x bs=1k count=1025
}

@test "--tmpfs is empty, writable for all, without programs, setuid and devices" {
	prints 0 bb --tmpfs /usr busybox sh -c 'ls -A /usr | wc -l'
	bb --tmpfs /t -u 1000 busybox touch /t/x
	prints 1777 bb --tmpfs /t busybox stat -c %a /t
	prints_like 'nosuid,nodev,noexec' bb --tmpfs /t busybox grep ' /t ' /proc/self/mountinfo
	prints 755 bb --tmpfs /t:size=1m,mode=755 busybox stat -c %a /t
	prints 5:6 bb --tmpfs /t:uid=5,gid=6,nr_inodes=9 busybox stat -c %u:%g /t
	prints hello bb --tmpfs /t:exec,size=4m busybox sh -c 'cp /bin/busybox /t/echo; /t/echo hello'
}

@test "--read-only: the root is not writable, /etc/hosts is there, tmpfs and volumes are writable" {
	mkdir src
	exits 1 bb --read-only busybox touch /x
	exits 1 bb --read-only busybox touch /etc/x /home/x /root/x
	prints_like 'localhost' bb --read-only busybox cat /etc/hosts
	prints web bb --read-only --hostname web busybox cat /etc/hostname
	bb --read-only busybox cat /etc/resolv.conf
	bb --read-only --tmpfs /t -v ./src:/new/place busybox touch /t/x /new/place/x /dev/shm/x
	[ -e src/x ]
}

@test "--read-only: the container's /etc/hosts, hostname and resolv.conf are read-only as well" {
	local f
	for f in hosts hostname resolv.conf; do
		exits 1 bb --read-only busybox sh -c "echo x >>/etc/$f"
		bb busybox sh -c "echo x >>/etc/$f"
	done
}

@test "/etc/hosts, hostname and resolv.conf are there when the image lacks even /etc" {
	image_tree bare
	rm -r bare/bundle/rootfs/etc
	load_tree bare
	local option
	for option in --rm=true '--rm --read-only'; do
		# shellcheck disable=SC2086 # words
		prints_like '127.0.0.1.*localhost' tcr run $option bare cat /etc/hosts
		# shellcheck disable=SC2086
		prints h tcr run $option --hostname h bare cat /etc/hostname
		# shellcheck disable=SC2086
		tcr run $option bare test -f /etc/resolv.conf
	done
}

@test "/etc/hosts, hostname and resolv.conf are the container's own where the image has links there" {
	local i option file
	local files=(hosts hostname resolv.conf)
	local links=(nowhere hostname /dev/null ../run/systemd/x /proc/self/x /tmp)
	for i in 0 1; do
		image_tree "links$i"
		for file in 0 1 2; do
			ln -sfn "${links[3 * i + file]}" "links$i/bundle/rootfs/etc/${files[file]}"
		done
		load_tree "links$i"
		for option in --rm=true '--rm --read-only'; do
			# shellcheck disable=SC2086 # words
			prints_like $'localhost.*\nh$' tcr run --network none $option --hostname h links$i \
				sh -c 'cd /etc && cat hosts hostname && test -f resolv.conf && test ! -L resolv.conf'
		done
	done
}

@test "what a container writes stays in it" {
	bb busybox sh -c 'echo x >/etc/new; rm /etc/passwd'
	prints_like '^root:' bb busybox cat /etc/passwd
	exits 1 bb busybox test -e /etc/new
}

# --- entrypoint, command, directory

@test "the command replaces the image's; without one the image's runs" {
	prints hello bb busybox echo hello
	echo 'echo from stdin' | prints 'from stdin' bb -i busybox
}

# entrypoint_image: an image "ep" with the entrypoint `echo ep` and the command `cmd`.
entrypoint_image()
{
	image_tree ep
	set_info ep '.entrypoint = ["echo", "ep"] | .cmd = ["cmd"]'
	load_tree ep
}

@test "the image's entrypoint comes first, its command is replaced by the arguments" {
	entrypoint_image
	prints 'ep cmd' bb ep
	prints 'ep a b' bb ep a b
}

@test "--entrypoint replaces the image's and drops its command" {
	entrypoint_image
	prints '' bb --entrypoint echo ep
	prints 'a b' bb --entrypoint=echo ep a b
	prints 'a b' bb --entrypoint /bin/echo busybox a b
}

@test "--entrypoint with an empty value takes the image's away" {
	entrypoint_image
	prints x bb --entrypoint '' ep echo x
	prints x bb --entrypoint= ep echo x
	assert_fails 125 'no command' bb --entrypoint= ep
}

@test "-w sets the directory, which is made if it is missing; else it is the image's" {
	prints /home bb busybox pwd
	prints /tmp bb -w /tmp busybox pwd
	prints /new/dir bb --workdir /new/dir busybox pwd
	assert_fails 125 'absolute' bb -w relative busybox pwd
}

@test "options end at the image, and -- ends them before" {
	prints '--rm -d --name x' bb busybox echo --rm -d --name x
	prints '-- a' bb busybox echo -- a
	prints '-- a' tcr run --rm -- busybox echo -- a
	prints 1 tcr run --rm --env=A=1 --name=web --hostname=x busybox sh -c 'echo "${A-unset}"'
	prints in tcr run -i --rm -eA=1 busybox cat <<<in
	assert_fails 125 'flag needs an argument' tcr run --name
	assert_fails 125 'image is required|requires at least 1 argument' tcr run --rm
}

@test "boolean options take true and false" {
	tcr run --rm=false --name stays busybox true
	prints stays tcr rm stays
	tcr run --rm=true busybox true
	prints '' tcr ps -aq
	assert_fails 125 'invalid' tcr run --rm=maybe busybox true
}

# --- user

@test "-u takes names and numbers, with and without a group" {
	prints '0 0' bb busybox sh -c 'echo $(id -u) $(id -g)'
	prints '1000 1000' bb -u www busybox sh -c 'echo $(id -u) $(id -g)'
	prints '1000 1000' bb -u 1000 busybox sh -c 'echo $(id -u) $(id -g)'
	prints '1234 0' bb -u 1234 busybox sh -c 'echo $(id -u) $(id -g)'
	prints '1234 5678' bb -u 1234:5678 busybox sh -c 'echo $(id -u) $(id -g)'
	prints '1000 44' bb -u www:video busybox sh -c 'echo $(id -u) $(id -g)'
	prints '1000 7' bb --user www:7 busybox sh -c 'echo $(id -u) $(id -g)'
	prints '5 44' bb -u 5:video busybox sh -c 'echo $(id -u) $(id -g)'
}

@test "-u gives the supplementary groups of a user, unless a group is given" {
	prints_like '44' bb -u www busybox grep ^Groups: /proc/self/status
	prints_like '44' bb -u 1000 busybox grep ^Groups: /proc/self/status
	run ! bb -u www:www busybox grep '^Groups:.*44' /proc/self/status
	run ! bb -u 1234 busybox grep '^Groups:.*[1-9]' /proc/self/status
}

# moby's CVE-2022-36109: a group that is denied something must not be left by setgid.
@test "the primary group is among the supplementary ones" {
	prints_like '(^|[^0-9])1000( |$)' bb -u www busybox grep ^Groups: /proc/self/status
	prints_like '(^|[^0-9])7( |$)' bb -u www:7 busybox grep ^Groups: /proc/self/status
}

@test "HOME is the user's, / if there is none, unless it is given" {
	prints /root bb busybox sh -c 'echo "${HOME-unset}"'
	prints /home/www bb -u www busybox sh -c 'echo "${HOME-unset}"'
	prints /home/www bb -u 1000:44 busybox sh -c 'echo "${HOME-unset}"'
	prints / bb -u 1234 busybox sh -c 'echo "${HOME-unset}"'
	prints /x bb -u www -e HOME=/x busybox sh -c 'echo "${HOME-unset}"'
}

@test "an unknown user or group, or one that is malformed, is an error" {
	assert_fails 125 'unable to find user nosuch' bb -u nosuch busybox true
	assert_fails 125 'unable to find group nosuch' bb -u www:nosuch busybox true
	local user
	for user in -1 1x 99999999999 4294967295 ':' ':44' $'a\nb' '0x0' ' 0'; do
		assert_fails 125 'user' bb "-u=$user" busybox true
	done
	prints 1000 bb -u 1000: busybox id -u
}

@test "the image's user is used, with its home" {
	image_tree usr
	set_info usr '.user = "www"'
	load_tree usr
	prints '1000 /home/www' bb usr sh -c 'echo $(id -u) $HOME'
	prints '0 /root' bb -u root usr sh -c 'echo $(id -u) $HOME'
}

# --- hostname

@test "--hostname is what the container calls itself; else it is its short id" {
	prints $'web\nweb' bb --hostname web busybox sh -c 'hostname; cat /etc/hostname'
	prints_like '[[:space:]]web' bb -h web busybox cat /etc/hosts
	local id
	id=$(tcr run -d busybox sleep 1000)
	prints "${id:0:12}" bb --hostname "${id:0:12}" busybox hostname
	prints_like '^[0-9a-f]{12}$' bb busybox hostname
	assert_fails 125 'hostname' bb --hostname 'a b' busybox true
}

# --- stdio

@test "standard input is connected with -i only" {
	prints '' bb busybox cat <<<hello
	prints hello bb -i busybox cat <<<hello
	prints '' bb -i busybox cat </dev/null
}

@test "standard output and standard error are separate" {
	bb busybox sh -c 'echo out; echo err >&2' >o 2>e
	[ "$(cat o)" = out ]
	[ "$(cat e)" = err ]
}

@test "a megabyte of random bytes passes through unchanged" {
	head -c 1048576 /dev/urandom >random
	bb -i busybox cat <random >copy
	cmp random copy
	bb -i busybox sh -c 'cat >&2' <random 2>copy
	cmp random copy
	# shellcheck disable=SC2002 # pipes are what is tested
	cat random | bb -i busybox cat | cmp random -
}

@test "ten megabytes pass in less than 20 seconds" {
	local start=${EPOCHREALTIME/[.,]/}
	[ "$(bb busybox head -c 10485760 /dev/zero | wc -c)" = 10485760 ]
	((${EPOCHREALTIME/[.,]/} - start < 20000000))
}

@test "a reader that goes away ends the container's output, and nothing hangs" {
	[ "$(timeout 60 "$TCRBOX" tcr run --rm busybox yes 3>&- | head -n 1)" = y ]
	prints '' tcr ps -aq
	timeout 60 "$TCRBOX" tcr run --rm busybox echo x >&- 2>/dev/null 3>&- || true
	timeout 60 "$TCRBOX" tcr run --rm busybox true <&- >&- 2>&- 3>&-
	assert_clean
}

@test "an error on a full device is the container's error" {
	exits 1 bb busybox sh -c 'echo x' >/dev/full
}

# --- signals

@test "signals to the client reach the container, and the exit code follows" {
	local sig
	for sig in TERM:15 INT:2 USR1:10 HUP:1; do
		start_client run --rm busybox sh -c "trap 'exit ${sig#*:}' ${sig%:*}; echo ready
			while :; do sleep 0.05; done"
		wait_for 10 grep -q ready out
		kill "-${sig%:*}" "$CLIENT"
		client_ends "${sig#*:}"
	done
}

@test "no signal is ignored or blocked in a container, whatever the daemon was started with" {
	prints_like '^SigBlk:[[:space:]]*0+$' bb busybox grep ^SigBlk: /proc/self/status
	# But for 32 and 33, which libc keeps for itself: neither crun nor anybody else can reset them.
	prints_like '^SigIgn:[[:space:]]*0+(180000000)?$' bb busybox grep ^SigIgn: /proc/self/status
}

@test "a foreground container goes on when its client is killed" {
	start_client run --name left busybox sleep 1000
	wait_for 10 has_state left running
	kill -KILL "$CLIENT"
	wait "$CLIENT" || true
	prints x bb busybox echo x
	prints running state_of left
	prints left tcr stop -t 0 left
}

# --- images in use

@test "an image in use is not removed, not with -f either, and the container is named" {
	tcr run -d --name user-of-it busybox sleep 1000
	refuses 'user-of-it' tcr image rm busybox
	refuses 'user-of-it' tcr image rm -f busybox
	tcr stop -t 0 user-of-it
	refuses 'user-of-it' tcr image rm busybox
	tcr rm user-of-it
	tcr image rm busybox
}

# --- restart, network

@test "--restart takes docker's policies and nothing else" {
	local policy
	for policy in no always unless-stopped on-failure on-failure:3; do
		tcr run --restart "$policy" --name p busybox true
		tcr rm -f p
	done
	for policy in '' never on-failure:x on-failure:-1 always:3; do
		assert_fails 125 'restart' tcr run "--restart=$policy" busybox true
	done
	assert_fails 125 'restart' tcr run --rm --restart always busybox true
}

@test "--network takes none and host; --no-network is none" {
	prints lo bb --network none busybox ls /sys/class/net
	prints lo bb --no-network busybox ls /sys/class/net
	prints $'eth0\nlo' bb busybox ls /sys/class/net
	assert_fails 125 'network' bb --no-network --network host busybox true
}

# --- help, version, info

@test "help needs no daemon and prints to standard output" {
	local verb
	local -x TCR_SOCKET=/nonexistent/tcrd.sock
	for verb in run ps stop kill rm version info 'image load' 'image ls' 'image rm' 'image inspect'; do
		# shellcheck disable=SC2086 # words
		tcr help $verb >out 2>err
		[ ! -s err ]
		grep -q "^Usage: tcr $verb" out
		# shellcheck disable=SC2086 # words
		tcr $verb --help >out2 2>err
		cmp out out2
	done
	tcr help >out
	tcr --help >out2
	cmp out out2
	for verb in run ps stop kill rm version info; do
		grep -q "^  $verb " out
	done
	refuses 'nosuch' tcr help nosuch
	refuses 'nosuch' tcr nosuch
}

@test "the help of run names every option" {
	local option
	tcr run --help >out
	for option in detach name rm read-only tty interactive env volume tmpfs stop-timeout entrypoint \
		workdir user hostname restart network; do
		grep -q -- "--$option" out || fail "--$option"
	done
}

@test "a usage error is said without a daemon" {
	TCR_SOCKET=/nonexistent/tcrd.sock assert_fails 125 'unknown flag: --nosuch' tcr run --nosuch busybox
}

@test "without a daemon the client says where it looked and what to do" {
	TCR_SOCKET=/nonexistent/tcrd.sock assert_fails 125 \
		'^tcr: .*/nonexistent/tcrd.sock.*is it running' tcr run busybox
	[ "$(wc -l <stderr)" = 1 ]
	TCR_SOCKET='' assert_fails 125 "^tcr: .*$PWD/no.sock" tcr --socket "$PWD/no.sock" run busybox
}

@test "version tells the versions of client, daemon and crun" {
	prints_like "crun $(crun --version | sed -n 's/^crun version //p')" tcr version
	prints_like '[0-9]+\.[0-9]+' tcr --version
}

@test "info tells what runs and where, and is JSON if asked" {
	tcr run --name i busybox true
	prints_like "Containers: 1" tcr info
	prints_like "$TCR_ROOT" tcr info
	[ "$(tcr info --format json | jq -r '.Containers, .ContainersRunning, .Images' | xargs)" = '1 0 1' ]
}
