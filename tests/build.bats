#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The build system, tried on a small tree: the real makefile, tools and main.c with toy applets.

bats_require_minimum_version 1.5.0

setup_file()
{
	unset O TCRBOX MAKEFLAGS MFLAGS MAKELEVEL MAKE V CFLAGS EXTRA_CFLAGS LDFLAGS CC AR
	export REAL=${BATS_TEST_DIRNAME%/tests} PROTO=$BATS_FILE_TMPDIR/proto
	mkdir -p "$PROTO/libbb-tcr/base" "$PROTO/libbb-tcr/json" "$PROTO/configs" "$PROTO/tests/unit" \
		"$PROTO/applets/tcrd" "$PROTO/applets/tcr" "$PROTO/include"
	cp -r "$REAL/Makefile" "$REAL/host_tools" "$PROTO"
	cp "$REAL/include/version.h" "$PROTO/include"
	# What hardening and networks cost says nothing in a binary without code.
	sed -e '/^menu "Hardening"/,/^endmenu/d' -e '/^config FEATURE_NETWORK/,/^config POOL/d' \
		-e '/^	string "Where subnets/,/^endmenu/{/^endmenu/!d}' "$REAL/Config.in" >"$PROTO/Config.in"
	cp "$REAL/applets/main.c" "$PROTO/applets"
	cp "$REAL"/libbb-tcr/base/{err,fd,mem,strbuf}.[ch] "$PROTO/libbb-tcr/base"
	echo 'int json_size(void);' >"$PROTO/libbb-tcr/json/json.h"
	printf '#include "json/json.h"\nint json_size(void) { return 7; }\n' >"$PROTO/libbb-tcr/json/json.c"

	cat >"$PROTO/applets/tcr/main.c" <<-'END'
		//config:config TCR
		//config:	bool "client (3 kb)"
		//config:	default y
		//applet:tcr tcr_main bin The client
		//kbuild:obj-$(CONFIG_TCR) += main.o
		//usage:COMMAND
		#include <stdio.h>
		int tcr_main(int argc, char **argv);
		int tcr_main(int argc, char **argv) { return !printf("client %s %d\n", argv[0], argc); }
	END
	cat >"$PROTO/applets/tcrd/main.c" <<-'END'
		//config:config TCRD
		//config:	bool "daemon (3 kb)"
		//config:	default y
		//applet:tcrd tcrd_main sbin The "daemon" \o/
		//kbuild:obj-$(CONFIG_TCRD) += main.o
		#include <stdio.h>
		#include "json/json.h"
		#include "verbs.h"
		#define VERB(func, name, summary, usage) int func(void);
		#include "generated/verbs.h"
		#undef VERB
		int tcrd_main(int argc, char **argv);
		int tcrd_main(int argc, char **argv)
		{
			printf("daemon %s %d %d\n", argc > 1 ? argv[1] : "-", json_size(), LIMIT);
		#define VERB(func, name, summary, usage) printf("%s:%s:%s", name, summary, usage), func();
		#include "generated/verbs.h"
			return 0;
		}
	END
	echo '#define LIMIT 1' >"$PROTO/applets/tcrd/verbs.h"
	cat >"$PROTO/applets/tcrd/ps.c" <<-'END'
		//config:config FEATURE_PS
		//config:	bool "ps (0.2 kb)"
		//config:	default y
		//config:	depends on TCRD
		//kbuild:obj-$(CONFIG_FEATURE_PS) += ps.o
		//verb:image-ps verb_ps List things
		//usage:[OPTIONS]
		//usage:
		//usage:  -a   "All" \n
		#include <stdio.h>
		int verb_ps(void);
		int verb_ps(void) { return puts("ps was here"); }
	END
	printf '%s\n' 'full_defconfig 40000' 'client_defconfig 40000' >"$PROTO/configs/size-budgets"
	echo '# CONFIG_TCRD is not set' >"$PROTO/configs/client_defconfig"
	: >"$PROTO/configs/full_defconfig"
	make -s -C "$PROTO" O="$BATS_FILE_TMPDIR/gen" defconfigs
	make -s -C "$PROTO" O="$BATS_FILE_TMPDIR/o"
}

# Each test has the tree at $tree and a finished build at $o.
setup()
{
	tree=$BATS_FILE_TMPDIR/tree
	o=$BATS_TEST_TMPDIR/o
	rm -rf "$tree"
	cp -a "$PROTO" "$tree"
	make -s -C "$tree" O="$BATS_FILE_TMPDIR/built"
	cp -a "$BATS_FILE_TMPDIR/built" "$o"
}

