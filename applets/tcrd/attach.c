/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The networking of a container: its namespace, links and addresses. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += attach.o
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "attach.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "dns.h"
#include "image.h"
#include "image_record.h"
#include "net/instance.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/nl.h"
#include "network.h"
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

bool attach_uses(const struct container *c, const char *name)
{
	if (attach_endpoint(c, name))
		return true;
	if (spec_network_mode(&c->spec) != NETWORK_BRIDGE)
		return false;
	for (char *const *n = spec_networks(&c->spec); *n; n++)
		if (!strcmp(*n, name))
			return true;
	return false;
}

/* Who has the address: a container that runs, or whose --ip it is. */
static const struct container *holder(const struct net *n, uint32_t addr, bool asked_for)
{
	struct container *c;
	uint32_t ip;

	list_for_each (c, &containers, node) {
		const struct endpoint *ep = attach_endpoint(c, n->config->name);

		if (ep && ep->addr == addr)
			return c;
		if (!asked_for && c->spec.ip && addr_parse(c->spec.ip, &ip) == 0 && ip == addr &&
			!strcmp(spec_networks(&c->spec)[0], n->config->name))
			return c;
	}
	return NULL;
}

static bool is_host_address(const struct network *config, uint32_t addr)
{
	return subnet_contains(&config->subnet, addr) && addr != config->subnet.base &&
		addr != subnet_last(&config->subnet) && addr != config->gateway;
}

static int check_address(const struct net *n, uint32_t addr, struct err *e)
{
	const struct container *other = holder(n, addr, true);
	char text[ADDR_SIZE], subnet[SUBNET_SIZE];

	addr_format(addr, text);
	if (!is_host_address(n->config, addr))
		return err_set(e, 0,
			"the address %s is not free for a container in the network \"%s\" (%s)",
			text, n->config->name, subnet_format(&n->config->subnet, subnet));
	if (other)
		return err_set(e, 0, "the address %s is taken by container \"%s\"", text,
			other->spec.name);
	return 0;
}

static int choose_address(const struct net *n, uint32_t *addr, struct err *e)
{
	const struct subnet *s = &n->config->subnet;
	char text[SUBNET_SIZE];

	for (*addr = s->base + 1; *addr < subnet_last(s); ++*addr)
		if (*addr != n->config->gateway && !holder(n, *addr, false))
			return 0;
	return err_set(e, 0,
		"the network \"%s\" (%s) has no address left: remove containers, or use another network",
		n->config->name, subnet_format(s, text));
}

static int check_peer(struct spec *spec, struct err *e)
{
	const struct container *peer = container_find(spec_peer(spec), e);

	if (!peer)
		return err_prefix(e, "--network container");
	if (!peer->init.pid)
		return err_set(e, 0, "--network container:%s: that container does not run",
			peer->spec.name);
	free(spec->networks[0]);
	spec->networks[0] = xasprintf("container:%s", peer->id);
	return 0;
}

static int check_network(const char *name, const char *ip, struct err *e)
{
	const struct net *n = network_by_name(name);
	uint32_t addr;

	if (network_name_is_reserved(name))
		return err_set(e, 0, "--network %s: the name is reserved; take another one", name);
	if (ip && !n)
		return err_set(e, 0,
			"--ip %s: the network \"%s\" is not there yet: create it with a --subnet",
			ip, name);
	return ip && addr_parse(ip, &addr) == 0 ? check_address(n, addr, e) : 0;
}

static int check_bridges(const struct spec *spec, struct err *e)
{
	char *const *names = spec_networks(spec);
	bool outside = false;

	if (strv_len(names) > ENDPOINTS_MAX)
		return err_set(e, 0, "--network: at most %d are possible", ENDPOINTS_MAX);
	for (char *const *name = names; *name; name++) {
		const struct net *n = network_by_name(*name);

		if (check_network(*name, name == names ? spec->ip : NULL, e))
			return -1;
		outside |= !n || !n->config->internal;
	}
	if (!outside && (spec->publish || spec->publish_all))
		return err_set(e, 0,
			"-p: the network \"%s\" is internal, no port of it can be published",
			names[0]);
	return 0;
}

/* "80/tcp" of the image; to be freed in any case. */
static int read_exposed(const struct spec *spec, struct image_facts *facts, struct err *e)
{
	return spec->publish_all ? image_read_all(spec->image_id, facts, e) : 0;
}

int attach_check(struct spec *spec, struct err *e)
{
	struct image_facts facts = { 0 };
	struct attachment a = { 0 };
	int rc;

	if (spec_network_mode(spec) == NETWORK_CONTAINER)
		return check_peer(spec, e);
	if (spec_network_mode(spec) != NETWORK_BRIDGE)
		return 0;
	rc = check_bridges(spec, e) || read_exposed(spec, &facts, e) ||
			publish_plan(spec, facts.exposed_ports, 0, NULL, &a, e)
		? -1
		: 0;
	image_facts_free(&facts);
	attachment_free(&a);
	return rc;
}

