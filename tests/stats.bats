# SPDX-License-Identifier: GPL-2.0-or-later
# tcr stats, tcr top.

load lib/helper
load lib/container

setup()
{
	begin
}

# once ARGUMENT...: one look, as JSON.
once()
{
	tcr stats --no-stream --format json "$@"
}

is_running()
{
	[ -n "$(pids_of "$@")" ]
}

# names_of ARGUMENT...: the names that are shown, in one line.
names_of()
{
	once "$@" | jq -r .Name | sort | tr '\n' ' '
}

# start_stats ARGUMENT...: stats in the background; what it prints is in the file out.
start_stats()
{
	start_client stats --format json "$@"
	wait_for 10 test -s out
}

# last_shows NAME, last_hides NAME: whether the container is among the last lines that came.
last_shows()
{
	tail -n 2 out | grep -q "\"Name\":\"$1\""
}

last_hides()
{
	! last_shows "$1"
}

end_client()
{
	kill "$CLIENT"
	wait "$CLIENT" || true
}

@test "stats prints docker's fields, one object a line" {
	tcr run -d --name a --no-network busybox sleep 98760
	tcr run -d --name b --no-network busybox sleep 98760
	once >lines
	[ "$(wc -l <lines)" = 2 ]
	[ "$(head -n 1 lines | jq -r 'keys_unsorted | join(" ")')" = \
		"BlockIO CPUPerc Container ID MemPerc MemUsage Name NetIO PIDs" ]
	[ "$(jq -r '[.[]] | map(type) | unique | join(" ")' lines | sort -u)" = string ]
	id=$(tcr ps -q --no-trunc --filter name=a)
	prints "${id:0:12} a" jq -r '.ID + " " + .Name' <(once a)
	prints "$id" jq -r .ID <(once --no-trunc a)
	prints 'a 1' tcr stats --no-stream --format '{{.Name}} {{.PIDs}}' a
}

@test "stats prints docker's columns" {
	tcr run -d --name a --no-network busybox sleep 98760
	tcr stats --no-stream >table
	[[ $(head -n 1 table) =~ ^"CONTAINER ID"\ +NAME\ +"CPU %"\ +"MEM USAGE / LIMIT"\ +"MEM %"\ +"NET I/O"\ +"BLOCK I/O"\ +PIDS$ ]]
	[[ $(tail -n 1 table) =~ ^[0-9a-f]{12}\ +a\ +[0-9.]+%\ +[0-9.]+[KM]?i?B\ /\ [0-9.]+.iB\ +[0-9.]+%\ +0B\ /\ 0B\ +.*\ 1$ ]]
}

@test "stats measures processor, memory, processes and network" {
	tcr run -d --name busy busybox sh -c 'sleep 98760 & while :; do :; done'
	tcr run -d --name fat --no-network --tmpfs /t:32m busybox sh -c \
		'head -c 20000000 /dev/zero >/t/x; touch /t/ready; exec sleep 98760'
	wait_for 10 is_fat
	wait_for 10 has_two_processes
	once busy >busy
	[ "$(jq -r .CPUPerc busy)" != 0.00% ]
	wait_for 10 is_idle
	# From outside, where no neighbour discovery adds to it.
	ip=$(tcr inspect --format '{{.NetworkSettings.IPAddress}}' busy)
	[[ $(jq -r .NetIO busy) =~ ^[0-9.]+k?B\ /\ [0-9.]+k?B$ ]]
	ping -q -c 3 -i 0.2 -s 20000 "$ip" >/dev/null
	[[ $(once busy | jq -r .NetIO) =~ ^6[0-9.]+kB\ /\ 6[0-9.]+kB$ ]]
}

has_two_processes()
{
	prints 2 tcr stats --no-stream --format '{{.PIDs}}' busy
}

is_idle()
{
	prints 0.00% tcr stats --no-stream --format '{{.CPUPerc}}' fat
}

is_fat()
{
	[[ $(once fat | jq -r .MemUsage) =~ ^(19|2[0-9])(\.[0-9]+)?MiB ]]
}

@test "the part of memory that is used is rounded" {
	local i step
	tcr run -d --name c --no-network --tmpfs /t:size=512m busybox sleep 98760
	# A quarter of what the last digit stands for.
	step=$(awk '$1 == "MemTotal:" { print int($2 / 40000) }' /proc/meminfo)
	for i in 1 2 3 4; do
		tcr exec c dd if=/dev/zero "of=/t/$i" bs=1k "count=$step" 2>/dev/null
		is_rounded "$(tcr stats --no-stream --format '{{.MemUsage}} {{.MemPerc}}' c)"
	done
}

# is_rounded "1.234MiB / 7.5GiB 0.01%"
is_rounded()
{
	awk '
		function bytes(s) { return s * 1024 ^ (index("KMGT", substr(s, length(s) - 2, 1))) }
		{ d = 100 * bytes($1) / bytes($3) - $4; exit !(d < 0.0055 && d > -0.0055) }' <<<"$1" || fail "$1"
}

