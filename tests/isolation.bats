# SPDX-License-Identifier: GPL-2.0-or-later
# What a container cannot do and cannot see, and what a hostile image gets: nothing.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

bb()
{
	tcr run --rm "$@"
}

# field NAME ARGUMENT...: a line of /proc/self/status in a busybox container.
field()
{
	local name=$1
	shift
	bb "$@" busybox sed -n "s/^$name:[[:space:]]*//p" /proc/self/status
}

# --- privileges

@test "a container has docker's 14 capabilities, none of them inheritable or ambient" {
	prints 00000000a80425fb field CapBnd
	prints 00000000a80425fb field CapPrm
	prints 00000000a80425fb field CapEff
	prints 0000000000000000 field CapInh
	prints 0000000000000000 field CapAmb
}

@test "uid 1000 has no capability, and the bounding set is the same" {
	prints 00000000a80425fb field CapBnd -u 1000
	local set
	for set in CapPrm CapEff CapInh CapAmb; do
		prints 0000000000000000 field $set -u 1000
	done
}

@test "no new privileges, and a seccomp filter" {
	prints 1 field NoNewPrivs
	prints 2 field Seccomp
	prints 1 field NoNewPrivs -u 1000 --read-only
	prints $'2\r' field Seccomp -t
}

@test "root of a container cannot do what needs another capability" {
	run ! bb busybox sh -c 'mount -t tmpfs t /tmp'
	run ! bb busybox sh -c 'hostname other'
	run ! bb busybox sh -c 'ip link add x type dummy || ip link set lo down'
	run ! bb busybox sh -c 'dmesg >/dev/null'
	run ! bb busybox sh -c 'umount /etc/hosts'
	run ! bb busybox sh -c 'adjtimex -t 10001'
	bb busybox sh -c 'chown 5:5 /tmp; su -s /bin/true www'
}

# --- files of /proc and /sys

@test "masked paths tell nothing" {
	local path
	for path in /proc/asound /proc/acpi /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats \
		/proc/timer_list /proc/timer_stats /proc/sched_debug /proc/scsi /sys/firmware \
		/sys/devices/virtual/powercap; do
		[ -e "$path" ] || continue
		prints 0 bb busybox sh -c "if [ -d $path ]; then ls -A $path; else head -c 64 $path; fi | wc -c"
	done
	[ -e /proc/keys ] || [ -e /proc/timer_list ]
}

@test "/proc/sys and its like are read-only" {
	exits 1 bb busybox sh -c 'echo x >/proc/sys/kernel/domainname'
	exits 1 bb busybox sh -c 'echo 1 >/proc/sys/vm/drop_caches'
	exits 1 bb busybox sh -c 'echo h >/proc/sysrq-trigger'
	exits 1 bb busybox sh -c 'echo core >/proc/sys/kernel/core_pattern'
	local path
	for path in /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger; do
		[ -e "$path" ] || continue
		bb busybox grep -q " $path ro[, ]" /proc/self/mountinfo || fail "$path is writable"
	done
}

@test "/sys is read-only" {
	prints_like ' /sys ro,nosuid,nodev,noexec' bb busybox grep ' /sys ' /proc/self/mountinfo
	exits 1 bb busybox sh -c 'echo 1 >/sys/kernel/mm/ksm/run || echo 0 >/sys/kernel/profiling'
	exits 1 bb busybox touch /sys/x
}

@test "cgroup files of the container are not writable" {
	exits 1 bb busybox sh -c 'mkdir /sys/fs/cgroup/x || mkdir /sys/fs/cgroup/devices/x'
	exits 1 bb busybox sh -c 'find /sys/fs/cgroup -name "release_agent" -exec sh -c "echo /x >{}" \; |
		grep . || exit 1'
}

# --- devices

