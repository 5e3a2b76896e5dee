/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of values as people read them: durations and sizes in docker's words. */
//link: applets/tcrd/format.c
#include <time.h>

#include "../../applets/tcrd/format.h"
#include "base/mem.h"
#include "tap.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* As HumanDuration() of docker's go-units has it, which rounds hours. */
static const struct {
	int64_t seconds;
	const char *text;
} durations[] = {
	{ -5, "Less than a second" },
	{ 0, "Less than a second" },
	{ 1, "1 second" },
	{ 2, "2 seconds" },
	{ 59, "59 seconds" },
	{ MINUTE, "About a minute" },
	{ 2 * MINUTE - 1, "About a minute" },
	{ 2 * MINUTE, "2 minutes" },
	{ HOUR - 1, "59 minutes" },
	{ HOUR, "About an hour" },
	{ 90 * MINUTE - 1, "About an hour" },
	{ 90 * MINUTE, "2 hours" },
	{ 2 * HOUR, "2 hours" },
	{ 150 * MINUTE - 1, "2 hours" },
	{ 150 * MINUTE, "3 hours" },
	{ 47 * HOUR, "47 hours" },
	{ 47 * HOUR + 30 * MINUTE, "2 days" },
	{ 2 * DAY, "2 days" },
	{ 3 * DAY - HOUR, "2 days" },
	{ 13 * DAY, "13 days" },
	{ 14 * DAY, "2 weeks" },
	{ 21 * DAY, "3 weeks" },
	{ 59 * DAY, "8 weeks" },
	{ 60 * DAY, "2 months" },
	{ 90 * DAY, "3 months" },
	{ 729 * DAY, "24 months" },
	{ 730 * DAY, "2 years" },
	{ 3650LL * DAY, "10 years" },
};

/* As HumanSizeWithPrecision() of go-units has it, with three digits. */
static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{ 0, "0B" },
	{ 1, "1B" },
	{ 999, "999B" },
	{ 1000, "1kB" },
	{ 1200, "1.2kB" },
	{ 1230, "1.23kB" },
	{ 1236, "1.24kB" },
	{ 12000, "12kB" },
	{ 12300, "12.3kB" },
	{ 123000, "123kB" },
	{ 123400, "123kB" },
	{ 999000, "999kB" },
	{ 1000000, "1MB" },
	{ 4200000, "4.2MB" },
	{ 4263000, "4.26MB" },
	{ 77800000, "77.8MB" },
	{ 187000000, "187MB" },
	{ 1090000000, "1.09GB" },
	{ 1000000000000, "1TB" },
	{ 1000000000000000, "1PB" },
	{ UINT64_MAX, "18.4EB" },
};

/* As BytesSize() of go-units has it: four digits. */
static const struct {
	uint64_t bytes;
	const char *text;
} memory[] = {
	{ 0, "0B" },
	{ 1, "1B" },
	{ 1023, "1023B" },
	{ 1024, "1KiB" },
	{ 1025, "1.001KiB" },
	{ 1536, "1.5KiB" },
	{ 10239, "9.999KiB" },
	{ 1023999, "1000KiB" },
	{ (1 << 20) - 1, "1024KiB" },
	{ 1 << 20, "1MiB" },
	{ 3686400, "3.516MiB" },
	{ 16632000000, "15.49GiB" },
	{ (1ull << 40) - 1, "1024GiB" },
	{ 5509903817781, "5.011TiB" },
	{ 3ull << 50, "3PiB" },
	{ UINT64_MAX, "16EiB" },
};

static void test_memory(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(memory); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		cleanup_free char *name = xasprintf("%llu bytes of memory are \"%s\"",
			(unsigned long long)memory[i].bytes, memory[i].text);

		format_memory(&sb, memory[i].bytes);
		is_str(sb_str(&sb), memory[i].text, name);
	}
}

static void test_tables(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(durations); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		cleanup_free char *name = xasprintf(
			"%lld s are \"%s\"", (long long)durations[i].seconds, durations[i].text);

		format_duration(&sb, durations[i].seconds);
		is_str(sb_str(&sb), durations[i].text, name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		cleanup_free char *name = xasprintf(
			"%llu bytes are \"%s\"", (unsigned long long)sizes[i].bytes, sizes[i].text);

		format_size(&sb, sizes[i].bytes);
		is_str(sb_str(&sb), sizes[i].text, name);
	}
}

/* Without a table: every size is short, and grows with the bytes. */
static void test_all_sizes(void)
{
	bool short_enough = true;

	for (uint64_t n = 1; n < UINT64_MAX / 7; n = n * 7 / 6 + 1) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;

		format_size(&sb, n);
		short_enough = short_enough && sb.len >= 2 && sb.len <= 7;
	}
	ok(short_enough, "every size has at most seven characters");
}

static void test_ago(void)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	static const int64_t times[] = { INT64_MIN / 2, 0, INT64_MAX / 2 };

	format_ago(&sb, time(NULL) - 10 * DAY);
	is_str(sb_str(&sb), "10 days ago", "a time in the past is so long ago");
	sb_reset(&sb);
	format_ago(&sb, time(NULL) + DAY);
	is_str(sb_str(&sb), "Less than a second ago", "the future is now: the clock may be wrong");
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		sb_reset(&sb);
		format_ago(&sb, times[i]);
		ok(strstr(sb.buf, " ago"), "a time of %lld is some time ago", (long long)times[i]);
	}
}

static void test_check(void)
{
	static const char *const wrong[] = { "", "JSON", "yaml", "{.ID}", "{{.ID", "{{range .}}" };
	struct err e = { 0 };
	cleanup_free char *json = check_format("json", NULL, &e),
			  *template = check_format("{{.ID}}: {{json .}}", NULL, &e);

	is_str(json, "json", "the format json is known");
	is_str(template, ENABLE_FEATURE_INSPECT ? "{{.ID}}: {{json .}}" : NULL,
		"a template is, if there is code for it");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		cleanup_free char *other = check_format(wrong[i], NULL, &e);

		is_str(other, NULL, wrong[i]);
		has_str(e.text, "not known", "the error says what is wrong");
	}
}

static void test_object(void)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err e = { 0 };

	sb_adds(&sb, "{\"ID\":\"a\"}");
	ok(!format_object(NULL, &sb, &e) && !strcmp(sb.buf, "{\"ID\":\"a\"}\n"),
		"without a format an object is a line");
	if (!ENABLE_FEATURE_INSPECT)
		return;
	sb.len--;
	ok(!format_object("<{{.ID}}>", &sb, &e) && !strcmp(sb.buf, "<a>\n"),
		"a template makes a line of it");
	ok(format_object("{{.ID}}", &sb, &e) < 0, "what is no object any more is an error");
}

int main(void)
{
	test_tables();
	test_memory();
	test_all_sizes();
	test_ago();
	test_check();
	test_object();
	return done_testing();
}
