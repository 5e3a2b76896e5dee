/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a container, for a child that looks at them from outside: what such a child mounts
 * nobody else sees, and it ends with it. */
#ifndef TCRD_VIEW_H
#define TCRD_VIEW_H

#include <stdbool.h>

#include "base/err.h"

struct client;
struct container;

/* In the daemon, before client_fork(): takes what the child needs. WRITE: a container that does not
 * run cannot be started until the child has ended. */
int view_prepare(struct client *cl, const struct container *c, bool write, struct err *e);

/* In the child: opens the root filesystem, with volumes. Of a running container it is the
 * container's own; all that is in it, and what becomes of it meanwhile, is the container's choice:
 * names are to be looked up with tar_lookup(). Returns a descriptor (O_PATH), or -1. */
int view_open(struct client *cl, const struct container *c, bool write, struct err *e);

/* In the child: opens the image's root filesystem. */
int view_open_image(const struct container *c, struct err *e);

/* 0 if nobody writes to the layer of a container that is to start now. */
int view_check_lock(const struct container *c, struct err *e);

#endif
