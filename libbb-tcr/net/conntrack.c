/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forgetting connections. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "net/conntrack.h"

#define TYPE(message) (NFNL_SUBSYS_CTNETLINK << 8 | (message))

/* What of CTA_FILTER the kernel compares: net/netfilter/nf_internals.h, Linux 5.8. */
enum {
	COMPARE_SRC = 1 << 0,
	COMPARE_DST = 1 << 1,
	COMPARE_PROTO = 1 << 3,
	COMPARE_DST_PORT = 1 << 5,
};

/* Which connections the kernel is to show. */
struct filter {
	uint16_t tuple; /* CTA_TUPLE_ORIG, CTA_TUPLE_REPLY */
	uint32_t flags; /* COMPARE_… */
	uint32_t addr;
	uint16_t port; /* of UDP */
};

/* One direction of a connection. */
struct flow {
	uint32_t src, dst;
	uint16_t src_port, dst_port; /* 0: the protocol has none */
	uint8_t proto;
};

struct search {
	struct nl *nl;
	bool (*wanted)(struct search *s, const struct flow *orig, const struct flow *reply);
	const struct published *ports;
	const uint32_t *addrs;
	size_t n;
	bool others;         /* the kernel has shown some that are not wanted */
	struct strbuf found; /* requests, one behind the other, that delete them */
	uint32_t addr;       /* the one that was asked for last... */
	bool is_ours;        /* ...and the answer */
};

static struct nlmsghdr *begin(struct nl *nl, struct nl_buf *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *msg = nl_begin(nl, buf, TYPE(type), flags);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(msg, sizeof(*head));

	*head = (struct nfgenmsg){ .nfgen_family = AF_INET, .version = NFNETLINK_V0 };
	return msg;
}

static uint32_t addr_of(const struct nlattr *attr)
{
	return ntohl(nl_get_u32(attr));
}

static uint16_t port_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) < sizeof(uint16_t) ? 0
								 : ntohs(mnl_attr_get_u16(attr));
}

static void read_addrs(const struct nlattr *nest, struct flow *f)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, nest)
		if (mnl_attr_get_type(attr) == CTA_IP_V4_SRC)
			f->src = addr_of(attr);
		else if (mnl_attr_get_type(attr) == CTA_IP_V4_DST)
			f->dst = addr_of(attr);
}

static void read_proto(const struct nlattr *nest, struct flow *f)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, nest)
		if (mnl_attr_get_type(attr) == CTA_PROTO_NUM && mnl_attr_get_payload_len(attr))
			f->proto = mnl_attr_get_u8(attr);
		else if (mnl_attr_get_type(attr) == CTA_PROTO_SRC_PORT)
			f->src_port = port_of(attr);
		else if (mnl_attr_get_type(attr) == CTA_PROTO_DST_PORT)
			f->dst_port = port_of(attr);
}

static void read_flow(const struct nlattr *tuple, struct flow *f)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, tuple)
		if (mnl_attr_get_type(attr) == CTA_TUPLE_IP)
			read_addrs(attr, f);
		else if (mnl_attr_get_type(attr) == CTA_TUPLE_PROTO)
			read_proto(attr, f);
}

/* Whether ADDR is an address of this host: only there can a socket be bound (where the sysctl
 * ip_nonlocal_bind is set, anywhere: then some are forgotten in vain, and are tracked anew). All
 * the packets of a flood are for the same. */
static bool is_ours(struct search *s, uint32_t addr)
{
	const struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(addr) };

	if (addr != s->addr) {
		cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		s->addr = addr;
		s->is_ours = bind(fd, (const void *)&sin, sizeof(sin)) == 0 ||
			errno != EADDRNOTAVAIL;
	}
	return s->is_ours;
}

static bool goes_elsewhere(struct search *s, const struct flow *orig, const struct flow *reply)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct published *p = &s->ports[i];

		if (p->proto == IPPROTO_UDP && orig->proto == IPPROTO_UDP &&
			p->port == orig->dst_port && (!p->ip || p->ip == orig->dst))
			return (reply->src != p->to_addr || reply->src_port != p->to_port) &&
				is_ours(s, orig->dst);
	}
	return false;
}

static bool has_end(struct search *s, const struct flow *orig, const struct flow *reply)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->addrs[i] == orig->src || s->addrs[i] == orig->dst ||
			s->addrs[i] == reply->src || s->addrs[i] == reply->dst)
			return true;
	return false;
}

static void add_request(struct search *s, const struct nlattr *orig, const struct nlattr *zone)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(s->nl, &buf, IPCTNL_MSG_CT_DELETE, 0);

	nl_put(msg, CTA_TUPLE_ORIG | NLA_F_NESTED, mnl_attr_get_payload(orig),
		mnl_attr_get_payload_len(orig));
	if (zone)
		nl_put(msg, CTA_ZONE, mnl_attr_get_payload(zone), mnl_attr_get_payload_len(zone));
	sb_add(&s->found, msg, MNL_ALIGN(msg->nlmsg_len));
}

