/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of json/json, the encoder. */
#include "json/json.h"
#include "tap.h"

/* Encodes one string; the caller frees. */
static char *encoded(const char *s)
{
	struct strbuf sb = STRBUF_INIT;
	struct json j;

	json_init(&j, &sb);
	json_string(&j, NULL, s);
	if (json_finish(&j) < 0)
		sb_reset(&sb);
	return sb.buf;
}

#define FFFD "\xef\xbf\xbd"

static const struct {
	const char *name, *in, *out;
} strings[] = {
	{ "an empty string is two quotes", "", "\"\"" },
	{ "plain text is copied", "web 1 /:'&<>", "\"web 1 /:'&<>\"" },
	{ "quotes and backslashes are escaped", "\"\\\"", "\"\\\"\\\\\\\"\"" },
	{ "the short escapes are used", "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
	{ "other control characters are \\u00xx", "\x01\x0b\x1f", "\"\\u0001\\u000b\\u001f\"" },
	{ "DEL is no control character to JSON", "\x7f", "\"\x7f\"" },
	{ "UTF-8 of each length is copied", "\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e",
		"\"\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\"" },
	{ "the ends of each length are copied",
		"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80"
		"\xf4\x8f\xbf\xbf",
		"\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80"
		"\xf4\x8f\xbf\xbf\"" },
	{ "a lone continuation byte is replaced", "a\x80z", "\"a" FFFD "z\"" },
	{ "Latin-1 is replaced", "caf\xe9", "\"caf" FFFD "\"" },
	{ "a sequence cut by the end is replaced", "\xe2\x82", "\"" FFFD FFFD "\"" },
	{ "a sequence cut by text spares the text", "\xe2\x82z", "\"" FFFD FFFD "z\"" },
	{ "a sequence cut by a quote spares the quote", "\xc3\"", "\"" FFFD "\\\"\"" },
	{ "an overlong NUL is replaced", "\xc0\x80", "\"" FFFD FFFD "\"" },
	{ "an overlong slash is replaced", "\xe0\x80\xaf", "\"" FFFD FFFD FFFD "\"" },
	{ "an overlong four bytes are replaced", "\xf0\x8f\xbf\xbf",
		"\"" FFFD FFFD FFFD FFFD "\"" },
	{ "an overlong DEL is replaced", "\xc1\xbf", "\"" FFFD FFFD "\"" },
	{ "the last overlong of three bytes is replaced", "\xe0\x9f\xbf",
		"\"" FFFD FFFD FFFD "\"" },
	{ "a whole character above U+13FFFF is replaced", "\xf5\x80\x80\x80",
		"\"" FFFD FFFD FFFD FFFD "\"" },
	{ "a surrogate is replaced", "\xed\xa0\x80", "\"" FFFD FFFD FFFD "\"" },
	{ "what is above U+10FFFF is replaced", "\xf4\x90\x80\x80", "\"" FFFD FFFD FFFD FFFD "\"" },
	{ "bytes that UTF-8 never has are replaced", "\xf5\xff\xfe", "\"" FFFD FFFD FFFD "\"" },
};

static void test_strings(void)
{
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		char *out = encoded(strings[i].in);

		is_str(out, strings[i].out, strings[i].name);
		free(out);
	}
}

static void test_document(void)
{
	static char *const args[] = { "sh", "-c", "echo \"hi\"", NULL }, *const none[] = { NULL };
	struct strbuf sb = STRBUF_INIT;
	struct json j;

	json_init(&j, &sb);
	json_object(&j, NULL);
	json_string(&j, "a\"b", NULL);
	json_strv(&j, "args", args);
	json_strv(&j, "env", none);
	json_strv(&j, "mounts", NULL);
	json_array(&j, "list");
	json_object(&j, NULL);
	json_end(&j);
	json_array(&j, NULL);
	json_end(&j);
	json_object(&j, NULL);
	json_bool(&j, "t", true);
	json_bool(&j, "f", false);
	json_end(&j);
	json_null(&j, NULL);
	json_end(&j);
	json_int(&j, "min", INT64_MIN);
	json_int(&j, "max", INT64_MAX);
	json_uint(&j, "umax", UINT64_MAX);
	json_int(&j, "", 0);
	json_end(&j);
	is_int(json_finish(&j), 0, "a complete document has no error");
	is_str(sb_str(&sb),
		"{\"a\\\"b\":null,\"args\":[\"sh\",\"-c\",\"echo \\\"hi\\\"\"],\"env\":[],"
		"\"mounts\":[],\"list\":[{},[],{\"t\":true,\"f\":false},null],"
		"\"min\":-9223372036854775808,\"max\":9223372036854775807,"
		"\"umax\":18446744073709551615,\"\":0}",
		"a document of all types is compact, with commas where they belong");
	sb_free(&sb);
}

