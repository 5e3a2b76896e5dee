# SPDX-License-Identifier: GPL-2.0-or-later
# ps: what it shows, its filters, its forms.

bats_require_minimum_version 1.5.0

load lib/helper
load lib/container

setup()
{
	begin
}

@test "ps shows what runs, ps -a all, the newest first" {
	tcr run --name old busybox true
	tcr run -d --name up busybox sleep 1000
	prints_like 'up' tcr ps
	run ! grep -w old <<<"$(tcr ps)"
	prints $'up\nold' eval 'tcr ps -a --format json | jq -r .Names'
}

@test "ps has docker's columns" {
	tcr run -d --name web busybox sleep 1000
	tcr ps >out
	[[ $(head -n 1 out) =~ ^CONTAINER\ ID\ +IMAGE\ +COMMAND\ +CREATED\ +STATUS\ +(PORTS\ +)?NAMES$ ]]
	[[ $(tail -n 1 out) =~ ^[0-9a-f]{12}\ +busybox\ +\"sleep\ 1000\"\ +.*ago\ +Up\ .*\ +web$ ]]
	# Each column begins where its title does.
	[ "$(head -n 1 out | sed 's/NAMES.*//' | wc -c)" = "$(tail -n 1 out | sed 's/web$//' | wc -c)" ]
}

@test "ps cuts ids and commands, --no-trunc does not, -q prints ids only" {
	local id long='a-rather-long-argument-for-echo'
	id=$(tcr run -d busybox echo $long)
	wait_for 5 eval '[ -z "$(tcr ps -q)" ]'
	prints "${id:0:12}" tcr ps -aq
	prints "$id" tcr ps -a -q --no-trunc
	run ! grep -- $long <<<"$(tcr ps -a)"
	prints_like "$id.*\"echo $long\"" tcr ps -a --no-trunc
}

@test "ps --format json prints one object a line with docker's field names" {
	local id
	id=$(tcr run -d --name one busybox sh -c 'exit 4; "quoted \ text"')
	wait_for 5 has_state one exited
	tcr run -d --name two busybox sleep 1000
	tcr ps -a --no-trunc --format json >json
	[ "$(wc -l <json)" = 2 ]
	[ "$(jq -r 'select(.Names == "one") | .ID, .Image, .State' json)" = $id$'\nbusybox\nexited' ]
	[[ $(jq -r 'select(.Names == "one").Status' json) =~ ^Exited\ \(4\) ]]
	[ "$(jq -r 'select(.Names == "one").Command' json)" = '"sh -c exit 4; "quoted \ text""' ] ||
		[ "$(jq -r 'select(.Names == "one").Command' json)" = '"sh -c '"'exit 4; \"quoted \\ text\"'\"" ]
	[ "$(jq -r 'select(.Names == "two").State' json)" = running ]
	jq -e '.CreatedAt and .RunningFor and .Status' json >/dev/null
	assert_fails 125 'format' tcr ps --format nosuch
	assert_fails 125 'table .* is not known; .* leave out "table"' tcr ps --format 'table {{.ID}}'
	assert_fails 125 'ps' tcr ps argument
}

@test "CreatedAt of listings has docker's form, that of inspect RFC 3339's" {
	tcr run --name one -v vol:/v busybox true
	local ls time='^20..-..-.. ..:..:.. \+0000 UTC$'
	for ls in 'ps -a' images 'network ls'; do
		# shellcheck disable=SC2086 # words
		prints_like "$time" tcr $ls --format '{{.CreatedAt}}'
	done
	prints_like '^20..-..-..T..:..:..Z$' tcr volume inspect -f '{{.CreatedAt}}' vol
	prints_like '^20..-..-..T..:..:..Z$' tcr inspect -f '{{.Created}}' one
	[ "$(date -d "$(tcr ps -a --format '{{.CreatedAt}}' | cut -c 1-25)" +%s)" = "$(date -d "$(tcr inspect -f '{{.Created}}' one)" +%s)" ]
}

@test "control bytes in a command do not reach the terminal by ps" {
	tcr run --name c busybox echo $'\e[31mred\a\ttab\nnew'
	run tcr ps -a --no-trunc
	[[ $output != *$'\e'* && $output != *$'\a'* ]]
	[ "${#lines[@]}" = 2 ]
	[ "$(tcr ps -a --no-trunc --format json | jq -r .Names)" = c ]
}

@test "the status tells what a container does, since when" {
	tcr create --name new busybox true
	tcr run --name over busybox sh -c 'exit 4' || true
	tcr run -d --name up busybox sleep 1000
	tcr run -d --name frozen busybox sleep 1000
	tcr run -d --name again --restart always busybox false
	tcr pause frozen
	wait_for 20 has_status again 'Restarting (1)'
	tcr ps -a --format '{{.Names}}: {{.Status}}' >out
	grep -qx 'new: Created' out
	grep -qxE 'over: Exited \(4\) .* ago' out
	grep -qxE 'up: Up .*[a-z]' out
	grep -qxE 'frozen: Up .* \(Paused\)' out
	tcr ps --format '{{.Names}}' >out
	grep -qx frozen out
	run ! grep -qx -e new -e over out
	tcr rm -f again frozen
}

@test "ps --filter takes docker's keys" {
	tcr run -d --name web --label tier=front --label x=y -v "$PWD:/data:ro" busybox sleep 1000
	tcr run -d --name webber --label tier=back busybox sleep 1000
	tcr run --name dead busybox sh -c 'exit 4' || true
	prints $'webber\nweb' tcr ps --format '{{.Names}}' -f name=web
	prints web tcr ps --format '{{.Names}}' -f 'name=^/web$'
	prints webber tcr ps --format '{{.Names}}' -f 'name=ber$'
	prints "$(tcr ps -q -f 'name=^web$')" tcr ps -q -f "id=$(tcr inspect -f '{{.Id}}' web)"
	prints web tcr ps --format '{{.Names}}' -f label=tier=front
	prints $'webber\nweb' tcr ps --format '{{.Names}}' -f label=tier
	prints web tcr ps --format '{{.Names}}' -f label=tier -f label=x=y
	prints $'webber\nweb' tcr ps --format '{{.Names}}' -f label=tier -f status=running
	prints dead tcr ps --format '{{.Names}}' --filter status=exited
	prints dead tcr ps -a --format '{{.Names}}' --filter exited=4
	prints '' tcr ps -a --format '{{.Names}}' --filter exited=5
	prints $'webber\nweb' tcr ps --format '{{.Names}}' -f ancestor=busybox
	prints '' tcr ps -q -f ancestor=nope
	prints web tcr ps --format '{{.Names}}' -f volume=/data
	prints web tcr ps --format '{{.Names}}' -f "volume=$PWD"
	prints $'webber\nweb' tcr ps --format '{{.Names}}' -f name=web -f name=webber
	prints webber tcr ps --format '{{.Names}}' -f name=web -f label=tier=back
	refuses 'KEY=VALUE is required, with KEY one of ancestor' tcr ps -f nope=1
	refuses 'KEY=VALUE is required' tcr ps -f name
	refuses 'KEY=VALUE is required' tcr ps -f name=
}

@test "--filter name takes a regular expression, and says what is wrong with one" {
	local name
	for name in f1 f2 web; do
		tcr create --name $name busybox >/dev/null
		tcr volume create $name >/dev/null
		tcr network create $name >/dev/null
	done
	expect_names()
	{
		prints "$2" eval "tcr ps -a -f 'name=$1' --format '{{.Names}}' | sort | paste -sd ' '"
		prints "$2" eval "tcr volume ls -f 'name=$1' -q | sort | paste -sd ' '"
		prints "$2" eval "tcr network ls -f 'name=$1' --format '{{.Name}}' | sort | paste -sd ' '"
	}
	expect_names '^f.' 'f1 f2'
	expect_names 'f[0-9]' 'f1 f2'
	expect_names '^w.b$' web
	expect_names '^/web$' web
	expect_names '^(f1|web)$' 'f1 web'
	expect_names 'e+b' web
	expect_names '^1' ''
	expect_names 'f\.' ''
	expect_names '^f+[0-9]*(-old)?$' 'f1 f2'
	expect_names '^\/web' web
	local bad many
	many=$(printf '%0.s|' {1..40})
	for bad in 'a[' '(' 'a{2}' '(a)\1' '((((((a+)+)+)+)+)+)+' "$(printf '%0300d' 0)" \
		"$(printf '%0128d' 0)" "(((($many)+)+)+)+z" "($many)*" a++ 'a*+' 'a?*' '*' '(^|$)*' \
		'(\<|\>)' 'a|+' '^*'; do
		refuses 'is not valid: .*regular expression' tcr ps -f "name=$bad"
		refuses 'is not valid: .*regular expression' tcr volume ls -f "name=$bad"
		refuses 'is not valid: .*regular expression' tcr network ls -f "name=$bad"
	done
}

@test "ps --filter since and before are about the order in which containers were made" {
	tcr create --name one busybox >/dev/null
	tcr create --name two busybox >/dev/null
	tcr create --name three busybox >/dev/null
	prints three tcr ps -a --format '{{.Names}}' --filter since=two
	prints one tcr ps -a --format '{{.Names}}' --filter before=two
	refuses 'no such container: "four"' tcr ps -a --filter since=four
}

@test "a value that a filter cannot have is refused with those that it can" {
	refuses 'the values are created, .*running' tcr ps -f status=bogus
	refuses 'a number from 0 to 255' tcr ps -f exited=x
	refuses 'the values are true, false' tcr volume ls -f dangling=maybe
	refuses 'the values are container, image, network' tcr events -f type=bogus
}

@test "a template that names what is not there is refused by an empty list, too" {
	refuses 'there is no ".Nope"' tcr ps --format '{{.Nope}}'
	refuses 'there is no ".Nope"' tcr network ls --format '{{.Nope}}'
	refuses 'there is no ".Nope"' tcr volume ls --format '{{.Nope}}'
	prints '' tcr network ls --format '{{json .}}'
	tcr create --name one -v data:/data --network net busybox >/dev/null
	# Each field that there is may be named.
	local ls
	for ls in 'ps -a' 'volume ls' 'network ls -f name=net' images; do
		# shellcheck disable=SC2086 # words
		tcr $ls --format "$(tcr $ls --format json | head -n 1 | jq -r 'keys[] | "{{.\(.)}}"')" >/dev/null
		# shellcheck disable=SC2086 # words
		[ "$(tcr $ls --format json | wc -l)" = 1 ]
	done
}

@test "ps --filter label sees the labels of the image, and those of the container first" {
	image_tree labelled
	set_config labelled '.annotations += {"one": "image", "two": "image"}'
	load_tree labelled
	tcr run --name l --label two=own labelled true
	prints l tcr ps -a --format '{{.Names}}' -f label=one=image
	prints l tcr ps -a --format '{{.Names}}' -f label=two=own
	prints '' tcr ps -aq -f label=two=image
}

@test "ps --filter knows networks and ports" {
	tcr run -d --name web --network one -p 18090:80 busybox sleep 1000
	tcr run -d --name alone --network none busybox sleep 1000
	prints web tcr ps --format '{{.Names}}' -f network=one
	prints alone tcr ps --format '{{.Names}}' -f network=none
	prints web tcr ps --format '{{.Names}}' -f publish=18090
	prints $'alone\nweb' tcr ps --format '{{.Names}}' -f expose=80/tcp
	prints '' tcr ps -q -f publish=18090/udp
	prints '' tcr ps -q -f expose=18090
	prints web tcr ps --format '{{.Names}}' -f publish=80
	prints web tcr ps --format '{{.Names}}' -f expose=70-80 -f network=one
	prints '' tcr ps -q -f publish=81-90
	local port
	for port in abc 80:80 0 65536 90-80 80/sctp 80/; do
		refuses "\"publish=$port\" is not valid: PORT" tcr ps -f "publish=$port"
		refuses "\"expose=$port\" is not valid: PORT" tcr ps -f "expose=$port"
	done
}

@test "what an image exposes is seen by ps and inspect, with what is published" {
	image_tree exposes
	set_config exposes '.annotations["org.opencontainers.image.exposedPorts"] = "443/tcp,80/tcp,53/udp,54/udp"'
	load_tree exposes
	tcr create --name e -p 18090:80 -p 9000:9000/udp exposes sleep 1000 >/dev/null
	prints '{}' tcr inspect -f '{{json .NetworkSettings.Ports}}' e
	prints '' tcr ps -a --format '{{.Ports}}'
	prints e tcr ps -a --format '{{.Names}}' -f expose=53/udp
	tcr start e >/dev/null
	prints '0.0.0.0:18090->80/tcp, 0.0.0.0:9000->9000/udp, 443/tcp, 53-54/udp' tcr ps --format '{{.Ports}}'
	prints '{"53/udp":null,"54/udp":null,"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"18090"}],"443/tcp":null,"9000/udp":[{"HostIp":"0.0.0.0","HostPort":"9000"}]}' \
		tcr inspect -f '{{json .NetworkSettings.Ports}}' e
	prints '{"53/udp":{},"54/udp":{},"80/tcp":{},"443/tcp":{},"9000/udp":{}}' \
		tcr inspect -f '{{json .Config.ExposedPorts}}' e
	prints e tcr ps --format '{{.Names}}' -f expose=443
	prints '' tcr ps -q -f expose=443/udp
	prints '' tcr ps -q -f publish=443
	# The next daemon knows it, too; a network of others has no ports of ours.
	kill_tcrd
	start_tcrd
	prints e tcr ps --format '{{.Names}}' -f expose=443
	tcr run -d --name h --network none exposes sleep 1000 >/dev/null
	prints '' tcr ps --format '{{.Ports}}' -f name=h
}

@test "an image that exposes the same ports again and again, or many, costs no more than others" {
	image_tree same
	set_config same '.annotations["org.opencontainers.image.exposedPorts"] =
		([range(1000) | "1-4095/tcp"] | join(","))'
	load_tree same
	tcr run -d --name same same sleep 1000
	prints 1-4095/tcp tcr ps --format '{{.Ports}}' -f expose=4095
	prints 4095 jq 'keys | length' < <(tcr inspect -f '{{json .Config.ExposedPorts}}' same)
	prints '' tcr ps -q -f expose=4096
	image_tree many
	set_config many '.annotations["org.opencontainers.image.exposedPorts"] =
		([range(1; 1025) | "\(2 * .)-\(4000 + .)/udp"] | join(","))'
	load_tree many
	tcr run -d --name many -p 18091:2/udp -p 18092:80 many sleep 1000
	prints '0.0.0.0:18091->2/udp, 0.0.0.0:18092->80/tcp, 3-4096/udp' \
		tcr ps --format '{{.Ports}}' -f name=many
	prints '' tcr ps -q -f expose=4098/udp
	prints 4096 jq 'keys | length' < <(tcr inspect -f '{{json .NetworkSettings.Ports}}' many)
}

@test "ps -n and -l show the newest, in any state" {
	local i
	for i in 1 2 3; do
		tcr create --name "c$i" busybox true >/dev/null
	done
	prints c3 tcr ps -l --format '{{.Names}}'
	prints $'c3\nc2' tcr ps -n 2 --format '{{.Names}}'
	prints $'c3\nc2\nc1' tcr ps --last=9 --format '{{.Names}}'
	prints c1 tcr ps -n 1 -f name=c1 --format '{{.Names}}'
	refuses '--last "x" is not valid' tcr ps -n x
}

@test "the order of containers is that of their creation after SIGHUP and a restart, too" {
	local i want
	for i in 7 3 9 1 5 8; do
		tcr create --name "c$i" busybox true >/dev/null
	done
	want=$(tcr ps -a --format '{{.Names}}')
	[ "${want//[!0-9]/}" = 851937 ]
	stop_tcrd
	sed -i 's/^\(--created=[0-9]*\)\..*/\1/' "$(grep -lx -- '--name=c7' "$TCR_ROOT"/containers/*/spec)"
	start_tcrd
	prints "$want" tcr ps -a --format '{{.Names}}'
	i=$(grep -c 'ready at' "$TCRD_LOG")
	kill -HUP "$TCRD_PID"
	wait_for 10 eval '[ "$(grep -c "ready at" "$TCRD_LOG")" -gt "$i" ]'
	prints "$want" tcr ps -a --format '{{.Names}}'
	prints c8 tcr ps -l --format '{{.Names}}'
	prints_like '^20..-..-..T..:..:..Z /c7$' tcr inspect -f '{{.Created}} {{.Name}}' c7
	prints_like 'second|minute' tcr ps -l --format '{{.RunningFor}}'
}

@test "ps -s counts the bytes that a container has written, and those of its image" {
	tcr run --name big busybox dd if=/dev/zero of=/big bs=1000 count=3000 2>/dev/null
	tcr ps -a -s >out
	[[ $(head -n 1 out) =~ NAMES\ +SIZE$ ]]
	[[ $(tail -n 1 out) =~ big\ +3MB\ \(virtual\ [0-9.]+MB\)$ ]]
	prints_like '^3MB \(virtual' tcr ps -as --format '{{.Size}}'
	prints 0B tcr ps -a --format '{{.Size}}'
	prints_like '^3[0-9]{6}$' tcr inspect -s -f '{{.SizeRw}}' big
}

@test "the objects of ps have labels, mounts and networks, too" {
	tcr run -d --name web --label a=1 --label b=2 --network one -v "$PWD:/data" -v vol:/v busybox sleep 1000
	prints "$PWD,vol 1 one 0B" tcr ps --format '{{.Mounts}} {{.LocalVolumes}} {{.Networks}} {{.Size}}'
	prints_like '(^|,)a=1,b=2' tcr ps --format '{{.Labels}}'
}

@test "--format of listings takes names in braces" {
	tcr run --name one busybox true
	prints $'one\texited' tcr ps -a --format '{{.Names}}\t{{.State}}'
	# But for what the clock changes.
	local timeless='del(.RunningFor, .Status)'
	prints "$(tcr ps -a --format json | jq -c "$timeless")" eval \
		'tcr ps -a --format "{{json .}}" | jq -c "$timeless"'
	prints 'busybox latest' tcr images --format '{{.Repository}} {{.Tag}}'
	prints tcr_default tcr network ls --format '{{.Name}}'
	tcr run --name two --label c busybox true
	prints '<no value>' tcr inspect -f '{{.Config.Labels.nosuch}}' two
	refuses 'there is no ".Nope"' tcr ps -a --format '{{.Nope}}'
	refuses 'not known' tcr ps -a --format '{{range .}}'
	refuses 'there is no ".Nope"' tcr ps --format '{{.Nope}}'
}
