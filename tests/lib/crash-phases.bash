# SPDX-License-Identifier: GPL-2.0-or-later
# The phases of tests/crash-test: what is under way when the daemon is killed, and what is to be afterwards.
# shellcheck disable=SC2034,SC2154,SC2317 # variables and calls of tests/crash-test

# Each has functions PHASE_prepare (with a daemon that is left alone), PHASE_act (commands whose
# acknowledgement counts; the daemon is killed meanwhile) and PHASE_expect. If there is PHASE_between,
# the daemon is killed before act, and it is its start that is tried: between runs before that.
#
# Two containers see all phases: "by" runs and goes on with the same process, "old" has exited.

PHASES="load image_rm create start_it run run_rm front exec stop stop_always kill_it restart die rm rm_f
	pause rename update network_create network_rm connect disconnect boot boot_dirty shutdown
	reload volume volume_rm unpause print volume_create volume_used image_prune network_prune
	container_prune volume_prune system_prune logs cp_in cp_out exec_d exec_tty tty tty_die tty_rm tty_boot
	tty_boot_dirty tty_reload init init_boot"

sleeper() { tcr run -d --stop-timeout 0 "$@" busybox sleep 1000000; }
# Both: what is if the command was acknowledged, and what may be if not.
either() { if acked; then echo "$1"; else echo "$1|$2"; fi; }

load_prepare() { :; }
load_act() { act tcr image load "$WORK/other.sqfs"; }
load_expect() { expect image other "$(either there absent)"; }

image_rm_prepare() { tcr image load "$WORK/other.sqfs"; }
image_rm_act() { act tcr image rm other; }
image_rm_expect() { expect image other "$(either absent there)"; }

create_prepare() { :; }
create_act() { act tcr create --name web -p 8080:80 --restart always busybox sleep 1000000; }
create_expect() { expect container web "$(either created absent)"; }

start_it_prepare() { tcr create --name web --stop-timeout 0 -p 8080:80 --restart unless-stopped busybox sleep 1000000; }
start_it_act() { act tcr start web; }
start_it_expect() { expect container web "$(either running 'created|exited')"; }

run_prepare() { :; }
run_act() { act sleeper --name web -p 8080:80 --network fresh --restart always; }
run_expect() { expect container web "$(either running absent)"; expect network fresh 'there|absent'; }

run_rm_prepare() { :; }
run_rm_act() { act sleeper --name web --rm -p 8080:80; }
run_rm_expect() { expect container web "$(either running absent)"; }

front_prepare() { :; }
front_act() { act tcr run --name web -p 8080:80 busybox true; }
front_expect() { expect container web "$(either exited 'absent')"; }

exec_prepare() { sleeper --name web -p 8080:80; }
exec_act() { act tcr exec web true; }
exec_expect() { expect container web running; }

pause_prepare() { sleeper --name web -p 8080:80; }
pause_act() { act tcr pause web; }
pause_expect() { expect container web "$(either paused running)"; }

stop_prepare() { sleeper --name web -p 8080:80 --restart unless-stopped; }
stop_act() { act tcr stop web; }
stop_expect() { expect container web "$(either exited running)"; }

stop_always_prepare() { sleeper --name web -p 8080:80 --restart always; }
stop_always_act() { act tcr stop web; }
stop_always_expect() { expect container web running; }

kill_it_prepare() { sleeper --name web -p 8080:80; }
kill_it_act() { act tcr kill web; }
kill_it_expect() { expect container web "$(either exited running)"; }

restart_prepare() { sleeper --name web -p 8080:80 --restart unless-stopped; }
restart_act() { act tcr restart -t 0 web; }
restart_expect() { expect container web running; }

die_prepare() { sleeper --name web -p 8080:80 --restart always; }
die_act() { act die_and_return web; }
die_expect() { expect container web running; }

rm_prepare() { sleeper --name web -p 8080:80 && tcr stop web; }
rm_act() { act tcr rm web; }
rm_expect() { expect container web "$(either absent exited)"; }

rm_f_prepare() { sleeper --name web -p 8080:80 --restart always; }
rm_f_act() { act tcr rm -f web; }
rm_f_expect() { expect container web "$(either absent running)"; }

rename_prepare() { sleeper --name web -p 8080:80; }
rename_act() { act tcr rename web site; }
rename_expect()
{
	if acked || has container site; then
		expect container site running
		expect container web absent
	else
		expect container web running
	fi
}

