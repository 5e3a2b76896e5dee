/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables for people. */
#include <string.h>

#include "base/mem.h"
#include "base/table.h"
#include "base/utf8.h"

enum { COLUMNS = 16, GAP = 3 };

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static size_t width_of(const char *cell, size_t len)
{
	size_t w = 0;

	for (size_t i = 0; i < len; i++)
		w += ((unsigned char)cell[i] & 0xc0) != 0x80;
	return w;
}

/* Calls FN for each cell; LAST says that the row ends behind it. */
static void each_cell(const char *text, size_t width[COLUMNS], struct strbuf *out,
	void (*fn)(const char *cell, size_t len, int last, size_t *width, struct strbuf *out))
{
	int col = 0;

	while (*text) {
		size_t len = strcspn(text, "\t\n");
		int last = text[len] != '\t';

		fn(text, len, last, &width[col], out);
		col = last || col == COLUMNS - 1 ? 0 : col + 1;
		text += len + (text[len] != '\0');
	}
}

static void measure(const char *cell, size_t len, int last, size_t *width, struct strbuf *out)
{
	size_t w = width_of(cell, len);

	(void)last;
	(void)out;
	if (w > *width)
		*width = w;
}

static void print(const char *cell, size_t len, int last, size_t *width, struct strbuf *out)
{
	size_t pad = *width - width_of(cell, len) + GAP;

	sb_add(out, cell, len);
	while (!last && pad--)
		sb_addc(out, ' ');
	if (last)
		sb_addc(out, '\n');
}

void table_format(struct strbuf *out, const char *text)
{
	cleanup_free char *copy = xstrdup(text);
	size_t width[COLUMNS] = { 0 };

	utf8_make_printable(copy, "\t\n");
	each_cell(copy, width, out, measure);
	each_cell(copy, width, out, print);
}
