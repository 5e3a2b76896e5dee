/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the daemon. */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"

bool log_verbose;

static void emit(const char *fmt, va_list ap)
{
	char line[1200] = "tcrd: ";
	size_t len;

	vsnprintf(line + 6, sizeof(line) - 7, fmt, ap);
	utf8_make_printable(line, "");
	len = strlen(line);
	line[len++] = '\n';
	/* A reader that has stopped to read must not stop the daemon. */
	if (poll(&(struct pollfd){ .fd = STDERR_FILENO, .events = POLLOUT }, 1, 0) == 0)
		return;
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
