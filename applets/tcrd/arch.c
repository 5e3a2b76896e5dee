/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Architectures of machines and images. */
//kbuild:obj-y += arch.o
#include <string.h>
#include <sys/utsname.h>

#include "arch.h"
#include "base/mem.h"
#include "seccomp.h"

/* What uname(2) calls a machine, its own programs, and those that it runs besides. */
static const struct {
	const char *machine, *native, *other;
} machines[] = {
	{ "x86_64", "amd64", "386" },
	{ "i686", "386", "" },
	{ "i586", "386", "" },
	{ "aarch64", "arm64", "arm" },
	{ "armv6l", "arm", "" },
	{ "armv7l", "arm", "" },
	{ "armv8l", "arm", "" },
	{ "riscv64", "riscv64", "" },
	{ "mips", "mips", "" },
	{ "mips64", "mips64", "mips" },
	{ "ppc64le", "ppc64le", "" },
};

/* A filter of the wrong kind would kill the container: see seccomp.h. */
static bool can_filter(const char *arch)
{
	return !ENABLE_FEATURE_SECCOMP || ENABLE_FEATURE_SECCOMP_JSON || seccomp_is_native(arch);
}

int arch_check(const char *arch, struct err *e)
{
	const char *native = "unknown";
	struct utsname u;

	uname(&u);
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		if (strcmp(machines[i].machine, u.machine))
			continue;
		native = machines[i].native;
		if (!strcmp(arch, native) || (!strcmp(arch, machines[i].other) && can_filter(arch)))
			return 0;
	}
	return err_set(e, 0,
		"is for architecture %.20s, this machine is %s; make it with --platform linux/%s",
		arch, native, native);
}