@test "block and character devices of the host can be made, and not opened" {
	[ "$TCR_SANDBOX_CGROUP" != none ] || skip "no cgroups on this machine"
	assert_fails 1 'Operation not permitted' bb busybox sh -c 'mknod /dev/x b 7 0 && dd if=/dev/x count=1'
	assert_fails 1 'Operation not permitted' bb busybox sh -c 'mknod /dev/x c 1 1 && dd if=/dev/x count=1'
	assert_fails 1 'Operation not permitted' bb busybox sh -c \
		'mknod /dev/x c 10 229 && dd if=/dev/x count=1'
	bb busybox mknod /dev/x b 7 0
}

@test "a device node in the root filesystem, of the image or made there, does not work" {
	image_tree node
	mknod node/bundle/rootfs/loop b 7 0
	mknod node/bundle/rootfs/mem c 1 1
	load_tree node
	exits 1 bb node dd if=/loop count=1
	exits 1 bb node dd if=/mem count=1
	exits 1 bb node sh -c 'mknod /n b 7 0 && dd if=/n count=1'
}

@test "the usual devices work" {
	bb busybox sh -c 'echo x >/dev/null && [ "$(wc -c </dev/null)" = 0 ]'
	prints 16 bb busybox sh -c 'head -c 16 /dev/zero | wc -c'
	prints 16 bb busybox sh -c 'head -c 16 /dev/urandom | wc -c'
	prints 16 bb busybox sh -c 'head -c 16 /dev/random | wc -c'
	exits 1 bb busybox sh -c 'echo x >/dev/full'
	prints x bb busybox sh -c 'echo x >/dev/stdout'
	prints x bb -i busybox cat /dev/stdin <<<x
	prints x bb busybox sh -c 'echo x | cat /dev/fd/0'
	bb busybox sh -c '[ -d /dev/shm ] && [ -d /dev/mqueue ] && [ -d /dev/pts ] && touch /dev/shm/x'
	bb -t busybox sh -c 'echo x >/dev/tty && exec 5<>/dev/ptmx'
	bb -u 1000 busybox sh -c 'echo x >/dev/null && head -c 1 /dev/urandom >/dev/null && touch /dev/shm/x'
}

@test "no device of the host is in /dev" {
	bb busybox ls -1 /dev >out
	run ! grep -vxE 'console|core|fd|full|mqueue|null|ptmx|pts|random|shm|std(in|out|err)|tty|urandom|zero' out
}

# --- namespaces

@test "pid, ipc, uts, mount and net namespaces are the container's own" {
	local ns
	bb busybox sh -c 'for ns in pid ipc uts mnt net; do readlink /proc/self/ns/$ns; done' >inside
	for ns in pid ipc uts mnt net; do
		readlink "/proc/self/ns/$ns"
	done >outside
	[ "$(wc -l <inside)" = 5 ]
	run ! grep -xFf outside inside
	prints 1 bb busybox sh -c 'echo $$'
	bb busybox sh -c '[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 8 ]'
}

@test "the cgroup namespace is the container's own, or tells nothing of the host's tree" {
	[ "$TCR_SANDBOX_CGROUP" != none ] || skip "no cgroups on this machine"
	bb busybox cat /proc/self/cgroup >out
	run ! grep 'tcr-sandbox' out
}

@test "two containers share no namespace" {
	local a b pid
	tcr run -d --name other busybox sleep 1000
	pid=$(tcr inspect --format '{{.State.Pid}}' other)
	a=$(for ns in pid ipc uts mnt net; do readlink "/proc/$pid/ns/$ns"; done | sort)
	b=$(bb busybox sh -c 'for ns in pid ipc uts mnt net; do readlink /proc/self/ns/$ns; done' | sort)
	[ "$(wc -l <<<"$a") $(wc -l <<<"$b")" = '5 5' ]
	[ -z "$(comm -12 <(echo "$a") <(echo "$b"))" ]
}

has_no_veth()
{
	[ -z "$(find /sys/class/net -name 'v[0-9a-f]*' | grep '/v[0-9a-f]\{12\}')" ]
}

