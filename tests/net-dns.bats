# SPDX-License-Identifier: GPL-2.0-or-later
# The name server of the networks: own names, forwarding, its loss; resolv.conf and hosts.
# shellcheck disable=SC2016,SC2034,SC2086,SC2153,SC2154 # text to evaluate later; variables of lib

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

# resolves ADDRESSES PLACE NAME...: the name server there has exactly these A records for each NAME.
# Options of dig may follow within the same word.
resolves()
{
	local want=$1 place=$2 name got
	shift 2
	for name; do
		got=$(ask_name "$place" +short $name | sort | xargs) || return
		[ "$got" = "$want" ] || fail "$place: $name is \"$got\", not \"$want\"" || return
	done
}

# status_is STATUS PLACE ARGUMENT-OF-DIG...: what the header of the answer says.
status_is()
{
	local want=$1
	shift
	ask_name "$@" >answer || fail "no answer: $*" || return
	grep -q "status: $want" answer || fail "$* is not $want: $(grep status: answer)"
}

# took FILE MILLISECONDS: dig, whose output is in FILE, did not wait longer.
took()
{
	local ms
	ms=$(sed -n 's/^;; Query time: \([0-9]*\) msec$/\1/p' "$1")
	((ms <= $2)) || fail "$ms ms: $(<"$1")"
}

dns_child()
{
	local pid
	for pid in $(children_of "$TCRD_PID"); do
		! grep -qz '^dns$' "/proc/$pid/cmdline" || echo "$pid"
	done
}

upstream()
{
	name_server internet $INTERNET --host-record=fwd.test,198.51.100.7 "$@"
}

# --- names of containers

@test "a container is found by name, short id, alias and NAME.NETWORK, in any case" {
	local id a
	id=$(tcr run -d --name web --network mine --network-alias www --network-alias Site.local \
		busybox sleep 1000)
	sleeper c --network mine
	a=$(addr_of web mine)
	NETWORK=mine
	resolves "$a" @c web "${id:0:12}" www site.local web.mine www.mine WEB wEb.MiNe
	resolves "$a" @web web
	prints_like "Address:? *(1: )?$a" tcr run --rm --network mine busybox nslookup web.mine
	prints "$a" eval 'tcr run --rm --network mine busybox ping -c 1 -W 10 www |
		sed -n "1s/.*(\(.*\)):.*/\1/p"'
}

@test "a name has A and PTR records and no data of other types" {
	local a type
	sleeper web
	sleeper c
	a=$(addr_of web)
	prints web.tcr_default. ask_name @c +short -x "$a"
	for type in AAAA MX TXT SRV CNAME HTTPS; do
		status_is NOERROR @c web $type
		grep -q 'ANSWER: 0' answer
	done
	status_is NXDOMAIN @c -x "$(inspect tcr_default '.IPAM.Config[0].Subnet' | sed 's/0\/24/250/')"
	resolves "$a" @c "web +tcp"
	resolves "$a" @c "web +noedns"
}

@test "one alias of several containers gives all of them, until one is gone" {
	sleeper one --network mine --network-alias pool
	sleeper two --network mine --network-alias pool
	NETWORK=mine
	resolves "$(printf '%s\n' "$(addr_of one mine)" "$(addr_of two mine)" | sort | xargs)" @one pool
	tcr rm -f one
	resolves "$(addr_of two mine)" @two pool
}

@test "a name is gone when its container is, however that ended, and back with the next" {
	upstream
	sleeper c
	sleeper web
	resolves "$(addr_of web)" @c web
	tcr rm -f web
	status_is NXDOMAIN @c web
	sleeper web
	resolves "$(addr_of web)" @c web
	tcr kill web
	wait_for 2 status_is NXDOMAIN @c web
}

@test "names are those of the own networks only" {
	upstream
	sleeper a --network one
	sleeper b --network two
	sleeper both --network one --network two
	NETWORK=one status_is NXDOMAIN @a b
	NETWORK=one status_is NXDOMAIN @a b.two
	NETWORK=two status_is NXDOMAIN @b a
	NETWORK=one resolves "$(addr_of both one)" @a both
	NETWORK=two resolves "$(addr_of both two)" @b both
	prints_like "$(addr_of a one)" tcr run --rm --network one --network two busybox nslookup a
	prints_like "$(addr_of b two)" tcr run --rm --network one --network two busybox nslookup b
	# The gateway of another network answers nobody.
	run at @a dig +time=1 +tries=1 +short "@$(gateway_of two)" b
	[[ $output != *"$(addr_of b two)"* ]]
}

