# SPDX-License-Identifier: GPL-2.0-or-later
# For the bats files about input that is wrong: what each refusal must look like.
# shellcheck disable=SC2034 # the variables are for the rows of tables

setup()
{
	D=$BATS_TEST_TMPDIR
	printf -v HUGE '%05000d' 0
	HEX=${HUGE:0:64}
	HUGE=${HUGE//0/x}
	LONG=${HUGE:0:300}
	mkdir "$D/dir"
	mkfifo "$D/fifo"
	ln -s loop "$D/loop"
	ln -s nowhere "$D/dangling"
	echo "not an image" >"$D/text"
	: >"$D/empty"
}

# start_all: a daemon with the busybox image and a running container named "web".
start_all()
{
	start_tcrd
	load_busybox >/dev/null
	WEB=$(tcr run -d --name web --stop-timeout 0 busybox sleep 1000)
	settle
}

# Stops what start_all started and wants everything else to be as it was.
end_all()
{
	[ "$(tcr ps -aq --no-trunc)" = "${WEB-}" ]
	[ -z "${WEB-}" ] || tcr rm -f web >/dev/null
	assert_clean
	stop_tcrd
}

# snapshot VAR: what a command could leave behind, without a process for it.
snapshot()
{
	local mounts
	mapfile -t mounts </proc/self/mountinfo
	shopt -s nullglob
	set -- "$1" "$TCR_RUN"/{containers,crun,state,images}/* "$TCR_ROOT"/{containers,images_root}/* \
		"/proc/$TCRD_PID/fd"/*
	shopt -u nullglob
	printf -v "$1" '%s' "${#mounts[@]} $# $(<"/proc/$TCRD_PID/task/$TCRD_PID/children")"
}

# settle: sets BEFORE, once what the last command began has come to its end.
settle()
{
	local i now
	snapshot BEFORE
	for ((i = 0; i < 5; i++)); do
		sleep 0.01
		snapshot now
		[ "$now" = "$BEFORE" ] || i=-1
		BEFORE=$now
	done
}

is_as_before()
{
	local now
	snapshot now
	[ "$now" = "$BEFORE" ]
}

# one_line FILE REGEX: FILE has one line, which begins with "tcr: ", matches and is fit to be shown.
one_line()
{
	local LC_ALL=C text
	IFS= read -r -d '' text <"$1" || true
	[ "${text: -1}" = $'\n' ] || fail "the message does not end its line" || return
	text=${text%$'\n'}
	[[ ! $text =~ [[:cntrl:]] ]] || fail "control bytes in: ${text@Q}" || return
	[[ $text == "tcr: "* ]] || fail "no \"tcr: \" in front: $text" || return
	[[ $text =~ $2 ]] || fail "does not match \"$2\": $text"
}

# row CODE REGEX WORD...: `tcr WORD...` must be refused so. CODE "no" is for what cannot be done
# while nothing is wrong with the flags.
row()
{
	local code=$1 regex=$2 status=0
	shift 2
	[ "$code" != no ] || code='1|125'
	timeout 60 "$TCRBOX" tcr "$@" <"${STDIN-/dev/null}" >"$D/stdout" 2>"$D/stderr" 3>&- ||
		status=$?
	[[ $status =~ ^($code)$ ]] || fail "exit code $status, not $code: $(<"$D/stderr")" || return
	[ ! -s "$D/stdout" ] || fail "on stdout: $(<"$D/stdout")" || return
	one_line "$D/stderr" "$regex" || return
	wait_for 3 is_as_before || fail "left something behind"
}

# each_row FUNCTION: calls FUNCTION CODE REGEX WORD... for each line of stdin, which is
# CODE | REGEX | WORDS (as a shell reads them). Tells all that are wrong.
each_row()
{
	local line rest bad=0 n=0
	local -a words
	while IFS= read -r line; do
		rest=${line#* | }
		eval "words=(${rest#* | })"
		"$1" "${line%% | *}" "${rest%% | *}" "${words[@]}" 3>&- || {
			echo "    in: ${line:0:150}" >&2
			((++bad))
		}
		((++n))
	done
	((n > 0 && bad == 0)) || fail "$bad of $n rows are wrong"
}
