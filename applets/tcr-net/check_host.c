/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the host's own state may be in the way of networks. Nothing is changed. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "check.h"
#include "net/nl.h"
#include "tcr_net.h"

enum { NAME_SIZE = 64 };

/* A base chain: where it hooks in, and what becomes of packets that it does not speak of. */
struct chain {
	const char *family;
	char table[NAME_SIZE], name[NAME_SIZE];
	uint32_t hook, policy;
};

/* "the table and the rule", by hook. Our own chains keep out what shall not come in. */
static const struct remedy {
	uint32_t hook;
	const char *hook_name, *blocked, *rules[2];
} remedies[] = {
	{ NF_INET_FORWARD, "forward", "what containers send and get",
		{ "iifname \"tcr*\" accept", "oifname \"tcr*\" accept" } },
	{ NF_INET_LOCAL_IN, "input", "containers' questions to the name server",
		{ "iifname \"tcr*\" udp dport 53 accept",
			"iifname \"tcr*\" tcp dport 53 accept" } },
};

static const char *family_name(uint8_t family)
{
	return family == NFPROTO_INET ? "inet" : family == NFPROTO_IPV4 ? "ip" : NULL;
}

static void copy_name(const struct nlattr *attr, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%.*s", (int)mnl_attr_get_payload_len(attr),
		(const char *)mnl_attr_get_payload(attr));
	utf8_make_printable(name, "");
}

static bool read_chain(const struct nlmsghdr *msg, struct chain *c)
{
	const struct nlattr *attr, *inner;
	bool base = false;

	if (mnl_nlmsg_get_payload_len(msg) < sizeof(struct nfgenmsg))
		return false;
	*c = (struct chain){ .policy = NF_ACCEPT };
	c->family = family_name(
		((const struct nfgenmsg *)mnl_nlmsg_get_payload(msg))->nfgen_family);
	mnl_attr_for_each (attr, msg, sizeof(struct nfgenmsg)) {
		switch (mnl_attr_get_type(attr)) {
		case NFTA_CHAIN_TABLE:
			copy_name(attr, c->table);
			break;
		case NFTA_CHAIN_NAME:
			copy_name(attr, c->name);
			break;
		case NFTA_CHAIN_POLICY:
			c->policy = ntohl(nl_get_u32(attr));
			break;
		case NFTA_CHAIN_HOOK:
			base = true;
			mnl_attr_for_each_nested (inner, attr)
				if (mnl_attr_get_type(inner) == NFTA_HOOK_HOOKNUM)
					c->hook = ntohl(nl_get_u32(inner));
		}
	}
	return base && c->family;
}

static int look_at_chain(const struct nlmsghdr *msg, void *arg)
{
	struct chain c;

	(void)arg;
	if (!read_chain(msg, &c) || c.policy != NF_DROP || !strcmp(c.table, settings.instance))
		return MNL_CB_OK;
	for (const struct remedy *r = remedies; r < remedies + 2; r++) {
		if (r->hook != c.hook)
			continue;
		printf("note     table %s %s drops %s in its chain %s (hook %s, policy drop), "
		       "unless these rules are there:\n",
			c.family, c.table, r->blocked, c.name, r->hook_name);
		for (int i = 0; i < 2; i++)
			printf("           nft 'insert rule %s %s %s %s'\n", c.family, c.table,
				c.name, r->rules[i]);
	}
	return MNL_CB_OK;
}

/* A kernel without nf_tables has been told of. */
static void look_at_nftables(void)
{
	char buf[NL_BUF_SIZE] __attribute__((aligned(MNL_ALIGNTO)));
	struct nlmsghdr *msg;
	struct err e;
	struct nl nl;

	if (nl_open(&nl, NETLINK_NETFILTER, &e))
		return;
	msg = nl_begin(&nl, buf, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, NLM_F_DUMP);
	memset(mnl_nlmsg_put_extra_header(msg, sizeof(struct nfgenmsg)), 0,
		sizeof(struct nfgenmsg));
	nl_dump(&nl, msg, look_at_chain, NULL, NULL, &e);
	nl_close(&nl);
}

/* Its first line; "" if it cannot be read. */
static const char *line_of(const char *path, struct strbuf *sb)
{
	struct err e;

	sb_reset(sb);
	if (file_read(AT_FDCWD, path, 4096, sb, &e))
		sb_reset(sb);
	return sb->len ? sb->buf : "";
}

void check_host(void)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	if (*line_of("/proc/sys/net/ipv4/ip_forward", &sb) == '0')
		puts("note     ip_forward is 0: tcrd sets it to 1 with the first network, and keeps "
		     "packets between the interfaces of then from being forwarded");
	if (*line_of("/proc/sys/net/bridge/bridge-nf-call-iptables", &sb) == '1')
		puts("note     bridge-nf-call-iptables is 1: packets between containers of one "
		     "network go through the host's rules for forwarding, too");
	/* Reading this loads no module. */
	if (strstr(line_of("/proc/net/ip_tables_names", &sb), "filter"))
		puts("note     the old iptables has a table filter; if its chain FORWARD drops:\n"
		     "           iptables-legacy -I FORWARD -i tcr+ -j ACCEPT\n"
		     "           iptables-legacy -I FORWARD -o tcr+ -j ACCEPT");
	look_at_nftables();
}
