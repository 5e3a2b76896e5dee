/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions of nf_tables, and expressions of its rules. */
#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "net/nft.h"

/* libmnl does not check bounds: there is always room for the longest message, a rule. */
enum { ROOM = 8192 };

/* libnftnl returns NULL only when memory is exhausted. */
static void *must(void *p)
{
	return p ? p : xcalloc(SIZE_MAX, 1);
}

/* The message being written is complete. */
static void end_message(struct nft_batch *b)
{
	b->last = b->len;
	b->len += MNL_ALIGN(((struct nlmsghdr *)(b->buf + b->len))->nlmsg_len);
}

static struct nlmsghdr *begin_message(struct nft_batch *b, uint16_t type, uint16_t flags)
{
	if (b->len + ROOM > b->size) {
		size_t size = 2 * b->size + ROOM;

		b->buf = xrealloc(b->buf, size);
		memset(b->buf + b->size, 0, size - b->size);
		b->size = size;
	}
	return nftnl_nlmsg_build_hdr(b->buf + b->len, type, NFPROTO_INET, flags, ++b->nl->seq);
}

struct nft_batch nft_begin(struct nl *nl, const char *table)
{
	struct nft_batch b = { .nl = nl, .table = table, .size = ROOM, .first = ++nl->seq };

	b.buf = xcalloc(1, b.size);
	nftnl_batch_begin(b.buf, b.first);
	end_message(&b);
	return b;
}

void nft_table(struct nft_batch *b, uint16_t type)
{
	struct nlmsghdr *msg = begin_message(b, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);

	mnl_attr_put_strz(msg, NFTA_TABLE_NAME, b->table);
	end_message(b);
}

/* To the kernel, keys are bytes: nft(8) keeps their order in data of its own. Without it, it prints
 * names of interfaces backwards, that is, as "". */
static const struct {
	uint8_t type, len;
	uint32_t value;
} __attribute__((packed)) host_byteorder = { NFTNL_UDATA_SET_KEYBYTEORDER, 4, 1 };

void nft_add_set(struct nft_batch *b, const struct nft_set *set)
{
	struct nftnl_set *s = must(nftnl_set_alloc());

	nftnl_set_set_str(s, NFTNL_SET_TABLE, b->table);
	nftnl_set_set_str(s, NFTNL_SET_NAME, set->name);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, set->key_type);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, set->key_len);
	/* Only the number that the batch knows it by; the kernel wants one. */
	nftnl_set_set_u32(s, NFTNL_SET_ID, b->nl->seq);
	if (set->is_interval)
		nftnl_set_set_u32(s, NFTNL_SET_FLAGS, NFT_SET_INTERVAL);
	if (set->is_text)
		nftnl_set_set_data(s, NFTNL_SET_USERDATA, &host_byteorder, sizeof(host_byteorder));
	if (set->data_len) {
		nftnl_set_set_u32(s, NFTNL_SET_FLAGS, NFT_SET_MAP);
		nftnl_set_set_u32(s, NFTNL_SET_DATA_TYPE, set->data_type);
		nftnl_set_set_u32(s, NFTNL_SET_DATA_LEN, set->data_len);
	}
	nftnl_set_nlmsg_build_payload(begin_message(b, NFT_MSG_NEWSET, NLM_F_CREATE), s);
	nftnl_set_free(s);
	end_message(b);
}

void nft_add_chain(struct nft_batch *b, const struct nft_chain *chain)
{
	struct nftnl_chain *c = must(nftnl_chain_alloc());

	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, b->table);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chain->name);
	if (chain->type) {
		nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, chain->type);
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, chain->hook);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, chain->priority);
		nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	}
	nftnl_chain_nlmsg_build_payload(begin_message(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE), c);
	nftnl_chain_free(c);
	end_message(b);
}

static void put_value(struct nlmsghdr *msg, uint16_t type, const void *value, uint16_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, type);

	mnl_attr_put(msg, NFTA_DATA_VALUE, len, value);
	mnl_attr_nest_end(msg, nest);
}

/* Written by hand, as there may be thousands: libnftnl would allocate each. One a message, so that
 * no list of them outgrows the 64 KiB of an attribute. */
static struct nlmsghdr *begin_element(struct nft_batch *b, uint16_t type, const char *set,
	struct nlattr **list, struct nlattr **element)
{
	struct nlmsghdr *msg = begin_message(
		b, type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);

	mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_TABLE, b->table);
	mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_SET, set);
	*list = mnl_attr_nest_start(msg, NFTA_SET_ELEM_LIST_ELEMENTS);
	*element = mnl_attr_nest_start(msg, NFTA_LIST_ELEM);
	return msg;
}

