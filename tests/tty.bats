# SPDX-License-Identifier: GPL-2.0-or-later
# tcr run -t: the container's terminal, and what becomes of the user's.

load lib/helper
load lib/container
load lib/terminal

setup()
{
	begin
	begin_terminal
}

@test "-t gives a terminal, without it there is none" {
	prints_like '^/dev/(pts/0|console)' tcr run -t --rm busybox tty
	run tcr run --rm busybox tty
	[[ $status = 1 && $output = "not a tty" ]]
	tcr run -t --rm busybox sh -c 'test -t 0 && test -t 1 && test -t 2'
	tcr run -t --rm busybox sh -c 'exec 5<>/dev/tty'
}

@test "the container's terminal belongs to its user" {
	prints_like '^1000' tcr run -t --rm -u www busybox sh -c 'stat -c %u $(tty)'
	tcr run -t --rm -u www busybox sh -c 'echo x >$(tty)'
}

@test "the window is as large as the client's" {
	in_terminal <<-'END'
		[ "$(tcr run -t --rm busybox stty size | tr -d '\r')" = "33 101" ] || exit 1
		stty rows 12 cols 40
		tcr run -it --rm busybox stty size | grep '^12 40' || exit 1
	END
}

@test "the window is as large as that of standard output when standard input is no terminal" {
	in_terminal <<-'END'
		tcr run -t --rm busybox sh -c '[ "$(stty size)" = "33 101" ]' </dev/null
	END
}

@test "a change of the window reaches the container, and its foreground process hears of it" {
	open_terminal <<-'END'
		tcr run -it --rm busybox sh -c 'trap "echo now \$(stty size)" WINCH; echo go
			until [ "$(stty size)" = "40 120" ]; do sleep 0.05; done; sleep 0.05'
	END
	shows go
	# Whoever owns the terminal changes it: here, through another descriptor of the same.
	stty -F "/proc/$(pgrep -f "sh $PWD/script" | tail -n 1)/fd/0" rows 40 cols 120
	terminal_ends 0
	grep -q 'now 40 120' screen
}

@test "the terminal is raw while the container has it, and restored after exit" {
	in_terminal <<-'END'
		before=$(stty -g)
		(until stty -a </dev/tty | grep -q -e '-icanon'; do sleep 0.02; done
			stty -a </dev/tty | grep -q -e '-echo ' && echo raw >>"$TERMINAL"
			until tcr kill t 2>/dev/null; do sleep 0.02; done) &
		tcr run -it --rm --name t busybox cat </dev/tty
		[ $? = 137 ] || exit 1
		[ "$(stty -g)" = "$before" ] || exit 2
		tcr run -it --rm busybox sh -c 'exit 3'
		[ $? = 3 ] || exit 3
		[ "$(stty -g)" = "$before" ] || exit 4
		tcr run -it --rm busybox nosuchcommand
		[ $? = 127 ] || exit 5
		[ "$(stty -g)" = "$before" ] || exit 6
	END
	[ "$(cat "$TERMINAL")" = raw ]
}

@test "the terminal is restored after the daemon has died" {
	export TCRD_PID
	in_terminal <<-'END'
		before=$(stty -g)
		(until stty -a </dev/tty | grep -q -e '-icanon'; do sleep 0.02; done
			kill -KILL "$TCRD_PID") &
		tcr run -it --name t busybox cat </dev/tty
		[ $? = 125 ] || exit 1
		[ "$(stty -g)" = "$before" ] || exit 2
	END
	grep -q '^tcr: .*tcrd' screen
	wait "$TCRD_PID" || true
	start_tcrd
}

@test "the terminal is restored after signals have ended the client" {
	local sig
	mkdir src
	for sig in TERM HUP; do
		SIG=$sig in_terminal <<-'END'
			before=$(stty -g)
			rm -f src/go
			"$TCRBOX" tcr run -it --rm -v ./src:/src busybox sh -c "trap 'exit 9' $SIG; touch /src/go
				while :; do sleep 0.05; done" </dev/tty &
			client=$!
			until stty -a </dev/tty | grep -q -e '-icanon' && [ -e src/go ]; do sleep 0.02; done
			kill -$SIG $client
			wait $client
			[ $? = 9 ] || exit 1
			[ "$(stty -g)" = "$before" ] || exit 2
		END
	done
}

@test "a client without a daemon, or with a usage error, leaves the terminal alone" {
	in_terminal <<-'END'
		before=$(stty -g)
		tcr run -it --nosuch busybox
		TCR_SOCKET=/nonexistent tcr run -it busybox
		tcr run -it nosuchimage
		[ "$(stty -g)" = "$before" ]
	END
}

@test "-t without -i: the output comes, what is typed does not go in" {
	open_terminal <<-'END'
		tcr run -t --rm busybox sh -c 'echo go; if read -t 1 x; then echo "read $x"; exit 1; fi; exit 4'
	END
	shows go
	type_keys 'typed\r'
	terminal_ends 4
}

