# SPDX-License-Identifier: GPL-2.0-or-later
# The default seccomp profile: what a container may call, and that the filter is what the list says.

load lib/helper

setup_file()
{
	export SYSCALLS=$BATS_FILE_TMPDIR/syscalls TREE=$BATS_TEST_DIRNAME/..
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 -static -pthread -o "$SYSCALLS" \
		"$BATS_TEST_DIRNAME/lib/syscalls.c"
	chmod 755 "$SYSCALLS" "$BATS_FILE_TMPDIR"
}

# not_ok FILE: the names of the attempts in a TAP file that did not do what they should.
not_ok()
{
	sed -n 's/^not ok [0-9]* - //p' "$1"
}

# generate LIST MACROS: the header for a target, as the build makes it.
generate()
{
	awk -f "$TREE/host_tools/gen-seccomp.awk" "$1" "$2"
}

# native_macros [OPTION...]: what the build asks the compiler for.
native_macros()
{
	echo '#include <asm/unistd.h>' | ${CC:-cc} "$@" -E -dM -
}

# arm_macros ENDIAN: a 32-bit arm made of this machine's numbers and what only arm has.
arm_macros()
{
	native_macros | grep -vE '__(x86_64|i386|aarch64|arm|riscv|BYTE_ORDER)_* '
	cat <<-END
		#define __arm__ 1
		#define __BYTE_ORDER__ __ORDER_$1_ENDIAN__
		#define __NR_SYSCALL_BASE 0
		#define __ARM_NR_BASE (__NR_SYSCALL_BASE+0x0f0000)
		#define __ARM_NR_breakpoint (__ARM_NR_BASE+1)
		#define __ARM_NR_cacheflush (__ARM_NR_BASE+2)
		#define __ARM_NR_set_tls (__ARM_NR_BASE+5)
		#define __ARM_NR_get_tls (__ARM_NR_BASE+6)
	END
}

# verify MACROS: the filter made from MACROS decides as the list does, in both of its forms.
verify()
{
	local list=$TREE/applets/tcrd/seccomp.list test
	generate "$list" "$1" >"$1.h"
	for test in seccomp seccomp_json; do
		[ -x "$BATS_FILE_TMPDIR/$test" ] || ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 \
			-I"$TREE/libbb-tcr" -o "$BATS_FILE_TMPDIR/$test" \
			"$TREE/tests/unit/$test.c" "$TREE"/libbb-tcr/base/{mem,strbuf}.c
		"$BATS_FILE_TMPDIR/$test" "$list" "$1" "$1.h"
	done
}

@test "system calls in a container are allowed and denied as the profile says" {
	start_tcrd
	load_busybox
	tcr run --rm -v "$SYSCALLS:/syscalls:ro" busybox /syscalls >"$BATS_TEST_TMPDIR/tap" || true
	cat "$BATS_TEST_TMPDIR/tap"
	[ "$(grep -c '^ok ' "$BATS_TEST_TMPDIR/tap")" -gt 60 ]
	[ -z "$(not_ok "$BATS_TEST_TMPDIR/tap")" ]
	assert_clean
}

# Else the test above would prove little.
@test "without a filter the same program finds much that is not denied" {
	setpriv --inh-caps=-all --bounding-set=-all,+sys_chroot --no-new-privs \
		chroot "$BATS_FILE_TMPDIR" /syscalls >"$BATS_TEST_TMPDIR/tap" || true
	cat "$BATS_TEST_TMPDIR/tap"
	[ "$(not_ok "$BATS_TEST_TMPDIR/tap" | grep -c 'denied\|not exist\|kills')" -gt 20 ]
	not_ok "$BATS_TEST_TMPDIR/tap" | grep -q '^TIOCSTI is denied'
}

@test "a process without privileges has the filter, and no more privileges to gain" {
	start_tcrd
	load_busybox
	run tcr run --rm -u 1000 busybox grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status
	[ "$status" = 0 ]
	[[ $output =~ NoNewPrivs:[[:space:]]1 ]]
	[[ $output =~ Seccomp:[[:space:]]2 ]]
}

# load_foreign ARCH: the busybox image, which says that it is for ARCH.
load_foreign()
{
	unsquashfs -q -n -d "$BATS_TEST_TMPDIR/image" "$("$LIB/images" busybox.sqfs)"
	sed -i "s/\"architecture\": *\"[a-z0-9]*\"/\"architecture\":\"$1\"/" \
		"$BATS_TEST_TMPDIR/image/image-info.json"
	mksquashfs "$BATS_TEST_TMPDIR/image" "$BATS_TEST_TMPDIR/$1.sqfs" -quiet -no-progress
	tcr image load "$BATS_TEST_TMPDIR/$1.sqfs"
}