/* Finds the network, or makes it. */
static struct net *get_network(const char *name, struct err *e)
{
	const struct network_wish wish = { .name = name };
	struct net *n = network_by_name(name);

	return n ? n : network_create(&wish, e);
}

/* The lowest number that no other endpoint has. */
static void name_links(const struct container *c, struct endpoint *ep)
{
	unsigned i = 0;

	for (size_t k = 0; k < c->net.n_endpoints; k++) {
		snprintf(ep->ifname, sizeof(ep->ifname), "eth%u", i);
		if (&c->net.endpoints[k] != ep && !strcmp(c->net.endpoints[k].ifname, ep->ifname)) {
			i++;
			k = -1;
		}
	}
	snprintf(ep->link, sizeof(ep->link), "v%.12s%u", c->id, i);
}

/* Takes an address for C on the network N: from here on it is nobody else's. */
static int plan_endpoint(struct container *c, const struct net *n, const struct attach_wish *w,
	struct err *e)
{
	uint32_t addr = w->addr;
	struct endpoint *ep;

	if (addr ? check_address(n, addr, e) : choose_address(n, &addr, e))
		return -1;
	ep = attachment_add_endpoint(&c->net);
	ep->network = xstrdup(n->config->name);
	ep->addr = addr;
	mac_of_addr(addr, ep->mac);
	name_links(c, ep);
	for (char *const *a = w->aliases; a && *a; a++)
		strv_append(&ep->aliases, *a);
	return 0;
}

static int plan_endpoints(struct container *c, struct err *e)
{
	const struct spec *s = &c->spec;
	char *const *names = spec_networks(s);

	for (char *const *name = names; *name; name++) {
		struct attach_wish w = { .aliases = s->network_aliases };
		struct net *n = get_network(*name, e);

		if (s->ip && name == names)
			addr_parse(s->ip, &w.addr);
		if (!n || plan_endpoint(c, n, &w, e))
			return -1;
	}
	if (s->mac_address)
		mac_parse(s->mac_address, c->net.endpoints[0].mac);
	return 0;
}

/* The first network that leads outside; NULL if none does. */
static const struct endpoint *main_endpoint(const struct container *c)
{
	for (size_t i = 0; i < c->net.n_endpoints; i++) {
		const struct net *n = network_by_name(c->net.endpoints[i].network);

		if (n && !n->config->internal)
			return &c->net.endpoints[i];
	}
	return NULL;
}

static int plan_ports(struct container *c, struct err *e)
{
	const struct endpoint *ep = main_endpoint(c);
	struct image_facts facts = { 0 };
	int rc = -1;

	if (!ep && (c->spec.publish || c->spec.publish_all))
		return err_set(e, 0, "-p: no port of an internal network can be published");
	if (ep && read_exposed(&c->spec, &facts, e) == 0)
		rc = publish_plan(&c->spec, facts.exposed_ports, ep->addr, c, &c->net, e);
	image_facts_free(&facts);
	return ep ? rc : 0;
}

static int save(const struct container *c, struct err *e)
{
	cleanup_free char *path = record_path(c->id);
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	attachment_emit(&c->net, &sb);
	return file_write(AT_FDCWD, path, sb.buf, sb.len, 0600, FILE_VOLATILE, e);
}

static int make_link(const struct container *c, const struct endpoint *ep, int netns, struct err *e)
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
	v.gateway = ep == main_endpoint(c) ? n->config->gateway : 0;
	memcpy(v.mac, ep->mac, MAC_LEN);
	return veth_create(net_socket(), &v, e);
}

static void names_changed(const struct container *c)
{
	if (!ENABLE_FEATURE_DNS)
		return;
	for (size_t i = 0; i < c->net.n_endpoints; i++) {
		struct net *n = network_by_name(c->net.endpoints[i].network);

		if (n)
			dns_changed(n);
	}
	dns_flush();
}

static int bridges_up(struct container *c, struct err *e)
{
	cleanup_free char *path = netns_path(c->id);
	cleanup_close int netns = -1;

	if (plan_endpoints(c, e) || plan_ports(c, e) || save(c, e))
		return -1;
	netns = netns_create(path, e);
	if (netns < 0)
		return -1;
	for (size_t i = 0; i < c->net.n_endpoints; i++)
		if (make_link(c, &c->net.endpoints[i], netns, e))
			return -1;
	/* Before the attempt: what fails half-way is undone, too. */
	c->published = true;
	if (filter_publish(c, e))
		return -1;
	names_changed(c);
	return 0;
}

