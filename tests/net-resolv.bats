# SPDX-License-Identifier: GPL-2.0-or-later
# The host's resolv.conf behind symbolic links, as DHCP clients and modems leave and change it.
# shellcheck disable=SC2034,SC2153,SC2154 # variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/net

setup()
{
	local i
	net_up
	for i in 1 2 3; do
		ip -n internet addr add 203.0.113.10$i/24 dev eth0
		name_server internet 203.0.113.10$i --host-record=fwd.test,198.51.100.$i
	done
	rm -rf /run/links /etc/resolv.conf
}

# answers_come_from N: the resolver that a container's question reaches.
answers_come_from()
{
	[ "$(ask_name @c +short +time=2 fwd.test)" = "198.51.100.$1" ]
}

# The same without dig, which itself reads the host's file and does not want such lines.
inside_it_is()
{
	tcr run --rm busybox nslookup fwd.test >said 2>&1
	grep -q "198\.51\.100\.$1\$" said
}

# resolver N FILE: a file that names it, written elsewhere and renamed, as it is usual.
resolver()
{
	echo "nameserver 203.0.113.10$1" >/run/written && mv /run/written "$2"
}

container()
{
	begin
	tcr run -d --name c --stop-timeout 0 busybox sleep 1000 >/dev/null
}

@test "a link that leads nowhere yet is followed as soon as there is a file" {
	mkdir /run/links
	ln -s /run/links/conf /etc/resolv.conf
	container
	run ! answers_come_from 1
	resolver 1 /run/links/conf
	wait_for 3 answers_come_from 1
	resolver 2 /run/links/conf
	wait_for 3 answers_come_from 2
}

@test "directories that are missing are waited for, one after the other, and again" {
	ln -s ../run/links/a/b/conf /etc/resolv.conf
	container
	mkdir /run/links
	mkdir -p /run/links/a/b
	resolver 1 /run/links/a/b/conf
	wait_for 3 answers_come_from 1
	mv /run/links/a/b /run/links/a/old
	run ! answers_come_from 1
	mkdir /run/links/a/b
	resolver 2 /run/links/a/b/conf
	wait_for 3 answers_come_from 2
	rm -r /run/links
	run ! answers_come_from 2
	mkdir -p /run/links/a/b
	resolver 3 /run/links/a/b/conf
	wait_for 3 answers_come_from 3
}

@test "each link of a chain may change" {
	mkdir -p /run/links/one /run/links/two /run/links/three
	resolver 1 /run/links/three/conf
	resolver 2 /run/links/three/other
	ln -s ../three/conf /run/links/two/link
	ln -s ../two/link /run/links/one/link
	ln -s /run/links/one/link /etc/resolv.conf
	container
	wait_for 3 answers_come_from 1
	ln -sfn ../three/other /run/links/two/link
	wait_for 3 answers_come_from 2
	resolver 3 /run/links/two/file
	ln -sfn ../two/file /run/links/one/link
	wait_for 3 answers_come_from 3
	resolver 1 /run/links/two/file
	wait_for 3 answers_come_from 1
}

@test "links in a circle are no resolver, and no load" {
	mkdir /run/links
	ln -s b /run/links/a
	ln -s a /run/links/b
	ln -s /run/links/a /etc/resolv.conf
	container
	run ! answers_come_from 1
	rm /run/links/b
	resolver 1 /run/links/b
	wait_for 3 answers_come_from 1
}

@test "a line that names no address is skipped, and the others count" {
	printf 'nameserver %s\n' fe80::1%interface-too-long fe80::1% fe80::1%a%b 203.0.113.101 \
		>/etc/resolv.conf
	container
	inside_it_is 1
	printf 'nameserver %s\n' 203.0.113.102 ::1%0123456789abcdef >/etc/resolv.conf
	wait_for 3 inside_it_is 2
	run ! grep 'name server has ended' "$TCRD_LOG"
}
