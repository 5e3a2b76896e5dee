/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the daemon. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"

bool log_verbose;

static void emit(const char *fmt, va_list ap)
{
	char line[600] = "tcrd: ";
	int n = vsnprintf(line + 6, sizeof(line) - 7, fmt, ap);
	size_t len = 6 + (n < 0 ? 0 : n);

	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	/* One write, so that lines of the daemon and of its children do not mix. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

void log_msg(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!log_verbose)
		return;
	va_start(ap, fmt);
	emit(fmt, ap);
	va_end(ap);
}
