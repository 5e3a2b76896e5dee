# SPDX-License-Identifier: GPL-2.0-or-later
# tcrd as a service: what it tells the manager, the files for each init system, the init script.
# shellcheck disable=SC2016,SC2153 # text to evaluate later; variables of lib/helper

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/service

# --- what the service manager hears

# manager ADDRESS: writes what it hears to the file heard, a line a datagram. Sets MANAGER.
manager()
{
	socat -u "$1" STDOUT >heard 2>/dev/null 3>&- &
	MANAGER=$!
}

hears()
{
	wait_for 5 grep -qxE "$1" heard
}

@test "the manager hears READY=1 once the daemon answers, and STOPPING=1 when it stops" {
	local address
	cd "$BATS_TEST_TMPDIR"
	for address in "$PWD/manager" @tcr-manager; do
		case $address in
		@*) manager "ABSTRACT-RECV:${address#@}" && wait_for 5 grep -q "@tcr-manager" /proc/net/unix ;;
		*) manager "UNIX-RECV:$address" && wait_for 5 [ -S "$address" ] ;;
		esac
		export NOTIFY_SOCKET=$address
		start_tcrd
		hears 'READY=1(STOPPING=1)?'
		run ! grep -q STOPPING heard
		stop_tcrd
		hears '.*STOPPING=1'
		kill $MANAGER
		wait $MANAGER || true
	done
}

@test "a manager that does not listen, or is not there, keeps the daemon from nothing" {
	local address
	begin
	for address in /nowhere/at/all @nobody relative "$(printf '/%.0s' {1..300})" @ ''; do
		stop_tcrd
		NOTIFY_SOCKET=$address start_tcrd
		tcr run --rm busybox true
	done
}

fill_queue()
{
	local _
	for _ in {1..500}; do
		echo x | timeout 2 socat -u - "UNIX-SENDTO:manager" 2>/dev/null || return 0
	done
	fail "the queue has no end"
}

@test "a manager whose queue is full does not stop the daemon, and hears of it later" {
	cd "$BATS_TEST_TMPDIR"
	manager UNIX-RECV:manager
	wait_for 5 [ -S manager ]
	kill -STOP $MANAGER
	fill_queue
	NOTIFY_SOCKET=$PWD/manager start_tcrd
	kill -CONT $MANAGER
	hears 'READY=1'
	kill $MANAGER
}

@test "containers neither see the manager's socket nor are waited for by crun" {
	cd "$BATS_TEST_TMPDIR"
	manager UNIX-RECV:manager
	wait_for 5 [ -S manager ]
	NOTIFY_SOCKET=$PWD/manager begin
	tcr run -d --name a busybox sleep 1000
	prints "" tcr run --rm busybox sh -c 'env | grep NOTIFY || true'
	wait_for 10 eval '[ -n "$(pids_of sleep 1000)" ]'
	run ! grep -qz NOTIFY_SOCKET "/proc/$(pids_of sleep 1000)/environ"
	kill $MANAGER
}

# --- files

# files: prints what is below DEST, with where links lead, but for the binaries.
files()
{
	(cd "$DEST" && find . ! -type d ! -path '*bin/*' -printf '%P %l\n' | sed 's/ $//' | sort)
}

for_each_init()
{
	local init
	for init in systemd busybox openrc procd sysv; do
		INIT_SYSTEM=$init "$@" || return
	done
}

# lay_out: an installation below DEST.
lay_out()
{
	export DEST=$BATS_TEST_TMPDIR/dest
	mkdir -p "$DEST/usr/bin" "$DEST/usr/sbin" "$DEST/etc/init.d" "$DEST/var/lib/other"
	echo other | tee "$DEST/usr/bin/docker" "$DEST/etc/init.d/other" >"$DEST/var/lib/other/file"
	touch "$DEST/usr/bin/tcrbox"
	ln -s tcrbox "$DEST/usr/bin/tcr"
	ln -s ../bin/tcrbox "$DEST/usr/sbin/tcrd"
	ln -s ../bin/tcrbox "$DEST/usr/sbin/tcr-net"
}

