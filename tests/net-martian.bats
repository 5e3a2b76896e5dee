# SPDX-License-Identifier: GPL-2.0-or-later
# What a container makes up: packets to the host's loopback and from it, IPv6 addresses. Each test has
# a control: without the rule that stops them, the same packets arrive.
# shellcheck disable=SC2016,SC2034,SC2086,SC2153,SC2154 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/net

EVIL6=fd00:77::77 BRIDGE6=fd00:77::1 HOST6=fd00:71::2 INTERNET6=fd00:71::1

setup()
{
	net_begin
}

# begin_evil: a container, the place "evil", which is there even while the daemon is stopped. Sets
# BRIDGE.
begin_evil()
{
	serve evil
	ln -sf "$TCR_RUN/netns/$(id_of evil)" /run/netns/evil
	BRIDGE=$(bridge_of tcr_default)
}

# without CHAIN RULE COMMAND...: while the rule is deleted, and the daemon stopped so that it does
# not put it back; that it does in the end.
without()
{
	local handle status=0 chain=$1 rule=$2
	shift 2
	handle=$(nft -a list chain inet "$(instance)" "$chain" | sed -n "s|^\t\t$rule # handle ||p")
	[ -n "$handle" ] || fail "the chain $chain has no rule \"$rule\"" || return
	kill -STOP "$TCRD_PID"
	nft delete rule inet "$(instance)" "$chain" handle "$handle" && "$@" || status=$?
	kill -CONT "$TCRD_PID"
	((status == 0)) || fail "without \"$rule\": $*" || return
	wait_for 5 has_rule "$chain" "$rule" || return
	# What came through is not to be an old acquaintance.
	conntrack -F 2>/dev/null
}

has_rule()
{
	nft list chain inet "$(instance)" "$1" | grep -qxF "		$2"
}

# --- loopback

# secret PLACE 4|6 [OPTIONS]: what listens there on port 7777 and says "secret".
secret()
{
	background "$1" socat "TCP$2-LISTEN:7777,fork,reuseaddr${3-}" 'SYSTEM:echo secret'
	background "$1" socat "UDP$2-RECVFROM:7777,fork${3-}" 'SYSTEM:read question; echo secret'
	wait_for 5 serves "$1" 7777 && wait_for 5 serves_udp "$1" 7777
}

serves_udp()
{
	at "$1" ss -Hlnu "sport = :$2" | grep -q .
}

@test "only the rule in the chain raw keeps a container from what listens on the host's loopback" {
	local on
	secret host 4 ,bind=127.0.0.1
	reaches host both 127.0.0.1 7777 secret
	begin_evil
	at evil sysctl -qw net.ipv4.conf.all.route_localnet=1
	at evil ip -batch - <<-END
		addr del 127.0.0.1/8 dev lo
		route add 127.0.0.0/8 via $(gateway_of tcr_default)
	END
	for on in 0 1; do
		bridge_nf $on
		cannot_reach evil 127.0.0.1 7777
		without raw 'iifname @bridges ip daddr 127.0.0.0/8 drop' \
			reaches evil both 127.0.0.1 7777 secret
		cannot_reach evil 127.0.0.1 7777
	done
}

# heard TEXT: the host heard it at port 7777.
heard()
{
	grep -qx "$1" heard
}

# says ADDRESS TEXT: a datagram of the container with that source.
says()
{
	at evil bash -c "echo $2 | socat -t 0 - UDP:$GATEWAY:7777,bind=$1"
}

says_and_is_heard()
{
	says "$1" "$2" && wait_for 5 heard "$2"
}

@test "only the rule in the chain raw keeps a container from sending as the host's loopback" {
	local on
	SAYS=heard background host socat -u UDP4-RECV:7777 -
	wait_for 5 serves_udp host 7777
	begin_evil
	GATEWAY=$(gateway_of tcr_default)
	at evil sysctl -qw net.ipv4.conf.all.route_localnet=1
	# The kernel's own check, which not every host has.
	echo 1 >/proc/sys/net/ipv4/conf/all/accept_local
	for on in 0 1; do
		bridge_nf $on
		says 127.0.0.1 forged$on
		without raw 'iifname @bridges meta nfproto ipv4 fib saddr . iif oif missing drop' \
			says_and_is_heard 127.0.0.1 control$on
		says 127.0.0.1 forged$on
		says_and_is_heard "$(addr_of evil)" honest$on
		! heard forged$on || fail "the host has heard it"
	done
	echo 0 >/proc/sys/net/ipv4/conf/all/accept_local
}

# --- IPv6

# begin_evil6: the container has IPv6 addresses and neighbours that nobody gave it; the host has, by
# somebody's doing, an address on the bridge.
begin_evil6()
{
	local mac
	begin_evil
	mac=$(ip -j link show "$BRIDGE" | jq -r '.[0].address')
	at evil sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
	at evil ip -6 -batch - <<-END
		addr add $EVIL6/64 dev eth0 nodad
		neigh replace $BRIDGE6 lladdr $mac dev eth0
		route add default via $BRIDGE6
	END
	mac=$(at evil ip -j link show eth0 | jq -r '.[0].address')
	sysctl -qw "net.ipv6.conf.$BRIDGE.disable_ipv6=0"
	ip -6 -batch - <<-END
		addr add $BRIDGE6/64 dev $BRIDGE nodad
		neigh replace $EVIL6 lladdr $mac dev $BRIDGE
	END
}

@test "only a rule in the chain input keeps a made-up IPv6 address from what listens on the host" {
	local on
	secret host 6
	reaches host both ::1 7777 secret
	begin_evil6
	unguarded()
	{
		# A datagram to the other address would be answered from this one.
		reaches evil both $BRIDGE6 7777 secret && reaches evil tcp $HOST6 7777 secret
	}
	for on in 0 1; do
		bridge_nf $on
		cannot_reach evil $BRIDGE6 7777
		cannot_reach evil $HOST6 7777
		without input 'iifname @bridges meta nfproto ipv6 drop' unguarded
		cannot_reach evil $BRIDGE6 7777
		cannot_reach evil $HOST6 7777
	done
}

@test "only a rule in the chain forward keeps a made-up IPv6 address from what is behind the host" {
	local on
	secret internet 6
	at internet ip -6 route add fd00:77::/64 via $HOST6
	reaches host both $INTERNET6 7777 secret
	begin_evil6
	sysctl -qw net.ipv6.conf.all.forwarding=1
	for on in 0 1; do
		bridge_nf $on
		cannot_reach evil $INTERNET6 7777
		without forward 'iifname @bridges meta nfproto ipv6 drop' \
			reaches evil both $INTERNET6 7777 secret
		cannot_reach evil $INTERNET6 7777
	done
	sysctl -qw net.ipv6.conf.all.forwarding=0
}

@test "a rule in the chain forward keeps the outside from a made-up IPv6 address, another its answers" {
	local from='iifname @bridges meta nfproto ipv6 drop' to='oifname @bridges drop'
	begin_evil6
	secret evil 6
	at internet ip -6 route add fd00:77::/64 via $HOST6
	sysctl -qw net.ipv6.conf.all.forwarding=1
	cannot_reach internet $EVIL6 7777
	without forward "$to" cannot_reach internet $EVIL6 7777
	without forward "$from" cannot_reach internet $EVIL6 7777
	without forward "$to" without forward "$from" reaches internet both $EVIL6 7777 secret
	cannot_reach internet $EVIL6 7777
	sysctl -qw net.ipv6.conf.all.forwarding=0
	# They would keep the namespace, and so the link.
	kill "${SERVICES[@]}"
	SERVICES=()
}
