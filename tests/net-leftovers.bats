# SPDX-License-Identifier: GPL-2.0-or-later
# What a daemon that was killed half-way has left, and what others break under containers that run:
# the next daemon, or the next start, puts it right. Also networks that a container joins and leaves.
# shellcheck disable=SC2016,SC2034,SC2086,SC2153,SC2154 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/net

setup()
{
	net_begin
}

restart_tcrd()
{
	kill_tcrd
	start_tcrd
}

link_of()
{
	echo "v$(id_of "$1" | cut -c 1-12)${2-0}"
}

default_route_of()
{
	at "@$1" ip route show default | awk '{ print $3 }'
}

name_server_of()
{
	tcr_exec_file "$1" resolv.conf | awk '/^nameserver/ { print $2 }'
}

# The file that is mounted in the container.
tcr_exec_file()
{
	cat "$TCR_RUN/containers/$(id_of "$1")/$2"
}

# --- half-made things

@test "a bridge that was not finished when the daemon was killed is made anew" {
	tcr run --rm busybox true
	kill_tcrd
	ip link set tcr0 down
	ip addr flush dev tcr0
	start_tcrd
	serve web
	serve_at internet net 7
	reaches @web tcp $INTERNET 7 "net $WAN"
}

@test "a bridge that has no alias yet when the daemon is killed is no stranger's" {
	local mac
	tcr run --rm busybox true
	kill_tcrd
	mac=$(cat /sys/class/net/tcr0/address)
	ip link del tcr0
	ip link add tcr0 address "$mac" type bridge
	start_tcrd
	serve web
	[ "$(bridge_of tcr_default)" = tcr0 ]
	[ "$(our_links :network: | wc -l)" = 1 ]
}

@test "a port of a container that lost its link does not lead to the next one" {
	local addr link
	serve web -p 8080:80
	addr=$(addr_of web)
	link=$(link_of web)
	kill_tcrd
	ip link del "$link"
	start_tcrd
	[ -z "$(ports_in_table)" ]
	serve secret --ip "$addr"
	cannot_reach internet $WAN 8080
}

@test "a link of a container that is in no record is removed at the next start" {
	local id
	serve web
	tcr network create other
	tcr network connect other web
	id=$(id_of web)
	kill_tcrd
	sed -i '/^endpoint other /d; /^endpoint .*other/d' "$TCR_RUN/net/$id"
	start_tcrd
	[ ! -e "/sys/class/net/$(link_of web 1)" ]
	tcr network connect other web
	at @web ip addr show eth1 | grep -q inet
}

@test "a link that was not finished is removed at the next start" {
	local link
	serve web
	tcr network create other
	tcr network connect other web
	link=$(link_of web 1)
	kill_tcrd
	ip link set "$link" down
	start_tcrd
	[ ! -e "/sys/class/net/$link" ]
	tcr network connect other web
	serve peer --network other
	reaches @web tcp "$(addr_of peer other)" 80 'peer *'
}

# --- what others break

@test "containers of a bridge that somebody deleted are joined to the next one" {
	serve web -p 8080:80
	ip link del tcr0
	serve peer
	reaches @peer tcp "$(addr_of web)" 80 'web *'
	reaches internet tcp $WAN 8080 'web *'
}

@test "forwarding is off again when the last network is gone, and the table stays until then" {
	sysctl -qw net.ipv4.ip_forward=0
	serve web
	[ "$(sysctl -n net.ipv4.ip_forward)" = 1 ]
	tcr rm -f web
	tcr network rm tcr_default
	wait_for 5 eval '[ "$(sysctl -n net.ipv4.ip_forward)" = 0 ]'
	wait_for 5 eval '! nft list table inet "$(instance)" 2>/dev/null'
	[ ! -e "$TCR_RUN/ip_forward" ]
}

@test "forwarding that the host had stays" {
	sysctl -qw net.ipv4.ip_forward=1
	serve web
	tcr rm -f web
	tcr network rm tcr_default
	wait_for 5 eval '! nft list table inet "$(instance)" 2>/dev/null'
	[ "$(sysctl -n net.ipv4.ip_forward)" = 1 ]
}

@test "what forwarded nothing before still forwards nothing between its interfaces" {
	sysctl -qw net.ipv4.ip_forward=0
	serve_at internet net 7
	cannot_reach lan $INTERNET 7
	serve web
	cannot_reach lan $INTERNET 7
	reaches @web tcp $INTERNET 7 "net $WAN"
}

@test "forwarding that a link of somebody who came later may rely on stays" {
	sysctl -qw net.ipv4.ip_forward=0
	serve web
	ip link add later type bridge
	tcr rm -f web
	tcr network rm tcr_default
	wait_for 5 eval 'grep -q "forwarding stays on" "$TCRD_LOG"'
	[ "$(sysctl -n net.ipv4.ip_forward)" = 1 ]
	ip link del later
}

# --- addresses and names change owner

@test "a container that shares the network of one that is gone does not keep its address" {
	local addr
	serve first
	addr=$(addr_of first)
	tcr run -d --name sharer --network container:first busybox sleep 1000
	tcr rm -f first
	wait_for 5 eval '[ -z "$(at @sharer ip -o -4 addr show dev eth0 2>/dev/null)" ]'
	serve other --ip "$addr"
	serve peer
	reaches @peer tcp "$addr" 80 'other *'
}

@test "addresses are not given again at once" {
	local addr
	serve keeper
	serve one
	addr=$(addr_of one)
	tcr rm -f one
	serve two
	[ "$(addr_of two)" != "$addr" ]
}

