/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/strbuf. */
#include "base/strbuf.h"
#include "tap.h"

static void test_empty(void)
{
	struct strbuf sb = STRBUF_INIT;

	is_str(sb_str(&sb), "", "a new buffer reads as an empty string");
	ok(sb.buf == NULL, "a new buffer owns no memory");
	sb_reset(&sb);
	sb_free(&sb);
	sb_add(&sb, NULL, 0);
	is_str(sb.buf, "", "after an append of nothing, buf is a string");
	sb_addf(&sb, "%s", "");
	is_int((int64_t)sb.len, 0, "a format that gives nothing appends nothing");
	sb_free(&sb);
	ok(!sb.buf && !sb.len && !sb.cap, "a freed buffer is a new buffer");
}

static void test_append(void)
{
	struct strbuf sb = STRBUF_INIT;

	sb_adds(&sb, "one");
	sb_addc(&sb, ' ');
	sb_addf(&sb, "%d%s", 2, "!");
	is_str(sb_str(&sb), "one 2!", "appends follow each other");
	is_int((int64_t)sb.len, 6, "len counts the bytes");
	sb_reset(&sb);
	is_str(sb_str(&sb), "", "a reset buffer is empty");
	ok(sb.cap > 0, "a reset buffer keeps its memory");
	sb_add(&sb, "a\0b", 3);
	ok(sb.len == 3 && memcmp(sb.buf, "a\0b", 4) == 0,
		"bytes may be NUL, and a NUL follows them");
	sb_free(&sb);
}

/* All lengths around the sizes at which the buffer grows. */
static void test_growth(void)
{
	bool terminated = true, kept = true;

	for (size_t n = 0; n < 300; n++) {
		struct strbuf sb = STRBUF_INIT;

		for (size_t i = 0; i < n; i++) {
			sb_addc(&sb, (char)('a' + i % 26));
			terminated = terminated && sb.buf[sb.len] == '\0' && sb.len < sb.cap;
		}
		sb_addf(&sb, "%0*d", (int)n + 1, 7);
		terminated = terminated && sb.buf[sb.len] == '\0' && sb.len < sb.cap;
		for (size_t i = 0; i < n; i++)
			kept = kept && sb.buf[i] == (char)('a' + i % 26);
		kept = kept && sb.len == 2 * n + 1 && sb.buf[2 * n] == '7';
		sb_free(&sb);
	}
	ok(terminated, "the NUL fits behind the content at every length");
	ok(kept, "growing keeps the content");
}

int main(void)
{
	test_empty();
	test_append();
	test_growth();
	return done_testing();
}
