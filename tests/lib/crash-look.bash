# SPDX-License-Identifier: GPL-2.0-or-later
# How tests/crash-test looks at what is there, and what of it belongs to nobody.
# shellcheck disable=SC2154 # variables of tests/crash-test

# list: what the daemon has. "ID NAME STATE PORTS" a line; names of networks; "ID NAME" of images.
list()
{
	tcr ps -a --no-trunc --format json |
		sed -E 's/.*"ID":"([^"]*)".*/\1 &/; s/^([^ ]*) .*"Names":"([^"]*)".*"Ports":"([^"]*)".*"State":"([^"]*)".*/\1 \2 \4 \3/' >"$WORK/ps"
	tcr network ls 2>/dev/null | awk 'NR > 1 { print $2 }' >"$WORK/networks"
	tcr volume ls -q >"$WORK/volumes" 2>/dev/null
	tcr image ls --no-trunc | awk 'NR > 1 { print $3, $1 ":" $2 }' >"$WORK/images"
}

# Prints all there is of ours, and all links, a thing a line. Things of a
# container that runs, or not, have its id in the line.
snapshot()
{
	find "$ROOT" "$RUN" -xdev \( -path "$ROOT/containers/*/upper/*" -o -path "$ROOT/containers/*/work/*" \) \
		-prune -o -printf 'file %p\n'
	awk -v a="$ROOT/" -v b="$RUN/" 'index($5, a) == 1 || index($5, b) == 1 { print "mount", $5 }' \
		/proc/self/mountinfo
	grep -sh "^$ROOT/" /sys/block/loop*/loop/backing_file | sed 's/^/loop /'
	find /sys/fs/cgroup -path '*/tcr/*' -type d -printf 'cgroup %p\n' 2>/dev/null
	ip -o link show | sed -E 's/^[0-9]+: ([^:@]*)[:@].*/link \1/'
	nft list table inet tcr 2>/dev/null | tr ',' '\n' | sed -E 's/elements =//; s/[{}]//g; s/^[ \t]+|[ \t]+$//g; /^$/d; s/ : [0-9.]+ \. [0-9]+$/ :/; s/^/nft /'
	# What is in no container is ours if it has one of these names.
	ps -e -o comm=,cgroup= | awk '/\/tcr\// || $1 ~ /^(tcr.*|crun|exe|[0-9]+)$/ {
		# The name server was executed by its descriptor.
		print "process", $1 ~ /^[0-9]+$/ ? "dns" : $1, match($0, /\/tcr\/[0-9a-f]+/) ? substr($0, RSTART + 5, 64) : ""
	}'
}

# known: prints an extended regular expression of what a line beyond the base may contain: of things
# that live in the kernel, those that run.
known()
{
	awk -v kernel="$1" '
		$3 == "running" || $3 == "paused" || !kernel { print $1; print substr($1, 1, 12) }
		($3 == "running" || $3 == "paused") && kernel {
			n = split($4 $5 $6, p, ",")
			for (i = 1; i <= n; i++)
				if (match(p[i], /:[0-9]+->/))
					print "(tcp|udp) \\. " substr(p[i], RSTART + 1, RLENGTH - 3) " :"
		}' "$WORK/ps"
	awk '{ sub(/sha256:/, ""); print $1 }' "$WORK/images"
	sed 's,.*,/volumes/&(/|$),' "$WORK/volumes"
	# The reaper's file stays for ever.
	[ -n "$1" ] || echo "$RUN/init\$"
	[ -z "$(terminals)" ] || case $1 in
	'') echo "$RUN/terminals\$" ;;
	*) echo '^process tcr-keeper $' ;;
	esac
	while read -r net; do
		case $net in
		tcr_default) ;;
		*)
			echo "/networks/$net\$"
			[ -z "$1" ] || network_marks "$net"
			;;
		esac
	done <"$WORK/networks"
	echo NOTHING
}

# Prints the containers that have a terminal, for which there is one process more.
terminals()
{
	local id state
	while read -r id _ state _; do
		[[ $state != running && $state != paused ]] ||
			! grep -qsx -e --tty=true "$ROOT/containers/$id/spec" "$RUN/containers/$id/spec" || echo "$id"
	done <"$WORK/ps"
}

# Its bridge and subnet.
network_marks()
{
	"$TCRBOX" tcr-net --root "$ROOT" inspect "$1" 2>/dev/null |
		sed -nE 's/.*"Subnet":"([^"]*)".*"Bridge":\{"Name":"([^"]*)".*/\\b\1\n\\b\2\\b/p'
}

# strangers: prints what is there and belongs to nobody.
strangers()
{
	local kernel disk
	kernel=$(known kernel | paste -sd '|')
	disk=$(known '' | paste -sd '|')
	snapshot | sort | comm -13 "$WORK/base" - >"$WORK/new"
	grep -E '^(mount|loop|cgroup|link|nft|process)|^file [^ ]*/run/tcr/(netns|net|crun|containers|images)/' "$WORK/new" |
		grep -vE "$kernel"
	grep -E '^file ' "$WORK/new" | grep -vE '^file [^ ]*/run/tcr/(netns|net|crun|containers|images)/' | grep -vE "$disk"
	grep -E '\.(new|tmp)$|/tmp-|^file .*/containers/[0-9a-f]{64}/[0-9a-f]{3}(\.|$)' "$WORK/new"
}

