/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --filter KEY=VALUE, as docker has it. */
//kbuild:obj-y += match.o
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

		if (value && *value && (!keys[i].values || is_one_of(keys[i].values, value)))
			return xstrdup(filter);
		if (value && *value) {
			err_set(e, 0, "--filter \"%.60s\" is not valid; the values are %s", filter,
				keys[i].values);
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

bool match_prefix(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}
