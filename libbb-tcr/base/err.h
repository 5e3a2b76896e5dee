/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one error idiom: the caller owns a struct err, the callee fills it and returns -1. */
#ifndef TCR_BASE_ERR_H
#define TCR_BASE_ERR_H

#include <stdarg.h>

/* Exit codes of docker run(1), "Exit Status"; 128 + n stands for signal n. */
enum {
	EXIT_ENGINE = 125,
	EXIT_CANNOT_INVOKE = 126,
	EXIT_NOT_FOUND = 127,
	EXIT_SIGNAL_BASE = 128,
};

/* An error on its way to the user. The text is one line without a newline and without the name of
 * the program; it names the thing, the reason and, where there is one, the remedy. */
struct err {
	int exit_code; /* what the client exits with; 0 as long as there is no error */
	char text[1000];
};

/* Fills E with a formatted text and exit code 125. If ERRNUM is not 0, ": " and its strerror(3)
 * follow. Returns -1, so that a function can say `return err_set(e, errno, "mount %s", path);`. */
int err_set(struct err *e, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with an exit code other than 125. */
int err_exit(struct err *e, int exit_code, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The analyser looks at one file at a time: it would not know that these return -1. */
#ifdef __clang_analyzer__
#define err_set(...) (err_set(__VA_ARGS__), -1)
#define err_exit(...) (err_exit(__VA_ARGS__), -1)
#endif

/* Puts what follows behind the text of E, which cannot be an argument of the above. Returns -1. */
int err_append(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "PREFIX: " in front of the text of E. Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
