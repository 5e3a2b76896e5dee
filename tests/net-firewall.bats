# SPDX-License-Identifier: GPL-2.0-or-later
# Beside the firewalls of others: theirs stays as it is, ours comes back when it was flushed.
# shellcheck disable=SC2016,SC2034,SC2086,SC2153,SC2154 # text to evaluate later; variables of lib

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container
load lib/net

setup()
{
	net_begin
}

# As of a router: what is to be forwarded is named, all else is dropped.
forward_drop()
{
	nft -f - <<-END
		table inet filter {
			chain input { type filter hook input priority 0; policy accept; }
			chain forward {
				type filter hook forward priority 0; policy drop;
				ct state established,related accept
				${1-}
			}
		}
	END
}

# As docker makes it by way of iptables-nft.
docker_like()
{
	nft -f - <<-'END'
		table ip nat {
			chain DOCKER { iifname "docker0" return
				iifname != "docker0" tcp dport 9999 dnat to 172.17.0.2:99; }
			chain PREROUTING { type nat hook prerouting priority -100; policy accept;
				fib daddr type local jump DOCKER; }
			chain OUTPUT { type nat hook output priority -100; policy accept;
				ip daddr != 127.0.0.0/8 fib daddr type local jump DOCKER; }
			chain POSTROUTING { type nat hook postrouting priority 100; policy accept;
				ip saddr 172.17.0.0/16 oifname != "docker0" masquerade; }
		}
		table ip filter {
			chain DOCKER-USER { return; }
			chain DOCKER { iifname != "docker0" oifname "docker0" drop; }
			chain FORWARD { type filter hook forward priority 0; policy accept;
				jump DOCKER-USER
				jump DOCKER
				iifname "docker0" accept; }
		}
	END
}

# What OpenWrt's firewall does at each reload: its own table, made anew in one transaction.
fw4()
{
	nft -f - <<-'END'
		table inet fw4
		flush table inet fw4
		table inet fw4 {
			chain input { type filter hook input priority filter; policy accept;
				iifname "lo" accept; }
			chain forward { type filter hook forward priority filter; policy drop;
				ct state vmap { established : accept, related : accept }
				iifname "lan0" oifname "wan0" accept
				iifname "tcr*" accept
				ct status dnat accept; }
			chain srcnat { type nat hook postrouting priority srcnat; policy accept;
				ip saddr 192.168.77.0/24 oifname "wan0" masquerade; }
		}
	END
}

# Their rules, with handles, but not ours.
theirs()
{
	local family name
	nft list tables | while read -r _ family name; do
		[ "$family $name" = "inet $(instance)" ] || nft -a list table "$family" "$name"
	done
}

ours()
{
	nft list table inet "$(instance)"
}

# Our table as it was in the file "rules".
restored()
{
	ours 2>/dev/null | cmp -s - rules
}

comes_back()
{
	wait_for 10 restored || fail "it does not: $(diff rules <(ours))"
}

# Everything of ours at once, beside what the caller has set up; theirs is untouched by that.
live_beside()
{
	theirs >theirs.before
	serve_at internet net 7
	serve web -p 8080:80 -p 8080:80/udp
	serve peer --network other
	reaches internet both $WAN 8080 "web $INTERNET"
	reaches lan both $LAN 8080 "web $LAN_HOST"
	reaches host both 127.0.0.1 8080 'web *'
	reaches @web both $INTERNET 7 "net $WAN"
	reaches @peer both $WAN 8080 'web *'
	cannot_reach @peer "$(addr_of web)" 80
	cannot_reach lan "$(addr_of web)" 80
	theirs | diff theirs.before -
}

# leave: all of ours goes, theirs is as it was.
leave()
{
	tcr ps -aq | xargs "$TCRBOX" tcr rm -f >/dev/null
	stop_tcrd
	tcr_net nuke
	assert_nuked
	theirs | diff theirs.before -
}

# --- beside others

@test "beside docker's tables all works, and these are as before after nuke" {
	docker_like
	live_beside
	leave
	nft flush ruleset
}

