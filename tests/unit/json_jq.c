/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds the JSON encoder against jq(1), which did not learn JSON from us. */
#include <unistd.h>

#include "json/json.h"
#include "base/utf8.h"
#include "tap.h"

enum {
	STRINGS = 400,
};

static char document[] = "/tmp/json_jq.XXXXXX";

/* Runs jq FILTER on TEXT and appends what it prints to OUT. Returns its exit status. */
static int jq(const char *filter, const struct strbuf *text, struct strbuf *out)
{
	char command[200], block[4096];
	size_t n;
	FILE *f = fopen(document, "w");

	if (!f || fwrite(sb_str(text), 1, text->len, f) != text->len || fclose(f) != 0)
		bail_out("cannot write the document");
	snprintf(command, sizeof(command), "jq %s %s", filter, document);
	f = popen(command, "r");
	if (!f)
		bail_out("cannot start jq");
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		sb_add(out, block, n);
	return pclose(f);
}

/* A document with every type, nested and empty. */
static void write_all_types(struct json *j)
{
	static char *const args[] = { "sh", "-c", "printf '%s\\n' \"$1\"", "\b\f\n\r\t\x01\x1f",
		NULL };

	json_object(j, NULL);
	json_strv(j, "args", args);
	json_strv(j, "no \"args\"", NULL);
	json_object(j, "limits");
	json_int(j, "low", -(INT64_C(1) << 53));
	json_uint(j, "high", UINT64_C(1) << 53);
	json_int(j, "zero", 0);
	json_end(j);
	json_array(j, "nested");
	for (int i = 0; i < 20; i++)
		json_array(j, NULL);
	json_bool(j, NULL, true);
	json_bool(j, NULL, false);
	json_null(j, NULL);
	for (int i = 0; i < 20; i++)
		json_end(j);
	json_object(j, NULL);
	json_end(j);
	json_end(j);
	json_string(j, "\xc3\xa9\xf0\x9d\x84\x9e", "\xe2\x82\xac/");
	json_end(j);
}

static void test_same_text(void)
{
	struct strbuf text = STRBUF_INIT, out = STRBUF_INIT;
	struct json j;

	json_init(&j, &text);
	write_all_types(&j);
	is_int(json_finish(&j), 0, "the document is complete");
	is_int(jq("-c .", &text, &out), 0, "jq reads the document");
	sb_addc(&text, '\n');
	is_str(sb_str(&out), sb_str(&text), "jq -c writes the document as the encoder does");
	sb_free(&text);
	sb_free(&out);
}

/* Any character but NUL and surrogates, the small ones more often. */
static uint32_t random_char(void)
{
	static const uint32_t bound[] = { 0x20, 0x80, 0x800, 0x10000, 0x110000 };
	uint32_t c = 1 + (uint32_t)random() % (bound[random() % 5] - 1);

	return c >= 0xd800 && c < 0xe000 ? 0xd7ff : c;
}

static void test_same_strings(void)
{
	struct strbuf text = STRBUF_INIT, out = STRBUF_INIT, want = STRBUF_INIT;
	struct json j;

	srandom(1);
	json_init(&j, &text);
	json_array(&j, NULL);
	for (int i = 0; i < STRINGS; i++) {
		struct strbuf s = STRBUF_INIT;

		for (long n = random() % 40; n > 0; n--) {
			char utf8[4];

			sb_add(&s, utf8, utf8_put(utf8, random_char()));
		}
		json_string(&j, NULL, sb_str(&s));
		sb_add(&want, sb_str(&s), s.len);
		sb_add(&want, "\n<end>\n", 7);
		sb_free(&s);
	}
	json_end(&j);
	is_int(json_finish(&j), 0, "the array of random strings is complete");
	is_int(jq("-j '.[] | ., \"\\n<end>\\n\"'", &text, &out), 0, "jq reads the random strings");
	ok(out.len == want.len && memcmp(out.buf, want.buf, out.len) == 0,
		"jq decodes %d random strings to what was encoded", STRINGS);
	sb_free(&text);
	sb_free(&out);
	sb_free(&want);
}

/* Bytes that are not UTF-8 must not make a document that others refuse. */
static void test_random_bytes(void)
{
	struct strbuf text = STRBUF_INIT, out = STRBUF_INIT;
	struct json j;

	json_init(&j, &text);
	json_object(&j, NULL);
	for (int i = 0; i < STRINGS; i++) {
		char key[20], bytes[40];

		snprintf(key, sizeof(key), "%d\xff", i);
		for (size_t n = 0; n < sizeof(bytes) - 1; n++)
			bytes[n] = (char)(1 + random() % 255);
		bytes[sizeof(bytes) - 1] = '\0';
		json_string(&j, key, bytes);
	}
	json_end(&j);
	is_int(json_finish(&j), 0, "the object of random bytes is complete");
	is_int(jq("-r length", &text, &out), 0, "jq reads the random bytes");
	is_str(sb_str(&out), "400\n", "jq finds every key of the random bytes");
	sb_reset(&out);
	is_int(jq("-j 'keys[0]'", &text, &out), 0, "jq reads a key");
	is_str(sb_str(&out), "0\xef\xbf\xbd", "a byte that is not UTF-8 is U+FFFD to jq");
	sb_free(&text);
	sb_free(&out);
}

int main(void)
{
	int fd;

	if (system("command -v jq >/dev/null") != 0)
		skip_all("jq is not installed (package jq)");
	fd = mkstemp(document);
	if (fd < 0)
		bail_out("cannot make a file in /tmp");
	close(fd);
	test_same_text();
	test_same_strings();
	test_random_bytes();
	unlink(document);
	return done_testing();
}
