/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the networking of a container is to be: its networks, addresses and ports. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += attach_plan.o
#include <stdio.h>
#include <string.h>

#include "attach.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "image.h"
#include "net/link.h"
#include "network.h"
#include "quarantine.h"

static bool asks_for(const struct spec *s, uint32_t addr, const uint8_t *mac)
{
	char text[MAC_SIZE];
	uint32_t ip;

	if (mac)
		return s->mac_address && !strcmp(s->mac_address, mac_format(mac, text));
	return s->ip && addr_parse(s->ip, &ip) == 0 && ip == addr;
}

/* Who has the address, or if there is one the hardware address: a container that runs, or, unless
 * a user ASKED_FOR it, one that is to have it when it starts. */
static const struct container *holder(
	const struct net *n, uint32_t addr, const uint8_t *mac, bool asked_for)
{
	struct container *c;

	list_for_each (c, &containers, node) {
		const struct endpoint *ep = attach_endpoint(c, n->config->name);

		if (ep && (mac ? !memcmp(ep->mac, mac, MAC_LEN) : ep->addr == addr))
			return c;
		if (!asked_for && asks_for(&c->spec, addr, mac) &&
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

int attach_check_address(const struct net *n, uint32_t addr, struct err *e)
{
	const struct container *other = holder(n, addr, NULL, true);
	char text[ADDR_SIZE], subnet[SUBNET_SIZE];

	addr_format(addr, text);
	if (!is_host_address(n->config, addr))
		return err_set(e, 0,
			"the address %s is none that a container can have in the network \"%s\" (%s): another subnet, or the host's, or the first or last",
			text, n->config->name, subnet_format(&n->config->subnet, subnet));
	if (other)
		return err_set(e, 0, "the address %s is taken by container \"%s\"", text,
			other->spec.name);
	return 0;
}

/* A bridge sends frames for an address to one port only: with a second one of the same address the
 * first would be cut off, or with the bridge's own all of them. */
static int check_mac(const struct net *n, const uint8_t mac[MAC_LEN], struct err *e)
{
	const struct container *other = holder(n, 0, mac, true);
	uint8_t host[MAC_LEN];
	char text[MAC_SIZE];

	mac_of_addr(n->config->gateway, host);
	if (!other && memcmp(mac, host, MAC_LEN))
		return 0;
	return err_set(e, 0, "the hardware address %s is taken by %s \"%s\"",
		mac_format(mac, text), other ? "container" : "the host on the network",
		other ? other->spec.name : n->config->name);
}

/* By the address; a user may have given that to another container. */
static void choose_mac(const struct net *n, uint32_t addr, uint8_t mac[MAC_LEN])
{
	mac_of_addr(addr, mac);
	for (int i = 0; i < 256 && holder(n, 0, mac, false); i++)
		mac[1]++;
}

/* Begins behind the last choice: what the world knows of an address is not soon another one's. */
static bool find_address(struct net *n, uint32_t *addr)
{
	const struct subnet *s = &n->config->subnet;
	uint32_t size = subnet_last(s) - s->base, first = n->last_addr ? n->last_addr - s->base : 0;

	for (uint32_t i = 1; i <= size; i++) {
		*addr = s->base + (first + i) % size;
		if (!is_host_address(n->config, *addr) || holder(n, *addr, NULL, false) ||
			quarantine_has(*addr))
			continue;
		n->last_addr = *addr;
		return true;
	}
	return false;
}

static int choose_address(struct net *n, uint32_t *addr, struct err *e)
{
	char text[SUBNET_SIZE];

	if (find_address(n, addr))
		return 0;
	quarantine_end();
	if (find_address(n, addr))
		return 0;
	return err_set(e, 0,
		"the network \"%s\" (%s) has no address left: remove containers, or use another network",
		n->config->name, subnet_format(&n->config->subnet, text));
}

struct container *attach_peer(const struct spec *spec, struct err *e)
{
	struct container *peer = container_find(spec_peer(spec), e);

	if (peer && peer->init.pid)
		return peer;
	if (peer)
		err_set(e, 0, "container \"%s\" does not run", peer->spec.name);
	err_prefix(e, "--network container:%.70s", spec_peer(spec));
	return NULL;
}

/* A name may change owner, an id does not. */
static int name_peer_by_id(struct spec *spec, struct err *e)
{
	const struct container *peer = attach_peer(spec, e);

	if (!peer)
		return -1;
	free(spec->networks[0]);
	spec->networks[0] = xasprintf("container:%s", peer->id);
	return 0;
}

/* The id of a network, at least as long as it is shown, stands for its name. */
static void name_networks(struct spec *spec)
{
	struct err ignored;

	for (char **name = spec->networks; name && *name; name++) {
		const struct net *n = strlen(*name) < SHORT_ID_LEN || network_by_name(*name)
			? NULL
			: network_find(*name, &ignored);

		if (!n)
			continue;
		free(*name);
		*name = xstrdup(n->config->name);
	}
}

/* SPEC: of which address and hardware address are to be the network's; or NULL. */
static int check_network(const char *name, const struct spec *spec, struct err *e)
{
	const char *ip = spec ? spec->ip : NULL;
	const struct net *n = network_by_name(name);
	uint8_t mac[MAC_LEN];
	uint32_t addr;

	if (network_name_is_reserved(name))
		return err_set(e, 0, "--network %s: the name is reserved; take another one", name);
	if (ip && !n)
		return err_set(e, 0,
			"--ip %s: the network \"%s\" is not there yet: create it with a --subnet",
			ip, name);
	if (ip && addr_parse(ip, &addr) == 0 && attach_check_address(n, addr, e))
		return -1;
	/* On a network that is still to be made attach_plan_endpoint() finds the host's. */
	return n && spec && spec->mac_address && mac_parse(spec->mac_address, mac) == 0
		? check_mac(n, mac, e)
		: 0;
}

static int check_bridges(const struct spec *spec, struct err *e)
{
	char *const *names = spec_networks(spec);
	bool outside = false;

	if (strv_len(names) > ENDPOINTS_MAX)
		return err_set(e, 0, "--network: at most %d are possible", ENDPOINTS_MAX);
	for (char *const *name = names; *name; name++) {
		const struct net *n = network_by_name(*name);

		if (check_network(*name, name == names ? spec : NULL, e))
			return -1;
		outside |= !n || !n->config->internal;
	}
	if (!outside && (spec->publish || spec->publish_all))
		return err_set(e, 0,
			"%s: the network \"%s\" is internal, no port of it can be published",
			spec->publish ? "-p" : "-P", names[0]);
	return 0;
}

static char *const *exposed_by_image(const struct spec *spec)
{
	const struct image *i = image_by_id(spec->image_id);

	return i ? i->exposed_ports : NULL;
}

int attach_check(struct spec *spec, struct err *e)
{
	struct attachment a = { 0 };
	int rc;

	if (spec_network_mode(spec) == NETWORK_CONTAINER)
		return name_peer_by_id(spec, e);
	if (spec_network_mode(spec) != NETWORK_BRIDGE)
		return 0;
	name_networks(spec);
	rc = check_bridges(spec, e) || publish_plan(spec, exposed_by_image(spec), 0, NULL, &a, e)
		? -1
		: 0;
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

int attach_provide(const struct spec *spec, struct err *e)
{
	if (spec_network_mode(spec) != NETWORK_BRIDGE)
		return 0;
	for (char *const *name = spec_networks(spec); *name; name++)
		if (!get_network(*name, e))
			return -1;
	return 0;
}

static bool link_exists(const char *name)
{
	struct link link;
	struct err ignored;

	return link_find(net_socket(), name, &link, &ignored) == 1;
}

/* The lowest number that no other endpoint has. The link of the run before may be there still: the
 * kernel takes its time with a namespace that nobody needs any more. */
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
	do {
		snprintf(ep->link, sizeof(ep->link), "v%.12s%u", c->id, i);
		i += ENDPOINTS_MAX;
	} while (link_exists(ep->link) && i < 100);
}

int attach_plan_endpoint(
	struct container *c, struct net *n, const struct attach_wish *w, struct err *e)
{
	uint32_t addr = w->addr;
	uint8_t mac[MAC_LEN];
	struct endpoint *ep;

	if (addr ? attach_check_address(n, addr, e) : choose_address(n, &addr, e))
		return -1;
	if (!w->mac || mac_parse(w->mac, mac))
		choose_mac(n, addr, mac);
	else if (check_mac(n, mac, e))
		return -1;
	if (quarantine_has(addr))
		quarantine_end();
	ep = attachment_add_endpoint(&c->net);
	ep->network = xstrdup(n->config->name);
	ep->addr = addr;
	memcpy(ep->mac, mac, MAC_LEN);
	name_links(c, ep);
	for (char *const *a = w->aliases; a && *a; a++)
		strv_append(&ep->aliases, *a);
	return 0;
}

static int plan_endpoint(void *c, const char *name, const struct attach_wish *w, struct err *e)
{
	struct net *n = get_network(name, e);

	return n ? attach_plan_endpoint(c, n, w, e) : -1;
}

const struct endpoint *attach_main_endpoint(const struct container *c)
{
	for (size_t i = 0; i < c->net.n_endpoints; i++) {
		const struct net *n = network_by_name(c->net.endpoints[i].network);

		if (n && !n->config->internal)
			return &c->net.endpoints[i];
	}
	return NULL;
}

int attach_plan_ports(struct container *c, struct err *e)
{
	const struct endpoint *ep = attach_main_endpoint(c);

	if (!ep && !c->spec.left && (c->spec.publish || c->spec.publish_all))
		return err_set(e, 0, "no port of an internal network can be published");
	return ep ? publish_plan(&c->spec, exposed_by_image(&c->spec), ep->addr, c, &c->net, e) : 0;
}

int attach_plan(struct container *c, struct err *e)
{
	return attach_each_network(c, plan_endpoint, c, e) || attach_plan_ports(c, e) ? -1 : 0;
}
