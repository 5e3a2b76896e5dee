# SPDX-License-Identifier: GPL-2.0-or-later
# make uninstall and make nuke on a system that others use, too: all of ours goes, nothing else.
# shellcheck disable=SC2016,SC2153 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/service

setup()
{
	live_system
	foreign_things
}

# Links with names like ours, other tables, mounts, cgroups, loop devices, files beside ours.
foreign_things()
{
	mkdir -p /run/foreign/mnt /run/tcr2/containers /run/usr/share /run/foreign/netns
	touch /run/tcr2/lock /run/usr/bin/other /run/usr/share/file
	echo '#!/bin/sh' >/etc/init.d/S71other
	ip link add tcr9 type bridge
	ip link add tcrbr type bridge
	ip link set tcrbr alias tcr-2:network:x
	ip link add v0123456789ab0 type veth peer veth1234
	ip link set veth1234 master tcr9
	ip link set v0123456789ab0 alias tcr:tcrx:container:x
	nft 'table inet tcr_other { chain c { type filter hook input priority 0; accept; }; }'
	nft 'table ip tcr { set s { type ipv4_addr; elements = { 10.0.0.1 }; }; }'
	mount -t tmpfs tmpfs /run/foreign/mnt
	mkdir /run/foreign/mnt/{x,y}
	mount --bind /run/foreign/mnt/x /run/foreign/mnt/y
	local dir
	for dir in $(cgroup_roots); do
		mkdir -p "$dir/other/$(printf '12345678%.0s' {1..8})" "$dir/tcr-run-foreign"
	done
	truncate -s 64k /run/foreign/disk
	LOOP=$(losetup --show -f /run/foreign/disk)
}

teardown_foreign()
{
	local dir
	[ -z "${LOOP-}" ] || losetup -d "$LOOP"
	for dir in $(cgroup_roots); do
		find "$dir/other" "$dir/tcr-run-foreign" -depth -type d -exec rmdir {} + 2>/dev/null || true
	done
	for dir in tcr9 tcrbr v0123456789ab0; do
		ip link del $dir || true
	done
	nft delete table inet tcr_other
	nft delete table ip tcr
	umount /run/foreign/mnt/y /run/foreign/mnt
	rm -rf /run/foreign /run/tcr2
}

teardown()
{
	local status=0
	end_live_system || status=1
	teardown_foreign || status=1
	clean_up
	return $status
}

cgroup_roots()
{
	if [ -e /sys/fs/cgroup/cgroup.procs ]; then
		echo /sys/fs/cgroup
	else
		find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d
	fi
}

# Prints all that a host has: files, links, tables, mounts, cgroups, loop devices, processes. (crun
# makes /run/crun, whatever it is told.)
host()
{
	find /run /etc/init.d /etc/default /var/lib/tcr -xdev ! -path '/run/.sandbox*' \
		! -path /run/crun 2>/dev/null | sort
	ip -j -d link show | jq -S 'map({ifname, ifalias, master, kind: .linkinfo.info_kind})'
	nft list ruleset
	awk '{ print $4, $5, $9 }' /proc/self/mountinfo
	find /sys/fs/cgroup -type d | sort
	losetup -n --raw -O NAME,BACK-FILE | grep foreign
	sysctl net.ipv4.ip_forward
	# A daemon may have children at work.
	ps -e -o comm= | grep -E '^(tcr|crun|sleep)' | sort -u || true
}

# fill: containers, a network, ports.
fill()
{
	load_busybox >/dev/null
	tcr run -d --name a --stop-timeout 0 -p 8080:80 busybox sleep 1001
	tcr network create other
	tcr run -d --name b --stop-timeout 0 --network other -v /run/foreign:/mnt busybox sleep 1002
	tcr run --name c busybox sh -c 'echo precious >/data'
	wait_for 5 eval '[ -n "$(pids_of sleep 1001)" ]'
	wait_for 5 eval '[ -n "$(pids_of sleep 1002)" ]'
}

# assert_as FILE: the host is as it was then, but for the installation, which was there then.
assert_as()
{
	host >after
	grep -vE "^$PREFIX/(bin|sbin)/tcr" "$1" | diff -u - after
}

@test "nuke of a service with containers leaves the host as it was before" {
	host >before
	service install
	fill
	service nuke -f
	prints "" pids_of_tcrd
	assert_as before
}

@test "nuke after the daemon was killed ends its containers, too" {
	host >before
	service install
	fill
	kill -KILL "$(pids_of_tcrd)"
	wait_for 5 eval '[ -z "$(pids_of_tcrd)" ]'
	service nuke -f
	[ -z "$(pids_of sleep 1001)" ]
	assert_as before
}