@test "a connection of a container that is gone does not lead to the one with its address" {
	local addr
	serve_at internet net 7
	serve one --network a
	addr=$(addr_of one a)
	at @one timeout 2 socat -t 1 - "UDP:$INTERNET:7,bind=:5000" <<<x >/dev/null || true
	tcr rm -f one
	wait_for 5 eval '! conntrack -L 2>/dev/null | grep -qw "$addr"'
}

# --- connect and disconnect

@test "the way out and the name server follow when the first network is left" {
	serve_at internet net 7
	tcr network create a
	tcr network create b
	serve web --network a
	tcr network connect b web
	[ "$(default_route_of web)" = "$(gateway_of a)" ]
	tcr network disconnect a web
	[ "$(default_route_of web)" = "$(gateway_of b)" ]
	[ "$(name_server_of web)" = "$(gateway_of b)" ]
	reaches @web tcp $INTERNET 7 "net $WAN"
	tcr network disconnect b web
	[ -z "$(default_route_of web)" ]
	tcr network connect a web
	[ "$(default_route_of web)" = "$(gateway_of a)" ]
	[ "$(name_server_of web)" = "$(gateway_of a)" ]
	reaches @web tcp $INTERNET 7 "net $WAN"
}

@test "published ports follow when the network that they lead to is left, and come back" {
	tcr network create a
	tcr network create b
	serve web --network a --network b -p 8080:80
	tcr network disconnect a web
	reaches internet tcp $WAN 8080 'web *'
	tcr network disconnect b web
	cannot_reach internet $WAN 8080
	tcr network connect b web
	reaches internet tcp $WAN 8080 'web *'
}

@test "a network that cannot be joined, since a port is taken by now, leaves no link and no address" {
	tcr network create a
	serve web --network a -p 8080:80
	tcr network disconnect a web
	serve other -p 8080:80
	assert_fails 125 'published by container "other"' tcr network connect a web
	run ! at @web ip link show eth0
	[ "$(inspect a '.Containers | length')" = 0 ]
	reaches internet tcp $WAN 8080 'other *'
}

@test "/etc/hosts has the addresses that the container has" {
	tcr network create a
	tcr network create b
	serve web --network a
	tcr network connect b web
	for net in a b; do
		tcr_exec_file web hosts | grep -q "^$(addr_of web $net)"
	done
	tcr network disconnect a web
	[ "$(tcr_exec_file web hosts | grep -c '^10\.')" = 1 ]
}

@test "a published port is reached from every network that its container is on" {
	tcr network create a
	tcr network create b
	serve web --network a --network b -p 8080:80
	serve peer --network b
	reaches @peer tcp "$(gateway_of b)" 8080 'web *'
	reaches @peer tcp "$(gateway_of a)" 8080 'web *'
}

@test "with an internal network first the name server is that of the one that leads out" {
	tcr network create --internal inner
	tcr network create outer
	serve web --network inner --network outer
	serve neighbour --network inner
	[ "$(name_server_of web)" = "$(gateway_of outer)" ]
	[ "$(NETWORK=outer ask_name @web +short neighbour)" = "$(addr_of neighbour inner)" ]
}

@test "names of a network that was left are gone" {
	tcr network create a
	tcr network create b
	serve web --network a --network b
	serve peer --network a
	[ "$(NETWORK=b ask_name @web +short peer)" = "$(addr_of peer a)" ]
	tcr network disconnect a web
	[ -z "$(NETWORK=b ask_name @web +short peer)" ]
}

@test "a network that its running container has left can be removed" {
	tcr network create a
	tcr network create b
	serve web --network a --network b
	assert_fails 125 'in use by container "web"' tcr network rm a
	tcr network disconnect a web
	tcr network rm a
}

# --- ports

@test "port 53 can be published beside our own name server" {
	serve one -p 53:80 -p 53:81/udp
	serve two
	tcr rm -f one
	serve three -p 53:80 -p 53:81/udp
	reaches internet tcp $WAN 53 'three *'
	[ "$(ask_name @two +short three)" = "$(addr_of three)" ]
}

@test "more ports than a container can have are refused" {
	assert_fails 125 '4096 published ports at the most' tcr run --rm -p 10000-15000:10000-15000 busybox true
}

@test "as many as it can have survive the daemon" {
	serve web -p 10000-14095:1000-5095
	reaches internet tcp $WAN 14000 'web *'
	restart_tcrd
	reaches internet tcp $WAN 14000 'web *'
	[ "$(ports_in_table | wc -l)" = 4096 ]
}

# --- the name server's child

dns_child()
{
	pgrep -P "$TCRD_PID" -f 'tcr-net dns'
}

@test "a name server that hangs is not waited for when it is not needed any more" {
	tcr run --rm busybox true
	kill -STOP "$(dns_child)"
	tcr network rm tcr_default
	serve web
	serve peer
	[ "$(ask_name @peer +short web)" = "$(addr_of web)" ]
}

@test "a name server that ends at once again and again is started less and less often" {
	local i start pid=none
	tcr run --rm busybox true
	start=$EPOCHREALTIME
	for i in {1..6}; do
		wait_for 10 eval '[ "$(dns_child)" != "$pid" ] && pid=$(dns_child)'
		kill -KILL "$pid"
	done
	wait_for 10 eval '[ "$(dns_child)" != "$pid" ] && dns_child' >/dev/null
	[ "$(grep -c 'name server has ended' "$TCRD_LOG")" = 6 ]
	# 50, 100, 200, 400, 800 and 1600 ms
	((${EPOCHREALTIME/./} - ${start/./} >= 3150000))
}
