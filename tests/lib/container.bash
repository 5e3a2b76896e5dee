# SPDX-License-Identifier: GPL-2.0-or-later
# More functions for the bats files that run containers: images made to order, checks, clean ends.
#
# A file that loads this after lib/helper gets a teardown that is part of each test: the containers
# are removed, nothing may be left, the daemon has to end well.
# shellcheck disable=SC2034 # the results are for the caller

# begin [ARGUMENT...]: a daemon with the busybox image; the test's own directory is the current one.
begin()
{
	cd "$BATS_TEST_TMPDIR" || return
	start_tcrd "$@" && load_busybox >/dev/null
}

end_well()
{
	[ -n "${TCRD_PID-}" ] || return 0
	wait_for 20 remove_all || tcr ps -a || return
	assert_clean && stop_tcrd
}

# One that is going anyway cannot be removed.
remove_all()
{
	local ids
	ids=$(tcr ps -aq) || return
	[ -n "$ids" ] || return 0
	# shellcheck disable=SC2086 # a list
	tcr rm -f $ids >/dev/null 2>removing || cat removing >&2
	[ -z "$(tcr ps -aq)" ]
}

teardown()
{
	local status=0
	if [ -z "${BATS_TEST_COMPLETED-}" ]; then
		[ -z "${TCRD_LOG-}" ] || print_log || true
	else
		end_well || status=1
	fi
	clean_up
	return $status
}

# exits CODE COMMAND...: COMMAND must exit with CODE.
exits()
{
	local code=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$code" ] || fail "exit code $status, not $code: $*"
}

# prints TEXT COMMAND...: COMMAND must succeed and print TEXT.
prints()
{
	local want=$1 got status=0
	shift
	got=$("$@") || status=$?
	[ "$status" = 0 ] || fail "exit code $status: $*: $got" || return
	[ "$got" = "$want" ] || fail "printed \"$got\", not \"$want\": $*"
}

# prints_like REGEX COMMAND...: the same, with an extended regular expression.
prints_like()
{
	local want=$1 got status=0
	shift
	got=$("$@") || status=$?
	[ "$status" = 0 ] || fail "exit code $status: $*: $got" || return
	[[ $got =~ $want ]] || fail "printed \"$got\", which does not match \"$want\": $*"
}

# refuses REGEX COMMAND...: COMMAND must fail, and its one line on stderr match REGEX.
refuses()
{
	local regex=$1 status=0 said
	shift
	said=$("$@" 2>&1 >/dev/null) || status=$?
	((status != 0 && status < 128)) || fail "exit code $status: $*: $said" || return
	[[ $said =~ $regex && $said != *$'\n'* ]] || fail "stderr does not match \"$regex\": $*: $said"
}

# start_client ARGUMENT...: the client in the background, its output in the files out and err. Sets
# CLIENT. (A shell lets its background jobs ignore two signals: env puts that right.)
start_client()
{
	rm -f out err
	env --default-signal=INT,QUIT "$TCRBOX" tcr "$@" </dev/null >out 2>err 3>&- &
	CLIENT=$!
}

# client_ends CODE: the client of start_client must end, with CODE.
client_ends()
{
	wait_for 30 is_no_process "$CLIENT" && exits "$1" wait "$CLIENT"
}

is_no_process()
{
	! kill -0 "$1" 2>/dev/null
}

# pids_of WORD...: prints the processes in this sandbox that run exactly this command.
pids_of()
{
	local f cmd=$* words
	for f in /proc/[0-9]*/cmdline; do
		words=()
		{ mapfile -d '' -t words <"$f"; } 2>/dev/null || continue
		[ "${words[*]}" != "$cmd" ] || echo "${f//[!0-9]/}"
	done
}

# state_of NAME: prints the state of a container: created, running, exited.
state_of()
{
	tcr ps -a --format json | jq -r --arg n "$1" 'select(.Names == $n).State'
}

has_state()
{
	[ "$(state_of "$1")" = "$2" ]
}

# image_tree DIR [NAME]: unpacks the busybox image and gives it another name.
image_tree()
{
	unsquashfs -q -n -d "$1" "$("$LIB/images" busybox.sqfs)" >/dev/null &&
		set_info "$1" ".reference = \"docker.io/library/${2:-${1##*/}}:latest\""
}

# set_info DIR FILTER, set_config DIR FILTER: changes a JSON file of an unpacked image with jq.
set_info()
{
	jq "$2" "$1/image-info.json" >"$1.new" && mv "$1.new" "$1/image-info.json"
}

set_config()
{
	jq "$2" "$1/bundle/config.json" >"$1.new" && mv "$1.new" "$1/bundle/config.json"
}

# pack DIR: makes DIR.sqfs.
pack()
{
	mksquashfs "$1" "$1.sqfs" -noappend -quiet -no-progress -noI -noD -noF -noX >/dev/null
}

# load_tree DIR: packs and loads an unpacked image.
load_tree()
{
	pack "$1" && tcr image load "$1.sqfs" >/dev/null
}

# has_status NAME TEXT: what ps says of the container contains TEXT.
has_status()
{
	tcr ps -a --format json | jq -r --arg n "$1" 'select(.Names == $n).Status' | grep -qF "$2"
}
