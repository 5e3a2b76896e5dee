# SPDX-License-Identifier: GPL-2.0-or-later
# tcr-net without a daemon: it shows what is there, tells what is missing, and removes what is ours,
# beside links and rules of others that look like ours.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153 # text to evaluate later; variables of lib/helper

load lib/helper
load lib/container

A=$(printf 'a%.0s' {1..64}) B=$(printf 'b%.0s' {1..64})

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	ROOT=$PWD/root RUN=/run/t$BATS_TEST_NUMBER INSTANCE=tcr_run_t$BATS_TEST_NUMBER
	mkdir -p "$ROOT/networks" "$RUN"/{net,netns,state}
	ip -o link | awk -F'[ :@]+' '$2 != "lo" { print $2 }' |
		while read -r link; do ip link del "$link" 2>/dev/null || true; done
	nft flush ruleset
	echo 0 >/proc/sys/net/ipv4/ip_forward
}

teardown()
{
	[ -n "${BATS_TEST_COMPLETED-}" ] || [ -z "${TCRD_LOG-}" ] || print_log || true
	awk -v dir="$RUN/netns/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo |
		while read -r m; do umount -l "$m"; done
	clean_up
}

net()
{
	local verb=$1
	shift
	"$TCRBOX" tcr-net "$verb" --root "$ROOT" --run-dir "$RUN" "$@" 3>&-
}

# network NAME NUMBER [LINE...]: its record.
network()
{
	local id name=$1 number=$2
	shift 2
	id=$(echo "$name" | sha256sum)
	printf '%s\n' "id ${id%% *}" "subnet 10.211.$number.0/24" "gateway 10.211.$number.1" \
		"link $number" "created 1700000000" "$@" >"$ROOT/networks/$name"
}

# bridge NAME NUMBER: the link of a network.
bridge()
{
	ip link add "tcr$2" type bridge && ip link set "tcr$2" alias "tcr:$INSTANCE:network:$1" &&
		ip addr add "10.211.$2.1/24" dev "tcr$2" && ip link set "tcr$2" up
}

# container ID NETWORK NUMBER PORT [PID]: a container with all that it has; without PID it has ended.
container()
{
	local id=$1 link=v${1:0:12}0 start=1
	echo "endpoint $2 10.211.$3.2 02:42:0a:d3:03:02 $link eth0 db" >"$RUN/net/$id"
	echo "port 0.0.0.0 tcp $4 10.211.$3.2 80" >>"$RUN/net/$id"
	touch "$RUN/netns/$id" && unshare --net mount --bind /proc/self/ns/net "$RUN/netns/$id" ||
		return
	ip link add "$link" type veth peer name "${link}p" &&
		ip link set "$link" alias "tcr:$INSTANCE:container:$id" &&
		ip link set "$link" master "tcr$3" up || return
	[ -z "${5-}" ] || start=$(awk '{ print $22 }' "/proc/$5/stat")
	echo "${5-99999999} $start 1 0 0" >"$RUN/state/$id"
}

# A look-alike for each kind of thing that is ours.
foreign_things()
{
	ip link add tcr9 type bridge
	ip link add docker0 type bridge
	ip link add tcr8 type bridge && ip link set tcr8 alias tcr:tcr_other:network:web
	ip link add tcr7 type bridge && ip link set tcr7 alias "${INSTANCE}:network:web"
	ip link add veth1234567 type veth peer name vaaaaaaaaaaaa1
	ip link add vother type veth peer name votherp
	ip link set vother alias "tcr:tcr_other:container:$A"
	# What is of another kind may call itself what it likes.
	ip link set votherp alias "tcr:$INSTANCE:network:x"
	ip link set docker0 alias "tcr:$INSTANCE:container:$A"
	nft -f - <<-END
		table inet tcr_other {
			set bridges { type ifname; elements = { "tcr8" }; }
			chain forward { type filter hook forward priority 0; iifname @bridges counter accept; }
		}
		table ip nat {
			chain postrouting { type nat hook postrouting priority 100; masquerade; }
		}
	END
}

others()
{
	ip link show
	nft list ruleset
}

not()
{
	! "$@"
}

# has_port TEXT: the map of published ports has it.
has_port()
{
	nft list map inet "$INSTANCE" publish | grep -F "$1"
}