@test "nuke in the middle of what a crash leaves half-made" {
	local id
	id=$(printf 'abcdef01%.0s' {1..8})
	host >before
	service install
	fill
	kill -KILL "$(pids_of_tcrd)"
	mkdir -p /run/tcr/containers/$id/rootfs "/run/tcr/images/a b"
	mount -t overlay -o lowerdir=/usr/lib:/usr/share overlay /run/tcr/containers/$id/rootfs
	mount -t overlay -o lowerdir=/usr/share:/usr/lib overlay /run/tcr/containers/$id/rootfs
	mount -t tmpfs tmpfs "/run/tcr/images/a b"
	service nuke -f
	assert_as before
}

@test "nuke stops a daemon that somebody started by hand, and may be said again" {
	host >before
	"$PREFIX/sbin/tcrd" </dev/null >log 2>&1 3>&- &
	wait_for 10 tcr version
	fill
	service nuke -f
	assert_as before
	service nuke -f >again
	assert_as before
	run ! grep -q 'no directory of tcrd' again
}

@test "nuke asks, and only yes means yes" {
	service install >/dev/null
	host >before
	assert_fails 1 'nobody answers: nothing is removed; use -f, or FORCE=1' service nuke </dev/null
	service nuke <<<n >out
	grep -q 'all containers, images, volumes' out
	grep -q '^Are you sure you want to continue? \[y/N\] nothing is removed$' out
	service nuke < <(printf '\n') >/dev/null
	host | diff -u before -
	service nuke <<<y >/dev/null
	[ ! -e /etc/init.d/S70tcrd ] && [ -z "$(ls -A /var/lib/tcr)" ]
}

@test "nuke works where root and run directory are others, and leaves another daemon alone" {
	local pid
	"$PREFIX/sbin/tcrd" </dev/null >log 2>&1 3>&- &
	wait_for 10 tcr version
	fill
	host >before
	export ROOT_DIR=/run/foreign/other-root RUN_DIR=/run/other-run
	"$PREFIX/sbin/tcrd" --root $ROOT_DIR --run-dir $RUN_DIR --pool 10.77.0.0/16 </dev/null >log2 2>&1 3>&- &
	pid=$!
	export TCR_SOCKET=$RUN_DIR/tcrd.sock
	wait_for 10 tcr version
	load_busybox
	tcr run -d --name a -p 8081:80 --stop-timeout 0 busybox sleep 1003
	service nuke -f
	exits 0 wait $pid
	assert_as before
	unset ROOT_DIR RUN_DIR
	export TCR_SOCKET=/run/tcr/tcrd.sock
	[ -n "$(pids_of sleep 1001)" ]
	# Its binary is gone, but another tcrd can have it.
	kill "$(pids_of_tcrd)"
	wait_for 15 eval '[ -z "$(pids_of_tcrd)" ]'
}

@test "uninstall keeps images, containers and networks, and install finds them again" {
	service install
	fill
	service uninstall
	prints "" pids_of_tcrd
	prints "" pids_of sleep 1001
	[ ! -e /etc/init.d/S70tcrd ] && [ ! -e $PREFIX/bin/tcrbox ] && [ ! -L $PREFIX/bin/tcr ]
	run ! eval 'ip -d link show | grep "alias tcr:tcr:"'
	run ! nft list table inet tcr
	run ! grep -E ' /(run|var/lib)/tcr/' /proc/self/mountinfo
	[ -e $PREFIX/bin/other ]
	umount /etc/init.d /etc/default
	live_system
	service install
	[ "$(tcr ps -a --format json | jq -r .Names | sort | xargs)" = "a b c" ]
	[ "$(tcr network ls -q | wc -l)" = 2 ]
	tcr run --rm busybox true
	cat /var/lib/tcr/containers/*/upper/data | grep -qx precious
}

@test "nuke removes no directory that is not a daemon's, and refuses nonsense" {
	mkdir -p /run/foreign/srv/containers
	echo x >/run/foreign/srv/file
	ROOT_DIR=/run/foreign/srv RUN_DIR=/run/none prints_like 'is no directory of tcrd, and stays' service nuke -f
	[ -e /run/foreign/srv/file ]
	ROOT_DIR=/ assert_fails 1 'an absolute path is required' service nuke -f
	ROOT_DIR=relative assert_fails 1 'an absolute path is required' service nuke -f
	assert_fails 2 '^usage: service install' service
}

@test "nuke does not follow what is mounted below the data" {
	service install
	mkdir -p /var/lib/tcr/mine
	mount --bind /run/foreign /var/lib/tcr/mine
	echo x >/run/foreign/file
	service nuke -f
	[ -e /run/foreign/file ]
}
