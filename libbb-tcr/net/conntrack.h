/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel remembers of connections: linux/netfilter/nfnetlink_conntrack.h. */
#ifndef TCR_NET_CONNTRACK_H
#define TCR_NET_CONNTRACK_H

#include <stddef.h>

#include "base/err.h"
#include "net/nl.h"
#include "net/record.h"

/* Makes the kernel forget where UDP packets to the N ports went: one that is sent again and again
 * from the same port would go there for ever, for only the first of a connection asks the rules. NL
 * is a socket of NETLINK_NETFILTER. Nothing to do for TCP. Returns 0 or -1. */
int conntrack_forget(struct nl *nl, const struct published *ports, size_t n, struct err *e);

#endif