has_link()
{
	[ -e "/sys/class/net/$1" ]
}

@test "the help names every verb but dns, and each verb has its own" {
	prints_like 'ls .*inspect .*check .*gc .*nuke ' "$TCRBOX" tcr-net --help
	"$TCRBOX" tcr-net --help >got
	not grep dns got
	local verb
	for verb in ls inspect check gc nuke; do
		prints_like "^Usage: tcr-net $verb " "$TCRBOX" tcr-net "$verb" --help
	done
	exits 125 "$TCRBOX" tcr-net
	assert_fails 125 '^tcr-net: dns is for tcrd alone' "$TCRBOX" tcr-net dns --help
	assert_fails 125 '^tcr-net: dns is for tcrd alone' "$TCRBOX" tcr-net dns </dev/null
	assert_fails 125 'unknown command "rm"; see' net rm
	assert_fails 125 'unknown flag: --all' net ls --all
	assert_fails 125 'gc takes no arguments: "web"' net gc web
	assert_fails 125 'gc has no such option' net gc --force
	assert_fails 125 'check has no such option' net check -q
	assert_fails 125 'at least one network' net inspect
	assert_fails 125 'an absolute path is required' "$TCRBOX" tcr-net ls --root x
	assert_fails 125 'json is the only one' net ls --format yaml
}

@test "who is not root is told so" {
	assert_fails 125 'only root' setpriv --reuid 1000 --clear-groups \
		"$TCRBOX" tcr-net ls
}

@test "ls tells of each network whether its bridge is there, and how many containers are attached" {
	network web 3
	network db 4 internal "label a=b"
	network off 5
	network lost 6
	bridge web 3
	bridge off 5
	ip link set tcr5 down
	ip link add tcr4 type bridge
	container "$A" web 3 8080
	container "$B" web 3 8081 $$
	net ls | tail -n +2 | sort | tr -s ' ' >got
	diff -u got - <<-END
		db tcr4 foreign 10.211.4.0/24 0
		lost tcr6 missing 10.211.6.0/24 0
		off tcr5 down 10.211.5.0/24 0
		web tcr3 up 10.211.3.0/24 2
	END
	[ "$(net ls -q | sort | xargs)" = "db lost off web" ]
	[ "$(net ls --format json | jq -c 'select(.Name == "web")')" = \
		'{"Name":"web","Bridge":"tcr3","State":"up","Subnet":"10.211.3.0/24","Internal":false,"Containers":2}' ]
	[ "$(net ls --format json | jq -r 'select(.Internal) | .Name')" = db ]
}

@test "without any directory there are no networks, and nothing to remove" {
	rm -rf "$ROOT" "$RUN"
	[ -z "$(net ls -q)" ]
	prints "" net gc
	prints "" net nuke
	[ ! -e "$RUN" ] && [ ! -e "$ROOT" ]
}

@test "a damaged record is named with its line, and the other networks are listed" {
	network web 3
	network bad 4
	sed -i 's/^gateway.*/gateway 10.9.9.9/' "$ROOT/networks/bad"
	assert_fails 125 'network "bad": line 3 is damaged: "gateway 10.9.9.9"' net ls -q
	[ "$(<stdout)" = web ]
	echo "endpoint web" >"$RUN/net/$A"
	assert_fails 125 'networking of container aaaaaaaaaaaa: line 1 is damaged' net inspect web
	[ "$(jq -r '.[0].Name' stdout)" = web ]
	mkfifo "$ROOT/networks/fifo"
	assert_fails 125 'fifo' net ls
}

