/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written down of networks (on disk) and of the networking of a running container (on
 * tmpfs), so that the next daemon, and tcr-net without one, know whose a link is. Both are text,
 * one "key value..." a line. */
#ifndef TCR_NET_RECORD_H
#define TCR_NET_RECORD_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "base/strbuf.h"
#include "net/addr.h"

enum {
	NETWORK_NAME_MAX = 63,
	NETWORK_RECORD_MAX = 256 * 1024, /* bytes */
	NETWORK_MTU_MIN = 68,            /* RFC 791 */
	NETWORK_MTU_MAX = 65535,
	NETWORK_PREFIX_MIN = 8,
	NETWORK_PREFIX_MAX = 30, /* room for the gateway and one container */
	ATTACHMENT_PORTS_MAX = 4096,
};

/* A network. On disk: ROOT/networks/NAME. */
struct network {
	struct list node;
	char *name;
	char id[65]; /* 64 hex digits */
	struct subnet subnet;
	uint32_t gateway;
	unsigned mtu;  /* bytes; 0: that of the uplink */
	unsigned link; /* the bridge is called tcrLINK */
	bool internal;
	long long created; /* seconds since 1970 */
	char **labels;     /* K=V */
};

/* One attachment of a container to a network. */
struct endpoint {
	char *network; /* name */
	uint32_t addr;
	uint8_t mac[MAC_LEN];
	char link[IFNAMSIZ];   /* the host's end of the veth pair */
	char ifname[IFNAMSIZ]; /* the container's end: eth0, … */
	char **aliases;        /* more names on this network */
};

/* A port of the host that leads to the container. */
struct published {
	uint32_t ip; /* 0: every address of the host */
	uint8_t proto;
	uint16_t port;
	uint32_t to_addr;
	uint16_t to_port;
};

/* The networking of a running container. On tmpfs: RUN/net/ID. */
struct attachment {
	struct endpoint *endpoints;
	size_t n_endpoints;
	struct published *ports;
	size_t n_ports; /* at most ATTACHMENT_PORTS_MAX */
};

/* Appends the text of N to OUT. The name is not in it: it is the file's. */
void network_emit(const struct network *n, struct strbuf *out);
/* Reads it; NAME is copied. NULL with E filled if the text is damaged: every field is checked, an
 * unknown key is an error. */
struct network *network_parse(const char *name, const char *text, struct err *e);
void network_free(struct network *n);
/* [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most NETWORK_NAME_MAX characters, no ".tmp" at the end. */
bool network_name_is_valid(const char *name);
/* Writes "tcrN" to BUF and returns it. */
const char *network_bridge(const struct network *n, char buf[IFNAMSIZ]);

void attachment_emit(const struct attachment *a, struct strbuf *out);
/* Returns 0, or -1 with E filled; A is to be freed in both cases. */
int attachment_parse(struct attachment *a, const char *text, struct err *e);
void attachment_free(struct attachment *a);

/* Grow the arrays by one zeroed element and return it; the pointer is valid until the next call. */
struct endpoint *attachment_add_endpoint(struct attachment *a);
struct published *attachment_add_port(struct attachment *a);
/* Frees the element I and closes the gap. */
void attachment_drop_endpoint(struct attachment *a, size_t i);

#endif
