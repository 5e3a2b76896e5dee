# SPDX-License-Identifier: GPL-2.0-or-later
# inspect: docker's shape, templates by path, and what is looked for where.
# shellcheck disable=SC2016,SC2154 # templates are no expansions; variables of lib

load lib/helper
load lib/container

# shows VALUE TEMPLATE NAME...: inspect must print VALUE for it.
shows()
{
	prints "$1" tcr inspect -f "$2" "${@:3}"
}

@test "a container that runs: its state" {
	begin
	tcr run -d --name web busybox sleep 1000
	shows 'running true false false false 0' \
		'{{.State.Status}} {{.State.Running}} {{.State.Paused}} {{.State.Restarting}} {{.State.OOMKilled}} {{.State.ExitCode}}' web
	shows '/web' '{{.Name}}' web
	local pid
	pid=$(tcr inspect -f '{{.State.Pid}}' web)
	wait_for 10 eval '[ "$(pids_of sleep 1000)" = '"$pid"' ]'
	shows '0001-01-01T00:00:00Z' '{{.State.FinishedAt}}' web
	local started
	started=$(date -d "$(tcr inspect -f '{{.State.StartedAt}}' web)" +%s)
	((started > $(date +%s) - 100 && started <= $(date +%s) + 1))
	tcr stop -t 0 web
	shows 'exited false 0 137' '{{.State.Status}} {{.State.Running}} {{.State.Pid}} {{.State.ExitCode}}' web
	local finished
	finished=$(date -d "$(tcr inspect -f '{{.State.FinishedAt}}' web)" +%s)
	((finished >= started && finished <= $(date +%s) + 1))
}

@test "a container that runs again has the time of its last end, for the next daemon, too" {
	begin
	tcr run -d --name web busybox sleep 1000
	tcr stop -t 0 web
	local end
	end=$(tcr inspect -f '{{.State.FinishedAt}}' web)
	tcr start web
	# Both are kept in milliseconds since boot: what that is by the clock may differ by some.
	same_end()
	{
		local now
		now=$(tcr inspect -f '{{.State.FinishedAt}}' web)
		(($(date -d "$now" +%s%3N) - $(date -d "$end" +%s%3N) < 100)) &&
			(($(date -d "$now" +%s%3N) - $(date -d "$end" +%s%3N) > -100))
	}
	same_end
	prints_like running tcr inspect -f '{{.State.Status}}' web
	kill_tcrd
	start_tcrd
	same_end
	prints_like running tcr inspect -f '{{.State.Status}}' web
	# One that ends while nobody looks is a failure, and has ended now.
	local pid
	pid=$(tcr inspect -f '{{.State.Pid}}' web)
	kill_tcrd
	kill -KILL "$pid"
	wait_for 20 is_no_process "$pid"
	start_tcrd
	wait_for 20 has_state web exited
	[ "$(tcr inspect -f '{{.State.FinishedAt}}' web)" != "$end" ]
	run ! same_end
	# Those that the policy starts, too.
	tcr run -d --name again --restart on-failure:1 busybox sh -c 'test -e /x && exec sleep 1000; touch /x; exit 1'
	wait_for 20 eval '[ "$(tcr inspect -f "{{.State.Status}} {{.RestartCount}}" again)" = "running 1" ]'
	prints_like '^20' tcr inspect -f '{{.State.FinishedAt}}' again
}

@test "what was asked of a container" {
	begin
	mkdir src
	tcr run -d --name web --hostname box -e A=1 -e HOME=/x -w /tmp -u 1:2 --entrypoint sleep \
		-v ./src:/data:ro -v "$PWD/src:/rw" --tmpfs /t:size=1m --read-only \
		--restart on-failure:3 --stop-timeout 7 -i busybox 1000
	tcr inspect web >got
	# shellcheck disable=SC2046
	prints 'sleep 1000 box 1:2 /tmp false true 7' jq -r '.[0] | [.Path, .Args[], .Config.Hostname,
		.Config.User, .Config.WorkingDir, .Config.Tty, .Config.OpenStdin, .Config.StopTimeout] | join(" ")' got
	prints '["sleep"] ["1000"] busybox' jq -r '.[0].Config | "\(.Entrypoint) \(.Cmd) \(.Image)"' got
	[ "$(jq '.[0].Config.Env | index("A=1") != null and index("HOME=/x") != null' got)" = true ]
	prints "on-failure 3 true false" jq -r '.[0].HostConfig |
		"\(.RestartPolicy.Name) \(.RestartPolicy.MaximumRetryCount) \(.ReadonlyRootfs) \(.AutoRemove)"' got
	prints "bind $PWD/src /data ro false;bind $PWD/src /rw rw true;tmpfs  /t  true" \
		jq -r '.[0].Mounts | map("\(.Type) \(.Source) \(.Destination) \(.Mode) \(.RW)") | join(";")' got
	prints "$PWD/src:/data:ro" jq -r '.[0].HostConfig.Binds[0]' got
	[[ "$(jq -r '.[0].HostConfig.Tmpfs["/t"]' got)" == *size=1* ]]
	prints "sha256:$(sha256sum <"$BUSYBOX_SQFS" | cut -d' ' -f1)" jq -r '.[0].Image' got
	[ -r "$(jq -r '.[0].HostnamePath' got)" ]
}

