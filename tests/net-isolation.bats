# SPDX-License-Identifier: GPL-2.0-or-later
# Who may talk to whom: egress, other networks, the LAN, internal networks, forgeries.
# shellcheck disable=SC2016,SC2034,SC2086,SC2153,SC2154 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/net

setup()
{
	net_begin
}

# with_bridge_nf FUNCTION: once with bridged frames in the packet filter, once without.
with_bridge_nf()
{
	local on
	for on in 0 1; do
		bridge_nf $on
		"$@" || fail "with bridge-nf-call-iptables=$on" || return
	done
}

# --- egress

@test "containers reach the internet and the LAN under the host's address" {
	serve_at internet net 7
	serve_at lan onlan 7
	serve a
	serve b --network other
	egress()
	{
		reaches @a both $INTERNET 7 "net $WAN" &&
			reaches @b both $INTERNET 7 "net $WAN" &&
			reaches @a both $LAN_HOST 7 "onlan $LAN" &&
			at @a ping -c 1 -W 10 $INTERNET
	}
	with_bridge_nf egress
}

@test "the uplink may change its address, containers go on" {
	serve_at internet net 7
	serve web -p 8080:80
	reaches @web both $INTERNET 7 "net $WAN"
	ip addr del $WAN/24 dev wan0
	ip addr add 203.0.113.77/24 dev wan0
	ip route replace default via $INTERNET
	reaches @web both $INTERNET 7 'net 203.0.113.77'
	reaches internet tcp 203.0.113.77 8080 "web $INTERNET"
	ip link del wan0
	ip link add wan9 type veth peer name eth0 netns internet
	FOREIGN_LINKS=wan9
	ip addr add 203.0.113.9/24 dev wan9
	ip link set wan9 up
	ip -n internet addr add $INTERNET/24 dev eth0
	ip -n internet link set eth0 up
	ip route replace default via $INTERNET
	wait_for 5 eval 'ping -c 1 -W 0.5 $INTERNET >/dev/null'
	reaches @web both $INTERNET 7 'net 203.0.113.9'
	reaches internet tcp 203.0.113.9 8080 "web $INTERNET"
}

@test "a host that did not forward still forwards nothing of others, and again does not after nuke" {
	serve_at internet net 7
	at internet ip route add 192.168.77.0/24 via $WAN
	cannot_reach lan $INTERNET 7
	serve a
	reaches @a both $INTERNET 7 'net *'
	cannot_reach lan $INTERNET 7
	tcr rm -f a
	stop_tcrd
	tcr_net nuke
	prints 0 cat /proc/sys/net/ipv4/ip_forward
	cannot_reach lan $INTERNET 7
}

@test "a host that forwards goes on to do so, also after nuke" {
	echo 1 >/proc/sys/net/ipv4/ip_forward
	serve_at internet net 7
	at internet ip route add 192.168.77.0/24 via $WAN
	reaches lan both $INTERNET 7 "net $LAN_HOST"
	serve a
	reaches @a both $INTERNET 7 "net $WAN"
	reaches lan both $INTERNET 7 "net $LAN_HOST"
	tcr rm -f a
	stop_tcrd
	tcr_net nuke
	prints 1 cat /proc/sys/net/ipv4/ip_forward
	reaches lan both $INTERNET 7 "net $LAN_HOST"
}

@test "only the sysctls of our own links and ip_forward are touched" {
	sysctl -a 2>/dev/null | grep -E '^net\.(ipv[46]|bridge)\..*(conf\.(all|default|lo|wan0|lan0)\.|bridge-nf|ip_forward )' \
		>before
	serve a -p 8080:80
	sysctl -a 2>/dev/null | grep -E '^net\.(ipv[46]|bridge)\..*(conf\.(all|default|lo|wan0|lan0)\.|bridge-nf|ip_forward )' \
		>after
	# ip_forward sets what hangs on it: all, default and each link there is.
	diff <(grep -vE '\.forwarding|ip_forward|send_redirects|accept_redirects' before) \
		<(grep -vE '\.forwarding|ip_forward|send_redirects|accept_redirects' after)
	prints 0 cat /proc/sys/net/ipv4/conf/wan0/route_localnet
	prints 1 cat "/proc/sys/net/ipv4/conf/$(bridge_of tcr_default)/route_localnet"
}

# --- between containers

