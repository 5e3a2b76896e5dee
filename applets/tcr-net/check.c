/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tcr-net check`: each thing that networks need from the kernel is tried, in a network namespace
 * of its own that ends with the process. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "check.h"
#include "net/firewall.h"
#include "net/link.h"
#include "net/nft.h"
#include "tcr_net.h"

#define TABLE "tcr_check"
#define BRIDGE "tcrcheck"
#define SYSCTL "/proc/sys/net/"

static struct nl route, nft;

struct probe {
	const char *what, *config, *module;
	int (*try)(const struct probe *p, struct err *e);
	const char *file;       /* for try_file(), try_switch() */
	uint8_t chain, expr[3]; /* for try_rule() */
	bool optional;
};

enum { FILTER, RAW, NAT, POSTROUTING };

static const struct nft_chain chains[] = {
	[FILTER] = { "filter", "filter", NF_INET_FORWARD, 0 },
	[RAW] = { "raw", "filter", NF_INET_PRE_ROUTING, -300 },
	[NAT] = { "nat", "nat", NF_INET_PRE_ROUTING, -100 },
	[POSTROUTING] = { "postrouting", "nat", NF_INET_POST_ROUTING, 100 },
};

enum { END, CT, FIB, ADDRESS, PORT, DNAT, MASQUERADE };

static const struct nft_expr exprs[] = {
	[CT] = { NFT_CT, { NFT_CT_STATUS, NFT_REG_1 }, 0, { "" } },
	[FIB] = { NFT_FIB, { NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR, NFT_REG_1 }, 0, { "" } },
	[ADDRESS] = { NFT_PAYLOAD, { NFT_PAYLOAD_NETWORK_HEADER, 16, 4, NFT_REG_1 }, 0, { "" } },
	[PORT] = { NFT_PAYLOAD, { NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, NFT_REG32_01 }, 0, { "" } },
	[DNAT] = { NFT_NAT, { NFT_NAT_DNAT, NFPROTO_IPV4, NFT_REG_1, NFT_REG32_01 }, 0, { "" } },
	[MASQUERADE] = { NFT_MASQ, { 0 }, 0, { "" } },
};

static int try_route(const struct probe *p, struct err *e)
{
	(void)p;
	return nl_open(&route, NETLINK_ROUTE, e);
}

static const struct bridge bridge = {
	.name = BRIDGE,
	.alias = "tcr-net check",
	.mac = { 2, 0x42, 192, 0, 2, 1 },
	.addr = 0xc0000201, /* RFC 5737 */
	.prefix = 24,
};

static int try_bridge(const struct probe *p, struct err *e)
{
	unsigned index;

	(void)p;
	return bridge_create(&route, &bridge, &index, e);
}

static int try_veth(const struct probe *p, struct err *e)
{
	cleanup_close int netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct veth v = {
		.name = "vcheck0",
		.alias = bridge.alias,
		.peer = "vcheck1",
		.netns_fd = netns,
		.mac = { 2, 0x42, 192, 0, 2, 2 },
		.addr = bridge.addr + 1,
		.prefix = 24,
	};
	struct link master;

	(void)p;
	if (link_find(&route, BRIDGE, &master, e) > 0)
		v.master = master.index;
	return veth_create(&route, &v, e);
}

static int try_file(const struct probe *p, struct err *e)
{
	return file_exists(AT_FDCWD, p->file) ? 0 : err_set(e, ENOENT, "%s", p->file);
}

/* In this namespace only. */
static int try_switch(const struct probe *p, struct err *e)
{
	cleanup_close int fd = open(p->file, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, "1", 1) == 1 ? 0 : err_set(e, errno, "%s", p->file);
}

static int try_nft(const struct probe *p, struct err *e)
{
	(void)p;
	return nl_open(&nft, NETLINK_NETFILTER, e);
}

/* Connections there are none of. */
static int try_conntrack(const struct probe *p, struct err *e)
{
	char buf[NL_BUF_SIZE] __attribute__((aligned(MNL_ALIGNTO)));
	struct nlmsghdr *msg = nl_begin(
		&nft, buf, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP);

	(void)p;
	memset(mnl_nlmsg_put_extra_header(msg, sizeof(struct nfgenmsg)), 0,
		sizeof(struct nfgenmsg));
	return nl_dump(&nft, msg, NULL, NULL, NULL, e);
}

static int try_table(const struct probe *p, struct err *e)
{
	struct nft_batch b = nft_begin(&nft, TABLE);

	(void)p;
	nft_table(&b, NFT_MSG_NEWTABLE);
	return nft_commit(&b, e);
}

/* The chain, with a rule of the expressions, if there are any. */
static int try_rule(const struct probe *p, struct err *e)
{
	struct nft_batch b = nft_begin(&nft, TABLE);
	const struct nft_chain *chain = &chains[p->chain];
	struct nftnl_rule *rule;

	nft_table(&b, NFT_MSG_NEWTABLE);
	nft_add_chain(&b, chain);
	rule = nft_rule(&b, chain->name);
	for (size_t i = 0; i < ARRAY_SIZE(p->expr) && p->expr[i] != END; i++)
		nft_rule_expr(rule, &exprs[p->expr[i]]);
	nft_add_rule(&b, rule);
	return nft_commit(&b, e);
}

/* A map from protocol . port to address . port. */
static int try_map(const struct probe *p, struct err *e)
{
	static const struct nft_set map = { .name = "map",
		.key_type = 12 << 6 | 13,
		.key_len = 8,
		.data_type = 7 << 6 | 13,
		.data_len = 8 };
	static const char zero[8];
	struct nft_batch b = nft_begin(&nft, TABLE);

	(void)p;
	nft_table(&b, NFT_MSG_NEWTABLE);
	nft_add_set(&b, &map);
	nft_element(&b, NFT_MSG_NEWSETELEM, map.name, zero, sizeof(zero), zero, sizeof(zero));
	return nft_commit(&b, e);
}

/* All of it together, as tcrd builds it. */
static int try_ruleset(const struct probe *p, struct err *e)
{
	const struct firewall_network network = { BRIDGE, { 0xc0000200, 24 }, true, true };
	const struct published port = { bridge.addr, 6, 80, bridge.addr + 1, 80 };
	static const char *const guarded[] = { "lo", NULL };
	const struct firewall f = { TABLE, &network, 1, &port, 1, guarded };

	(void)p;
	return firewall_rebuild(&nft, &f, e);
}

/* Later rows build upon earlier ones. */
static const struct probe probes[] = {
	{ .what = "rtnetlink", .config = "NET", .try = try_route },
	{ .what = "bridges", .config = "BRIDGE", .module = "bridge", .try = try_bridge },
	{ .what = "veth pairs", .config = "VETH", .module = "veth", .try = try_veth },
	{ .what = "IPv4 forwarding",
		.config = "SYSCTL, and /proc/sys writable",
		.try = try_switch,
		.file = SYSCTL "ipv4/ip_forward" },
	{ .what = "route_localnet",
		.config = "SYSCTL, and /proc/sys writable",
		.try = try_switch,
		.file = SYSCTL "ipv4/conf/" BRIDGE "/route_localnet" },
	{ .what = "nfnetlink",
		.config = "NETFILTER_NETLINK",
		.module = "nfnetlink",
		.try = try_nft },
	{ .what = "nftables, family inet",
		.config = "NF_TABLES, CONFIG_NF_TABLES_INET",
		.module = "nf_tables",
		.try = try_table },
	{ .what = "maps with concatenations",
		.config = "NF_TABLES",
		.module = "nf_tables",
		.try = try_map },
	{ .what = "filter chains",
		.config = "NF_TABLES, CONFIG_NF_TABLES_INET",
		.module = "nf_tables",
		.try = try_rule,
		.chain = FILTER },
	{ .what = "connection tracking",
		.config = "NF_CONNTRACK, CONFIG_NFT_CT",
		.module = "nft_ct",
		.try = try_rule,
		.chain = FILTER,
		.expr = { CT } },
	{ .what = "address types (fib)",
		.config = "NFT_FIB_INET, CONFIG_NFT_FIB_IPV4, CONFIG_NFT_FIB_IPV6",
		.module = "nft_fib_inet",
		.try = try_rule,
		.chain = RAW,
		.expr = { FIB } },
	{ .what = "nat chains",
		.config = "NF_NAT, CONFIG_NFT_NAT",
		.module = "nft_chain_nat",
		.try = try_rule,
		.chain = NAT },
	{ .what = "published ports (dnat)",
		.config = "NFT_NAT",
		.module = "nft_nat",
		.try = try_rule,
		.chain = NAT,
		.expr = { ADDRESS, PORT, DNAT } },
	{ .what = "masquerade",
		.config = "NFT_MASQ",
		.module = "nft_masq",
		.try = try_rule,
		.chain = POSTROUTING,
		.expr = { MASQUERADE } },
	{ .what = "the whole table", .config = "NF_TABLES", .try = try_ruleset },
	{ .what = "connections that end with their port",
		.config = "NF_CT_NETLINK",
		.module = "nf_conntrack_netlink",
		.try = try_conntrack,
		.optional = true },
	{ .what = "rules for bridged frames",
		.config = "BRIDGE_NETFILTER",
		.module = "br_netfilter",
		.try = try_file,
		.optional = true,
		.file = SYSCTL "bridge/bridge-nf-call-iptables" },
};

static int report(const struct probe *p)
{
	struct err e;

	if (p->try(p, &e) == 0) {
		printf("ok       %s\n", p->what);
		return 0;
	}
	printf("%s %s: %s; %s%s%sa kernel with CONFIG_%s\n", p->optional ? "not used" : "MISSING ",
		p->what, e.text, p->module ? "modprobe " : "", p->module ? p->module : "",
		p->module ? ", or " : "", p->config);
	return p->optional ? 0 : 1;
}

/* Returns the exit code of the child. */
static int try_all(void)
{
	int missing = 0;

	if (unshare(CLONE_NEWNET) < 0) {
		printf("MISSING  network namespaces: %s; a kernel with CONFIG_NET_NS, "
		       "the capability CAP_SYS_ADMIN, and user.max_net_namespaces above 0\n",
			strerror(errno));
		return 1;
	}
	puts("ok       network namespaces");
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		missing |= report(&probes[i]);
	return missing;
}

int net_check(char **names, struct err *e)
{
	int status;
	pid_t pid;

	(void)names;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		status = try_all();
		fflush(stdout);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return err_set(e, errno, "fork");
	if (!WIFEXITED(status))
		return err_set(e, 0, "the attempts ended with signal %d", WTERMSIG(status));
	check_host();
	return WEXITSTATUS(status);
}
