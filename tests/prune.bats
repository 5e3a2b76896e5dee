# SPDX-License-Identifier: GPL-2.0-or-later
# The prunes, and system df: what nobody needs goes, what somebody needs stays, and sizes are true.
# shellcheck disable=SC2016 # text to evaluate later

load lib/helper
load lib/container

setup()
{
	begin
}

# zeros NAME PATH MB: a stopped container that has written so much.
zeros()
{
	tcr run --name "$1" busybox dd if=/dev/zero of="$2" bs=1M count="$3" 2>/dev/null
}

# other_image [FILTER]: one more image, named other, with something of its own.
other_image()
{
	image_tree other && echo "$RANDOM" >other/bundle/rootfs/own && load_tree other
}

@test "container prune removes what does not run, and tells the space" {
	tcr run -d --name up busybox sleep 1000 >/dev/null
	zeros down /big 3
	tcr create --name new busybox true >/dev/null
	local down new
	down=$(tcr ps -aq --no-trunc -f name=down) && new=$(tcr ps -aq --no-trunc -f name=new)
	tcr container prune -f >out
	[ "$(head -1 out)" = "Deleted Containers:" ] && grep -qx "$down" out && grep -qx "$new" out
	[ "$(tail -1 out)" = "Total reclaimed space: 3.15MB" ] || fail "$(<out)"
	prints up tcr ps -a --format json < <(:) | jq -r .Names
	prints "Total reclaimed space: 0B" tcr container prune -f
	prints running state_of up
}

@test "a question is asked, and only yes means yes" {
	zeros down /x 1
	tcr container prune <<<n >out
	grep -q '^WARNING! This will remove all stopped containers.$' out
	grep -q '^Are you sure you want to continue? \[y/N\] $' out
	grep -q '^Total reclaimed space: 0B$' out
	tcr container prune < <(printf '\n') >/dev/null && prints exited state_of down
	assert_fails 125 'nobody has answered: use --force' tcr container prune </dev/null
	assert_fails 125 'nobody has answered' tcr system prune </dev/null
	prints exited state_of down
	tcr container prune <<<y >/dev/null && prints "" state_of down
}

@test "a client that goes away while it is asked removes nothing" {
	zeros down /x 1
	mkfifo fifo
	"$TCRBOX" tcr container prune <fifo >out 3>&- &
	exec 5>fifo
	wait_for 10 grep -q 'y/N' out
	prints exited state_of down
	kill -KILL $!
	wait_for 5 no_pruning
	exec 5>&-
	prints exited state_of down
}

no_pruning()
{
	tcr ps >/dev/null && ! pgrep -P "$TCRD_PID" -f 'tcrd --root' >/dev/null
}

@test "image prune removes those without a name, -a those without a container" {
	other_image
	tcr run -d --name up busybox sleep 1000 >/dev/null
	prints "Total reclaimed space: 0B" tcr image prune -f
	echo more >other/bundle/rootfs/more && load_tree other
	tcr image ls -q --no-trunc >before
	tcr image prune -f >out
	prints 1 grep -c '^deleted: sha256:' out
	grep -qE '^Total reclaimed space: [0-9.]+[kM]B$' out
	prints "busybox other" xargs < <(tcr image ls --format json | jq -r .Repository | sort)
	tcr image prune -af >out
	grep -qx 'untagged: other:latest' out
	prints busybox jq -r .Repository < <(tcr image ls --format json)
}

@test "the space of an image that is linked is not reclaimed, and its file stays" {
	image_tree linked && pack linked && tcr image load --link linked.sqfs >/dev/null
	tcr run -d --name up busybox sleep 1000 >/dev/null
	tcr image prune -af >out
	grep -qE '^Total reclaimed space: [0-9.]+k?B$' out || fail "$(<out)"
	[ -s linked.sqfs ]
}

@test "volume prune removes those without a name and a container, -a those with a name, too" {
	tcr volume create named >/dev/null && tcr volume create >/dev/null
	tcr volume create --label keep=yes kept >/dev/null
	tcr run --name c -v used:/x busybox dd if=/dev/zero of=/x/zeros bs=1M count=2 2>/dev/null
	tcr volume prune -f >out
	prints 1 grep -cE '^[0-9a-f]{64}$' out
	prints "kept named used" xargs < <(tcr volume ls -q | sort)
	tcr volume prune -af --filter label!=keep >out
	prints "kept used" xargs < <(tcr volume ls -q | sort)
	tcr rm c >/dev/null
	tcr volume prune -af --filter label!=keep=yes >out
	prints "Deleted Volumes: used Total reclaimed space: 2.1MB" xargs <out
	prints kept tcr volume ls -q
}

@test "system prune removes containers and what only they needed" {
	other_image
	tcr run --name c -v vol:/x other true
	tcr volume create >/dev/null
	! tcr help network create >/dev/null || tcr network create --label a=b net >/dev/null
	tcr run -d --name up busybox sleep 1000 >/dev/null
	tcr system prune <<<n >out
	grep -q '^  - all stopped containers$' out && grep -q '^  - all dangling images$' out
	[ "$(grep -c volumes out)" = 0 ]
	tcr system prune -af >out
	grep -q '^Deleted Containers:' out && grep -q '^untagged: other:latest' out
	! tcr help network create >/dev/null || grep -qx net out
	prints 2 wc -l < <(tcr volume ls -q)
	tcr system prune -f --volumes >out
	prints vol tcr volume ls -q
	prints running state_of up
	prints busybox jq -r .Repository < <(tcr image ls --format json)
}

