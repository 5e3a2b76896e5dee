/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments of a log: what is written. */
//kbuild:obj-$(CONFIG_FEATURE_LOGS) += log_store.o
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/when.h"
#include "log_store.h"

/* Bytes of one stream that come within this time share an entry: else a container that writes
 * single bytes would fill the log with entries. */
enum { MERGE_MS = 10 };

static int open_file(const struct log_store *s, uint32_t n, const char *suffix, int flags)
{
	cleanup_free char *path = xasprintf("%s/%u.%s", s->dir, n, suffix);

	return open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static void remove_segment(const struct log_store *s, uint32_t n)
{
	/* The index goes last: data without one could not be read. */
	static const char *const suffixes[] = { "log", "idx" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		cleanup_free char *path = xasprintf("%s/%u.%s", s->dir, n, suffixes[i]);

		unlink(path);
	}
}

void store_rest(struct log_store *s)
{
	if (s->data >= 0)
		close(steal_fd(&s->data));
	if (s->index >= 0)
		close(steal_fd(&s->index));
}

/* Opens both files of segment N. The index is made first. */
static int open_segment(struct log_store *s, uint32_t n, int flags)
{
	store_rest(s);
	s->index = open_file(s, n, "idx", O_RDWR | flags);
	s->data = s->index < 0 ? -1 : open_file(s, n, "log", O_RDWR | flags);
	if (s->data >= 0)
		return 0;
	store_rest(s);
	return -1;
}

static int rotate(struct log_store *s)
{
	if (mkdir(s->dir, 0700) < 0 && errno != EEXIST)
		return -1;
	if (s->first < s->last)
		remove_segment(s, s->first++);
	if (open_segment(s, s->last + 1, O_CREAT | O_TRUNC))
		return -1;
	s->last++;
	if (!s->first)
		s->first = s->last;
	s->size = s->entries = 0;
	return 0;
}

static int64_t used(const struct log_store *s)
{
	return s->size + (int64_t)s->entries * sizeof(struct log_entry);
}

/* The entry of which there are no bytes yet is written over. */
static int write_entry(struct log_store *s, enum log_stream stream, int64_t ms)
{
	struct log_entry entry = { .ms = ms, .at = s->size, .stream = stream };
	uint32_t n = s->entries && s->now.at == s->size ? s->entries - 1 : s->entries;

	if (pwrite(s->index, &entry, sizeof(entry), (off_t)n * sizeof(entry)) !=
		(ssize_t)sizeof(entry))
		return -1;
	s->entries = n + 1;
	s->now = entry;
	return 0;
}

/* Makes ready to append to STREAM. Returns how many bytes fit, or -1 with errno. */
static ssize_t prepare(struct log_store *s, enum log_stream stream)
{
	int64_t ms = when_now();

	if (!s->last || used(s) + (int64_t)sizeof(struct log_entry) >= s->max) {
		if (rotate(s))
			return -1;
	} else if (s->data < 0 && open_segment(s, s->last, 0)) {
		/* Somebody has removed it; the rest of it is of no use either. */
		s->size = s->max;
		return -1;
	}
	if ((!s->entries || s->now.stream != stream || ms < s->now.ms ||
		    ms > s->now.ms + MERGE_MS) &&
		write_entry(s, stream, ms))
		return -1;
	return s->max - used(s);
}

ssize_t store_splice(struct log_store *s, enum log_stream stream, int pipe, size_t len)
{
	ssize_t n = prepare(s, stream);
	loff_t at = s->size;

	if (n < 0)
		return -1;
	n = splice(pipe, NULL, s->data, &at, len < (size_t)n ? len : (size_t)n, SPLICE_F_NONBLOCK);
	if (n > 0)
		s->size += n;
	return n;
}

int store_append(struct log_store *s, enum log_stream stream, const void *data, size_t len)
{
	for (const char *p = data; len;) {
		ssize_t n = prepare(s, stream);

		if (n < 0)
			return -1;
		n = pwrite(s->data, p, len < (size_t)n ? len : (size_t)n, s->size);
		if (n <= 0)
			return -1;
		s->size += n;
		p += n;
		len -= n;
	}
	return 0;
}

static int find_last(int dirfd, const char *name, void *last, struct err *e)
{
	char *end;
	unsigned long n = strtoul(name, &end, 10);

	(void)dirfd;
	(void)e;
	if (!strcmp(end, ".log") && n > *(uint32_t *)last && n < UINT32_MAX)
		*(uint32_t *)last = n;
	return 0;
}

/* What the last daemon has written. After a power cut index and data may not fit together: then
 * that segment is full. */
static void read_last(struct log_store *s)
{
	struct stat data, index;

	if (open_segment(s, s->last, 0)) {
		/* Without its index it tells nothing. */
		remove_segment(s, s->first);
		remove_segment(s, s->last);
		s->first = s->last = 0;
		return;
	}
	s->size = s->max;
	if (fstat(s->data, &data) == 0 && fstat(s->index, &index) == 0 && data.st_size < s->max) {
		s->entries = index.st_size / sizeof(s->now);
		if (!s->entries ||
			(pread(s->index, &s->now, sizeof(s->now),
				 (s->entries - 1) * sizeof(s->now)) == sizeof(s->now) &&
				s->now.at <= data.st_size))
			s->size = data.st_size;
	}
	store_rest(s);
}

void store_open(struct log_store *s, char *dir, uint32_t max)
{
	cleanup_free char *before = NULL;
	struct err ignored;

	*s = (struct log_store){ .dir = dir, .max = max, .data = -1, .index = -1 };
	if (dir_each(AT_FDCWD, dir, find_last, &s->last, &ignored) || !s->last)
		return;
	before = xasprintf("%s/%u.log", dir, s->last - 1);
	s->first = s->last - file_exists(AT_FDCWD, before);
	/* A rotation that was interrupted may have left the index of one more. */
	remove_segment(s, s->first - 1);
	read_last(s);
}

void store_free(struct log_store *s)
{
	store_rest(s);
	free(s->dir);
}