/* A callback of libmnl for each connection. */
static int look_at(const struct nlmsghdr *msg, void *arg)
{
	struct flow flows[2] = { { .src = 0 } };
	const struct nlattr *attr, *orig = NULL, *zone = NULL;
	struct search *s = arg;

	mnl_attr_for_each (attr, msg, sizeof(struct nfgenmsg))
		switch (mnl_attr_get_type(attr)) {
		case CTA_TUPLE_ORIG:
			orig = attr;
			read_flow(attr, &flows[0]);
			break;
		case CTA_TUPLE_REPLY:
			read_flow(attr, &flows[1]);
			break;
		case CTA_ZONE:
			zone = attr;
			break;
		}
	if (orig && s->wanted(s, &flows[0], &flows[1]))
		add_request(s, orig, zone);
	else
		s->others = true;
	return MNL_CB_OK;
}

static void begin_again(void *arg)
{
	sb_reset(&((struct search *)arg)->found);
}

static void put_filter(struct nlmsghdr *msg, const struct filter *f)
{
	struct nlattr *tuple = nl_nest(msg, f->tuple), *nest;
	uint16_t port = htons(f->port);

	if (f->flags & (COMPARE_SRC | COMPARE_DST)) {
		nest = nl_nest(msg, CTA_TUPLE_IP);
		nl_put_u32(msg, f->flags & COMPARE_SRC ? CTA_IP_V4_SRC : CTA_IP_V4_DST,
			htonl(f->addr));
	} else {
		nest = nl_nest(msg, CTA_TUPLE_PROTO);
		nl_put_u8(msg, CTA_PROTO_NUM, IPPROTO_UDP);
		nl_put(msg, CTA_PROTO_DST_PORT, &port, sizeof(port));
	}
	nl_nest_end(msg, nest);
	nl_nest_end(msg, tuple);
	nest = nl_nest(msg, CTA_FILTER);
	nl_put_u32(msg, f->tuple == CTA_TUPLE_ORIG ? CTA_FILTER_ORIG_FLAGS : CTA_FILTER_REPLY_FLAGS,
		f->flags);
	nl_nest_end(msg, nest);
}

/* Looks at what passes F (NULL: at all) and forgets what is wanted of that. */
static int forget(struct search *s, const struct filter *f, struct err *e)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(s->nl, &buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP);
	int rc;

	if (f)
		put_filter(msg, f);
	s->others = false;
	rc = nl_dump(s->nl, msg, look_at, begin_again, s, e);
	if (rc == 0)
		rc = nl_talk_all(s->nl, s->found.buf, s->found.len, e);
	sb_free(&s->found);
	return rc;
}

int conntrack_forget(struct nl *nl, const struct published *ports, size_t n, struct err *e)
{
	struct search s = { .nl = nl, .wanted = goes_elsewhere, .ports = ports, .n = n };
	struct filter f = { .tuple = CTA_TUPLE_ORIG, .flags = COMPARE_PROTO };
	size_t n_udp = 0;

	for (size_t i = 0; i < n; i++)
		if (ports[i].proto == IPPROTO_UDP && ++n_udp)
			f.port = ports[i].port;
	if (!n_udp)
		return 0;
	if (n_udp == 1)
		f.flags |= COMPARE_DST_PORT;
	return forget(&s, &f, e) == 0 ? 0 : forget(&s, NULL, e);
}

/* Where an address can stand in a connection. */
static const struct filter places[] = {
	{ .tuple = CTA_TUPLE_ORIG, .flags = COMPARE_SRC },
	{ .tuple = CTA_TUPLE_REPLY, .flags = COMPARE_SRC },
	{ .tuple = CTA_TUPLE_ORIG, .flags = COMPARE_DST },
	{ .tuple = CTA_TUPLE_REPLY, .flags = COMPARE_DST },
};

/* To filter its table takes the kernel a seventh of the time to show it: with four times for each
 * address, for more of them it is faster to see all. */
enum { FILTERED_ADDRESSES = 1 };

int conntrack_forget_addresses(struct nl *nl, const uint32_t *addrs, size_t n, struct err *e)
{
	struct search s = { .nl = nl, .wanted = has_end, .addrs = addrs, .n = n };

	if (!n)
		return 0;
	if (n > FILTERED_ADDRESSES)
		return forget(&s, NULL, e);
	for (size_t i = 0; i < n * ARRAY_SIZE(places); i++) {
		struct filter f = places[i % ARRAY_SIZE(places)];

		f.addr = addrs[i / ARRAY_SIZE(places)];
		if (forget(&s, &f, e) < 0)
			return forget(&s, NULL, e);
		/* A kernel that shows others knows no filters: that was all there is. */
		if (s.others)
			break;
	}
	return 0;
}
