/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridges of networks, and what the host has to do for them. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += bridge.o
#include <linux/netlink.h>
#include <string.h>

#include "attach.h"
#include "base/child.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "dns.h"
#include "net/forwarding.h"
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

static unsigned uplink_mtu(void)
{
	struct link link;
	struct err e;

	return route_uplink(net_socket(), &link, &e) > 0 ? link.mtu : 0;
}

/* What was begun when a daemon was killed is not up yet. */
static bool is_unfinished(const struct net *n, const struct link *link, bool ours)
{
	uint8_t mac[MAC_LEN];

	mac_of_addr(n->config->gateway, mac);
	return (ours && !link->up) || bridge_is_unfinished(link, mac);
}

/* Finds our bridge, *INDEX is 0 if there is none; another's link of that name makes us take another
 * name. */
static int find_ours(struct net *n, unsigned *index, struct err *e)
{
	cleanup_free char *alias = instance_network_alias(net_instance(), n->config->name);
	char name[IFNAMSIZ];
	struct link link;
	int rc = link_find(net_socket(), network_bridge(n->config, name), &link, e);
	bool ours;

	*index = 0;
	if (rc <= 0)
		return rc;
	ours = !strcmp(link.kind, "bridge") && !strcmp(link.alias, alias);
	if (is_unfinished(n, &link, ours))
		return link_delete(net_socket(), link.index, e);
	if (!ours)
		return bridge_new_number(&n->config->link, e) || network_save(n->config, e) ? -1
											    : 0;
	*index = link.index;
	n->mtu = link.mtu;
	return 0;
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

	if (network_check_routes(&c->subnet, 0, e))
		return err_append(e, "; remove the network with `tcr network rm %s`", c->name);
	mac_of_addr(c->gateway, b.mac);
	n->mtu = b.mtu;
	return bridge_create(net_socket(), &b, &n->index, e) ? -1 : 0;
}

/* Somebody has deleted the bridge under containers that run: they are joined to the new one. */
static void reattach(const struct net *n)
{
	struct container *c;

	list_for_each (c, &containers, node) {
		const struct endpoint *ep = c->published ? attach_endpoint(c, n->config->name)
							 : NULL;
		struct link link;
		struct err e;

		if (ep && link_find(net_socket(), ep->link, &link, &e) == 1 &&
			veth_attach(net_socket(), link.index, n->index, ep->mac, &e))
			log_msg("container \"%s\": %s", c->spec.name, e.text);
	}
}

/* The rules are there before anything is forwarded. */
static int finish(struct net *n, struct err *e)
{
	if (ENABLE_FEATURE_DNS)
		dns_open(n);
	if (filter_rebuild(e) || forwarding_on(e))
		return -1;
	reattach(n);
	return 0;
}

int bridge_up(struct net *n, struct err *e)
{
	unsigned index;

	/* Somebody may have deleted it. */
	if (find_ours(n, &index, e))
		return -1;
	n->index = index;
	if (index)
		return 0;
	if (forwarding_note(net_socket(), tcrd.run_fd, e) || create(n, e))
		return err_prefix(e, "network \"%s\"", n->config->name);
	if (finish(n, e) == 0)
		return 0;
	bridge_down(n);
	return err_prefix(e, "network \"%s\"", n->config->name);
}

/* It takes the kernel some 50 ms to delete a bridge: too long for the loop. */
struct removal {
	struct child child;
	unsigned index;
};

static int delete_work(void *arg)
{
	const struct removal *r = arg;
	struct nl nl;
	struct err e;

	if (nl_open(&nl, NETLINK_ROUTE, &e) == 0 && link_delete(&nl, r->index, &e) == 0)
		return 0;
	log_msg("%s; the next start of tcrd tries again", e.text);
	return 1;
}

/* Now the rules about it can go, and with the last bridge forwarding. */
static void deleted(struct child *child, int status)
{
	struct err e;

	(void)status;
	free(container_of(child, struct removal, child));
	if (filter_rebuild(&e))
		log_msg("%s", e.text);
}

static void delete_bridge(unsigned index)
{
	struct removal *r = xcalloc(1, sizeof(*r));
	struct err e;

	r->index = index;
	r->child.ended = deleted;
	if (child_fork(&r->child, delete_work, r, NULL, 0, &e) == 0)
		return;
	log_msg("%s", e.text);
	delete_work(r);
	deleted(&r->child, 0);
}

void bridge_down(struct net *n)
{
	unsigned index = n->index;

	if (ENABLE_FEATURE_DNS)
		dns_close(n);
	n->index = 0;
	if (index)
		delete_bridge(index);
}

/* Finds what a bridge, or a veth pair, belongs to; false: to nobody. */
static bool adopt_bridge(const struct link *link, const char *network)
{
	struct net *n = network_by_name(network);
	char name[IFNAMSIZ];

	if (!n || !link->up || strcmp(network_bridge(n->config, name), link->name))
		return false;
	n->index = link->index;
	n->mtu = link->mtu;
	if (ENABLE_FEATURE_DNS)
		dns_open(n);
	return true;
}

static bool is_endpoint(const struct link *link, const char *id)
{
	struct container *c;

	list_for_each (c, &containers, node)
		for (size_t i = 0; i < c->net.n_endpoints; i++)
			if (!strcmp(c->id, id) && !strcmp(c->net.endpoints[i].link, link->name))
				return true;
	return false;
}

/* A bridge that was not finished has no alias yet. */
static bool is_half_made(const struct link *link)
{
	char name[IFNAMSIZ];
	struct net *n;

	list_for_each (n, &networks, node)
		if (!strcmp(network_bridge(n->config, name), link->name) &&
			is_unfinished(n, link, false))
			return true;
	return false;
}

static int adopt_link(const struct link *link, void *arg, struct err *e)
{
	const char *network = instance_alias_network(net_instance(), link->alias);
	const char *container = instance_alias_container(net_instance(), link->alias);

	(void)arg;
	if (network && !strcmp(link->kind, "bridge")               ? adopt_bridge(link, network)
			: container && !strcmp(link->kind, "veth") ? is_endpoint(link, container)
								   : !is_half_made(link))
		return 0;
	log_msg("removing %s, which belongs to nobody", link->name);
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