@test "ports and networks of a container" {
	begin
	tcr run -d --name web --network one --network two --network-alias w \
		-p 18080:80 -p 127.0.0.1:18081:80 -p 18082-18083:90-91/udp busybox sleep 1000
	tcr inspect web >got
	prints '["18080 0.0.0.0","18081 127.0.0.1"]' jq -c \
		'.[0].NetworkSettings.Ports["80/tcp"] | map("\(.HostPort) \(.HostIp)") | sort' got
	prints '18083' jq -r '.[0].NetworkSettings.Ports["91/udp"][0].HostPort' got
	prints '["18080 ","18081 127.0.0.1"]' jq -c \
		'.[0].HostConfig.PortBindings["80/tcp"] | map("\(.HostPort) \(.HostIp)") | sort' got
	prints 'one two' jq -r '.[0].NetworkSettings.Networks | keys | join(" ")' got
	shows "$(tcr network inspect -f '{{.Id}}' one)" '{{.NetworkSettings.Networks.one.NetworkID}}' web
	shows "[w]" '{{.NetworkSettings.Networks.two.Aliases}}' web
	prints_like "$(tcr inspect -f '{{.NetworkSettings.Networks.one.IPAddress}}' web)/24" \
		nsenter -n -t "$(tcr inspect -f '{{.State.Pid}}' web)" ip -4 addr show eth0
	tcr stop -t 0 web
	shows 'map[] ' '{{.NetworkSettings.Ports}} {{.NetworkSettings.Networks.one.IPAddress}}' web
	shows 18080 '{{index .HostConfig.PortBindings "80/tcp" 0 "HostPort"}}' web
	tcr run --name alone --network none busybox true
	shows 'none map[]' '{{.HostConfig.NetworkMode}} {{.NetworkSettings.Networks}}' alone
}

@test "a name is looked for among containers, images, networks" {
	begin
	tcr network create busybox >/dev/null
	tcr network create only >/dev/null
	shows '[busybox:latest]' '{{.RepoTags}}' busybox
	shows only '{{.Name}}' only
	tcr run --name busybox busybox true
	shows /busybox '{{.Name}}' busybox
	prints '[busybox:latest]' tcr inspect --type image -f '{{.RepoTags}}' busybox
	prints busybox tcr inspect --type=network -f '{{.Name}}' busybox
	prints /busybox tcr container inspect -f '{{.Name}}' busybox
	prints '[busybox:latest]' tcr image inspect -f '{{.RepoTags}}' busybox
	prints busybox tcr network inspect -f '{{.Name}}' busybox
	refuses 'no such container: "only"' tcr container inspect only
	refuses 'no such container: "only"' tcr inspect --type container only
	refuses 'no such object: "nope"' tcr inspect nope
	refuses '--type "pod" is not known; there are container, image, network' tcr inspect --type pod only
}

@test "of several names the good ones are shown, and each bad one has its line" {
	begin
	tcr run --name one busybox true
	tcr run --name two busybox true
	exits 125 tcr inspect one nope two >got 2>err
	prints '/one /two' jq -r 'map(.Name) | join(" ")' got
	[ "$(wc -l <err)" = 1 ]
	exits 125 tcr inspect nope >got 2>err
	prints 0 jq length got
	exits 125 tcr inspect -f '{{.Name}}' nope one >got 2>err
	[ "$(<got)" = /one ]
	refuses 'at least one name' tcr inspect
	refuses 'at least one container' tcr container inspect
}

@test "a template has paths, and what is not there or not known is an error" {
	begin
	tcr run --name one busybox true
	shows $'/one\n/one' '{{.Name}}' one one
	shows '"exited" <exited>' '{{json .State.Status}} <{{.State.Status}}>' one
	prints "$(tcr inspect one | jq -c '.[0].State')" tcr inspect -f '{{json .State}}' one
	prints "$(tcr inspect one | jq -c '.[0]')" tcr inspect --format '{{json .}}' one
	shows '[true]' '{{.Config.Cmd}}' one
	shows true '{{index .Config.Cmd 0}}' one
	refuses 'there is no "\.State\.Nope"' tcr inspect -f '{{.State.Nope}}' one
	refuses '"\{\{range \.Mounts\}\}" is not known here' tcr inspect -f '{{range .Mounts}}{{end}}' one
	refuses 'not known here' tcr inspect -f '{{.State' one
	exits 125 tcr inspect -f '{{.Name}} {{.Nope}}' one >got 2>/dev/null
	[ ! -s got ]
}

@test "labels are the image's and those of the container" {
	begin
	image_tree labelled
	set_config labelled '.annotations += {"one": "image", "a.b": "dot"}'
	load_tree labelled
	tcr run --name l labelled true
	shows 'image dot' '{{.Config.Labels.one}} {{index .Config.Labels "a.b"}}' l
	prints 'image' tcr image inspect -f '{{.Config.Labels.one}}' labelled
}

@test "what inspect prints is indented, a value a line" {
	begin
	tcr run --name one busybox true
	tcr inspect one >got
	grep -qx '        "Name": "/one",' got
	grep -qx '            "Status": "exited",' got
	jq --indent 4 . got | cmp - got
	prints "$(jq -c . got)" tcr inspect --format json one
	tcr network create n >/dev/null
	tcr network inspect n | grep -qx '        "Name": "n",'
}
