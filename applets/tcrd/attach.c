/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The networking of a container: its namespace, links and addresses. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += attach.o
#include <fcntl.h>
#include <linux/netlink.h>
#include <string.h>

#include "attach.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "dns.h"
#include "event.h"
#include "net/instance.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/nl.h"
#include "network.h"
#include "quarantine.h"
#include "tcrd.h"

char *netns_path(const char *id)
{
	return xasprintf("%s/netns/%s", tcrd.run_dir, id);
}

static char *record_path(const char *id)
{
	return xasprintf("%s/net/%s", tcrd.run_dir, id);
}

struct endpoint *attach_endpoint(const struct container *c, const char *name)
{
	for (size_t i = 0; i < c->net.n_endpoints; i++)
		if (!strcmp(c->net.endpoints[i].network, name))
			return &c->net.endpoints[i];
	return NULL;
}

static int is_network(void *name, const char *network, const struct attach_wish *w, struct err *e)
{
	(void)w;
	(void)e;
	return !strcmp(name, network);
}

bool attach_uses(const struct container *c, const char *name)
{
	return attach_each_current(c, is_network, (void *)name) != 0;
}

int attach_save(const struct container *c, struct err *e)
{
	cleanup_free char *path = record_path(c->id);
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	attachment_emit(&c->net, &sb);
	if (sb.len > NETWORK_RECORD_MAX)
		return err_set(e, 0,
			"container \"%s\": its ports and aliases have more than %d bytes",
			c->spec.name, NETWORK_RECORD_MAX);
	return file_write(AT_FDCWD, path, sb.buf, sb.len, 0600, FILE_VOLATILE, e);
}

int attach_make_link(const struct container *c, const struct endpoint *ep, int netns, struct err *e)
{
	cleanup_free char *alias = instance_container_alias(net_instance(), c->id);
	struct net *n = network_by_name(ep->network);
	struct veth v = {
		.name = ep->link,
		.alias = alias,
		.peer = ep->ifname,
		.netns_fd = netns,
		.addr = ep->addr,
	};

	if (!n)
		return err_set(e, 0, "the network \"%s\" is gone", ep->network);
	if (bridge_up(n, e))
		return -1;
	v.master = n->index;
	v.mtu = n->mtu;
	v.prefix = n->config->subnet.prefix;
	v.gateway = ep == attach_main_endpoint(c) ? n->config->gateway : 0;
	memcpy(v.mac, ep->mac, MAC_LEN);
	return veth_create(net_socket(), &v, e);
}

void attach_names_changed(const struct container *c)
{
	for (size_t i = 0; i < c->net.n_endpoints; i++) {
		struct net *n = network_by_name(c->net.endpoints[i].network);

		if (n && ENABLE_FEATURE_DNS)
			dns_changed(n);
	}
}

static void tell(const struct container *c, const char *action)
{
	for (size_t i = 0; i < c->net.n_endpoints; i++) {
		const struct net *n = network_by_name(c->net.endpoints[i].network);

		if (n)
			event_network(n->config, action, c->id);
	}
}

static int bridges_up(struct container *c, struct err *e)
{
	cleanup_free char *path = netns_path(c->id);
	cleanup_close int netns = -1;

	if (attach_plan(c, e) || attach_save(c, e))
		return -1;
	netns = netns_create(path, e);
	if (netns < 0)
		return -1;
	for (size_t i = 0; i < c->net.n_endpoints; i++)
		if (attach_make_link(c, &c->net.endpoints[i], netns, e))
			return -1;
	/* Before the attempt: what fails half-way is undone, too. */
	c->published = true;
	if (filter_publish(c, e))
		return -1;
	attach_names_changed(c);
	if (ENABLE_FEATURE_DNS)
		dns_flush();
	tell(c, "connect");
	return 0;
}