@test "beside a firewall that is reloaded again and again all works" {
	fw4
	live_beside
	for _ in 1 2 3; do
		fw4
		reaches internet both $WAN 8080 "web $INTERNET"
		reaches @web both $INTERNET 7 "net $WAN"
	done
	theirs >theirs.before
	leave
	nft flush ruleset
}

@test "a forward policy of drop that lets our bridges pass is no obstacle" {
	forward_drop 'iifname "tcr*" accept; oifname "tcr*" ct status dnat accept'
	live_beside
	leave
	nft flush ruleset
}

@test "a forward policy of drop blocks egress, is named, and stays; the host reaches its containers" {
	forward_drop
	theirs >theirs.before
	serve_at internet net 7
	serve web -p 8080:80
	cannot_reach @web $INTERNET 7
	cannot_reach internet $WAN 8080
	reaches host tcp 127.0.0.1 8080 'web *'
	reaches host both "$(addr_of web)" 80 'web *'
	# Who wonders asks for what the kernel and others allow.
	{ tcr_net check || true; } >said 2>&1
	grep -qE 'inet filter.*forward.*drop|forward.*inet filter.*drop' said ||
		fail "check does not name the chain that drops: $(<said)"
	theirs | diff theirs.before -
	leave
	nft flush ruleset
}

@test "isolation does not depend on what others accept before" {
	nft -f - <<-'END'
		table inet eager {
			chain forward { type filter hook forward priority -10; policy accept; accept; }
			chain input { type filter hook input priority -10; policy accept; accept; }
		}
	END
	serve a
	serve b --network other
	cannot_reach @a "$(addr_of b other)" 80
	cannot_reach lan "$(addr_of a)" 80
	nft delete table inet eager
}

# --- flushed

@test "after nft flush ruleset our table is back, the same" {
	serve_at internet net 7
	serve web -p 8080:80 -p 127.0.0.1:9090:81/udp
	serve peer --network other
	tcr network create --internal inner
	serve inner --network inner
	ours >rules
	for _ in 1 2 3 4 5; do
		nft flush ruleset
		comes_back
	done
	reaches internet tcp $WAN 8080 "web $INTERNET"
	reaches host udp 127.0.0.1 9090 'web *'
	reaches @web both $INTERNET 7 "net $WAN"
	cannot_reach @peer "$(addr_of web)" 80
	cannot_reach lan 127.0.0.1 9090
	cannot_reach @inner $INTERNET 7
}

@test "it comes back in one transaction: never is there half of it" {
	local pid i
	serve web -p 8080:80
	ours >rules
	nft monitor >events 2>&1 3>&- &
	pid=$!
	SERVICES+=("$pid")
	wait_for 5 eval 'nft add table ip marker; nft delete table ip marker; grep -q marker events'
	nft flush ruleset
	comes_back
	# Whoever looks sees all or nothing.
	for i in {1..30}; do
		nft flush ruleset
		until ours >seen 2>/dev/null; do :; done
		cmp seen rules
	done
	wait_for 5 eval '[ "$(grep -c "new generation" events)" -ge 62 ]'
	# Nor does any transaction add a part of it without the table itself.
	run ! awk -v t="inet $(instance)" '/^add table/ && index($0, t) { table = 1 }
		/^add / && !/^add table/ && index($0, t) { part = 1 }
		/^# new generation/ { if (part) { n++; bad += !table } part = table = 0 }
		END { exit !(bad || n < 31) }' events
	kill "$pid"
}

@test "an open connection outlives the flush" {
	tcr run -d --name cat -p 9000:9000 busybox nc -ll -p 9000 -e cat >/dev/null
	wait_for 5 serves @cat 9000
	coproc client { at internet socat - "TCP:$WAN:9000"; }
	echo one >&"${client[1]}"
	read -r -t 20 line <&"${client[0]}"
	[ "$line" = one ]
	ours >rules
	nft flush ruleset
	comes_back
	echo two >&"${client[1]}"
	read -r -t 20 line <&"${client[0]}"
	[ "$line" = two ]
	kill "$client_PID"
}