void nft_element(struct nft_batch *b, uint16_t type, const char *set, const void *key,
	uint16_t key_len, const void *data, uint16_t data_len)
{
	struct nlattr *list, *element;
	struct nlmsghdr *msg = begin_element(b, type, set, &list, &element);

	put_value(msg, NFTA_SET_ELEM_KEY, key, key_len);
	if (data)
		put_value(msg, NFTA_SET_ELEM_DATA, data, data_len);
	mnl_attr_nest_end(msg, element);
	mnl_attr_nest_end(msg, list);
	end_message(b);
}

void nft_interval_end(struct nft_batch *b, const char *set, const void *key, uint16_t key_len)
{
	struct nlattr *list, *element;
	struct nlmsghdr *msg = begin_element(b, NFT_MSG_NEWSETELEM, set, &list, &element);

	put_value(msg, NFTA_SET_ELEM_KEY, key, key_len);
	mnl_attr_put_u32(msg, NFTA_SET_ELEM_FLAGS, htonl(NFT_SET_ELEM_INTERVAL_END));
	mnl_attr_nest_end(msg, element);
	mnl_attr_nest_end(msg, list);
	end_message(b);
}

/* Arguments are 32 bits each; 0 ends them. */
static const struct op {
	char name[10];
	uint8_t arg[4], data, zero;
} ops[] = {
	[NFT_META] = { .name = "meta", .arg = { NFTNL_EXPR_META_KEY, NFTNL_EXPR_META_DREG } },
	[NFT_CT] = { .name = "ct", .arg = { NFTNL_EXPR_CT_KEY, NFTNL_EXPR_CT_DREG } },
	[NFT_FIB] = { .name = "fib",
		.arg = { NFTNL_EXPR_FIB_RESULT, NFTNL_EXPR_FIB_FLAGS, NFTNL_EXPR_FIB_DREG } },
	[NFT_PAYLOAD] = { .name = "payload",
		.arg = { NFTNL_EXPR_PAYLOAD_BASE, NFTNL_EXPR_PAYLOAD_OFFSET, NFTNL_EXPR_PAYLOAD_LEN,
			NFTNL_EXPR_PAYLOAD_DREG } },
	[NFT_CMP] = { .name = "cmp",
		.arg = { NFTNL_EXPR_CMP_SREG, NFTNL_EXPR_CMP_OP },
		.data = NFTNL_EXPR_CMP_DATA },
	[NFT_MASK] = { .name = "bitwise",
		.arg = { NFTNL_EXPR_BITWISE_SREG, NFTNL_EXPR_BITWISE_DREG, NFTNL_EXPR_BITWISE_LEN },
		.data = NFTNL_EXPR_BITWISE_MASK,
		.zero = NFTNL_EXPR_BITWISE_XOR },
	[NFT_LOOKUP] = { .name = "lookup",
		.arg = { NFTNL_EXPR_LOOKUP_SREG, NFTNL_EXPR_LOOKUP_FLAGS },
		.data = NFTNL_EXPR_LOOKUP_SET },
	[NFT_MAP] = { .name = "lookup",
		.arg = { NFTNL_EXPR_LOOKUP_SREG, NFTNL_EXPR_LOOKUP_DREG },
		.data = NFTNL_EXPR_LOOKUP_SET },
	[NFT_VERDICT] = { .name = "immediate",
		.arg = { NFTNL_EXPR_IMM_DREG, NFTNL_EXPR_IMM_VERDICT },
		.data = NFTNL_EXPR_IMM_CHAIN },
	[NFT_NAT] = { .name = "nat",
		.arg = { NFTNL_EXPR_NAT_TYPE, NFTNL_EXPR_NAT_FAMILY, NFTNL_EXPR_NAT_REG_ADDR_MIN,
			NFTNL_EXPR_NAT_REG_PROTO_MIN } },
	[NFT_MASQ] = { .name = "masq" },
};

struct nftnl_rule *nft_rule(const struct nft_batch *b, const char *chain)
{
	struct nftnl_rule *rule = must(nftnl_rule_alloc());

	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, b->table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	return rule;
}

void nft_rule_expr(struct nftnl_rule *rule, const struct nft_expr *x)
{
	static const char zero[sizeof(x->bytes)];
	const struct op *op = &ops[x->op];
	struct nftnl_expr *expr = must(nftnl_expr_alloc(op->name));

	for (size_t i = 0; i < ARRAY_SIZE(op->arg) && op->arg[i]; i++)
		nftnl_expr_set_u32(expr, op->arg[i], (uint32_t)x->arg[i]);
	if (x->len)
		nftnl_expr_set(expr, op->data, x->bytes, x->len);
	if (op->zero)
		nftnl_expr_set(expr, op->zero, zero, x->len);
	nftnl_rule_add_expr(rule, expr);
}

