/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one image of the daemon tells the next, as lines of text. */
#ifndef TCRD_HANDOVER_H
#define TCRD_HANDOVER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

/* Appends all that is not in the run directory. Returns 0, or -1 if something is under way that
 * cannot be told: then OUT is of no use, and E says what it is. */
int handover_store(struct strbuf *out, struct err *e);

/* For stores: bytes as a word without spaces, never an empty one unless LEN is 0; and back. */
void handover_put(struct strbuf *out, const char *data, size_t len);
void handover_take(const char *word, struct strbuf *data);

/* Lets the descriptors that it names survive execve(2), or not. */
void handover_keep_fds(bool keep);

/* Takes over a line of it, without its newline; the text is changed. */
void handover_restore(char *line);
/* After the last line. */
void handover_end(void);

#endif
