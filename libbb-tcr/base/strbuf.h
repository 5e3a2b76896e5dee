/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing byte buffer. After the first append, buf[len] is always NUL. */
#ifndef TCR_BASE_STRBUF_H
#define TCR_BASE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

struct strbuf {
	char *buf;  /* owned; NULL as long as nothing was appended */
	size_t len; /* bytes in use, without the NUL behind them */
	size_t cap;
};

#define STRBUF_INIT        \
	{                  \
		NULL, 0, 0 \
	}

void sb_add(struct strbuf *sb, const void *data, size_t len);
void sb_adds(struct strbuf *sb, const char *s);
void sb_addc(struct strbuf *sb, char c);
void sb_addf(struct strbuf *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void sb_addv(struct strbuf *sb, const char *fmt, va_list ap);

/* The content as a C string: "" when nothing was appended. Valid until the next append. */
const char *sb_str(const struct strbuf *sb);

/* Forgets the content and keeps the memory. */
void sb_reset(struct strbuf *sb);

/* Frees the memory; the buffer can be used again. */
void sb_free(struct strbuf *sb);

/* `cleanup_sb struct strbuf sb = STRBUF_INIT;` frees when its scope ends. */
#define cleanup_sb __attribute__((cleanup(sb_free)))

#endif
