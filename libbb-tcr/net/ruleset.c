/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of our table, as data: a rule is a list of terms, a term is one or more expressions.
 * README.md has the table as nft(8) prints it. */
#include <arpa/inet.h>
#include <libnftnl/rule.h>
#include <linux/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>

#include "base/mem.h"
#include "net/ruleset.h"

/* Types of keys, as nft(8) numbers them; those of a concatenation have 6 bits each. */
enum {
	IPV4_ADDR = 7,
	INET_PROTO = 12,
	INET_SERVICE = 13,
	IFNAME = 41,
};

#define TWO(a, b) ((a) << 6 | (b))
#define TARGET TWO(IPV4_ADDR, INET_SERVICE), 8

static const struct nft_set sets[] = {
	{ "bridges", IFNAME, IFNAMSIZ, 0, 0, true, false },
	{ "internal", IFNAME, IFNAMSIZ, 0, 0, true, false },
	{ "served", IFNAME, IFNAMSIZ, 0, 0, true, false },
	{ "guarded", IFNAME, IFNAMSIZ, 0, 0, true, false },
	{ "subnets", IPV4_ADDR, 4, 0, 0, false, true },
	{ "same", TWO(IFNAME, IFNAME), 2 * IFNAMSIZ, 0, 0, false, false },
	{ "publish", TWO(INET_PROTO, INET_SERVICE), 8, TARGET, false, false },
	{ "publish_ip", TWO(TWO(IPV4_ADDR, INET_PROTO), INET_SERVICE), 12, TARGET, false, false },
};

enum { RAW, DNS, PUBLISH, PREROUTING, OUTPUT, POSTROUTING, FORWARD, INPUT };

/* Policies are all accept: what is none of ours passes. */
static const struct nft_chain chains[] = {
	[RAW] = { "raw", "filter", NF_INET_PRE_ROUTING, -300 },
	[DNS] = { "dns", NULL, 0, 0 },
	[PUBLISH] = { "publish", NULL, 0, 0 },
	[PREROUTING] = { "prerouting", "nat", NF_INET_PRE_ROUTING, -100 },
	[OUTPUT] = { "output", "nat", NF_INET_LOCAL_OUT, -100 },
	[POSTROUTING] = { "postrouting", "nat", NF_INET_POST_ROUTING, 100 },
	[FORWARD] = { "forward", "filter", NF_INET_FORWARD, 0 },
	[INPUT] = { "input", "filter", NF_INET_LOCAL_IN, 0 },
};

enum term {
	END,
	IIF_OURS,
	IIF_NOT_OURS,
	IIF_NOT_LO,
	OIF_OURS,
	OIF_NOT_OURS,
	IIF_INTERNAL,
	OIF_INTERNAL,
	IIF_NOT_INTERNAL,
	IIF_SERVED,
	BOTH_GUARDED,
	SAME,
	IS_IPV4,
	IS_IPV6,
	FROM_ELSEWHERE,
	FROM_OURS,
	FROM_LOOPBACK,
	TO_LOOPBACK,
	NOT_TO_LOOPBACK,
	TO_LOCAL,
	TO_GATEWAY,
	UDP_53,
	TCP_53,
	ESTABLISHED,
	DNATED,
	TO_PUBLISHED,
	TO_PUBLISHED_IP,
	MASQUERADE,
	ACCEPT,
	DROP,
	JUMP_DNS,
	JUMP_PUBLISH,
};

