# SPDX-License-Identifier: GPL-2.0-or-later
# More functions for the bats files that need a network: to be loaded after lib/container.
#
# The sandbox is the device. It has an uplink and a LAN, both are namespaces of their own:
#
#   internet 203.0.113.1 ---- wan0 203.0.113.2 (device) 192.168.77.1 lan0 ---- 192.168.77.50 lan
#            fd00:71::1            fd00:71::2
#
# A place is "host", "internet", "lan" or "@NAME", the inside of a container. /etc is an overlay, so
# that a test may write to it. teardown asserts that containers leave no link, namespace or port,
# and that tcr-net nuke removes the rest.
# shellcheck disable=SC2034,SC2154,SC2016 # results are for the caller; scripts for others

WAN=203.0.113.2 INTERNET=203.0.113.1 LAN=192.168.77.1 LAN_HOST=192.168.77.50
BRIDGE_NF=/proc/sys/net/bridge/bridge-nf-call-iptables

# net_begin [ARGUMENT...]: the topology, and a daemon with the busybox image.
net_begin()
{
	net_up && begin "$@"
}

net_up()
{
	SERVICES=()
	own_etc && build_answer && clear_network || return
	echo 0 >/proc/sys/net/ipv4/ip_forward
	bridge_nf 0
	ip netns add internet && ip netns add lan || return
	ip -batch - <<-END && ip -n internet -batch - <<-END2 && ip -n lan -batch - <<-END3
		link add wan0 type veth peer name eth0 netns internet
		link add lan0 type veth peer name eth0 netns lan
		addr add $WAN/24 dev wan0
		addr add fd00:71::2/64 dev wan0 nodad
		addr add $LAN/24 dev lan0
		link set wan0 up
		link set lan0 up
		route add default via $INTERNET
	END
		link set lo up
		addr add $INTERNET/24 dev eth0
		addr add fd00:71::1/64 dev eth0 nodad
		link set eth0 up
	END2
		link set lo up
		addr add $LAN_HOST/24 dev eth0
		link set eth0 up
		route add default via $LAN
	END3
}

# Takes away the topology and, whatever state a failed test was in, all that the daemon made.
clear_network()
{
	local name
	[ ${#SERVICES[@]} = 0 ] || kill "${SERVICES[@]}" 2>/dev/null || true
	SERVICES=()
	for name in internet lan; do
		[ ! -e "/run/netns/$name" ] || ip netns del "$name"
	done
	for name in $(our_links | cut -f 1) wan0 lan0 $FOREIGN_LINKS; do
		ip link del "$name" 2>/dev/null || true
	done
	nft flush ruleset
	# What one test has sent is not to be an old acquaintance of the next.
	conntrack -F 2>/dev/null
}

own_etc()
{
	rm -f /etc/resolv.conf
	echo "nameserver $INTERNET" >/etc/resolv.conf
}

build_answer()
{
	ANSWER=$BATS_FILE_TMPDIR/answer
	[ -e "$ANSWER" ] || ${CC:-cc} -D_GNU_SOURCE -O1 -static -o "$ANSWER" "$LIB/answer.c"
}

# bridge_nf 0|1: whether bridged frames pass the packet filter. A kernel without br_netfilter is
# one where they never do.
bridge_nf()
{
	[ ! -e $BRIDGE_NF ] || echo "$1" >$BRIDGE_NF
}

# --- places and traffic

# at PLACE COMMAND...
at()
{
	local enter
	way_to "$1" || return
	shift
	"${enter[@]}" "$@"
}

# background PLACE COMMAND...: runs until the end of the test. Sets SERVICE, its pid.
background()
{
	local enter
	way_to "$1" || return
	shift
	# Without exec the pid would be that of a shell in between.
	exec "${enter[@]}" "$@" </dev/null >>"${SAYS:-$BATS_TEST_TMPDIR/services.log}" 2>&1 3>&- &
	SERVICE=$!
	SERVICES+=("$SERVICE")
}

# way_to PLACE: sets enter, the command that runs another one there. While there is no daemon a
# container is known by its id only.
way_to()
{
	local id
	case $1 in
	host) enter=(env) ;;
	@*)
		id=${1#@}
		[ -e "$TCR_RUN/netns/$id" ] || id=$(id_of "$id")
		[ -n "$id" ] || fail "no container ${1#@}" || return
		enter=(nsenter "--net=$TCR_RUN/netns/$id" --)
		;;
	*) enter=(nsenter "--net=/run/netns/$1" --) ;;
	esac
}

# ask PLACE tcp|udp ADDRESS PORT: prints the line that a server says, within 10 s.
ask()
{
	at "$1" timeout "${LIMIT:-10}" bash -c 'exec 4<>"/dev/$0/$1/$2" || exit
		[ "$0" = tcp ] || echo >&4
		dd bs=512 count=1 status=none <&4 | grep .' "$2" "$3" "$4" 2>/dev/null
}

# reaches PLACE tcp|udp|both ADDRESS PORT TEXT: who answers has to say TEXT, a glob:
# "WORD ADDRESS-OF-THE-CLIENT".
reaches()
{
	local proto protos=$2 said
	[ "$protos" != both ] || protos='tcp udp'
	for proto in $protos; do
		said=$(ask "$1" "$proto" "$3" "$4") || said=nothing
		# shellcheck disable=SC2053 # a glob
		[[ $said == $5 ]] || fail "$1 asked $3 $4/$proto and heard \"$said\", not \"$5\"" || return
	done
}

