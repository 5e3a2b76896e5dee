/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of json/reader: its functions. What it takes for JSON is in json_grammar.c. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "json/reader.h"
#include "tap.h"

static void start(struct jr *r, const char *text)
{
	jr_init(r, text, strlen(text));
}

static void test_errors(void)
{
	struct jr r;

	start(&r, "[1,x,2]");
	while (jr_next(&r) != JR_ERROR)
		;
	is_int((int64_t)jr_offset(&r), 3, "the offset tells where the error is");
	is_int(jr_next(&r), JR_ERROR, "an error is final");
	ok(jr_failed(&r), "jr_failed tells of an error");
	is_int(jr_skip(&r), -1, "nothing is skipped after an error");
	ok(!jr_strv(&r), "nothing is read after an error");
	ok(!jr_strdup(&r), "an error has no text");
	is_int((int64_t)jr_offset(&r), 3, "the offset of an error stays");

	start(&r, "1");
	ok(!jr_failed(&r), "a new reader has not failed");
	ok(!jr_strdup(&r) && !jr_key_is(&r, ""), "a new reader has no token");
	jr_next(&r);
	jr_next(&r);
	is_int(jr_next(&r), JR_END, "the end is final");
	ok(!jr_failed(&r), "the end is no error");
}

static void test_key_is(void)
{
	static const struct {
		const char *text, *key;
		bool same;
	} keys[] = {
		{ "{\"args\":0}", "args", true },
		{ "{\"args\":0}", "arg", false },
		{ "{\"args\":0}", "argss", false },
		{ "{\"args\":0}", "Args", false },
		{ "{\"args\":0}", "", false },
		{ "{\"\":0}", "", true },
		{ "{\"\":0}", "a", false },
		{ "{\"\\u0061r\\u0067s\":0}", "args", true },
		{ "{\"a\\/b\\n\":0}", "a/b\n", true },
		{ "{\"\\ud834\\udd1e\":0}", "\xf0\x9d\x84\x9e", true },
		{ "{\"\xc3\xa9\":0}", "\xc3\xa9", true },
		{ "{\"\xc3\xa9\":0}", "\xc3", false },
		{ "{\"a\\u0000b\":0}", "a", false },
		{ "{\"\\u0000\":0}", "", false },
		{ "{\"\\\\u0061\":0}", "a", false },
	};
	struct jr r;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		start(&r, keys[i].text);
		jr_next(&r);
		jr_next(&r);
		ok(jr_key_is(&r, keys[i].key) == keys[i].same, "key %zu is %s", i,
			keys[i].same ? "recognised" : "not confused with another");
	}
	start(&r, "\"args\"");
	jr_next(&r);
	ok(!jr_key_is(&r, "args"), "a string is no key");
}