@test "containers of one network reach each other, with their own addresses" {
	serve a
	serve b
	neighbours()
	{
		reaches @a both "$(addr_of b)" 80 "b $(addr_of a)" &&
			at @a ping -c 1 -W 10 "$(addr_of b)"
	}
	with_bridge_nf neighbours
}

@test "containers of different networks do not reach each other" {
	serve a -p 8080:80
	serve b --network other
	strangers()
	{
		cannot_reach @a "$(addr_of b other)" 80 &&
			cannot_reach @b "$(addr_of a)" 80 &&
			! at @a ping -c 1 -W 0.5 "$(addr_of b other)"
	}
	with_bridge_nf strangers
	# Nor by way of a container that is on both.
	serve both --network tcr_default --network other
	at @a ip route add "$(subnet_of other)" via "$(addr_of both)"
	cannot_reach @a "$(addr_of b other)" 80
}

@test "an established flow to one network opens nothing else of it" {
	serve a
	serve b --network other -p 8080:80 -p 8080:80/udp
	reaches @a both $WAN 8080 'b *'
	cannot_reach @a "$(addr_of b other)" 80
	cannot_reach @a "$(addr_of b other)" 81
}

# --- from outside

@test "the LAN and the internet do not reach container ports, published or not" {
	# A router: nothing but our own rules is in the way.
	echo 1 >/proc/sys/net/ipv4/ip_forward
	serve a
	serve b -p 8080:80
	at internet ip route add 10.211.0.0/16 via $WAN
	outside()
	{
		local from
		for from in lan internet; do
			cannot_reach $from "$(addr_of a)" 80 &&
				cannot_reach $from "$(addr_of b)" 80 &&
				cannot_reach $from "$(addr_of b)" 81 &&
				! at $from ping -c 1 -W 0.5 "$(addr_of a)" || return
		done
		reaches host both "$(addr_of a)" 80 'a *'
	}
	with_bridge_nf outside
}

@test "packets from outside with a container's source address do not come in" {
	serve a
	serve b
	at lan ip addr add "$(addr_of b)/32" dev eth0
	# The answer would go to b: what counts is whether the question arrives.
	capture @a eth0 "host $(addr_of b) and udp port 5000"
	at lan bash -c "echo x | socat -t 0 - UDP:$(addr_of a):5000,bind=$(addr_of b)"
	reaches host both "$(addr_of a)" 80 'a *'
	reaches @b both "$(addr_of a)" 5000 "a $(addr_of b)"
	wait_for 5 grep -q 'UDP' seen
	# One question and its answer: that of b itself.
	kill $SERVICE
	wait $SERVICE || true
	[ "$(grep -c UDP seen)" = 2 ] || fail "$(<seen)"
}

# --- forgeries from a container that may send raw packets

@test "a container does not reach what listens on the host's loopback" {
	background host socat TCP-LISTEN:7777,bind=127.0.0.1,fork,reuseaddr 'SYSTEM:echo secret'
	background host socat UDP-RECVFROM:7777,bind=127.0.0.1,fork 'SYSTEM:echo secret'
	wait_for 5 serves host 7777
	serve evil
	local on
	at @evil sysctl -qw net.ipv4.conf.all.route_localnet=1
	at @evil ip -batch - <<-END
		addr del 127.0.0.1/8 dev lo
		route add 127.0.0.0/8 via $(gateway_of tcr_default)
	END
	[ "$(ask host tcp 127.0.0.1 7777)" = secret ]
	for on in 0 1; do
		bridge_nf $on
		cannot_reach @evil 127.0.0.1 7777
	done
}

@test "packets of a container with a loopback source do not reach the host" {
	local gateway from
	serve_at host host 7777
	serve evil
	gateway=$(gateway_of tcr_default)
	reaches @evil udp "$gateway" 7777 "host $(addr_of evil)"
	at @evil sysctl -qw net.ipv4.conf.all.route_localnet=1
	capture host "$(bridge_of tcr_default)" 'udp port 7777'
	nft -f - <<-END
		table ip probe {
			chain input {
				type filter hook input priority 500
				ip saddr 127.0.0.0/8 iifname != "lo" udp dport 7777 counter
			}
		}
	END
	for from in 127.0.0.1 127.0.0.2; do
		at @evil bash -c "echo x | socat -t 0 - UDP:$gateway:7777,bind=$from"
		wait_for 5 grep -q "IP $from\." seen
	done
	[[ $(nft list table ip probe) == *'counter packets 0 '* ]] || fail "$(nft list table ip probe)$(<seen)"
	nft delete table ip probe
}

