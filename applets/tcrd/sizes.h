/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much space containers take. */
#ifndef TCRD_SIZES_H
#define TCRD_SIZES_H

struct container;

/* Bytes that the container has written to its own layer, and with those of its image. Walks a tree,
 * which may be large, and anybody's: only in a child, as of client_fork(). */
void container_sizes(
	const struct container *c, unsigned long long *rw, unsigned long long *virtual);

#endif
