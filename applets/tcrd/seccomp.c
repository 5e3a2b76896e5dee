/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The default seccomp profile: a ready filter for this machine, JSON for images of another. */
//config:config FEATURE_SECCOMP
//config:	bool "run: filter the system calls of containers (7.1 kb)"
//config:	default y
//config:	depends on TCRD
//config:	help
//config:	  Containers may use the system calls that applets/tcrd/seccomp.list allows, which
//config:	  are those of Docker's default profile. The kernel needs SECCOMP_FILTER. Less than
//config:	  1 kb of the size is for this machine's own programs, the rest for foreign ones.
//config:
//config:	  Without this option a container can reach every system call of the kernel.
//config:
//config:config FEATURE_SECCOMP_JSON
//config:	bool "run: filter for images of a foreign architecture (6.4 kb)"
//config:	default y
//config:	depends on FEATURE_SECCOMP
//config:	help
//config:	  A 386 image on an amd64 machine or an arm image on an arm64 one needs a filter
//config:	  that crun compiles from names when the container starts. Without this option
//config:	  such an image does not start.
//kbuild:obj-$(CONFIG_FEATURE_SECCOMP) += seccomp.o
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "generated/seccomp_bpf.h"
#include "seccomp.h"

/* A conditional call has rules that allow it, and rules that deny it with EPERM, not ENOSYS. */
struct conditional {
	char name[12];
	unsigned char arg, allow, deny;
};

/* True for an argument if (argument & mask) == value */
struct match {
	uint32_t mask, value;
};

bool seccomp_is_native(const char *goarch)
{
	return !goarch || !*goarch || !strcmp(goarch, SECCOMP_GOARCH);
}

const char *seccomp_bpf_base64(void)
{
	return SECCOMP_BPF_BASE64;
}

void seccomp_emit_annotation(struct json *j)
{
	json_string(j, "run.oci.seccomp_bpf_data", seccomp_bpf_base64());
}

static void emit_architecture(struct json *j, const char *goarch)
{
	static const struct {
		char goarch[8], name[20];
	} archs[] = {
		{ "386", "SCMP_ARCH_X86" },
		{ "amd64", "SCMP_ARCH_X86_64" },
		{ "arm", "SCMP_ARCH_ARM" },
		{ "arm64", "SCMP_ARCH_AARCH64" },
		{ "riscv64", "SCMP_ARCH_RISCV64" },
	};

	json_array(j, "architectures");
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (!strcmp(goarch, archs[i].goarch))
			json_string(j, NULL, archs[i].name);
	json_end(j);
}

/* Opens a rule up to its names. */
static void begin_rule(struct json *j, bool allow)
{
	json_object(j, NULL);
	json_string(j, "action", allow ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO");
	if (!allow)
		json_int(j, "errnoRet", EPERM);
	json_array(j, "names");
}

/* NAMES are NUL-terminated strings, the last one empty. */
static void emit_names(struct json *j, bool allow, const char *names)
{
	begin_rule(j, allow);
	for (; *names; names += strlen(names) + 1)
		json_string(j, NULL, names);
	json_end(j);
	json_end(j);
}

static void emit_match(
	struct json *j, bool allow, const struct conditional *c, const struct match *m)
{
	begin_rule(j, allow);
	json_string(j, NULL, c->name);
	json_end(j);
	json_array(j, "args");
	json_object(j, NULL);
	json_int(j, "index", c->arg);
	json_uint(j, "value", m->mask);
	json_uint(j, "valueTwo", m->value);
	json_string(j, "op", "SCMP_CMP_MASKED_EQ");
	json_end(j);
	json_end(j);
	json_end(j);
}

void seccomp_json(struct json *j, const char *goarch)
{
	static const struct conditional calls[] = { SECCOMP_CONDITIONAL };
	static const struct match matches[] = { SECCOMP_MATCHES };
	const struct match *m = matches;

	json_object(j, "seccomp");
	json_string(j, "defaultAction", "SCMP_ACT_ERRNO");
	json_int(j, "defaultErrnoRet", ENOSYS);
	emit_architecture(j, goarch);
	json_array(j, "syscalls");
	emit_names(j, true, SECCOMP_ALLOW);
	emit_names(j, false, SECCOMP_DENY);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		for (int n = 0; n < calls[i].allow + calls[i].deny; n++)
			emit_match(j, n < calls[i].allow, &calls[i], m++);
	json_end(j);
	json_end(j);
}
