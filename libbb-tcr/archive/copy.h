/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies trees: one process writes an archive, the other extracts it. */
#ifndef TCR_ARCHIVE_COPY_H
#define TCR_ARCHIVE_COPY_H

#include "archive/tar.h"

/* Copies TOP, as tar_add_tree() takes it, to TARGET, under the name AS. BECOME, unless it is NULL,
 * is called in the process that reads TOP, and may give up privileges; this process extracts. It
 * should ignore SIGPIPE. */
int tree_copy(int top, const char *as, int (*become)(void *arg, struct err *e), void *arg,
	struct tar_target *target, struct err *e);

/* The disk space of the tree NAME in bytes: of regular files, each counted once; what is not there
 * has 0. Of a sparse file only what it has counts. Symlinks and other filesystems are left out. */
unsigned long long tree_size(int dirfd, const char *name);

#endif