build()
{
	run make -C "$tree" --no-print-directory O="$o" "$@"
	echo "$output"
}

# expect STATUS TEXT...: each text is in the output
expect()
{
	[ "$status" -eq "$1" ] || return
	shift
	for text; do
		[[ $output == *"$text"* ]] || { echo "not in the output: $text"; return 1; }
	done
}

refuse()
{
	[[ $output != *"$1"* ]] || { echo "in the output: $1"; return 1; }
}

@test "make without .config takes full_defconfig and needs no Kconfig tool" {
	rm -rf "$o"
	build KCONFIG=false
	expect 0 "CC      applets/tcrd/ps.o" "LD      tcrbox_unstripped"
	cmp "$o/.config" "$tree/configs/full_defconfig"
}

@test "a second make does nothing" {
	build
	expect 0
	[ -z "$output" ]
}

@test "V=1 shows the commands and -s shows nothing" {
	touch "$tree/applets/tcrd/ps.c"
	build V=1
	expect 0 "-c -o $o/applets/tcrd/ps.o"
	touch "$tree/applets/tcrd/ps.c"
	build -s
	[ -z "$output" ]
}

@test "O may be relative, absolute, or left out" {
	cd "$tree"
	make -s O=../relative
	make -s
	(cd / && make -s -f "$tree/Makefile" O="$BATS_TEST_TMPDIR/absolute")
	cmp ../relative/tcrbox tcrbox
	cmp "$BATS_TEST_TMPDIR/absolute/tcrbox" tcrbox
	rm -rf ../relative
}

@test "a build in the source tree does not disturb one elsewhere" {
	make -s -C "$tree" client_defconfig all
	touch "$tree/applets/tcrd/main.c" "$tree/applets/main.c"
	build
	expect 0
	[ "$("$o/tcrbox" --list)" = $'tcr\ntcrd' ]
}

@test "a read-only source tree builds" {
	mount --bind "$tree" "$tree"
	mount -o remount,bind,ro "$tree"
	run ! touch "$tree/x"
	rm -rf "$o"
	build
	umount "$tree"
	expect 0 "STRIP   tcrbox"
}

@test "a parallel build gives the same bytes" {
	build O="$BATS_TEST_TMPDIR/parallel" -j4
	expect 0
	cmp "$o/tcrbox" "$BATS_TEST_TMPDIR/parallel/tcrbox"
}

@test "gcc and clang build without a warning" {
	for cc in gcc clang; do
		build CC=$cc WERROR=1 O="$BATS_TEST_TMPDIR/$cc"
		expect 0 "STRIP   tcrbox"
		refuse warning
		"$BATS_TEST_TMPDIR/$cc/tcrbox" --list | grep -x tcrd
	done
}

@test "CONFIG_STATIC links statically" {
	echo CONFIG_STATIC=y >"$o/.config"
	build
	expect 0
	readelf -lW "$o/tcrbox" | grep LOAD
	run ! grep INTERP <(readelf -lW "$o/tcrbox")
	"$o/tcrbox" --list | grep -x tcrd
}

@test "the stripped binary is hardened as configured" {
	cp "$REAL/Config.in" "$tree"
	rm "$o/.config"
	build
	run readelf -hldW "$o/tcrbox"
	expect 0 "DYN (Position" GNU_RELRO BIND_NOW "(RELR)"
	nm "$o/tcrbox_unstripped" | grep __stack_chk_fail
	nm "$o/tcrbox_unstripped" | grep _chk@
	build allnoconfig all
	run readelf -hldW "$o/tcrbox"
	expect 0 "EXEC (Exec"
	refuse GNU_RELRO
	refuse BIND_NOW
}

@test "an option that is off leaves no code, no verb and no help" {
	"$o/tcrbox" tcrd | grep "ps was here"
	echo '# CONFIG_FEATURE_PS is not set' >"$o/.config"
	build
	expect 0
	run "$o/tcrbox" tcrd
	expect 0 "daemon"
	refuse ps
	run nm "$o/tcrbox_unstripped"
	refuse verb_ps
}

@test "an option rebuilds only what mentions it" {
	echo '# CONFIG_FEATURE_PS is not set' >"$o/.config"
	build
	expect 0 "CC      applets/tcrd/main.o"
	refuse applets/main.o
	refuse libbb-tcr
	rm "$o/.config"
	build
	expect 0 applets/tcrd/main.o applets/tcrd/ps.o
	refuse libbb-tcr
}

@test "a deleted source file takes its feature away" {
	rm "$tree/applets/tcrd/ps.c"
	build
	expect 0
	run ! grep -r FEATURE_PS "$o/include/generated" --include=*.h --include=*.mk --include=Config.*
	run "$o/tcrbox" tcrd
	refuse ps
}

