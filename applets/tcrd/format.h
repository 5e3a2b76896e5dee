/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as people read them. */
#ifndef TCRD_FORMAT_H
#define TCRD_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

/* "3 minutes", "About an hour", in docker's words. */
void format_duration(struct strbuf *sb, int64_t seconds);
/* The same with " ago"; SECONDS since 1970. */
void format_ago(struct strbuf *sb, int64_t when);
/* "4.2MB", decimal as docker has it. */
void format_size(struct strbuf *sb, uint64_t bytes);

/* "3.516MiB", binary, as docker has it for memory. */
void format_memory(struct strbuf *sb, uint64_t bytes);

/* For --format of listings: "json", or with FEATURE_INSPECT a template. */
char *check_format(const char *value, void *ctx, struct err *e);
/* Makes of the JSON in OBJECT the line that FORMAT wants, NULL: as it is. */
int format_object(const char *format, struct strbuf *object, struct err *e);

#endif
