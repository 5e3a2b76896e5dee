/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the daemon for its administrator, on standard error. */
#ifndef TCR_BASE_LOG_H
#define TCR_BASE_LOG_H

#include <stdbool.h>

/* True if debugging messages are wanted (`tcrd -v`). */
extern bool log_verbose;

/* One line "tcrd: TEXT"; FMT has no newline. Control bytes in the text are made visible, because
 * names and messages of others end up in it. */
void log_msg(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same, only if log_verbose. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
