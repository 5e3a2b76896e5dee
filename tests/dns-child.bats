# SPDX-License-Identifier: GPL-2.0-or-later
# `tcr-net dns` alone: a driver plays the daemon, clients ask from namespaces.

load lib/helper

# Network 1 has the clients one (10.211.0.2) and two (10.211.0.3), network 2 three (10.212.0.2),
# which is also the way to a resolver with a link-local address.
setup_file()
{
	export PATH=$BATS_FILE_TMPDIR:$PATH
	local p
	for p in dns-driver dns-upstream; do
		${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 -o "$BATS_FILE_TMPDIR/$p" \
			"$BATS_TEST_DIRNAME/lib/$p.c"
	done
	ip link add br1 type bridge
	ip link add br2 type bridge
	ip addr add 10.211.0.1/24 dev br1
	ip addr add 10.212.0.1/24 dev br2
	ip link set br1 up
	ip link set br2 up
	client one br1 10.211.0.2/24
	client two br1 10.211.0.3/24
	client three br2 10.212.0.2/24
	local a
	for a in 127.0.1.1 127.0.1.2 127.0.1.3; do
		ip addr add $a/32 dev lo
	done
}

client()
{
	ip netns add "$1"
	ip link add "v$1" type veth peer name eth0 netns "$1"
	ip link set "v$1" master "$2" up
	ip -n "$1" addr add "$3" dev eth0
	ip -n "$1" link set eth0 up
	ip -n "$1" link set lo up
	ip -n "$1" route add default via "${3%.*}.1"
}

teardown_file()
{
	local n
	for n in one two three; do
		ip netns del $n
	done
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	cat >net1 <<-END
		network Blue
		subnet 10.211.0.0/24
		host 10.211.0.2 web 0123456789ab www all
		host 10.211.0.3 db abcdef012345 all
		host 10.211.0.4 a.b all
	END
	cat >net2 <<-END
		network red
		subnet 10.212.0.0/24
		host 10.212.0.2 mail
	END
	: >servers
	coproc DRIVER { ASAN_OPTIONS=detect_leaks=0 exec dns-driver "$TCRBOX" tcr-net dns 2>log 3>&-; }
	# bash closes its own copies when the driver has ended, before the last line was read.
	exec {FROM}<&"${DRIVER[0]}" {TO}>&"${DRIVER[1]}"
	read -r -t 30 CHILD <&"$FROM"
	tell servers servers
	tell network 1 10.211.0.1 net1
	tell network 2 10.212.0.1 net2
	says 10.211.0.2 one web # it has made its sandbox, and knows all this
}

# The driver ends after a test that failed, too, or the next one would find its ports taken.
teardown()
{
	local p
	for p in "${PIDS[@]}"; do
		kill -KILL "$p" 2>/dev/null || true
		wait "$p" || true
	done
	[ -n "${BATS_TEST_COMPLETED-}" ] || sed 's/^/log: /' log
	[ -n "${ENDED-}" ] || ends_with 0
}

# tell WORD...: a command for the driver.
tell()
{
	local answer
	echo "$*" >&"$TO"
	read -r -t 30 answer <&"$FROM" && [ "$answer" = ok ]
}

# ends_with CODE: ends the driver; the child must have ended so.
ends_with()
{
	local answer
	ENDED=1
	echo end >&"$TO"
	read -r -t 30 answer <&"$FROM"
	[ "$answer" = "exit $1" ] || fail "$answer, not $1: $(<log)"
}

in_ns()
{
	nsenter --net="/run/netns/$1" -- "${@:2}" 3>&-
}

# behind CLIENT COMMAND...: in the background of a client, until the test ends. PIDS has the pid of
# the command itself, not that of a shell around it.
behind()
{
	nsenter --net="/run/netns/$1" -- "${@:2}" 3>&- &
	PIDS+=($!)
}

# ask CLIENT WORD...: dig, from a client, one attempt.
ask()
{
	local server=10.211.0.1
	[ "$1" != three ] || server=10.212.0.1
	in_ns "$1" dig @$server +tries=1 +timeout=8 +nocookie "${@:2}"
}

# says TEXT CLIENT WORD...: the answers, one line, sorted.
says()
{
	local got
	got=$(ask "${@:2}" +short | LC_ALL=C sort | tr '\n' ' ')
	[ "${got% }" = "$1" ] || fail "\"${got% }\", not \"$1\": ${*:2}"
}

# status TEXT CLIENT WORD...: the code and the number of answers.
status()
{
	local got
	got=$(ask "${@:2}" | sed -n 's/.*status: \([A-Z]*\).*/\1/p; s/.*ANSWER: \([0-9]*\).*/\1/p' |
		tr '\n' ' ')
	[ "${got% }" = "$1" ] || fail "\"${got% }\", not \"$1\": ${*:2}"
}

# upstream ADDRESS [MANNER] [ZONE]: a resolver in the background, its log in up.ADDRESS.
upstream()
{
	dns-upstream "$@" >"up.$1" 2>&1 3>&- &
	PIDS+=($!)
	wait_for 10 grep -q ready "up.$1"
}

servers()
{
	printf '%s\n' "$@" >servers
	tell servers servers
}

queries()
{
	grep -c "^${2-udp}" "up.$1" || true
}

# milliseconds COMMAND...: sets MS.
milliseconds()
{
	local begin=${EPOCHREALTIME/./}
	"$@" || return
	MS=$(((${EPOCHREALTIME/./} - begin) / 1000))
}

# at_once COMMAND...: must succeed, in less than a second; a busy machine has several tries.
at_once()
{
	for _ in {1..10}; do
		milliseconds "$@" || return
		((MS >= 1000)) || return 0
	done
	fail "$MS ms: $*"
}

memory()
{
	awk '/^Pss:/ { print $2 }' "/proc/$CHILD/smaps_rollup"
}

@test "names, ids and aliases have addresses, alone and with the network behind them" {
	says 10.211.0.2 one web
	says 10.211.0.2 two WEB
	says 10.211.0.2 two web.blue
	says 10.211.0.2 two Www.BLUE
	says 10.211.0.2 one 0123456789ab
	says 10.211.0.4 one a.b
	says 10.211.0.4 one a.b.blue
	says 10.211.0.2 one web +tcp
	ask one web | grep -q 'web\.[[:space:]]*0[[:space:]]IN'
	ask one web | grep -q 'flags: qr aa rd ra'
}

@test "addresses of the network have the first name" {
	says web.Blue. one -x 10.211.0.2
	says a.b.Blue. one -x 10.211.0.4
	status 'NXDOMAIN 0' one -x 10.211.0.77
	status 'SERVFAIL 0' one -x 10.212.0.2
	status 'NOERROR 0' one 2.0.211.10.in-addr.arpa A
}

@test "other types of a known name are there, but empty" {
	local t
	for t in AAAA MX TXT HTTPS SOA PTR; do
		status 'NOERROR 0' one web $t
	done
	status 'NOERROR 1' one web ANY +notcp
}

@test "an alias of several has them all, in an order that varies" {
	says '10.211.0.2 10.211.0.3 10.211.0.4' one all
	local i
	for ((i = 0; i < 6; i++)); do
		ask one all +short | head -n 1
	done | sort -u >first
	[ "$(wc -l <first)" = 3 ]
}

@test "names of other networks are not known, but with a search line" {
	status 'SERVFAIL 0' one mail
	echo "search 10.211.0.2 2" >>net1
	tell names 1 net1
	says 10.212.0.2 one mail
	says 10.212.0.2 one mail.red
	says mail.red. one -x 10.212.0.2
	status 'SERVFAIL 0' two mail
}

@test "a change holds for the next question" {
	local i
	for ((i = 0; i < 20; i++)); do
		sed "s/10.211.0.2 web/10.211.0.$((i + 50)) web/" net1 >changed
		tell names 1 changed
		says "10.211.0.$((i + 50))" one web
	done
	sed -i /web/d net1
	tell names 1 net1
	status 'SERVFAIL 0' one web
	tell gone 1
	tell network 7 10.211.0.1 net1
	says 10.211.0.3 one db
}

@test "who does not belong to the network gets no answer" {
	! in_ns three dig @10.211.0.1 +tries=1 +timeout=1 web >got || return 1
	grep -q 'timed out' got
	! in_ns three dig @10.211.0.1 +tries=1 +timeout=1 +tcp web >got || return 1
	grep -qE 'end of file|reset' got
	says 10.212.0.2 three mail
}

@test "what is no proper question is refused" {
	status 'NOTIMP 0' one +opcode=status web
	status 'REFUSED 0' one version.bind CH TXT
	status 'REFUSED 0' one web TYPE250
	ask one blue AXFR | grep -q 'Transfer failed'
	status 'BADVERS 0' one +edns=1 +noednsneg web
	# No question: the length of a header, and FORMERR in it.
	printf '\0\1\1\0\0\0\0\0\0\0\0\0' | in_ns one socat -t1 - UDP:10.211.0.1:53 | od -An -tx1 >got
	[ "$(tr -d ' \n' <got)" = 000181810000000000000000 ] || fail "$(<got)"
	# An answer is none.
	printf '\0\1\201\0\0\1\0\0\0\0\0\0\3web\0\0\1\0\1' |
		in_ns one socat -t1 - UDP:10.211.0.1:53 >got
	[ ! -s got ]
}

@test "the rest is forwarded, over UDP and TCP, with a new port and identifier each time" {
	upstream 127.0.1.1
	servers 127.0.1.1
	says 192.0.2.1 one x.example
	says 192.0.2.7 one x.example +tcp
	local i
	for ((i = 0; i < 20; i++)); do
		says 192.0.2.1 one "n$i.example"
	done
	[ "$(grep ^udp up.127.0.1.1 | cut -d' ' -f2 | sort -u | wc -l)" -ge 19 ]
	[ "$(grep ^udp up.127.0.1.1 | cut -d' ' -f3 | sort -u | wc -l)" -ge 19 ]
	ask one ExAmPlE.org | grep -q '^ExAmPlE.org.*192.0.2.1'
}

@test "forged answers are ignored, and the true one still counts" {
	upstream 127.0.1.1
	servers 127.0.1.1
	local m
	for m in wrongid wrongname wrongtype noanswer elsewhere; do
		says 192.0.2.1 one "$m.example"
		grep -q " $m$" up.127.0.1.1
	done
}

@test "the next server is asked at once when one is not there or does not want to" {
	upstream 127.0.1.1 servfail
	upstream 127.0.1.2
	upstream 127.0.1.3 refused
	servers 127.0.1.9 127.0.1.3 127.0.1.1 127.0.1.2
	at_once says 192.0.2.1 one x.example
	at_once says 192.0.2.7 one x.example +tcp
	servers 127.0.1.9
	at_once status 'SERVFAIL 0' one x.example
}

@test "the next server has its share of the time when one is silent" {
	upstream 127.0.1.1 silent
	upstream 127.0.1.2
	servers 127.0.1.1 127.0.1.2
	milliseconds says 192.0.2.1 one x.example
	((MS >= 1900 && MS < 7900)) || fail "$MS ms"
}

@test "after 4 s without an answer it is SERVFAIL, and the server was asked twice" {
	upstream 127.0.1.1 silent
	servers 127.0.1.1
	milliseconds status 'SERVFAIL 0' one x.example
	((MS >= 3900 && MS < 7900)) || fail "$MS ms"
	[ "$(queries 127.0.1.1)" = 2 ]
	[ "$(cut -d' ' -f2 -s up.127.0.1.1 | sort -u | wc -l)" = 1 ]
}

@test "dnsmasq is asked, and its loss is SERVFAIL" {
	dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root \
		--listen-address=127.0.1.1 --bind-interfaces --address=/example/192.0.2.9 \
		--pid-file= >dnsmasq.log 2>&1 3>&- &
	local dnsmasq=$!
	PIDS+=("$dnsmasq")
	servers 127.0.1.1
	wait_for 10 says 192.0.2.9 one www.example
	says 192.0.2.9 one www.example +tcp
	kill "$dnsmasq"
	wait_for 10 status 'SERVFAIL 0' one www.example
	says 10.211.0.2 one web
}

@test "without servers, and on an internal network, it is SERVFAIL at once" {
	at_once status 'SERVFAIL 0' one x.example
	upstream 127.0.1.1
	servers 127.0.1.1
	sed -i '1s/$/ internal/' net1
	tell names 1 net1
	at_once status 'SERVFAIL 0' one x.example
	status 'SERVFAIL 0' one x.example +tcp
	says 10.211.0.2 one web
	says 192.0.2.1 three x.example
	[ "$(queries 127.0.1.1)" = 1 ]
}

@test "a client can have servers of its own, IPv6 ones with a zone" {
	upstream 127.0.1.1
	servers 127.0.1.2
	ip addr add fe80::53/64 dev br2 nodad
	# The kernel makes its route a moment later; who asks earlier looks for a neighbour.
	wait_for 5 eval 'ip -6 route get fe80::53 oif br2 | grep -q ^local'
	upstream fe80::53 '' "$(cat /sys/class/net/br2/ifindex)"
	echo "server 10.211.0.2 fe80::53%br2" >>net1
	echo "server 10.211.0.3 127.0.1.1" >>net1
	tell names 1 net1
	says 192.0.2.1 one x.example
	says 192.0.2.7 one x.example +tcp
	says 192.0.2.1 two x.example
	[ "$(queries fe80::53)" = 1 ]
	[ "$(queries 127.0.1.1)" = 1 ]
	servers ::1
	upstream ::1
	says 192.0.2.1 three x.example
}

@test "answers are no larger than the client wants, and complete over TCP" {
	upstream 127.0.1.1
	servers 127.0.1.1
	ask one +noedns +ignore big.example >got
	grep -q 'flags: qr tc rd ra' got
	ask one +bufsize=600 +ignore big.example >got
	grep -q 'flags: qr tc rd ra' got
	grep -q 'EDNS: version: 0' got
	ask one +bufsize=4096 +ignore big.example >got
	grep -q 'flags: qr rd ra;.* ANSWER: 2,' got
	says 192.0.2.7 one tc.example
	[ "$(ask one huge.example +tcp | sed -n 's/.*ANSWER: \([0-9]*\).*/\1/p')" = 61 ]
	grep -q 'udp .* 52 big' up.127.0.1.1 || grep -q 'udp .* 40 big' up.127.0.1.1
}

@test "names with many addresses are cut over UDP and complete over TCP" {
	local i
	for ((i = 5; i < 255; i++)); do
		echo "host 10.211.0.$i n$i all"
	done >>net1
	tell names 1 net1
	ask one +noedns +ignore all | grep -q 'flags: qr aa tc rd ra'
	[ "$(ask one all +short | wc -l)" = 253 ]
}

@test "64 questions of a network are under way, and for a new one the oldest is SERVFAIL" {
	upstream 127.0.1.1 silent
	servers 127.0.1.1
	local i
	for ((i = 0; i < 80; i++)); do
		echo "q$i.example A"
	done >list
	behind one dnsperf -s 10.211.0.1 -d list -n 1 -q 100 -t 7 >perf 2>&1
	local perf=${PIDS[-1]}
	sees_80() { [ "$(queries 127.0.1.1)" -ge 80 ]; }
	wait_for 10 sees_80
	[ "$(find "/proc/$CHILD/fd" -type l | wc -l)" = $((9 + 64)) ]
	milliseconds says 10.211.0.2 two web
	((MS < 3900)) || fail "$MS ms"
	wait $perf
	grep -q 'SERVFAIL 80 ' perf || fail "$(<perf)"
	[ "$(find "/proc/$CHILD/fd" -type l | wc -l)" = 9 ]
}

@test "a client that floods the name server takes the places of its own questions only" {
	upstream 127.0.1.1 silent
	upstream 127.0.1.2
	servers 127.0.1.1 127.0.1.2
	local i flood
	for ((i = 0; i < 1000; i++)); do
		echo "silent$i.example A"
	done >list
	behind one dnsperf -s 10.211.0.1 -d list -l 20 -Q 2000 -q 1000 -t 1 >perf 2>&1
	flood=${PIDS[-1]}
	sees_500() { [ "$(queries 127.0.1.1)" -ge 500 ]; }
	wait_for 10 sees_500
	for i in 1 2; do # the first server is silent: the question is under way for 2 s
		says 192.0.2.1 two "x$i.example"
		says 192.0.2.7 two "y$i.example" +tcp
	done
	kill -0 "$flood"
}

# connects CLIENT N: makes N connections in the background, which say nothing, one after the other and
# fast, since they are closed after 10 s. The file closed has the numbers of those that ended.
connects()
{
	# shellcheck disable=SC2016 # for that shell
	behind "$1" bash -c 'for ((i = 1; i <= $0; i++)); do
			exec {fd}<>/dev/tcp/10.211.0.1/53 || exit
			c[i]=$fd
		done
		while :; do
			for ((i = 1; i <= $0; i++)); do
				! read -t 0 -u "${c[i]}" || echo "$i"
			done >closed.new
			mv closed.new closed
			sleep 0.05
		done' "$2"
}

# closed_are NUMBERS
closed_are()
{
	[ -e closed ] && [ "$(xargs <closed)" = "$1" ]
}

@test "a client that takes all connections closes its own" {
	behind two socat -u TCP:10.211.0.1:53 CREATE:idle
	wait_for 10 connections 1
	connects one 39
	wait_for 10 closed_are "$(seq -s ' ' 24)"
	connections 16
	kill -0 "${PIDS[0]}"
}

@test "many questions go through one connection" {
	upstream 127.0.1.1
	servers 127.0.1.1
	in_ns one dig @10.211.0.1 +tcp +keepopen +short web db x.example www >got
	[ "$(tr '\n' ' ' <got)" = "10.211.0.2 10.211.0.3 192.0.2.7 10.211.0.2 " ]
	# Two at once, the second in two pieces; then the end.
	local q='\0\25\0\1\1\0\0\1\0\0\0\0\0\0\3web\0\0\1\0\1'
	{ printf "$q\0\25\0\2\1\0\0\1"; printf '\0\0\0\0\0\0\3web\0\0\1\0\1'; } |
		in_ns one socat -t5 - TCP:10.211.0.1:53 | wc -c >got
	[ "$(<got)" = 78 ]
}

@test "a server that breaks off or stops in the middle of a TCP answer is SERVFAIL" {
	upstream 127.0.1.1 broken
	upstream 127.0.1.2 hang
	servers 127.0.1.1
	at_once status 'SERVFAIL 0' one x.example +tcp
	servers 127.0.1.2
	says 10.211.0.2 one web # now it knows the server
	milliseconds status 'SERVFAIL 0' one x.example +tcp
	((MS >= 3900 && MS < 7900)) || fail "$MS ms; $(head -n 20 up.*)"
}

ticks()
{
	awk '{ print $14 + $15 }' "/proc/$CHILD/stat"
}

connections()
{
	local n
	n=$(ss -Htn state established 'sport = :53' | wc -l)
	[ "$n" = "$1" ]
}

@test "a query that is cut or slow costs no time and ends after 10 s" {
	local before i
	before=$(ticks)
	for ((i = 0; i < 3; i++)); do
		# shellcheck disable=SC2016 # for that shell
		behind one bash -c 'exec 4<>/dev/tcp/10.211.0.1/53 && printf "\0\25\0\1" >&4 && exec cat <&4'
	done
	wait_for 10 connections 3
	milliseconds wait_for 15 connections 0
	((MS > 5000)) || fail "$MS ms"
	local limit=20 # spinning would take a thousand
	! grep -q __asan_init "$TCRBOX" || limit=100
	(($(ticks) - before < limit)) || fail "$(($(ticks) - before)) ticks"
	printf '\0\3abc' | in_ns one socat -t5 - TCP:10.211.0.1:53 >got
	printf '\377\377abc' | in_ns one socat -t5 - TCP:10.211.0.1:53 >>got
	[ ! -s got ]
}

@test "16 connections are kept, and the one that was idle longest makes room" {
	connects one 20
	wait_for 10 closed_are '1 2 3 4'
	connections 16
	says 10.211.0.2 two web +tcp
	wait_for 10 closed_are '1 2 3 4 5'
	tell gone 1
	wait_for 5 connections 0
}

@test "memory stays bounded under a flood" {
	upstream 127.0.1.1 silent
	servers 127.0.1.1
	local i p before
	for ((i = 0; i < 1000; i++)); do
		echo "q$i.example A"
		echo "web A"
	done >list
	says 10.211.0.2 one web
	before=$(memory)
	behind one dnsperf -s 10.211.0.1 -d list -l 2 -q 1000 -t 1 >perf1 2>&1
	p=${PIDS[-1]}
	in_ns two dnsperf -m tcp -s 10.211.0.1 -d list -l 2 -c 10 -q 1000 -t 1 >perf2 2>&1
	wait $p
	# The address sanitizer keeps what is freed for a while.
	grep -q __asan_init "$TCRBOX" || (($(memory) - before < 600)) ||
		fail "$before, then $(memory) KiB"
	quiet() { [ "$(find "/proc/$CHILD/fd" -type l | wc -l)" = 9 ]; }
	wait_for 15 quiet
	says 10.211.0.2 one web
}

@test "the child has no rights, no files and no other descriptors" {
	local uid='65530.65530.65530.65530' # its own, and nobody else's
	grep -q "^Uid:.$uid$" "/proc/$CHILD/status"
	grep -q "^Gid:.$uid$" "/proc/$CHILD/status"
	grep -q '^Groups:[[:space:]]*$' "/proc/$CHILD/status"
	[ "$(grep -c '^Cap...:.0000000000000000$' "/proc/$CHILD/status")" = 5 ]
	grep -q '^NoNewPrivs:.1$' "/proc/$CHILD/status"
	grep -q '^Seccomp:.2$' "/proc/$CHILD/status"
	[ "$(wc -l <"/proc/$CHILD/mountinfo")" = 1 ]
	grep -q ' / / ro,nosuid,nodev,noexec.* tmpfs ' "/proc/$CHILD/mountinfo"
	[ -z "$(ls -A "/proc/$CHILD/root/")" ]
	[ "$(readlink "/proc/$CHILD/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]
	[ "$(readlink "/proc/$CHILD/ns/net")" = "$(readlink /proc/self/ns/net)" ]
	# Input, output, errors, epoll, timer, two networks.
	[ "$(find "/proc/$CHILD/fd" -type l | wc -l)" = 9 ] || fail "$(ls -l "/proc/$CHILD/fd")"
}

@test "bad texts and packets end the child with a message, and nothing else does" {
	printf 'network n\nsubnet x\n' >bad
	tell names 1 bad
	ends_with 1
	grep -q 'bad line from the daemon: "subnet x"' log
}

@test "a text that can still change is refused" {
	tell loose servers
	ends_with 1
	grep -q 'not sealed' log
}

@test "a cut packet is refused" {
	tell cut
	ends_with 1
	grep -q 'bad packet' log
}
