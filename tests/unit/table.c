/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/table. */
#include "base/mem.h"
#include "base/table.h"
#include "tap.h"

static const struct {
	const char *text, *want, *name;
} tables[] = {
	{ "", "", "no text is no table" },
	{ "A\tB\n", "A   B\n", "columns are three spaces apart" },
	{ "ID\tNAME\nabcdef\tx\n", "ID       NAME\nabcdef   x\n",
		"a column is as wide as its widest cell" },
	{ "A\tB\tC\n1\t\t3\n", "A   B   C\n1       3\n", "an empty cell keeps its place" },
	{ "A\tB\n1\t\n", "A   B\n1   \n", "an empty cell at the end is no column less" },
	{ "A\tB\n\n1\t2\n", "A   B\n\n1   2\n", "an empty row stays one" },
	{ "A\tB\n1\n1\t2\t3\n", "A   B\n1\n1   2   3\n", "rows may differ in length" },
	{ "A\tB", "A   B\n", "a newline at the end is added" },
	{ "h\xc3\xa9\tx\nabc\tx\n", "h\xc3\xa9    x\nabc   x\n", "width is counted in characters" },
	{ "\xe2\x82\xac\xf0\x9f\x90\xb3\tx\nab\tx\n", "\xe2\x82\xac\xf0\x9f\x90\xb3   x\nab   x\n",
		"so it is for three and four bytes" },
	{ "a\033[2Jb\tx\n", "a?[2Jb   x\n", "an escape becomes visible" },
	{ "a\rb\x7f\x01\tx\n", "a?b??   x\n", "so do other control bytes" },
};

static void test_tables(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		cleanup_sb struct strbuf out = STRBUF_INIT;

		table_format(&out, tables[i].text);
		is_str(sb_str(&out), tables[i].want, tables[i].name);
	}
}

static void test_large(void)
{
	cleanup_sb struct strbuf in = STRBUF_INIT, out = STRBUF_INIT;
	size_t lines = 0, width = 0;

	for (int i = 0; i < 1000; i++)
		sb_addf(&in, "%d\t%0*d\tend\n", i, i % 200 + 1, 0);
	table_format(&out, in.buf);
	for (const char *p = out.buf, *nl; (nl = strchr(p, '\n')); p = nl + 1) {
		lines++;
		width += (size_t)(nl - p) == 3 + 3 + 200 + 3 + 3;
	}
	is_int((int64_t)lines, 1000, "every row of a large table is there");
	is_int((int64_t)width, 1000, "all its rows are equally wide");
	sb_reset(&in);
	sb_reset(&out);
	for (int i = 0; i < 100; i++)
		sb_adds(&in, "x\t");
	sb_adds(&in, "x\n");
	table_format(&out, in.buf);
	lines = width = 0;
	for (const char *p = out.buf; *p; p++) {
		lines += *p == '\n';
		width += *p == 'x';
	}
	ok(lines == 1 && width == 101, "a row of many columns stays one row");
}

int main(void)
{
	test_tables();
	test_large();
	return done_testing();
}
