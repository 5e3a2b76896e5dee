# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed at any point, many containers come and go, links are small or large: what is
# there fits together, and nothing is left.
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

# What has to be there: for each running container its namespace, as many links as it is on networks,
# its ports; of no other anything. Prints what does not fit.
misfits()
{
	local net
	tcr ps -q --no-trunc | sort >ids
	our_links :container: | sed 's/.*://' | sort -u | differs link ids
	find "$TCR_RUN/netns" -mindepth 1 -printf '%f\n' | sort | differs namespace ids
	find "$TCR_RUN/net" -mindepth 1 -printf '%f\n' | sort | differs record ids
	for net in $(networks); do
		inspect "$net" '.Containers | keys[]'
	done | sort -u | differs endpoint ids
	tcr ps --format json | jq -r .Ports | grep -oE ':[0-9]+->' | tr -d ':>-' | sort >ports
	ports_in_table | sed 's/.* //' | sort | differs port ports
}

# differs WHAT FILE
differs()
{
	diff - "$2" | sed -n "s/^</too many: $1/p; s/^>/missing: $1/p"
}

all_fits()
{
	[ -z "$(misfits)" ]
}

assert_all_fits()
{
	wait_for 5 all_fits 2>/dev/null || fail "does not fit: $(misfits)"
}

no_containers()
{
	[ -z "$(tcr ps -aq)" ]
}

# --- the daemon is killed

@test "containers keep address, hardware address and ports over a crash, and connections go on" {
	local id ip mac
	serve_at internet net 7
	serve web -p 8080:80 -p 9090:81/udp --network one --network two --network-alias www
	serve peer --network two
	id=$(id_of web)
	ip=$(addr_of web one)
	mac=$(at @web ip -j link show eth0 | jq -r '.[0].address')
	tcr network inspect one two | jq -S . >before
	tcr port web >ports.before
	for _ in 1 2 3; do
		kill_tcrd
		# Without a daemon packets flow as before.
		reaches internet tcp $WAN 8080 "web $INTERNET"
		reaches "@$id" both $INTERNET 7 "net $WAN"
		start_tcrd
		tcr network inspect one two | jq -S . | diff before -
		tcr port web | diff ports.before -
		prints "$ip" eval 'at @web ip -j -4 addr show eth0 | jq -r ".[0].addr_info[0].local"'
		prints "$mac" eval 'at @web ip -j link show eth0 | jq -r ".[0].address"'
		reaches internet tcp $WAN 8080 "web $INTERNET"
		reaches internet udp $WAN 9090 "web $INTERNET"
		prints "$(addr_of web two)" at @peer dig +short +time=3 "@$(gateway_of two)" www
		assert_fails 125 'web' tcr run -p 8080:80 busybox true
		assert_fails 125 'web' tcr run --network one --ip "$ip" busybox true
	done
}

@test "of what died while there was no daemon nothing is left after its start" {
	local pid
	serve live -p 8080:80
	serve dead -p 8081:80 --network other
	tcr run -d --rm --name removed -p 8082:80 busybox sleep 1001 >/dev/null
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
	kill_tcrd
	for pid in $(pids_of /answer dead 80 81 5000) $(pids_of sleep 1001); do
		kill -KILL "$pid"
	done
	start_tcrd
	wait_for 5 eval '[ "$(tcr ps --format json | jq -r .Names)" = live ]'
	assert_all_fits
	prints 'other tcr_default' networks
	reaches internet tcp $WAN 8080 'live *'
	cannot_reach internet $WAN 8081
	serve next -p 8081:80 --network other
	reaches internet tcp $WAN 8081 'next *'
}