# What libseccomp makes of the same list: programs of both architectures run, other personalities
# fail with the default's ENOSYS, and the numbers of x32, to which it counts negative ones, kill.
@test "a container of a foreign architecture is filtered through the JSON form" {
	local foreign
	case $(uname -m) in
	x86_64) foreign=386 ;;
	aarch64) foreign=arm ;;
	*) skip "this architecture runs no programs of another" ;;
	esac
	start_tcrd
	load_foreign "$foreign"
	tcr run --rm -v "$SYSCALLS:/syscalls:ro" busybox /syscalls >"$BATS_TEST_TMPDIR/tap" || true
	cat "$BATS_TEST_TMPDIR/tap"
	[ "$(grep -c '^ok ' "$BATS_TEST_TMPDIR/tap")" -gt 60 ]
	[ -z "$(not_ok "$BATS_TEST_TMPDIR/tap" |
		sed -E '/^personality|x32|int .0x80|number -2/d')" ]
	assert_clean
}

@test "a 386 program runs in a 386 container, filtered, and is killed in an amd64 one" {
	[ "$(uname -m)" = x86_64 ] || skip "this machine runs no 386 programs"
	local program=$BATS_TEST_TMPDIR/program
	${CC:-cc} -m32 -static -nostdlib -ffreestanding -fno-pic -no-pie -fno-stack-protector \
		-o "$program" "$BATS_TEST_DIRNAME/lib/syscalls_386.c"
	start_tcrd
	load_busybox
	run tcr run --rm -v "$program:/program:ro" busybox /program
	[ "$status" = $((128 + 31)) ]
	load_foreign 386
	run tcr run --rm -v "$program:/program:ro" busybox /program
	echo "$output"
	[ "$status" = 0 ]
	assert_clean
}

@test "the filter of this machine decides as the list does" {
	native_macros >"$BATS_TEST_TMPDIR/native"
	verify "$BATS_TEST_TMPDIR/native"
}

@test "the filter of 386 decides as the list does" {
	[ "$(uname -m)" = x86_64 ] || skip "this compiler does not make 386 programs"
	native_macros -m32 -I/usr/include/x86_64-linux-gnu >"$BATS_TEST_TMPDIR/386"
	verify "$BATS_TEST_TMPDIR/386"
	grep -q 'GOARCH "386"' "$BATS_TEST_TMPDIR/386.h"
}

@test "the filter of 32-bit arm allows the private calls of arm, in either byte order" {
	local order
	for order in LITTLE BIG; do
		arm_macros $order >"$BATS_TEST_TMPDIR/$order"
		verify "$BATS_TEST_TMPDIR/$order"
		grep -q 'GOARCH "arm"' "$BATS_TEST_TMPDIR/$order.h"
	done
	[ "$(<"$BATS_TEST_TMPDIR/LITTLE.h")" != "$(<"$BATS_TEST_TMPDIR/BIG.h")" ]
}

@test "busybox awk generates the same filter" {
	native_macros >"$BATS_TEST_TMPDIR/native"
	generate "$TREE/applets/tcrd/seccomp.list" "$BATS_TEST_TMPDIR/native" >"$BATS_TEST_TMPDIR/a"
	busybox awk -f "$TREE/host_tools/gen-seccomp.awk" "$TREE/applets/tcrd/seccomp.list" \
		"$BATS_TEST_TMPDIR/native" >"$BATS_TEST_TMPDIR/b"
	cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
}

@test "a list that is wrong, or numbers that are none, stop the build" {
	local edit list=$TREE/applets/tcrd/seccomp.list
	native_macros >"$BATS_TEST_TMPDIR/native"
	while read -r edit; do
		sed "$edit" "$list" >"$BATS_TEST_TMPDIR/list"
		[ "$(<"$list")" != "$(<"$BATS_TEST_TMPDIR/list")" ]
		assert_fails 1 "^gen-seccomp: .*(cannot read this rule|is decided twice)" \
			generate "$BATS_TEST_TMPDIR/list" "$BATS_TEST_TMPDIR/native"
	done <<-'END'
		s/^allow.*# files/alow/
		s/^deny.*# mounting.*/deny if arg0 is X=1/
		s/arg0 is AF_ALG/arg6 is AF_ALG/
		s/arg0 is AF_ALG/arg0 was AF_ALG/
		s/^\tsocket$/\tsocket read/
	END
	echo '#define __x86_64__ 1' >"$BATS_TEST_TMPDIR/few"
	assert_fails 1 "only 0 system calls have a number" generate "$list" "$BATS_TEST_TMPDIR/few"
	grep -v '__x86_64__\|__aarch64__\|__arm__\|__i386__\|__riscv ' "$BATS_TEST_TMPDIR/native" \
		>"$BATS_TEST_TMPDIR/unknown"
	assert_fails 1 "target is not known" generate "$list" "$BATS_TEST_TMPDIR/unknown"
}
