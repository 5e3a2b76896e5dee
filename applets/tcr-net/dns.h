/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name server: its networks, their clients, and what is under way for them. */
#ifndef TCR_NET_DNS_CHILD_H
#define TCR_NET_DNS_CHILD_H

#include <netinet/in.h>

#include "base/list.h"
#include "base/loop.h"
#include "dns_names.h"

enum {
	FORWARDS_MAX = 64,    /* outstanding questions of a network */
	CONNECTIONS_MAX = 16, /* of a network */
	MEMORY_MAX = 1 << 20, /* bytes of answers over TCP under way, of all networks together */
	FORWARD_MS = 4000,    /* then the client hears SERVFAIL */
	IDLE_MS = 10000,      /* then a connection ends */
	DNS_PORT = 53,
};

struct network {
	struct list node;
	uint32_t number;
	struct dns_text text;
	struct watch udp, tcp;
	struct timer pause;      /* of the listener, when there are no descriptors left */
	struct list forwards;    /* struct forward, the oldest first */
	struct list connections; /* struct connection, the one that was used last at the end */
	unsigned forward_count, connection_count;
};

/* What is kept for a client, at the beginning of its struct. */
struct kept {
	struct list node; /* in one of the lists of the network */
	in_addr_t addr;
};

/* Who asks. */
struct client {
	struct network *net;
	struct connection *conn; /* NULL: UDP */
	struct sockaddr_in from;
};

extern struct dns_state {
	struct list networks;
	struct dns_text servers;
	uint8_t *buffer; /* a message of any size, with room for a length in front */
	size_t memory;   /* in use, of MEMORY_MAX */
	unsigned turn;   /* for the order of answers */
} dns;

/* dns.c: handles what the daemon has sent. True if there was something: networks and connections
 * may be gone, and so the caller has to return. */
bool dns_control(void);
struct network *dns_network(uint32_t number);

/* dns_serve.c */
void dns_udp_ready(struct watch *w, uint32_t events);
/* Answers a query, at once or later. */
void dns_serve(const struct client *c, const uint8_t *msg, size_t len);
/* Sends an answer to the client. */
void dns_reply(const struct client *c, const uint8_t *msg, size_t len);
/* Answers with nothing but a code. */
void dns_refuse(const struct client *c, const uint8_t *msg, const struct dns_query *q, int rcode);

/* The first in the list of whoever has most there: where there is no more room, a client that takes
 * all takes it from itself. */
struct kept *dns_first_of_greediest(const struct list *list);

/* dns_forward.c: asks the servers. */
void dns_forward(const struct client *c, const uint8_t *msg, size_t len, const struct dns_query *q);
/* Forgets the questions of a connection; without one, all of the network. */
void dns_forget(struct network *net, const struct connection *conn);

/* dns_tcp.c */
void dns_tcp_ready(struct watch *w, uint32_t events);
void dns_tcp_unpause(struct timer *t);
void dns_tcp_send(struct connection *c, const uint8_t *msg, size_t len);
/* One question more (1) or less (-1) is under way for the connection. */
void dns_tcp_outstanding(struct connection *c, int change);
void dns_tcp_close_all(struct network *net);

/* Reserves LEN bytes of MEMORY_MAX; false if there are not as many. */
static inline bool dns_take_memory(size_t len)
{
	if (len > MEMORY_MAX - dns.memory)
		return false;
	dns.memory += len;
	return true;
}

/* dns_sandbox.c: gives up every right that this process has, and what it could reach. Says which
 * step failed. */
int dns_sandbox(struct err *e);

/* dns_shed.c: gives back the memory that only the start needed. From then on libraries that only
 * the daemon uses must not be called, not even by exit(3). */
void dns_shed(void);

#endif
