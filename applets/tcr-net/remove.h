/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gc and nuke share. Each thing that is removed is printed, one a line. */
#ifndef TCR_NET_REMOVE_H
#define TCR_NET_REMOVE_H

#include "base/err.h"
#include "net/link.h"
#include "net/nl.h"

/* Keeps tcrd away as long as this process lives. Fails if one runs. */
int lock_daemon_out(struct err *e);

/* "removed WHAT" */
void removed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

int remove_link(struct nl *nl, const struct link *link, struct err *e);
/* Takes down RUN/netns/ID and RUN/net/ID, what there is of them. */
int remove_container(const char *id, struct err *e);
/* After the last bridge: switches forwarding off if tcrd had switched it on (net/forwarding.h), and
 * removes our table. */
int remove_rules(struct nl *route, struct err *e);

#endif
