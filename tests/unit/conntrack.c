/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/conntrack with connections that are put into the kernel's table, as root in a
 * network namespace of their own. */
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "links.h"
#include "net/conntrack.h"

enum {
	HOST = 0x0a090001,   /* 10.9.0.1 */
	LOCAL = 0x7f000001,  /* 127.0.0.1 */
	CLIENT = 0xc0000205, /* 192.0.2.5 */
	SERVER = 0x08080808, /* 8.8.8.8 */
	ENDED = 0x0a010002,  /* 10.1.0.2 */
	OTHER = 0x0a010003,
	MANY = 2500,
};

struct row {
	uint8_t proto;
	uint32_t src, dst;
	uint16_t dst_port;
	uint32_t reply_src; /* 0: dst */
	uint16_t reply_port;
	uint32_t reply_dst; /* 0: src */
	uint16_t zone;
	const char *name;
};

static struct nl ct;

static struct nlmsghdr *begin(struct nl_buf *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *msg = nl_begin(&ct, buf, NFNL_SUBSYS_CTNETLINK << 8 | type, flags);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(msg, sizeof(*head));

	head->nfgen_family = AF_INET;
	return msg;
}

static void put_u16(struct nlmsghdr *msg, uint16_t type, uint16_t value)
{
	value = htons(value);
	nl_put(msg, type, &value, sizeof(value));
}

static void put_tuple(struct nlmsghdr *msg, uint16_t type, uint8_t proto, uint32_t src,
	uint32_t dst, uint16_t src_port, uint16_t dst_port)
{
	struct nlattr *tuple = nl_nest(msg, type), *nest = nl_nest(msg, CTA_TUPLE_IP);

	nl_put_u32(msg, CTA_IP_V4_SRC, htonl(src));
	nl_put_u32(msg, CTA_IP_V4_DST, htonl(dst));
	nl_nest_end(msg, nest);
	nest = nl_nest(msg, CTA_TUPLE_PROTO);
	nl_put_u8(msg, CTA_PROTO_NUM, proto);
	if (proto == IPPROTO_ICMP) {
		put_u16(msg, CTA_PROTO_ICMP_ID, 77);
		nl_put_u8(msg, CTA_PROTO_ICMP_TYPE, type == CTA_TUPLE_ORIG ? 8 : 0);
		nl_put_u8(msg, CTA_PROTO_ICMP_CODE, 0);
	} else {
		put_u16(msg, CTA_PROTO_SRC_PORT, src_port);
		put_u16(msg, CTA_PROTO_DST_PORT, dst_port);
	}
	nl_nest_end(msg, nest);
	nl_nest_end(msg, tuple);
}

static void insert(const struct row *r, uint16_t port)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(&buf, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL);
	struct err e = { 0 };

	put_tuple(msg, CTA_TUPLE_ORIG, r->proto, r->src, r->dst, port, r->dst_port);
	put_tuple(msg, CTA_TUPLE_REPLY, r->proto, r->reply_src ? r->reply_src : r->dst,
		r->reply_dst ? r->reply_dst : r->src, r->reply_port ? r->reply_port : r->dst_port,
		port);
	nl_put_u32(msg, CTA_TIMEOUT, htonl(600));
	if (r->zone)
		put_u16(msg, CTA_ZONE, r->zone);
	if (nl_talk(&ct, msg, &e, "make a connection") < 0)
		bail_out(e.text);
}

static bool is_in_table(const struct row *r, uint16_t port)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(&buf, IPCTNL_MSG_CT_GET, 0);
	struct err e;

	put_tuple(msg, CTA_TUPLE_ORIG, r->proto, r->src, r->dst, port, r->dst_port);
	if (r->zone)
		put_u16(msg, CTA_ZONE, r->zone);
	return nl_talk(&ct, msg, &e, "look for a connection") == 0;
}

static int tally(const struct nlmsghdr *msg, void *arg)
{
	(void)msg;
	return ++*(int *)arg, MNL_CB_OK;
}

static int table_size(void)
{
	struct nl_buf buf;
	struct err e;
	int n = 0;

	if (nl_dump(&ct, begin(&buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP), tally, NULL, &n, &e) < 0)
		bail_out(e.text);
	return n;
}

