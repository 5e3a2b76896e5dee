/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --filter KEY=VALUE, as docker has it. */
//kbuild:obj-y += match.o
#include <ctype.h>
#include <regex.h>
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

/* libc copies what "+" and counts repeat, nested ones again and again, and may look for ever for
 * what a back reference means. */
enum { PATTERN_MAX = 255, PLUS_MAX = 4 };

static int compile(regex_t *re, const char *pattern, struct err *e)
{
	int plus = 0, rc;
	char why[80];

	for (const char *p = pattern; *p; p++) {
		plus += *p == '+';
		if (plus > PLUS_MAX || *p == '{' || p - pattern >= PATTERN_MAX ||
			(*p == '\\' && isalnum((unsigned char)p[1])))
			return err_set(e, 0,
				"a regular expression without \"{\" and \"\\\" before letters and digits, with at most %d \"+\" and %d characters is required",
				PLUS_MAX, PATTERN_MAX);
	}
	rc = regcomp(re, pattern, REG_EXTENDED | REG_NOSUB);
	if (!rc)
		return 0;
	regerror(rc, re, why, sizeof(why));
	return err_set(e, 0, "no regular expression: %s", why);
}

int match_check_name(const char *value, struct err *e)
{
	regex_t re;

	if (compile(&re, value, e))
		return -1;
	regfree(&re);
	return 0;
}

bool match_name(const char *name, const char *value)
{
	cleanup_free char *path = xasprintf("/%s", name);
	struct err ignored;
	regex_t re;
	bool hit;

	if (compile(&re, value, &ignored))
		return false;
	hit = !regexec(&re, name, 0, NULL, 0) || !regexec(&re, path, 0, NULL, 0);
	regfree(&re);
	return hit;
}

bool match_prefix(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}
