/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON for people. */
#include <stdbool.h>

#include "json/json.h"

/* Strings are the only place where the signs below mean nothing. */
static size_t string_len(const char *p)
{
	size_t n = 1;

	while (p[n] && p[n] != '"')
		n += 1 + (p[n] == '\\' && p[n + 1]);
	return n + (p[n] == '"');
}

static void new_line(struct strbuf *out, unsigned depth)
{
	sb_addc(out, '\n');
	while (depth--)
		sb_adds(out, "    ");
}

void json_indent(const char *text, struct strbuf *out)
{
	unsigned depth = 0;

	for (size_t n = 1; *text; text += n, n = 1) {
		bool open = *text == '{' || *text == '[', close = *text == '}' || *text == ']';

		if (*text == '"')
			n = string_len(text);
		if (open && (text[1] == '}' || text[1] == ']')) {
			n = 2;
			open = false;
		}
		if (close)
			new_line(out, --depth);
		sb_add(out, text, n);
		if (open)
			depth++;
		if (open || *text == ',')
			new_line(out, depth);
		else if (*text == ':')
			sb_addc(out, ' ');
	}
}