static void flush(void)
{
	struct nl_buf buf;
	struct err e;

	nl_talk(&ct, begin(&buf, IPCTNL_MSG_CT_DELETE, 0), &e, "empty the table");
	if (table_size())
		bail_out("the table is not empty");
}

/* Kernels before 5.8 see an attribute that they do not know. */
static void hide_filter(struct nlmsghdr *msg)
{
	struct nlattr *attr;

	mnl_attr_for_each (attr, msg, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == CTA_FILTER)
			attr->nla_type = 60;
}

/* 5.8 itself refuses some. */
static void spoil_filter(struct nlmsghdr *msg)
{
	struct nlattr *attr, *in;

	mnl_attr_for_each (attr, msg, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == CTA_FILTER)
			mnl_attr_for_each_nested (in, attr)
				memset(mnl_attr_get_payload(in), 0xff, 4);
}

static const struct {
	const char *name;
	void (*edit)(struct nlmsghdr *msg);
} kernels[] = {
	{ "Linux that filters", NULL },
	{ "Linux without filters", hide_filter },
	{ "Linux that refuses a filter", spoil_filter },
};

static const struct published dns = {
	.proto = IPPROTO_UDP,
	.port = 53,
	.to_addr = ENDED,
	.to_port = 5353,
};

static const struct row elsewhere[] = {
	{ IPPROTO_UDP, CLIENT, HOST, 53, .name = "to a program of the host" },
	{ IPPROTO_UDP, CLIENT, HOST, 53, OTHER, 5353, .name = "to another container" },
	{ IPPROTO_UDP, CLIENT, HOST, 53, ENDED, 53, .name = "to another port of the container" },
	{ IPPROTO_UDP, LOCAL, LOCAL, 53, .name = "from the host to itself" },
	{ IPPROTO_UDP, CLIENT, HOST, 53, .zone = 3, .name = "in a zone" },
};
static const struct row not_concerned[] = {
	{ IPPROTO_UDP, CLIENT, HOST, 53, ENDED, 5353, .name = "where the port leads already" },
	{ IPPROTO_UDP, ENDED, SERVER, 53, .name = "of a container to a server elsewhere" },
	{ IPPROTO_UDP, HOST, SERVER, 53, .name = "of the host to a server elsewhere" },
	{ IPPROTO_UDP, SERVER, CLIENT, 53, .name = "that is only forwarded" },
	{ IPPROTO_UDP, CLIENT, HOST, 54, .name = "to another port of the host" },
	{ IPPROTO_TCP, CLIENT, HOST, 53, .name = "of TCP" },
	{ IPPROTO_ICMP, CLIENT, HOST, 0, .name = "of ICMP" },
};

static void insert_all(const struct row *rows, size_t n, uint16_t port)
{
	for (size_t i = 0; i < n; i++)
		insert(&rows[i], (uint16_t)(port + i));
}

static void are_there(const struct row *rows, size_t n, uint16_t port, bool there)
{
	for (size_t i = 0; i < n; i++)
		ok(is_in_table(&rows[i], (uint16_t)(port + i)) == there, "a connection %s %s",
			rows[i].name, there ? "stays" : "is forgotten");
}

static void test_publish(const struct published *ports, size_t n)
{
	struct err e = { 0 };

	insert_all(elsewhere, ARRAY_SIZE(elsewhere), 1000);
	insert_all(not_concerned, ARRAY_SIZE(not_concerned), 2000);
	is_int(conntrack_forget(&ct, ports, n, &e), 0, "connections to ports are forgotten");
	are_there(elsewhere, ARRAY_SIZE(elsewhere), 1000, false);
	are_there(not_concerned, ARRAY_SIZE(not_concerned), 2000, true);
	flush();
}

static void test_publish_address(void)
{
	struct published p = dns;
	struct err e = { 0 };

	p.ip = LOCAL;
	insert_all(elsewhere, ARRAY_SIZE(elsewhere), 1000);
	is_int(conntrack_forget(&ct, &p, 1, &e), 0, "a port of one address is published");
	are_there(elsewhere, 3, 1000, true);
	ok(!is_in_table(&elsewhere[3], 1003), "only what came to that address is forgotten");
	p = dns;
	p.proto = IPPROTO_TCP;
	insert(&elsewhere[3], 1003);
	is_int(conntrack_forget(&ct, &p, 1, &e), 0, "a port of TCP is published");
	is_int(table_size(), ARRAY_SIZE(elsewhere), "then nothing is forgotten");
	flush();
}

