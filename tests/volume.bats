# SPDX-License-Identifier: GPL-2.0-or-later
# Volumes: named directories that outlive containers, and take over what the image has.
# shellcheck disable=SC2016 # text to evaluate later

load lib/helper
load lib/container

setup()
{
	begin
}

# volume_data NAME: prints the directory of its data.
volume_data()
{
	echo "$TCR_ROOT/volumes/$1/data"
}

# content_image: loads the image "content", which has files of several owners at /data.
content_image()
{
	image_tree content || return
	local d=content/bundle/rootfs/data
	mkdir -p $d/sub $d/empty && echo one >$d/one && echo two >$d/sub/two || return
	ln $d/one $d/again && ln -s one $d/symlink && mkfifo $d/fifo || return
	chmod 0640 $d/one && chmod 01777 $d/empty && chmod 0750 $d && chown 1000:44 $d $d/one || return
	chown -h 65534:65534 $d/symlink && chown 1000:1000 $d/sub/two || return
	load_tree content
}

no_removals_under_way()
{
	[ -z "$(find "$TCR_ROOT/volumes" -mindepth 1 -maxdepth 1 -name '.*')" ]
}

@test "volume create makes a volume, and is content with one that is there" {
	prints db tcr volume create db
	prints db tcr volume create db
	prints db tcr volume ls -q
	prints_like '^[0-9a-f]{64}$' tcr volume create
}

@test "volume ls and inspect have docker's form" {
	tcr volume create --label a=z --label a=b --label c=d --label c db >/dev/null
	tcr volume ls >out
	[ "$(<out)" = $'DRIVER   VOLUME NAME\nlocal    db' ] || fail "$(<out)"
	prints "local a=b,c= $(volume_data db) db local" \
		jq -r '"\(.Driver) \(.Labels) \(.Mountpoint) \(.Name) \(.Scope)"' <(tcr volume ls --format json)
	tcr volume inspect db >out
	prints "db local b $(volume_data db) null local" \
		jq -r '.[0] | "\(.Name) \(.Driver) \(.Labels.a) \(.Mountpoint) \(.Options) \(.Scope)"' out
	prints_like "^20[0-9-]+T[0-9:]+Z$" jq -r '.[0].CreatedAt' out
	assert_fails 125 'no such volume: "x"' tcr volume inspect x
	[ "$(<stdout)" = '[]' ]
}

@test "a device in a volume cannot be opened, a volume of the host keeps its own" {
	prints "no device" tcr run --rm -v v:/x busybox sh -c \
		'mknod /x/zero c 1 5; head -c 1 /x/zero 2>/dev/null || echo no device'
	prints "no device" tcr run --rm -v v:/x:ro busybox sh -c 'head -c 1 /x/zero 2>/dev/null || echo no device'
	tcr run --rm -v /dev:/x busybox sh -c 'head -c 1 /x/zero' >byte
	prints 1 stat -c %s byte
}

@test "volume ls filters" {
	tcr volume create --label tier=front web1 >/dev/null
	tcr volume create --label tier=back web2 >/dev/null
	tcr run -d --name c -v used:/x busybox sleep 1000 >/dev/null
	prints web1 tcr volume ls -q --filter label=tier=front
	prints "web1 web2" xargs < <(tcr volume ls -q -f label=tier | sort)
	prints web2 tcr volume ls -q -f name=b2
	prints used tcr volume ls -q -f dangling=false
	prints "web1 web2" xargs < <(tcr volume ls -q -f dangling=true | sort)
	refuses 'not valid: KEY=VALUE is required, with KEY one of dangling' tcr volume ls -f size=1
}

@test "the labels of SELinux in a mount's modes are taken for docker's sake" {
	prints ro tcr run --rm -v data:/d:ro,z busybox sh -c '>/d/x 2>/dev/null || echo ro'
	prints rw tcr run --rm -v data:/d:Z busybox sh -c '>/d/x && echo rw'
}

@test "bad names are refused" {
	local name
	for name in . .. ../x a/b .hidden "a b" "" $'a\nb' "$(printf 'x%.0s' {1..129})"; do
		assert_fails 125 'the name of a volume is' tcr volume create "$name"
	done
	assert_fails 125 'no such volume' tcr volume rm ../containers
	assert_fails 125 'no such volume' tcr volume inspect ../volumes
	assert_fails 125 'without a name is not supported' tcr run -v /data busybox
	prints "" tcr volume ls -q
}

@test "a named volume is made on first use and outlives its containers" {
	tcr run --rm -v db:/data busybox sh -c 'echo kept >/data/file'
	prints db tcr volume ls -q
	prints kept tcr run --rm -v db:/elsewhere:ro busybox cat /elsewhere/file
	refuses 'Read-only' tcr run --rm -v db:/data:ro busybox touch /data/x
	start_tcrd_again
	prints kept tcr run --rm -v db:/data busybox cat /data/file
}

start_tcrd_again()
{
	stop_tcrd && start_tcrd
}

@test "a new volume takes over what the image has, with owners, modes, links" {
	content_image
	prints "1000:44 750" tcr run --rm -v new:/data content stat -c '%u:%g %a' /data
	prints "1000:44 640 2" tcr run --rm -v new:/data content stat -c '%u:%g %a %h' /data/again
	prints "one two one" tcr run --rm -v new:/data content sh -c 'cd /data; echo $(cat one sub/two symlink)'
	prints "65534 1777 fifo" tcr run --rm -v new:/data content sh -c \
		'cd /data; echo $(stat -c %u symlink) $(stat -c %a empty) $(stat -c %F fifo)'
	[ ! -e "$TCR_ROOT/volumes/new/new" ] && [ ! -e "$TCR_ROOT/volumes/new/ready" ]
}

