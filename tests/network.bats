# SPDX-License-Identifier: GPL-2.0-or-later
# The verbs of networks, how containers join them, and what survives.
# shellcheck disable=SC2016,SC2034,SC2086,SC2094,SC2153,SC2154 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/net

setup()
{
	net_begin
}

# sleeper NAME [OPTION...]: a container that does nothing.
sleeper()
{
	local name=$1
	shift
	tcr run -d --name "$name" --stop-timeout 0 "$@" busybox sleep 1000 >/dev/null
}

# reboot: what is in memory is gone, the disk is not.
reboot()
{
	stop_tcrd
	umount "$TCR_RUN"/netns/* "$TCR_RUN"/containers/*/rootfs "$TCR_RUN"/images/* 2>/dev/null || true
	rm -rf "$TCR_RUN"
	# One of a container that has ended may be going by itself.
	our_links | cut -f 1 | while read -r link; do ip link del "$link" 2>/dev/null || true; done
	wait_for 10 eval '[ -z "$(our_links)" ]'
	nft flush ruleset
	start_tcrd
}

# --- ls, create, rm, inspect, prune

@test "network create prints the id, by which it can be named, and ls -q shortens it" {
	local id
	id=$(tcr network create a)
	[[ $id =~ ^[0-9a-f]{64}$ ]]
	prints "${id:0:12}" eval 'tcr network ls -q | head -n 1'
	prints "$id" inspect a .Id
	prints a inspect "$id" .Name
	prints a inspect "${id:0:12}" .Name
	prints a tcr network rm a
	prints '' networks
}

@test "network ls has docker's columns and fields" {
	local id
	id=$(tcr network create a)
	tcr network create longer-name
	tcr network ls >out
	grep -qxE 'NETWORK ID +NAME +DRIVER +SCOPE( +SUBNET)?' out
	grep -qxE "${id:0:12} +a +bridge +local( +$(subnet_of a))?" out
	[ "$(wc -l <out)" = 3 ]
	tcr network ls --format json >json
	[ "$(wc -l <json)" = 2 ]
	jq -se 'map([.Name, .Driver, .Scope]) | sort ==
		[["a", "bridge", "local"], ["longer-name", "bridge", "local"]]' json
	[ "$(jq -r 'select(.Name == "a").ID' json)" = "${id:0:12}" ]
}

@test "network inspect has docker's shape" {
	tcr network create --subnet 10.77.1.0/24 --gateway 10.77.1.200 --internal --mtu 1280 \
		--label colour=red --label empty=x --label colour=blue --label empty= a
	sleeper c --network a --ip 10.77.1.7
	tcr network inspect a >json
	jq -e --arg id "$(id_of c)" 'length == 1 and (.[0] |
		.Name == "a" and .Driver == "bridge" and .Scope == "local" and .Internal == true and
		.IPAM.Config == [{ Subnet: "10.77.1.0/24", Gateway: "10.77.1.200" }] and
		.Containers[$id].Name == "c" and .Containers[$id].IPv4Address == "10.77.1.7/24" and
		(.Containers[$id].MacAddress | test("^([0-9a-f]{2}:){5}[0-9a-f]{2}$")) and
		(.Options | tostring | contains("1280")) and
		.Labels == { colour: "blue", empty: "" })' json
	local created
	created=$(date -d "$(jq -r '.[0].Created' json)" +%s)
	((created > EPOCHSECONDS - 600 && created <= EPOCHSECONDS))
	tcr network create b
	tcr network inspect a b | jq -e 'map(.Name) == ["a", "b"] and (.[1] | .Internal == false and
		.Containers == {} and .Labels == {})'
}

@test "network rm removes all that it is told, and says by whom one is used" {
	tcr network create a
	tcr network create b
	tcr network create c
	sleeper user-of-it --network b
	refuses '"user-of-it": remove or disconnect that first' tcr network rm b
	assert_fails 125 user-of-it tcr network rm a b c
	[ "$(<stdout)" = $'a\nc' ]
	prints b networks
	tcr rm -f user-of-it
	tcr network rm b
	wait_for 5 eval '[ -z "$(our_links :network:)" ]'
}

@test "network rm knows that a container that is being stopped runs" {
	tcr network create a
	tcr run -d --name web --network a busybox \
		sh -c 'trap "echo got it" TERM; echo ready; while :; do sleep 0.1; done' >/dev/null
	wait_for 10 eval 'tcr logs web | grep -q ready'
	start_client stop -t -1 web
	wait_for 10 eval 'tcr logs web | grep -q got'
	refuses '"web": remove or disconnect that first' tcr network rm a
	tcr kill web
	client_ends 0
	refuses '"web", which does not run: remove or disconnect that first' tcr network rm a
}

@test "network prune removes what no container uses and prints the names" {
	tcr network create a
	tcr network create b
	sleeper c --network b
	tcr network prune -f >out
	grep -qx a out
	run ! grep -qx b out
	prints b networks
}

@test "the default network is tcr_default, from the default pool, made when it is needed" {
	prints '' networks
	sleeper a
	sleeper b
	prints tcr_default networks
	prints_like '^10\.211\.[0-9]+\.0/24$' subnet_of tcr_default
	[ "$(inspect tcr_default '.Containers | length')" = 2 ]
	prints_like ": eth0.*inet $(addr_of a)/24" at @a ip -o -4 addr
	prints "$(gateway_of tcr_default) eth0" \
		eval 'at @a ip -j route show default | jq -r ".[] | .gateway + \" \" + .dev"'
	[ "$(addr_of a)" != "$(addr_of b)" ]
}

@test "run --network NAME makes the network on the spot, and it stays until rm" {
	tcr run --rm --network mine busybox true
	prints mine networks
	prints false inspect mine .Internal
	tcr network rm mine
	prints '' networks
}

@test "create --network NAME makes the network, too, by which ps finds the container" {
	tcr create --name c --network mine busybox true
	prints mine networks
	prints c tcr ps -a --format '{{.Names}}' -f network=mine
	refuses '"c", which does not run: remove or disconnect that first' tcr network rm mine
	tcr network disconnect mine c
	tcr network rm mine
}

@test "bridge and default are tcr_default wherever a network is named, as docker calls it" {
	local name
	sleeper c --network bridge
	sleeper other --network mine
	for name in bridge default; do
		prints tcr_default inspect $name .Name
		prints c tcr ps --format '{{.Names}}' -f network=$name
		tcr network disconnect $name c
		prints 0 inspect $name '.Containers | length'
		tcr network connect $name c
		prints c inspect $name '.Containers[].Name'
	done
	refuses 'reserved' tcr network create bridge
}

@test "network rm -f does not mind what is not there, and nothing but that" {
	tcr network create a
	sleeper c --network b
	exits 0 tcr network rm -f nosuch a >out 2>err
	prints a cat out
	[ ! -s err ]
	refuses 'in use by container "c"' tcr network rm -f b
	tcr network disconnect -f b c
	tcr network rm b
}

@test "a run that fails before anything happens makes no network" {
	refuses 'nosuch' tcr run --network mine nosuchimage
	refuses 'volume|nosuch' tcr run --network mine -v /nosuch:/x busybox true
	prints '' networks
}

# --- subnets

@test "subnets overlap neither each other nor a route of the host" {
	local i subnets=()
	ip route add 10.211.0.0/24 via $LAN_HOST
	ip route add 10.211.2.128/25 via $LAN_HOST
	ip route add blackhole 10.211.3.0/25
	tcr network create --subnet 10.211.4.0/23 given
	for i in 1 2 3; do
		tcr network create "n$i"
		subnets+=("$(subnet_of "n$i")")
	done
	[ "${subnets[*]}" = "10.211.1.0/24 10.211.6.0/24 10.211.7.0/24" ]
	refuses 'overlap.*given|given.*overlap' tcr network create --subnet 10.211.5.0/24 bad
	refuses '192\.168\.77\.0/24' tcr network create --subnet 192.168.0.0/16 bad
	refuses '10\.211\.3\.0/25' tcr network create --subnet 10.211.3.0/28 bad
}

@test "a run on a network that a route of the host overlaps by now is refused with the cause" {
	tcr network create a
	ip route add 10.211.0.0/16 via $LAN_HOST
	assert_fails 125 '"a".*10\.211\.0\.0/24 overlaps 10\.211\.0\.0/16.*lan0.*network rm a' \
		tcr run --rm --network a busybox true
	[ "$(wc -l <stderr)" = 1 ]
	ip route del 10.211.0.0/16
	tcr run --rm --network a busybox true
}

@test "a route that covers the pool leaves no subnet, and the error names pool and remedy" {
	ip route add 10.0.0.0/8 via $LAN_HOST
	refuses '10\.211\.0\.0/16.*(--subnet|--pool)' tcr network create a
	assert_fails 125 '10\.211\.0\.0/16' tcr run --rm busybox true
	prints '' networks
	prints '' tcr ps -aq
	ip route del 10.0.0.0/8
	tcr network create a
}

@test "--pool is where subnets come from; an exhausted one is a clear error, until one is free" {
	stop_tcrd
	start_tcrd --pool 10.99.8.0/23
	tcr network create a
	tcr network create b
	prints 10.99.8.0/24 subnet_of a
	prints 10.99.9.0/24 subnet_of b
	refuses '10\.99\.8\.0/23' tcr network create c
	assert_fails 125 '10\.99\.8\.0/23' tcr run --rm busybox true
	tcr network create --subnet 10.98.0.0/24 c
	tcr network rm a
	tcr network create d
	prints 10.99.8.0/24 subnet_of d
}

@test "a bad --pool ends the daemon with one line" {
	local pool
	stop_tcrd
	for pool in '' 10.0.0.0 10.0.0.0/33 x fd00::/48 127.0.0.0/8 224.0.0.0/8; do
		refuses 'pool' timeout 30 "$TCRBOX" tcrd --root "$TCR_ROOT" --run-dir "$TCR_RUN" "--pool=$pool"
	done
}

# --- what survives

@test "networks, subnets and options survive SIGKILL of the daemon, and a reboot" {
	local how
	tcr network create a
	tcr network create --subnet 10.77.0.0/25 --gateway 10.77.0.100 --internal --mtu 1300 --label k=v b
	tcr network create gone
	tcr network rm gone
	sleeper c --network a -p 8080:80
	tcr network inspect a b | jq 'map(del(.Containers))' >before
	for how in 'eval kill_tcrd; start_tcrd' reboot 'eval stop_tcrd; start_tcrd'; do
		$how
		tcr network inspect a b | jq 'map(del(.Containers))' >after
		cmp before after
		prints 'a b' networks
	done
	serve d --network a
	[ "$(gateway_of a)" = "$(at @d ip -j route show default | jq -r '.[0].gateway')" ]
	tcr network create next
	[ "$(subnet_of next)" != "$(subnet_of a)" ]
}

@test "a record that does not parse does not keep the daemon from starting, nor others from working" {
	tcr network create good
	tcr network create bad
	stop_tcrd
	echo 'garbage' >"$TCR_ROOT/networks/bad"
	start_tcrd
	grep -q 'bad' "$TCRD_LOG"
	prints good networks
	serve c --network good
}

# --- links of others

@test "a network called as a link of the host leaves that link alone" {
	FOREIGN_LINKS='docker0 tcr0 tcr1'
	ip link add docker0 type bridge
	ip addr add 172.17.0.1/16 dev docker0
	ip link set docker0 up
	ip link add tcr0 type bridge
	ip link add tcr1 type veth peer name tcr1peer
	nft add table ip docker0
	ip -d -j link show type bridge | jq 'map(select(.ifalias == null))' >before
	tcr network create docker0
	tcr network create lan0
	serve a --network docker0
	serve b --network lan0
	prints_like '^tcr[0-9]+$' bridge_of docker0
	[ "$(bridge_of docker0)" != tcr0 ] && [ "$(bridge_of docker0)" != tcr1 ]
	reaches host both "$(addr_of a docker0)" 80 'a *'
	tcr rm -f a b
	tcr network rm docker0 lan0
	kill_tcrd
	start_tcrd
	stop_tcrd
	tcr_net nuke
	ip -d -j link show type bridge >after
	cmp <(jq 'map(del(.operstate, .linkinfo.info_data))' before) \
		<(jq 'map(del(.operstate, .linkinfo.info_data))' after)
	ip link show tcr1
	nft list table ip docker0
	nft delete table ip docker0
}

# --- joining

@test "--ip and --mac-address are what the container has" {
	tcr network create --subnet 10.77.0.0/24 a
	sleeper c --network a --ip 10.77.0.77 --mac-address 02:aa:BB:cc:dd:01
	prints '10.77.0.77 24' eval 'at @c ip -j -4 addr show eth0 | jq -r ".[0].addr_info[0] |
		\"\(.local) \(.prefixlen)\""'
	prints 02:aa:bb:cc:dd:01 eval 'at @c ip -j link show eth0 | jq -r ".[0].address"'
	prints 02:aa:bb:cc:dd:01 inspect a '.Containers[].MacAddress'
	ping -c 1 -W 10 10.77.0.77
	prints 02:aa:bb:cc:dd:01 eval 'ip -j neigh show 10.77.0.77 | jq -r ".[0].lladdr"'
}

@test "--ip that is taken, outside, or the network's own is refused; a free address is given again" {
	local ip
	tcr network create --subnet 10.77.0.0/29 a
	sleeper first --network a --ip 10.77.0.2
	assert_fails 125 '10\.77\.0\.2.*first' tcr run --rm --network a --ip 10.77.0.2 busybox true
	for ip in 10.77.0.0 10.77.0.1 10.77.0.7 10.77.0.8 10.78.0.2; do
		assert_fails 125 "$ip" tcr run --rm --network a --ip $ip busybox true
		[ "$(wc -l <stderr)" = 1 ]
	done
	prints first eval 'tcr ps -a --format json | jq -r .Names'
	tcr rm -f first
	tcr run --rm --network a --ip 10.77.0.2 busybox true
}

@test "--mac-address that another on the network has, or the host, is refused and cuts nobody off" {
	local host mac
	tcr network create --subnet 10.77.0.0/24 a
	tcr network create --subnet 10.78.0.0/24 b
	serve first --network a
	host=$(ip -j link show "$(bridge_of a)" | jq -r '.[0].address')
	mac=$(inspect a '.Containers[].MacAddress')
	ip -j link | jq -c 'map(.ifname)' >before
	assert_fails 125 "$mac.*container \"first\"" tcr run --rm --network a --mac-address "$mac" busybox true
	assert_fails 125 "$host.*host.*\"a\"" tcr run --rm --network a --mac-address "$host" busybox true
	ip -j link | jq -c 'map(.ifname)' >after
	cmp before after
	reaches host both 10.77.0.2 80 'first 10.77.0.1'
	# On another network it is nobody's; and who does not run has none.
	tcr run --rm --network b --network a --mac-address "$mac" busybox true
	tcr stop -t 0 first
	tcr run -d --name second --stop-timeout 0 --network a --ip 10.77.0.9 --mac-address "$mac" \
		busybox sleep 1000
	wait_for 10 ping -c 1 -W 1 10.77.0.9
	# first gets another one: its own is taken.
	tcr start first
	[ "$(inspect a '[.Containers[].MacAddress] | unique | length')" = 2 ]
	wait_for 10 serves @first 80
	reaches host both "$(addr_of first a)" 80 'first 10.77.0.1'
	ping -c 1 -W 5 10.77.0.9
}

@test "--mac-address of a container that starts late is refused then; others keep away from it" {
	tcr network create --subnet 10.77.0.0/24 a
	tcr create --name late --network a --mac-address 02:42:0a:4d:00:03 busybox sleep 1000
	tcr create --name same --network a --mac-address 02:42:0a:4d:00:03 busybox sleep 1000
	sleeper c2 --network a
	sleeper c3 --network a --ip 10.77.0.3
	tcr network create --subnet 10.78.0.0/24 b
	sleeper c4 --network b
	tcr network connect --ip 10.77.0.4 a c4
	[ "$(inspect a '[.Containers[].MacAddress] | unique | length')" = 3 ]
	tcr start late
	prints 02:42:0a:4d:00:03 inspect a '.Containers[] | select(.Name == "late").MacAddress'
	refuses '02:42:0a:4d:00:03.*"late"' tcr start same
	for ip in 3 4; do
		ping -c 1 -W 5 "10.77.0.$ip"
	done
	ping -c 1 -W 5 "$(addr_of late a)"
	# The first network of all is made after the check: its host is found nevertheless.
	tcr network rm tcr_default 2>/dev/null || true
	assert_fails 125 '02:42:0a:d3:00:01.*host' tcr run --rm --mac-address 02:42:0a:d3:00:01 busybox true
}

@test "an address is given by hand or by choice, never twice, and a full subnet is a clear error" {
	tcr network create --subnet 10.77.0.0/29 a
	sleeper c3 --network a --ip 10.77.0.3
	sleeper x1 --network a
	sleeper x2 --network a
	sleeper x3 --network a
	sleeper x4 --network a
	prints '10.77.0.2 10.77.0.3 10.77.0.4 10.77.0.5 10.77.0.6' \
		eval 'inspect a ".Containers[].IPv4Address" | cut -d / -f 1 | sort | xargs'
	assert_fails 125 '10\.77\.0\.0/29|"a"' tcr run --rm --network a busybox true
	tcr rm -f x2
	tcr run --rm --network a busybox true
}

@test "several --network options give several interfaces and one default route that leads out" {
	serve_at internet net 7
	tcr network create --internal inner
	serve both --network inner --network outer
	prints 'eth0 eth1 lo' eval 'at @both ip -j link | jq -r ".[].ifname" | sed "s/@.*//" | sort | xargs'
	prints 1 eval 'at @both ip route show default | wc -l'
	sleeper i --network inner
	sleeper o --network outer
	reaches @i both "$(addr_of both inner)" 80 "both $(addr_of i inner)"
	reaches @o both "$(addr_of both outer)" 80 "both $(addr_of o outer)"
	reaches @both both $INTERNET 7 "net $WAN"
}

