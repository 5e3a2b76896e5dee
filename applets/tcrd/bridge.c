/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridges of networks, and what the host has to do for them. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += bridge.o
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "dns.h"
#include "net/instance.h"
#include "net/link.h"
#include "net/nl.h"
#include "network.h"
#include "tcrd.h"

struct nl *net_socket(void)
{
	static struct nl nl;
	struct err e;

	/* Without a socket every use of it fails, and says so. */
	if (!nl.socket && nl_open(&nl, NETLINK_ROUTE, &e))
		log_msg("%s", e.text);
	return &nl;
}

const char *net_instance(void)
{
	static char *instance;

	if (!instance)
		instance = instance_name(tcrd.run_dir);
	return instance;
}

int bridge_new_number(unsigned *number, struct err *e)
{
	for (unsigned i = 0;; i++) {
		struct net *n;
		struct network try = { .link = i };
		struct link link;
		char name[IFNAMSIZ];
		int there = link_find(net_socket(), network_bridge(&try, name), &link, e);

		if (there < 0)
			return -1;
		list_for_each (n, &networks, node)
			there |= n->config->link == i;
		if (there)
			continue;
		*number = i;
		return 0;
	}
}

#define IP_FORWARD "/proc/sys/net/ipv4/ip_forward"

/* Replies from outside must be forwarded, too, so this cannot be limited to our links. That we did
 * it is written down: then what is none of ours is not forwarded all the same (filter.c), and
 * tcr-net nuke can switch it off again. */
static int switch_forwarding_on(struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	cleanup_close int fd = -1;

	if (file_read(AT_FDCWD, IP_FORWARD, 16, &sb, e))
		return -1;
	if (*sb_str(&sb) != '0')
		return 0;
	if (file_write(tcrd.run_fd, "ip_forward", "0\n", 2, 0600, FILE_VOLATILE, e))
		return -1;
	fd = open(IP_FORWARD, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		return err_set(e, errno, "%s cannot be set to 1", IP_FORWARD);
	return 0;
}

static unsigned uplink_mtu(void)
{
	struct link link;
	struct err e;

	return route_uplink(net_socket(), &link, &e) > 0 ? link.mtu : 0;
}

/* Finds our bridge; another's link of that name makes us take another name. */
static int find_ours(struct net *n, struct err *e)
{
	cleanup_free char *alias = instance_network_alias(net_instance(), n->config->name);
	char name[IFNAMSIZ];
	struct link link;
	int rc = link_find(net_socket(), network_bridge(n->config, name), &link, e);

	if (rc <= 0)
		return rc;
	if (!strcmp(link.kind, "bridge") && !strcmp(link.alias, alias)) {
		n->index = link.index;
		n->mtu = link.mtu;
		return 0;
	}
	return bridge_new_number(&n->config->link, e) || network_save(n->config, e) ? -1 : 0;
}

static int create(struct net *n, struct err *e)
{
	cleanup_free char *alias = instance_network_alias(net_instance(), n->config->name);
	const struct network *c = n->config;
	char name[IFNAMSIZ];
	struct bridge b = {
		.name = network_bridge(c, name),
		.alias = alias,
		.mtu = c->mtu ? c->mtu : uplink_mtu(),
		.addr = c->gateway,
		.prefix = c->subnet.prefix,
	};

	if (network_check_routes(&c->subnet, 0, e)) {
		return err_set(e, 0, "%.900s; remove the network with `tcr network rm %s`", e->text,
			c->name);
	}
	mac_of_addr(c->gateway, b.mac);
	n->mtu = b.mtu;
	return switch_forwarding_on(e) || bridge_create(net_socket(), &b, &n->index, e) ? -1 : 0;
}

int bridge_up(struct net *n, struct err *e)
{
	struct err ignored;

	/* Somebody may have deleted it. */
	n->index = 0;
	if (find_ours(n, e))
		return -1;
	if (n->index)
		return 0;
	if (ENABLE_FEATURE_DNS)
		dns_close(n);
	if (create(n, e))
		return err_prefix(e, "network \"%s\"", n->config->name);
	if (filter_rebuild(e)) {
		bridge_down(n, &ignored);
		return err_prefix(e, "network \"%s\"", n->config->name);
	}
	if (ENABLE_FEATURE_DNS)
		dns_open(n);
	return 0;
}

int bridge_down(struct net *n, struct err *e)
{
	unsigned index = n->index;

	if (ENABLE_FEATURE_DNS)
		dns_close(n);
	n->index = 0;
	if (!index)
		return 0;
	return link_delete(net_socket(), index, e) || filter_rebuild(e) ? -1 : 0;
}

static int adopt_link(const struct link *link, void *arg, struct err *e)
{
	const char *network = instance_alias_network(net_instance(), link->alias);
	struct net *n;
	char name[IFNAMSIZ];

	(void)arg;
	if (strcmp(link->kind, "bridge") || !network)
		return 0;
	n = network_by_name(network);
	if (n && !strcmp(network_bridge(n->config, name), link->name)) {
		n->index = link->index;
		n->mtu = link->mtu;
		if (ENABLE_FEATURE_DNS)
			dns_open(n);
		return 0;
	}
	log_msg("removing %s, which belongs to no network", link->name);
	if (link_delete(net_socket(), link->index, e))
		log_msg("%s", e->text);
	return 0;
}

void bridges_adopt(void)
{
	struct err e;

	/* Without the kernel's help there are no networks, but everything else works. */
	if (link_each(net_socket(), adopt_link, NULL, &e) || filter_rebuild(&e))
		log_msg("networks: %s", e.text);
}