@test "the network is loopback only and up with --network none, that of the host with --network host" {
	ip link add tcrtest0 type veth peer name tcrtest1
	prints lo bb --network none busybox ls /sys/class/net
	prints_like 'inet 127.0.0.1/8' bb --network none busybox ip addr show lo
	prints_like 'lo.*UP' bb --network none busybox ip link show lo
	prints_like 'lo.*UP' bb busybox ip link show lo
	prints $'eth0\nlo' bb busybox ls /sys/class/net
	wait_for 5 has_no_veth # of the last container: the kernel takes a moment
	[ "$(bb --network host busybox ls -1 /sys/class/net)" = "$(ls -1 /sys/class/net)" ]
	prints "$(readlink /proc/self/ns/net)" bb --network host busybox readlink /proc/self/ns/net
	ip link del tcrtest0
}

@test "with --network host the host's name and network stay unchanged" {
	run ! bb --network host busybox ip link set lo down
	run ! bb --network host busybox hostname other
	prints "$(hostname)" bb --network host busybox hostname
	run ! bb --network host busybox sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# --- descriptors

# only_stdio ARGUMENT...: the container has the descriptors 0 to 2, and 3 with which ls reads.
only_stdio()
{
	bb "$@" busybox ls /proc/self/fd >fds
	[ "$(tr -d '\r' <fds | xargs)" = '0 1 2 3' ] || fail "$(cat fds)"
}

@test "no descriptor of client, daemon or crun leaks into a container" {
	only_stdio
	only_stdio -i
	only_stdio -t
	only_stdio --read-only -v /tmp:/t
	exec 7</etc/passwd
	"$TCRBOX" tcr run --rm busybox ls /proc/self/fd 3>&- >fds
	[ "$(xargs <fds)" = '0 1 2 3' ]
	exec 7<&-
	tcr run -d --name d busybox sleep 98772
	wait_for 10 eval '[ -n "$(pids_of sleep 98772)" ]'
	# shellcheck disable=SC2011 # numbers
	[ "$(ls "/proc/$(pids_of sleep 98772)/fd" | xargs)" = '0 1 2' ]
	tcr run -d -i --name di busybox sleep 98773
	wait_for 10 eval '[ -n "$(pids_of sleep 98773)" ]'
	# shellcheck disable=SC2011 # numbers
	[ "$(ls "/proc/$(pids_of sleep 98773)/fd" | xargs)" = '0 1 2' ]
}

@test "a descriptor that the daemon has inherited does not leak into a container" {
	stop_tcrd
	exec 7</etc 9>leak
	start_tcrd
	exec 7<&- 9>&-
	only_stdio
}

@test "no container starts in a directory outside of its root" {
	prints /home bb busybox readlink /proc/self/cwd
	local fd
	# CVE-2024-21626: a directory that a descriptor of the runtime leads to.
	for fd in 3 4 5 6 7 8 9 10; do
		bb -w "/proc/self/fd/$fd" busybox sh -c 'readlink /proc/self/cwd; ls ../../../../..' \
			>out 2>/dev/null || true
		run ! grep -xE "lib|boot|$BATS_TEST_DIRNAME|$TCR_RUN" out
	done
	exits 1 bb busybox sh -c 'for fd in 3 4 5 6 7 8 9; do ls /proc/1/fd/$fd/ && exit 0; done; exit 1'
}

# --- crun's binary

# An image whose program is /proc/self/exe: the kernel executes crun's binary once more, with the
# image's "dynamic loader", which keeps a descriptor of it and writes once nobody executes it.
@test "the runtime's binary cannot be rewritten from inside (CVE-2019-5736)" {
	local crun loader
	crun=$(command -v crun)
	loader=$(LC_ALL=C readelf -l "$crun" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
	[ -n "$loader" ] || skip "crun is static: the image has no way to run code in its name"
	[[ $(uname -m) =~ ^(x86_64|aarch64)$ ]] || skip "the program below is for other machines"
	cat >loader.c <<-'END'
		#include <fcntl.h>
		#include <sys/syscall.h>
		static long call(long n, long a, long b, long c)
		{
		#ifdef __x86_64__
			long r;

			__asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
			return r;
		#else
			register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;

			__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
			return x0;
		#endif
		}
		void _start(void)
		{
			static const char exe[] = "/proc/self/exe", sh[] = "/bin/sh", script[] =
				"echo running; i=0; while [ $i -lt 10 ]; do i=$((i + 1));"
				"{ echo pwned >/proc/self/fd/9; } 2>/dev/null && echo written && exit 0; sleep 0.01;"
				"done; echo unwritable";
			static const char *argv[] = { sh, "-c", script, 0 }, *envp[] = { "PATH=/bin", 0 };

			call(SYS_dup3, call(SYS_openat, AT_FDCWD, (long)exe, O_RDONLY), 9, 0);
			call(SYS_execve, (long)sh, (long)argv, (long)envp);
			call(SYS_exit, 9, 0, 0);
		}
	END
	image_tree evil
	mkdir -p "evil/bundle/rootfs${loader%/*}"
	${CC:-cc} -static -nostdlib -ffreestanding -fno-pic -no-pie -fno-stack-protector -O1 -o "evil/bundle/rootfs$loader" loader.c
	printf '#!/proc/self/exe\n' >evil/bundle/rootfs/evil
	printf '#!/itself\n' >evil/bundle/rootfs/evil2
	ln -s /proc/self/exe evil/bundle/rootfs/itself
	chmod 755 evil/bundle/rootfs/evil evil/bundle/rootfs/evil2
	load_tree evil
	stop_tcrd
	cp "$crun" crun
	start_tcrd --crun "$PWD/crun"
	tcr run --rm evil /evil >out || true
	tcr run --rm evil /evil2 >>out || true
	tcr run --rm evil /itself >>out || true
	tcr run --rm evil /proc/self/exe >>out || true
	cat out
	# Else nothing was tried; but that a command in /proc is refused is fine.
	grep -qx unwritable out
	run ! grep -x written out
	cmp crun "$crun"
	prints fine bb busybox echo fine
}

# --- what the host mounts

@test "image and overlay are mounted nosuid and nodev, the image read-only" {
	tcr run -d --name m --network none busybox sleep 1000
	awk -v d="$TCR_RUN/" 'index($5, d) == 1 { print $9 == "-" ? $10 : $8 == "-" ? $9 : $7 == "-" ? $8 : "?", $6 }' \
		/proc/self/mountinfo >mounts
	cat mounts
	grep -E '^squashfs ro,' mounts | grep nosuid | grep -q nodev
	grep -E '^overlay ' mounts | grep nosuid | grep -q nodev
	[ "$(wc -l <mounts)" = 2 ]
}

@test "setuid and capabilities of files give nothing" {
	image_tree suid
	cp suid/bundle/rootfs/bin/busybox suid/bundle/rootfs/bin/busybox-suid
	cp suid/bundle/rootfs/bin/busybox suid/bundle/rootfs/bin/busybox-caps
	chmod 4755 suid/bundle/rootfs/bin/busybox-suid
	setcap cap_net_raw,cap_chown+ep suid/bundle/rootfs/bin/busybox-caps
	load_tree suid
	prints 1000 bb -u 1000 suid /bin/busybox-suid id -u
	prints 0000000000000000 bb -u 1000 suid /bin/busybox-caps sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status
}

@test "mounts of a container are not seen on the host, and the host's later ones not inside" {
	mkdir src src/sub
	tcr run -d --name p -v ./src:/src busybox sh -c 'until [ -e /src/go ]; do sleep 0.05; done
		[ ! -e /src/sub/secret ] || touch /src/seen; touch /src/done'
	mount -t tmpfs tmpfs src/sub
	touch src/sub/secret src/go
	wait_for 10 test -e src/done
	umount src/sub
	[ ! -e src/seen ]
}

# --- hostile images

# secret: a file of the host that no container may show.
secret()
{
	echo 'host:x:4242:4242::/secret:/bin/sh' >/run/secret
	chmod 644 /run/secret
}

@test "an image's /etc/passwd that leads out of its root is not followed on the host" {
	local link
	secret
	for link in ../../../../../../../../run/secret /run/secret /proc/1/root/run/secret; do
		rm -rf out-of
		image_tree out-of
		ln -sf "$link" out-of/bundle/rootfs/etc/passwd
		ln -sf "$link" out-of/bundle/rootfs/etc/group
		load_tree out-of
		assert_fails 125 'unable to find user host' bb -u host out-of true
		prints / bb -u 4242 out-of sh -c 'echo $HOME'
		bb out-of true
	done
}

@test "an image whose /etc is a symlink out of its root changes nothing on the host" {
	mkdir -p /run/hostetc
	echo untouched >/run/hostetc/hosts
	local link
	for link in /run/hostetc ../../../../../../../run/hostetc; do
		rm -rf etclink
		image_tree etclink
		rm -r etclink/bundle/rootfs/etc
		ln -s "$link" etclink/bundle/rootfs/etc
		load_tree etclink
		tcr run --rm etclink sh -c 'cat /etc/hosts; echo x >/etc/new; echo x >>/etc/hosts' || true
		bb --read-only etclink true || true
		bb -v /tmp:/etc/vol --tmpfs /etc/t -w /etc/w etclink true || true
		[ "$(ls /run/hostetc)" = hosts ]
		[ "$(cat /run/hostetc/hosts)" = untouched ]
	done
}

@test "mount points that are symlinks out of the root are made inside of it" {
	mkdir -p /run/hostdir src
	touch src/x
	image_tree links
	ln -s /run/hostdir links/bundle/rootfs/a
	ln -s ../../../../../../../../run/hostdir links/bundle/rootfs/b
	rm -r links/bundle/rootfs/proc links/bundle/rootfs/dev links/bundle/rootfs/tmp
	ln -s /run/hostdir links/bundle/rootfs/dev
	ln -s /run/hostdir links/bundle/rootfs/tmp
	load_tree links
	bb -v ./src:/a/v links test -e /run/hostdir/v/x || true
	bb -v ./src:/b/v --tmpfs /tmp/t -w /a/w/w links true || true
	bb -v ./src/x:/a/file links true || true
	[ -z "$(ls -A /run/hostdir)" ]
	prints x bb busybox echo x
}

@test "an image's /etc/passwd that is a FIFO, a directory or a device does not block" {
	local kind
	for kind in 'mkfifo' 'mkdir' 'mknod -m 666 @ c 1 5'; do
		rm -rf odd
		image_tree odd
		rm odd/bundle/rootfs/etc/passwd odd/bundle/rootfs/etc/group
		# shellcheck disable=SC2086 # words
		case $kind in
		*@*) ${kind%%@*} odd/bundle/rootfs/etc/passwd ${kind#*@} ;;
		*) $kind odd/bundle/rootfs/etc/passwd odd/bundle/rootfs/etc/group ;;
		esac
		load_tree odd
		SECONDS=0
		exits 0 bb -u 5 odd true
		assert_fails 125 'unable to find user www' bb -u www odd true
		((SECONDS < 20))
	done
}

@test "an image's /etc/passwd of 2 GiB is not read whole, and an entry at its end is none" {
	image_tree big
	truncate -s 2G big/bundle/rootfs/etc/passwd
	echo 'late:x:77:77::/:/bin/sh' >>big/bundle/rootfs/etc/passwd
	load_tree big
	SECONDS=0
	refuses 'late|passwd' bb -u late big true
	bb -u 5 big true || true
	((SECONDS < 20))
	[ "$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$TCRD_PID/status")" -lt 30000 ] ||
		[ -n "${VALGRIND-}" ] || nm -D "$TCRBOX" | grep -q __asan
}

@test "an image's /etc/passwd with garbage gives no user that is not there" {
	image_tree garbage
	rm garbage/bundle/rootfs/etc/passwd garbage/bundle/rootfs/etc/group
	printf 'a:x:-1:0::/:\nb:x:99999999999:0::/:\nc:x:1x:0::/:\nd\n:::::::\ne:x:5:6::relative:\nf:x: 0:0::/:\n\0g:x:0:0::/:' \
		>garbage/bundle/rootfs/etc/passwd
	head -c 100000 /dev/zero | tr '\0' : >garbage/bundle/rootfs/etc/group
	load_tree garbage
	local name
	for name in a b c d f g; do
		assert_fails 125 'unable to find user' bb -u $name garbage true
	done
	prints '5 6 /' bb -u e garbage sh -c 'echo $(id -u) $(id -g) $HOME'
}

@test "an image whose bundle/rootfs is a symlink, a file or missing is refused" {
	local kind
	for kind in 'ln -s /' 'ln -s ../../../../../..' 'ln -s ../other' 'touch' 'mkfifo' 'true'; do
		rm -rf norootfs
		image_tree norootfs
		rm -rf norootfs/bundle/rootfs
		mkdir norootfs/other
		$kind norootfs/bundle/rootfs
		pack norootfs
		refuses 'bundle/rootfs' tcr image load norootfs.sqfs
	done
	rm -rf norootfs
	image_tree norootfs
	mv norootfs/bundle norootfs/b
	ln -s b norootfs/bundle
	pack norootfs
	refuses 'bundle/rootfs' tcr image load norootfs.sqfs
}

@test "hooks, mounts, devices, capabilities and more in an image's config.json mean nothing" {
	image_tree hooks
	set_config hooks '
		.hooks = {"prestart": [{"path": "/bin/touch", "args": ["touch", "/run/hooked"]}],
			"createRuntime": [{"path": "/bin/touch", "args": ["touch", "/run/hooked"]}],
			"poststart": [{"path": "/bin/touch", "args": ["touch", "/run/hooked"]}],
			"poststop": [{"path": "/bin/touch", "args": ["touch", "/run/hooked"]}]}
		| .mounts += [{"destination": "/host", "type": "bind", "source": "/", "options": ["rbind", "rw"]}]
		| .process.capabilities.ambient = ["CAP_SYS_ADMIN"]
		| .process.capabilities.effective = ["CAP_SYS_ADMIN"]
		| .process.capabilities.bounding = ["CAP_SYS_ADMIN"]
		| .process.noNewPrivileges = false
		| .process.apparmorProfile = "unconfined" | .process.oomScoreAdj = -1000
		| .linux.namespaces = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = []
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW"}
		| .linux.devices = [{"path": "/dev/loop0", "type": "b", "major": 7, "minor": 0}]
		| .linux.resources = {"devices": [{"allow": true, "access": "rwm"}]}
		| .linux.sysctl = {"kernel.domainname": "hooked"}
		| .root = {"path": "/", "readonly": false} | .hostname = "hooked"
		| .annotations["run.oci.hooks.stdout"] = "/run/hooked"
		| .annotations["run.oci.keep_original_groups"] = "1"
		| .annotations["run.oci.handler"] = "krun"'
	load_tree hooks
	prints 00000000a80425fb bb hooks sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status
	prints 0000000000000000 bb -u 1000 hooks sed -n 's/^CapAmb:[[:space:]]*//p' /proc/self/status
	prints 1 bb hooks sed -n 's/^NoNewPrivs:[[:space:]]*//p' /proc/self/status
	prints 2 bb hooks sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status
	bb hooks sh -c '[ ! -e /host ] && [ ! -e /dev/loop0 ] && [ "$(hostname)" != hooked ]'
	bb hooks sh -c '[ "$(cat /proc/sys/kernel/domainname)" != hooked ]'
	exits 1 bb hooks sh -c 'echo core >/proc/sys/kernel/core_pattern'
	[ ! -e /run/hooked ]
}

# refused REGEX DIR: the image must not load, in less than 20 s, and leave nothing.
refused()
{
	local before
	before=$(tcr image ls -q)
	pack "$2"
	SECONDS=0
	refuses "$1" tcr image load "$2.sqfs" || return
	((SECONDS < 20)) || fail "it took $SECONDS s" || return
	prints "$before" tcr image ls -q || return
	[ -z "$(find "$TCR_ROOT/images_root" -mindepth 1 -maxdepth 1 -name 'tmp*')" ]
}

@test "an image-info.json or config.json that is missing, a FIFO, a directory or a symlink out is refused" {
	local file kind
	echo '{"version":1,"reference":"stolen","architecture":"amd64"}' >/run/stolen.json
	image_tree bad
	for file in image-info.json bundle/config.json; do
		mv "bad/$file" saved
		for kind in true mkfifo mkdir 'ln -s /run/stolen.json' 'ln -s ../../../../../../../run/stolen.json' \
			'touch'; do
			rm -rf "bad/$file"
			$kind "bad/$file"
			refused "${file##*/}" bad
		done
		rm -rf "bad/$file"
		mv saved "bad/$file"
	done
}

@test "an image-info.json that is huge, deep, of wrong types or no JSON is refused" {
	image_tree bad
	cp bad/image-info.json saved
	head -c 20000000 /dev/zero | tr '\0' ' ' >bad/image-info.json
	refused 'image-info.json' bad
	{
		printf '{"version":1,"x":'
		head -c 200000 /dev/zero | tr '\0' '['
	} >bad/image-info.json
	refused 'image-info.json' bad
	local text
	for text in '[]' '1' '"x"' 'null' '{' '{"version":' 'version: 1' '{"version":"1"}' '{"version":1.5}' \
		'{"version":1,"reference":5,"architecture":"amd64"}' \
		'{"version":1,"reference":["x"],"architecture":"amd64"}' \
		'{"version":1,"reference":"x"}' '{"version":1,"architecture":"amd64"}' \
		'{"version":1,"reference":"x","architecture":{}}' \
		'{"version":1,"reference":"x","architecture":"amd64"} x' \
		'{"version":1,"reference":"x","architecture":"amd64","cmd":"sh"}' \
		'{"version":1,"reference":"x","architecture":"amd64","env":[5]}'; do
		printf '%s' "$text" >bad/image-info.json
		refused 'image-info.json|format version' bad
	done
}

@test "a reference with a newline, a slash too many, dots or 300 letters is refused" {
	local ref accepted=()
	image_tree bad
	for ref in 'a\nb' '../x' '..' 'a//b' '/a' 'a/' 'A' '' ' ' 'a b' 'a:' 'a:b:c' 'a@sha256:xyz' 'a\u0000b' \
		'a\u001bb' '-a' '.a/b' 'a/../b' 'a.b:x/c' "$(printf 'x%.0s' {1..300})"; do
		rm bad/image-info.json
		printf '{"version":1,"reference":"%s","architecture":"amd64"}' "$ref" >bad/image-info.json
		refused 'image-info.json' bad || accepted+=("$ref")
	done
	[ ${#accepted[@]} = 0 ] || fail "accepted: ${accepted[*]}"
}

@test "environment, command and labels of an image with control bytes stay data" {
	image_tree odd
	set_info odd '.cmd = ["sh", "-c", "echo $X"] | .env = ["PATH=/bin", "X=a\nb\u001b", "NOEQUALS", "=x"]'
	set_config odd '.annotations["a\nb"] = "c\nd" | .process.cwd = "relative/../.." '
	load_tree odd
	prints_like '^a b' bb odd
	prints / bb odd pwd
	tcr image inspect odd | jq -e . >/dev/null
}

# --- who may talk to the daemon

@test "state and run directory are 0700, the socket is 0600" {
	prints 700 stat -c %a "$TCR_ROOT"
	prints 700 stat -c %a "$TCR_RUN"
	prints 600 stat -c %a "$TCR_SOCKET"
	tcr run -d --name x busybox sleep 1000
	chmod 755 "$TCR_RUN"
	[ -z "$(find "$TCR_RUN" -mindepth 1 -maxdepth 1 -type d -perm /077)" ]
	chmod 700 "$TCR_RUN"
}

@test "directories that were open are closed by the daemon" {
	stop_tcrd
	chmod 755 "$TCR_ROOT" "$TCR_RUN"
	start_tcrd
	prints 700 stat -c %a "$TCR_ROOT"
	prints 700 stat -c %a "$TCR_RUN"
}

# as UID[:GID] ARGUMENT...: the client as somebody else.
as()
{
	local uid=${1%:*} gid=${1#*:}
	shift
	[ -e /run/tcrbox ] || install -m 755 "$TCRBOX" /run/tcrbox
	setpriv --reuid "$uid" --regid "$gid" --clear-groups /run/tcrbox tcr "$@" 3>&-
}

@test "the client refuses a socket that root does not own, and tells it nothing" {
	mkdir /run/evil
	chown 1000 /run/evil
	setpriv --reuid 1000 --regid 1000 --clear-groups perl -MSocket -e '
		socket(S, AF_UNIX, SOCK_SEQPACKET, 0) && bind(S, pack_sockaddr_un("$ARGV[0].new")) &&
			listen(S, 1) && rename("$ARGV[0].new", $ARGV[0]) && accept(C, S) &&
			sysread(C, $heard, 65536);
		print $heard' /run/evil/tcrd.sock >heard 3>&- &
	wait_for 5 test -S /run/evil/tcrd.sock
	SECRET=verysecret TCR_SOCKET=/run/evil/tcrd.sock assert_fails 125 '^tcr: .*/run/evil/tcrd.sock.*root' \
		timeout 60 "$TCRBOX" tcr run -e SECRET busybox true
	wait $!
	[ ! -s heard ]
}

@test "without --group nobody but root gets in" {
	chmod 711 "$BATS_TEST_TMPDIR"
	assert_fails 125 '^tcr: .*(denied|root)' as 1000:1000 ps
	assert_fails 125 '^tcr: .*(denied|root)' as 1000:0 ps
}

@test "--group gives the members of the group access, and nobody else" {
	local group
	group=$(getent group | awk -F: '$3 > 0 && $3 < 1000 { print $1 ":" $3; exit }')
	stop_tcrd
	start_tcrd --group "${group%:*}"
	as "1000:${group#*:}" version
	as "1000:${group#*:}" run --rm busybox true
	assert_fails 125 '^tcr: .*(denied|root)' as 1000:1000 version
	prints "${group#*:}" stat -c %g "$TCR_SOCKET"
	prints 660 stat -c %a "$TCR_SOCKET"
	# The group may use the socket, not look around.
	run ! setpriv --reuid 1000 --regid "${group#*:}" --clear-groups ls "$TCR_RUN"
	run ! setpriv --reuid 1000 --regid "${group#*:}" --clear-groups ls "$TCR_RUN/containers"
}

@test "--group with an unknown group is an error" {
	stop_tcrd
	assert_fails 125 'group' timeout 60 "$TCRBOX" tcrd --root "$TCR_ROOT" --run-dir "$TCR_RUN" --group nosuchgroup
}

# The last ones, because they take the cgroups away from the sandbox.
@test "without cgroups devices of the host cannot be opened either" {
	stop_tcrd
	umount -R -l /sys/fs/cgroup
	mount -t tmpfs -o ro tmpfs /sys/fs/cgroup
	start_tcrd
	prints none eval 'tcr info --format json | jq -r .CgroupVersion'
	bb busybox sh -c 'echo x >/dev/null'
	run ! bb busybox sh -c 'mknod /dev/x b 7 0 && dd if=/dev/x count=1'
	run ! bb busybox sh -c 'mknod /x b 7 0 && dd if=/x count=1'
	run ! bb busybox sh -c 'mknod /dev/x c 1 1 && dd if=/dev/x count=1'
}

@test "containers run where nobody has mounted cgroups" {
	stop_tcrd
	umount -R -l /sys/fs/cgroup
	start_tcrd
	prints x bb busybox echo x
}
