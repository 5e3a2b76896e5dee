# SPDX-License-Identifier: GPL-2.0-or-later
# Functions for the bats files that install tcrd as a service. The sandbox gets directories of its
# own where files are put on a live system.
# shellcheck disable=SC2034,SC2154 # the results are for the caller; variables of lib/helper

TOP=$BATS_TEST_DIRNAME/..

# live_system: an installation below /run/usr, BusyBox init, directories as the build has them.
live_system()
{
	cd "$BATS_TEST_TMPDIR" || return
	mount -t tmpfs tmpfs /etc/init.d
	mkdir -p /etc/default
	mount -t tmpfs tmpfs /etc/default
	export PREFIX=/run/usr INIT_SYSTEM=busybox
	mkdir -p $PREFIX/bin $PREFIX/sbin
	cp "$TCRBOX" $PREFIX/bin/tcrbox
	ln -s tcrbox $PREFIX/bin/tcr
	ln -s ../bin/tcrbox $PREFIX/sbin/tcrd
	! "$TCRBOX" --list | grep -q tcr-net || ln -s ../bin/tcrbox $PREFIX/sbin/tcr-net
	export TCR_SOCKET=/run/tcr/tcrd.sock TCR_ROOT=/var/lib/tcr TCR_RUN=/run/tcr
}

# Part of each test, in place of the one of lib/container.
teardown()
{
	local status=0
	if [ -n "${PREFIX-}" ]; then
		end_live_system || status=1
	elif [ -z "${BATS_TEST_COMPLETED-}" ]; then
		[ -z "${TCRD_LOG-}" ] || print_log || true
	else
		end_well || status=1
	fi
	clean_up
	return $status
}

end_live_system()
{
	local pid
	unset ROOT_DIR RUN_DIR
	[ ! -x /etc/init.d/S70tcrd ] || service nuke -f >/dev/null 2>&1 || true
	for pid in $(pids_of_tcrd); do
		kill -KILL "$pid" || true
	done
	service nuke -f >/dev/null 2>&1 || true
	umount /etc/default /etc/init.d
	rm -rf /run/usr
}

# service ARGUMENT...: the script that make runs.
service()
{
	"$TOP/host_tools/service" "$@" 3>&-
}

# init_script ARGUMENT...: what init would call.
init_script()
{
	/etc/init.d/S70tcrd "$@" 3>&-
}

# Prints the daemons that run from the installation.
pids_of_tcrd()
{
	local f
	for f in /proc/[0-9]*/cmdline; do
		[[ $(tr '\0' ' ' 2>/dev/null <"$f") != "$PREFIX/sbin/tcrd "* ]] || echo "${f//[!0-9]/}"
	done
}
