/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of json/reader: what it takes for JSON, and what it must not. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "json/reader.h"
#include "tap.h"

/* The tokens of TEXT, a character each; keys and strings with their text, numbers as written. */
static void tokens(const char *text, size_t len, struct strbuf *out)
{
	static const char names[] = "!.{}[]KSNtfn";
	struct jr r;
	enum jr_token token;

	jr_init(&r, text, len);
	do {
		token = jr_next(&r);
		sb_addc(out, names[token]);
		if (token == JR_KEY || token == JR_STRING) {
			cleanup_free char *s = jr_strdup(&r);

			sb_addf(out, "(%s)", s ? s : "NUL");
		} else if (token == JR_NUMBER) {
			sb_addf(out, "(%.*s)", (int)r.val_len, r.val);
		}
	} while (token != JR_ERROR && token != JR_END);
}

/* Exactly LEN bytes of heap, so that valgrind and ASan see a read behind the end. */
static void exact_tokens(const char *text, size_t len, struct strbuf *out)
{
	cleanup_free char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	tokens(copy, len, out);
}

#define CASE(text) text, sizeof(text) - 1

static const struct {
	const char *text;
	size_t len;
	const char *tokens;
} accepted[] = {
	{ CASE("{}"), "{}." },
	{ CASE("[]"), "[]." },
	{ CASE(" \t\r\n[ \t\r\n] \t\r\n"), "[]." },
	{ CASE("{\"a\":1,\"b\":[true,false,null]}"), "{K(a)N(1)K(b)[tfn]}." },
	{ CASE("{ \"a\" : { \"b\" : { } } , \"c\" : [ { } ] }"), "{K(a){K(b){}}K(c)[{}]}." },
	{ CASE("[[],[[]],{}]"), "[[][[]]{}]." },
	{ CASE("[{\"a\":[]},[{}],1]"), "[{K(a)[]}[{}]N(1)]." },
	{ CASE("true"), "t." },
	{ CASE(" null "), "n." },
	{ CASE("\"\""), "S()." },
	{ CASE("{\"\":\"\"}"), "{K()S()}." },
	{ CASE("{\"a\":1,\"a\":2}"), "{K(a)N(1)K(a)N(2)}." },
	{ CASE("0"), "N(0)." },
	{ CASE("-0"), "N(-0)." },
	{ CASE("[-1,10,0.5,-0.0,1e1,1E+1,1e-1,0e0,1.5e00]"),
		"[N(-1)N(10)N(0.5)N(-0.0)N(1e1)N(1E+1)N(1e-1)N(0e0)N(1.5e00)]." },
	{ CASE("1e99999999999999999999"), "N(1e99999999999999999999)." },
	{ CASE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "S(\"\\/\b\f\n\r\t)." },
	{ CASE("\"\\u0041\\u00e9\\u20AC\""), "S(A\xc3\xa9\xe2\x82\xac)." },
	{ CASE("\"\\uD834\\uDd1e\\udbff\\udfff\""), "S(\xf0\x9d\x84\x9e\xf4\x8f\xbf\xbf)." },
	{ CASE("\"\\ud7ff\\ue000\\uffff\""), "S(\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf)." },
	{ CASE("\"\\u0000\""), "S(NUL)." },
	{ CASE("{\"a\\u0000\":0}"), "{K(NUL)N(0)}." },
	{ CASE("\"\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\x7f\""),
		"S(\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\x7f)." },
	{ CASE("\"\\\\u0041\\\\\""), "S(\\u0041\\)." },
	{ CASE("[\"]\",\"}\",\",\",\":\"]"), "[S(])S(})S(,)S(:)]." },
};

