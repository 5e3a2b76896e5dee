/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --filter KEY=VALUE, as docker has it. */
//kbuild:obj-y += match.o
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "match.h"

/* The value of FILTER if it is of KEY, or NULL. */
static const char *value_of(const char *filter, const struct match_key *key)
{
	size_t len = strlen(key->name);

	return !strncmp(filter, key->name, len) && filter[len] == '=' ? filter + len + 1 : NULL;
}

static bool is_one_of(const char *values, const char *value)
{
	size_t len = strlen(value);

	for (const char *v = values; *v; v += strcspn(v, ","), v += strspn(v, ", "))
		if (strcspn(v, ",") == len && !strncmp(v, value, len))
			return true;
	return false;
}

char *match_check(const char *filter, const struct match_key *keys, size_t n, struct err *e)
{
	cleanup_sb struct strbuf known = STRBUF_INIT;

	for (size_t i = 0; i < n; i++) {
		const char *value = value_of(filter, &keys[i]);

		if (value && *value) {
			if (keys[i].values && !is_one_of(keys[i].values, value))
				err_set(e, 0, "--filter \"%.60s\" is not valid; the values are %s",
					filter, keys[i].values);
			else if (!keys[i].check || keys[i].check(value, e) == 0)
				return xstrdup(filter);
			else
				err_prefix(e, "--filter \"%.60s\" is not valid", filter);
			return NULL;
		}
		sb_addf(&known, "%s%s", i ? ", " : "", keys[i].name);
	}
	err_set(e, 0, "--filter \"%.60s\" is not valid: KEY=VALUE is required, with KEY one of %s",
		filter, sb_str(&known));
	return NULL;
}

static bool match_key(char *const *filters, const struct match_key *key, const void *object)
{
	bool given = false, hit = false;

	for (; *filters; filters++) {
		const char *value = value_of(*filters, key);
		bool match = value && key->match(object, value);

		if (value && key->all && !match)
			return false;
		given = given || value;
		hit = hit || match;
	}
	return hit || !given;
}

bool match_all(char *const *filters, const struct match_key *keys, size_t n, const void *object)
{
	for (size_t i = 0; filters && i < n; i++)
		if (!match_key(filters, &keys[i], object))
			return false;
	return true;
}

/* libc unrolls what is repeated: repeats of repeats, or of groups with "^" and "$" in them, take it
 * hours. Of characters alone, and this long, the worst takes some ten milliseconds. */
enum { PATTERN_MAX = 128 };

static bool is_cheap(const char *pattern)
{
	char last = '(';

	for (const char *p = pattern; *p; last = *p++)
		if (*p == '{' || (*p == '\\' && !strchr(".-/", p[1])) ||
			(strchr("*+", *p) && strchr("()|*+?^$", last)))
			return false;
	return strlen(pattern) < PATTERN_MAX;
}

/* The result is valid until the next call; the last one is kept, since a listing asks for it with
 * each name. NULL: E is filled. */
static const regex_t *compile(const char *pattern, struct err *e)
{
	static char *compiled;
	static regex_t re;

	if (compiled && !strcmp(compiled, pattern))
		return &re;
	if (compiled)
		regfree(&re);
	free(compiled);
	compiled = NULL;
	if (!is_cheap(pattern) || regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB)) {
		err_set(e, 0,
			"a regular expression of less than %d characters is required: without \"{\", with \"*\" and \"+\" behind a character or [set] only, \"\\\" before \".\", \"-\", \"/\" only",
			PATTERN_MAX);
		return NULL;
	}
	compiled = xstrdup(pattern);
	return &re;
}

int match_check_name(const char *value, struct err *e)
{
	return compile(value, e) ? 0 : -1;
}

bool match_name(const char *name, const char *value)
{
	cleanup_free char *path = xasprintf("/%s", name);
	struct err ignored;
	const regex_t *re = compile(value, &ignored);

	return re && (!regexec(re, name, 0, NULL, 0) || !regexec(re, path, 0, NULL, 0));
}

bool match_prefix(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}
