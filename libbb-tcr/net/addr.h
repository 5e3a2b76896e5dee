/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 addresses, subnets and hardware addresses. Addresses are in host byte order. */
#ifndef TCR_NET_ADDR_H
#define TCR_NET_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	ADDR_SIZE = 16,   /* "255.255.255.255" and NUL */
	SUBNET_SIZE = 19, /* the same with "/32" */
	MAC_LEN = 6,
	MAC_SIZE = 18,  /* "02:42:0a:d3:00:02" and NUL */
	ZONE_SIZE = 16, /* of a name server's address: as long as a name of an interface, and NUL */
	SERVER_SIZE = 62, /* the longest IPv6 address, '%', a zone and NUL */
	SERVERS_MAX = 8,  /* name servers; more are not asked */
};

struct subnet {
	uint32_t base; /* bits behind the prefix are 0 */
	uint8_t prefix;
};

/* Parses a dotted quad, nothing before or behind it. Returns 0 or -1, without a message. */
int addr_parse(const char *s, uint32_t *addr);
/* Returns BUF. */
const char *addr_format(uint32_t addr, char buf[ADDR_SIZE]);

/* Parses "10.1.0.0/16"; the bits behind the prefix are cleared. An address without a prefix is
 * none. Returns 0 or -1, without a message. */
int subnet_parse(const char *s, struct subnet *n);
const char *subnet_format(const struct subnet *n, char buf[SUBNET_SIZE]);

bool subnet_contains(const struct subnet *n, uint32_t addr);
bool subnet_overlaps(const struct subnet *a, const struct subnet *b);
/* The last address: the broadcast address of a subnet that has one. */
uint32_t subnet_last(const struct subnet *n);

/* The first subnet of PREFIX bits in POOL that overlaps none of the N TAKEN. Returns false if there
 * is none. */
bool subnet_pick(const struct subnet *pool, uint8_t prefix, const struct subnet *taken, size_t n,
	struct subnet *out);

/* Parses six hexadecimal bytes between colons: an address of one host (unicast), not all zero.
 * Returns 0 or -1, without a message. */
int mac_parse(const char *s, uint8_t mac[MAC_LEN]);
const char *mac_format(const uint8_t mac[MAC_LEN], char buf[MAC_SIZE]);
/* The locally administered address 02:42 and the four bytes of ADDR: whoever gets an address that
 * another had before is known by the same hardware address, and no neighbour's cache is wrong. */
void mac_of_addr(uint32_t addr, uint8_t mac[MAC_LEN]);

/* Whether S is the address of a name server: IPv4, or IPv6, which may have a zone (RFC 4007, 11)
 * behind a '%': the number or the name of an interface. */
bool server_is_valid(const char *s);

#endif