/* One program of mistakes: o { O key{ a [ A key[ e end s string S key:string. */
static int play(const char *program, char *text, size_t size)
{
	struct strbuf sb = STRBUF_INIT;
	struct json j;
	int result;

	json_init(&j, &sb);
	for (; *program; program++) {
		const char *key = *program < 'a' ? "k" : NULL;

		switch (*program | 0x20) {
		case 'o':
			json_object(&j, key);
			break;
		case 'a':
			json_array(&j, key);
			break;
		case 's':
			json_string(&j, key, "v");
			break;
		default:
			json_end(&j);
		}
	}
	result = json_finish(&j);
	snprintf(text, size, "%s", sb_str(&sb));
	sb_free(&sb);
	return result;
}

static const struct {
	const char *name, *program, *text;
} mistakes[] = {
	{ "no value is an error", "", "" },
	{ "an open object is an error", "o", "{" },
	{ "an open array inside an object is an error", "oAe", "{\"k\":[]" },
	{ "an end too many is an error", "oee", "{}" },
	{ "an end without a beginning is an error", "e", "" },
	{ "a second document is an error", "ss", "\"v\"" },
	{ "a second document after an array is an error", "aes", "[]" },
	{ "a value without a key in an object is an error", "oSs", "{\"k\":\"v\"" },
	{ "a key in an array is an error", "asS", "[\"v\"" },
	{ "a key at the top level is an error", "O", "" },
	{ "after an error nothing more is written", "oseSooa", "{" },
	{ "an array behind an object has array rules", "aoeaSe", "[{},[" },
	{ "an object behind an array has object rules", "oAeOse", "{\"k\":[],\"k\":{" },
};

static void test_mistakes(void)
{
	char text[100];

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		int result = play(mistakes[i].program, text, sizeof(text));

		if (ok(result == -1 && !strcmp(text, mistakes[i].text), "%s", mistakes[i].name))
			continue;
		printf("# result %d, text %s instead of %s\n", result, text, mistakes[i].text);
	}
}

static void test_depth(void)
{
	char program[2 * JSON_DEPTH + 3], text[2 * JSON_DEPTH + 3];

	memset(program, 'a', JSON_DEPTH);
	memset(program + JSON_DEPTH, 'e', JSON_DEPTH);
	program[2 * JSON_DEPTH] = '\0';
	is_int(play(program, text, sizeof(text)), 0, "the deepest nesting works");
	ok(strspn(text, "[") == JSON_DEPTH && strspn(text + JSON_DEPTH, "]") == JSON_DEPTH,
		"the deepest nesting is closed again");
	memset(program, 'a', JSON_DEPTH + 1);
	memset(program + JSON_DEPTH + 1, 'e', JSON_DEPTH + 1);
	program[2 * JSON_DEPTH + 2] = '\0';
	is_int(play(program, text, sizeof(text)), -1, "one level more is an error");
}

int main(void)
{
	struct strbuf sb = STRBUF_INIT;
	struct json j;

	sb_adds(&sb, "before ");
	json_init(&j, &sb);
	json_uint(&j, NULL, 1);
	is_str(sb_str(&sb), "before 1", "the document is appended to what is there");
	sb_free(&sb);
	test_strings();
	test_document();
	test_mistakes();
	test_depth();
	return done_testing();
}