below()
{
	DESTDIR=$DEST service "$@"
}

install_and_show()
{
	below install && files >>shown
}

@test "each init system gets its file below DESTDIR, and what starts it at boot" {
	cd "$BATS_TEST_TMPDIR"
	lay_out
	for_each_init install_and_show
	diff -u - <(sort -u shown) <<-'END'
		etc/init.d/S70tcrd
		etc/init.d/other
		etc/init.d/tcrd
		etc/rc.d/K05tcrd ../init.d/tcrd
		etc/rc.d/S95tcrd ../init.d/tcrd
		etc/rc0.d/K30tcrd ../init.d/tcrd
		etc/rc1.d/K30tcrd ../init.d/tcrd
		etc/rc2.d/S70tcrd ../init.d/tcrd
		etc/rc3.d/S70tcrd ../init.d/tcrd
		etc/rc4.d/S70tcrd ../init.d/tcrd
		etc/rc5.d/S70tcrd ../init.d/tcrd
		etc/rc6.d/K30tcrd ../init.d/tcrd
		etc/runlevels/default/tcrd /etc/init.d/tcrd
		etc/systemd/system/multi-user.target.wants/tcrd.service /usr/lib/systemd/system/tcrd.service
		usr/lib/systemd/system/tcrd.service
		var/lib/other/file
	END
	run ! grep -rE '@[A-Z_]+@' "$DEST"
}

