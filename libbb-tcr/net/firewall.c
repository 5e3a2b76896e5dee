/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our table of nftables. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "net/firewall.h"
#include "net/ruleset.h"

int firewall_rebuild(struct nl *nl, const struct firewall *f, struct err *e)
{
	struct nft_batch b = nft_begin(nl, f->table);

	/* What is added first can be deleted whether it was there or not. */
	nft_table(&b, NFT_MSG_NEWTABLE);
	nft_table(&b, NFT_MSG_DELTABLE);
	nft_table(&b, NFT_MSG_NEWTABLE);
	ruleset_emit(&b, f);
	return nft_commit(&b, e) ? -1 : 0;
}

int firewall_publish(
	struct nl *nl, const char *table, const struct published *ports, size_t n, struct err *e)
{
	struct nft_batch b;

	if (!n)
		return 0;
	b = nft_begin(nl, table);
	for (size_t i = 0; i < n; i++)
		ruleset_port(&b, NFT_MSG_NEWSETELEM, &ports[i]);
	return nft_commit(&b, e) ? -1 : 0;
}

/* What is added first can be deleted whether it was there or not: a transaction that fails waits
 * for all CPUs, which takes the kernel 10 ms and more. */
static int take_out(
	struct nl *nl, const char *table, const struct published *ports, size_t n, struct err *e)
{
	struct nft_batch b = nft_begin(nl, table);

	for (size_t i = 0; i < n; i++) {
		ruleset_port(&b, NFT_MSG_NEWSETELEM, &ports[i]);
		ruleset_port(&b, NFT_MSG_DELSETELEM, &ports[i]);
	}
	return nft_commit(&b, e);
}

int firewall_unpublish(
	struct nl *nl, const char *table, const struct published *ports, size_t n, struct err *e)
{
	int error = n ? take_out(nl, table, ports, n, e) : 0;

	/* One that leads to another container by now stays, and must not keep the others in. */
	for (size_t i = 0; error == -EEXIST && i < n; i++)
		error = take_out(nl, table, &ports[i], 1, e) ?: -EEXIST;
	return error && error != -EEXIST && error != -ENOENT ? -1 : 0;
}

int firewall_remove(struct nl *nl, const char *table, struct err *e)
{
	struct nft_batch b = nft_begin(nl, table);
	int error;

	nft_table(&b, NFT_MSG_DELTABLE);
	error = nft_commit(&b, e);
	return error && !nft_is_unknown(error) ? -1 : 0;
}

/* Drops, in the kernel, what the socket OURS caused: each packet holds the messages of one
 * transaction. They would wake the daemon for every published port, and a table with thousands of
 * them would overflow the socket, look disturbed, be rebuilt, and overflow it again. */
static int ignore_own(const struct nl *watch, const struct nl *ours)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(mnl_socket_get_portid(ours->socket)), 0,
			1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, ~0U),
	};
	const struct sock_fprog prog = { ARRAY_SIZE(code), code };

	return setsockopt(mnl_socket_get_fd(watch->socket), SOL_SOCKET, SO_ATTACH_FILTER, &prog,
		sizeof(prog));
}

int firewall_watch(struct nl *watch, const struct nl *ours, struct err *e)
{
	int group = NFNLGRP_NFTABLES;

	if (nl_open(watch, NETLINK_NETFILTER, e))
		return -1;
	if (ignore_own(watch, ours) ||
		mnl_socket_setsockopt(
			watch->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
		err_set(e, errno, "listen to changes of nftables");
		nl_close(watch);
		return -1;
	}
	return 0;
}

_Static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
		NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1,
	"each message names the table in its attribute 1");

static bool takes_away(const struct nlmsghdr *m, const char *table)
{
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;
	bool ours = false, dormant = false;

	if (m->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
		mnl_nlmsg_get_payload_len(m) < sizeof(*head) || head->nfgen_family != NFPROTO_INET)
		return false;
	mnl_attr_for_each (attr, m, sizeof(*head)) {
		if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME)
			ours = !strncmp(
				mnl_attr_get_payload(attr), table, mnl_attr_get_payload_len(attr));
		if (mnl_attr_get_type(attr) == NFTA_TABLE_FLAGS)
			dormant = nl_get_u32(attr) & htonl(NFT_TABLE_F_DORMANT);
	}
	switch (m->nlmsg_type & 0xff) {
	case NFT_MSG_NEWTABLE:
		return ours && dormant;
	case NFT_MSG_DELTABLE:
	case NFT_MSG_DELCHAIN:
	case NFT_MSG_DELRULE:
	case NFT_MSG_DELSET:
	case NFT_MSG_DELSETELEM:
		return ours;
	}
	return false;
}

bool firewall_was_disturbed(struct nl *watch, const char *table)
{
	char buf[4 * NL_BUF_SIZE] __attribute__((aligned(MNL_ALIGNTO)));
	bool disturbed = false;
	ssize_t n;

	do {
		const struct nlmsghdr *m = (const void *)buf;
		int left;

		n = recv(mnl_socket_get_fd(watch->socket), buf, sizeof(buf), MSG_DONTWAIT);
		disturbed |= n < 0 && errno == ENOBUFS;
		for (left = (int)n; left > 0 && mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left))
			disturbed |= takes_away(m, table);
	} while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
	return disturbed;
}
