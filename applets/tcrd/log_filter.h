/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the bytes of a log to what is shown: lines that were asked for, with time stamps, harmless
 * for a terminal. */
#ifndef TCRD_LOG_FILTER_H
#define TCRD_LOG_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "log_store.h"

struct log_filter {
	bool timestamps;
	int64_t since_ms, until_ms; /* of the time when a line began; inclusive */
	long skip;                  /* lines at the beginning */
	long lines;                 /* that have begun until now */
	struct {
		bool inside;  /* a line */
		bool skipped; /* which is not shown */
		bool cut;     /* the beginning of which is gone */
		bool visible; /* a terminal gets it */
		uint8_t nrest;
		char rest[4]; /* of a character that is not complete yet */
	} stream[LOG_STREAMS];
};

/* Begins again. CUT: what came before is gone, and what is left of a line is not shown. */
void filter_begin(struct log_filter *f, bool cut);

/* What comes now follows without a gap on lines that may have begun long ago. */
void filter_uncut(struct log_filter *f);

/* Appends to OUT what is shown of LEN bytes; OUT is NULL where lines are only counted. */
void filter_add(struct log_filter *f, const struct log_entry *entry, const char *data, size_t len,
	struct strbuf *out);

/* Appends TEXT with control bytes and what is no UTF-8 made visible ("^[", "\x9b"), if a terminal
 * gets it. What is not complete at its end waits for more, unless LEN is 0. */
void filter_show(struct log_filter *f, enum log_stream stream, const char *text, size_t len,
	struct strbuf *out);

#endif
