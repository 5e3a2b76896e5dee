# SPDX-License-Identifier: GPL-2.0-or-later
# diff: what a container changed.
# shellcheck disable=SC2016 # text to evaluate later

load lib/helper
load lib/container

setup()
{
	begin
}

# changed COMMAND: runs it in a container named c and prints the changes on one line.
changed()
{
	tcr run --name c busybox sh -c "$1" && tcr diff c | xargs
}

@test "a container that changed nothing has no changes" {
	prints "" changed true
	tcr create --name d busybox >/dev/null
	prints "" tcr diff d
}

@test "added, changed and deleted files are told, with their directories" {
	prints "C /etc C /etc/group A /new A /new/dir A /new/dir/file C /var C /var/www D /var/www/index.html" \
		changed 'mkdir -p /new/dir; echo >/new/dir/file; echo x >>/etc/group; rm /var/www/index.html'
}

@test "a directory that was removed is one line; one that was made again shows what it lost" {
	prints "C /var D /var/www" changed 'rm -r /var/www'
	tcr rm c >/dev/null
	prints "C /var C /var/www D /var/www/index.html A /var/www/other" \
		changed 'rm -r /var/www; mkdir /var/www; echo >/var/www/other'
}

@test "modes and owners are changes, and so is another type" {
	prints "C /tmp C /var C /var/www C /var/www/index.html" \
		changed 'chmod 700 /tmp; chown 1000 /var/www/index.html'
	tcr rm c >/dev/null
	prints "C /etc C /etc/group A /etc/group/x C /root" changed \
		'rmdir /root; ln -s /tmp /root; rm /etc/group; mkdir /etc/group; echo >/etc/group/x'
}

@test "what was made and removed again is no change" {
	prints "" changed 'touch /new; mkdir /dir; rm /new; rmdir /dir'
}

@test "a running container is looked at, and one whose image is mounted for others, too" {
	tcr run -d --name c busybox sh -c 'touch /new; sleep 1000' >/dev/null
	wait_for 5 has_change
	tcr run -d --name other busybox sleep 1000 >/dev/null
	prints "A /new" tcr diff c
	assert_fails 125 'no such container' tcr diff x
	assert_fails 125 'one container is required' tcr diff
}

has_change()
{
	[ -n "$(tcr diff c)" ]
}

@test "a name that would fool a terminal does not" {
	changed 'touch "/$(printf "a\033[31m\nb")"' >/dev/null
	tcr diff c >out
	prints 1 wc -l <out
	prints 'A /a?[31m?b' cat out
}