static const struct rule {
	uint8_t chain;
	uint8_t terms[6];
} rules[] = {
	/* The bridges have route_localnet, so that 127.0.0.1:PORT can be published. */
	{ RAW, { IIF_OURS, IS_IPV4, TO_LOOPBACK, DROP } },
	/* A packet with a container's address as its source, wherever it really comes from, makes
	 * that container the origin of a connection, and whoever it goes to could answer it, past
	 * every rule. So connection tracking must not see it; nor what says that it comes from the
	 * host. */
	{ RAW, { IIF_OURS, IS_IPV4, FROM_ELSEWHERE, DROP } },
	{ RAW, { IIF_NOT_OURS, IIF_NOT_LO, IS_IPV4, FROM_OURS, DROP } },

	{ DNS, { TO_GATEWAY, UDP_53, ACCEPT } },
	{ DNS, { TO_GATEWAY, TCP_53, ACCEPT } },

	{ PUBLISH, { IS_IPV4, TO_PUBLISHED_IP } },
	{ PUBLISH, { TO_PUBLISHED } },

	/* A container that publishes port 53 does not become the name server of the others. */
	{ PREROUTING, { IIF_SERVED, JUMP_DNS } },
	/* What is published on 127.0.0.1 stays there, even if somebody sets all/route_localnet. */
	{ PREROUTING, { IS_IPV4, NOT_TO_LOOPBACK, TO_LOCAL, JUMP_PUBLISH } },
	{ OUTPUT, { TO_LOCAL, JUMP_PUBLISH } },

	{ POSTROUTING, { IIF_OURS, OIF_NOT_OURS, MASQUERADE } },
	/* Who publishes may be on the network of who asks, too, and would answer past the host. */
	{ POSTROUTING, { IIF_OURS, OIF_OURS, DNATED, MASQUERADE } },
	{ POSTROUTING, { OIF_OURS, DNATED, IS_IPV4, FROM_LOOPBACK, MASQUERADE } },

	/* With br_netfilter, frames that a bridge passes on come by, those of guarded ones, too. */
	{ FORWARD, { SAME, ACCEPT } },
	{ FORWARD, { BOTH_GUARDED, IS_IPV4, DROP } },
	/* A container has no IPv6 address that anybody gave it: it could only make one up. */
	{ FORWARD, { IIF_OURS, IS_IPV6, DROP } },
	/* Before what is established: a connection may be older than the network. */
	{ FORWARD, { IIF_INTERNAL, DROP } },
	{ FORWARD, { OIF_INTERNAL, DROP } },
	{ FORWARD, { ESTABLISHED, ACCEPT } },
	{ FORWARD, { OIF_OURS, DNATED, ACCEPT } },
	{ FORWARD, { OIF_OURS, DROP } },

	{ INPUT, { IIF_OURS, IS_IPV6, DROP } },
	{ INPUT, { IIF_NOT_INTERNAL, ACCEPT } },
	{ INPUT, { ESTABLISHED, ACCEPT } },
	{ INPUT, { IIF_SERVED, JUMP_DNS } },
	{ INPUT, { DROP } },
};

/* Registers: R1 holds 16 bytes, and so does R2; the 4 bytes after the first 4 of R1 are R1_1. */
enum { VERDICT = NFT_REG_VERDICT, R1 = NFT_REG_1, R2 = NFT_REG_2, R1_1 = NFT_REG32_01, R1_2 };

enum { SADDR = 12, DADDR = 16, DPORT = 2 }; /* offsets in their headers: RFC 791, 9293, 768 */