@test "--network none and --no-network give loopback only, --network host the host's links" {
	prints lo tcr run --rm --network none busybox ls /sys/class/net
	prints lo tcr run --rm --no-network busybox ls /sys/class/net
	prints_like 'wan0.*lan0' eval 'tcr run --rm --network host busybox ip link | tr "\n" " "'
	prints '' networks
}

@test "--network container:NAME shares what the other has" {
	serve first -p 8080:80
	sleeper second --network container:first
	prints "$(at @first readlink /proc/self/ns/net)" \
		tcr run --rm --network container:first busybox readlink /proc/self/ns/net
	tcr run --rm --network "container:$(id_of first)" busybox nc -w 2 127.0.0.1 80 >out </dev/null
	[ "$(<out)" = 'first 127.0.0.1' ]
	prints 1 inspect tcr_default '.Containers | length'
	tcr rm -f second
	reaches internet tcp $WAN 8080 'first *'
	tcr rm -f first
	assert_network_clean
}

@test "connect and disconnect work on a running container" {
	tcr network create --subnet 10.77.0.0/24 a
	serve c
	serve peer --network a
	cannot_reach @peer "$(addr_of c)" 80
	tcr network connect --ip 10.77.0.9 --alias other a c
	prints 10.77.0.9 addr_of c a
	reaches @peer both 10.77.0.9 80 "c $(addr_of peer a)"
	prints 10.77.0.9 at @peer dig +short +time=2 +tries=1 "@$(gateway_of a)" other
	refuses 'already|is connected' tcr network connect a c
	tcr network disconnect a c
	prints peer inspect a '.Containers[].Name'
	cannot_reach @peer 10.77.0.9 80
	prints 'eth0' eval 'at @c ip -j link | jq -r ".[].ifname" | grep -v lo'
	refuses 'c' tcr network disconnect a c
	# With its last network a container loses its published ports only, not its life.
	tcr network disconnect tcr_default c
	prints lo eval 'at @c ip -j link | jq -r ".[].ifname"'
	has_state c running
	tcr network connect tcr_default c
	reaches host both "$(addr_of c)" 80 'c *'
}
