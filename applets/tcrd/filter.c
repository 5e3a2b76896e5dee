/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our table of nftables: built by what is there, and built again when others take it away. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += filter.o
#include <linux/netlink.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "dns.h"
#include "net/conntrack.h"
#include "net/firewall.h"
#include "net/forwarding.h"
#include "network.h"
#include "tcrd.h"

static struct nl nft;   /* for transactions */
static struct nl sense; /* hears of those of others */
static struct watch sense_watch = { .fd = -1 };

static int open_socket(struct err *e)
{
	return nft.socket ? 0 : nl_open(&nft, NETLINK_NETFILTER, e);
}

static void repair(struct timer *t);
static struct timer repair_timer = { .fire = repair };

/* The one who flushes is perhaps not done yet, or the table of the moment was too much for the
 * kernel: it is tried again until it works. */
enum { AGAIN_MS = 500 };

static void repair(struct timer *t)
{
	struct err e;

	log_msg("somebody has changed the table \"inet %s\" of nftables: it is restored",
		net_instance());
	if (filter_rebuild(&e) == 0)
		return;
	log_msg("%s", e.text);
	timer_set(t, AGAIN_MS);
}

static void sense_ready(struct watch *w, uint32_t events)
{
	(void)w;
	(void)events;
	if (firewall_was_disturbed(&sense, net_instance()))
		timer_set(&repair_timer, 0);
}

static int watch(struct err *e)
{
	if (sense.socket)
		return 0;
	if (firewall_watch(&sense, &nft, e))
		return -1;
	sense_watch.fd = mnl_socket_get_fd(sense.socket);
	sense_watch.ready = sense_ready;
	if (loop_add(&sense_watch, EPOLLIN, e) == 0)
		return 0;
	nl_close(&sense);
	return -1;
}

static void stop_watching(void)
{
	if (!sense.socket)
		return;
	timer_cancel(&repair_timer);
	loop_del(&sense_watch);
	nl_close(&sense);
}

/* What the table has to say, for as long as it takes to say it. */
struct contents {
	struct firewall_network *networks;
	char (*names)[IFNAMSIZ];
	struct published *ports;
	size_t n_networks, n_ports;
};

static void collect(struct contents *c)
{
	struct container *container;
	struct net *n;

	c->networks = xcalloc(NETWORKS_MAX, sizeof(*c->networks));
	c->names = xcalloc(NETWORKS_MAX, sizeof(*c->names));
	list_for_each (n, &networks, node) {
		if (!n->index || c->n_networks == NETWORKS_MAX)
			continue;
		c->networks[c->n_networks] = (struct firewall_network){
			.bridge = network_bridge(n->config, c->names[c->n_networks]),
			.subnet = n->config->subnet,
			.internal = n->config->internal,
			.dns = ENABLE_FEATURE_DNS && dns_serves(n),
		};
		c->n_networks++;
	}
	list_for_each (container, &containers, node) {
		const struct attachment *a = &container->net;

		if (!container->published || !a->n_ports)
			continue;
		c->ports = xrealloc(c->ports, (c->n_ports + a->n_ports) * sizeof(*c->ports));
		memcpy(c->ports + c->n_ports, a->ports, a->n_ports * sizeof(*c->ports));
		c->n_ports += a->n_ports;
	}
}

static int build(const struct contents *c, struct err *e)
{
	cleanup_strv char **guarded = forwarding_guarded(tcrd.run_fd);
	struct firewall f = {
		.table = net_instance(),
		.networks = c->networks,
		.n_networks = c->n_networks,
		.ports = c->ports,
		.n_ports = c->n_ports,
		.guarded = (const char *const *)guarded,
	};

	return watch(e) || firewall_rebuild(&nft, &f, e) ? -1 : 0;
}

/* Without networks nothing of ours is there, perhaps not even nftables. */
static int tear_down(struct err *e)
{
	int rc = forwarding_off(net_socket(), tcrd.run_fd, e);

	if (rc > 0)
		log_msg("IP forwarding stays on: others may need it by now");
	else if (rc < 0)
		log_msg("%s", e->text);
	rc = firewall_remove(&nft, net_instance(), e);
	stop_watching();
	nl_close(&nft);
	return rc;
}

int filter_rebuild(struct err *e)
{
	struct contents c = { 0 };
	int rc;

	if (open_socket(e))
		return -1;
	collect(&c);
	rc = c.n_networks ? build(&c, e) : tear_down(e);
	free(c.networks);
	free(c.names);
	free(c.ports);
	return rc;
}

/* Where packets went until now says nothing about where they are to go. */
static void forget_connections(const struct container *c)
{
	struct err e;

	if (conntrack_forget(&nft, c->net.ports, c->net.n_ports, &e))
		log_debug("%s", e.text); /* a kernel without CONFIG_NF_CT_NETLINK */
}

int filter_publish(const struct container *c, struct err *e)
{
	if (!c->net.n_ports)
		return 0;
	/* Perhaps the table has just been taken away: then it is built anew, with these in it. */
	if (open_socket(e) ||
		(firewall_publish(&nft, net_instance(), c->net.ports, c->net.n_ports, e) &&
			filter_rebuild(e)))
		return -1;
	forget_connections(c);
	return 0;
}

void filter_unpublish(const struct container *c)
{
	struct err e;

	if (!c->net.n_ports)
		return;
	if (open_socket(&e) ||
		firewall_unpublish(&nft, net_instance(), c->net.ports, c->net.n_ports, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	else
		forget_connections(c);
}
