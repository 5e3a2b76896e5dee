/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Test Anything Protocol for unit tests: each is a program that prints "ok" or "not ok" a check. */
#ifndef TCR_TESTS_UNIT_TAP_H
#define TCR_TESTS_UNIT_TAP_H

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failures;

/* One check; its name, an assertion, is a format. Returns PASS, so that a test can say more. */
static inline bool __attribute__((format(printf, 2, 3))) ok(bool pass, const char *fmt, ...)
{
	char name[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	for (char *c = name; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?'; /* a result is one line */
	printf("%sok %d - %s\n", pass ? "" : "not ", ++tap_count, name);
	fflush(stdout); /* a forked child must not have it, too */
	tap_failures += !pass;
	return pass;
}

/* The strings are equal; NULL is equal to NULL only. */
static inline bool is_str(const char *got, const char *want, const char *name)
{
	bool pass = ok(got && want ? strcmp(got, want) == 0 : got == want, "%s", name);

	if (!pass)
		printf("#      got: %s\n# expected: %s\n", got ? got : "NULL",
			want ? want : "NULL");
	return pass;
}

static inline bool is_int(int64_t got, int64_t want, const char *name)
{
	bool pass = ok(got == want, "%s", name);

	if (!pass)
		printf("#      got: %" PRId64 "\n# expected: %" PRId64 "\n", got, want);
	return pass;
}

/* TEXT contains PART. */
static inline bool has_str(const char *text, const char *part, const char *name)
{
	bool pass = ok(strstr(text, part) != NULL, "%s", name);

	if (!pass)
		printf("#      got: %s\n# expected: ... %s ...\n", text, part);
	return pass;
}

/* Ends a program whose tests cannot run here, and says so where people look. */
static inline void __attribute__((noreturn)) skip_all(const char *reason)
{
	fprintf(stderr, "SKIPPED: %s: %s\n", program_invocation_short_name, reason);
	printf("1..0 # SKIP %s\n", reason);
	exit(0);
}

/* The same for one check. */
static inline void skip(const char *name, const char *reason)
{
	fprintf(stderr, "SKIPPED: %s: %s: %s\n", program_invocation_short_name, name, reason);
	printf("ok %d - %s # SKIP %s\n", ++tap_count, name, reason);
}

/* Ends a program whose preparations failed: that is no result. */
static inline void __attribute__((noreturn)) bail_out(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

/* The end of main(): `return done_testing();`. */
static inline int done_testing(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures || !tap_count ? 1 : 0;
}

#endif
