/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks that a running container joins and leaves. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += attach_live.o
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "dns.h"
#include "etc.h"
#include "event.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/nl.h"
#include "network.h"
#include "quarantine.h"

static void save(const struct container *c)
{
	struct err e;

	if (attach_save(c, &e))
		log_msg("%s", e.text);
}

/* The address is another's only when no link has it any more. */
static void undo_connect(struct container *c)
{
	const struct endpoint *ep = &c->net.endpoints[c->net.n_endpoints - 1];
	struct link link;
	struct err e;

	if (link_find(net_socket(), ep->link, &link, &e) == 1 &&
		link_delete(net_socket(), link.index, &e))
		log_msg("%s", e.text);
	filter_unpublish(c);
	attach_drop_ports(c, ep->addr);
	quarantine_add(ep->addr);
	attachment_drop_endpoint(&c->net, c->net.n_endpoints - 1);
	if (filter_publish(c, &e))
		log_msg("%s", e.text);
	save(c);
}

static const struct net *main_net(const struct container *c)
{
	const struct endpoint *ep = attach_main_endpoint(c);

	return ep ? network_by_name(ep->network) : NULL;
}

/* The way out of a container, and its name server, are those of the first network that has one;
 * that may be another one than WAS now. */
static void settle_main(const struct container *c, const struct net *was, int netns)
{
	const struct net *n = main_net(c);
	struct nl in;
	struct err e;

	if (etc_update(c, n != was, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	if (n == was)
		return;
	if (n && nl_open_in(&in, NETLINK_ROUTE, netns, &e) == 0) {
		if (route_add_default(&in, n->config->gateway, &e))
			log_debug("%s", e.text); /* a new link brings its own */
		nl_close(&in);
	}
}

/* Ports that led to the address that C has lost lead to the one that it has left, or nowhere. */
static void move_ports(struct container *c, uint32_t lost)
{
	const struct endpoint *ep = attach_main_endpoint(c);

	for (size_t i = 0; ep && i < c->net.n_ports; i++)
		if (c->net.ports[i].to_addr == lost)
			c->net.ports[i].to_addr = ep->addr;
	attach_drop_ports(c, lost);
}

int attach_connect(struct container *c, struct net *n, const struct attach_wish *w, struct err *e)
{
	cleanup_free char *path = netns_path(c->id);
	const struct net *was = main_net(c);
	cleanup_close int netns = -1;

	if (c->net.n_endpoints >= ENDPOINTS_MAX)
		return err_set(e, 0, "container \"%s\" is on %d networks already", c->spec.name,
			ENDPOINTS_MAX);
	netns = netns_open(path, e);
	if (netns < 0 || attach_plan_endpoint(c, n, w, e))
		return -1;
	if ((!was && main_net(c) && attach_plan_ports(c, e)) || attach_save(c, e) ||
		attach_make_link(c, &c->net.endpoints[c->net.n_endpoints - 1], netns, e) ||
		filter_publish(c, e)) {
		undo_connect(c);
		return -1;
	}
	settle_main(c, was, netns);
	attach_names_changed(c);
	if (ENABLE_FEATURE_DNS)
		dns_flush();
	event_network(n->config, "connect", c->id);
	return 0;
}

int attach_disconnect(struct container *c, struct net *n, struct err *e)
{
	struct endpoint *ep = attach_endpoint(c, n->config->name);
	cleanup_free char *path = netns_path(c->id);
	const struct net *was = main_net(c);
	cleanup_close int netns = -1;
	uint32_t addr = ep ? ep->addr : 0;
	struct link link;
	int there;

	if (!ep)
		return 0;
	netns = netns_open(path, e);
	there = netns < 0 ? -1 : link_find(net_socket(), ep->link, &link, e);
	if (there < 0)
		return -1;
	filter_unpublish(c);
	/* What is written goes first: should the link be left, the next start deletes it. */
	attach_names_changed(c);
	attachment_drop_endpoint(&c->net, ep - c->net.endpoints);
	move_ports(c, addr);
	quarantine_add(addr);
	save(c);
	if ((there && link_delete(net_socket(), link.index, e)) || filter_publish(c, e))
		return -1;
	settle_main(c, was, netns);
	if (ENABLE_FEATURE_DNS)
		dns_flush();
	event_network(n->config, "disconnect", c->id);
	return 0;
}