/* What a parser that is a little lax lets pass. */
static const struct {
	const char *name, *text;
	size_t len;
} refused[] = {
	{ "no text", CASE("") },
	{ "white space only", CASE(" \n") },
	{ "a comma after the last element", CASE("[1,]") },
	{ "a comma after the last member", CASE("{\"a\":1,}") },
	{ "a comma before the first element", CASE("[,1]") },
	{ "a comma before the first member", CASE("{,\"a\":1}") },
	{ "a comma only", CASE("[,]") },
	{ "a comma only, in an object", CASE("{,}") },
	{ "two commas", CASE("[1,,2]") },
	{ "no comma", CASE("[1 2]") },
	{ "no comma between members", CASE("{\"a\":1 \"b\":2}") },
	{ "no comma between containers", CASE("[[][]]") },
	{ "a comma at the top", CASE("1,") },
	{ "a colon in an array", CASE("[\"a\":1]") },
	{ "a colon instead of a comma", CASE("{\"a\":1:\"b\"}") },
	{ "two colons", CASE("{\"a\"::1}") },
	{ "no colon", CASE("{\"a\" 1}") },
	{ "a comma instead of a colon", CASE("{\"a\",1}") },
	{ "no value", CASE("{\"a\":}") },
	{ "no value and no colon", CASE("{\"a\"}") },
	{ "no value before a comma", CASE("{\"a\":,\"b\":1}") },
	{ "a key that is a number", CASE("{1:1}") },
	{ "a key that is true", CASE("{true:1}") },
	{ "a key that is an object", CASE("{{}:1}") },
	{ "a key without quotes", CASE("{a:1}") },
	{ "a key in single quotes", CASE("{'a':1}") },
	{ "a string in single quotes", CASE("['a']") },
	{ "an array that an object closes", CASE("[}") },
	{ "an object that an array closes", CASE("{]") },
	{ "an array that an object closes late", CASE("[1}") },
	{ "an object that an array closes late", CASE("{\"a\":1]") },
	{ "crossed levels", CASE("[{]}") },
	{ "an array without end", CASE("[") },
	{ "an array without end, after a value", CASE("[1") },
	{ "an array without end, after a comma", CASE("[1,") },
	{ "an object without end", CASE("{") },
	{ "an object without end, after a key", CASE("{\"a\"") },
	{ "an object without end, after a colon", CASE("{\"a\":") },
	{ "an object without end, after a value", CASE("{\"a\":1") },
	{ "an object without end, after a comma", CASE("{\"a\":1,") },
	{ "an end without beginning", CASE("]") },
	{ "an end too many", CASE("[]]") },
	{ "an end too many of an object", CASE("{}}") },
	{ "a second value", CASE("1 2") },
	{ "a second document", CASE("{}{}") },
	{ "text behind the value", CASE("{} x") },
	{ "a NUL behind the value", CASE("{}\0") },
	{ "a NUL before the value", CASE("\0{}") },
	{ "a NUL in an array", CASE("[1,\0 2]") },
	{ "a NUL in a number", CASE("[1\0]") },
	{ "a comment", CASE("[1/* one */]") },
	{ "a line comment", CASE("1 // one") },
	{ "a shell comment", CASE("1 # one") },
	{ "a byte order mark", CASE("\xef\xbb\xbf{}") },
	{ "UTF-16", CASE("[\0]\0") },
	{ "a form feed as white space", CASE("[\f]") },
	{ "a vertical tab as white space", CASE("[\v]") },
	{ "a no-break space as white space", CASE("[\xc2\xa0]") },
	{ "a backspace as white space", CASE("[\b]") },
	{ "a leading zero", CASE("01") },
	{ "a negative leading zero", CASE("-01") },
	{ "two zeros", CASE("[00]") },
	{ "a leading plus", CASE("+1") },
	{ "a minus only", CASE("-") },
	{ "two minus signs", CASE("--1") },
	{ "a space after the minus", CASE("- 1") },
	{ "a point without digits before it", CASE(".5") },
	{ "a point without digits behind it", CASE("1.") },
	{ "a point before the exponent", CASE("1.e1") },
	{ "a minus and a point", CASE("-.5") },
	{ "two points", CASE("1.2.3") },
	{ "an exponent without digits", CASE("1e") },
	{ "an exponent with a sign only", CASE("[1e+]") },
	{ "an exponent with a point", CASE("1e1.5") },
	{ "an exponent only", CASE("e1") },
	{ "a hexadecimal number", CASE("0x10") },
	{ "a number with a suffix", CASE("1L") },
	{ "a number with a separator", CASE("1_000") },
	{ "infinity", CASE("Infinity") },
	{ "minus infinity", CASE("[-Infinity]") },
	{ "not a number", CASE("[NaN]") },
	{ "a digit that is not ASCII", CASE("[\xef\xbc\x91]") },
	{ "True", CASE("True") },
	{ "TRUE", CASE("[TRUE]") },
	{ "a literal cut off", CASE("tru") },
	{ "a literal cut off in an array", CASE("[nul]") },
	{ "a literal with more behind it", CASE("[nullx]") },
	{ "a literal with a digit behind it", CASE("true1") },
	{ "undefined", CASE("undefined") },
	{ "a string without end", CASE("\"a") },
	{ "a quote only", CASE("\"") },
	{ "a string that ends in a backslash", CASE("\"a\\") },
	{ "a string whose end is escaped", CASE("\"a\\\"") },
	{ "a newline in a string", CASE("\"a\nb\"") },
	{ "a tab in a string", CASE("\"\t\"") },
	{ "a NUL in a string", CASE("\"a\0b\"") },
	{ "a control character in a key", CASE("{\"\x1f\":1}") },
	{ "the escape \\a", CASE("\"\\a\"") },
	{ "the escape \\0", CASE("\"\\0\"") },
	{ "the escape \\x41", CASE("\"\\x41\"") },
	{ "the escape \\'", CASE("\"\\'\"") },
	{ "the escape \\U", CASE("\"\\U0041\"") },
	{ "an escaped newline", CASE("\"\\\n\"") },
	{ "an escaped NUL byte", CASE("\"\\\0\"") },
	{ "an escaped UTF-8 character", CASE("\"\\\xc3\xa9\"") },
	{ "\\u without digits", CASE("\"\\u\"") },
	{ "\\u with three digits", CASE("\"\\u004\"") },
	{ "\\u with a digit that is none", CASE("\"\\u00g0\"") },
	{ "\\u with a sign", CASE("\"\\u+041\"") },
	{ "\\u with a space", CASE("\"\\u 041\"") },
	{ "\\u cut off by the end", CASE("\"\\u00") },
	{ "a high surrogate alone", CASE("\"\\ud834\"") },
	{ "a high surrogate before text", CASE("\"\\ud834abcdef\"") },
	{ "a high surrogate before an escape", CASE("\"\\ud834\\n\"") },
	{ "a high surrogate before a character", CASE("\"\\ud834\\u0041\"") },
	{ "two high surrogates", CASE("\"\\ud834\\ud834\"") },
	{ "a low surrogate alone", CASE("\"\\udd1e\"") },
	{ "surrogates in the wrong order", CASE("\"\\udd1e\\ud834\"") },
	{ "a low surrogate cut off", CASE("\"\\ud834\\udd1\"") },
	{ "a low surrogate cut off by the end", CASE("\"\\ud834\\u") },
	{ "Latin-1", CASE("\"caf\xe9\"") },
	{ "a lone continuation byte", CASE("\"\x80\"") },
	{ "an overlong character", CASE("\"\xc0\xaf\"") },
	{ "an overlong NUL", CASE("\"\xc0\x80\"") },
	{ "an overlong character of three bytes", CASE("\"\xe0\x80\xaf\"") },
	{ "an overlong DEL", CASE("\"\xc1\xbf\"") },
	{ "the last overlong character of three bytes", CASE("\"\xe0\x9f\xbf\"") },
	{ "a character above U+13FFFF", CASE("\"\xf5\x80\x80\x80\"") },
	{ "a surrogate in UTF-8", CASE("\"\xed\xa0\x80\"") },
	{ "a character above U+10FFFF", CASE("\"\xf4\x90\x80\x80\"") },
	{ "a character of five bytes", CASE("\"\xf8\x88\x80\x80\x80\"") },
	{ "a character cut off by the quote", CASE("\"\xe2\x82\"") },
	{ "a character cut off by the end", CASE("\"\xf0\x9d\x84") },
	{ "0xff", CASE("[\xff]") },
	{ "the character U+2028 between values", CASE("[1,\xe2\x80\xa8 2]") },
	{ "a template", CASE("{{name}}") },
	{ "a star", CASE("[*]") },
};

