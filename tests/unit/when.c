/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of points in time: docker's forms of --since and --until. */
#include <time.h>

#include "base/mem.h"
#include "base/when.h"
#include "tap.h"

enum { NOW = 1000000000 };

static const struct {
	const char *text;
	int64_t ms;
} times[] = {
	{ "0", 0 },
	{ "1136073845", 1136073845000 },
	{ "1136073845.000000001", 1136073845000 },
	{ "1136073845.25", 1136073845250 },
	{ "1136073845.2509999999999", 1136073845250 },
	{ "2006-01-02T15:04:05Z", 1136214245000 },
	{ "2006-01-02t15:04:05z", 1136214245000 },
	{ "2006-01-02T15:04:05.999999999Z", 1136214245999 },
	{ "2006-01-02T15:04:05+07:00", 1136214245000 - 7 * 3600 * 1000 },
	{ "2006-01-02T15:04:05-07:30", 1136214245000 + 450 * 60 * 1000 },
	{ "2006-01-02T15:04Z", 1136214240000 },
	{ "2006-01-02T15Z", 1136214000000 },
	{ "2006-01-02Z", 1136160000000 },
	/* local time is two hours before UTC here */
	{ "2006-01-02", 1136160000000 + 7200000 },
	{ "2006-01-02T15:04:05", 1136214245000 + 7200000 },
	{ "2006-01-02T15:04:05.5", 1136214245500 + 7200000 },
	{ "2024-02-29T00:00:00Z", 1709164800000 },
	{ "2016-12-31T23:59:60Z", 1483228800000 },
	{ "1969-12-31T23:59:59Z", -1000 },
	{ "10s", NOW - 10000 },
	{ "1h30m", NOW - 5400000 },
	{ "1.5s", NOW - 1500 },
	{ ".5m", NOW - 30000 },
	{ "3.m", NOW - 180000 },
	{ "300ms", NOW - 300 },
	{ "2000us", NOW - 2 },
	{ "2000\u00b5s", NOW - 2 },
	{ "5000000ns", NOW - 5 },
	{ "1h2m3s4ms", NOW - 3723004 },
	{ "0s", NOW },
	{ "-10s", NOW + 10000 },
	{ "+10s", NOW - 10000 },
	{ "999999999999h", NOW - 999999999999 * 3600000 },
};

static const char *const wrong[] = { "", "-", "+", ".", "h", "s10", "10x", "10 s", "1h30", "now",
	"yesterday", "12:00", "1136073845x", "-5", "1e9", "0x10", "9999999999999", "9999999999999h",
	"999999999999h999999999999h999999999999h", "2006-1-2", "2006-13-01", "2006-00-01",
	"2006-02-30", "2023-02-29T00:00:00Z", "2006-01-32", "2006-01-00", "2006-01-02T24:00:00Z",
	"2006-01-02T15:60:00Z", "2006-01-02T15:04:61Z", "2006-01-02T",
	"2006-01-02T15:", "2006-01-02T15:04:05.", "2006-01-02T15:04:05X", "2006-01-02T15:04:05Zx",
	"2006-01-02T15:04:05+7", "2006-01-02T15:04:05+24:00", "2006-01-02 15:04:05", " 10s", "10s ",
	"12006-01-02" };

static void test_wrong(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct err e = { 0 };
		int64_t ms;

		ok(when_parse(wrong[i], NOW, &ms, &e) == -1 && *e.text, "\"%s\" is no time",
			wrong[i]);
	}
}

static void test_format(void)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000000000Z" },
		{ 1136214245007, "2006-01-02T15:04:05.007000000Z" },
		{ -1, "1969-12-31T23:59:59.999000000Z" },
		{ -2000, "1969-12-31T23:59:58.000000000Z" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		struct err e;
		int64_t ms = 0;

		when_format(&sb, rows[i].ms);
		is_str(sb_str(&sb), rows[i].text, "a time in docker's form");
		ok(!when_parse(sb_str(&sb), NOW, &ms, &e) && ms == rows[i].ms, "%s is read back",
			sb_str(&sb));
	}
}

int main(void)
{
	setenv("TZ", "XXX+2", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		struct err e = { 0 };
		int64_t ms = 0;
		int rc = when_parse(times[i].text, NOW, &ms, &e);

		ok(rc == 0 && ms == times[i].ms, "\"%s\" is %" PRId64 " (%" PRId64 ")",
			times[i].text, times[i].ms, ms);
	}
	test_wrong();
	test_format();
	ok(when_now() > 1600000000000 && when_now() <= (int64_t)(time(NULL) + 1) * 1000,
		"now is the wall clock's");
	return done_testing();
}