@test "what is taken away of our table is put back: a chain's rules, a rule, an element, the table" {
	local handle chain
	serve web -p 8080:80
	ours >rules
	while read -r chain; do
		nft flush chain inet "$(instance)" "$chain"
		comes_back
	done < <(nft -j list chains inet | jq -r --arg t "$(instance)" \
		'.nftables[].chain? | select(. != null and .table == $t).name')
	handle=$(nft -a list chain inet "$(instance)" forward | sed -n 's/.*drop # handle //p' | tail -n 1)
	nft delete rule inet "$(instance)" forward handle "$handle"
	comes_back
	nft flush set inet "$(instance)" bridges
	comes_back
	nft flush map inet "$(instance)" publish
	comes_back
	nft delete table inet "$(instance)"
	comes_back
	reaches internet tcp $WAN 8080 "web $INTERNET"
}

@test "a flush while the daemon is dead or stopped is repaired when it is there again" {
	serve web -p 8080:80
	ours >rules
	kill -STOP "$TCRD_PID"
	nft flush ruleset
	kill -CONT "$TCRD_PID"
	comes_back
	kill_tcrd
	nft flush ruleset
	start_tcrd
	comes_back
	reaches internet tcp $WAN 8080 "web $INTERNET"
}

@test "changes of others do not keep the daemon busy, its own neither" {
	local before after i
	serve web -p 8080:80
	ours >rules
	before=$(nft -a list table inet "$(instance)" | sed -n 's/^table.*handle //p')
	for i in {1..50}; do
		nft add table ip "other$i"
		nft add chain ip "other$i" c
		nft delete table ip "other$i"
	done
	serve next -p 8081:80
	tcr rm -f next
	wait_for 5 restored
	after=$(nft -a list table inet "$(instance)" | sed -n 's/^table.*handle //p')
	# It was not made anew: a table that is has another handle.
	[ "$before" = "$after" ]
}

@test "another table called tcr is not ours" {
	nft -f - <<-'END'
		table ip tcr { chain c { type filter hook input priority 0; policy accept; counter; }; }
		table inet tcr0 { set bridges { type ifname; elements = { "lan0" }; }; }
	END
	theirs | grep -v counter >theirs.before
	serve web -p 8080:80
	tcr rm -f web
	stop_tcrd
	tcr_net nuke
	theirs | grep -v counter | diff theirs.before -
	nft flush ruleset
}

# --- tcr-net

@test "tcr-net gc removes what no container owns, and only that" {
	serve web -p 8080:80
	serve dead -p 8081:80
	kill_tcrd
	kill -KILL "$(pids_of /answer dead 80 81 5000)"
	wait_for 5 eval '[ -z "$(pids_of /answer dead 80 81 5000)" ]'
	[ "$(our_links :container: | wc -l)" = 2 ]
	tcr_net gc
	prints 1 eval 'our_links :container: | wc -l'
	prints 8080 eval 'ports_in_table | sed "s/.* //"'
	reaches internet tcp $WAN 8080 "web $INTERNET"
	start_tcrd
	reaches internet tcp $WAN 8080 "web $INTERNET"
}

@test "tcr-net ls and inspect need no daemon" {
	local id
	serve web --network mine -p 8080:80
	id=$(id_of web)
	tcr network inspect mine >with
	kill_tcrd
	prints_like 'mine' tcr_net ls
	prints_like "${id:0:12}" tcr_net inspect mine
	start_tcrd
}

@test "tcr-net nuke leaves the links, namespaces and tables of others, whatever they are called" {
	FOREIGN_LINKS='tcr9 tcr-x'
	ip link add tcr9 type bridge
	ip link add tcr-x type veth peer name veth0123456
	ip link set tcr-x alias 'tcrx:network:mine'
	ip netns add other
	serve web -p 8080:80
	tcr rm -f web
	stop_tcrd
	tcr_net nuke
	ip link show tcr9
	ip link show veth0123456
	ip netns exec other true
	ip netns del other
	ip link del tcr-x
}

@test "tcr-net check is content with this kernel" {
	tcr_net check
}
