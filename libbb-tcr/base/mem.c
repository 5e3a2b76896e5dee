/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocation that ends the process when memory is exhausted. */
#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"

static void *check(void *p)
{
	if (!p) {
		static const char text[] = "tcr: out of memory\n";

		if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
			_exit(125);
		_exit(125);
	}
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return check(calloc(n, size));
}

void *xrealloc(void *p, size_t size)
{
	return check(realloc(p, size));
}

char *xstrdup(const char *s)
{
	return check(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return check(strndup(s, n));
}

char *xasprintf(const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	sb_addv(&sb, fmt, ap);
	va_end(ap);
	return sb.buf;
}

void strv_free(char **v)
{
	if (!v)
		return;
	for (char **s = v; *s; s++)
		free(*s);
	free(v);
}