update_prepare() { sleeper --name web --restart no; }
update_act() { act tcr update --restart always web; }
update_expect()
{
	expect container web running
	! acked || grep -qx -e '--restart=always' "$ROOT/containers/$(id_of web)/spec" || broke "update is lost"
}

network_create_prepare() { :; }
network_create_act() { act tcr network create net; }
network_create_expect() { expect network net "$(either there absent)"; }

network_rm_prepare() { tcr network create net && tcr run --rm --network net busybox true; }
network_rm_act() { act tcr network rm net; }
network_rm_expect() { expect network net "$(either absent there)"; }

connect_prepare() { sleeper --name web -p 8080:80 && tcr network create net; }
connect_act() { act tcr network connect net web; }
connect_expect()
{
	expect container web running
	expect network net there
	! acked || [ "$(links_of web)" = 2 ] || broke "the connection is lost"
}

disconnect_prepare() { sleeper --name web -p 8080:80 --network tcr_default --network net; }
disconnect_act() { act tcr network disconnect net web; }
disconnect_expect()
{
	expect container web running
	expect network net there
	! acked || [ "$(links_of web)" = 1 ] || broke "the connection is back"
}

boot_prepare() { sleeper --name web -p 8080:80 --network net; }
boot_between() { :; }
boot_act() { act answers; }
boot_expect() { expect container web running; expect network net there; }

# Containers that died while there was no daemon, and one that is half-made.
boot_dirty_prepare()
{
	local n=$1
	sleeper --name web -p 8080:80 --network net --restart always
	sleeper --name dead -p 8081:80
	sleeper --name gone --rm -p 8082:80
	tcr run --name failed --restart on-failure:1 busybox false || true
	dead_pids=$(pid_of web dead gone)
	inject $((n * 37 % 380 + 1)) -p "$DAEMON"
	sleeper --name half -p 8083:80 --network other >/dev/null 2>&1
	end_injection
	start_daemon
}
boot_dirty_between()
{
	local pid
	for pid in $dead_pids; do
		kill -KILL "$pid"
	done
}
boot_dirty_act() { act answers; }
boot_dirty_expect()
{
	expect container web running
	expect container dead exited
	expect container gone absent
	expect container failed exited
	expect container half 'running|absent'
	expect network net there
	expect network other 'there|absent'
}

shutdown_prepare() { sleeper --name web -p 8080:80; }
shutdown_act() { BY_PID=; kill -TERM "$DAEMON"; acked=0; }
shutdown_expect() { expect container web 'exited|running'; }

# SIGHUP, until the next image of the daemon answers.
reload_prepare() { sleeper --name web -p 8080:80 --restart always; }
reload_act() { act reload_and_wait; }
reload_expect() { expect container web running; }

# A new volume takes over what the image has there: all of it, or nothing yet.
volume_prepare() { :; }
volume_act() { act sleeper --name web -v data:/etc; }
volume_expect()
{
	expect container web "$(either running absent)"
	expect volume data 'there|absent'
	! has container web || [ "$(cd "$ROOT/volumes/data/data" && ls -I hosts -I hostname -I resolv.conf)" = "$(ls_image /etc)" ] ||
		broke "the volume has another content than the image"
}

volume_rm_prepare() { tcr volume create data; }
volume_rm_act() { act tcr volume rm data; }
volume_rm_expect() { expect volume data "$(either absent there)"; }

unpause_prepare() { sleeper --name web -p 8080:80 && tcr pause web; }
unpause_act() { act tcr unpause web; }
unpause_expect() { expect container web "$(either running paused)"; }

volume_create_prepare() { :; }
volume_create_act() { act tcr volume create --label a=b data; }
volume_create_expect() { expect volume data "$(either there absent)"; }

# It has content already, which stays.
volume_used_prepare() { tcr run --rm -v data:/x busybox sh -c 'echo mine >/x/file'; }
volume_used_act() { act sleeper --name web -v data:/x; }
volume_used_expect()
{
	expect container web "$(either running absent)"
	expect volume data there
	[ "$(<"$ROOT/volumes/data/data/file")" = mine ] || broke "the volume has lost its content"
}

container_prune_prepare() { tcr run --name web --label a -p 8080:80 busybox true && tcr create --name new --label a busybox true; }
container_prune_act() { act tcr container prune -f --filter label=a; }
container_prune_expect()
{
	expect container web "$(either absent exited)"
	expect container new "$(either absent created)"
}

image_prune_prepare() { tcr image load "$WORK/other.sqfs"; }
image_prune_act() { act tcr image prune -af; }
image_prune_expect() { expect image other "$(either absent there)"; expect image busybox there; }