static void test_accepted(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		char name[40];

		exact_tokens(accepted[i].text, accepted[i].len, &sb);
		snprintf(name, sizeof(name), "good text %zu is read as it is", i);
		is_str(sb_str(&sb), accepted[i].tokens, name);
	}
}

static void test_refused(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;

		exact_tokens(refused[i].text, refused[i].len, &sb);
		if (!ok(sb.len && sb.buf[sb.len - 1] == '!', "%s is refused", refused[i].name))
			printf("# read as %s\n", sb_str(&sb));
	}
}

/* A document cut anywhere is not a document. */
static void test_prefixes(void)
{
	static const char text[] = "{\"a\":[1,-2.5e+3,\"x\\n\\ud834\\udd1e\xe2\x82\xac\",{\"b\":"
				   "null}],\"c\":{\"d\":true}}";
	size_t wrong = 0;

	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;

		exact_tokens(text, len, &sb);
		wrong += sb.buf[sb.len - 1] != '!';
	}
	is_int((int64_t)wrong, 0, "no beginning of a document is taken for one");
}

static void test_depth(void)
{
	char text[2 * JR_DEPTH + 2];
	struct strbuf sb = STRBUF_INIT;

	memset(text, '[', JR_DEPTH);
	memset(text + JR_DEPTH, ']', JR_DEPTH);
	tokens(text, 2 * JR_DEPTH, &sb);
	is_int((int64_t)sb.len, 2 * JR_DEPTH + 1, "the deepest nesting is read");
	is_int(sb.buf[sb.len - 1], '.', "the deepest nesting is no error");
	sb_reset(&sb);
	memset(text, '[', JR_DEPTH + 1);
	memset(text + JR_DEPTH + 1, ']', JR_DEPTH + 1);
	tokens(text, sizeof(text), &sb);
	is_int((int64_t)sb.len, JR_DEPTH + 1, "one level more is refused where it begins");
	is_int(sb.buf[sb.len - 1], '!', "one level more is an error");
	sb_free(&sb);
}

int main(void)
{
	test_accepted();
	test_refused();
	test_prefixes();
	test_depth();
	return done_testing();
}