@test "the name server answers its containers and the host, not other networks nor the LAN" {
	sleeper web
	sleeper other --network other
	resolves "$(addr_of web)" @web web
	resolves "$(addr_of web)" host web
	run at @other dig +time=1 +tries=1 +short "@$(gateway_of tcr_default)" web
	((status != 0))
	run at lan dig +time=1 +tries=1 +short "@$(gateway_of tcr_default)" web
	((status != 0))
	run at lan dig +time=1 +tries=1 +short "@$LAN" web
	((status != 0))
}

@test "a container that publishes port 53 does not become the name server of the others" {
	serve evil -p 53:5000 -p 53:5000/udp
	sleeper c
	reaches internet both $WAN 53 'evil *'
	resolves "$(addr_of evil)" @c evil "evil +tcp"
}

# --- forwarding

@test "other names are asked of the host's name server, by UDP and TCP, of any type" {
	upstream --txt-record=text.test,hello --host-record=v6.test,fd00::7 --mx-host=mail.test,mx.test,5
	sleeper c
	resolves 198.51.100.7 @c fwd.test
	resolves 198.51.100.7 @c "fwd.test +tcp"
	prints '"hello"' ask_name @c +short text.test TXT
	prints fd00::7 ask_name @c +short v6.test AAAA
	prints '5 mx.test.' ask_name @c +short mail.test MX
	prints_like '198\.51\.100\.7' tcr run --rm busybox nslookup fwd.test
}

@test "large answers: EDNS sizes are passed through, else truncated, then whole by TCP" {
	local i records=()
	for i in {1..100}; do
		records+=("--host-record=big.test,198.51.100.$i")
	done
	upstream --edns-packet-max=4096 "${records[@]}"
	sleeper c
	prints 100 eval 'ask_name @c +short +ignore +bufsize=4096 big.test | wc -l'
	ask_name @c +ignore +noedns big.test >answer
	grep -q 'flags:.* tc' answer
	prints 100 eval 'ask_name @c +short +noedns big.test | wc -l'
	prints 100 eval 'ask_name @c +short +tcp big.test | wc -l'
}

@test "a resolver of the host's loopback, a second one and one with an IPv6 address are asked" {
	name_server host 127.0.0.1 --host-record=fwd.test,198.51.100.1
	echo 'nameserver 127.0.0.1' >/etc/resolv.conf
	sleeper c
	resolves 198.51.100.1 @c fwd.test
	name_server internet fd00:71::1 --host-record=fwd.test,198.51.100.6
	echo 'nameserver fd00:71::1' >/etc/resolv.conf
	wait_for 3 resolves 198.51.100.6 @c fwd.test
	# The first is not there: nobody listens.
	printf 'nameserver %s\n' $INTERNET fd00:71::1 >/etc/resolv.conf
	wait_for 3 resolves 198.51.100.6 @c "fwd.test +tries=3"
}

@test "a changed resolv.conf is read again: in place, renamed, linked, removed" {
	local i
	for i in 1 2 3 4; do
		ip -n internet addr add 203.0.113.10$i/24 dev eth0
		name_server internet 203.0.113.10$i --host-record=fwd.test,198.51.100.$i
	done
	sleeper c
	echo 'nameserver 203.0.113.101' >/etc/resolv.conf
	wait_for 3 resolves 198.51.100.1 @c fwd.test
	echo 'nameserver 203.0.113.102' >/etc/resolv.conf.new
	mv /etc/resolv.conf.new /etc/resolv.conf
	wait_for 3 resolves 198.51.100.2 @c fwd.test
	mkdir -p /run/resolver
	echo 'nameserver 203.0.113.103' >/run/resolver/conf
	ln -sf /run/resolver/conf /etc/resolv.conf
	wait_for 3 resolves 198.51.100.3 @c fwd.test
	# What the link leads to changes, as it does with every DHCP client.
	echo 'nameserver 203.0.113.104' >/run/resolver/new
	mv /run/resolver/new /run/resolver/conf
	wait_for 3 resolves 198.51.100.4 @c fwd.test
	rm /etc/resolv.conf
	wait_for 3 status_is SERVFAIL @c fwd.test
	echo 'nameserver 203.0.113.101' >/etc/resolv.conf
	wait_for 3 resolves 198.51.100.1 @c fwd.test
}

@test "a resolver that is silent gives SERVFAIL, and own names are answered meanwhile" {
	at internet nft -f - <<-'END'
		table ip deaf {
			chain in { type filter hook input priority 0; udp dport 53 drop; tcp dport 53 drop; }
		}
	END
	sleeper c
	sleeper web
	background @c bash -c 'for i in {1..100}; do dig +time=6 +tries=1 "@$0" "x$i.test" & done; wait' \
		"$(gateway_of tcr_default)"
	at @c dig +time=8 +tries=1 "@$(gateway_of tcr_default)" slow.test >slow &
	ask_name @c web >own
	grep -q "$(addr_of web)" own
	took own 3900
	wait $!
	grep -q 'status: SERVFAIL' slow
	took slow 7900
	wait "$SERVICE"
}