@test "a volume that has something keeps it, and nocopy takes nothing over" {
	content_image
	tcr run --rm -v used:/elsewhere content touch /elsewhere/mine
	prints mine tcr run --rm -v used:/data content ls /data
	prints "" tcr run --rm -v bare:/data:nocopy content ls /data
	prints "again empty fifo one sub symlink" xargs < <(tcr run --rm -v bare:/data content ls /data)
}

@test "what a container removed does not come back at its next start" {
	content_image
	tcr run --name c -v v:/data content sh -c 'rm -r /data/*'
	start_tcrd_again
	tcr start c >/dev/null && tcr wait c >/dev/null
	prints "" ls "$(volume_data v)"
}

@test "a symlink of the image leads nowhere outside of it" {
	image_tree evil
	mkdir -p evil/bundle/rootfs/etc/secret && touch evil/bundle/rootfs/etc/secret/mine
	ln -s /etc/secret evil/bundle/rootfs/data
	ln -s ../../../../../../../../etc evil/bundle/rootfs/up
	load_tree evil
	prints mine tcr run --rm -v v1:/data evil ls /data/
	tcr run --rm -v v2:/up evil true
	[ ! -e "$(volume_data v2)/fstab" ] && [ -e "$(volume_data v2)/passwd" ]
	prints "$(tcr run --rm evil cat /etc/passwd)" cat "$(volume_data v2)/passwd"
}

@test "two containers that start with a new volume at once both see all of it" {
	content_image
	dd if=/dev/zero of=content/bundle/rootfs/data/zz bs=1M count=30 status=none
	load_tree content
	local i pids=()
	for i in 1 2 3; do
		tcr run --rm -v v:/data content sh -c 'ls /data | wc -l; stat -c %s /data/zz' >"out$i" &
		pids+=($!)
	done
	for i in 1 2 3; do wait "${pids[i - 1]}"; done
	for i in 1 2 3; do
		prints "7 31457280" xargs <"out$i"
	done
}

@test "an interrupted take-over is done again" {
	content_image
	tcr volume create v >/dev/null
	mkdir "$TCR_ROOT/volumes/v/new" && echo half >"$TCR_ROOT/volumes/v/new/one"
	prints one tcr run --rm -v v:/data content cat /data/one
	[ ! -e "$TCR_ROOT/volumes/v/new" ]
}

@test "a take-over that was interrupted while it moved is finished, whoever comes next" {
	tcr volume create v >/dev/null
	local v=$TCR_ROOT/volumes/v
	mkdir -m 0711 "$v/ready" && chown 1000:44 "$v/ready"
	echo rest >"$v/ready/b" && echo first >"$v/data/a" && echo old >"$v/ready/a"
	prints "first rest" xargs < <(tcr run --rm -v v:/elsewhere busybox sh -c 'cat /elsewhere/*')
	prints "1000:44 711" stat -c '%u:%g %a' "$v/data"
	[ ! -e "$v/ready" ]
}

@test "the daemon dies while a volume is filled: the next start fills it" {
	content_image
	dd if=/dev/zero of=content/bundle/rootfs/data/zz bs=1M count=60 status=none
	load_tree content
	start_client run --rm -v v:/data content true
	# On a busy machine one may come too late to see it.
	wait_for 10 eval '[ -e "$TCR_ROOT/volumes/v/new" ] || is_no_process "$CLIENT"'
	kill_tcrd
	wait "$CLIENT" || true
	start_tcrd
	prints "7 62914560" xargs < <(tcr run --rm -v v:/data content sh -c 'ls /data | wc -l; stat -c %s /data/zz')
}

@test "a stop ends a start that fills a volume" {
	content_image
	tcr volume create v >/dev/null
	exec 5<"$TCR_ROOT/volumes/v"
	flock 5
	start_client run --name c -v v:/data content true
	wait_for 10 has_state c created
	prints pong echo pong # the loop is not blocked:
	prints v tcr volume ls -q
	tcr rm -f c >/dev/null
	exec 5<&-
	client_ends 125
	prints "0" tcr run --rm -v v:/elsewhere:nocopy busybox sh -c 'ls /elsewhere | wc -l'
}

@test "volume rm refuses a volume in use and names the container" {
	tcr run -d --name web -v db:/x busybox sleep 1000 >/dev/null
	assert_fails 125 'volume "db" is used by container "web"' tcr volume rm db
	assert_fails 125 'volume "db" is used by container "web"' tcr volume rm -f db
	tcr stop -t 0 web >/dev/null
	assert_fails 125 'used by container "web"' tcr volume rm db
	tcr rm web >/dev/null
	prints db tcr volume rm db
	assert_fails 125 'no such volume: "db"' tcr volume rm db
	prints db tcr volume rm -f db
	wait_for 5 no_removals_under_way
}

@test "what creations and removals left is cleared, a damaged record costs no data" {
	tcr run --rm -v db:/x busybox sh -c 'echo data >/x/f'
	echo '{"created":17,"lab' >"$TCR_ROOT/volumes/db/volume.json"
	mkdir -p "$TCR_ROOT/volumes/.new-x/data" "$TCR_ROOT/volumes/.old-1/data/deep"
	start_tcrd_again
	wait_for 5 no_removals_under_way
	prints db tcr volume ls -q
	prints data tcr run --rm -v db:/x busybox cat /x/f
}