@test "a changed header rebuilds what includes it, and a deleted one does not stop make" {
	echo '#define LIMIT 22' >"$tree/applets/tcrd/verbs.h"
	build
	expect 0 applets/tcrd/main.o
	refuse applets/tcr/main.o
	"$o/tcrbox" tcrd | grep "^daemon - 7 22$"
	sed -i 's/#include "verbs.h"/enum { LIMIT = 3 };/' "$tree/applets/tcrd/main.c"
	rm "$tree/applets/tcrd/verbs.h"
	build
	expect 0
}

@test "changed flags rebuild everything" {
	build EXTRA_CFLAGS="-DX='\"a b\"'"
	expect 0 applets/main.o libbb-tcr/base/mem.o
	build EXTRA_CFLAGS="-DX='\"a b\"'"
	[ -z "$output" ]
}

@test "what .config does not name takes its default, and is off without what it depends on" {
	echo '# CONFIG_TCRD is not set' >"$o/.config"
	build
	grep -x '#define ENABLE_TCR 1' "$o/include/generated/autoconf.h"
	grep -x '#define ENABLE_FEATURE_PS 0' "$o/include/generated/autoconf.h"
	grep -x '#define CONFIG_CRUN "crun"' "$o/include/generated/autoconf.h"
}

@test "kconfiglib agrees with gen-config about every configuration" {
	for config in "$REAL"/configs/*_defconfig; do
		build -f "$REAL/Makefile" "${config##*/}" olddefconfig
		expect 0
		"$REAL/host_tools/gen-config" old "$REAL/Config.in" "$o/include/generated/Config.features" \
			<"$o/.config" | cmp - "$config"
	done
	for all in allyesconfig allnoconfig; do
		build $all
		KCONFIG_CONFIG=$BATS_TEST_TMPDIR/config
		export KCONFIG_CONFIG
		(cd "$o/include/generated" && /usr/bin/python3 -m $all "$tree/Config.in")
		grep '^CONFIG.*=y' "$o/.config" | cmp - <(grep '^CONFIG.*=y' "$KCONFIG_CONFIG")
	done
}

@test "oldconfig asks, savedefconfig writes what differs" {
	sed -i '/CONFIG_CRUN/d; s/.*FEATURE_PS.*/# CONFIG_FEATURE_PS is not set/' "$o/.config"
	build oldconfig <<<"/opt/crun"
	expect 0 "OCI runtime"
	grep -x 'CONFIG_CRUN="/opt/crun"' "$o/.config"
	build savedefconfig
	[ "$(cat "$o/defconfig")" = $'CONFIG_CRUN="/opt/crun"\n# CONFIG_FEATURE_PS is not set' ]
}

@test "a missing Kconfig tool or library is named with its package" {
	build KCONFIG=no-such-tool menuconfig
	expect 2 python3-kconfiglib
	build pkgs-y=libnftnl PKG_CONFIG=false
	expect 2 "libnftnl is missing: install pkg-config and libnftnl-dev"
}

@test "configuration goals and others go in one command" {
	build client_defconfig all
	expect 0
	"$o/tcrbox" | grep '^client'
}

@test "install makes links, and installs a single applet under its name" {
	build install DESTDIR="$BATS_TEST_TMPDIR/d"
	[ "$(readlink "$BATS_TEST_TMPDIR/d/usr/bin/tcr")" = tcrbox ]
	"$BATS_TEST_TMPDIR/d/usr/sbin/tcrd" x | grep '^daemon x'
	build client_defconfig install DESTDIR="$BATS_TEST_TMPDIR/d" PREFIX=/p
	[ "$(cd "$BATS_TEST_TMPDIR/d/p" && find . -type f -o -type l)" = ./bin/tcr ]
	"$BATS_TEST_TMPDIR/d/p/bin/tcr" --list | grep '^client .* 2$'
}

@test "tcrbox lists its applets and runs them by argument or link" {
	[ "$("$o/tcrbox" --list)" = $'tcr\ntcrd' ]
	[ "$("$o/tcrbox" --list-full)" = $'usr/bin/tcr\nusr/sbin/tcrd' ]
	[ "$("$o/tcrbox" --help)" = "$("$o/tcrbox")" ]
	run "$o/tcrbox" --help
	expect 0 'tcrd       The "daemon" \o/'
	"$o/tcrbox" tcr a b | grep -x 'client tcr 3'
	ln -s "$o/tcrbox" "$BATS_TEST_TMPDIR/tcr"
	"$BATS_TEST_TMPDIR/tcr" a | grep ' 2$'
	[ "$("$o/tcrbox" tcr --help)" = $'Usage: tcr COMMAND\n\nThe client' ]
	[ "$("$o/tcrbox" --help tcr)" = "$("$o/tcrbox" tcr --help)" ]
	"$o/tcrbox" --help tcrd | grep '^daemon --help'
}