@test "without a resolver it is SERVFAIL at once" {
	sleeper c
	: >/etc/resolv.conf
	wait_for 3 eval 'ask_name @c +time=1 fwd.test | grep -q SERVFAIL'
	status_is SERVFAIL @c fwd.test
	took answer 3000
}

@test "a resolver that comes back is used again" {
	sleeper c
	status_is SERVFAIL @c fwd.test
	upstream
	wait_for 5 resolves 198.51.100.7 @c fwd.test
}

@test "--dns is asked instead, own names are still known" {
	upstream
	name_server lan $LAN_HOST --host-record=fwd.test,198.51.100.8
	sleeper plain
	sleeper c --dns $LAN_HOST
	resolves 198.51.100.7 @plain fwd.test
	resolves 198.51.100.8 @c fwd.test
	resolves "$(addr_of plain)" @c plain
	prints_like '198\.51\.100\.8' tcr run --rm --dns 203.0.113.250 --dns $LAN_HOST busybox nslookup fwd.test
}

@test "an internal network knows its own names and forwards nothing" {
	upstream
	tcr network create --internal inner
	sleeper a --network inner
	sleeper b --network inner --dns $INTERNET
	NETWORK=inner
	resolves "$(addr_of b inner)" @a b
	capture internet eth0 'port 53'
	for who in @a @b; do
		for how in +notcp +tcp; do
			ask_name $who $how fwd.test >answer
			grep -qE 'status: (NXDOMAIN|SERVFAIL|REFUSED)' answer
		done
	done
	at internet ping -c 1 -W 10 $WAN
	[ ! -s seen ]
}

# --- the child

@test "a killed name server is there again, with all names" {
	local child
	sleeper web
	sleeper c --network other
	NETWORK=tcr_default
	child=$(dns_child)
	[ "$(wc -w <<<"$child")" = 1 ]
	resolves "$(addr_of web)" @web web
	kill -KILL "$child"
	resolves "$(addr_of web)" @web web
	NETWORK=other resolves "$(addr_of c other)" @c c
	[ "$(wc -w <<<"$(dns_child)")" = 1 ]
	[ "$(dns_child)" != "$child" ]
}

@test "the name server has no capabilities, a filter, no privileges and no files" {
	local child
	sleeper web
	child=$(dns_child)
	resolves "$(addr_of web)" @web web
	grep -qE '^Cap(Eff|Prm|Inh|Amb):.*[1-9a-f]' "/proc/$child/status" && fail "it has capabilities"
	grep -qx 'Seccomp:.2' "/proc/$child/status"
	grep -qx 'NoNewPrivs:.1' "/proc/$child/status"
	[ "$(awk '/^Uid/ { print $3 }' "/proc/$child/status")" != 0 ]
	[ "$(readlink "/proc/$child/root")" != / ] || [ -z "$(ls "/proc/$child/root/")" ]
}

# --- files of the container

@test "resolv.conf names the gateway, and --dns-search" {
	printf 'nameserver %s\nsearch host.example\n' $INTERNET >/etc/resolv.conf
	tcr run --rm busybox cat /etc/resolv.conf >conf
	[ "$(grep '^nameserver' conf)" = "nameserver $(gateway_of tcr_default)" ]
	grep -q '^search .*host\.example' conf
	tcr run --rm --dns-search one.example --dns-search two.example busybox cat /etc/resolv.conf >conf
	grep -qE '^search (.* )?one\.example two\.example' conf
	run ! grep host.example conf
	prints_like "nameserver $INTERNET" tcr run --rm --network host busybox cat /etc/resolv.conf
}

@test "hosts has localhost, the container itself and what --add-host says" {
	tcr run --name c --hostname box --add-host db:198.51.100.20 --add-host up:host-gateway \
		busybox cat /etc/hosts >hosts
	grep -qE '^127\.0\.0\.1[[:space:]]+localhost' hosts
	grep -qE '^10\.211\.[0-9]+\.[0-9]+[[:space:]]+.*\<box\>' hosts
	grep -qE '^198\.51\.100\.20[[:space:]]+db$' hosts
	grep -qE "^$(gateway_of tcr_default)[[:space:]]+up$" hosts
	prints_like '198\.51\.100\.21' eval 'tcr run --rm --network none --add-host h:198.51.100.21 \
		busybox cat /etc/hosts'
}
