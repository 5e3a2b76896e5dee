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

/* Returns how many arguments the flag ARG and its value are, or -1. */
static int check_long(const char *usage, const char *arg, const char *next, struct err *e)
{
	size_t len = strcspn(arg, "=");
	const char *behind = find_flag(usage, arg, len, 0);

	if (!behind)
		return err_set(e, 0, "unknown flag: %.*s", len > 60 ? 60 : (int)len, arg);
	if (!takes_value(behind) || arg[len])
		return 1;
	return next ? 2 : err_set(e, 0, "flag needs an argument: %s", arg);
}

static int check_letters(const char *usage, const char *arg, const char *next, struct err *e)
{
	for (const char *c = arg + 1; *c; c++) {
		const char *behind = find_flag(usage, "", 0, *c);

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