static const struct row ended[] = {
	{ IPPROTO_TCP, ENDED, SERVER, 443, .reply_dst = HOST, .name = "from it, masqueraded" },
	{ IPPROTO_TCP, CLIENT, HOST, 80, ENDED, .name = "to a port of it" },
	{ IPPROTO_UDP, ENDED, HOST, 53, .name = "from it to the host" },
	{ IPPROTO_ICMP, ENDED, SERVER, 0, .name = "of ICMP" },
	{ IPPROTO_UDP, CLIENT, ENDED, 9, OTHER, .name = "to it, redirected to somebody else" },
	{ IPPROTO_UDP, CLIENT, SERVER, 9, .reply_dst = ENDED, .name = "that got its address" },
	{ IPPROTO_UDP, ENDED, SERVER, 53, .zone = 7, .name = "in a zone" },
};
static const struct row of_others[] = {
	{ IPPROTO_TCP, OTHER, SERVER, 443, .reply_dst = HOST, .name = "of another container" },
	{ IPPROTO_UDP, CLIENT, HOST, 53, OTHER, 5353, .name = "to a port of another" },
	{ IPPROTO_ICMP, CLIENT, HOST, 0, .name = "of the host" },
};

static void test_addresses(const uint32_t *addrs, size_t n)
{
	struct err e = { 0 };

	insert_all(ended, ARRAY_SIZE(ended), 1000);
	insert_all(of_others, ARRAY_SIZE(of_others), 2000);
	is_int(conntrack_forget_addresses(&ct, addrs, n, &e), 0, "addresses are forgotten");
	are_there(ended, ARRAY_SIZE(ended), 1000, false);
	are_there(of_others, ARRAY_SIZE(of_others), 2000, true);
	flush();
}

/* More than a packet holds, half of them others', and some that end before they are deleted. */
static void test_many(void)
{
	static const uint32_t addr = ENDED;
	struct err e = { 0 };

	for (int i = 0; i < MANY; i++) {
		insert(&ended[0], (uint16_t)(1000 + i));
		insert(&of_others[0], (uint16_t)(10000 + i));
	}
	is_int(conntrack_forget_addresses(&ct, &addr, 1, &e), 0, "2500 connections are forgotten");
	is_int(table_size(), MANY, "as many of others stay");
	is_int(conntrack_forget_addresses(&ct, &addr, 1, &e), 0, "to have none is a success");
	flush();
}

static void test_errors(void)
{
	static const uint32_t addr = ENDED;
	struct err e = { 0 };

	is_int(conntrack_forget_addresses(&ct, &addr, 0, &e), 0, "no addresses are a success");
	insert(&ended[0], 1000);
	/* The dump, the deletion, the dump without a filter. */
	fake.send_fails = 2;
	conntrack_forget_addresses(&ct, &addr, 1, &e);
	ok(!is_in_table(&ended[0], 1000), "what is lost once is tried again");
	nl_close(&ct);
	if (nl_open(&ct, NETLINK_NETFILTER, &e) < 0)
		bail_out(e.text);
	fake.recv_errno = ENOBUFS;
	is_int(conntrack_forget_addresses(&ct, &addr, 1, &e), 0, "a lost answer, too");
}

int main(void)
{
	const struct published several[] = { { .proto = IPPROTO_UDP, .port = 99 },
		{ .proto = IPPROTO_TCP, .port = 53 }, dns };
	static const uint32_t many[] = { 1, 2, 3, 4, 5, ENDED };
	struct err e = { 0 };

	setup();
	if (nl_open(&nl, NETLINK_ROUTE, &e) < 0 || link_set_up(&nl, 1, &e) < 0 ||
		addr_add(&nl, 1, HOST, 24, &e) < 0 || nl_open(&ct, NETLINK_NETFILTER, &e) < 0)
		bail_out(e.text);
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		printf("# %s\n", kernels[i].name);
		fake.edit = kernels[i].edit;
		test_publish(&dns, 1);
		test_publish(several, ARRAY_SIZE(several));
		test_addresses(&many[5], 1);
		test_addresses(&many[3], 3);
		test_addresses(many, ARRAY_SIZE(many));
	}
	fake.edit = NULL;
	test_publish_address();
	test_many();
	test_errors();
	nl_close(&ct);
	nl_close(&nl);
	return done_testing();
}