@test "tcrbox says that it has no such applet, with exit code 127" {
	run -127 "$o/tcrbox" nosuch
	[ "$output" = "nosuch: applet not found" ]
	ln -s "$o/tcrbox" "$BATS_TEST_TMPDIR/nosuch"
	run -127 "$BATS_TEST_TMPDIR/nosuch" tcr
	[ "$output" = "nosuch: applet not found" ]
	build allnoconfig all
	expect 0
	run -127 "$o/tcrbox" tcr
}

@test "tcrbox --install makes hard links, with -s symbolic ones, and reports what is in the way" {
	mkdir "$BATS_TEST_TMPDIR/h" "$BATS_TEST_TMPDIR/s"
	"$o/tcrbox" --install "$BATS_TEST_TMPDIR/h"
	[ "$BATS_TEST_TMPDIR/h/tcrd" -ef "$o/tcrbox" ]
	[ ! -L "$BATS_TEST_TMPDIR/h/tcrd" ]
	"$o/tcrbox" --install -s "$BATS_TEST_TMPDIR/s"
	[ "$(readlink "$BATS_TEST_TMPDIR/s/tcr")" = "$o/tcrbox" ]
	run -1 "$o/tcrbox" --install -s "$BATS_TEST_TMPDIR/s"
	expect 1 "tcrbox: $BATS_TEST_TMPDIR/s/tcr: File exists" "/s/tcrd: File exists"
}

@test "an annotation with a mistake stops the build and is named" {
	cp "$tree/applets/tcrd/ps.c" "$BATS_TEST_TMPDIR/ps.c"
	while IFS='|' read -r line message; do
		cp "$BATS_TEST_TMPDIR/ps.c" "$tree/applets/tcrd/ps.c"
		echo "$line" >>"$tree/applets/tcrd/ps.c"
		build
		expect 2 "applets/tcrd/ps.c:13: $message"
	done <<-'END'
		//conifg:config X|unknown annotation //conifg:
		//verb:image-ps verb_x Twice|verb image ps is also in applets/tcrd/ps.c
		//config:config TCRD|config TCRD is also in applets/tcrd/main.c
		//verb:x verb_x|too few words
		//applet:x|too few words
		//kbuild:ps.o|//kbuild:obj-$(CONFIG_X) += file.o
	END
	cp "$BATS_TEST_TMPDIR/ps.c" "$tree/applets/tcrd/ps.c"
	echo '//config:	select TCR' >>"$tree/applets/tcrd/ps.c"
	build
	expect 2 "not understood: 	select TCR"
}

@test "check-layers finds every wrong direction" {
	build check-layers
	expect 0 "layers: 2 passed, 0 failed, 0 skipped"
	printf '#include "../tcr/client.h"\n#include "generated/applets.h"\n' >>"$tree/applets/tcrd/verbs.h"
	echo '#include "json/json.h"' >>"$tree/libbb-tcr/base/mem.h"
	echo '#include "base/mem.h"' >>"$tree/include/version.h"
	run "$tree/host_tools/check-layers" "$tree" "$o" applets/main.o
	expect 1 'applets/tcrd/verbs.h:2: #include "../tcr/client.h"' 'mem.h:' 'version.h:'
	refuse 'verbs.h:3'
}

@test "check-layers finds a symbol of another applet, and of a higher layer" {
	echo 'int tcr_main(int, char **); int bad(void); int bad(void) { return tcr_main(0, 0); }' \
		>>"$tree/applets/tcrd/ps.c"
	echo 'int json_size(void); int low(void); int low(void) { return json_size(); }' \
		>>"$tree/libbb-tcr/base/mem.c"
	build check-layers
	expect 2 "applets/tcrd/ps.c uses tcr_main of applets/tcr" \
		"libbb-tcr/base/mem.c uses json_size of libbb-tcr/json" "layers: 1 passed, 2 failed"
}