@test "-it with standard input that is no terminal is an error, -t and -i alone are none" {
	refuses 'not a (terminal|TTY)' tcr run -it busybox true </dev/null
	refuses 'not a (terminal|TTY)' tcr run -it --rm busybox true <<<x
	prints '' tcr ps -aq
	tcr run -t --rm busybox true </dev/null
	tcr run -i --rm busybox true </dev/null
}

@test "what is typed reaches the shell, ^C interrupts, ^D ends it, with the exit code" {
	open_terminal <<-'END'
		tcr run -it --rm busybox sh
		echo "code $?"
	END
	shows '#'
	type_keys 'echo $((6 * 7))0\r'
	shows '^420'
	type_keys 'sleep 1000\r'
	wait_for 10 eval '[ -n "$(pids_of sleep 1000)" ]'
	type_keys '\x03'
	wait_for 10 eval '[ -z "$(pids_of sleep 1000)" ]'
	type_keys '(exit 6)\r'
	type_keys '\x04'
	shows '^code 6'
	terminal_ends 0
}

@test "^C reaches a trap of the container's first process and nothing of the client's" {
	open_terminal <<-'END'
		tcr run -it --rm busybox sh -c 'trap "echo caught; exit 5" INT; echo go
			while :; do sleep 0.05; done'
	END
	shows go
	type_keys '\x03'
	terminal_ends 5
	grep -q caught screen
}

@test "a large paste arrives complete" {
	local i
	open_terminal <<-'END'
		tcr run -it --rm busybox sh -c 'stty raw -echo; echo go; head -c 50000 | md5sum'
	END
	shows go
	for ((i = 0; i < 1000; i++)); do
		printf 'line %044d\n' "$i"
	done >pasted
	[ "$(wc -c <pasted)" = 50000 ]
	cat pasted >&8
	shows "$(md5sum <pasted | cut -c1-32)"
	terminal_ends 0
}

@test "a large output arrives complete" {
	tcr run -t --rm busybox seq 1 100000 | tr -d '\r' >out
	seq 1 100000 | cmp - out
	in_terminal <<-'END'
		tcr run -it --rm busybox seq 1 100000
	END
	seq 1 100000 | cmp - <(tr -d '\r' <screen)
}

@test "output that nobody reads does not block a detached container with a terminal" {
	mkdir src
	tcr run -d -t --name y -v ./src:/src busybox sh -c 'yes | head -c 1000000; echo done >/src/done'
	wait_for 10 test -s src/done
	wait_for 5 has_state y exited
}

@test "a container with a terminal goes on when its client is killed" {
	mkdir src
	start_client run -t --name y -v ./src:/src busybox sh -c 'echo go
		until [ -e /src/go ]; do sleep 0.05; done; yes | head -c 1000000; echo done >/src/done'
	wait_for 10 grep -q go out
	kill -KILL "$CLIENT"
	wait "$CLIENT" || true
	touch src/go
	wait_for 10 test -s src/done
	wait_for 5 has_state y exited
}

@test "a client whose output nobody reads any more ends, and the container with -t can be stopped" {
	[ "$(timeout 60 "$TCRBOX" tcr run -t --rm --name y busybox yes 3>&- | head -n 1 | tr -d '\r')" = y ]
	tcr stop -t 0 y 2>/dev/null || true
	wait_for 10 eval '[ -z "$(tcr ps -q)" ]'
}

@test "background processes that keep the terminal open do not keep the client" {
	in_terminal <<-'END'
		timeout --foreground 60 "$TCRBOX" tcr run -it --rm busybox sh -c 'sleep 1000 & exit 2'
		[ $? = 2 ]
	END
}

@test "exec -t: the window is as large as the client's, its changes arrive, the terminal is restored" {
	tcr run -d --name x --stop-timeout 0 busybox sleep 1000 >/dev/null
	open_terminal <<-'END'
		before=$(stty -g)
		# crun starts the command a moment before the client can set the size.
		tcr exec -t x timeout 60 sh -c 'until [ "$(stty size 2>&1)" = "33 101" ]; do sleep 0.05; done' ||
			exit 1
		tcr exec -it x sh -c 'trap "echo now \$(stty size)" WINCH; echo go
			until [ "$(stty size)" = "40 120" ]; do sleep 0.05; done; sleep 0.05; exit 5'
		[ $? = 5 ] || exit 2
		[ "$(stty -g)" = "$before" ] || exit 3
	END
	shows go
	stty -F "/proc/$(pgrep -f "sh $PWD/script" | tail -n 1)/fd/0" rows 40 cols 120
	terminal_ends 0
	grep -q 'now 40 120' screen
}

@test "exec -it: ^C interrupts the command, ^D ends its input" {
	tcr run -d --name x --stop-timeout 0 busybox sleep 1000 >/dev/null
	open_terminal <<-'END'
		tcr exec -it x sh
		echo "code $?"
	END
	shows '#'
	type_keys 'sleep 1001\r'
	wait_for 10 eval '[ -n "$(pids_of sleep 1001)" ]'
	type_keys '\x03'
	wait_for 10 eval '[ -z "$(pids_of sleep 1001)" ]'
	type_keys '(exit 6)\r'
	type_keys '\x04'
	shows '^code 6'
	terminal_ends 0
	has_state x running
}
