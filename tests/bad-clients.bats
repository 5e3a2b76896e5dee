# SPDX-License-Identifier: GPL-2.0-or-later
# Clients that are none: whatever they send, or do not send, the others are served.
# shellcheck disable=SC2034 # a variable for lib/bad-input

load lib/helper
load lib/container
load lib/bad-input

raw()
{
	"$LIB/raw-client" "$TCR_SOCKET" "$@" 3>&-
}

# refuses_request REGEX ARGUMENT...: the daemon must answer the raw request with 125 and one line.
refuses_request()
{
	local status=0 regex=$1
	shift
	raw request "$@" >"$D/stdout" 2>"$D/stderr" || status=$?
	[ "$status" = 125 ] || fail "exit code $status, not 125: $* $(<"$D/stderr")" || return
	one_line "$D/stderr" "$regex" || fail "    in: $*"
}

@test "a client of another version is told to install the same one" {
	start_all
	refuses_request 'protocol 3.*tcrd 2.*same version' version=3 ps
	refuses_request 'protocol 0.*tcrd 2.*same version' version=0 ps
	refuses_request 'protocol 4294967295.*tcrd 2' version=0xffffffff ps
	refuses_request 'protocol 3.*tcrd 2.*same version' version=3 argc=9999999 len=77 fds=0 ps
	end_all
}

@test "requests whose header does not fit are refused" {
	start_all
	local field
	settle
	[ "$(raw request ps -q)" = "${WEB:0:12}" ]
	[ "$(raw request strings=sealed "len=$((33 * 1024))" ps -q "$(printf '%033785d' 0)" 2>&1 |
		cut -c 1-5)" = "tcr: " ]
	refuses_request 'no request of tcr' magic=0 ps
	refuses_request 'no request of tcr' bytes=1 ps
	refuses_request 'no request of tcr' bytes=23 ps
	for field in argc=0 argc=2 argc=3 argc=20000 argc=0xffffffff envc=1 envc=0xffffffff \
		len=0 len=2 len=100 len=33000 len=0xffffffff bytes=24 bytes=26 \
		fds=0 fds=3 fds=5 fds=8 strings=sealed; do
		refuses_request 'malformed|too large|no request|sealed' "$field" ps
	done
	refuses_request 'sealed' strings=unsealed len=40000 ps
	refuses_request 'sealed|fewer' strings=sealed len=40000 ps
	refuses_request 'unknown command "bogus"' bogus
	refuses_request 'unknown command ""' ""
	wait_for 3 is_as_before
	end_all
}

@test "signals that do not exist, or are sent too early, do no harm" {
	start_all
	local n
	for n in 0 -1 65 1000 0x7fffffff; do
		[ "$(raw request signal=$n run --rm busybox sh -c 'sleep 0.05; echo alive')" = alive ]
		raw request signal=$n ps -q >/dev/null
	done
	end_all
}

@test "garbage on the socket does no harm" {
	start_all
	raw garbage 200
	[ "$(tcr ps -q)" = "${WEB:0:12}" ]
	wait_for 3 is_as_before
	end_all
}

@test "clients that disconnect at once do no harm" {
	start_all
	raw hasty 200 ps -a
	raw hasty 20 version=3 image ls
	raw hasty 20 run --rm busybox true
	raw hasty 20 run -d --rm busybox true
	raw hasty 20 run --rm busybox sleep 1000
	raw hasty 20 run --rm busybox /nope
	raw hasty 5 "image load" "$BUSYBOX_SQFS"
	tcr version
	wait_for 40 is_as_before
	end_all
}

@test "clients that connect and say nothing keep nobody from working" {
	start_all
	local pid
	settle
	raw silent 100 <"$D/fifo" >"$D/stdout" &
	pid=$!
	exec 4>"$D/fifo"
	wait_for 10 grep -q 100 "$D/stdout"
	[ "$(tcr ps -q)" = "${WEB:0:12}" ]
	[ "$(tcr run --rm busybox echo works)" = works ]
	exec 4>&-
	wait $pid
	wait_for 3 is_as_before
	end_all
}

# ticks_of PID: user and system time of a process, in 1/100 s.
ticks_of()
{
	awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

@test "more clients than descriptors: the daemon waits without spinning, and serves them later" {
	local limit
	limit=$(ulimit -Sn)
	ulimit -Sn 64
	start_all
	ulimit -Sn "$limit"
	local pid ticks
	settle
	raw silent 100 <"$D/fifo" >"$D/stdout" &
	pid=$!
	exec 4>"$D/fifo"
	wait_for 10 grep -q 100 "$D/stdout"
	ticks=$(ticks_of "$TCRD_PID")
	timeout 0.5 "$TCRBOX" tcr ps 3>&- 4>&- || true
	(($(ticks_of "$TCRD_PID") - ticks < 10)) || fail "it spins"
	exec 4>&-
	wait $pid
	[ "$(tcr run --rm busybox echo works)" = works ]
	wait_for 3 is_as_before
	end_all
}
