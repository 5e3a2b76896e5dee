# SPDX-License-Identifier: GPL-2.0-or-later
# tcr attach, the keys to detach, and terminals that change hands.

load lib/helper
load lib/container
load lib/terminal

setup()
{
	begin
	begin_terminal
}

# A shell with a terminal that nobody looks at.
detached_shell()
{
	tcr run -dit --name x --stop-timeout 0 busybox sh >/dev/null
}

# was_attached N: so many clients have come.
was_attached()
{
	[ "$(tcr events --since 1h --until 0s | grep -c ' attach ')" = "$1" ]
}

@test "attach gives the terminal of a detached container, and ^P^Q leaves the container running" {
	detached_shell
	open_terminal <<-'END'
		before=$(stty -g)
		tcr attach x
		code=$?
		[ "$(stty -g)" = "$before" ] && echo "code $code"
	END
	type_keys 'echo $((6 * 7))0\r'
	shows '^420'
	type_keys '\x10\x11'
	shows 'read escape sequence'
	shows '^code 0'
	terminal_ends 0
	has_state x running
}

@test "attach ends with the container, and has its exit code" {
	detached_shell
	open_terminal <<-'END'
		tcr attach x
	END
	type_keys 'exit 6\r'
	terminal_ends 6
	wait_for 5 has_state x exited
}

@test "one client at a time has the terminal, and the next one may when the first has gone" {
	detached_shell
	open_terminal <<-'END'
		tcr attach x
	END
	type_keys 'echo $((6 * 7))0\r'
	shows '^420'
	assert_fails 125 '^tcr: the terminal of container "x" has another client' tcr attach --no-stdin x
	type_keys '\x10\x11'
	terminal_ends 0
	open_terminal <<-'END'
		tcr attach x
	END
	type_keys 'exit 3\r'
	terminal_ends 3
}

@test "the terminal comes back after a client was killed" {
	detached_shell
	start_client attach --no-stdin x
	wait_for 10 was_attached 1
	kill -KILL "$CLIENT"
	wait "$CLIENT" || true
	open_terminal <<-'END'
		until tcr attach x 2>/dev/null; do sleep 0.05; done
	END
	type_keys 'exit 0\r'
	terminal_ends 0
}

@test "the window has the client's size, and full-screen programs draw again" {
	tcr run -dt --name x --stop-timeout 0 busybox sh -c 'trap "echo now \$(stty size)" WINCH
		echo up; while :; do sleep 0.05; done' >/dev/null
	wait_for 10 eval 'tcr logs x | grep -q up'
	open_terminal <<-'END'
		tcr attach x
	END
	shows 'now 33 101'
	tcr stop x
	terminal_ends 137
	: >screen
	tcr start x >/dev/null
	tcr rm -f x >/dev/null
}

@test "a client of the same size makes programs draw again, too" {
	tcr run -dt --name x --stop-timeout 0 busybox sh -c 'trap "echo now \$(stty size)" WINCH
		stty rows 33 cols 101; echo up; while :; do sleep 0.05; done' >/dev/null
	wait_for 10 eval 'tcr logs x | grep -q up'
	open_terminal <<-'END'
		tcr attach x
	END
	shows 'now 33 101'
	tcr rm -f x
	terminal_ends 137
}

@test "other keys are for --detach-keys, also of run, start and exec" {
	local verb
	for verb in 'run -it --name x --detach-keys ctrl-a,d busybox sh' \
		'attach --detach-keys ctrl-a,d x' 'start -ai --detach-keys ctrl-a,d x'; do
		[[ $verb != start* ]] || tcr stop -t 0 x >/dev/null
		: >screen
		VERB=$verb open_terminal <<-'END'
			tcr $VERB
		END
		type_keys 'echo $((6 * 7))0\r'
		shows '^420'
		type_keys '\x10\x11\x01d'
		shows 'read escape sequence'
		terminal_ends 0
		has_state x running
	done
}

@test "what begins like the keys to detach, and is not, is typed" {
	tcr run -dit --name x --stop-timeout 0 busybox sh -c 'stty raw -echo; echo go
		head -c 12 | od -An -tx1 | tr -d "\n"; echo; echo end' >/dev/null
	wait_for 10 eval 'tcr logs x | grep -q go' # once a client is there, it has what is printed
	open_terminal <<-'END'
		tcr attach --detach-keys a,a,b,ctrl-x x
	END
	wait_for 20 was_attached 1
	type_keys 'aaab'
	type_keys 'aab'
	type_keys 'xaacd'
	shows '61 61 61 62 61 61 62 78 61 61 63 64'
	terminal_ends 0
}