# The same, but for what the kernel or a child is about to remove.
no_strangers()
{
	list
	[ -z "$(strangers)" ]
}

# What one more start may not change: on disk nothing is even written. But for children that are at work.
picture()
{
	list
	cat "$WORK/ps" "$WORK/networks" "$WORK/images" "$WORK/volumes"
	snapshot | grep -vE '^process (tcr.*|exe) $' | sort
	find "$ROOT" -xdev \( -path "$ROOT/containers/*/upper/*" -o -path "$ROOT/containers/*/work/*" \) -prune -o \
		! -name lock -printf '%p %i %s %T@\n' | sort
	grep -s . "$RUN"/state/* | sort
}

same_picture()
{
	picture >"$WORK/after"
	cmp -s "$WORK/before" "$WORK/after"
}

# base: prepares what all points have in common.
base()
{
	mkdir -p "$WORK"
	# Loop devices of all sandboxes are seen by all: the path tells which are ours.
	ROOT=/var/lib/tcr/${TMP##*/}.$$.$RANDOM RUN=/run/tcr
	start_daemon
	tcr image load "$BUSYBOX" >/dev/null || fatal "no image"
	sleeper --name by -p 9000:80 --restart always >/dev/null || fatal "no container"
	tcr run --name old busybox true || fatal "no container"
	tcr run --rm busybox true
	list
	BY_PID=$(pid_of by)
	# What is about to vanish is no part of it.
	snapshot | sort >"$WORK/base"
	wait_until 20 eval 'sleep 0.1; cp "$WORK/base" "$WORK/older"; snapshot | sort >"$WORK/base"; cmp -s "$WORK/older" "$WORK/base"' ||
		fatal "it does not settle"
}

check_spec()
{
	local id
	while read -r id _; do
		[ -s "$ROOT/containers/$id/spec" ] || [ -s "$RUN/containers/$id/spec" ] || broke "container $id has no spec"
	done <"$WORK/ps"
}

# Each that runs has what it needs.
check_running()
{
	local id name state pid
	while read -r id name state _; do
		[ "$state" = running ] || continue
		read -r pid _ <"$RUN/state/$id"
		[ -d "/proc/$pid" ] || broke "container $name has no process"
		grep -q " $RUN/containers/$id/rootfs " /proc/self/mountinfo || broke "container $name has no root filesystem"
		[ "$(links_of "$name")" != 0 ] || broke "container $name has no link"
	done <"$WORK/ps"
	[ -z "$(terminals)" ] || [ "$(pgrep -xc tcr-keeper)" = 1 ] || broke "$(pgrep -xc tcr-keeper) processes keep terminals, not one"
	for port in $(grep ' running ' "$WORK/ps" | grep -oE ':[0-9]+->' | tr -d ':>-'); do
		nft list map inet tcr publish | grep -q "tcp \. $port :" || broke "port $port is not published"
	done
}

# is_as_expected PHASE: it may take a moment until what should run does.
is_as_expected()
{
	local pid
	rm -f "$WORK/broken"
	list
	"$1_expect"
	expect container by running
	expect container old exited
	pid=$(pid_of by)
	# After the phase "shutdown" it is a new one.
	[ -n "$BY_PID" ] || [ "$pid" = 0 ] || BY_PID=$pid
	[ "$BY_PID" = "$pid" ] || broke "container by has another process"
	check_spec
	check_running
	[ ! -e "$WORK/broken" ]
}

# check PHASE: after the next start; until something is broken.
check()
{
	wait_until 10 is_as_expected "$1" || return
	wait_until 10 no_strangers || broke "belongs to nobody: $(strangers | head -n 5)" || return
	picture >"$WORK/before"
	kill_daemon
	start_daemon
	wait_until 10 same_picture ||
		broke "one more start changes: $(diff "$WORK/before" "$WORK/after" | grep '^[<>]' | head -n 5)"
}

# clear: back to the base.
clear()
{
	local names
	names=$(awk '$2 != "by" && $2 != "old" { print $2 }' "$WORK/ps")
	# shellcheck disable=SC2086 # a list
	[ -z "$names" ] || tcr rm -f $names >/dev/null || return
	names=$(grep -vx tcr_default "$WORK/networks")
	# shellcheck disable=SC2086 # a list
	[ -z "$names" ] || tcr network rm $names >/dev/null || return
	# shellcheck disable=SC2046 # a list
	[ ! -s "$WORK/volumes" ] || tcr volume rm $(<"$WORK/volumes") >/dev/null || return
	! has image other || tcr image rm other >/dev/null || return
	rm -f "$RUN/init"
	wait_until 10 is_base
}

is_base()
{
	snapshot | sort >"$WORK/new"
	cmp -s "$WORK/base" "$WORK/new"
}
