/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads and checks the superblock of a squashfs image. */
#ifndef TCR_IMAGE_SQUASHFS_H
#define TCR_IMAGE_SQUASHFS_H

#include <stdint.h>

#include "base/err.h"

struct squashfs_info {
	const char *compressor; /* as mksquashfs -comp calls it: "zstd" */
	const char *config;     /* the kernel option that reads it: "CONFIG_SQUASHFS_ZSTD" */
	uint32_t block_size;    /* bytes */
	uint64_t bytes_used;    /* bytes of the filesystem; the file may be padded behind them */
};

/* Checks the regular file FD, wherever its offset is, by the superblock of
 * Documentation/filesystems/squashfs.rst and the rules that the kernel applies when it mounts.
 * Fills INFO and returns 0, or returns -1 with an error whose text does not name the file ("is
 * truncated: 4096 bytes of 81920"): the caller prefixes it. */
int squashfs_check(int fd, struct squashfs_info *info, struct err *e);

#endif
