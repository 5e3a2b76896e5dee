/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequences of keys. */
#include <string.h>

#include "base/keys.h"

enum { DEL = 127 };

/* The byte for the key of LEN characters at TEXT, or -1. */
static int parse_key(const char *text, size_t len)
{
	char c = len == 6 ? text[5] : text[0];

	if (len == 1)
		return c > ' ' && c < DEL ? c : -1;
	if (len == 3 && !strncmp(text, "DEL", 3))
		return DEL;
	if (len != 6 || strncmp(text, "ctrl-", 5) != 0)
		return -1;
	/* "ctrl-A" would be the same key: docker does not take it either. */
	return (c >= 'a' && c <= 'z') || (c && strchr("@[\\]^_", c)) ? c & 31 : -1;
}

int keys_parse(const char *text, char *keys, size_t max, struct err *e)
{
	const char *p = text;

	for (size_t n = 0; n < max; n++) {
		/* The comma is a key, too, where one is expected. */
		size_t len = *p ? 1 + strcspn(p + 1, ",") : 0;
		int key = parse_key(p, len);

		if (key < 0)
			return err_set(e, 0,
				"\"%.60s\" is no sequence of keys: such as ctrl-p,ctrl-q, or ctrl-a,d",
				text);
		keys[n] = key;
		p += len;
		if (!*p)
			return n + 1;
		p++;
	}
	return err_set(e, 0, "\"%.60s\" are too many keys: %zu are allowed", text, max);
}
