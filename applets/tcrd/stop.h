/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `stop` and `restart` have in common. */
#ifndef TCRD_STOP_H
#define TCRD_STOP_H

#include "names.h"

struct container;

/* Calls FN for each container that the client names; TARGET is for stop_patience(). Returns what a
 * verb returns. */
int stop_verb(struct client *cl,
	int (*fn)(struct client *cl, struct container *c, const char *name, void *target,
		struct err *e),
	struct err *e);

/* How long the client wants C to have before it is killed, in milliseconds; -1: for ever. Notes the
 * signal that comes first. */
long stop_patience(struct container *c, const void *target);

#endif
