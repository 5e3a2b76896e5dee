/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 forwarding of the host, which networks need: switched on, and off again. A note in the run
 * directory says that we did it, and names the interfaces that there were then: between these
 * nothing is forwarded afterwards, either (firewall.h). What comes later came to a host that
 * forwards, and is left alone. */
#ifndef TCR_NET_FORWARDING_H
#define TCR_NET_FORWARDING_H

#include "base/err.h"
#include "net/nl.h"

/* If the host does not forward, writes the note, unless there is one. NL is of NETLINK_ROUTE.
 * Returns 0 or -1. The order: note, bridge, table, and then forwarding_on(). */
int forwarding_note(struct nl *nl, int run_dirfd, struct err *e);

/* Switches forwarding on unless it is. Returns 0 or -1. */
int forwarding_on(struct err *e);

/* The names in the note, for strv_free(); NULL if there is no note. */
char **forwarding_guarded(int run_dirfd);

/* After the last bridge of ours is gone, while the table is still there: with a note, switches
 * forwarding off and removes the note. Returns 0; 1 if forwarding stays on, because an interface
 * that is not in the note, or a bridge of another tcrd, may rely on it; -1 with E filled. */
int forwarding_off(struct nl *nl, int run_dirfd, struct err *e);

#endif