@test "inspect shows the record, the links and the ports" {
	network web 3 "mtu 1400" internal "label one=1" "label two=a=b\\nc"
	bridge web 3
	container "$A" web 3 8080 $$
	net inspect web >got
	[ "$(jq -c '.[0] | [.Name, .Subnet, .Gateway, .MTU, .Internal, .Created, .Labels]' got)" = \
		'["web","10.211.3.0/24","10.211.3.1",1400,true,1700000000,{"one":"1","two":"a=b\nc"}]' ]
	[ "$(jq -r '.[0].Bridge | .Name + " " + .State + " " + .Alias' got)" = \
		"tcr3 up tcr:$INSTANCE:network:web" ]
	[ "$(jq -c '.[0].Containers[0] | [.Id, .Running, .IPAddress, .Aliases, .Ports]' got)" = \
		"[\"$A\",true,\"10.211.3.2\",[\"db\"],[{\"HostIp\":\"0.0.0.0\",\"HostPort\":8080,\"ContainerPort\":80,\"Protocol\":\"tcp\"}]]" ]
	[ "$(jq -r '.[0].Containers[0].Link.Name' got)" = vaaaaaaaaaaaa0 ]
	assert_fails 125 'no such network: "nix"' net inspect nix web
	[ "$(jq length stdout)" = 1 ]
}

@test "check finds all that is needed here, and leaves nothing" {
	foreign_things
	others >before
	net check >got
	[ "$(grep -c '^ok ' got)" -ge 16 ]
	not grep '^MISSING' got
	others | diff -u before -
	[ "$(</proc/sys/net/ipv4/ip_forward)" = 0 ]
}

@test "check names what is missing with its option and its module, and ends with 1" {
	exits 1 setpriv --bounding-set -net_admin "$TCRBOX" tcr-net check >got
	grep -E '^MISSING  bridges: .*; modprobe bridge, or a kernel with CONFIG_BRIDGE$' got
	grep -E '^MISSING  masquerade: .*; modprobe nft_masq, or a kernel with CONFIG_NFT_MASQ$' got
	grep -E '^MISSING  address types .*modprobe nft_fib_inet, .*CONFIG_NFT_FIB_INET, CONFIG_NFT_FIB_IPV4' got
	grep -E '^ok       network namespaces$' got
	exits 1 setpriv --bounding-set -sys_admin "$TCRBOX" tcr-net check >got
	grep -E '^MISSING  network namespaces: .*CONFIG_NET_NS' got
	exits 1 unshare --mount sh -c 'mount --bind /proc/sys /proc/sys &&
		mount -o remount,ro,bind /proc/sys && exec "$1" tcr-net check' sh "$TCRBOX" >got
	grep -E '^MISSING  IPv4 forwarding: .*Read-only' got
	[ "$(grep -c '^MISSING' got)" = 2 ]
}

