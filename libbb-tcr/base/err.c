/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: text and exit code in a structure that the caller owns. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static void fill(struct err *e, int exit_code, int errnum, const char *fmt, va_list ap)
{
	int n = vsnprintf(e->text, sizeof(e->text), fmt, ap);

	e->exit_code = exit_code;
	if (errnum && n >= 0 && (size_t)n < sizeof(e->text))
		snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(errnum));
}

int(err_set)(struct err *e, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, EXIT_ENGINE, errnum, fmt, ap);
	va_end(ap);
	return -1;
}

int(err_exit)(struct err *e, int exit_code, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, exit_code, errnum, fmt, ap);
	va_end(ap);
	return -1;
}

int err_append(struct err *e, const char *fmt, ...)
{
	size_t n = strlen(e->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text + n, sizeof(e->text) - n, fmt, ap);
	va_end(ap);
	return -1;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->text)];
	va_list ap;
	size_t n;

	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", old);
	return -1;
}