@test "check-configs builds every configuration and compares costs with prompts" {
	build check-configs
	expect 0 "ok - allnoconfig" "ok - allyesconfig" "ok - client_defconfig" "ok - without FEATURE_PS"
	sed -i 's/(0.2 kb)/(2 kb)/' "$tree/applets/tcrd/ps.c"
	sed -i /CRUN/d "$tree/configs/client_defconfig"
	echo 'int shared(void); int shared(void) { return ENABLE_TCR ? 0 : CONFIG_TCR; }' \
		>>"$tree/libbb-tcr/json/json.c"
	build check-configs CC=gcc
	expect 2 "not ok - FEATURE_PS costs" "not ok - configs/client_defconfig does not name every" \
		"not ok - TCR does not build:" "not ok - allnoconfig does not build:"
}

@test "sizes fails for a configuration over its budget or without one" {
	build sizes
	expect 0 "sizes: 2 passed, 0 failed, 0 skipped"
	echo 'full_defconfig 5000' >"$tree/configs/size-budgets"
	build sizes
	expect 2 "client_defconfig has no budget" "bytes over its budget" "sizes: 0 passed, 2 failed"
}

@test "bloatcheck shows the bytes by symbol" {
	build bloatcheck
	expect 2 "run make baseline"
	build baseline
	sed -i 's/return puts(/return printf("%d", 3) + puts("longer") + puts(/' "$tree/applets/tcrd/ps.c"
	build bloatcheck
	expect 0 verb_ps "0 added, 0 removed; +"
}

@test "check-unit links what a test names and counts its results" {
	printf '//link: applets/tcrd/ps.c\n#include <stdio.h>\nint verb_ps(void);\n%s\n' \
		'int main(void) { verb_ps(); puts("ok 1\nok 2 # SKIP no\n1..2"); return 0; }' \
		>"$tree/tests/unit/ps.c"
	build check-unit V=0
	expect 0 "ok 2 # SKIP no" "unit: 1 passed, 0 failed, 1 skipped"
	printf '#include <stdio.h>\nint main(void) { return puts("1..0 # SKIP all") < 0; }\n' \
		>"$tree/tests/unit/skipped.c"
	build check-unit V=0
	expect 0 "unit: 1 passed, 0 failed, 2 skipped"
}

@test "a unit test that breaks its plan, crashes or fails is a failure" {
	for body in 'puts("ok 1"); return 0;' 'puts("ok 1\n1..1"); fflush(stdout); raise(11);' \
		'puts("1..1\nnot ok 1"); return 0;' 'puts("1..2\nok 1"); return 0;' 'return 0;'; do
		printf '#include <stdio.h>\n#include <signal.h>\nint main(void)\n{ %s }\n' "$body" \
			>"$tree/tests/unit/bad.c"
		build check-unit
		expect 2 " 1 failed, 0 skipped"
	done
}

@test "check sums the results and fails if one part does" {
	printf 'a:\n\t@echo "a: 3 passed, 0 failed, 1 skipped"\nb:\n\t@echo "b: 1 passed, 2 failed, 0 skipped"; false\nc:\n\t@false\n' \
		>"$BATS_TEST_TMPDIR/Makefile"
	run env MAKE=make "$tree/host_tools/check" "$BATS_TEST_TMPDIR/Makefile" a a
	expect 0 "6 passed, 0 failed, 2 skipped"
	run env MAKE=make "$tree/host_tools/check" "$BATS_TEST_TMPDIR/Makefile" a b c
	expect 1 "4 passed, 3 failed, 1 skipped"
}

@test "format leaves the annotations alone" {
	cp "$REAL/.clang-format" "$tree"
	grep -rh '^//' "$tree/applets" >"$BATS_TEST_TMPDIR/before"
	build format
	expect 0
	grep -rh '^//' "$tree/applets" | cmp - "$BATS_TEST_TMPDIR/before"
	run ! cmp -s "$tree/applets/tcr/main.c" "$PROTO/applets/tcr/main.c"
}

@test "a missing tool is named with its package" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in sh make sed awk cmp mkdir cat rm mv sort nproc touch ls grep find pkg-config; do
		ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin"
	done
	PATH=$BATS_TEST_TMPDIR/bin build lint-cppcheck
	expect 2 "make lint-cppcheck: cppcheck is missing; install the package cppcheck"
}

@test "help lists every target" {
	build help
	for goal in all menuconfig oldconfig olddefconfig savedefconfig NAME_defconfig allyesconfig \
		allnoconfig install clean distclean lint format check bench sizes baseline bloatcheck \
		check-layers check-configs check-unit check-asan check-fuzz check-valgrind help; do
		grep -q "^  $goal  *[A-Z]" <<<"$output" || { echo "$goal is missing"; return 1; }
	done
}

@test "clean and distclean leave nothing of a build in the source tree" {
	make -s -C "$tree" all
	make -s -C "$tree" distclean
	diff -r "$PROTO" "$tree"
}