# cannot_reach PLACE ADDRESS PORT: neither by TCP nor by UDP.
cannot_reach()
{
	local udp said
	udp=$(mktemp "$BATS_TEST_TMPDIR/udp.XXXXXX")
	LIMIT=0.5 ask "$1" udp "$2" "$3" >"$udp" &
	said=$(LIMIT=0.5 ask "$1" tcp "$2" "$3") || true
	wait $! || true
	[ -z "$said$(<"$udp")" ] || fail "$1 reached $2 port $3: tcp \"$said\", udp \"$(<"$udp")\""
}

# serve NAME [OPTION...]: a container that answers on the ports 80, 81 and 5000 with its name.
serve()
{
	local name=$1
	shift
	tcr run -d --name "$name" -v "$ANSWER:/answer:ro" "$@" busybox /answer "$name" 80 81 5000 \
		>/dev/null && wait_for 5 serves "@$name" 5000
}

# serve_at PLACE WORD PORT...: a server at a place that is no container.
serve_at()
{
	local place=$1
	shift
	background "$place" "$ANSWER" "$@" && wait_for 5 serves "$place" "${!#}"
}

# capture PLACE LINK FILTER: what passes there goes to the file seen. Sets SERVICE.
capture()
{
	SAYS=seen background "$1" tcpdump -lni "$2" "$3" && wait_for 5 grep -q listening seen &&
		true >seen
}

# name_server PLACE ADDRESS OPTION...: a dnsmasq that knows what the options say, and no other name.
name_server()
{
	local place=$1 addr=$2
	shift 2
	background "$place" dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root \
		--pid-file= --no-hosts --no-resolv --bind-interfaces --listen-address="$addr" \
		--address=/#/ --log-queries --log-facility=- "$@" && wait_for 5 serves "$place" 53
}

# ask_name PLACE ARGUMENT-OF-DIG...: asks the resolver that the container has.
ask_name()
{
	local place=$1
	shift
	at "$place" dig +time=6 +tries=1 "@$(gateway_of "${NETWORK:-tcr_default}")" "$@"
}

serves()
{
	at "$1" ss -Hlnt "sport = :$2" | grep -q .
}

# --- what there is

id_of()
{
	tcr ps -a --no-trunc --format json | jq -r --arg n "$1" 'select(.Names == $n).ID'
}

# inspect NETWORK FILTER: jq on what inspect says of a network.
inspect()
{
	tcr network inspect "$1" | jq -r ".[0] | $2"
}

# addr_of CONTAINER [NETWORK]
addr_of()
{
	inspect "${2:-tcr_default}" ".Containers[] | select(.Name == \"$1\").IPv4Address" | cut -d / -f 1
}

gateway_of()
{
	inspect "$1" '.IPAM.Config[0].Gateway'
}

subnet_of()
{
	inspect "$1" '.IPAM.Config[0].Subnet'
}

# networks: prints the names, sorted, on one line.
networks()
{
	tcr network ls --format json | jq -r .Name | sort | xargs
}

# our_links [WORD]: prints "LINK<tab>ALIAS" of the links that some daemon of ours has marked.
our_links()
{
	ip -j link 2>/dev/null | jq -r '.[] | select(.ifalias // "" | startswith("tcr")) |
		[.ifname, .ifalias] | @tsv' | grep -e "${1-}" || true
}

bridge_of()
{
	our_links ":network:$1\$" | cut -f 1
}

# ports_in_table: prints the elements of the maps, "IP PORT" or "PORT", one a line.
ports_in_table()
{
	nft -j list table inet "$(instance)" 2>/dev/null | jq -r '.nftables[].map? | select(. != null) |
		.elem[]?[0].concat | map(tostring) | join(" ")'
}

# --- the end

# What the daemon has left behind while no container exists, beyond what lib/helper knows of.
network_leftovers()
{
	our_links ':container:' | sed 's/^/link: /'
	ports_in_table | sed 's/^/published port: /'
	find "$TCR_RUN/net" -mindepth 1 2>/dev/null | sed 's/^/file: /'
}

no_network_leftovers()
{
	[ -z "$(network_leftovers)" ]
}

assert_network_clean()
{
	wait_for 5 no_network_leftovers 2>/dev/null || fail "left behind: $(network_leftovers)"
}

tcr_net()
{
	"$TCRBOX" tcr-net --root "$TCR_ROOT" --run-dir "$TCR_RUN" "$@" 3>&-
}

assert_nuked()
{
	local rest
	rest=$(our_links; nft list tables | grep tcr; find "$TCR_RUN/netns" "$TCR_RUN/net" \
		-mindepth 1 2>/dev/null) || true
	[ -z "$rest" ] || fail "nuke has left: $rest"
}

net_end_well()
{
	[ -n "${TCRD_PID-}" ] || return 0
	wait_for 20 remove_all || tcr ps -a || return
	assert_clean && assert_network_clean && stop_tcrd && tcr_net nuke && assert_nuked
}

teardown()
{
	local status=0
	if [ -z "${BATS_TEST_COMPLETED-}" ]; then
		[ -z "${TCRD_LOG-}" ] || print_log || true
	else
		net_end_well || status=1
	fi
	clean_up
	clear_network
	return $status
}
