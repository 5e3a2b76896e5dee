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
	reload volume volume_rm"

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
	! has container web || [ "$(ls "$ROOT/volumes/data/data" | grep -vxE 'hosts|hostname|resolv\.conf')" = "$(ls_image /etc)" ] ||
		broke "the volume has another content than the image"
}

volume_rm_prepare() { tcr volume create data; }
volume_rm_act() { act tcr volume rm data; }
volume_rm_expect() { expect volume data "$(either absent there)"; }
