# SPDX-License-Identifier: GPL-2.0-or-later
# Functions for the bats files about the lives of containers: some that count their runs, or end politely.

# run_policy NAME POLICY COMMAND: a container that writes a line to the file NAME at each run.
run_policy()
{
	tcr run -d --name "$1" --restart "$2" --stop-timeout 1 -v .:/here --network none busybox \
		sh -c "echo \$(cut -d ' ' -f 1 /proc/uptime) >>/here/$1; $3" >/dev/null
}

# How often the container NAME ran.
runs()
{
	if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi
}

ran_at_least()
{
	[ "$(runs "$1")" -ge "$2" ]
}

restarts_of()
{
	tcr inspect --format '{{.RestartCount}}' "$1"
}

# polite CODE: a command that ends with CODE at SIGTERM, and makes the file ready when it listens.
polite()
{
	echo "trap 'exit $1' TERM; : >/here/ready; while :; do sleep 0.05; done"
}

is_running()
{
	has_state "$1" running
}
