/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded log of two streams in a directory.
 *
 * Segment N is the file N.log, in which both streams follow each other as they came, and N.idx: an
 * entry tells from where on the bytes are of which stream, and when they came. It is written before
 * the bytes are, so whatever a crash leaves is known. The last two segments are kept; the next one
 * begins when a segment and its index together have MAX bytes. */
#ifndef TCRD_LOG_STORE_H
#define TCRD_LOG_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum log_stream { LOG_STDOUT, LOG_STDERR, LOG_STREAMS };

struct log_entry {
	int64_t ms; /* since 1970 */
	uint32_t at;
	uint32_t stream; /* enum log_stream */
};

struct log_store {
	char *dir; /* owned */
	uint32_t max;
	uint32_t first, last; /* segments; LAST is written to; 0: there is none yet */
	uint32_t size;        /* bytes in N.log of the last one, … */
	uint32_t entries;     /* … and entries in its index */
	struct log_entry now; /* the last one of them */
	int data, index;      /* open for a burst; -1 else */
};

/* Looks at what is in DIR (taken over), which need not exist yet. */
void store_open(struct log_store *s, char *dir, uint32_t max);

/* Moves up to LEN bytes from a pipe to the log. Returns their number, or -1 with errno. Leaves
 * files open: store_rest() closes them. */
ssize_t store_splice(struct log_store *s, enum log_stream stream, int pipe, size_t len);

/* Appends LEN bytes. Returns 0, or -1 with errno: some may have been written. */
int store_append(struct log_store *s, enum log_stream stream, const void *data, size_t len);

void store_rest(struct log_store *s);

void store_free(struct log_store *s);

/* A place in the log; all 0: its beginning. */
struct log_cursor {
	uint32_t segment, entry, at;
};

/* The end of the log. */
struct log_cursor store_end(const struct log_store *s);

/* Reads the log. */
struct log_reader {
	const struct log_store *store; /* a copy of it ends where it ended then */
	struct log_files {
		uint32_t segment; /* that is open; 0: none */
		int data, index;
		uint32_t size, entries;
	} files[2];
	uint32_t segment;         /* that CACHE is of, … */
	uint32_t cached, ncached; /* … number of its first entry, how many there are */
	struct log_entry cache[32];
};
void reader_open(struct log_reader *r, const struct log_store *s);
/* Closes files; the next read opens them again. To be called when something may have been written.
 */
void reader_rest(struct log_reader *r);
/* Opens both segments, so that they can be read when they are gone. */
void reader_pin(struct log_reader *r);

/* Reads up to LEN bytes of one stream at C, and moves it on. ENTRY: what is known of them. Returns
 * their number; 0 at the end of the log; -1 with errno, ENOENT if what was to come is gone. */
ssize_t reader_next(
	struct log_reader *r, struct log_cursor *c, struct log_entry *entry, void *buf, size_t len);

#endif
