# SPDX-License-Identifier: GPL-2.0-or-later
# Published ports: every form of -p, who reaches them and who does not, conflicts, what is shown.
# shellcheck disable=SC2016,SC2034,SC2086,SC2153,SC2154 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/net

setup()
{
	net_begin
}

# ports_of NAME: the column of ps.
ports_of()
{
	tcr ps -a --format json | jq -r --arg n "$1" 'select(.Names == $n).Ports'
}

# host_port NAME PORT[/PROTO]: the host's port for it.
host_port()
{
	tcr port "$1" "$2" | sed 's/.*://'
}

# --- who reaches them

published_port_is_reached()
{
	local ip
	serve web -p 8080:80 -p 8080:80/udp
	serve peer
	serve other --network other
	ip=$(addr_of web)
	reaches internet both $WAN 8080 "web $INTERNET"
	reaches lan both $LAN 8080 "web $LAN_HOST"
	reaches host both $WAN 8080 'web *'
	reaches host both $LAN 8080 'web *'
	reaches host both 127.0.0.1 8080 'web *'
	reaches host both "$ip" 80 "web $(gateway_of tcr_default)"
	reaches @peer both "$ip" 80 "web $(addr_of peer)"
	reaches @peer both $WAN 8080 'web *'
	reaches @peer both "$(gateway_of tcr_default)" 8080 'web *'
	reaches @other both $WAN 8080 'web *'
	reaches @other both "$(gateway_of other)" 8080 'web *'
	reaches @web both $WAN 8080 'web *'
	reaches @web both "$(gateway_of tcr_default)" 8080 'web *'
}

@test "a published port is reached from outside, the host, other containers and itself (bridge-nf off)" {
	bridge_nf 0
	published_port_is_reached
}

@test "a published port is reached from outside, the host, other containers and itself (bridge-nf on)" {
	[ -e $BRIDGE_NF ] || skip "the kernel has no br_netfilter"
	bridge_nf 1
	published_port_is_reached
}

@test "a port published on 127.0.0.1 is reached from the host only" {
	local nf
	serve web -p 127.0.0.1:8080:80 -p 127.0.0.1:8080:80/udp
	serve peer
	# Whoever is on the LAN may send what he likes to our hardware address.
	ip -n lan -batch - <<-END
		addr del 127.0.0.1/8 dev lo
		route add 127.0.0.1/32 via $LAN
	END
	at lan sysctl -qw net.ipv4.conf.eth0.route_localnet=1
	for nf in 0 1; do
		bridge_nf $nf
		reaches host both 127.0.0.1 8080 'web *'
		cannot_reach host $LAN 8080
		cannot_reach internet $WAN 8080
		cannot_reach lan $LAN 8080
		cannot_reach lan 127.0.0.1 8080
		cannot_reach @peer $WAN 8080
		cannot_reach @peer "$(gateway_of tcr_default)" 8080
	done
}

@test "a port published on one address of the host is reached by that only" {
	serve web -p $LAN:8080:80 -p $LAN:8080:80/udp
	reaches lan both $LAN 8080 "web $LAN_HOST"
	reaches host both $LAN 8080 'web *'
	cannot_reach internet $WAN 8080
	cannot_reach host 127.0.0.1 8080
}

@test "tcp and udp are published apart" {
	serve web -p 8080:80 -p 9090:81/udp
	reaches internet tcp $WAN 8080 'web *'
	reaches internet udp $WAN 9090 'web *'
	LIMIT=1 run ! ask internet udp $WAN 8080
	LIMIT=1 run ! ask internet tcp $WAN 9090
}

@test "outbound traffic of containers to a published port number elsewhere is untouched" {
	serve_at internet elsewhere 8080
	serve_at lan onlan 8080
	serve web -p 8080:80 -p 8080:80/udp
	serve peer
	reaches @peer both $INTERNET 8080 "elsewhere $WAN"
	reaches @web both $INTERNET 8080 "elsewhere $WAN"
	reaches @peer both $LAN_HOST 8080 "onlan $LAN"
	reaches host both $INTERNET 8080 "elsewhere $WAN"
}

@test "a published port is gone when the container has stopped, and free for the next" {
	serve web -p 8080:80 -p 8080:80/udp
	reaches internet both $WAN 8080 'web *'
	tcr stop -t 1 web
	cannot_reach internet $WAN 8080
	cannot_reach host 127.0.0.1 8080
	prints '' ports_in_table
	serve next -p 8080:80
	reaches internet tcp $WAN 8080 'next *'
}

