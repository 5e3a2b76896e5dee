/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tcr-net inspect`. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "json/json.h"
#include "net/portspec.h"
#include "state.h"
#include "tcr_net.h"

static void add_labels(struct json *j, char *const *labels)
{
	json_object(j, "Labels");
	for (; labels && *labels; labels++) {
		cleanup_free char *key = xstrndup(*labels, strcspn(*labels, "="));

		json_string(j, key, *labels + strlen(key) + 1);
	}
	json_end(j);
}

static void add_record(struct json *j, const struct network *n)
{
	char subnet[SUBNET_SIZE], gateway[ADDR_SIZE];

	json_string(j, "Name", n->name);
	json_string(j, "Id", n->id);
	json_int(j, "Created", n->created);
	json_string(j, "Subnet", subnet_format(&n->subnet, subnet));
	json_string(j, "Gateway", addr_format(n->gateway, gateway));
	json_uint(j, "MTU", n->mtu);
	json_bool(j, "Internal", n->internal);
	add_labels(j, n->labels);
}

static void add_link(struct json *j, const char *key, const char *name, const char *state,
	const struct link *link)
{
	char mac[MAC_SIZE];

	json_object(j, key);
	json_string(j, "Name", name);
	json_string(j, "State", state);
	if (link->index) {
		json_uint(j, "Index", link->index);
		json_uint(j, "MTU", link->mtu);
		json_string(j, "MacAddress", mac_format(link->mac, mac));
		json_string(j, "Alias", link->alias);
	}
	json_end(j);
}

/* The host's end of the veth pair. */
static int add_veth(struct state *s, struct json *j, const struct endpoint *p, struct err *e)
{
	struct link link;
	int rc = link_find(&s->route, p->link, &link, e);

	if (rc < 0)
		return -1;
	if (!rc)
		link.index = 0;
	add_link(j, "Link", p->link, !rc ? "missing" : link.up ? "up" : "down", &link);
	return 0;
}

/* Ports of the host that lead to this address. */
static void add_ports(struct json *j, const struct attachment *a, uint32_t addr)
{
	json_array(j, "Ports");
	for (size_t i = 0; i < a->n_ports; i++) {
		const struct published *p = &a->ports[i];
		char ip[ADDR_SIZE];

		if (p->to_addr != addr)
			continue;
		json_object(j, NULL);
		json_string(j, "HostIp", addr_format(p->ip, ip));
		json_uint(j, "HostPort", p->port);
		json_uint(j, "ContainerPort", p->to_port);
		json_string(j, "Protocol", proto_name(p->proto));
		json_end(j);
	}
	json_end(j);
}

static int add_endpoint(struct state *s, struct json *j, const struct attached *a,
	const struct endpoint *p, struct err *e)
{
	char addr[ADDR_SIZE], mac[MAC_SIZE];

	json_object(j, NULL);
	json_string(j, "Id", a->id);
	json_bool(j, "Running", a->running);
	json_string(j, "IPAddress", addr_format(p->addr, addr));
	json_string(j, "MacAddress", mac_format(p->mac, mac));
	json_string(j, "Interface", p->ifname);
	json_strv(j, "Aliases", p->aliases);
	if (add_veth(s, j, p, e))
		return -1;
	add_ports(j, &a->attachment, p->addr);
	json_end(j);
	return 0;
}

static int add_containers(struct state *s, struct json *j, const struct network *n, struct err *e)
{
	const struct attached *a;

	json_array(j, "Containers");
	list_for_each (a, &s->attached, node)
		for (size_t i = 0; i < a->attachment.n_endpoints; i++) {
			const struct endpoint *p = &a->attachment.endpoints[i];

			if (!strcmp(p->network, n->name) && add_endpoint(s, j, a, p, e))
				return -1;
		}
	json_end(j);
	return 0;
}

static int add_network(struct state *s, struct json *j, const struct network *n, struct err *e)
{
	char name[IFNAMSIZ];
	struct link link;
	const char *there = state_bridge(s, n, &link, e);

	if (!there)
		return -1;
	json_object(j, NULL);
	add_record(j, n);
	add_link(j, "Bridge", network_bridge(n, name), there, &link);
	if (add_containers(s, j, n, e))
		return -1;
	json_end(j);
	return 0;
}

int net_inspect(char **names, struct err *e)
{
	cleanup_sb struct strbuf out = STRBUF_INIT;
	static struct state s;
	struct json j;
	int missing = 0;

	if (state_load(&s, e))
		return -1;
	json_init(&j, &out);
	json_array(&j, NULL);
	for (; *names; names++) {
		const struct network *n = state_network(&s, *names);

		if (n && add_network(&s, &j, n, e))
			return -1;
		if (n)
			continue;
		err_set(e, 0, "no such network: \"%.70s\"", *names);
		warn(e);
		missing++;
	}
	json_end(&j);
	puts(sb_str(&out));
	return missing || s.damaged ? EXIT_ENGINE : 0;
}
