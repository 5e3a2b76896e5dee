/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments of a log: what is read. */
//kbuild:obj-$(CONFIG_FEATURE_LOGS) += log_read.o
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "log_store.h"

void reader_open(struct log_reader *r, const struct log_store *s)
{
	r->store = s;
	r->segment = 0;
	for (size_t i = 0; i < ARRAY_SIZE(r->files); i++)
		r->files[i] = (struct log_files){ .data = -1, .index = -1 };
}

static void close_files(struct log_files *f)
{
	if (f->data >= 0)
		close(steal_fd(&f->data));
	if (f->index >= 0)
		close(steal_fd(&f->index));
	f->segment = 0;
}

void reader_rest(struct log_reader *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(r->files); i++)
		close_files(&r->files[i]);
	r->segment = 0;
}

static int open_file(const struct log_store *s, uint32_t n, const char *suffix, off_t *size)
{
	cleanup_free char *path = xasprintf("%s/%u.%s", s->dir, n, suffix);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st = { 0 };

	if (fd >= 0 && fstat(fd, &st) == 0)
		*size = st.st_size;
	return fd;
}

/* The files of segment N; NULL with errno. Two that follow each other are open side by side. */
static struct log_files *open_segment(struct log_reader *r, uint32_t n)
{
	const struct log_store *s = r->store;
	struct log_files *f = &r->files[n % ARRAY_SIZE(r->files)];
	off_t size = 0, index = 0;

	if (f->segment == n)
		return f;
	close_files(f);
	errno = ENOENT;
	if (!s->dir)
		return NULL;
	f->index = open_file(s, n, "idx", &index);
	f->data = f->index < 0 ? -1 : open_file(s, n, "log", &size);
	if (f->data < 0)
		return NULL;
	f->segment = n;
	f->entries = n == s->last ? s->entries : index / sizeof(struct log_entry);
	f->size = n == s->last ? s->size : size;
	return f;
}

void reader_pin(struct log_reader *r)
{
	for (uint32_t n = r->store->first; n && n <= r->store->last; n++)
		open_segment(r, n);
}

/* Entry N of F, or NULL if there is none. */
static const struct log_entry *entry_at(struct log_reader *r, const struct log_files *f, uint32_t n)
{
	if (n >= f->entries)
		return NULL;
	if (r->segment != f->segment || n - r->cached >= r->ncached) {
		ssize_t got = pread(
			f->index, r->cache, sizeof(r->cache), (off_t)n * sizeof(*r->cache));

		r->segment = f->segment;
		r->cached = n;
		r->ncached = got > 0 ? got / sizeof(*r->cache) : 0;
	}
	return n - r->cached < r->ncached ? &r->cache[n - r->cached] : NULL;
}

/* Reads what entry C->entry has from C on. */
static ssize_t read_entry(struct log_reader *r, const struct log_files *f, struct log_cursor *c,
	struct log_entry *entry, void *buf, size_t len)
{
	const struct log_entry *e = entry_at(r, f, c->entry);
	uint32_t end = f->size;
	ssize_t n;

	if (!e)
		return 0;
	*entry = *e;
	/* A damaged index is not to be trusted. */
	entry->stream %= LOG_STREAMS;
	if (c->at < entry->at)
		c->at = entry->at;
	e = entry_at(r, f, c->entry + 1);
	if (e && e->at < end)
		end = e->at;
	if (c->at >= end)
		return 0;
	n = pread(f->data, buf, len < end - c->at ? len : end - c->at, c->at);
	if (n > 0)
		c->at += n;
	return n;
}

ssize_t reader_next(
	struct log_reader *r, struct log_cursor *c, struct log_entry *entry, void *buf, size_t len)
{
	const struct log_store *s = r->store;
	const struct log_files *f;
	ssize_t n;

	if (!s->last)
		return 0;
	if (!c->segment)
		c->segment = s->first;
	for (;;) {
		f = open_segment(r, c->segment);
		if (!f)
			return -1;
		n = read_entry(r, f, c, entry, buf, len);
		if (n)
			return n;
		if (c->entry + 1 < f->entries)
			c->entry++;
		else if (c->segment < s->last)
			*c = (struct log_cursor){ .segment = c->segment + 1 };
		else
			return 0;
	}
}

struct log_cursor store_end(const struct log_store *s)
{
	return (struct log_cursor){ s->last, s->entries ? s->entries - 1 : 0, s->size };
}