void nft_add_rule(struct nft_batch *b, struct nftnl_rule *rule)
{
	struct nlmsghdr *msg = begin_message(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	nftnl_rule_nlmsg_build_payload(msg, rule);
	nftnl_rule_free(rule);
	end_message(b);
}

/* The first error in the answers to a batch. */
struct verdict {
	int error;    /* negative errno value */
	uint32_t seq; /* of the message that is in error */
};

static void read_packet(const struct nft_batch *b, const void *buf, int left, struct verdict *v)
{
	const struct nlmsghdr *m;

	for (m = buf; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
		const struct nlmsgerr *answer = mnl_nlmsg_get_payload(m);

		/* Others are late answers to what was given up. */
		if (m->nlmsg_type != NLMSG_ERROR || m->nlmsg_seq - b->first > b->nl->seq - b->first)
			continue;
		if (v->error == 0 || v->error == -EPROTO)
			*v = (struct verdict){ answer->error, m->nlmsg_seq };
	}
}

/* The kernel has answered before sendto(2) returns: nothing is waited for. */
static struct verdict read_answers(const struct nft_batch *b)
{
	char buf[NL_BUF_SIZE] __attribute__((aligned(MNL_ALIGNTO)));
	struct verdict v = { -EPROTO, b->first };
	ssize_t n;

	/* ENOBUFS: there are so many errors that the last of them found no room. */
	do {
		n = recv(mnl_socket_get_fd(b->nl->socket), buf, sizeof(buf), MSG_DONTWAIT);
		if (n > 0)
			read_packet(b, buf, (int)n, &v);
	} while (n > 0 || (n < 0 && (errno == ENOBUFS || errno == EINTR)));
	return v;
}

/* What the kernel may lack if it does not know what a message speaks of. */
static const struct {
	uint16_t type;
	const char *what, *missing;
} steps[] = {
	{ NFT_MSG_NEWCHAIN, "add a chain", "CONFIG_NFT_NAT" },
	{ NFT_MSG_NEWRULE, "add a rule",
		"CONFIG_NFT_CT, CONFIG_NFT_NAT, CONFIG_NFT_MASQ, CONFIG_NFT_FIB_INET" },
	{ NFT_MSG_NEWSETELEM, "add an element", NULL },
	{ NFT_MSG_DELSETELEM, "delete an element", NULL },
	{ NFT_MSG_DELTABLE, "delete it", NULL },
	{ 0, "change it", "CONFIG_NF_TABLES, CONFIG_NF_TABLES_INET" },
};

bool nft_is_unknown(int error)
{
	return error == -ENOENT || error == -EOPNOTSUPP || error == -EPROTONOSUPPORT ||
		error == -EAFNOSUPPORT;
}

static int explain(const struct nft_batch *b, struct verdict v, struct err *e)
{
	const struct nlmsghdr *msg = (const void *)b->buf;
	int left = (int)b->len;
	size_t i = 0;

	while (msg->nlmsg_seq != v.seq && mnl_nlmsg_ok(msg, left))
		msg = mnl_nlmsg_next(msg, &left);
	while (steps[i].type && (NFNL_SUBSYS_NFTABLES << 8 | steps[i].type) != msg->nlmsg_type)
		i++;
	if (nft_is_unknown(v.error) && steps[i].missing)
		err_set(e, -v.error,
			"nftables, table \"inet %s\": cannot %s (needs %s in the kernel)", b->table,
			steps[i].what, steps[i].missing);
	else
		err_set(e, -v.error, "nftables, table \"inet %s\": cannot %s", b->table,
			steps[i].what);
	return v.error;
}

/* A batch is one packet, and may be larger than sockets are used to. */
static int send_batch(const struct nft_batch *b)
{
	int fd = mnl_socket_get_fd(b->nl->socket), size = (int)b->len;

	if (b->len > ROOM && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return mnl_socket_sendto(b->nl->socket, b->buf, b->len) < 0 ? -errno : 0;
}

int nft_commit(struct nft_batch *b, struct err *e)
{
	struct verdict v = { 0, b->first };

	/* One acknowledgement is enough: errors come in any case. */
	((struct nlmsghdr *)(b->buf + b->last))->nlmsg_flags |= NLM_F_ACK;
	begin_message(b, 0, 0);
	nftnl_batch_end(b->buf + b->len, b->nl->seq);
	end_message(b);
	v.error = send_batch(b);
	if (v.error == 0)
		v = read_answers(b);
	if (v.error)
		explain(b, v, e);
	free(b->buf);
	return v.error;
}