@test "check names chains of others that drop, and rules that nft takes against it" {
	nft -f - <<-END
		table inet fw4 {
			chain forward { type filter hook forward priority 0; policy drop; }
			chain input { type filter hook input priority 0; policy drop; }
			chain output { type filter hook output priority 0; policy drop; }
		}
		table ip filter {
			chain FORWARD { type filter hook forward priority 0; policy drop; }
		}
		table inet calm {
			chain forward { type filter hook forward priority 0; policy accept; }
		}
		table ip6 six {
			chain forward { type filter hook forward priority 0; policy drop; }
		}
		table inet $INSTANCE {
			chain forward { type filter hook forward priority 0; policy drop; }
		}
	END
	nft list ruleset >before
	net check >got
	nft list ruleset | diff -u before -
	[ "$(grep -c 'policy drop' got)" = 3 ]
	grep -F 'table inet fw4 drops what containers send and get in its chain forward (hook forward, policy drop)' got
	grep -F "table inet fw4 drops containers' questions to the name server in its chain input" got
	grep -F 'table ip filter drops what containers send and get in its chain FORWARD' got
	[ "$(grep -c "^ *nft '" got)" = 6 ]
	grep "^ *nft '" got | sh -e
	nft list chain inet fw4 forward | grep -F 'oifname "tcr*" accept'
	grep 'ip_forward is 0' got
}

@test "gc and nuke leave the work to a daemon that runs" {
	rm -rf "$ROOT" "$RUN"
	start_tcrd
	assert_fails 125 "tcrd \(process $TCRD_PID\) runs and keeps this in order itself" net gc
	assert_fails 125 "tcrd \(process $TCRD_PID\) runs and keeps this in order itself" net nuke -f
	net ls
	stop_tcrd
	net gc
}

@test "gc removes what belongs to no running container, and nothing else" {
	foreign_things
	others >before
	network web 3
	bridge web 3
	bridge gone 5
	container "$A" web 3 8080
	container "$B" web 3 8081 $$
	touch "$RUN/netns/other" "$RUN/net/other"
	net gc | sort >got
	diff -u got - <<-END
		rebuilt table inet $INSTANCE: networks: 1, ports: 1
		removed bridge tcr5 (network gone)
		removed network namespace of container aaaaaaaaaaaa
		removed record of the networking of container aaaaaaaaaaaa
		removed veth vaaaaaaaaaaaa0 (container aaaaaaaaaaaa)
	END
	[ "$(find "$RUN/net" "$RUN/netns" -type f | sort | xargs)" = \
		"$RUN/net/$B $RUN/net/other $RUN/netns/$B $RUN/netns/other" ]
	has_link tcr3 && has_link vbbbbbbbbbbbb0 && not has_link tcr5 && not has_link vaaaaaaaaaaaa0
	nsenter --net="$RUN/netns/$B" true
	has_port 'tcp . 8081 : 10.211.3.2 . 80'
	not has_port 8080
	prints "rebuilt table inet $INSTANCE: networks: 1, ports: 1" net gc
	nft delete table inet "$INSTANCE"
	ip link del tcr3 && ip link del vbbbbbbbbbbbb0
	others | diff -u before -
}

@test "gc takes out published ports that nobody has" {
	network web 3
	bridge web 3
	container "$B" web 3 8081 $$
	net gc
	nft add element inet "$INSTANCE" publish '{ tcp . 99 : 10.211.3.9 . 99 }'
	net gc
	not has_port '. 99'
	has_port 'tcp . 8081 : 10.211.3.2 . 80'
}

@test "gc removes the table with the last bridge" {
	network web 3
	bridge web 3
	net gc
	ip link del tcr3
	prints "removed table inet $INSTANCE" net gc
	prints "" net gc
}

@test "gc keeps the rules of a container whose record is damaged" {
	network web 3
	bridge web 3
	container "$B" web 3 8081 $$
	net gc
	nft list ruleset >before
	echo damaged >"$RUN/net/$B"
	assert_fails 125 "the table inet $INSTANCE stays as it is" net gc
	nft list ruleset | diff -u before -
	[ -e "$RUN/net/$B" ] && has_link vbbbbbbbbbbbb0
	echo "1 2 3 4 5" >"$RUN/state/$B"
	net gc 2>/dev/null
	[ ! -e "$RUN/net/$B" ] && not has_link vbbbbbbbbbbbb0
}

@test "gc knows a process number that another process has by now" {
	network web 3
	bridge web 3
	container "$A" web 3 8080 $$
	echo "$$ 1 1 0 0" >"$RUN/state/$A"
	net gc
	[ ! -e "$RUN/net/$A" ] && [ ! -e "$RUN/netns/$A" ]
}

@test "nuke removes all of ours, and others' links and rules are byte for byte as before" {
	foreign_things
	others >before
	network web 3
	network db 4
	bridge web 3
	bridge db 4
	container "$A" web 3 8080
	container "$B" db 4 8081
	echo tcr9 >"$RUN/ip_forward"
	echo 1 >/proc/sys/net/ipv4/ip_forward
	net gc >/dev/null
	container "$A" web 3 8080
	net nuke | sort >got
	diff -u got - <<-END
		left ip_forward at 1, as there are interfaces that came later
		removed bridge tcr3 (network web)
		removed bridge tcr4 (network db)
		removed network namespace of container aaaaaaaaaaaa
		removed record of the networking of container aaaaaaaaaaaa
		removed table inet $INSTANCE
		removed veth vaaaaaaaaaaaa0 (container aaaaaaaaaaaa)
	END
	others | diff -u before -
	[ -z "$(find "$RUN/net" "$RUN/netns" -type f)" ] && [ ! -e "$RUN/ip_forward" ]
	not grep "$RUN/netns" /proc/self/mountinfo
	[ "$(net ls -q | sort | xargs)" = "db web" ]
	prints "" net nuke
}

@test "nuke and gc switch ip_forward off with the last bridge, unless somebody came meanwhile" {
	local verb
	ip link add wan0 type bridge
	for verb in nuke gc; do
		echo wan0 >"$RUN/ip_forward"
		echo 1 >/proc/sys/net/ipv4/ip_forward
		prints "set ip_forward to 0, as it was" net $verb
		[ "$(</proc/sys/net/ipv4/ip_forward)" = 0 ] && [ ! -e "$RUN/ip_forward" ]
		prints "" net $verb
	done
	for verb in nuke gc; do
		true >"$RUN/ip_forward"
		echo 1 >/proc/sys/net/ipv4/ip_forward
		prints "left ip_forward at 1, as there are interfaces that came later" net $verb
		[ "$(</proc/sys/net/ipv4/ip_forward)" = 1 ] && [ ! -e "$RUN/ip_forward" ]
	done
}

@test "gc keeps guarding the interfaces that the note names" {
	network web 3
	bridge web 3
	printf 'wan0\nwan1\n' >"$RUN/ip_forward"
	net gc
	[ -e "$RUN/ip_forward" ]
	nft list set inet "$INSTANCE" guarded | tr -d '\n\t' | grep -E '"wan0", *"wan1"'
}

@test "run directories with names that are nearly the same have tables of their own" {
	local dir
	network web 3
	mkdir /run/t-x /run/t_x /run/t
	mkdir /run/t/x
	for dir in t-x t_x t/x; do
		ip link del tcr3 2>/dev/null || true
		RUN=/run/$dir INSTANCE=$(echo "tcr/run/$dir" | sed 's|_|__5f|; s|-|__2d|; s|/|_|g')
		bridge web 3
		prints "rebuilt table inet $INSTANCE: networks: 1, ports: 0" net gc
	done
	[ "$(nft list tables | grep -c 'inet tcr')" = 3 ]
	ip link del tcr3
	ln -s t-x /run/t-link
	RUN=/run/t-link
	prints "removed table inet tcr_run_t__2dx" net nuke
}

@test "nuke lets ip_forward be what the host had made it" {
	echo 1 >/proc/sys/net/ipv4/ip_forward
	net nuke
	[ "$(</proc/sys/net/ipv4/ip_forward)" = 1 ]
}

@test "nuke spares running containers, unless it is forced" {
	network web 3
	bridge web 3
	container "$B" web 3 8081 $$
	assert_fails 125 'container bbbbbbbbbbbb runs, and would lose its network: stop it, or use -f' net nuke
	has_link tcr3 && has_link vbbbbbbbbbbbb0 && [ -e "$RUN/netns/$B" ]
	net nuke -f
	not has_link tcr3 && not has_link vbbbbbbbbbbbb0 && [ ! -e "$RUN/netns/$B" ]
}

@test "nuke of another run directory does not touch ours" {
	network web 3
	bridge web 3
	container "$A" web 3 8080
	nft add table inet "$INSTANCE"
	mkdir -p /run/elsewhere
	others >before
	prints "" "$TCRBOX" tcr-net nuke --run-dir /run/elsewhere --root "$ROOT"
	others | diff -u before -
}

@test "a name of a network with a path in it, in an alias, leads nowhere" {
	ip link add tcr5 type bridge
	ip link set tcr5 alias "tcr:$INSTANCE:network:../networks/web"
	network web 3
	prints "removed bridge tcr5 (network ../networks/web)" net gc
}

@test "after a daemon and its container were killed, gc leaves nothing of the container" {
	rm -rf "$ROOT" "$RUN"
	start_tcrd && load_busybox >/dev/null
	tcr run -d --name web -p 8080:80 busybox sleep 1000
	local id pid
	id=$(tcr ps -q --no-trunc)
	pid=$(awk '{ print $1 }' "$RUN/state/$id")
	[ "$(net ls --format json | jq -r '.Name + " " + .State + " " + (.Containers | tostring)')" = \
		"tcr_default up 1" ]
	[ "$(net inspect tcr_default | jq -r '.[0].Containers[0].Ports[0].HostPort')" = 8080 ]
	kill_tcrd
	kill -KILL "$pid"
	wait_for 5 test ! -e "/proc/$pid"
	net gc >got
	grep "removed network namespace of container ${id:0:12}" got
	[ -z "$(find "$RUN/net" "$RUN/netns" -type f)" ]
	not has_port 8080
	start_tcrd
	[ "$(tcr ps -a --format json | jq -r .Status | cut -c1-6)" = Exited ]
	tcr rm web
	tcr run --rm busybox true
	stop_tcrd
}