@test "an installation for another init system takes the place of the first, and says so" {
	local pair
	cd "$BATS_TEST_TMPDIR"
	for pair in 'sysv busybox' 'busybox sysv' 'openrc sysv' 'sysv procd' 'procd openrc' 'systemd busybox' 'openrc systemd'; do
		lay_out
		INIT_SYSTEM=${pair#* } below install >/dev/null
		files >alone
		rm -r "$DEST"
		lay_out
		INIT_SYSTEM=${pair% *} below install >/dev/null
		INIT_SYSTEM=${pair#* } below install >out
		files | diff -u alone - || fail "$pair"
		grep -q "^removed $DEST/.* (${pair% *})\$" out
		grep -q "^installed $DEST/.* (${pair#* })\$" out
		rm -r "$DEST"
	done
	live_system
	INIT_SYSTEM=sysv service install >/dev/null
	service install >out
	grep -qx 'removed /etc/init.d/tcrd (sysv)' out
	[ ! -e /etc/init.d/tcrd ] && [ ! -L /etc/rc2.d/S70tcrd ]
	prints_like 'tcrd runs' init_script status
}

@test "an installation that cannot be written leaves the old service as it is, and its daemon" {
	local pid option
	live_system
	INIT_SYSTEM=sysv service install >/dev/null
	pid=$(</run/tcrd.pid)
	cp /etc/init.d/tcrd before
	for option in ro "size=$(getconf PAGESIZE)"; do
		mount -o "remount,$option" /etc/init.d
		run service install
		[ "$status" != 0 ]
		mount -o remount,rw,size=1m /etc/init.d
		prints tcrd ls -A /etc/init.d
		cmp before /etc/init.d/tcrd
		[ -L /etc/rc2.d/S70tcrd ]
		prints "tcrd runs (process $pid)" /etc/init.d/tcrd status
		tcr version >/dev/null
	done
	service install >/dev/null
	prints S70tcrd ls -A /etc/init.d
}

@test "a left-over service that cannot be stopped is removed if it does not run, else an error" {
	local line pid
	live_system
	service install >/dev/null
	pid=$(pids_of_tcrd)
	for line in '#!/bin/sh /etc/rc.common' '#!/sbin/openrc-run' '#!/nowhere' '#!/bin/false'; do
		echo "$line" >/etc/init.d/tcrd
		chmod 755 /etc/init.d/tcrd
		service install >out
		grep -q '^removed /etc/init.d/tcrd ' out
		prints S70tcrd ls -A /etc/init.d
		prints "$pid" pids_of_tcrd
	done
	printf '#!/bin/sh\n[ "$1" = status ]\n' >/etc/init.d/tcrd
	chmod 755 /etc/init.d/tcrd
	assert_fails 1 'the service does not stop' service install
	[ -x /etc/init.d/tcrd ]
	rm /etc/init.d/tcrd
}

@test "uninstall below DESTDIR takes away what was installed, keeps data and what is of others" {
	local init before
	lay_out
	mkdir -p "$DEST/var/lib/tcr/containers" "$DEST/run/tcr"
	touch "$DEST/var/lib/tcr/lock"
	for init in systemd busybox openrc procd sysv; do
		before=$(files)
		INIT_SYSTEM=$init below install >/dev/null
		below uninstall >/dev/null
		[ "$(files)" = "$before" ] || fail "$init: $(files)"
		diff -u - <(cd "$DEST" && find . -path '*bin/*') <<<./usr/bin/docker
		lay_out
	done
	below nuke -f
	[ "$(files)" = $'etc/init.d/other\nvar/lib/other/file' ]
	[ ! -e "$DEST/var/lib/tcr" ]
}

@test "nuke below DESTDIR follows no symlink out of it" {
	lay_out
	mkdir -p "$BATS_TEST_TMPDIR/host/containers" "$DEST/data/tcr/containers"
	touch "$BATS_TEST_TMPDIR/host/lock" "$DEST/data/tcr/lock"
	ln -s "$BATS_TEST_TMPDIR/host" "$DEST/var/lib/tcr"
	assert_fails 1 'which is not below' below nuke -f
	[ -e "$BATS_TEST_TMPDIR/host/lock" ]
	ln -sfn ../../data/tcr "$DEST/var/lib/tcr"
	below nuke -f
	[ ! -e "$DEST/data/tcr" ]
}

@test "the makefile's targets pass on DESTDIR and PREFIX" {
	local dest=$BATS_TEST_TMPDIR/dest make
	make=(make -s -f "$TOP/Makefile" -o all "O=$O" "DESTDIR=$dest" PREFIX=/opt/tcr INIT_SYSTEM=busybox)
	"${make[@]}" install-service
	grep -qx 'DAEMON=/opt/tcr/sbin/tcrd' "$dest/etc/init.d/S70tcrd"
	"$dest/opt/tcr/bin/tcrbox" --list | grep -qx tcrd
	"${make[@]}" uninstall
	[ -z "$(find "$dest" ! -type d)" ]
	"${make[@]}" install-service
	mkdir -p "$dest/srv/tcr/containers"
	touch "$dest/srv/tcr/lock"
	"${make[@]}" nuke ROOT_DIR=/srv/tcr FORCE=1
	[ -z "$(find "$dest" ! -type d)" ]
	[ ! -e "$dest/srv/tcr" ]
}

@test "the init system is found by what is there, and what is not known is asked for" {
	local row
	for row in 'systemd lib/systemd/systemd' 'openrc sbin/openrc-run' 'procd sbin/procd' \
		'busybox sbin/init' 'sysv etc/rc2.d/S01x'; do
		lay_out
		mkdir -p "$DEST/$(dirname "${row#* }")"
		ln -s /bin/busybox "$DEST/${row#* }"
		prints_like "\\(${row% *}\\)$" below install
		rm -r "$DEST"
	done
	lay_out
	assert_fails 1 'give INIT_SYSTEM=busybox' below install
	INIT_SYSTEM=upstart assert_fails 1 '^service: INIT_SYSTEM=upstart: it is one of' below install
	rm "$DEST/usr/sbin/tcrd"
	INIT_SYSTEM=sysv assert_fails 1 'sbin/tcrd is missing' below install
}

@test "an init system that is not known, or cannot be told, is an error before anything is installed" {
	local dest=$BATS_TEST_TMPDIR/dest init
	for init in upstart ''; do
		assert_fails 2 'INIT_SYSTEM=' make -s -f "$TOP/Makefile" -o all "O=$O" "DESTDIR=$dest" \
			"INIT_SYSTEM=$init" install-service
		[ ! -e "$dest" ]
	done
}

@test "where the init system does not run, install says that nothing is started" {
	live_system
	mount -t tmpfs tmpfs /etc/systemd
	INIT_SYSTEM=systemd service install >out
	umount /etc/systemd
	grep -qx 'not started: systemd does not run here' out
	rm -r /run/usr/lib/systemd
	[ -z "$(pids_of_tcrd)" ]
}

@test "the systemd unit passes systemd-analyze verify, hides no mounts and spares containers" {
	local unit=$BATS_TEST_TMPDIR/tcrd.service key
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze: install systemd"
	lay_out
	INIT_SYSTEM=systemd below install
	sed "s,ExecStart=,&$DEST," "$DEST/usr/lib/systemd/system/tcrd.service" >"$unit"
	install -m 755 "$TCRBOX" "$DEST/usr/bin/tcrbox"
	prints "" systemd-analyze verify "$unit"
	for key in Type=notify Delegate=yes KillMode=process 'ExecReload=/bin/kill -HUP $MAINPID' \
		Restart=always OOMPolicy=continue StartLimitIntervalSec=0; do
		grep -qxF "$key" "$unit"
	done
	# Each of these makes a mount namespace: see systemd.exec(5).
	run ! grep -E '^(Private(Tmp|Devices|Mounts|Users|Network)|Protect|ReadOnly|ReadWrite|Inaccessible|Exec|NoExec|Temporary|Bind|Root|Mount|Dynamic|State|Runtime|Cache|Logs)[A-Za-z]*(Path|s|Home|System|Directory|Image|FileSystem|User|Tunables|Modules|Logs|Clock|Proc|Groups|APIVFS|Flags)=' \
		<(grep -v '^ExecStart\|^ExecReload' "$unit")
}

# --- the init script

@test "the init script starts, tells of, restarts and stops the daemon" {
	live_system
	service install
	prints_like '^tcrd runs \(process [0-9]+\)$' init_script status
	[ "$(cat /run/tcrd.pid)" = "$(pids_of_tcrd)" ]
	local pid
	pid=$(</run/tcrd.pid)
	load_busybox
	prints "tcrd runs already (process $pid)" init_script start
	tcr run -d --stop-timeout 0 --name a busybox sleep 1001
	init_script restart
	[ "$(</run/tcrd.pid)" != "$pid" ]
	has_state a exited
	prints "tcrd is stopped" init_script stop
	[ -z "$(pids_of_tcrd)" ]
	exits 3 init_script status
	prints "tcrd is not running" init_script stop
	assert_fails 7 '^tcrd is not running$' init_script reload
	exits 1 init_script
}

@test "the init script works with the shell of BusyBox" {
	live_system
	local busybox applet
	busybox=$(command -v busybox)
	mkdir only
	ln -s "$(command -v crun)" only
	for applet in $("$busybox" --list); do
		ln -s "$busybox" "only/$applet"
	done
	service install >/dev/null
	for action in stop start status restart reload stop; do
		PATH=$PWD/only "$busybox" ash /etc/init.d/S70tcrd $action 3>&-
	done
	[ -z "$(pids_of_tcrd)" ]
}

@test "the init script takes no other process for the daemon, and starts one after a crash" {
	live_system
	service install >/dev/null
	kill -KILL "$(</run/tcrd.pid)"
	wait_for 5 eval '[ -z "$(pids_of_tcrd)" ]'
	exits 3 init_script status
	echo $$ >/run/tcrd.pid
	prints "tcrd is not running" init_script stop
	init_script start
	tcr version
}

@test "the init script says so if the daemon does not start, and passes options on" {
	live_system
	echo 'TCRD_OPTIONS=--bogus' >/etc/default/tcrd
	assert_fails 1 'tcrd has not started: .*tcrd --bogus$' service install
	echo 'TCRD_OPTIONS="--root /run/other --run-dir /run/elsewhere"' >/etc/default/tcrd
	echo TCR_SOCKET=/run/elsewhere/tcrd.sock >>/etc/default/tcrd
	env -u TCR_SOCKET /etc/init.d/S70tcrd start 3>&-
	tcr --socket /run/elsewhere/tcrd.sock version
	service nuke -f
	[ ! -e /run/other ] && [ ! -e /run/elsewhere ]
}
