/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks: the records on disk (network.c), the bridges (bridge.c), our table of nftables
 * (filter.c), the name server (dns.c). */
#ifndef TCRD_NETWORK_H
#define TCRD_NETWORK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/list.h"
#include "net/record.h"

struct container;
struct nl;

enum {
	POOL_PREFIX = 24,   /* of a subnet that is taken from the pool */
	NETWORKS_MAX = 250, /* of one daemon */
};

/* A network and what there is of it in the kernel. */
struct net {
	struct list node;
	struct network *config; /* owned */
	unsigned index;         /* of the bridge; 0: there is none */
	unsigned mtu;           /* of the bridge, in bytes; 0: the kernel's */
	uint32_t number;        /* for the name server */
	uint32_t last_addr;     /* that a container was given; 0: none yet */
	int udp, tcp;           /* port 53 of the gateway; -1: closed */
	bool announced;         /* the name server has these */
	bool changed;           /* it does not know the names of now */
};

extern struct list networks;

/* What a user wants of a new network; zero and NULL stand for the defaults. */
struct network_wish {
	const char *name;
	struct subnet subnet; /* prefix 0: from the pool */
	uint32_t gateway;     /* 0: the first address */
	unsigned mtu;
	bool internal;
	char *const *labels;
};

/* Reads ROOT/networks; a damaged record is put aside with a message. */
int networks_load(struct err *e);

/* By name (see real_network()), id or unique prefix of an id; NULL with E filled. */
struct net *network_find(const char *ref, struct err *e);
/* By name, or NULL. */
struct net *network_by_name(const char *name);

/* Checks what is wanted against the other networks and the routes of the host, and stores it: when
 * this returns, the network survives a power cut. NULL with E filled. */
struct net *network_create(const struct network_wish *wish, struct err *e);

/* Removes the record, the bridge and the rules of a network that nobody uses. */
int network_remove(struct net *n, struct err *e);

/* Writes the record anew. */
int network_save(const struct network *config, struct err *e);

/* A container that is attached to it, or will be when it starts; NULL: nobody. */
const struct container *network_user(const struct net *n);

/* "none", "host" and what else is no name of a network. */
bool network_name_is_reserved(const char *name);

/* Whether hosts can have its addresses: neither loopback nor multicast, from
 * /NETWORK_PREFIX_MIN to /NETWORK_PREFIX_MAX. */
bool network_subnet_is_usable(const struct subnet *s);

/* For the option --pool of tcrd, as check.h has them. */
char *check_pool(const char *value, void *ctx, struct err *e);

/* Fails if a route of the host overlaps SUBNET, but for those over the link OWN (0: none). */
int network_check_routes(const struct subnet *subnet, unsigned own, struct err *e);

/* bridge.c */

/* Makes the bridge of N, with all that belongs to it: forwarding, rules, name server. Nothing to do
 * if it is there. */
int bridge_up(struct net *n, struct err *e);
/* At start: finds the bridges that are there, and removes those of ours that belong to no network.
 * Then the rules are built anew if there are any bridges. */
void bridges_adopt(void);
/* Begins to delete it; what it needed of rules and forwarding goes afterwards. */
void bridge_down(struct net *n);
/* The socket for links and routes. */
struct nl *net_socket(void);
/* The name of this daemon in the kernel: of its table, and in the aliases of its links. */
const char *net_instance(void);
/* The lowest N for which there is neither a link tcrN nor another network. */
int bridge_new_number(unsigned *number, struct err *e);

/* filter.c */

/* Builds the table by the networks that have a bridge and the containers that run, and from then on
 * restores it when somebody else takes it away. */
int filter_rebuild(struct err *e);
/* Publishes the ports of C, or ends that. */
int filter_publish(const struct container *c, struct err *e);
void filter_unpublish(const struct container *c);

#endif