static void test_int64(void)
{
	static const struct {
		const char *text;
		int result;
		int64_t n;
	} numbers[] = {
		{ "0", 0, 0 },
		{ "-0", 0, 0 },
		{ "10", 0, 10 },
		{ "-17", 0, -17 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", -1, 0 },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "-9223372036854775809", -1, 0 },
		{ "18446744073709551616", -1, 0 },
		{ "92233720368547758070", -1, 0 },
		{ "1.0", -1, 0 },
		{ "1e1", -1, 0 },
		{ "1E0", -1, 0 },
		{ "\"1\"", -1, 0 },
		{ "true", -1, 0 },
		{ "null", -1, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct jr r;
		int64_t n = 0;
		int result;

		start(&r, numbers[i].text);
		jr_next(&r);
		result = jr_int64(&r, &n);
		ok(result == numbers[i].result && n == numbers[i].n, "%s is %s", numbers[i].text,
			numbers[i].result ? "no int64" : "an int64");
	}
}

static void test_skip(void)
{
	struct jr r;

	start(&r, "{\"a\":{\"x\":[1,{}],\"y\":\"}\"},\"b\":[[]],\"c\":1,\"d\":2}");
	is_int(jr_skip(&r), 0, "a whole document is skipped");
	is_int(jr_next(&r), JR_END, "the end follows it");
	is_int(jr_skip(&r), -1, "the end is not skipped");
	start(&r, "[{\"x\":[1,{}]},[[]],\"s\",1,null]");
	jr_next(&r);
	for (int i = 0; i < 5; i++)
		ok(jr_skip(&r) == 0, "element %d is skipped", i);
	is_int(jr_skip(&r), -1, "the end of an array is no value");
	is_int(jr_next(&r), JR_END, "the end of the array is read then");
	start(&r, "[[1,[2],x]]");
	jr_next(&r);
	is_int(jr_skip(&r), -1, "an error inside of what is skipped is an error");
	ok(jr_failed(&r), "an error inside of what is skipped is final");
	start(&r, "{\"a\":1}");
	jr_next(&r);
	is_int(jr_skip(&r), -1, "a key is no value");
}

/* The strings of the array TEXT with a '|' behind each; "error" for NULL. */
static void joined(const char *text, struct strbuf *out)
{
	struct jr r;
	cleanup_strv char **v = NULL;

	start(&r, text);
	v = jr_strv(&r);
	for (char **s = v; s && *s; s++)
		sb_addf(out, "%s|", *s);
	if (!v)
		sb_adds(out, jr_failed(&r) ? "error" : "no error");
	else if (jr_next(&r) != JR_END)
		sb_adds(out, "no end");
}

static void test_strv(void)
{
	static const struct {
		const char *name, *text, *strings;
	} arrays[] = {
		{ "an empty array has no strings", "[]", "" },
		{ "null has no strings", "null", "" },
		{ "one string", "[\"a\"]", "a|" },
		{ "several strings, decoded", "[ \"sh\", \"-c\", \"\", \"\\u00e9\\n\" ]",
			"sh|-c||\xc3\xa9\n|" },
		{ "a string is no array", "\"a\"", "error" },
		{ "an object is no array", "{}", "error" },
		{ "a number is no array", "1", "error" },
		{ "an array of numbers is refused", "[1]", "error" },
		{ "a number among strings is refused", "[\"a\",1]", "error" },
		{ "null among strings is refused", "[\"a\",null]", "error" },
		{ "an array of arrays is refused", "[[\"a\"]]", "error" },
		{ "an array of objects is refused", "[\"a\",{}]", "error" },
		{ "a NUL in a string is refused", "[\"a\",\"b\\u0000\"]", "error" },
		{ "an array without end is refused", "[\"a\",\"b\"", "error" },
		{ "a bad string is refused", "[\"a\",\"\\x\"]", "error" },
		{ "no value is refused", "", "error" },
	};
	struct jr r;

	for (size_t i = 0; i < ARRAY_SIZE(arrays); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;

		joined(arrays[i].text, &sb);
		is_str(sb_str(&sb), arrays[i].strings, arrays[i].name);
	}
	start(&r, "[\"a\", 17]");
	ok(!jr_strv(&r), "a number among strings is an error");
	is_int((int64_t)jr_offset(&r), 6, "its offset is that of the number");
	start(&r, "[\"a\", \"bc\\x\"]");
	ok(!jr_strv(&r), "a bad escape among strings is an error");
	is_int((int64_t)jr_offset(&r), 9, "its offset is that of the escape");
}

static void test_for_each_key(void)
{
	cleanup_sb struct strbuf seen = STRBUF_INIT;
	struct jr r;

	start(&r,
		"{\"skip\":[{\"in\":1}],\"in\":{\"x\":{},\"n\":5,\"y\":[]},\"half\":[[1],2,{"
		"\"in\":3}],"
		"\"null\":null,\"last\":\"l\"}");
	jr_for_each_key (&r) {
		if (jr_key_is(&r, "in")) {
			jr_for_each_key (&r) {
				int64_t n = 0;

				if (jr_key_is(&r, "n") && jr_next(&r) == JR_NUMBER)
					jr_int64(&r, &n);
				sb_addf(&seen, "%d,", (int)n);
			}
			sb_addc(&seen, ';');
		} else if (jr_key_is(&r, "half")) {
			jr_next(&r);
			jr_next(&r);
			jr_next(&r);
			sb_adds(&seen, "half;");
		} else if (jr_key_is(&r, "null")) {
			jr_for_each_key (&r)
				sb_adds(&seen, "never");
			sb_adds(&seen, "null;");
		} else if (jr_key_is(&r, "last")) {
			cleanup_free char *s = jr_next(&r) == JR_STRING ? jr_strdup(&r) : NULL;

			sb_addf(&seen, "%s;", s ? s : "NULL");
		}
	}
	is_str(sb_str(&seen), "0,5,0,;half;null;l;",
		"the loop sees its own keys only, whatever the body leaves unread");
	is_int(jr_next(&r), JR_END, "the loop reads the whole object");
}

static void test_for_each_key_errors(void)
{
	static const char *const texts[] = { "[]", "1", "\"a\"", "", "{\"a\":1", "{\"a\":[1}",
		"{\"a\":1}}" };
	struct jr r;
	int rounds = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		start(&r, texts[i]);
		jr_for_each_key (&r)
			;
		is_int(jr_next(&r), JR_ERROR, "a loop over what is no object ends in an error");
	}
	start(&r, "{\"a\":{\"b\":x},\"c\":1}");
	jr_for_each_key (&r) {
		jr_for_each_key (&r)
			rounds++;
		rounds += 10;
	}
	is_int(rounds, 11, "an error ends the loops around it");
	start(&r, "null");
	jr_for_each_key (&r)
		rounds++;
	ok(rounds == 11 && jr_next(&r) == JR_END, "null has no keys and is no error");
}

int main(void)
{
	test_errors();
	test_key_is();
	test_int64();
	test_skip();
	test_strv();
	test_for_each_key();
	test_for_each_key_errors();
	return done_testing();
}
