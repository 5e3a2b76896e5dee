/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of option values: names, numbers, environment. Paths are in check_mount.c. */
//kbuild:obj-y += check.o
#include <ctype.h>
#include <string.h>

#include "base/keys.h"
#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "rpc.h"
#include "signals.h"
#include "spec.h"

char *check_any(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	(void)e;
	return xstrdup(value);
}

char *check_detach_keys(const char *value, void *ctx, struct err *e)
{
	char keys[TCR_KEYS_MAX];

	(void)ctx;
	if (keys_parse(value, keys, sizeof(keys), e) > 0)
		return xstrdup(value);
	err_prefix(e, "--detach-keys");
	return NULL;
}

/* execve(2): 32 pages of 4 KiB, with the NUL byte. */
enum { STRING_MAX = 32 * 4096 };

char *check_env(const char *value, void *ctx, struct err *e)
{
	const char *equals = strchr(value, '='), *found;

	if (ctx && strlen(value) >= STRING_MAX) {
		err_set(e, 0, "--env \"%.60s...\": the kernel takes at most %d bytes of a variable",
			value, STRING_MAX - 1);
		return NULL;
	}
	if (!*value || equals == value) {
		err_set(e, 0, "--env \"%.60s\": the variable has no name", value);
		return NULL;
	}
	if (equals)
		return xstrdup(value);
	found = ctx ? client_getenv(ctx, value) : NULL;
	if (!found)
		return NULL;
	/* A short request can ask for a long value many times. */
	if (client_expands(ctx, strlen(found)))
		return xasprintf("%s=%s", value, found);
	err_set(e, 0, "--env: the variables have more than %d bytes in all", TCR_STRINGS_MAX);
	return NULL;
}

char *check_label(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (*value && *value != '=' && !strchr(value, '\n'))
		return strchr(value, '=') ? xstrdup(value) : xasprintf("%s=", value);
	err_set(e, 0, "--label \"%.60s\" is not valid: NAME=VALUE on one line is required", value);
	return NULL;
}

char *check_signal(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (signal_by_name(value))
		return xstrdup(value);
	err_set(e, 0,
		"the signal \"%.60s\" is not valid: a name such as TERM, or a number from 1 to 64",
		value);
	return NULL;
}

bool is_word(const char *s, const char *extra, size_t max)
{
	if (!isalnum((unsigned char)*s) || strlen(s) > max)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr(extra, *s))
			return false;
	return true;
}

char *check_name(const char *value, void *ctx, struct err *e)
{
	const char *option = ctx ? "--name" : "the name";

	if (is_word(value, "_.-", CHECK_NAME_MAX))
		return xstrdup(value);
	err_set(e, 0,
		"%s \"%.70s\" is not valid: [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most %d characters",
		option, value, CHECK_NAME_MAX);
	return NULL;
}

char *check_hostname(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (is_word(value, ".-", 64)) /* HOST_NAME_MAX */
		return xstrdup(value);
	err_set(e, 0, "--hostname \"%.70s\" is not valid: letters, digits, '-' and '.', at most 64",
		value);
	return NULL;
}

const char *real_network(const char *name)
{
	return strcmp(name, "bridge") && strcmp(name, "default") ? name : DEFAULT_NETWORK;
}

/* "none", "host", "container:REF" or a name. */
char *check_network(const char *value, void *ctx, struct err *e)
{
	bool peer = !strncmp(value, "container:", 10);

	(void)ctx;
	if (ENABLE_FEATURE_NETWORK
			? is_word(value + (peer ? 10 : 0), "_.-", peer ? 64 : CHECK_NAME_MAX)
			: !strcmp(value, "none"))
		return xstrdup(ENABLE_FEATURE_NETWORK ? real_network(value) : value);
	err_set(e, 0, "--network \"%.70s\" is not valid: %s", value,
		ENABLE_FEATURE_NETWORK
			? "none, host, container:NAME, or a name of [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 63 characters"
			: "this tcrd is built without networks, only none is possible");
	return NULL;
}

char *check_restart(const char *value, void *ctx, struct err *e)
{
	static const char *const plain[] = { "no", "always", "unless-stopped", "on-failure" };
	long n;

	(void)ctx;
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (!strcmp(value, plain[i]))
			return xstrdup(value);
	if (!strncmp(value, "on-failure:", 11) && !parse_int(value + 11, 0, 1000000, &n))
		return xstrdup(value);
	err_set(e, 0,
		"--restart \"%.60s\" is not valid: no, always, unless-stopped or on-failure[:N]",
		value);
	return NULL;
}

char *check_timeout(const char *value, void *ctx, struct err *e)
{
	long n;

	(void)ctx;
	if (!parse_int(value, -1, CHECK_TIMEOUT_MAX, &n))
		return xstrdup(value);
	err_set(e, 0, "time-out \"%.60s\" is not valid: seconds from 0 to %d, or -1 for no limit",
		value, CHECK_TIMEOUT_MAX);
	return NULL;
}

static bool is_user(const char *s)
{
	long n;

	if (*s >= '0' && *s <= '9')
		return parse_int(s, 0, 0x7fffffff, &n) == 0;
	return is_word(s + (*s == '_'), "_.-$", 256);
}

/* NAME|UID[:[GROUP|GID]]; a number is a number: "1x" and "-1" are nobody. "" is the default. */
char *check_user(const char *value, void *ctx, struct err *e)
{
	cleanup_free char *user = xstrdup(value);
	char *colon = strchr(user, ':');

	(void)ctx;
	if (!*value)
		return NULL;
	if (colon)
		*colon = '\0';
	if (is_user(user) && (!colon || !colon[1] || is_user(colon + 1)))
		return xstrdup(value);
	err_set(e, 0, "--user \"%.60s\" is not valid: NAME or UID, then perhaps :GROUP or :GID",
		value);
	return NULL;
}
