/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 addresses, subnets and hardware addresses, as text and as numbers. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/opt.h"
#include "net/addr.h"

int addr_parse(const char *s, uint32_t *addr)
{
	struct in_addr in;

	if (inet_pton(AF_INET, s, &in) != 1)
		return -1;
	*addr = ntohl(in.s_addr);
	return 0;
}

const char *addr_format(uint32_t addr, char buf[ADDR_SIZE])
{
	struct in_addr in = { htonl(addr) };

	return inet_ntop(AF_INET, &in, buf, ADDR_SIZE);
}

/* A shift by 32 means nothing in C. */
static uint32_t host_bits(uint8_t prefix)
{
	return prefix ? ~(~0U << (32 - prefix)) : ~0U;
}

int subnet_parse(const char *s, struct subnet *n)
{
	const char *slash = strchr(s, '/');
	char addr[ADDR_SIZE];
	long prefix;

	if (!slash || slash - s >= ADDR_SIZE || parse_int(slash + 1, 0, 32, &prefix))
		return -1;
	memcpy(addr, s, slash - s);
	addr[slash - s] = '\0';
	if (addr_parse(addr, &n->base))
		return -1;
	n->prefix = prefix;
	n->base &= ~host_bits(prefix);
	return 0;
}

const char *subnet_format(const struct subnet *n, char buf[SUBNET_SIZE])
{
	size_t len = strlen(addr_format(n->base, buf));

	snprintf(buf + len, SUBNET_SIZE - len, "/%u", n->prefix % 100U);
	return buf;
}

bool subnet_contains(const struct subnet *n, uint32_t addr)
{
	return ((n->base ^ addr) & ~host_bits(n->prefix)) == 0;
}

bool subnet_overlaps(const struct subnet *a, const struct subnet *b)
{
	return subnet_contains(a, b->base) || subnet_contains(b, a->base);
}

uint32_t subnet_last(const struct subnet *n)
{
	return n->base | host_bits(n->prefix);
}

static const struct subnet *first_overlap(
	const struct subnet *s, const struct subnet *taken, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (subnet_overlaps(s, &taken[i]))
			return &taken[i];
	return NULL;
}

bool subnet_pick(const struct subnet *pool, uint8_t prefix, const struct subnet *taken, size_t n,
	struct subnet *out)
{
	uint64_t at = pool->base, end = subnet_last(pool);

	if (prefix < pool->prefix || prefix > 32)
		return false;
	while (at <= end) {
		struct subnet s = { at, prefix };
		const struct subnet *t = first_overlap(&s, taken, n);

		if (!t) {
			*out = s;
			return true;
		}
		/* Of two subnets that overlap one is in the other: behind the larger one begins
		 * the next candidate. */
		at = 1 + (uint64_t)subnet_last(t->prefix < prefix ? t : &s);
	}
	return false;
}

int mac_parse(const char *s, uint8_t mac[MAC_LEN])
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	uint8_t any = 0;

	for (int i = 0; i < MAC_LEN; i++, s += 3) {
		const char *high = *s ? strchr(digits, s[0]) : NULL;
		const char *low = high && s[1] ? strchr(digits, s[1]) : NULL;

		if (!low || s[2] != (i < MAC_LEN - 1 ? ':' : '\0'))
			return -1;
		mac[i] = (high - digits) % 16 << 4 | (low - digits) % 16;
		any |= mac[i];
	}
	return any && !(mac[0] & 1) ? 0 : -1;
}

const char *mac_format(const uint8_t mac[MAC_LEN], char buf[MAC_SIZE])
{
	for (int i = 0; i < MAC_LEN; i++)
		snprintf(buf + 3 * i, 4, i < MAC_LEN - 1 ? "%02x:" : "%02x", mac[i]);
	return buf;
}

void mac_of_addr(uint32_t addr, uint8_t mac[MAC_LEN])
{
	mac[0] = 0x02;
	mac[1] = 0x42;
	for (int i = 0; i < 4; i++)
		mac[2 + i] = addr >> (24 - 8 * i);
}

/* As dev_valid_name() of the kernel has it, and without what would be two words or two zones. */
static bool zone_is_valid(const char *zone)
{
	size_t len = strlen(zone);

	for (size_t i = 0; i < len; i++)
		if (zone[i] <= ' ' || zone[i] > '~' || strchr("%/:", zone[i]))
			return false;
	return len > 0 && len < ZONE_SIZE;
}

bool server_is_valid(const char *s)
{
	const char *percent = strchr(s, '%');
	size_t len = percent ? (size_t)(percent - s) : strlen(s);
	char addr[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	if (len >= sizeof(addr))
		return false;
	memcpy(addr, s, len);
	addr[len] = '\0';
	if (!percent && inet_pton(AF_INET, addr, &in6) == 1)
		return true;
	return inet_pton(AF_INET6, addr, &in6) == 1 && (!percent || zone_is_valid(percent + 1));
}
