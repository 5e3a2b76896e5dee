# SPDX-License-Identifier: GPL-2.0-or-later
# Docker's other names for commands, and the help that shows groups of them.

load lib/helper
load lib/container

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
}

# same_help NAME OTHER: both are names of one command, said without a daemon.
same_help()
{
	local -x TCR_SOCKET=/nonexistent/tcrd.sock
	# shellcheck disable=SC2086 # words
	prints "$(tcr $1 --help)" tcr $2 --help && prints "$(tcr help $1)" tcr help $2
}

@test "container COMMAND is COMMAND" {
	local verb
	for verb in run ps stop kill rm port; do
		same_help "$verb" "container $verb"
	done
	same_help ps 'container ls'
	same_help ps 'container list'
	same_help rm 'container remove'
}

@test "system COMMAND is COMMAND" {
	same_help info 'system info'
}

@test "images, rmi, load, list and remove are what they are in docker" {
	same_help 'image ls' images
	same_help 'image ls' 'image list'
	same_help 'image rm' rmi
	same_help 'image rm' 'image remove'
	same_help 'image load' load
	same_help 'network ls' 'network list'
	same_help 'network rm' 'network remove'
}

@test "a synonym is no wider than what docker has" {
	local words
	for words in 'container version' 'container help' 'container info' 'container image' \
		'container images' 'system ps' 'image run' 'ls' 'list' 'remove' 'network images' \
		'container container ps' 'image image ls' 'container rmi'; do
		# shellcheck disable=SC2086 # words
		refuses "unknown command" tcr $words
	done 3>&-
}

@test "the help of a group lists its commands under its name" {
	prints_like '  container run  .*  container stop ' tcr container --help
	prints_like '  container run ' tcr help container
	prints_like '^Usage: tcr container COMMAND' tcr container --help
	prints_like '  system info ' tcr system --help
	prints_like '  image load .*  image ls ' tcr image --help
	[[ "$(tcr container --help)" != *"container images"* ]]
	prints_like '^Usage: tcr container' tcr container
}

@test "the list of commands has those of one word, and the groups" {
	tcr --help >out
	grep -q '^  run ' out
	sed -n 's/^  \([a-z]*\) .*/\1/p' out | sort -c
	refuses '' grep -E '^  (image|network|container) ' out
	prints_like '(^| )container(,|$)' sed -n 's/^Groups of commands: //p' out
	prints_like '(^| )image(,|$)' sed -n 's/^Groups of commands: //p' out
	prints_like '(^| )system(,|$)' sed -n 's/^Groups of commands: //p' out
	[ "$(awk 'length > 100' out)" = '' ]
}

@test "synonyms do what the commands do" {
	begin
	tcr container run --name web busybox true
	prints_like ' web$' tcr container ls -a
	prints_like busybox tcr images
	prints_like 'Containers: 1' tcr system info
	prints web tcr container rm web
	tcr load "$BUSYBOX_SQFS" >/dev/null
	prints_like . tcr rmi busybox
	prints '' tcr images -q
}

@test "what scripts for docker say is taken" {
	begin
	prints '' tcr images -aq alpine
	prints_like '^[0-9a-f]{12}$' tcr images -aq busybox
	prints_like '^[0-9a-f]{12}$' tcr images -q docker.io/library/busybox:latest
	prints '' tcr images -q busybox:2
	tcr load -q <"$BUSYBOX_SQFS" >/dev/null
	tcr image load <"$BUSYBOX_SQFS" >/dev/null
	tcr network create one >/dev/null
	tcr network create --label a=b two >/dev/null
	prints one tcr network ls --format '{{.Name}}' -f name=on
	prints two tcr network ls --format '{{.Name}}' -f label=a
	prints 1 tcr info -f '{{.Images}}'
	prints "$(tcr --version)" echo "tcr version $(tcr version -f '{{.Server.Version}}')"
	tcr run -d --name web busybox sleep 1000 >/dev/null
	prints web tcr restart --timeout 0 web
	prints web tcr stop --timeout 0 web
	prints web tcr rm -fv web
}

@test "no command of docker is answered as if it were spelt wrongly" {
	refuses "see 'tcr help container'" tcr container foo
	refuses 'tcr image load' tcr push busybox
}

@test "a refusal speaks of what was given, and names the remedy" {
	begin
	tcr create --name x busybox >/dev/null
	refuses 'the name "" is not valid' tcr rename x ''
	refuses "name \"a b\": .*at most 128 characters\$" tcr volume create 'a b'
	refuses "are required; see 'tcr network connect --help'" tcr network connect
	refuses '"/nope": No such file or directory; make it first' tcr run -v /nope:/x busybox true
	refuses 'is not running, start it first' tcr exec x true
	refuses 'is not running, start it first' tcr top x
}

@test "--net is --network" {
	begin
	tcr run --name web --net one --net=two busybox true
	prints one,two tcr ps -a --format '{{.Networks}}'
	prints 1 grep -c '^--network=one$' "$TCR_ROOT/containers/$(tcr ps -aq --no-trunc)/spec"
	prints 0 eval "grep -c '^--net=' '$TCR_ROOT/containers/$(tcr ps -aq --no-trunc)/spec' || true"
}

@test "network create takes the driver bridge and no other" {
	begin
	tcr network create -d bridge one >/dev/null
	tcr network create --driver=bridge two >/dev/null
	refuses '--driver "macvlan" is not known; there is bridge' tcr network create -d macvlan three
	prints 'one two' eval 'tcr network ls --format json | jq -r .Name | sort | xargs'
}

@test "help and -h of tcr-net are --help" {
	prints_like 'tcr-net COMMAND --help' "$TCRBOX" tcr-net --help
	prints "$("$TCRBOX" tcr-net --help)" "$TCRBOX" tcr-net help
	prints "$("$TCRBOX" tcr-net --help)" "$TCRBOX" tcr-net -h
}