@test "SIGKILL of the daemon at any moment of run, rm, connect or create converges" {
	local i ms pids
	RANDOM=7
	serve stays -p 8080:80
	for i in {1..16}; do
		pids=()
		tcr run -d --name "r$i" -p "$((9000 + i)):80" --network "n$((i % 3))" --network m busybox \
			sleep 1000 >/dev/null 2>&1 &
		pids+=($!)
		[ "$i" = 1 ] || tcr rm -f "r$((i - 1))" >/dev/null 2>&1 &
		pids+=($!)
		tcr network create "c$i" >/dev/null 2>&1 &
		pids+=($!)
		((i % 2)) || tcr network connect "n$((i % 3))" stays >/dev/null 2>&1 &
		pids+=($!)
		printf -v ms '%03d' $((RANDOM % 40))
		sleep "0.$ms"
		restart_tcrd
		wait "${pids[@]}" || true
		assert_all_fits
		tcr network disconnect "n$((i % 3))" stays >/dev/null 2>&1 || true
		reaches internet tcp $WAN 8080 'stays *'
	done
	tcr ps -aq | xargs "$TCRBOX" tcr rm -f >/dev/null
	assert_all_fits
	assert_network_clean
	prints '' ports_in_table
	[ "$(networks | tr ' ' '\n' | sort | uniq -d)" = '' ]
	[ "$(for n in $(networks); do subnet_of "$n"; done | sort | uniq -d)" = '' ]
	tcr network prune -f >/dev/null
	prints tcr_default networks
	wait_for 5 eval '[ "$(our_links | grep -o ":[a-z_]*$")" = :tcr_default ]'
	serve again -p 9001:80 --network n1
	reaches internet tcp $WAN 9001 'again *'
}

@test "a bridge, a link or a namespace that somebody took away does not keep the daemon from starting" {
	serve a -p 8080:80
	serve b --network other -p 8081:80
	ip link del "$(bridge_of other)"
	restart_tcrd
	reaches internet tcp $WAN 8080 'a *'
	has_state b running
	serve c --network other
	kill_tcrd
	ip link del "$(our_links ":container:$(id_of_running a)" | cut -f 1)"
	start_tcrd
	tcr rm -f a b c
	assert_network_clean
	serve a -p 8080:80
	reaches internet tcp $WAN 8080 'a *'
}

# id_of_running NAME: without a daemon the answer is in its process.
id_of_running()
{
	local pid
	pid=$(pids_of /answer "$1" 80 81 5000)
	grep -oE '[0-9a-f]{64}' "/proc/$pid/cgroup" | head -n 1
}

@test "damaged records of the networking of containers are told of, others work on" {
	local id
	serve a -p 8080:80
	serve b -p 8081:80
	id=$(id_of b)
	kill_tcrd
	echo garbage >"$TCR_RUN/net/$id"
	start_tcrd
	grep -qE "\"b\"|${id:0:12}" "$TCRD_LOG"
	reaches internet tcp $WAN 8080 'a *'
	tcr rm -f b
	serve b -p 8081:80
	reaches internet tcp $WAN 8081 'b *'
}

# --- many

@test "100 containers on 10 networks at once are started and removed, and nothing is left" {
	local i pids=()
	for i in {0..99}; do
		tcr run -d --name "c$i" --network "n$((i / 10))" -p "$((20000 + i)):80" busybox \
			httpd -f -p 80 -h /var/www >/dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	prints 100 eval 'tcr ps -q | wc -l'
	prints 10 eval 'networks | wc -w'
	prints 10 eval 'for n in $(networks); do subnet_of $n; done | sort -u | wc -l'
	assert_all_fits
	for i in 0 37 99; do
		wait_for 10 prints 'It works' curl -s --max-time 5 "http://127.0.0.1:$((20000 + i))/"
	done
	pids=()
	for i in {0..99}; do
		tcr rm -f "c$i" >/dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	no_containers
	assert_network_clean
	assert_clean
	wait_for 5 eval '[ -z "$(our_links)" ]'
	prints '' networks
}

@test "253 containers fit into one /24, the 254th gets a clear error" {
	local i pids=()
	tcr network create --subnet 10.77.0.0/24 full >/dev/null
	for i in {1..253}; do
		tcr run -d --name "c$i" --network full busybox sleep 1000 >/dev/null &
		pids+=($!)
		((i % 8)) || { wait "${pids[@]}" && pids=(); }
	done
	wait "${pids[@]}"
	prints 253 eval 'inspect full ".Containers[].IPv4Address" | sort -u | wc -l'
	assert_fails 125 '10\.77\.0\.0/24' tcr run --network full busybox true
	[ "$(wc -l <stderr)" = 1 ]
	[[ $(<stderr) =~ full ]]
	at @c1 ping -c 1 -W 10 "$(addr_of c253 full)"
	tcr rm -f c100
	tcr run --rm --network full busybox true
	tcr ps -aq | xargs "$TCRBOX" tcr rm -f >/dev/null
}

