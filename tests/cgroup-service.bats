# SPDX-License-Identifier: GPL-2.0-or-later
# tcrd as a service with Delegate=yes and cgroup v2: containers live in the service's own subtree.
# shellcheck disable=SC2016,SC2153 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

CG=/sys/fs/cgroup
SERVICE=$CG/system.slice/engine.service

setup()
{
	own_tree || skip "no cgroup v2 tree here that a sandbox could have a part of"
	mkdir -p "$SERVICE"
}

# The sandbox has one of its own, or, on a host with both, gets one for these tests: the root of a
# cgroup namespace.
own_tree()
{
	local all=/run/cgroup2
	TREE=
	[ ! -e $CG/cgroup.procs ] || return 0
	[ -e /proc/self/ns/cgroup ] && mkdir -p $all && mount -t cgroup2 cgroup2 $all || return
	TREE=$all/tcr-sandbox.$BATS_TEST_NUMBER.$(tr -d - </proc/sys/kernel/random/uuid)
	mkdir "$TREE" || return
	in_cgroup "$TREE" unshare --cgroup -- mount -t cgroup2 cgroup2 $CG
}

# in_cgroup DIRECTORY COMMAND...
in_cgroup()
{
	(echo 0 >"$1/cgroup.procs" && shift && exec "$@")
}

teardown()
{
	local status=0
	if [ -z "${BATS_TEST_COMPLETED-}" ]; then
		[ -z "${TCRD_LOG-}" ] || print_log || true
	elif [ -n "${TCRD_PID-}" ]; then
		end_well || status=1
	fi
	clean_up
	[ ! -d "$SERVICE" ] || find "$CG/system.slice" -depth -type d -exec rmdir {} + || status=1
	if [ -n "${TREE-}" ]; then
		umount $CG
		rmdir "$TREE" || status=1
		umount /run/cgroup2
	fi
	return $status
}