static int peer_up(const struct container *c, struct err *e)
{
	const struct container *peer = attach_peer(&c->spec, e);
	cleanup_free char *path = netns_path(c->id);
	int fd;

	if (!peer)
		return -1;
	/* The process is our child, or held by its pidfd: nobody else gets its number meanwhile. */
	fd = netns_share(path, peer->init.pid, e);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

int attach_up(struct container *c, struct err *e)
{
	switch (spec_network_mode(&c->spec)) {
	case NETWORK_BRIDGE:
		return bridges_up(c, e);
	case NETWORK_CONTAINER:
		return peer_up(c, e);
	default:
		return 0;
	}
}

static int read_record(const char *id, struct attachment *a, struct err *e)
{
	cleanup_free char *path = record_path(id);
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	return file_read(AT_FDCWD, path, NETWORK_RECORD_MAX, &sb, e) ||
			attachment_parse(a, sb_str(&sb), e)
		? -1
		: 0;
}

static void delete_links(const struct attachment *a)
{
	struct nl nl;
	struct err e;

	if (nl_open(&nl, NETLINK_ROUTE, &e))
		return;
	for (size_t i = 0; i < a->n_endpoints; i++) {
		struct link link;

		if (link_find(&nl, a->endpoints[i].link, &link, &e) == 1 &&
			link_delete(&nl, link.index, &e))
			log_msg("%s", e.text);
	}
	nl_close(&nl);
}

void attach_cut(const struct container *c)
{
	delete_links(&c->net);
}

void attach_clear(const char *id)
{
	struct attachment a = { 0 };
	struct err ignored;

	if (read_record(id, &a, &ignored) == 0) {
		delete_links(&a);
		for (size_t i = 0; i < a.n_endpoints; i++)
			quarantine_add(a.endpoints[i].addr);
	}
	attachment_free(&a);
}

bool attach_is_shared(const struct container *c)
{
	struct container *other;

	list_for_each (other, &containers, node)
		if (other->init.pid && spec_network_mode(&other->spec) == NETWORK_CONTAINER &&
			!strcmp(spec_peer(&other->spec), c->id))
			return true;
	return false;
}

int attach_down(const char *id, struct err *e)
{
	cleanup_free char *netns = netns_path(id), *path = record_path(id);

	if (netns_remove(netns, e))
		return -1;
	unlink(path);
	return 0;
}

void attach_ended(struct container *c)
{
	if (c->published) {
		filter_unpublish(c);
		tell(c, "disconnect");
	}
	c->published = false;
	attach_names_changed(c);
	if (ENABLE_FEATURE_DNS)
		dns_flush();
}

void attach_forget(struct container *c)
{
	for (size_t i = 0; i < c->net.n_endpoints; i++)
		quarantine_add(c->net.endpoints[i].addr);
	attachment_free(&c->net);
}

/* What was begun and not done when the last daemon ended: links come up last, and go first. */
static void drop_unfinished(struct container *c)
{
	for (size_t i = c->net.n_endpoints; i--;) {
		const struct endpoint *ep = &c->net.endpoints[i];
		struct link link;
		struct err e;
		int there = link_find(net_socket(), ep->link, &link, &e);

		if (there < 0 || (there && link.up))
			continue;
		if (there && link_delete(net_socket(), link.index, &e))
			log_msg("%s", e.text);
		attach_drop_ports(c, ep->addr);
		attachment_drop_endpoint(&c->net, i);
	}
}

int attach_adopt(struct container *c, struct err *e)
{
	if (spec_network_mode(&c->spec) != NETWORK_BRIDGE)
		return 0;
	if (read_record(c->id, &c->net, e)) {
		attachment_free(&c->net);
		return err_prefix(e, "container \"%s\": its addresses are not known", c->spec.name);
	}
	drop_unfinished(c);
	c->published = true;
	return attach_save(c, e);
}

void attach_drop_ports(struct container *c, uint32_t addr)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->net.n_ports; i++)
		if (c->net.ports[i].to_addr != addr)
			c->net.ports[kept++] = c->net.ports[i];
	c->net.n_ports = kept;
}
