/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel remembers of connections: linux/netfilter/nfnetlink_conntrack.h. */
#ifndef TCR_NET_CONNTRACK_H
#define TCR_NET_CONNTRACK_H

#include <stddef.h>

#include "base/err.h"
#include "net/nl.h"
#include "net/record.h"

/* NL is a socket of NETLINK_NETFILTER in the namespace of the process. A connection that has ended
 * meanwhile is no error; the functions return 0, or -1 with E filled if the kernel's table cannot
 * be read (it needs CONFIG_NF_CT_NETLINK). */

/* After the N ports were published: makes the kernel forget where UDP packets to them went until
 * now. One that is sent again and again from the same port would go there for ever, for only the
 * first of a connection asks the rules. Only what was sent to an address of this host is looked at,
 * and what goes where the port leads already stays. Nothing to do for TCP. */
int conntrack_forget(struct nl *nl, const struct published *ports, size_t n, struct err *e);

/* After the containers with the N addresses ended: makes the kernel forget all connections, of any
 * protocol, that one of them is an end of, before or behind NAT; else the next one to have the
 * address would get their packets. With a large table this takes its time: not for a loop. */
int conntrack_forget_addresses(struct nl *nl, const uint32_t *addrs, size_t n, struct err *e);

#endif