# The daemon as systemd starts it, in the cgroup "$1". Unlike start_tcrd, which it is made of.
start_in()
{
	local real=$TCRBOX
	cat >"$BATS_TEST_TMPDIR/tcrbox" <<-END
		#!/bin/sh
		if [ "\$1" = tcrd ]; then
			echo 0 >"${TREE:-$CG}/cgroup.procs"
			[ "\${INSIDE-}" ] || INSIDE=1 exec unshare --cgroup -- "\$0" "\$@"
			echo 0 >"$1/cgroup.procs" || exit
		fi
		exec "$real" "\$@"
	END
	# Where there is no CAP_SYS_RESOURCE, crun can load no rules for devices.
	cat >"$BATS_TEST_TMPDIR/crun" <<-'END'
		#!/bin/bash
		for ((i = 1; i < $#; i++)); do
			[ "${!i}" != --bundle ] || { ((++i)) && f=${!i}/config.json; }
		done
		[ -z "${f-}" ] || { jq 'del(.linux.resources.devices)' "$f" >"$f.new" && mv "$f.new" "$f"; }
		exec -a crun "$(command -v crun)" "$@"
	END
	chmod +x "$BATS_TEST_TMPDIR"/{tcrbox,crun}
	TCRBOX=$BATS_TEST_TMPDIR/tcrbox start_tcrd --crun "$BATS_TEST_TMPDIR/crun"
}

begin_in()
{
	cd "$BATS_TEST_TMPDIR" && start_in "$1" && load_busybox >/dev/null
}

# cgroup_of PID: as seen from here, so without the root of the daemon's cgroup namespace.
cgroup_of()
{
	sed -n 's/^0:://p' "/proc/$1/cgroup" | sed "s,^${TREE#/run/cgroup2},,"
}

delegate()
{
	setfattr -n trusted.delegate -v 1 "$SERVICE"
}

@test "the daemon goes to a leaf of its service, and containers live beside it" {
	local id path=/system.slice/engine.service
	delegate
	begin_in "$SERVICE"
	[ "$(cgroup_of "$TCRD_PID")" = $path/tcrd ]
	id=$(tcr run -d --stop-timeout 0 busybox sleep 1001)
	wait_for 5 eval '[ -n "$(pids_of sleep 1001)" ]'
	[ "$(cgroup_of "$(pids_of sleep 1001)")" = "$path/tcr-run-t$BATS_TEST_NUMBER/$id" ]
	# No process is in a cgroup that has others below it.
	[ -z "$(cat "$SERVICE/cgroup.procs")" ]
	[ "$(cat "$SERVICE/cgroup.subtree_control")" = "$(cat "$SERVICE/cgroup.controllers")" ]
	tcr run --rm busybox true
	tcr stop "$id"
	[ ! -d "$SERVICE/tcr-run-t$BATS_TEST_NUMBER/$id" ]
}

@test "the next daemon, which is started in the leaf, adopts them" {
	local id
	delegate
	begin_in "$SERVICE"
	id=$(tcr run -d --name a --stop-timeout 0 busybox sleep 1001)
	wait_for 5 eval '[ -n "$(pids_of sleep 1001)" ]'
	kill_tcrd
	start_in "$SERVICE/tcrd"
	has_state a running
	[ "$(cgroup_of "$TCRD_PID")" = /system.slice/engine.service/tcrd ]
	tcr run --rm busybox true
	# What died meanwhile is cleared away, there, too.
	kill_tcrd
	kill -KILL "$(pids_of sleep 1001)"
	start_in "$SERVICE/tcrd"
	has_state a exited
	wait_for 5 [ ! -d "$SERVICE/tcr-run-t$BATS_TEST_NUMBER/$id" ]
}

# What the unit does before it starts tcrd, where systemd cannot start it in the leaf.
@test "the unit makes the service's cgroup take a daemon again while containers live" {
	local prepare
	delegate
	begin_in "$SERVICE"
	tcr run -d --name a --stop-timeout 0 busybox sleep 1001
	wait_for 5 eval '[ -n "$(pids_of sleep 1001)" ]'
	kill_tcrd
	# On a host with both kinds of cgroups there may be no controller that it could pass on.
	[ -z "$(cat "$SERVICE/cgroup.controllers")" ] || run ! in_cgroup "$SERVICE" true
	# As systemd reads it: lines joined, "$$" is "$".
	prepare=$(sed -n '/^ExecStartPre=/,/^$/p' "$BATS_TEST_DIRNAME/../configs/init/systemd/tcrd.service" |
		sed -e ':a;/\\$/{N;s/\\\n//;ba}' -e "s/^ExecStartPre=-.bin.sh -c '//" -e "s/'\$//" \
			-e 's/\$\$/$/g' -e 's/\\\\/\\/g' -e 's/systemctl/false/')
	mkdir "$SERVICE/.control"
	cat >control <<-END
		#!/bin/sh
		echo 0 >"${TREE:-$CG}/cgroup.procs"
		[ "\${INSIDE-}" ] || INSIDE=1 exec unshare --cgroup -- "\$0" "\$@"
		echo 0 >"$SERVICE/.control/cgroup.procs" || exit
		$prepare
	END
	chmod +x control
	sed -i "s,/tcr /,/tcr-run-t$BATS_TEST_NUMBER /," control
	./control
	rmdir "$SERVICE/.control"
	start_in "$SERVICE"
	has_state a running
	tcr run --rm busybox true
	tcr rm -f a
}

@test "in a cgroup that is not given away the daemon stays, and makes its own at the top" {
	begin_in "$SERVICE"
	[ "$(cgroup_of "$TCRD_PID")" = /system.slice/engine.service ]
	tcr run -d --stop-timeout 0 busybox sleep 1001
	wait_for 5 eval '[ -n "$(pids_of sleep 1001)" ]'
	[ -d "$CG/tcr-run-t$BATS_TEST_NUMBER" ]
	tcr rm -f "$(tcr ps -q)"
	rmdir "$CG/tcr-run-t$BATS_TEST_NUMBER"
}
