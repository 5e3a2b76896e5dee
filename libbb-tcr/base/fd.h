/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors: whole reads and writes, standard descriptors of children. */
#ifndef TCR_BASE_FD_H
#define TCR_BASE_FD_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"

/* Writes all LEN bytes, waiting for a non-blocking descriptor where it must. Returns 0, or -1 with
 * errno. */
int fd_write_all(int fd, const void *data, size_t len);

/* Reads up to LEN bytes, fewer only at the end of the file. Returns their number, or -1 with errno.
 */
ssize_t fd_read_full(int fd, void *buf, size_t len);

/* Appends the rest of FD to SB; more than MAX bytes are an error (EFBIG). Returns 0, or -1 with
 * errno. */
int fd_read_all(int fd, size_t max, struct strbuf *sb);

/* Makes FDS the descriptors 0, 1, 2 of this process; each is >= 3, or -1 to leave its place as it
 * is. Async-signal-safe. Returns 0, or -1 with errno. */
int fds_to_stdio(const int fds[3]);

/* Makes sure that 0, 1 and 2 are open, on /dev/null if need be: else what is opened next would
 * become standard input or output. Returns 0, or -1 with errno. */
int fds_open_stdio(void);

/* Closes every descriptor but 0, 1, 2 and the N of KEEP (in any order). */
void fds_close_others(const int *keep, size_t n);

#endif