#define META(key, reg)                                \
	{                                             \
		NFT_META, { NFT_META_##key, reg }, 0, \
		{                                     \
			""                            \
		}                                     \
	}
#define IN(set)                                     \
	{                                           \
		NFT_LOOKUP, { R1, 0 }, sizeof(set), \
		{                                   \
			set                         \
		}                                   \
	}
#define NOT_IN(set)                                                \
	{                                                          \
		NFT_LOOKUP, { R1, NFT_LOOKUP_F_INV }, sizeof(set), \
		{                                                  \
			set                                        \
		}                                                  \
	}
#define MAP(map)                                  \
	{                                         \
		NFT_MAP, { R1, R1 }, sizeof(map), \
		{                                 \
			map                       \
		}                                 \
	}
#define NETWORK(offset, len)                                                     \
	{                                                                        \
		NFT_PAYLOAD, { NFT_PAYLOAD_NETWORK_HEADER, offset, len, R1 }, 0, \
		{                                                                \
			""                                                       \
		}                                                                \
	}
#define PORT(reg)                                                                \
	{                                                                        \
		NFT_PAYLOAD, { NFT_PAYLOAD_TRANSPORT_HEADER, DPORT, 2, reg }, 0, \
		{                                                                \
			""                                                       \
		}                                                                \
	}
#define EQUAL(value, len)                         \
	{                                         \
		NFT_CMP, { R1, NFT_CMP_EQ }, len, \
		{                                 \
			value                     \
		}                                 \
	}
#define DIFFERS(value, len)                        \
	{                                          \
		NFT_CMP, { R1, NFT_CMP_NEQ }, len, \
		{                                  \
			value                      \
		}                                  \
	}
#define EQUAL_U32(value)                        \
	{                                       \
		NFT_CMP, { R1, NFT_CMP_EQ }, 4, \
		{                               \
			.u32 = value            \
		}                               \
	}
#define CT(key)                                  \
	{                                        \
		NFT_CT, { NFT_CT_##key, R1 }, 0, \
		{                                \
			""                       \
		}                                \
	}
#define MASK(value)                         \
	{                                   \
		NFT_MASK, { R1, R1, 4 }, 4, \
		{                           \
			.u32 = value        \
		}                           \
	}
#define FIB(result, flags)                                          \
	{                                                           \
		NFT_FIB, { NFT_FIB_RESULT_##result, flags, R1 }, 0, \
		{                                                   \
			""                                          \
		}                                                   \
	}
#define GO(verdict)                                   \
	{                                             \
		NFT_VERDICT, { VERDICT, verdict }, 0, \
		{                                     \
			""                            \
		}                                     \
	}
#define JUMP(chain)                                                \
	{                                                          \
		NFT_VERDICT, { VERDICT, NFT_JUMP }, sizeof(chain), \
		{                                                  \
			chain                                      \
		}                                                  \
	}
#define DNAT_TO_R1                                                    \
	{                                                             \
		NFT_NAT, { NFT_NAT_DNAT, NFPROTO_IPV4, R1, R1_1 }, 0, \
		{                                                     \
			""                                            \
		}                                                     \
	}

static const struct {
	uint8_t term;
	struct nft_expr expr;
} exprs[] = {
	{ IIF_OURS, META(IIFNAME, R1) },
	{ IIF_OURS, IN("bridges") },
	{ IIF_NOT_OURS, META(IIFNAME, R1) },
	{ IIF_NOT_OURS, NOT_IN("bridges") },
	{ IIF_NOT_LO, META(IIFTYPE, R1) },
	{ IIF_NOT_LO, { NFT_CMP, { R1, NFT_CMP_NEQ }, 2, { .u16 = ARPHRD_LOOPBACK } } },
	{ OIF_OURS, META(OIFNAME, R1) },
	{ OIF_OURS, IN("bridges") },
	{ OIF_NOT_OURS, META(OIFNAME, R1) },
	{ OIF_NOT_OURS, NOT_IN("bridges") },
	{ IIF_INTERNAL, META(IIFNAME, R1) },
	{ IIF_INTERNAL, IN("internal") },
	{ OIF_INTERNAL, META(OIFNAME, R1) },
	{ OIF_INTERNAL, IN("internal") },
	{ IIF_NOT_INTERNAL, META(IIFNAME, R1) },
	{ IIF_NOT_INTERNAL, NOT_IN("internal") },
	{ IIF_SERVED, META(IIFNAME, R1) },
	{ IIF_SERVED, IN("served") },
	{ BOTH_GUARDED, META(IIFNAME, R1) },
	{ BOTH_GUARDED, IN("guarded") },
	{ BOTH_GUARDED, META(OIFNAME, R1) },
	{ BOTH_GUARDED, IN("guarded") },
	{ SAME, META(IIFNAME, R1) },
	{ SAME, META(OIFNAME, R2) },
	{ SAME, IN("same") },
	{ IS_IPV4, META(NFPROTO, R1) },
	{ IS_IPV4, EQUAL("\x02", 1) },
	{ IS_IPV6, META(NFPROTO, R1) },
	{ IS_IPV6, EQUAL("\x0a", 1) },
	/* No route back leads to where it came from. */
	{ FROM_ELSEWHERE, FIB(OIF, NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF | NFTA_FIB_F_PRESENT) },
	{ FROM_ELSEWHERE, EQUAL_U32(0) },
	{ FROM_OURS, NETWORK(SADDR, 4) },
	{ FROM_OURS, IN("subnets") },
	{ FROM_LOOPBACK, NETWORK(SADDR, 1) },
	{ FROM_LOOPBACK, EQUAL("\x7f", 1) },
	{ TO_LOOPBACK, NETWORK(DADDR, 1) },
	{ TO_LOOPBACK, EQUAL("\x7f", 1) },
	{ NOT_TO_LOOPBACK, NETWORK(DADDR, 1) },
	{ NOT_TO_LOOPBACK, DIFFERS("\x7f", 1) },
	{ TO_LOCAL, FIB(ADDRTYPE, NFTA_FIB_F_DADDR) },
	{ TO_LOCAL, EQUAL_U32(RTN_LOCAL) },
	{ TO_GATEWAY, FIB(ADDRTYPE, NFTA_FIB_F_DADDR | NFTA_FIB_F_IIF) },
	{ TO_GATEWAY, EQUAL_U32(RTN_LOCAL) },
	{ UDP_53, META(L4PROTO, R1) },
	{ UDP_53, EQUAL("\x11", 1) },
	{ UDP_53, PORT(R1) },
	{ UDP_53, EQUAL("\0\x35", 2) },
	{ TCP_53, META(L4PROTO, R1) },
	{ TCP_53, EQUAL("\x06", 1) },
	{ TCP_53, PORT(R1) },
	{ TCP_53, EQUAL("\0\x35", 2) },
	{ ESTABLISHED, CT(STATE) },
	{ ESTABLISHED, MASK(NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED)) },
	{ ESTABLISHED, DIFFERS("", 4) },
	{ DNATED, CT(STATUS) },
	{ DNATED, MASK(IPS_DST_NAT) },
	{ DNATED, DIFFERS("", 4) },
	{ TO_PUBLISHED, META(L4PROTO, R1) },
	{ TO_PUBLISHED, PORT(R1_1) },
	{ TO_PUBLISHED, MAP("publish") },
	{ TO_PUBLISHED, DNAT_TO_R1 },
	{ TO_PUBLISHED_IP, NETWORK(DADDR, 4) },
	{ TO_PUBLISHED_IP, META(L4PROTO, R1_1) },
	{ TO_PUBLISHED_IP, PORT(R1_2) },
	{ TO_PUBLISHED_IP, MAP("publish_ip") },
	{ TO_PUBLISHED_IP, DNAT_TO_R1 },
	{ MASQUERADE, { .op = NFT_MASQ } },
	{ ACCEPT, GO(NF_ACCEPT) },
	{ DROP, GO(NF_DROP) },
	{ JUMP_DNS, JUMP("dns") },
	{ JUMP_PUBLISH, JUMP("publish") },
};

static void add_term(struct nftnl_rule *rule, enum term term)
{
	for (size_t i = 0; i < ARRAY_SIZE(exprs); i++)
		if (exprs[i].term == term)
			nft_rule_expr(rule, &exprs[i].expr);
}

static void add_rule(struct nft_batch *b, const struct rule *r)
{
	struct nftnl_rule *rule = nft_rule(b, chains[r->chain].name);

	for (const uint8_t *t = r->terms; *t; t++)
		add_term(rule, *t);
	nft_add_rule(b, rule);
}

/* A container that asks for its own published port, or its neighbour's, is answered from an address
 * that it did not ask, unless the host stands between. By subnet: of a frame that br_netfilter
 * bridges, postrouting does not see the interface that it came from. */
static void add_hairpin(struct nft_batch *b, const struct firewall_network *n)
{
	const struct nft_expr saddr = NETWORK(SADDR, 4);
	const struct nft_expr prefix = MASK(
		htonl(n->subnet.prefix ? ~0U << (32 - n->subnet.prefix) : 0));
	const struct nft_expr base = EQUAL_U32(htonl(n->subnet.base));
	const struct nft_expr oif = META(OIFNAME, R1);
	struct nft_expr bridge = EQUAL("", IFNAMSIZ);
	struct nftnl_rule *rule = nft_rule(b, chains[POSTROUTING].name);

	strncpy(bridge.bytes, n->bridge, sizeof(bridge.bytes) - 1);
	nft_rule_expr(rule, &oif);
	nft_rule_expr(rule, &bridge);
	add_term(rule, IS_IPV4);
	nft_rule_expr(rule, &saddr);
	nft_rule_expr(rule, &prefix);
	nft_rule_expr(rule, &base);
	add_term(rule, DNATED);
	add_term(rule, MASQUERADE);
	nft_add_rule(b, rule);
}

/* Once in the set, or twice in a row as its key. */
static void add_name(struct nft_batch *b, const char *set, const char *name, uint16_t times)
{
	char key[2 * IFNAMSIZ] = "";

	strncpy(key, name, IFNAMSIZ - 1);
	strncpy(key + IFNAMSIZ, name, IFNAMSIZ - 1);
	nft_element(b, NFT_MSG_NEWSETELEM, set, key, times * IFNAMSIZ, NULL, 0);
}

/* Addresses from its base up to what follows it. */
static void add_subnet(struct nft_batch *b, const struct subnet *s)
{
	const uint32_t size = (uint32_t)(UINT64_C(1) << (32 - s->prefix));
	const uint32_t first = htonl(s->base), end = htonl(s->base + size);

	nft_element(b, NFT_MSG_NEWSETELEM, "subnets", &first, sizeof(first), NULL, 0);
	nft_interval_end(b, "subnets", &end, sizeof(end));
}

static void add_network(struct nft_batch *b, const struct firewall_network *n)
{
	add_name(b, "bridges", n->bridge, 1);
	add_name(b, "same", n->bridge, 2);
	add_subnet(b, &n->subnet);
	if (n->internal)
		add_name(b, "internal", n->bridge, 1);
	if (n->dns)
		add_name(b, "served", n->bridge, 1);
	add_hairpin(b, n);
}

/* A bridge of ours may have the name of an interface that is no more. */
static void add_guarded(struct nft_batch *b, const struct firewall *f, const char *name)
{
	for (size_t i = 0; i < f->n_networks; i++)
		if (!strcmp(f->networks[i].bridge, name))
			return;
	add_name(b, "guarded", name, 1);
	add_name(b, "same", name, 2);
}

void ruleset_port(struct nft_batch *b, uint16_t type, const struct published *p)
{
	/* As in registers: each part begins at a multiple of 4 bytes, in network byte order. */
	const uint32_t key[3] = { htonl(p->ip), htonl((uint32_t)p->proto << 24),
		htonl((uint32_t)p->port << 16) };
	const uint32_t target[2] = { htonl(p->to_addr), htonl((uint32_t)p->to_port << 16) };

	if (p->ip)
		nft_element(b, type, "publish_ip", key, sizeof(key), target, sizeof(target));
	else
		nft_element(b, type, "publish", key + 1, 2 * sizeof(*key), target, sizeof(target));
}

void ruleset_emit(struct nft_batch *b, const struct firewall *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		nft_add_set(b, &sets[i]);
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++)
		nft_add_chain(b, &chains[i]);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		add_rule(b, &rules[i]);
	for (size_t i = 0; i < f->n_networks; i++)
		add_network(b, &f->networks[i]);
	for (const char *const *name = f->guarded; name && *name; name++)
		add_guarded(b, f, *name);
	for (size_t i = 0; i < f->n_ports; i++)
		ruleset_port(b, NFT_MSG_NEWSETELEM, &f->ports[i]);
}
