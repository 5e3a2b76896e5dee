/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Points in time as docker's --since and --until take them. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/when.h"

enum {
	DIGITS_MAX = 12,   /* of a whole number; what is calculated with them fits into 64 bits */
	NANO = 1000000000, /* in a second */
	NANO_PER_MS = 1000000,
};

/* Reads exactly N digits. */
static bool take_digits(const char **s, int n, int *out)
{
	for (*out = 0; n; n--, ++*s) {
		if (!isdigit((unsigned char)**s))
			return false;
		*out = *out * 10 + **s - '0';
	}
	return true;
}

static bool take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	++*s;
	return true;
}

/* The digits behind a point, in billionths; more of them are read and do not count. */
static bool take_fraction(const char **s, int64_t *nano)
{
	int64_t unit = NANO / 10;
	const char *start = *s;

	for (*nano = 0; isdigit((unsigned char)**s); ++*s, unit /= 10)
		*nano += (**s - '0') * unit;
	return *s > start;
}

/* "12", "12.5" or ".5". */
static bool take_decimal(const char **s, int64_t *whole, int64_t *nano)
{
	const char *start = *s;

	*nano = 0;
	for (*whole = 0; isdigit((unsigned char)**s); ++*s) {
		if (*s - start == DIGITS_MAX)
			return false;
		*whole = *whole * 10 + **s - '0';
	}
	if (!take_char(s, '.'))
		return *s > start;
	return take_fraction(s, nano) || *s > start + 1;
}

static bool parse_duration(const char *s, int64_t *ms)
{
	/* Two letters first: "ms" is not "m". */
	static const struct {
		const char *name;
		int ms, parts;
	} units[] = {
		{ "ns", 1, NANO_PER_MS },
		{ "us", 1, 1000 },
		{ "\u00b5s", 1, 1000 },
		{ "\u03bcs", 1, 1000 },
		{ "ms", 1, 1 },
		{ "s", 1000, 1 },
		{ "m", 60 * 1000, 1 },
		{ "h", 3600 * 1000, 1 },
	};
	bool negative = *s == '-';

	s += *s == '-' || *s == '+';
	*ms = 0;
	do {
		int64_t whole, nano;
		size_t u = 0;

		if (!take_decimal(&s, &whole, &nano))
			return false;
		while (u < ARRAY_SIZE(units) && strncmp(s, units[u].name, strlen(units[u].name)))
			u++;
		if (u == ARRAY_SIZE(units) || *ms > INT64_MAX / 4)
			return false;
		s += strlen(units[u].name);
		*ms += whole * units[u].ms / units[u].parts +
			nano * units[u].ms / NANO / units[u].parts;
	} while (*s);
	if (negative)
		*ms = -*ms;
	return true;
}

/* "Z" or "+01:00"; without one *LOCAL becomes true. */
static bool take_offset(const char **s, int *minutes, bool *local)
{
	int sign = **s == '-' ? -1 : 1, h, m;

	*minutes = 0;
	*local = !**s;
	if (*local || take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	if (!take_char(s, '+') && !take_char(s, '-'))
		return false;
	if (!take_digits(s, 2, &h) || !take_char(s, ':') || !take_digits(s, 2, &m) || h > 23 ||
		m > 59)
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

/* "T12:30:15.5", of which all that is behind the hour may be missing. */
static bool take_clock(const char **s, struct tm *tm, int64_t *nano)
{
	if (!take_char(s, 'T') && !take_char(s, 't'))
		return true;
	if (!take_digits(s, 2, &tm->tm_hour))
		return false;
	if (!take_char(s, ':'))
		return true;
	if (!take_digits(s, 2, &tm->tm_min))
		return false;
	if (!take_char(s, ':'))
		return true;
	return take_digits(s, 2, &tm->tm_sec) && (!take_char(s, '.') || take_fraction(s, nano));
}

static bool parse_date(const char *s, int64_t *ms)
{
	struct tm tm = { .tm_isdst = -1 }, same;
	int64_t nano = 0;
	int offset;
	bool local;

	if (!take_digits(&s, 4, &tm.tm_year) || !take_char(&s, '-') ||
		!take_digits(&s, 2, &tm.tm_mon) || !take_char(&s, '-') ||
		!take_digits(&s, 2, &tm.tm_mday) || !take_clock(&s, &tm, &nano) ||
		!take_offset(&s, &offset, &local) || *s)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	same = tm;
	timegm(&same);
	/* A day that does not exist is moved to another one; after a leap second that is right. */
	if ((same.tm_mday != tm.tm_mday || same.tm_mon != tm.tm_mon) && tm.tm_sec != 60)
		return false;
	*ms = (int64_t)(local ? mktime(&tm) : timegm(&tm)) * 1000 + nano / NANO_PER_MS -
		(int64_t)offset * 60 * 1000;
	return true;
}

static bool parse_seconds(const char *s, int64_t *ms)
{
	int64_t whole, nano;

	if (!isdigit((unsigned char)*s) || !take_decimal(&s, &whole, &nano) || *s)
		return false;
	*ms = whole * 1000 + nano / NANO_PER_MS;
	return true;
}

int when_parse(const char *s, int64_t now_ms, int64_t *ms, struct err *e)
{
	int64_t ago;

	if (parse_seconds(s, ms) || parse_date(s, ms))
		return 0;
	if (!parse_duration(s, &ago))
		return err_set(e, 0,
			"\"%.60s\" is no time: 2026-01-31T12:00:00Z, seconds since 1970, or how long ago, as 10m",
			s);
	*ms = now_ms - ago;
	return 0;
}

int64_t when_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / NANO_PER_MS;
}

void when_format(struct strbuf *sb, int64_t ms)
{
	time_t t = ms / 1000 - (ms % 1000 < 0);
	char text[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	sb_addf(sb, "%s.%03d000000Z", text, (int)(ms - (int64_t)t * 1000));
}
