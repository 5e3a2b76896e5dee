/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flags of a verb, checked by its help text: so a wrong one is said without a daemon. */
//kbuild:obj-y += flags.o
#include <string.h>

#include "client.h"

/* Finds the line of a flag, "--env" (LEN bytes) or 'e', in a help text: "  -e, --env NAME  Text" or
 * "      --name NAME  Text". Returns what stands behind the long name, or NULL. */
static const char *find_flag(const char *usage, const char *name, size_t len, char letter)
{
	for (const char *p = usage; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		p += strspn(p, " ");
		if (*p != '-')
			continue;
		if (p[1] != '-') {
			if (p[1] == letter)
				return p + 4 + strcspn(p + 4, " \n");
			p += 4;
		}
		if (len && !strncmp(p, name, len) && strchr(" \n", p[len]))
			return p + len;
	}
	return NULL;
}

/* One space, then the name of a value; a flag without one has more of them before its text. */
static bool takes_value(const char *behind)
{
	return behind[0] == ' ' && behind[1] != ' ' && behind[1] != '\0';
}

/* How the flags of docker begin that are not here. */
static bool is_dockers(const char *arg)
{
	static const char flags[] =
		"--annotation\0--attach\0--aux-\0--blkio-\0--cap-\0--cgroup\0--checkpoint\0"
		"--config-\0--cpu\0--details\0--device\0--digests\0--disable-content-trust\0"
		"--dns-opt\0--domainname\0--driver-opt\0--expose\0--filter\0--force\0--gpus\0"
		"--group-add\0--gw-\0--health-\0--ingress\0--io-max\0--ip\0--isolation\0"
		"--kernel-memory\0--link\0--memory\0--mount\0--no-healthcheck\0--no-prune\0"
		"--oom-\0--opt\0--pid\0--platform\0--privileged\0--pull\0--quiet\0--runtime\0"
		"--scope\0--security-opt\0--shm-size\0--sig-proxy\0--storage-opt\0--sysctl\0"
		"--tree\0--ulimit\0--use-api-socket\0--userns\0--uts\0--verbose\0"
		"--volume-driver\0--volumes-from\0";

	for (const char *f = flags; *f; f += strlen(f) + 1)
		if (!strncmp(arg, f, strlen(f)))
			return true;
	return false;
}

/* Returns how many arguments the flag ARG and its value are, or -1. */
static int check_long(const char *usage, const char *arg, const char *next, struct err *e)
{
	size_t len = strcspn(arg, "=");
	const char *behind = find_flag(usage, arg, len, 0);

	if (!behind)
		return err_set(e, 0,
			is_dockers(arg) ? "the flag %.*s of docker is not supported"
					: "unknown flag: %.*s",
			len > 60 ? 60 : (int)len, arg);
	if (!takes_value(behind) || arg[len])
		return 1;
	return next ? 2 : err_set(e, 0, "flag needs an argument: %s", arg);
}

static int check_letters(const char *usage, const char *arg, const char *next, struct err *e)
{
	for (const char *c = arg + 1; *c; c++) {
		const char *behind = find_flag(usage, "", 0, *c);

		/* Those of run, and of others. */
		if (!behind && strchr(strstr(usage, "[ARG...]") ? "acmq" : "cfmo", *c))
			return err_set(e, 0, "the flag -%c of docker is not supported", *c);
		if (!behind)
			return err_set(e, 0, "unknown shorthand flag: '%c' in %.60s", *c, arg);
		if (!takes_value(behind) && c[1] != '=')
			continue;
		if (c[1])
			return 1;
		return next ? 2 : err_set(e, 0, "flag needs an argument: -%c", *c);
	}
	return 1;
}

int check_flags(const char *usage, char *const *argv, struct err *e)
{
	const char *rest = strstr(usage, "[ARG...]");
	bool stop = rest && rest < strchr(usage, '\n');

	for (int used = 1; *argv && strcmp(*argv, "--"); argv += used, used = 1) {
		if (argv[0][0] != '-' || !argv[0][1]) {
			if (stop)
				return 0;
			continue;
		}
		if (!strcmp(*argv, "--help"))
			return 1;
		used = (argv[0][1] == '-' ? check_long : check_letters)(usage, argv[0], argv[1], e);
		if (used < 0)
			return -1;
	}
	return 0;
}