start_and_remove()
{
	local i
	for i in {1..15}; do
		tcr run --rm -p 8080:80 --network "n$((i % 2))" busybox true || return
		! tcr run --rm -p 8080:80 --network "n$((i % 2))" busybox /nope 2>/dev/null || return
		tcr network create "x$i" >/dev/null && tcr network rm "x$i" >/dev/null || return
	done
	assert_clean && assert_network_clean
}

@test "starts, also those that fail, leave no link, no port, no descriptor and no memory" {
	local before after
	start_and_remove
	# A checker keeps what is freed for a while, and looks for leaks itself.
	[ -z "${VALGRIND-}" ] && ! grep -q __asan_init "$TCRBOX" || return 0
	for _ in 1 2 3 4; do
		before=$(awk '/^Private_Dirty/ { print $2 }' "/proc/$TCRD_PID/smaps_rollup")
		start_and_remove
		after=$(awk '/^Private_Dirty/ { print $2 }' "/proc/$TCRD_PID/smaps_rollup")
		((after > before + 16)) || return 0
	done
	fail "grew in each of four rounds"
}

# --- MTU

# df_ping PLACE ADDRESS MTU: a packet of MTU bytes passes unfragmented, one byte more does not.
df_ping()
{
	at "$1" ping -c 1 -M "do" -W 10 -s $(($3 - 28)) "$2" >/dev/null ||
		fail "$1: $3 bytes do not pass" || return
	! at "$1" ping -c 1 -M "do" -W 1 -s $(($3 - 27)) "$2" >/dev/null 2>&1 ||
		fail "$1: more than $3 bytes pass"
}

mtu_of()
{
	at "$1" ip -j link show "$2" | jq '.[0].mtu'
}

# download PLACE ADDRESS PORT: two megabytes of a web server arrive whole.
download()
{
	at "$1" curl -s --max-time 10 "http://$2:$3/big" | cmp - big
}

@test "--mtu 1400 and 9000 are those of bridge and links, and packets of that size pass" {
	local mtu
	head -c 2000000 /dev/urandom >big
	ip link set wan0 mtu 9000
	ip -n internet link set eth0 mtu 9000
	for mtu in 1400 9000; do
		tcr network create --mtu $mtu "m$mtu" >/dev/null
		serve "a$mtu" --network "m$mtu"
		tcr run -d --name "b$mtu" --network "m$mtu" -p "$mtu:80" -v "$PWD/big:/var/www/big:ro" \
			busybox httpd -f -p 80 -h /var/www >/dev/null
		wait_for 5 serves "@b$mtu" 80
		prints $mtu mtu_of host "$(bridge_of "m$mtu")"
		prints $mtu mtu_of "@a$mtu" eth0
		df_ping "@a$mtu" "$(addr_of "b$mtu" "m$mtu")" $mtu
		df_ping "@a$mtu" $INTERNET $mtu
		download "@a$mtu" "$(addr_of "b$mtu" "m$mtu")" 80
		download internet $WAN $mtu
	done
}

@test "the MTU of a network without one follows the uplink" {
	ip link set wan0 mtu 1400
	ip -n internet link set eth0 mtu 1400
	serve a
	prints 1400 mtu_of @a eth0
	prints 1400 mtu_of host "$(bridge_of tcr_default)"
	df_ping @a $INTERNET 1400
}

@test "large packets to a small uplink are answered with its MTU, and transfers do not hang" {
	head -c 2000000 /dev/urandom >big
	tcr network create --mtu 9000 wide >/dev/null
	ip link set wan0 mtu 1300
	ip -n internet link set eth0 mtu 1300
	tcr run -d --name web --network wide -p 8080:80 -v "$PWD/big:/var/www/big:ro" \
		busybox httpd -f -p 80 -h /var/www >/dev/null
	wait_for 5 serves @web 80
	download internet $WAN 8080
	df_ping @web $INTERNET 1300
}
