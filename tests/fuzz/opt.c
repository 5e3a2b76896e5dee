/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any arguments as a command line. */
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/strbuf.h"
#include "fuzz.h"

struct target {
	bool all, tty;
	char *name, *size, *id;
	char **env;
};

/* Some values are wrong, some are ignored, the others lose their first byte and may be checked
 * again. */
static char *check_size(const char *value, void *ctx, struct err *e)
{
	require(ctx == check_size);
	if (*value == 'x')
		err_set(e, 0, "wrong");
	if (*value == 'x' || *value == 'i')
		return NULL;
	return xasprintf("=%s", *value == '=' ? value + 1 : value);
}

#define FIELD(f) offsetof(struct target, f)

static const struct opt table[] = {
	{ "all", 'a', OPT_BOOL, false, FIELD(all), NULL },
	{ "tty", 't', OPT_BOOL, false, FIELD(tty), NULL },
	{ "name", 'n', OPT_STRING, false, FIELD(name), NULL },
	{ "size", 's', OPT_STRING, false, FIELD(size), check_size },
	{ "env", 'e', OPT_LIST, false, FIELD(env), NULL },
	{ "id", 0, OPT_STRING, true, FIELD(id), NULL },
};

static void emit(const char *arg, void *v)
{
	strv_append(v, arg);
}

/* What was set, as arguments. */
static char **emitted(const struct target *t)
{
	char **v = xcalloc(1, sizeof(char *));

	opt_emit(table, ARRAY_SIZE(table), t, emit, &v);
	return v;
}

/* They parse to the same. */
static void check_emitted(const struct target *first)
{
	cleanup_strv char **argv = emitted(first), **again = NULL;
	cleanup_free char **rest = NULL;
	struct target second = { 0 };
	struct err e;

	require(opt_parse(table, ARRAY_SIZE(table), argv, OPT_TRUSTED, &second, check_size, &rest,
			&e) == 0);
	require(!rest[0]);
	again = emitted(&second);
	require(strv_len(argv) == strv_len(again));
	for (size_t i = 0; argv[i]; i++)
		require(!strcmp(argv[i], again[i]));
	opt_free(table, ARRAY_SIZE(table), &second);
}

/* A byte of flags, then arguments that end with NUL. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = xcalloc(1, size + 1), **argv = xcalloc(size + 1, sizeof(char *)),
			  **rest = NULL;
	struct target target = { 0 };
	struct err e;
	size_t n = 0;
	int rc;

	if (size)
		memcpy(text, data, size);
	for (size_t i = 1; i < size; i += strlen(text + i) + 1)
		argv[n++] = text + i;
	rc = opt_parse(table, ARRAY_SIZE(table), argv, text[0] & (OPT_STOP | OPT_TRUSTED), &target,
		check_size, &rest, &e);
	require(rc == 0 || rc == 1 || rc == -1);
	require((rc == -1) == (e.exit_code != 0));
	require(rc != -1 || *e.text);
	require(rest && strv_len(rest) <= n);
	require((text[0] & OPT_TRUSTED) || !target.id);
	if (rc == 0)
		check_emitted(&target);
	opt_free(table, ARRAY_SIZE(table), &target);
	return 0;
}
