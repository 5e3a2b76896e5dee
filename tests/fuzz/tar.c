/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any bytes as a tar archive. What is read can be written, and reads the same again.
 */
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/fd.h"
#include "base/mem.h"
#include "fuzz.h"

static bool is_clean(const char *name)
{
	if (*name == '/' || !*name || strlen(name) >= PATH_MAX)
		return false;
	for (const char *p = name; *p; p += strcspn(p, "/"), p += *p == '/')
		if (!strncmp(p, "..", 2) && (p[2] == '/' || !p[2]))
			return false;
	return true;
}

static void check_entry(const struct tar_entry *entry)
{
	bool link = entry->type == '1' || entry->type == '2';

	require(entry->type >= '0' && entry->type <= '6');
	require(entry->name && is_clean(entry->name));
	require(link == (entry->link != NULL) && !(entry->mode & ~07777U));
	require(entry->type != '1' || is_clean(entry->link));
	require(entry->type == '0' || !entry->size);
}

/* Reads up to 100 members of FD; writes their headers to OUT, unless that is NULL. */
static unsigned read_members(int fd, struct tar_writer *out)
{
	struct tar_reader r;
	struct tar_entry entry;
	struct err e = { 0 };
	unsigned n = 0;
	int rc = 1;

	tar_open(&r, fd);
	while (n < 100 && (rc = tar_next(&r, &entry, &e)) > 0) {
		n++;
		check_entry(&entry);
		if (out) {
			entry.size = 0; /* the data is left out */
			require(tar_put(out, &entry, &e) == 0);
		}
		tar_entry_free(&entry);
	}
	if (rc <= 0)
		tar_entry_free(&entry);
	require(rc >= 0 || *e.text);
	tar_close(&r);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_close int in = memfd_create("in", MFD_CLOEXEC),
			  out = memfd_create("out", MFD_CLOEXEC);
	struct tar_writer w;
	struct err e;
	unsigned n;

	require(fd_write_all(in, data, size) == 0);
	lseek(in, 0, SEEK_SET);
	tar_create(&w, out);
	n = read_members(in, &w);
	require(tar_finish(&w, &e) == 0);
	tar_writer_free(&w);
	lseek(out, 0, SEEK_SET);
	require(read_members(out, NULL) == n);
	return 0;
}
