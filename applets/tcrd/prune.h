/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pruning: a child asks and looks for what nobody needs, the daemon removes it. */
#ifndef TCRD_PRUNE_H
#define TCRD_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

struct client;

/* In the order in which they go: so what a container used is unused when its turn comes. */
enum prune_kind { PRUNE_CONTAINERS, PRUNE_NETWORKS, PRUNE_VOLUMES, PRUNE_IMAGES, PRUNE_KINDS };

struct prune_options {
	bool all, force, volumes;
	char **filters; /* until=SECONDS, label=K[=V], label!=K[=V] */
};

/* The whole of a verb that prunes one kind; PRUNE_KINDS: all, as `system prune` does. */
int prune_verb(struct client *cl, enum prune_kind kind, struct err *e);

/* In the child: appends a line "KIND NAME SIZE" for each that goes. */
void prune_find(unsigned kinds, const struct prune_options *o, struct strbuf *out);

/* Removes what TEXT, such lines, names, unless somebody uses it by now or, without --all, an
 * image has got a name, and tells CL. */
void prune_apply(struct client *cl, const struct prune_options *o, char *text, bool total);

#endif
