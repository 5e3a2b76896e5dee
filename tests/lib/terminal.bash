# SPDX-License-Identifier: GPL-2.0-or-later
# For the bats files about terminals: a script that runs in one, with somebody who types.
# shellcheck disable=SC2034 # the results are for the caller

# begin_terminal: in the test's own directory, before what follows.
begin_terminal()
{
	export TERMINAL=$BATS_TEST_TMPDIR/terminal
	mkfifo keys
	exec 8<>keys
}

# open_terminal: runs the shell script on stdin in a terminal. What it prints is in the file screen,
# what `type_keys` writes is what a user types. Sets TERMINAL_PID.
open_terminal()
{
	{
		echo 'stty rows 33 cols 101; tcr() { "$TCRBOX" tcr "$@"; }'
		cat
	} >script
	script -qefc "sh $PWD/script" /dev/null <&8 >screen 2>&1 3>&- 8>&- &
	TERMINAL_PID=$!
}

# terminal_ends CODE: the script must end with CODE.
terminal_ends()
{
	wait_for 30 is_no_process "$TERMINAL_PID" || fail "the screen: $(cat screen)" || return
	exits "$1" wait "$TERMINAL_PID" || fail "the screen: $(cat screen)"
}

# in_terminal: the script on stdin must end with 0. What it wrote to $TERMINAL is printed.
in_terminal()
{
	: >"$TERMINAL"
	open_terminal && terminal_ends 0 && cat "$TERMINAL"
}

type_keys()
{
	printf '%b' "$*" >&8
}

# shows TEXT: waits until TEXT is on the screen.
shows()
{
	wait_for 20 grep -q -- "$1" screen || fail "the screen: $(cat screen)"
}
