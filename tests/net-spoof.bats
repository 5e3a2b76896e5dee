# SPDX-License-Identifier: GPL-2.0-or-later
# Who sends a packet in a container's name makes that container the origin of a connection; what the
# sender then asks looks like an answer. Each test has a control: without the rules that keep such
# packets from connection tracking, the question gets through.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086,SC2153,SC2154 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/net

FROM_BRIDGES='raw iifname @bridges meta nfproto ipv4 fib saddr . iif oif missing drop'
FROM_OTHERS='raw iifname != @bridges meta iiftype != loopback ip saddr @subnets drop'
INTERNAL_OUT='forward iifname @internal drop'
INTERNAL_IN='forward oifname @internal drop'

setup()
{
	net_begin
	FORGE=$BATS_FILE_TMPDIR/forge
	[ -e "$FORGE" ] || ${CC:-cc} -D_GNU_SOURCE -O1 -static -o "$FORGE" "$LIB/forge.c"
	# The kernel has a check of its own, which many hosts lack.
	sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.lan0.rp_filter=0
}

# begin_container NAME NETWORK: it answers, and is a place of that name even while the daemon is
# stopped.
begin_container()
{
	serve "$1" --network "$2" && ln -sf "$TCR_RUN/netns/$(id_of "$1")" "/run/netns/$1"
}

# evil_container NETWORK: the place "evil" is a container that knows its way to others.
evil_container()
{
	begin_container evil "$1" || return
	SELF=$(addr_of evil "$1")
	MAC=$(ip -j link show "$(bridge_of "$1")" | jq -r '.[0].address')
	at evil ip route replace default via "$(gateway_of "$1")"
}

# question VICTIM: the place EVIL asks port 5000 there, from port 7000, and prints what it hears.
question()
{
	at $EVIL timeout 2 socat -t 0.5 - "UDP4:$1:5000,bind=$SELF:7000" <<<question 2>/dev/null
}

# spoof VICTIM: the same after a packet that the victim seems to have sent.
spoof()
{
	at $EVIL "$FORGE" eth0 "$MAC" "$1" 5000 "$SELF" 7000 forged
	question "$1"
}

# cannot_spoof VICTIM
cannot_spoof()
{
	local said
	said=$(spoof "$1") || true
	conntrack -F 2>/dev/null
	[ -z "$said" ] || fail "$EVIL asked $1 and heard \"$said\""
}

# can_spoof VICTIM WORD: only by that, not without it.
can_spoof()
{
	local said
	said=$(question "$1") || true
	conntrack -F 2>/dev/null
	[ -z "$said" ] || fail "$EVIL asked $1 and heard \"$said\", without a trick" || return
	# A busy machine may answer late.
	for _ in {1..10}; do
		said=$(spoof "$1") || true
		conntrack -F 2>/dev/null
		[ -z "$said" ] || break
	done
	[[ $said == "$2 "* ]] || fail "$EVIL spoofed $1 and heard \"$said\", not \"$2\""
}

# handle_of CHAIN RULE
handle_of()
{
	nft -a list chain inet "$(instance)" "$1" | sed -n "s|^\t\t$2 # handle ||p"
}