@test "filters: until and label" {
	tcr create --name a --label tier=front busybox >/dev/null
	tcr create --name b --label tier=back busybox >/dev/null
	prints "Total reclaimed space: 0B" tcr container prune -f --filter until=1h
	prints "Total reclaimed space: 0B" tcr container prune -f --filter label=tier=middle
	tcr container prune -f --filter label=tier=back >/dev/null
	prints a jq -r .Names < <(tcr ps -a --format json)
	tcr container prune -f --filter label!=tier --filter until=2001-01-01 >/dev/null
	prints created state_of a
	tcr container prune -f --filter label=tier --filter until=2100-01-01 >/dev/null
	prints "" state_of a
	assert_fails 125 'not valid: until=TIME' tcr container prune -f --filter size=1
	assert_fails 125 'not for volumes' tcr system prune -f --volumes --filter until=1h
}

@test "a container that starts after the search stays" {
	zeros c /x 1
	mkfifo fifo
	"$TCRBOX" tcr container prune <fifo >out 3>&- &
	exec 5>fifo
	wait_for 10 grep -q 'y/N' out
	tcr run -d --name up busybox sleep 1000 >/dev/null
	tcr rm c >/dev/null
	echo y >&5
	exec 5>&-
	wait $!
	prints running state_of up
}

@test "an image that gets its name back after the search stays" {
	other_image
	cp other.sqfs first.sqfs
	echo more >other/bundle/rootfs/more && load_tree other
	mkfifo fifo
	"$TCRBOX" tcr image prune <fifo >out 3>&- &
	exec 5>fifo
	wait_for 10 grep -q 'y/N' out
	tcr image load first.sqfs >/dev/null
	echo y >&5
	exec 5>&-
	wait $!
	[ -z "$(grep '^deleted' out)" ] || fail "$(<out)"
	prints "<none> busybox other" xargs < <(tcr image ls --format json | jq -r .Repository | sort)
}

@test "system df counts what is there, and what could go" {
	zeros down /big 3
	tcr run -d --name up -v vol:/x busybox sh -c \
		'dd if=/dev/zero of=/x/z bs=1M count=2; dd if=/dev/zero of=/y bs=1M count=1; sleep 1000' >/dev/null
	wait_for 10 test -e "$TCR_ROOT/containers/$(tcr ps -q --no-trunc)/upper/y"
	wait_for 10 df_says 'Containers 2 1 4.19MB 3.15MB (75%)'
	df_says 'Local Volumes 1 1 2.1MB 0B (0%)'
	prints_like '^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE' head -1 < <(tcr system df)
	prints_like '^Images +1 +1 +[0-9.]+[kM]B +0B \(0%\)' sed -n 2p < <(tcr system df)
	tcr system df --format json >out
	prints "Images Containers Local Volumes" xargs < <(jq -r .Type out)
	prints "2 1 3.15MB (75%)" xargs < <(jq -r 'select(.Type == "Containers") | .TotalCount, .Active, .Reclaimable' out)
}

df_says()
{
	tcr system df | tr -s ' ' | grep -qxF "$1"
}

@test "system df takes a template, and says the same of an image as image ls" {
	prints $'Images\nContainers\nLocal Volumes' tcr system df --format '{{.Type}}'
	prints "$(tcr images --format '{{.Size}}')" eval "tcr system df --format '{{.Size}}' | head -n 1"
	prints "[] $(tcr images --format '{{.Size}}')" eval \
		"tcr system df -v --format '{{json .Volumes}} {{json .Images}}' | sed 's/ .*\"Size\":\"\([^\"]*\).*/ \1/'"
	refuses 'Nope' tcr system df --format '{{.Nope}}'
}

@test "system df -v lists each of them" {
	zeros down /big 3
	tcr volume create vol >/dev/null
	tcr system df -v >out
	grep -qE '^busybox:latest +[0-9a-f]{12} .* 1$' out && grep -qE '^vol +0 +0B$' out
	grep -qE '^CONTAINER ID +IMAGE +COMMAND +LOCAL VOLUMES +SIZE +CREATED +STATUS +NAMES$' out
	grep -qE '^[0-9a-f]{12} +busybox +"[^"]+" +0 +3.15MB .* ago +Exited \(0\) .* ago +down$' out || fail "$(<out)"
	tcr system df -v --format json >out
	prints_like '^exited Exited \(0\) .* ago "' jq -r '.Containers[0] | "\(.State) \(.Status) \(.Command)"' out
	prints "down 3.15MB vol" jq -r '"\(.Containers[0].Names) \(.Containers[0].Size) \(.Volumes[0].Name)"' out
}

@test "a file that has holes or several names counts for what it takes" {
	tcr run --name c busybox sh -c 'truncate -s 100M /sparse; dd if=/dev/zero of=/a bs=1M count=2; ln /a /b' 2>/dev/null
	df_says 'Containers 1 0 2.1MB 2.1MB (100%)'
}