network_prune_prepare() { tcr network create net && tcr network create net2; }
network_prune_act() { act tcr network prune -f; }
network_prune_expect()
{
	expect network net "$(either absent there)"
	expect network net2 "$(either absent there)"
}

volume_prune_prepare() { tcr volume create data && sleeper --name web -v used:/x; }
volume_prune_act() { act tcr volume prune -af; }
volume_prune_expect()
{
	expect volume data "$(either absent there)"
	expect volume used there
	expect container web running
}

system_prune_prepare() { container_prune_prepare && tcr network create --label a net; }
system_prune_act() { act tcr system prune -f --filter label=a; }
system_prune_expect() { container_prune_expect; expect network net "$(either absent there)"; }

# What a container prints is in its log, once.
LINES=200
printer() { sleeper_of "seq $LINES; seq $LINES >&2; exec sleep 1000000" "$@"; }
sleeper_of() { tcr run -d --stop-timeout 0 "${@:2}" busybox sh -c "$1"; }
has_log() { [ "$(tcr logs "$1" 2>/dev/null)" = "$(seq $LINES)" ] && [ "$(tcr logs "$1" 2>&1 >/dev/null)" = "$(seq $LINES)" ]; }

print_prepare() { :; }
print_act() { act printer --name web; }
print_expect()
{
	expect container web "$(either running absent)"
	! has container web || has_log web || broke "the log is not what was printed"
}

logs_prepare() { printer --name web && wait_until 10 has_log web; }
logs_act() { act tcr logs web; }
logs_expect() { expect container web running; has_log web || broke "the log has changed"; }

cp_in_prepare() { sleeper --name web; }
cp_in_act() { act tcr cp "$WORK/other.sqfs" web:/file; }
cp_in_expect()
{
	expect container web running
	! acked || cmp -s "$WORK/other.sqfs" "$RUN/containers/$(id_of web)/rootfs/file" || broke "the copy is not what was acknowledged"
}

cp_out_prepare() { sleeper --name web; }
cp_out_act() { rm -rf "$WORK/copy"; act tcr cp web:/etc "$WORK/copy"; }
cp_out_expect() { expect container web running; ! acked || [ -s "$WORK/copy/passwd" ] || broke "the copy is not what was acknowledged"; }

exec_d_prepare() { sleeper --name web -p 8080:80; }
exec_d_act() { act tcr exec -d web sleep 1000001; }
exec_d_expect() { expect container web running; }

exec_tty_prepare() { sleeper --name web -p 8080:80; }
exec_tty_act() { act tcr exec -dt web sleep 1000001; }
exec_tty_expect() { expect container web running; }

tty_prepare() { :; }
tty_act() { act sleeper -t --name web -p 8080:80; }
tty_expect() { expect container web "$(either running absent)"; }

tty_die_prepare() { sleeper -t --name web -p 8080:80 --restart always; }
tty_die_act() { act die_and_return web; }
tty_die_expect() { expect container web running; }

tty_rm_prepare() { sleeper -t --name web && sleeper -t --name second; }
tty_rm_act() { act tcr rm -f web; }
tty_rm_expect() { expect container web "$(either absent 'running|exited')"; expect container second running; }

tty_boot_prepare() { sleeper -t --name web -p 8080:80; }
tty_boot_between() { :; }
tty_boot_act() { act answers; }
tty_boot_expect() { expect container web running; }

# The only terminal is gone, and one that was being made.
tty_boot_dirty_prepare()
{
	local n=$1
	sleeper -t --name web --restart always
	dead_pids=$(pid_of web)
	inject $((n * 37 % 380 + 1)) -p "$DAEMON"
	sleeper -t --name half >/dev/null 2>&1
	end_injection
	start_daemon
}
tty_boot_dirty_between() { boot_dirty_between; }
tty_boot_dirty_act() { act answers; }
tty_boot_dirty_expect() { expect container web running; expect container half 'running|absent'; }

tty_reload_prepare() { sleeper -t --name web; }
tty_reload_act() { act reload_and_wait; }
tty_reload_expect() { expect container web running; }

init_prepare() { :; }
init_act() { act sleeper --init --rm --tmpfs /t --name web; }
init_expect() { expect container web "$(either running absent)"; }

init_boot_prepare() { sleeper --init --rm --tmpfs /t --name web; }
init_boot_between() { :; }
init_boot_act() { act answers; }
init_boot_expect() { expect container web running; }