static int peer_up(const struct container *c, struct err *e)
{
	const struct container *peer = container_find(spec_peer(&c->spec), e);
	cleanup_free char *path = netns_path(c->id);
	int fd;

	if (!peer)
		return err_prefix(e, "--network container");
	if (!peer->init.pid)
		return err_set(e, 0, "--network container:%s: that container does not run",
			peer->spec.name);
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

int attach_down(const char *id, struct err *e)
{
	cleanup_free char *netns = netns_path(id), *record = record_path(id);

	if (netns_remove(netns, e))
		return -1;
	unlink(record);
	return 0;
}

void attach_ended(struct container *c)
{
	if (c->published)
		filter_unpublish(c);
	c->published = false;
	names_changed(c);
}

void attach_forget(struct container *c)
{
	attachment_free(&c->net);
}

/* What was begun and not done when the last daemon ended is not there. */
static void drop_missing(struct container *c)
{
	for (size_t i = c->net.n_endpoints; i--;) {
		struct link link;
		struct err e;

		if (link_find(net_socket(), c->net.endpoints[i].link, &link, &e) == 0)
			attachment_drop_endpoint(&c->net, i);
	}
}

int attach_adopt(struct container *c, struct err *e)
{
	cleanup_free char *path = record_path(c->id);
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	if (spec_network_mode(&c->spec) != NETWORK_BRIDGE)
		return 0;
	if (file_read(AT_FDCWD, path, NETWORK_RECORD_MAX, &sb, e) ||
		attachment_parse(&c->net, sb_str(&sb), e)) {
		attachment_free(&c->net);
		return err_prefix(e, "container \"%s\": its addresses are not known",
			c->spec.name);
	}
	drop_missing(c);
	c->published = true;
	return 0;
}

static int check_live(const struct container *c, struct err *e)
{
	if (spec_network_mode(&c->spec) != NETWORK_BRIDGE)
		return err_set(e, 0,
			"container \"%s\" has --network %s, which goes with no other network",
			c->spec.name, c->spec.networks ? c->spec.networks[0] : "none");
	if (c->state != ST_RUNNING)
		return err_set(e, 0, "container \"%s\" does not run: start it first", c->spec.name);
	return 0;
}

static void drop(struct container *c, struct endpoint *ep)
{
	struct err e;

	attachment_drop_endpoint(&c->net, ep - c->net.endpoints);
	if (save(c, &e))
		log_msg("%s", e.text);
}

int attach_connect(struct container *c, struct net *n, const struct attach_wish *w, struct err *e)
{
	cleanup_free char *path = netns_path(c->id);
	cleanup_close int netns = -1;

	if (check_live(c, e))
		return -1;
	if (attach_endpoint(c, n->config->name))
		return err_set(e, 0, "container \"%s\" is on the network \"%s\" already",
			c->spec.name, n->config->name);
	if (c->net.n_endpoints >= ENDPOINTS_MAX)
		return err_set(e, 0, "container \"%s\" is on %d networks already", c->spec.name,
			ENDPOINTS_MAX);
	netns = netns_open(path, e);
	if (netns < 0 || plan_endpoint(c, n, w, e))
		return -1;
	if (save(c, e) || make_link(c, &c->net.endpoints[c->net.n_endpoints - 1], netns, e)) {
		drop(c, &c->net.endpoints[c->net.n_endpoints - 1]);
		return -1;
	}
	names_changed(c);
	return 0;
}

/* Ports lead to an address, and end with it. */
static void drop_ports(struct container *c, uint32_t addr)
{
	size_t kept = 0;

	filter_unpublish(c);
	for (size_t i = 0; i < c->net.n_ports; i++)
		if (c->net.ports[i].to_addr != addr)
			c->net.ports[kept++] = c->net.ports[i];
	c->net.n_ports = kept;
}

int attach_disconnect(struct container *c, struct net *n, struct err *e)
{
	struct endpoint *ep = attach_endpoint(c, n->config->name);
	struct link link;
	int there;

	if (check_live(c, e))
		return -1;
	if (!ep)
		return err_set(e, 0, "container \"%s\" is not on the network \"%s\"", c->spec.name,
			n->config->name);
	there = link_find(net_socket(), ep->link, &link, e);
	if (there < 0 || (there && link_delete(net_socket(), link.index, e)))
		return -1;
	names_changed(c);
	drop_ports(c, ep->addr);
	drop(c, ep);
	if (filter_publish(c, e))
		return -1;
	if (ENABLE_FEATURE_DNS) {
		dns_changed(n);
		dns_flush();
	}
	return 0;
}