@test "a port is gone when its container dies by itself" {
	serve web -p 8080:80
	tcr kill web
	wait_for 5 eval '[ -z "$(ports_in_table)" ]'
	cannot_reach internet $WAN 8080
}

# udp_from PORT: asks the published port 8080 from one and the same port, as a sensor does that logs.
udp_from()
{
	at internet timeout 2 socat -t 1 - "UDP:$WAN:8080,bind=:$1" <<<ask
}

@test "a udp client that never changes its port reaches the container that follows" {
	serve one -p 8080:80/udp
	wait_for 10 prints_like '^one ' udp_from 4444
	tcr rm -f one
	# Who gets the address that one had does not get its clients.
	serve two
	run udp_from 4444
	[[ $output != *two* ]]
	serve three -p 8080:80/udp
	wait_for 10 prints_like '^three ' udp_from 4444
}

@test "a udp client that was there before the port was published reaches the container" {
	serve keeps-the-network-up
	prints '' eval 'udp_from 4444 2>/dev/null || true'
	serve web -p 8080:80/udp
	wait_for 10 prints_like '^web ' udp_from 4444
}

@test "connections through a published port outlive the publishing of another and a rebuild" {
	serve web -p 8080:80
	tcr run -d --name cat -p 9000:9000 busybox nc -ll -p 9000 -e cat >/dev/null
	wait_for 5 serves @cat 9000
	exec 5<>/dev/tcp/$LAN/9000
	echo one >&5
	read -r -t 20 line <&5
	[ "$line" = one ]
	serve more --network another -p 8081:80
	tcr rm -f more web
	tcr network rm another
	echo two >&5
	read -r -t 20 line <&5
	[ "$line" = two ]
	exec 5>&-
}

# --- forms

@test "-p takes a range, each port for its own" {
	serve web -p 8080-8081:80-81 -p 127.0.0.1:9000-9001:80-81/udp
	reaches internet tcp $WAN 8080 'web *'
	reaches internet tcp $WAN 8081 'web *'
	reaches host udp 127.0.0.1 9000 'web *'
	reaches host udp 127.0.0.1 9001 'web *'
	prints 4 eval 'ports_in_table | wc -l'
}

@test "an omitted host port is chosen, each time another, and works" {
	local a b c
	serve one -p 80 -p 80/udp -p 127.0.0.1::81
	serve two -p 0:80
	a=$(host_port one 80)
	b=$(host_port one 81)
	c=$(host_port two 80)
	((a >= 1024 && a != b && a != c && b != c))
	reaches internet tcp $WAN "$a" 'one *'
	reaches internet udp $WAN "$(host_port one 80/udp)" 'one *'
	reaches host tcp 127.0.0.1 "$b" 'one *'
	LIMIT=1 run ! ask internet tcp $WAN "$b"
	reaches internet tcp $WAN "$c" 'two *'
}

@test "a range of host ports for one port of the container gives the first that is free" {
	serve one -p 8080-8082:80
	serve two -p 8080-8082:80
	serve_at host process 8082
	prints 8080 host_port one 80
	prints 8081 host_port two 80
	assert_fails 125 '8080.*8082' tcr run --rm -p 8080-8082:80 busybox true
}

@test "-P publishes what the image exposes, and no more" {
	local port
	serve web -P
	[ "$(tcr port web | wc -l)" = 1 ]
	prints_like '^80/tcp -> 0\.0\.0\.0:[0-9]+$' tcr port web
	port=$(host_port web 80)
	reaches internet tcp $WAN "$port" 'web *'
	serve other -P -p 8080:80
	prints 8080 host_port other 80
}

# --- what is shown

@test "port prints docker's lines" {
	serve web -p 8080:80 -p 127.0.0.1:5300:53/udp -p 8081:81
	prints $'53/udp -> 127.0.0.1:5300\n80/tcp -> 0.0.0.0:8080\n81/tcp -> 0.0.0.0:8081' \
		eval 'tcr port web | sort'
	prints 0.0.0.0:8080 tcr port web 80
	prints 0.0.0.0:8080 tcr port web 80/tcp
	prints 127.0.0.1:5300 tcr port "$(id_of web)" 53/udp
	assert_fails 125 '53/tcp' tcr port web 53
	serve quiet
	prints '' tcr port quiet
}

