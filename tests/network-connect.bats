# SPDX-License-Identifier: GPL-2.0-or-later
# `network connect` and `network disconnect` last: over the container's end, and the daemon's.

load lib/helper
load lib/container

setup()
{
	begin
	tcr network create --subnet 10.77.1.0/24 a
	tcr network create --subnet 10.77.2.0/24 b
}

# subnets NAME: of its interfaces but lo, sorted, in one line.
subnets()
{
	tcr exec "$1" ip -4 -o addr | awk '$2 != "lo" { sub(/\.[0-9]*\/.*/, "", $4); print $4 }' |
		sort | xargs
}

@test "a network that a running container joined is there after a restart" {
	tcr run -d --name web --network a busybox sleep 1000
	tcr network connect --ip 10.77.2.9 --alias www b web
	[ "$(subnets web)" = "10.77.1 10.77.2" ]
	tcr restart -t 0 web
	[ "$(subnets web)" = "10.77.1 10.77.2" ]
	prints_like '10\.77\.2\.9' tcr run --rm --network b busybox nslookup www
}

@test "a network that it has left is not there after a restart, and can be joined again" {
	tcr run -d --name web --network a --network b busybox sleep 1000
	tcr network disconnect a web
	tcr restart -t 0 web
	[ "$(subnets web)" = "10.77.2" ]
	tcr network connect a web
	tcr restart -t 0 web
	[ "$(subnets web)" = "10.77.1 10.77.2" ]
}

@test "a container that does not run joins and leaves" {
	tcr create --name web --network a busybox sleep 1000
	tcr network connect b web
	tcr network disconnect a web
	refuses 'on the network "b" already' tcr network connect b web
	refuses 'not on the network "a"' tcr network disconnect a web
	refuses '10\.99\.0\.1' tcr network connect --ip 10.99.0.1 a web
	refuses 'in use by container "web"|web' tcr network rm b
	tcr network rm a
	tcr start web
	[ "$(subnets web)" = "10.77.2" ]
}

# shows NETWORKS NAME: inspect and ps say that the container is on these networks, "a,b".
shows()
{
	prints "$1" eval 'tcr inspect '"$2"' | jq -r ".[0].NetworkSettings.Networks | keys | join(\",\")"' &&
		prints "$1" tcr ps -a --filter "name=^$2\$" --format '{{.Networks}}'
}

@test "inspect and ps show the networks that a container is on, or will be when it starts" {
	tcr create --name web --network a busybox sleep 1000
	tcr network connect --alias www b web
	shows a,b web
	prints null eval 'tcr inspect web | jq -c ".[0].NetworkSettings.Networks.a.Aliases"'
	prints '["www"]' eval 'tcr inspect web | jq -c ".[0].NetworkSettings.Networks.b.Aliases"'
	tcr start web
	shows a,b web
	tcr network disconnect a web
	shows b web
	tcr network disconnect b web
	shows '' web
	kill_tcrd
	start_tcrd
	shows '' web
	tcr stop -t 0 web
	shows '' web
	tcr network connect a web
	shows a web
}

@test "a container without any network has loopback only, and its ports come back with one" {
	tcr run -d --name web -p 8080:80 --network a busybox sleep 1000
	tcr network disconnect a web
	tcr restart -t 0 web
	[ -z "$(subnets web)" ]
	[ -z "$(tcr port web)" ]
	tcr network connect b web
	prints '80/tcp -> 0.0.0.0:8080' tcr port web
	tcr restart -t 0 web
	prints '80/tcp -> 0.0.0.0:8080' tcr port web
}

@test "it lasts over SIGKILL of the daemon" {
	tcr run -d --name web --network a --restart always busybox sleep 1000
	tcr network connect b web
	kill_tcrd
	start_tcrd
	[ "$(subnets web)" = "10.77.1 10.77.2" ]
	tcr restart -t 0 web
	[ "$(subnets web)" = "10.77.1 10.77.2" ]
}
