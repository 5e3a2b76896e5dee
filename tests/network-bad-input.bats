# SPDX-License-Identifier: GPL-2.0-or-later
# What is wrong about networks and ports is said in one line, with exit code 125, before anything
# has happened.
# shellcheck disable=SC2016,SC2086,SC2153,SC2154 # text to evaluate later; variables of lib

load lib/helper
load lib/container
load lib/net

setup()
{
	net_begin
	tcr network create --subnet 10.77.0.0/24 a >/dev/null
	tcr network create --subnet 10.78.0.0/24 b >/dev/null
	tcr run -d --name up --network a --ip 10.77.0.2 -p 8080:80 busybox sleep 1000 >/dev/null
	tcr run -d --name onhost --network host busybox sleep 1000 >/dev/null
	tcr run -d --name lonely --network none busybox sleep 1000 >/dev/null
}

state_of_things()
{
	tcr ps -aq
	tcr network inspect a b
	networks
	ip -j link | jq 'map(.ifname)'
	nft list ruleset
	find "$TCR_RUN" "$TCR_ROOT" | sort
}

# refused PREFIX: reads lines "REGEX | ARGUMENTS" and asserts that the client refuses each.
refused()
{
	local line args regex bad=0
	while IFS= read -r line; do
		regex=${line%% | *}
		args=${line#* | }
		eval "assert_fails 125 ${regex@Q} tcr $1 $args" || ((++bad))
		[ "$(wc -l <stderr)" = 1 ] || fail "more than a line: $args: $(<stderr)" || ((++bad))
	done
	((bad == 0))
}

# unchanged COMMAND...: nothing is different afterwards.
unchanged()
{
	state_of_things >before
	"$@" || return
	state_of_things >after
	diff before after
}

@test "options of run about networks are checked" {
	unchanged refused 'run --rm' <<'END'
network | --network '' busybox true
a b | --network 'a b' busybox true
\.\./x | --network ../x busybox true
-x | --network=-x busybox true
xxxxxxxxxx | --network xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx busybox true
nosuch | --network container:nosuch busybox true
container | --network container: busybox true
no-network | --no-network --network a busybox true
no-network | --network host --no-network busybox true
none | --network none --network a busybox true
host | --network a --network host busybox true
container:up | --network container:up --network a busybox true
a.*twice | --network a --network a busybox true
END
}

@test "addresses and names of run are checked" {
	unchanged refused 'run --rm' <<'END'
300\.1\.1\.1 | --network a --ip 300.1.1.1 busybox true
10\.77\.0 | --network a --ip 10.77.0 busybox true
fd00::2 | --network a --ip fd00::2 busybox true
ip | --network a --ip '' busybox true
10\.77\.0\.2.*up | --network a --ip 10.77.0.2 busybox true
10\.79\.0\.2 | --network a --ip 10.79.0.2 busybox true
10\.77\.0\.0 | --network a --ip 10.77.0.0 busybox true
10\.77\.0\.1 | --network a --ip 10.77.0.1 busybox true
10\.77\.0\.255 | --network a --ip 10.77.0.255 busybox true
--ip | --network none --ip 10.77.0.9 busybox true
--ip | --network host --ip 10.77.0.9 busybox true
--mac-address | --network none --mac-address 02:00:00:00:00:01 busybox true
zz | --mac-address zz busybox true
01:00:00:00:00:01 | --mac-address 01:00:00:00:00:01 busybox true
00:00:00:00:00:00 | --mac-address 00:00:00:00:00:00 busybox true
02:00:00:00:01 | --mac-address 02:00:00:00:01 busybox true
a b | --network-alias 'a b' busybox true
^tcr: the alias "" is | --network-alias '' busybox true
--network-alias | --network none --network-alias x busybox true
nosuch | --dns nosuch busybox true
dns | --dns '' busybox true
1\.2\.3 | --dns 1.2.3 busybox true
a b | --dns-search 'a b' busybox true
nocolon | --add-host nocolon busybox true
nope | --add-host h:nope busybox true
1\.2\.3\.4 | --add-host :1.2.3.4 busybox true
add-host | --add-host $'h\n6.6.6.6 bank:1.2.3.4' busybox true
END
}

@test "ports are checked" {
	unchanged refused 'run --rm' <<'END'
70000 | -p 70000:80 busybox true
70000 | -p 80:70000 busybox true
65536 | -p 65536 busybox true
0 | -p 80:0 busybox true
-1 | -p=-1:80 busybox true
x:80 | -p x:80 busybox true
80x | -p 80x busybox true
sctp | -p 80:80/sctp busybox true
80:80/ | -p 80:80/ busybox true
1\.2\.3:80:80 | -p 1.2.3:80:80 busybox true
::1 | -p '[::1]:80:80' busybox true
port | -p '' busybox true
: | -p : busybox true
80: | -p 80: busybox true
1:2:3:4 | -p 1:2:3:4 busybox true
90-80 | -p 90-80:90-80 busybox true
8000-8002 | -p 8000-8002:80-81 busybox true
8000:80-81 | -p 8000:80-81 busybox true
65535-65536 | -p 65535-65536:80-81 busybox true
9090 | -p 9090:80 -p 9090:81 busybox true
9090 | -p 9090:80 -p 127.0.0.1:9090:81 busybox true
9091 | -p 9090-9092:90-92 -p 9091:80 busybox true
8080/tcp.*up | -p 8080:80 busybox true
8080/tcp.*up | -p 127.0.0.1:8080:80 busybox true
8080/tcp.*up | -p 8079-8081:79-81 busybox true
container:up | --network container:up -p 9090:80 busybox true
END
}

@test "arguments of network create are checked" {
	unchanged refused 'network create' <<'END'
one name | --internal
one name | x y
name | ''
x y | 'x y'
\.\./x | ../x
\.x | .x
host | host
none | none
container:x | container:x
"a" | a
nonsense | --subnet nonsense x
10\.0\.0\.0 | --subnet 10.0.0.0 x
10\.0\.0\.0/33 | --subnet 10.0.0.0/33 x
fd00::/64 | --subnet fd00::/64 x
10\.5\.5\.4/31 | --subnet 10.5.5.4/31 x
10\.5\.5\.5/32 | --subnet 10.5.5.5/32 x
127\.0\.0\.0/24 | --subnet 127.0.0.0/24 x
224\.0\.0\.0/24 | --subnet 224.0.0.0/24 x
0\.0\.0\.0/0 | --subnet 0.0.0.0/0 x
10\.77\.0\.0/16.*a | --subnet 10.77.0.0/16 x
10\.77\.0\.128/25.*a | --subnet 10.77.0.128/25 x
203\.0\.113\.0/25 | --subnet 203.0.113.0/25 x
gateway | --gateway 10.5.5.1 x
10\.6\.5\.1 | --subnet 10.5.5.0/24 --gateway 10.6.5.1 x
10\.5\.5\.0 | --subnet 10.5.5.0/24 --gateway 10.5.5.0 x
10\.5\.5\.255 | --subnet 10.5.5.0/24 --gateway 10.5.5.255 x
nonsense | --subnet 10.5.5.0/24 --gateway nonsense x
67 | --mtu 67 x
65536 | --mtu 65536 x
1400x | --mtu 1400x x
mtu | --mtu '' x
label | --label =v x
END
}

@test "arguments of the other verbs of networks are checked" {
	unchanged refused '' <<'END'
network is required | network rm
network is required | network inspect
argument | network ls x
argument | network prune x
format | network ls --format nosuch
nosuch | network rm nosuch
nosuch | network inspect nosuch
up | network rm a
network and a container | network connect b
network and a container | network disconnect b
nosuch | network connect nosuch up
nosuch | network connect b nosuch
"?a"? | network connect a up
host | network connect b onhost
host | network connect host up
none | network connect none up
10\.77\.0\.9 | network connect --ip 10.77.0.9 b up
10\.78\.0\.1 | network connect --ip 10.78.0.1 b up
^tcr: the alias "" is | network connect --alias '' b up
b | network disconnect b up
nosuch | network disconnect nosuch up
nosuch | network disconnect a nosuch
nosuch | port nosuch
container | port
81/tcp | port up 81
80/udp | port up 80/udp
x | port up x
END
}
