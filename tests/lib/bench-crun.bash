# SPDX-License-Identifier: GPL-2.0-or-later
# What bare crun is measured with: the image and the profile of other engines. WORK is the caller's.
# shellcheck disable=SC2086 # that path has no blanks

profile=/usr/share/containers/seccomp.json
for tool in crun jq; do
	command -v $tool >/dev/null || { echo "bench: $tool is missing: install it" >&2; exit 1; }
done
[ -e $profile ] || { echo "bench: $profile is missing: install golang-github-containers-common" >&2; exit 1; }

# The profile as an engine gives it to crun for the default capabilities, on this architecture.
seccomp_of_profile()
{
	jq '["CAP_AUDIT_WRITE","CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER","CAP_FSETID","CAP_KILL","CAP_MKNOD",
		"CAP_NET_BIND_SERVICE","CAP_NET_RAW","CAP_SETFCAP","CAP_SETGID","CAP_SETPCAP","CAP_SETUID",
		"CAP_SYS_CHROOT"] as $caps
	| {defaultAction, defaultErrnoRet, architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
	   syscalls: [.syscalls[]
		| select(((.includes.caps // []) - $caps) == [])
		| select(((.includes.arches // ["amd64"]) | index("amd64")) != null)
		| select(((.excludes.caps // []) - $caps) == (.excludes.caps // []))
		| select(((.excludes.arches // []) | index("amd64")) == null)
		| {names, action, args, errnoRet} | with_entries(select(.value != null))]}
	| with_entries(select(.value != null))' $profile
}

# make_bundles COMMAND...: two bundles of the image for bare crun, $WORK/plain without and $WORK/profile
# with the profile. Their overlay is mounted already.
make_bundles()
{
	local image args
	args=$(printf '%s\n' "$@" | jq -R . | jq -cs .)
	image=$("${BASH_SOURCE[0]%/*}/images" busybox.sqfs)
	mkdir -p $WORK/image $WORK/upper $WORK/work $WORK/plain $WORK/profile $WORK/rootfs
	mount -o loop,ro "$image" $WORK/image
	mount -t overlay -o "lowerdir=$WORK/image/bundle/rootfs,upperdir=$WORK/upper,workdir=$WORK/work" overlay $WORK/rootfs
	crun spec -f $WORK/spec.json 2>/dev/null || (cd $WORK && crun spec && mv config.json spec.json)
	jq --arg rootfs $WORK/rootfs --argjson args "$args" '.process.terminal = false | .process.args = $args
		| .root.readonly = false | .root.path = $rootfs | .process.noNewPrivileges = true' \
		$WORK/spec.json >$WORK/plain/config.json
	seccomp_of_profile >$WORK/seccomp.json
	jq --slurpfile s $WORK/seccomp.json '.linux.seccomp = $s[0]' $WORK/plain/config.json >$WORK/profile/config.json
}

