/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forgetting connections. */
#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "net/conntrack.h"

#define TYPE(message) (NFNL_SUBSYS_CTNETLINK << 8 | (message))

struct search {
	const struct published *ports;
	size_t n;
	struct strbuf found; /* attributes CTA_TUPLE_ORIG as they came, one behind the other */
};

static struct nlmsghdr *begin(struct nl *nl, void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *msg = nl_begin(nl, buf, TYPE(type), flags);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(msg, sizeof(*head));

	*head = (struct nfgenmsg){ .nfgen_family = AF_INET, .version = NFNETLINK_V0 };
	return msg;
}

/* The attribute of that type inside NEST, with at least LEN bytes; NULL if there is none, or if
 * NEST is NULL. */
static const struct nlattr *find(const struct nlattr *nest, uint16_t type, uint16_t len)
{
	const struct nlattr *attr;

	if (nest)
		mnl_attr_for_each_nested (attr, nest)
			if (mnl_attr_get_type(attr) == type && mnl_attr_get_payload_len(attr) >= len)
				return attr;
	return NULL;
}

static bool is_wanted(const struct search *s, const struct nlattr *tuple)
{
	const struct nlattr *proto = find(tuple, CTA_TUPLE_PROTO, 0),
			    *number = find(proto, CTA_PROTO_NUM, 1),
			    *port = find(proto, CTA_PROTO_DST_PORT, 2),
			    *addr = find(find(tuple, CTA_TUPLE_IP, 0), CTA_IP_V4_DST, 4);

	if (!number || !port || !addr || mnl_attr_get_u8(number) != IPPROTO_UDP)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		const struct published *p = &s->ports[i];

		if (p->proto == IPPROTO_UDP && p->port == ntohs(mnl_attr_get_u16(port)) &&
			(!p->ip || p->ip == ntohl(mnl_attr_get_u32(addr))))
			return true;
	}
	return false;
}

static int look_at(const struct nlmsghdr *msg, void *arg)
{
	struct search *s = arg;
	const struct nlattr *attr;

	mnl_attr_for_each (attr, msg, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == CTA_TUPLE_ORIG && is_wanted(s, attr))
			sb_add(&s->found, attr, MNL_ALIGN(attr->nla_len));
	return MNL_CB_OK;
}

static void begin_again(void *arg)
{
	sb_reset(&((struct search *)arg)->found);
}

/* One that has ended meanwhile is no error. */
static void forget(struct nl *nl, const struct nlattr *tuple)
{
	char buf[NL_BUF_SIZE];
	struct nlmsghdr *msg = begin(nl, buf, IPCTNL_MSG_CT_DELETE, 0);
	struct err ignored;

	nl_put(msg, CTA_TUPLE_ORIG | NLA_F_NESTED, mnl_attr_get_payload(tuple),
		mnl_attr_get_payload_len(tuple));
	nl_talk(nl, msg, &ignored, "forget a connection");
}

static bool has_udp(const struct published *ports, size_t n)
{
	while (n--)
		if (ports[n].proto == IPPROTO_UDP)
			return true;
	return false;
}

int conntrack_forget(struct nl *nl, const struct published *ports, size_t n, struct err *e)
{
	struct search s = { ports, n, STRBUF_INIT };
	char buf[NL_BUF_SIZE];
	int rc;

	if (!has_udp(ports, n))
		return 0;
	rc = nl_dump(nl, begin(nl, buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP), look_at, begin_again, &s, e);
	for (size_t at = 0; !rc && at < s.found.len;) {
		const struct nlattr *tuple = (const struct nlattr *)(s.found.buf + at);

		forget(nl, tuple);
		at += MNL_ALIGN(tuple->nla_len);
	}
	sb_free(&s.found);
	return rc;
}
