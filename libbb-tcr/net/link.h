/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links, addresses and routes: rtnetlink(7). What returns int returns 0, or -1 with E filled,
 * unless said otherwise. */
#ifndef TCR_NET_LINK_H
#define TCR_NET_LINK_H

#include <net/if.h>
#include <stdbool.h>

#include "net/addr.h"
#include "net/nl.h"

enum { LINK_ALIAS_MAX = 255 };

struct link {
	unsigned index;
	unsigned master; /* index of its bridge; 0: none */
	unsigned mtu;
	bool up;
	uint8_t mac[MAC_LEN];
	char name[IFNAMSIZ];
	char kind[16];                  /* "bridge", "veth", …; "" for hardware */
	char alias[LINK_ALIAS_MAX + 1]; /* IFLA_IFALIAS: ours says whose it is */
};

/* Returns 1 with LINK filled, 0 if there is no link of that name, -1 on an error. */
int link_find(struct nl *nl, const char *name, struct link *link, struct err *e);
/* The same by index; 0 is none. */
int link_find_index(struct nl *nl, unsigned index, struct link *link, struct err *e);
/* Calls FN for each link, until it returns something but 0, and returns that. FN may talk to NL:
 * all are read first. */
int link_each(struct nl *nl, int (*fn)(const struct link *link, void *arg, struct err *e),
	void *arg, struct err *e);
/* A link that is gone is a success. */
int link_delete(struct nl *nl, unsigned index, struct err *e);
int link_set_up(struct nl *nl, unsigned index, struct err *e);

/* A bridge: ALIAS, MTU (0: the kernel's), hardware address MAC, no IPv6 of its own, route_localnet
 * on, forwarding on; the address ADDR; up. After an error nothing is left. *INDEX is filled.
 * Returns 0; -EEXIST if there is a link of that name; -1 or another negative value; E is filled. It
 * gets its alias before it is up: one with an alias that is down is unfinished. One without an
 * alias that has this MAC and is down is what a killed process left, and is replaced. */
struct bridge {
	const char *name, *alias;
	unsigned mtu;
	uint8_t mac[MAC_LEN];
	uint32_t addr;
	uint8_t prefix;
};
int bridge_create(struct nl *nl, const struct bridge *b, unsigned *index, struct err *e);

/* A veth pair: NAME here, a port of the bridge MASTER, hairpin on, no IPv6, up; PEER inside the
 * namespace NETNS_FD with MAC and ADDR, up; through GATEWAY (0: none) goes its default route. Both
 * have the ALIAS and the MTU (0: the kernel's). After an error nothing is left. */
struct veth {
	const char *name, *alias, *peer;
	unsigned master;
	unsigned mtu;
	int netns_fd;
	uint8_t mac[MAC_LEN];
	uint32_t addr;
	uint8_t prefix;
	uint32_t gateway;
};
int veth_create(struct nl *nl, const struct veth *v, struct err *e);

/* A route of the main table or another; the local table's are left out. */
struct route {
	struct subnet dst; /* prefix 0: a default route */
	unsigned oif;      /* index; 0 if it has none (blackhole, several ways) */
	unsigned priority; /* metric: the smaller wins */
	unsigned table;    /* 254: main */
};
/* IPv4 routes, as link_each(). */
int route_each(struct nl *nl, int (*fn)(const struct route *route, void *arg, struct err *e),
	void *arg, struct err *e);
/* The link of the default route with the smallest metric in the main table. Returns 1 with LINK
 * filled, 0 if there is none, -1 on an error. */
int route_uplink(struct nl *nl, struct link *link, struct err *e);
/* Adds the default route through GATEWAY; NL is a socket inside the namespace. */
int route_add_default(struct nl *nl, uint32_t gateway, struct err *e);
int addr_add(struct nl *nl, unsigned index, uint32_t addr, uint8_t prefix, struct err *e);

#endif
