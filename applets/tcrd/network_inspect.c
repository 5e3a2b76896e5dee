/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `network inspect`. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += network_inspect.o inspect_verb.o
//verb:network-inspect verb_network_inspect Show what is known of networks, as JSON
//usage:[OPTIONS] NETWORK...
//usage-FEATURE_INSPECT:
//usage-FEATURE_INSPECT:  -f, --format TEXT        json on one line, or text with {{.A.B}} or {{json .A}} in it
#include <string.h>

#include "attach.h"
#include "base/mem.h"
#include "container.h"
#include "image_record.h"
#include "inspect.h"
#include "network.h"
#include "rpc.h"

static void add_ipam(struct json *j, const struct network *n)
{
	char subnet[SUBNET_SIZE], gateway[ADDR_SIZE];

	json_object(j, "IPAM");
	json_string(j, "Driver", "default");
	json_array(j, "Config");
	json_object(j, NULL);
	json_string(j, "Subnet", subnet_format(&n->subnet, subnet));
	json_string(j, "Gateway", addr_format(n->gateway, gateway));
	json_end(j);
	json_end(j);
	json_end(j);
}

static void add_containers(struct json *j, const struct network *n)
{
	struct container *c;

	json_object(j, "Containers");
	list_for_each (c, &containers, node) {
		const struct endpoint *ep = attach_endpoint(c, n->name);
		char addr[ADDR_SIZE], mac[MAC_SIZE];
		cleanup_free char *with_prefix = NULL;

		if (!ep)
			continue;
		with_prefix = xasprintf("%s/%u", addr_format(ep->addr, addr), n->subnet.prefix);
		json_object(j, c->id);
		json_string(j, "Name", c->spec.name);
		json_string(j, "MacAddress", mac_format(ep->mac, mac));
		json_string(j, "IPv4Address", with_prefix);
		json_end(j);
	}
	json_end(j);
}

static void add_options(struct json *j, const struct net *n)
{
	cleanup_free char *mtu = xasprintf("%u", n->config->mtu);
	char bridge[IFNAMSIZ];

	json_object(j, "Options");
	json_string(j, "com.docker.network.bridge.name", network_bridge(n->config, bridge));
	if (n->config->mtu)
		json_string(j, "com.docker.network.driver.mtu", mtu);
	json_end(j);
}

int inspect_network(struct json *j, const char *ref, const struct inspect_options *o, struct err *e)
{
	const struct net *n = network_find(ref, e);
	cleanup_free char *created = n ? format_rfc3339(n->config->created) : NULL;

	(void)o;
	if (!n)
		return 1;
	json_object(j, NULL);
	json_string(j, "Name", n->config->name);
	json_string(j, "Id", n->config->id);
	json_string(j, "Created", created);
	json_string(j, "Scope", "local");
	json_string(j, "Driver", "bridge");
	json_bool(j, "EnableIPv6", false);
	add_ipam(j, n->config);
	json_bool(j, "Internal", n->config->internal);
	add_containers(j, n->config);
	add_options(j, n);
	inspect_labels(j, "Labels", n->config->labels);
	json_end(j);
	return 0;
}

int verb_network_inspect(struct client *cl, struct err *e)
{
	static const struct inspect_kind network = { "network", inspect_network };

	return inspect_verb(cl, &network, 1, 1, e);
}