@test "packets of a container with a stranger's source do not leave under it" {
	serve_at internet net 7
	serve evil
	at @evil ip addr add 198.51.100.66/32 dev eth0
	capture internet eth0 'udp port 7'
	at @evil bash -c "echo x | socat -t 0 - UDP:$INTERNET:7,bind=198.51.100.66"
	reaches @evil udp $INTERNET 7 "net $WAN"
	wait_for 5 grep -q "$WAN" seen
	! grep -q 'IP 198\.51\.100\.66' seen || fail "$(<seen)"
}

# --- IPv6

@test "there is no IPv6 between containers and host, not with link-local addresses either" {
	local bridge link
	background host socat TCP6-LISTEN:7777,fork,reuseaddr 'SYSTEM:echo secret'
	wait_for 5 serves host 7777
	serve a
	bridge=$(bridge_of tcr_default)
	for link in "$bridge" $(our_links :container: | cut -f 1); do
		prints '' ip -6 -o addr show dev "$link"
	done
	# Whoever may send raw packets can have any address, and somebody may switch IPv6 on for all links.
	at @a sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
	at @a ip addr add fe80::77/64 dev eth0 nodad
	no_ipv6()
	{
		! at @a ping -6 -c 1 -W 0.5 fe80::1%eth0 &&
			! at @a timeout 1 bash -c 'echo >/dev/tcp/fe80::1%eth0/7777' &&
			! at @a ping -6 -c 1 -W 0.5 fd00:71::1
	}
	no_ipv6
	sysctl -qw "net.ipv6.conf.$bridge.disable_ipv6=0" net.ipv6.conf.all.forwarding=1
	ip addr add fe80::1/64 dev "$bridge" nodad
	ip addr add fd00:77::1/64 dev "$bridge" nodad
	at @a ip addr add fd00:77::77/64 dev eth0 nodad
	at @a ip -6 route add default via fd00:77::1
	at internet ip -6 route add default via fd00:71::2
	# Neighbours that nobody has to ask for.
	at @a ip -6 neigh add fd00:77::1 dev eth0 lladdr "$(cat "/sys/class/net/$bridge/address")"
	ip -6 neigh add fd00:77::77 dev "$bridge" \
		lladdr "$(at @a ip -j link show eth0 | jq -r '.[0].address')"
	no_ipv6
	ping -6 -c 1 -W 10 fd00:71::1
	sysctl -qw net.ipv6.conf.all.forwarding=0
}

# --- internal networks

@test "an internal network reaches itself, and nothing else" {
	serve_at internet net 7
	serve_at lan onlan 7
	serve_at host host 7777
	tcr network create --internal inner
	tcr network create --internal inner2
	serve a --network inner
	serve b --network inner
	serve c --network inner2
	serve out -p 8080:80 -p 8080:80/udp
	# With a route of its own, too: isolation is no matter of the container's routing table.
	at @a ip route replace default via "$(gateway_of inner)"
	inner()
	{
		reaches @a both "$(addr_of b inner)" 80 "b $(addr_of a inner)" &&
			cannot_reach @a $INTERNET 7 &&
			cannot_reach @a $LAN_HOST 7 &&
			cannot_reach @a $WAN 7777 &&
			cannot_reach @a "$(gateway_of inner)" 7777 &&
			cannot_reach @a $WAN 8080 &&
			cannot_reach @a "$(addr_of c inner2)" 80 &&
			cannot_reach @a "$(addr_of out)" 80 &&
			cannot_reach @out "$(addr_of a inner)" 80 &&
			cannot_reach lan "$(addr_of a inner)" 80 &&
			! at @a ping -c 1 -W 0.5 $INTERNET
	}
	with_bridge_nf inner
	reaches host both "$(addr_of a inner)" 80 'a *'
}

@test "an internal network publishes no ports, nor does a rule of others open it" {
	tcr network create --internal inner
	assert_fails 125 '^tcr: -p: .*"inner" is internal' \
		tcr run --network inner -p 8080:80 busybox true
	assert_fails 125 '^tcr: -P: .*"inner" is internal' tcr run --network inner -P busybox true
	serve a --network inner
	at @a ip route replace default via "$(gateway_of inner)"
	nft -f - <<-END
		table ip eager {
			chain pre {
				type nat hook prerouting priority -100
				iifname "wan0" tcp dport 9999 dnat to $(addr_of a inner):80
			}
		}
	END
	cannot_reach internet $WAN 9999
	nft delete table ip eager
}
