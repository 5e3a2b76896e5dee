/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a container: a list of steps, each with its undo. */
#ifndef TCRD_START_H
#define TCRD_START_H

#include "base/child.h"
#include "base/err.h"

struct container;

/* The exit code of a container whose end nobody saw. */
enum { EXIT_UNKNOWN = 255 };

/* Walks the steps; the last one runs crun, whose end is told by EV_STARTED or EV_FAILED. After -1
 * the walk back is due. */
int start_container(struct container *c, struct err *e);

/* The volumes of C are filled, and the start goes on; or they are not, and WHY says why. */
void start_filled(struct container *c, const struct err *why);

/* Begins the walk back in a child process, since unmounting may have to write; EV_CLEANED tells its
 * end. */
int start_undo(struct container *c, struct err *e);

/* The walk back itself: takes down all that a start may have built for the container ID, in
 * whatever state it was left. Idempotent. */
int undo_all(const char *id, struct err *e);

/* For c->init.ended: the container's first process is gone. */
void start_init_ended(struct child *init, int status);

/* For c->helper.ended: crun is done. */
void start_crun_ended(struct child *crun, int status);

/* For c->retry.fire: the container starts again, at once or when fewer others do. */
void start_due(struct timer *retry);

/* One that had to wait for others has its turn. */
void start_waiting(void);

/* True while a container is being started, or a process in one, which may end before we know its
 * pid. */
bool start_pending(void);

/* Begins to remove the container's files in a child process; EV_CLEANED tells its end. */
int start_removal(struct container *c, struct err *e);

#endif
