# SPDX-License-Identifier: GPL-2.0-or-later
# host_tools/bootstrap and .ci/run, with stand-ins for the package managers.
# shellcheck disable=SC2016 # text of scripts

setup()
{
	load lib/helper
	TOP=$BATS_TEST_DIRNAME/..
	BOOTSTRAP=$TOP/host_tools/bootstrap
	cd "$BATS_TEST_TMPDIR" || return
	mkdir stubs
}

# stub NAME: puts a shell script (stdin) before NAME in PATH.
stub()
{
	{
		echo '#!/bin/sh'
		cat
	} >"stubs/$1"
	chmod +x "stubs/$1"
}

# What apt installs its scripts' rule into is the host's: here it is an overlay.
own_sbin()
{
	mkdir upper work
	! mountpoint -q /usr/sbin || umount /usr/sbin
	mount -t overlay -o "lowerdir=/usr/sbin,upperdir=$PWD/upper,workdir=$PWD/work" o /usr/sbin
	rm -f /usr/sbin/policy-rc.d
}

@test "demo builds, packs, loads and runs an image, shows a network, and leaves nothing" {
	mkdir tmp
	TMPDIR=$PWD/tmp "$BOOTSTRAP" demo >out 2>&1 || fail "$(cat out)"
	grep -q '^Hello from demo, process 1 of ' out
	grep -q '^+ .*tcr-create-image.sh .*127.0.0.1:[0-9]*/demo/busybox:1' out
	[ "$(grep -c '^Hello from a web server$' out)" = 2 ]
	grep -q '^80/tcp -> 0.0.0.0:8080$' out
	grep -q '^Name:.*web$' out
	grep -q '^Done' out
	[ "$(ls -A tmp)" = "" ]
	if grep tcr-demo /proc/self/mountinfo; then
		fail "mounts are left"
	fi
}

@test "who is not root gets one clear line" {
	cp "$BOOTSTRAP" /run/bootstrap
	for command in demo check bench deps; do
		assert_fails 1 '^bootstrap: must be root: .*use sudo$' \
			setpriv --reuid 1000 --clear-groups /run/bootstrap $command
	done
	[ "$(wc -l <stderr)" = 1 ]
}

@test "wrong command lines get the usage" {
	local args
	for args in '' nonsense 'demo x' 'demo --pull' 'demo --pull x y' 'check x' 'bench x' 'deps -f'; do
		# shellcheck disable=SC2086 # words
		assert_fails 2 '^usage: sudo host_tools/bootstrap' "$BOOTSTRAP" $args
	done
	"$BOOTSTRAP" --help | grep -q '^  demo '
}

@test "deps: apt installs what is missing, and starts no service meanwhile" {
	own_sbin
	stub dpkg-query <<-'END'
		for package; do :; done
		[ "$package" = docker-registry ] || [ "$package" = jq ] || printf installed
	END
	stub apt-get <<-'END'
		echo "$@" >>called
		[ "$1" = update ] && exit
		[ "$(stat -c %a /usr/sbin/policy-rc.d)" = 755 ] || exit 8
		/usr/sbin/policy-rc.d
		[ $? = 101 ]
	END
	stub systemctl <<<'echo systemctl "$@" >>called'
	PATH=$PWD/stubs:$PATH "$BOOTSTRAP" deps
	diff called - <<-END
		update -q
		install -q -y --no-install-recommends docker-registry jq
		systemctl disable docker-registry
	END
	[ ! -e /usr/sbin/policy-rc.d ]
}

@test "deps: a failed or interrupted apt leaves no rule behind, the administrator's stays" {
	own_sbin
	stub dpkg-query <<<'exit 1'
	stub apt-cache <<<'echo "  Depends: clang-99"'
	stub apt-get <<<'[ "$1" = update ] || exit 100'
	PATH=$PWD/stubs:$PATH assert_fails 100 '' "$BOOTSTRAP" deps
	grep -q ' libclang-rt-99-dev ' stdout
	[ ! -e /usr/sbin/policy-rc.d ]
	echo mine >/usr/sbin/policy-rc.d
	PATH=$PWD/stubs:$PATH assert_fails 100 '' "$BOOTSTRAP" deps
	[ "$(cat /usr/sbin/policy-rc.d)" = mine ]
	rm /usr/sbin/policy-rc.d
	stub apt-get <<-'END'
		[ "$1" = update ] && exit
		kill -TERM $PPID
	END
	PATH=$PWD/stubs:$PATH assert_fails 1 '' "$BOOTSTRAP" deps
	[ ! -e /usr/sbin/policy-rc.d ]
}

@test "deps: apk adds what is missing" {
	local tool
	for tool in awk cat dirname grep id sed; do
		ln -s "$(command -v $tool)" stubs
	done
	stub apk <<-'END'
		echo "$@" >>called
		[ "$1 $2" != "info -e" ] || [ "$3" != crun ] && [ "$3" != jq ]
	END
	PATH=$PWD/stubs "$BOOTSTRAP" deps
	[ "$(tail -n 1 called)" = "add --no-cache crun jq" ]
	! grep -E 'apt|-dev$.*libc6|mmdebstrap' called || false
}

@test "bench: what only the benchmarks need is installed, and they run" {
	own_sbin
	stub dpkg-query <<-'END'
		for package; do :; done
		[ "$package" = iperf3 ] || printf installed
	END
	stub apt-get <<<'echo "$@" >>called'
	stub make <<<'echo make "$@" >>called'
	PATH=$PWD/stubs:$PATH "$BOOTSTRAP" deps
	[ ! -e called ]
	PATH=$PWD/stubs:$PATH "$BOOTSTRAP" bench
	[ "$(sed -n 2p called)" = "install -q -y --no-install-recommends iperf3" ]
	[[ $(tail -n 1 called) == "make -C "*" bench" ]]
}

@test "deps: with no package manager it says so" {
	local tool
	for tool in awk cat dirname grep id sed; do
		ln -s "$(command -v $tool)" stubs
	done
	PATH=$PWD/stubs assert_fails 1 'neither apt-get nor apk is here' /bin/sh "$BOOTSTRAP" deps
}

@test ".ci/run ends with the sum of all checks, and fails if one does" {
	mkdir -p host_tools .ci
	cp "$TOP/.ci/run" .ci
	printf '#!/bin/sh\necho "3 passed, 0 failed, 1 skipped"\n' >host_tools/bootstrap
	chmod +x host_tools/bootstrap
	printf 'check-%%:\n\t@echo "tests: 2 passed, 0 failed, 0 skipped"\n' >Makefile
	run .ci/run
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "9 passed, 0 failed, 1 skipped" ]
	cat >host_tools/bootstrap <<-'END'
		#!/bin/sh
		echo "asked for $1"
		echo "3 passed, 1 failed, 0 skipped"
		echo "make: Error" >&2
		exit 2
	END
	run .ci/run
	[ "$status" = 1 ]
	[ "${lines[1]}" = "asked for check" ]
	[ "${lines[-1]}" = "9 passed, 1 failed, 0 skipped" ]
	printf '#!/bin/sh\nexit 1\n' >host_tools/bootstrap
	run .ci/run
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "6 passed, 1 failed, 0 skipped" ]
}
