/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what is shown of a log. */
//link: applets/tcrd/log_filter.c
#include "../../applets/tcrd/log_filter.h"
#include "base/mem.h"
#include "tap.h"

/* What is fed: pieces "o:TEXT" and "e:TEXT", one every 1000 ms since 1970. */
#define PIECES_MAX 6

static const struct {
	const char *pieces[PIECES_MAX];
	struct log_filter filter;
	const char *want[LOG_STREAMS];
	bool cut;
} cases[] = {
	{ { "o:one\n", "e:bad\n", "o:two\n" }, { 0 }, { "one\ntwo\n", "bad\n" }, false },
	{ { "o:par", "e:bad\n", "o:tial" }, { 0 }, { "partial", "bad\n" }, false },
	/* time stamps: a line has the time when it began */
	{ { "o:par", "e:bad\n", "o:tial\nnext" }, { .timestamps = true },
		{ "1970-01-01T00:00:00.000000000Z partial\n1970-01-01T00:00:02.000000000Z next",
			"1970-01-01T00:00:01.000000000Z bad\n" },
		false },
	{ { "o:a\n\nb\n" }, { .timestamps = true },
		{ "1970-01-01T00:00:00.000000000Z a\n1970-01-01T00:00:00.000000000Z \n"
		  "1970-01-01T00:00:00.000000000Z b\n",
			"" },
		false },
	/* the last lines */
	{ { "o:1\n", "e:2\n", "o:3\n4\n" }, { .skip = 2 }, { "3\n4\n", "" }, false },
	{ { "o:1", "e:2\n", "o:1\n3\n" }, { .skip = 1 }, { "3\n", "2\n" }, false },
	{ { "o:1\n2\n" }, { .skip = 2 }, { "", "" }, false },
	/* since and until */
	{ { "o:0\n", "o:1\n", "o:2\n", "o:3\n" }, { .since_ms = 1000, .until_ms = 2000 },
		{ "1\n2\n", "" }, false },
	{ { "o:0", "o:0\n1\n" }, { .since_ms = 1000 }, { "1\n", "" }, false },
	{ { "o:0", "o:0\n1\n" }, { .until_ms = 1 }, { "00\n", "" }, false },
	/* the beginning is gone */
	{ { "o:rest\nline\n", "e:whole\nline\n" }, { 0 }, { "line\n", "line\n" }, true },
	{ { "o:no end", "|", "o: of a line\nline\n" }, { 0 }, { " of a line\nline\n", "" }, true },
};

static void test_lines(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strbuf out[LOG_STREAMS] = { STRBUF_INIT, STRBUF_INIT };
		struct log_filter f = cases[i].filter;

		if (!f.until_ms)
			f.until_ms = INT64_MAX;
		filter_begin(&f, cases[i].cut);
		for (int64_t n = 0; n < PIECES_MAX && cases[i].pieces[n]; n++) {
			const char *p = cases[i].pieces[n];
			struct log_entry entry = { .ms = n * 1000, .stream = *p == 'e' };

			if (*p == '|')
				filter_uncut(&f);
			else
				filter_add(&f, &entry, p + 2, strlen(p + 2), &out[entry.stream]);
		}
		for (int s = 0; s < LOG_STREAMS; s++) {
			cleanup_free char *name = xasprintf(
				"case %zu, stream %d: %s", i, s, cases[i].pieces[0]);

			is_str(sb_str(&out[s]), cases[i].want[s], name);
			sb_free(&out[s]);
		}
	}
}

static const struct {
	const char *text, *want;
} shown[] = {
	{ "plain text\n", "plain text\n" },
	{ "a\tb\r\nc", "a\tb\r\nc" },
	{ "over\rwritten", "over^Mwritten" },
	{ "\r", "^M" },
	{ "\r\r\n", "^M\r\n" },
	{ "\33[31mred\33[0m", "^[[31mred^[[0m" },
	{ "bell\a null\1 del\177", "bell^G null^A del^?" },
	{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ "\xc2\x9b"
	  "31m",
		"\\xc2\\x9b31m" },
	{ "\x9b"
	  "31m",
		"\\x9b31m" },
	{ "cut \xe2\x82", "cut \\xe2\\x82" },
	{ "\xe2\x82"
	  "A",
		"\\xe2\\x82A" },
	{ "\xc0\xaf \xed\xa0\x80 \xff\xfe", "\\xc0\\xaf \\xed\\xa0\\x80 \\xff\\xfe" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
};

/* Whole, and cut in two anywhere. */
static void test_visible(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		size_t len = strlen(shown[i].text);

		for (size_t at = 0; at <= len; at++) {
			cleanup_sb struct strbuf out = STRBUF_INIT, other = STRBUF_INIT;
			cleanup_free char *name = xasprintf("text %zu, cut at %zu", i, at);
			struct log_filter f = { 0 };

			f.stream[LOG_STDOUT].visible = f.stream[LOG_STDERR].visible = true;
			if (at)
				filter_show(&f, LOG_STDOUT, shown[i].text, at, &out);
			filter_show(&f, LOG_STDERR, "\xe2", 1, &other);
			if (at < len)
				filter_show(&f, LOG_STDOUT, shown[i].text + at, len - at, &out);
			filter_show(&f, LOG_STDOUT, NULL, 0, &out);
			is_str(sb_str(&out), shown[i].want, name);
		}
	}
}

static void test_plain(void)
{
	cleanup_sb struct strbuf out = STRBUF_INIT;
	struct log_filter f = { 0 };

	filter_show(&f, LOG_STDOUT, "\33[m\xff\0x", 6, &out);
	ok(out.len == 6 && !memcmp(out.buf, "\33[m\xff\0x", 6),
		"what is no terminal gets each byte as it is");
}

int main(void)
{
	test_lines();
	test_visible();
	test_plain();
	return done_testing();
}
