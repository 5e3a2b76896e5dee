# SPDX-License-Identifier: GPL-2.0-or-later
# A sample of make crash-test, and whether that would notice.
# shellcheck disable=SC2153 # variables of lib/helper

bats_require_minimum_version 1.5.0

load lib/helper

# crash_test ARGUMENT...: in sandboxes of its own inside of this one.
crash_test()
{
	"$BATS_TEST_DIRNAME/crash-test" "$@" 3>&-
}

# spoiled COMMAND: a binary whose daemon does COMMAND before it starts.
spoiled()
{
	cat >"$BATS_TEST_TMPDIR/tcrbox" <<-END
		#!/bin/sh
		[ "\$1" != tcrd ] || { $1; }
		exec "$TCRBOX" "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/tcrbox"
	TCRBOX=$BATS_TEST_TMPDIR/tcrbox
}

# fails_with TEXT POINT
fails_with()
{
	local status=0
	crash_test "$2" >"$BATS_TEST_TMPDIR/out" || status=$?
	[ $status = 1 ] && grep -qF "$1" "$BATS_TEST_TMPDIR/out" &&
		grep -qF "see it again: make crash-test POINTS=$2" "$BATS_TEST_TMPDIR/out" &&
		[ "$(tail -n 1 "$BATS_TEST_TMPDIR/out")" = "1 points, 0 held" ] ||
		fail "exit code $status: $(cat "$BATS_TEST_TMPDIR/out")"
}

@test "a daemon that is killed at any system call loses nothing, and leaves nothing: a sample" {
	SAMPLE=1 crash_test >"$BATS_TEST_TMPDIR/out" || fail "$(cat "$BATS_TEST_TMPDIR/out")"
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/out") =~ ^([0-9]+)\ points,\ ([0-9]+)\ held$ ]]
	((BASH_REMATCH[1] >= 40 && BASH_REMATCH[1] == BASH_REMATCH[2]))
}

@test "the crash test notices what is lost" {
	spoiled 'rm -f "$3"/networks/net'
	fails_with 'network net is absent, not there' network_create:1000
}

@test "the crash test notices what is left" {
	spoiled 'mkdir -p /run/tcr/netns; touch "/run/tcr/netns/$(date +%N)"'
	fails_with 'belongs to nobody: file /run/tcr/netns/' update:1000
}
