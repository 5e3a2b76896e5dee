/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written down of networks and containers, and what the kernel has of it. */
#ifndef TCR_NET_STATE_H
#define TCR_NET_STATE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/list.h"
#include "net/link.h"
#include "net/nl.h"
#include "net/record.h"

/* A container that is, or was, on a network. */
struct attached {
	struct list node;
	char id[65];
	bool running;
	bool damaged; /* its record cannot be read: ATTACHMENT is empty */
	struct attachment attachment;
};

struct state {
	struct list networks; /* struct network */
	struct list attached; /* struct attached */
	int damaged;          /* records that cannot be read; each is reported by warn() */
	struct nl route;
};

/* Reads the records, and opens the socket. Missing directories have nothing in them. S lives as
 * long as the process: nobody frees it. */
int state_load(struct state *s, struct err *e);

struct network *state_network(const struct state *s, const char *name);
/* "up", "down", "missing", or "foreign": a link of that name which is not of this network. Fills
 * LINK, which has index 0 if there is none. NULL with E filled. */
const char *state_bridge(
	struct state *s, const struct network *n, struct link *link, struct err *e);

/* True for 64 hexadecimal digits. */
bool is_id(const char *name);
/* True if the process that RUN/state/ID names is alive. */
bool container_runs(const char *id);

/* A path below the run directory, owned by the caller; NAME NULL: the directory itself. */
char *state_path(const char *dir, const char *name);
/* Calls FN for each name in that directory, which may be missing. */
int state_each(const char *dir, int (*fn)(int dirfd, const char *name, void *arg, struct err *e),
	void *arg, struct err *e);

#endif
