/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UNIX sockets that carry packets and descriptors. */
#ifndef TCR_BASE_SOCK_H
#define TCR_BASE_SOCK_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/err.h"

enum { SOCK_FDS_MAX = 8 };

/* Fills ADDR with PATH; a path too long for the kernel is an error that names the limit. */
int sock_address(struct sockaddr_un *addr, const char *path, struct err *e);

/* Listens at PATH (mode MODE from its birth on; a socket that nobody listens to any more is
 * replaced, anything else is an error). TYPE: SOCK_SEQPACKET or SOCK_STREAM. Returns a non-blocking
 * descriptor or -1. */
int sock_listen(const char *path, int type, mode_t mode, struct err *e);

/* Sends one packet of two parts with N descriptors (at most SOCK_FDS_MAX). FLAGS as in send(2).
 * Returns 0, or -1 with errno. */
int sock_send(int fd, const void *head, size_t head_len, const void *data, size_t len,
	const int *fds, size_t n, int flags);

/* Receives one packet and up to SOCK_FDS_MAX descriptors, all close-on-exec, into FDS; *N is their
 * number and the caller's to close. Returns the length, 0 at the end, or -1 with errno; a cut
 * packet is EMSGSIZE. */
ssize_t sock_recv(int fd, void *buf, size_t len, int fds[SOCK_FDS_MAX], size_t *n, int flags);

#endif
