/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links, addresses and routes: rtnetlink(7). What returns int returns 0, or -1 with E filled,
 * unless said otherwise. */
#ifndef TCR_NET_LINK_H
#define TCR_NET_LINK_H

#include <net/if.h>
#include <stdbool.h>

#include "net/addr.h"
#include "net/nl.h"

enum { LINK_ALIAS_MAX = 255 }; /* bytes: IFALIASZ without the NUL */

struct link {
	unsigned index;       /* never 0 */
	unsigned master;      /* index of its bridge; 0: none */
	unsigned mtu;         /* bytes */
	bool up;              /* IFF_UP: set so by somebody, whether or not it has a carrier */
	uint8_t mac[MAC_LEN]; /* all 0 if it has none of six bytes */
	char name[IFNAMSIZ];
	char kind[16];                  /* "bridge", "veth", …; "" for hardware */
	char alias[LINK_ALIAS_MAX + 1]; /* IFLA_IFALIAS: ours says whose it is; "" if it has none */
};

/* Looks for the link NAME in the namespace of NL. Returns 1 with LINK filled; 0 if there is none,
 * or the name cannot be one; -1 on an error. */
int link_find(struct nl *nl, const char *name, struct link *link, struct err *e);
/* The same by index; 0 is none. */
int link_find_index(struct nl *nl, unsigned index, struct link *link, struct err *e);
/* Calls FN for each link, until it returns something but 0, and returns that; -1 with E filled if
 * they cannot be read. LINK is valid during the call. FN may talk to NL: all are read first. */
int link_each(struct nl *nl, int (*fn)(const struct link *link, void *arg, struct err *e),
	void *arg, struct err *e);
/* A link that is gone is a success. The other end of a veth pair goes, too. */
int link_delete(struct nl *nl, unsigned index, struct err *e);
int link_set_up(struct nl *nl, unsigned index, struct err *e);

/* What we make is up when it is finished, and not before: what is down was left half-made by a
 * process that was killed, or somebody set it down. Strings belong to the caller. */

/* A bridge: ALIAS, MTU in bytes (0: the kernel's), hardware address MAC, no IPv6 of its own,
 * route_localnet on, forwarding on; the address ADDR; up. After an error nothing is left. *INDEX is
 * filled. Returns 0; -EEXIST if there is a link of that name; -1 or another negative value; E is
 * filled. One that bridge_is_unfinished() is replaced. */
struct bridge {
	const char *name, *alias;
	unsigned mtu;
	uint8_t mac[MAC_LEN];
	uint32_t addr;
	uint8_t prefix; /* bits */
};
int bridge_create(struct nl *nl, const struct bridge *b, unsigned *index, struct err *e);

/* Whether LINK is what a killed process left of a bridge of ours with the hardware address MAC: a
 * bridge that is down and did not get its alias. Nobody else gives that address to one. */
bool bridge_is_unfinished(const struct link *link, const uint8_t mac[MAC_LEN]);

/* A veth pair: NAME here, a port of the bridge MASTER as of veth_attach(), no IPv6; PEER inside the
 * namespace NETNS_FD with MAC and ADDR, up; through GATEWAY (0: none) goes its default route. Both
 * have the ALIAS and the MTU in bytes (0: the kernel's). NAME is set up last. One of the same name
 * and alias is replaced. After an error nothing is left. NETNS_FD stays the caller's. */
struct veth {
	const char *name, *alias, *peer;
	unsigned master; /* index */
	unsigned mtu;
	int netns_fd;
	uint8_t mac[MAC_LEN];
	uint32_t addr;
	uint8_t prefix;   /* bits */
	uint32_t gateway; /* within the prefix */
};
int veth_create(struct nl *nl, const struct veth *v, struct err *e);

/* Makes the link INDEX a port of the bridge MASTER, also if it is one already: the bridge sends to
 * it what is for MAC, for everybody (broadcast, multicast), and nothing else, whatever addresses
 * come out of it; and also if that came from the same port (hairpin), as a container may reach
 * itself by a port of the host. So a container neither takes over the address of another nor fills
 * the bridge's table; in return one that changes its own hardware address gets no answers any more,
 * nor does what has an address of its own behind it (macvlan). bridge(8). E is filled by an error;
 * what was done until then stays. */
int veth_attach(
	struct nl *nl, unsigned index, unsigned master, const uint8_t mac[MAC_LEN], struct err *e);

/* A route of the main table or another; the local table's are left out. */
struct route {
	struct subnet dst; /* prefix 0: a default route */
	unsigned oif;      /* index; 0 if it has none (blackhole, several ways) */
	unsigned priority; /* metric: the smaller wins; 0 if none is set */
	unsigned table;    /* 254: main */
};
/* Calls FN for each IPv4 route, as link_each(). */
int route_each(struct nl *nl, int (*fn)(const struct route *route, void *arg, struct err *e),
	void *arg, struct err *e);
/* The link of the default route with the smallest metric in the main table. Returns 1 with LINK
 * filled, 0 if there is none, -1 on an error. */
int route_uplink(struct nl *nl, struct link *link, struct err *e);
/* Adds the default route through GATEWAY; NL is a socket inside the namespace. */
int route_add_default(struct nl *nl, uint32_t gateway, struct err *e);
/* Adds ADDR with PREFIX bits, and its broadcast address if it has one, to the link INDEX. */
int addr_add(struct nl *nl, unsigned index, uint32_t addr, uint8_t prefix, struct err *e);

#endif