@test "the keys are found behind keys that look like their beginning" {
	detached_shell
	open_terminal <<-'END'
		tcr attach --detach-keys a,a,b x
	END
	type_keys 'echo $((6 * 7))0\r'
	shows '^420'
	type_keys 'caaab'
	shows 'read escape sequence'
	terminal_ends 0
}

@test "keys that are none are an error" {
	detached_shell
	local keys
	for keys in '' ctrl- ctrl-A ab 'a,' 'a b' ctrl-p,ctrl-qq 1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7; do
		assert_fails 125 '^tcr: .*(detach-keys|keys)' tcr attach "--detach-keys=$keys" x
		assert_fails 125 '^tcr: .*(detach-keys|keys)' tcr run "--detach-keys=$keys" busybox true
		assert_fails 125 '^tcr: .*(detach-keys|keys)' tcr exec "--detach-keys=$keys" x true
	done
}

@test "run -it can be left, and what is printed meanwhile is in the log" {
	open_terminal <<-'END'
		tcr run -it --name x busybox sh
	END
	type_keys 'echo $((6 * 7))0\r'
	shows '^420'
	type_keys '(sleep 0.3; echo $((7 * 7))0) &\r'
	type_keys '\x10\x11'
	terminal_ends 0
	wait_for 10 eval 'tcr logs x | grep -q 490'
	! grep -q 490 screen || false
}

@test "exec -it can be left, and its command goes on; when its client dies it is hung up" {
	detached_shell
	open_terminal <<-'END'
		tcr exec -it x sh -c 'echo go; exec sleep 1001'
		tcr exec -it x sh -c 'echo gone; exec sleep 1002'
	END
	shows go
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
	type_keys '\x10\x11'
	shows 'read escape sequence'
	shows gone
	wait_for 10 eval '[ -n "$(pids_of sleep 1002)" ]'
	[ -n "$(pids_of sleep 1001)" ]
	kill -KILL "$(pids_of "$TCRBOX" tcr exec -it x sh -c 'echo gone; exec sleep 1002')"
	wait_for 10 eval '[ -z "$(pids_of sleep 1002)" ]'
	[ -n "$(pids_of sleep 1001)" ]
}

@test "attach without a terminal shows what is printed from now on, and ends with the exit code" {
	mkfifo "$BATS_TEST_TMPDIR/go"
	tcr run -d --name x -v .:/here busybox sh -c 'echo before; read x </here/go; echo after; echo err >&2; exit 5' >/dev/null
	wait_for 10 eval 'tcr logs x | grep -q before'
	start_client attach x
	wait_for 10 was_attached 1
	echo go >go
	client_ends 5
	[[ $(<out) = after && $(<err) = err ]]
}

@test "attach connects standard input of a container with -i" {
	tcr run -di --name x --stop-timeout 0 busybox sh -c 'read x; echo "got $x"; exit 4' >/dev/null
	exits 4 eval 'echo typed | tcr attach x >out'
	prints 'got typed' cat out
}

@test "a large input arrives complete" {
	tcr run -di --name x --stop-timeout 0 busybox sh -c 'head -c 588895 | md5sum' >/dev/null
	seq 1 100000 | tcr attach x >out
	prints "$(seq 1 100000 | md5sum)" cat out
}

@test "signals go to the container, and with --sig-proxy=false to the client" {
	tcr run -d --name x --stop-timeout 0 busybox sh -c 'trap "echo caught" USR1; while :; do sleep 0.05; done' >/dev/null
	start_client attach x
	wait_for 10 was_attached 1
	wait_for 10 eval 'kill -USR1 "$CLIENT"; grep -q caught out'
	tcr stop x >/dev/null
	client_ends 137
	tcr start x >/dev/null
	start_client attach --sig-proxy=false x
	wait_for 10 was_attached 2
	kill -TERM "$CLIENT"
	client_ends 143
	has_state x running
}

@test "a container that does not run, or runs in front of somebody else, cannot be attached" {
	assert_fails 125 '^tcr: no such container: "x"' tcr attach x
	assert_fails 125 '^tcr: one container is required' tcr attach
	tcr run --name x busybox true
	assert_fails 125 '^tcr: container "x" is not running, start it first' tcr attach x
	start_client run --rm --name y busybox sh -c 'echo go; exec sleep 1000'
	wait_for 10 grep -q go out
	assert_fails 125 '^tcr: container "y" runs in the foreground of another client' tcr attach y
	kill -TERM "$CLIENT"
	tcr rm -f y >/dev/null
	tcr run -dit --name z --stop-timeout 0 busybox sh >/dev/null
	assert_fails 125 'not a terminal' tcr attach z </dev/null
}
