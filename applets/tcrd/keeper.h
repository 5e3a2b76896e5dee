/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper of terminals: a process that does nothing but hold a copy of each container's master,
 * because the kernel hangs a terminal up when nobody has its master any more, and a daemon may be
 * killed. There is one for all containers, and none without a terminal. */
#ifndef TCRD_KEEPER_H
#define TCRD_KEEPER_H

struct container;

/* A container has a terminal now: returns when it is kept. */
void keeper_begin(void);

/* One has none any more; what was kept is let go of a moment later. */
void keeper_end(void);

/* When a daemon starts: the master that was kept for C, or -1. */
int keeper_take(const struct container *c);

/* Once all were taken: the last daemon's keeper ends, and ours begins. */
void keeper_settle(void);

#endif