@test "the host's network is not counted as the container's" {
	tcr run -d --name h --network host busybox sleep 98760
	[ "$(once h | jq -r .NetIO)" = "0B / 0B" ]
}

@test "stats shows what runs, with -a all, with names these" {
	tcr run -d --name a --no-network busybox sleep 98760
	tcr run --name b --no-network busybox true
	prints "a " names_of
	prints "a b " names_of -a
	prints "b " names_of b
	[ "$(once b | jq -r '[.CPUPerc, .MemUsage, .PIDs] | join(" ")')" = "0.00% 0B / 0B 0" ]
	refuses 'nope' tcr stats --no-stream a nope
	refuses 'there is no ".Nme"' tcr stats --no-stream --format '{{.Nme}}' a
}

@test "stats counts a container that is paused" {
	tcr run -d --name a --no-network busybox sh -c 'while :; do :; done'
	tcr pause a
	# What a busy kernel still has to account for may come late.
	prints_like '^a 0\.[0-9]+% 1$' jq -r '[.Name, .CPUPerc, .PIDs] | join(" ")' <(once)
	tcr unpause a
}

@test "stats follows what starts, ends and is renamed" {
	tcr run -d --name a --no-network busybox sleep 98760
	start_stats
	wait_for 10 last_shows a
	tcr run -d --name new --rm --no-network busybox sleep 98760
	wait_for 10 last_shows new
	tcr rename a other
	wait_for 10 last_shows other
	tcr stop -t 0 new
	wait_for 10 last_hides new
	end_client
}

@test "stats of a container ends when that is removed, and of one that stops does not" {
	tcr run -d --name a --no-network busybox sleep 98760
	start_stats a
	tcr stop -t 0 a
	wait_for 10 grep -q '"PIDs":"0"' out
	kill -0 "$CLIENT"
	tcr rm a
	client_ends 0
}

# The daemon's children are containers.
no_workers()
{
	! children_of "$TCRD_PID" | sed 's|.*|/proc/&/comm|' | xargs cat | grep -qvx sleep
}

@test "whoever reads stats no more ends it" {
	tcr run -d --name a --no-network busybox sleep 98760
	tcr stats --format json | head -n 1 >line
	jq -e .Name line
	start_stats
	kill -KILL "$CLIENT"
	wait "$CLIENT" || true
	wait_for 10 no_workers
}

@test "stats clears the screen on a terminal only" {
	tcr run -d --name a --no-network busybox sleep 98760
	script -qefc "timeout 30 $TCRBOX tcr stats" /dev/null </dev/null >screen 2>&1 3>&- &
	wait_for 10 grep -q $'\033\[H.*CONTAINER ID' screen
	kill $!
	wait $! || true
	tcr stats --no-stream >plain
	[ "$(grep -c $'\033' plain)" = 0 ]
}

@test "top shows docker's columns and the processes of the container alone" {
	tcr run -d --name a --no-network busybox sh -c '/bin/sleep 98761 & /bin/sleep 98762; :'
	tcr run -d --name b -t --no-network busybox sleep 98763
	wait_for 10 is_running /bin/sleep 98761
	wait_for 10 is_running /bin/sleep 98762
	wait_for 10 is_running sleep 98763
	tcr top a >table
	[[ $(head -n 1 table) =~ ^UID\ +PID\ +PPID\ +C\ +STIME\ +TTY\ +TIME\ +CMD$ ]]
	[ "$(wc -l <table)" = 4 ]
	[[ $(grep 'sleep 98761$' table) =~ ^root\ +$(pids_of /bin/sleep 98761)\ +[0-9]+\ +[0-9]+\ +[0-9:]+\ +\?\ +00:00:00\ +/bin/sleep\ 98761$ ]]
	prints_like 'pts/0 +00:00:00 +sleep 98763$' tcr top b
}

@test "top makes control characters of processes harmless" {
	tcr run -d --name b --no-network busybox sh -c \
		'sh -c "/bin/sleep 98765; :" "$(printf "\033[2J\tx\ny\233")"; :'
	wait_for 10 is_running /bin/sleep 98765
	tcr top b >table
	[ -z "$(LC_ALL=C tr -d '[:print:]\n' <table)" ]
	[ "$(wc -l <table)" = 4 ]
	grep -qF '?[2J?x?y' table
}

@test "top refuses options of ps, and a container that does not run" {
	tcr create --name a --no-network busybox true
	refuses 'not running' tcr top a
	refuses 'options of ps.*UID PID PPID' tcr top a aux
	refuses 'flag: .-o|flag.*o' tcr top a -o pid
	refuses 'container is required' tcr top
	refuses 'no such container' tcr top nope
}