@test "ps shows the ports as docker does" {
	serve web -p 8080:80 -p 127.0.0.1:5300:53/udp
	prints '0.0.0.0:8080->80/tcp 127.0.0.1:5300->53/udp' \
		eval 'ports_of web | sed "s/, /\n/g" | sort | xargs -d "\n"'
	tcr ps >out
	grep -q 'STATUS .*PORTS .*NAMES' out
	grep -qF '0.0.0.0:8080->80/tcp' out
	serve range -p 9000-9001:80-81
	prints_like '0\.0\.0\.0:9000-9001->80-81/tcp' ports_of range
	tcr stop -t 0 web
	prints '' ports_of web
}

# --- conflicts

@test "a port that another container has is refused, and the other is named" {
	serve first-one -p 8080:80
	assert_fails 125 '8080/tcp.*"?first-one' tcr run --name second -p 8080:80 busybox true
	assert_fails 125 '8080/tcp.*"?first-one' tcr run --name second -p 127.0.0.1:8080:80 busybox true
	assert_fails 125 '8080/tcp.*"?first-one' tcr run --name second -p 8070-8090:70-90 busybox true
	prints first-one eval 'tcr ps -a --format json | jq -r .Names'
	serve udp -p 8080:80/udp
	serve one -p $LAN:9000:80
	serve two -p $WAN:9000:80
	reaches lan tcp $LAN 9000 'one *'
	reaches internet tcp $WAN 9000 'two *'
	assert_fails 125 '9000/tcp.*(one|two)' tcr run -p 9000:80 busybox true
}

@test "a port that a process of the host has is refused, and its address is named" {
	serve_at host process 8080
	assert_fails 125 '8080/tcp.*0\.0\.0\.0' tcr run --rm -p 8080:80 busybox true
	assert_fails 125 '8080/tcp.*0\.0\.0\.0' tcr run --rm -p 127.0.0.1:8080:80 busybox true
	assert_fails 125 '8080/udp.*0\.0\.0\.0' tcr run --rm -p 8080:80/udp busybox true
	background host socat TCP-LISTEN:9000,bind=127.0.0.1,fork EXEC:date
	background host socat UDP-RECVFROM:9001,bind=$LAN,fork EXEC:date
	background host socat TCP6-LISTEN:9002,fork EXEC:date
	wait_for 5 serves host 9002
	wait_for 5 serves host 9000
	wait_for 5 eval '[ -n "$(ss -Hlnu sport = :9001)" ]'
	assert_fails 125 '9000/tcp.*127\.0\.0\.1' tcr run --rm -p 9000:80 busybox true
	assert_fails 125 '9001/udp.*192\.168\.77\.1' tcr run --rm -p 9001:80/udp busybox true
	assert_fails 125 '9002/tcp.*(::|0\.0\.0\.0|\*)' tcr run --rm -p 9002:80 busybox true
	prints '' tcr ps -aq
	serve free -p $LAN:9000:80 -p 127.0.0.1:9001:80/udp
	reaches lan tcp $LAN 9000 'free *'
}

@test "the port of an outbound connection is published, or refused with its address" {
	serve_at internet net 7000
	exec 5<>/dev/tcp/$INTERNET/7000
	local port
	port=$(ss -Hnt "dport = :7000" | awk '{ sub(/.*:/, "", $4); print $4; exit }')
	if serve web -p "$port:80" 2>err; then
		reaches internet tcp $WAN "$port" 'web *'
	else
		grep -qE "$port/tcp.*203\.0\.113\.2" err || fail "$(<err)"
	fi
	exec 5>&-
}

@test "two containers that want one port at the same moment: one gets it" {
	local i pids=() won=0
	for i in 1 2 3 4 5 6; do
		tcr run -d --name "c$i" -p 8080:80 busybox sleep 1000 >/dev/null 2>err.$i &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		! wait "$i" || ((++won))
	done
	[ $won = 1 ] || fail "$won got it: $(cat err.*)"
	prints 1 eval 'tcr ps -aq | wc -l'
}

@test "the 500th port is one more element, and no rule" {
	local rules
	serve few -p 8000:80
	rules=$(nft -a list table inet "$(instance)" | grep -c handle)
	serve many -p 10000-10249:10000-10249 -p 10000-10249:10000-10249/udp
	prints "$rules" eval 'nft -a list table inet "$(instance)" | grep -c handle'
	prints 501 eval 'ports_in_table | wc -l'
	tcr rm -f many
	prints 1 eval 'ports_in_table | wc -l'
}
