# SPDX-License-Identifier: GPL-2.0-or-later
# Where what containers print goes: --log-driver, --log-dir, and options that are refused.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

# finished NAME [OPTION...] -- COMMAND...: a detached container that has run to its end.
finished()
{
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	tcr run -d --name "$name" "${options[@]}" busybox "${@:2}" >/dev/null && tcr wait "$name" >/dev/null
}

@test "--log-driver none keeps nothing, and says so" {
	finished a --log-driver none -- echo x
	refuses '"none" of container "a" does not support reading' tcr logs a
	[ -z "$(ls -A "$TCR_RUN/logs")" ]
}

@test "docker's drivers json-file and local are the bounded file" {
	finished a --log-driver json-file --log-opt max-size=10m --log-opt max-file=5 -- echo x
	finished b --log-driver=local -- echo y
	prints x tcr logs a
	prints y tcr logs b
}

@test "--log-dir keeps the log in that directory, over the death of the run directory" {
	mkdir dir
	finished a --log-dir "$PWD/dir" -- echo x
	prints x tcr logs a
	[ -z "$(ls -A "$TCR_RUN/logs")" ]
	stop_tcrd
	rm -r "$TCR_RUN"
	start_tcrd
	prints x tcr logs a
	tcr start a
	wait_for 5 has_state a exited
	prints $'x\nx' tcr logs a
	tcr rm a
	[ -z "$(ls -A dir)" ]
}

@test "a log in a directory goes with its container, even if a daemon died in between" {
	mkdir dir
	tcr run -d --name a --log-dir "$PWD/dir" busybox sh -c 'echo x; exec sleep 1000'
	wait_for 5 test -e "dir/$(tcr ps -q --no-trunc)/1.log"
	kill_tcrd
	rm "$TCR_ROOT"/containers/*/spec
	start_tcrd
	[ -z "$(ls -A dir)" ]
}

@test "options that do not go together are refused" {
	refuses 'file, syslog and none' tcr run -d --log-driver journald busybox true
	refuses 'from 1k to 64m' tcr run -d --log-opt max-size=1g busybox true
	refuses 'a number from 1 is required' tcr run -d --log-opt max-file=0 busybox true
	refuses 'not for the log driver "none"' tcr run -d --log-driver none --log-opt max-size=1m busybox true
	refuses 'tag=x is not for the log driver "file"' tcr run -d --log-opt tag=x busybox true
	refuses 'exclude each other' tcr run -d --log-driver none --log-dir / busybox true
	refuses 'no such directory' tcr run -d --log-dir /nonexistent busybox true
	refuses 'one container is required' tcr logs
	refuses 'one container is required' tcr logs a b
	refuses 'no such container: "a"' tcr logs a
}

# --- syslog

# with_syslog: /dev/log is a socket here, what comes there is in the file syslog.
with_syslog()
{
	mkdir -p "$TCR_RUN/dev" "$TCR_RUN/devwork"
	mount -t overlay -o "lowerdir=/dev,upperdir=$TCR_RUN/dev,workdir=$TCR_RUN/devwork" overlay /dev ||
		skip "no overlay can be put on /dev here"
	rm -f /dev/log
	syslogd_start
}

syslogd_start()
{
	rm -f /dev/log
	: >>syslog
	socat -u UNIX-RECV:/dev/log,mode=666 OPEN:syslog,append 3>&- &
	SYSLOGD=$!
	wait_for 5 test -S /dev/log
}

@test "--log-driver syslog sends each line to /dev/log, as RFC 3164 has it" {
	with_syslog
	tcr run -d --name web --log-driver syslog busybox sh -c \
		'printf "o\033ne\n\n"; echo bad >&2; printf "no "; sleep 0.1; printf "end"; head -c 2000 /dev/zero | tr "\0" y >&2'
	tcr wait web
	tcr run -d --name x --log-driver syslog --log-opt tag=app busybox echo hello
	wait_for 5 grep -q hello syslog
	local when='[A-Z][a-z][a-z] [ 0-9][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9]'
	sed 's/</\n</g' syslog >lines
	grep -qxE "<30>$when web: o\?ne" lines
	grep -qxE "<27>$when web: bad" lines
	grep -qxE "<30>$when web: no end" lines
	grep -qxE "<30>$when app: hello" lines
	[ "$(grep -cE "^<27>$when web: y{900}$" lines)" = 2 ]
	grep -qxE "<27>$when web: y{200}" lines
	refuses '"syslog" of container "web" does not support reading' tcr logs web
	kill "$SYSLOGD"
	umount -l /dev
}

@test "a syslogd that is away, or slow, holds up nobody, and is found again" {
	with_syslog
	tcr run -d --name web --log-driver syslog busybox sh -c \
		'i=0; while :; do i=$((i+1)); echo line $i; usleep 20000; done'
	wait_for 5 grep -q 'web: line' syslog
	kill -STOP "$SYSLOGD"
	tcr run -d --name fast --log-driver syslog busybox seq 20000
	prints 0 timeout 60 "$TCRBOX" tcr wait fast
	kill -CONT "$SYSLOGD"
	kill "$SYSLOGD"
	wait "$SYSLOGD" || true
	rm -f /dev/log
	tcr run -d --name fast2 --log-driver syslog busybox seq 20000
	prints 0 timeout 60 "$TCRBOX" tcr wait fast2
	: >syslog
	syslogd_start
	wait_for 5 grep -q 'web: line' syslog
	kill "$SYSLOGD"
	tcr rm -f web
	umount -l /dev
}
