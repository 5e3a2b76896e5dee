/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and trees. DIRFD is a directory descriptor or AT_FDCWD, as in the …at(2) calls. */
#ifndef TCR_BASE_FILE_H
#define TCR_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"

/* How much a file is worth. */
enum durability {
	FILE_VOLATILE, /* atomic: readers see the old or the new content. For tmpfs. */
	FILE_DURABLE,  /* atomic, and on disk when the call returns, name included */
};

/* Replaces the file NAME by LEN bytes of DATA: temporary file, rename. Returns 0 or -1. */
int file_write(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
	enum durability durability, struct err *e);

/* Reads a regular file of at most MAX bytes into SB. Never blocks on a FIFO or a device: anything
 * but a regular file is an error. */
int file_read(int dirfd, const char *name, size_t max, struct strbuf *sb, struct err *e);

/* Opens a path inside the tree ROOT as a process would that has its root there: symlinks cannot
 * lead out of it, and nothing but a regular file is opened (openat2(2), RESOLVE_IN_ROOT;
 * Linux 5.6). Returns a descriptor or -1. */
int file_open_in_root(int rootfd, const char *path, struct err *e);

/* mkdir -p. Directories that are there are left as they are. */
int dir_make(const char *path, mode_t mode, struct err *e);

/* rm -r: never follows a symlink, never descends into another mounted filesystem. A name that does
 * not exist is a success. */
int tree_remove(int dirfd, const char *name, struct err *e);

/* fsync(2) of a directory, so that names in it are on disk. */
int dir_sync(int dirfd, const char *name, struct err *e);

/* Calls FN for each name in the directory but "." and "..", until it returns something but 0, and
 * returns that; -1 if the directory cannot be read. */
int dir_each(int dirfd, const char *name,
	int (*fn)(int dirfd, const char *name, void *arg, struct err *e), void *arg, struct err *e);

/* Removes the temporary files that file_write(), cut off by a crash, has left in a directory. One that
 * does not exist is a success. */
int dir_sweep(int dirfd, const char *name, struct err *e);

/* True if NAME exists, not following a symlink. */
bool file_exists(int dirfd, const char *name);

#endif
