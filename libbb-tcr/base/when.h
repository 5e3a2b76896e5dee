/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Points in time as docker's --since and --until take them. */
#ifndef TCR_BASE_WHEN_H
#define TCR_BASE_WHEN_H

#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

/* Times are milliseconds since 1970 by the wall clock. */

/* Reads S into *MS: a date and time (RFC 3339; from the right everything down to the date may be
 * missing, and without an offset it is local time), seconds since 1970 with or without a fraction,
 * or how long before NOW_MS it was, as Go's time.ParseDuration() takes it: "1h30m", "1.5s". Returns
 * 0, or -1 with E filled. */
int when_parse(const char *s, int64_t now_ms, int64_t *ms, struct err *e);

/* The wall clock. */
int64_t when_now(void);

/* Appends "2026-01-31T12:00:00.123000000Z", docker's form: UTC, always nine digits. */
void when_format(struct strbuf *sb, int64_t ms);

#endif
