/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What containers use: from control groups, and where these do not tell, from /proc. */
#ifndef TCRD_USAGE_H
#define TCRD_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct usage {
	uint64_t cpu_ns;               /* since it started; only differences mean something */
	uint64_t memory, memory_limit; /* bytes; without caches that can go at any time */
	uint64_t net_rx, net_tx;       /* bytes, without loopback */
	uint64_t io_read, io_write;    /* bytes from and to block devices */
	uint64_t pids;                 /* processes and threads */
};

/* A container to be measured. */
struct meter {
	const char *id;
	pid_t pid; /* of its first process; 0: it does not run, and uses nothing */
	struct usage usage;
	/* for usage_measure() itself */
	ino_t ns;
	unsigned missing;
};

/* Measures the N containers of M. */
void usage_measure(struct meter *m, size_t n);

/* Parsers of what the kernel says; pure. */

/* The number behind KEY in lines "KEY NUMBER"; with KEY "" the one that TEXT begins with. False if
 * there is none. */
bool usage_find(const char *text, const char *key, uint64_t *out);
/* Adds up blkio.throttle.io_service_bytes ("8:0 Read 4096") or io.stat ("8:0 rbytes=4096 …"). */
void usage_add_io(const char *text, uint64_t *rd, uint64_t *wr);
/* Adds up /proc/PID/net/dev. */
void usage_add_net(const char *text, uint64_t *rx, uint64_t *tx);

#endif