has_rules()
{
	local rule
	for rule; do
		[ -n "$(handle_of "${rule%% *}" "${rule#* }")" ] || return
	done
}

# without "CHAIN RULE"... -- COMMAND...: while these are deleted, and the daemon stopped so that it
# does not put them back; that it does in the end.
without()
{
	local status=0 rules=()
	while [ "$1" != -- ]; do
		rules+=("$1")
		shift
	done
	shift
	has_rules "${rules[@]}" || fail "not all of these are there: ${rules[*]}" || return
	kill -STOP "$TCRD_PID"
	delete_rules "${rules[@]}" && "$@" || status=$?
	kill -CONT "$TCRD_PID"
	((status == 0)) || fail "without ${rules[*]}: $*" || return
	wait_for 5 has_rules "${rules[@]}"
}

delete_rules()
{
	local rule
	for rule; do
		nft delete rule inet "$(instance)" "${rule%% *}" \
			handle "$(handle_of "${rule%% *}" "${rule#* }")" || return
	done
}

@test "only the rule in the chain raw keeps a container from answering for one of another network" {
	local on victim
	tcr network create other >/dev/null
	begin_container victim other
	evil_container tcr_default
	EVIL=evil victim=$(addr_of victim other)
	for on in 0 1; do
		bridge_nf $on
		cannot_spoof "$victim"
		without "$FROM_BRIDGES" -- can_spoof "$victim" victim
		cannot_spoof "$victim"
	done
}

@test "two rules, each enough, keep a spoofing container of an internal network inside" {
	local on
	at internet ip route add default via $WAN
	serve_at internet outside 5000
	tcr network create --internal hidden >/dev/null
	# Somebody has to make the host forward.
	begin_container other tcr_default
	evil_container hidden
	EVIL=evil
	for on in 0 1; do
		bridge_nf $on
		cannot_spoof $INTERNET
		without "$FROM_BRIDGES" -- cannot_spoof $INTERNET
		without "$INTERNAL_OUT" "$INTERNAL_IN" -- is_known_outside_as $WAN
		without "$FROM_BRIDGES" "$INTERNAL_OUT" "$INTERNAL_IN" -- is_known_outside_as $SELF
		cannot_spoof $INTERNET
	done
}

# is_known_outside_as ADDRESS: without the other rules an internal network is like any other, but who
# answers to a connection of his own making is not masqueraded.
is_known_outside_as()
{
	local said
	said=$(spoof $INTERNET) || true
	conntrack -F 2>/dev/null
	[ "$said" = "outside $1" ] || fail "$EVIL asked $INTERNET and heard \"$said\", not to $1"
}

@test "two rules, each enough, keep spoofing containers out of an internal network" {
	local on victim
	tcr network create --internal hidden >/dev/null
	begin_container victim hidden
	evil_container tcr_default
	EVIL=evil victim=$(addr_of victim hidden)
	at victim ip route replace default via "$(gateway_of hidden)"
	for on in 0 1; do
		bridge_nf $on
		cannot_spoof "$victim"
		without "$FROM_BRIDGES" -- cannot_spoof "$victim"
		without "$INTERNAL_OUT" "$INTERNAL_IN" -- cannot_spoof "$victim"
		without "$FROM_BRIDGES" "$INTERNAL_OUT" "$INTERNAL_IN" -- can_spoof "$victim" victim
		cannot_spoof "$victim"
	done
}

@test "only the rule in the chain raw keeps a neighbour of the host from ports that are not published" {
	local on victim
	begin_container victim tcr_default
	EVIL=lan SELF=$LAN_HOST victim=$(addr_of victim)
	MAC=$(ip -j link show lan0 | jq -r '.[0].address')
	for on in 0 1; do
		bridge_nf $on
		cannot_spoof "$victim"
		without "$FROM_OTHERS" -- can_spoof "$victim" victim
		cannot_spoof "$victim"
	done
}

@test "a container on two networks talks in both, and to the host by either address" {
	local on second
	tcr network create other >/dev/null
	begin_container one tcr_default
	begin_container two other
	begin_container both tcr_default
	tcr network connect other both
	second=$(addr_of both other)
	for on in 0 1; do
		bridge_nf $on
		reaches both both "$(addr_of one)" 5000 "one $(addr_of both)"
		reaches both both "$(addr_of two other)" 5000 "two $second"
		reaches two both "$second" 5000 "both $(addr_of two other)"
		reaches host both "$(addr_of both)" 5000 "both $(gateway_of tcr_default)"
		reaches host both "$second" 5000 "both $(gateway_of other)"
	done
}

@test "the host reaches its own services by the address of a gateway" {
	begin_container one tcr_default
	serve_at host self 7778
	reaches host both "$(gateway_of tcr_default)" 7778 "self $(gateway_of tcr_default)"
	reaches one both "$(gateway_of tcr_default)" 7778 "self $(addr_of one)"
}
