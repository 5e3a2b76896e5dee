/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `network create`. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += network_create.o
//verb:network-create verb_network_create Create a network
//usage:[OPTIONS] NAME
//usage:
//usage:  -d, --driver NAME        bridge, the only one
//usage:      --gateway ADDRESS    Of the host on this network (the first of the subnet)
//usage:      --internal           It leads nowhere: no way out, no published ports
//usage:      --label NAME=VALUE   Something to remember
//usage:      --mtu BYTES          Largest packet (that of the uplink)
//usage:      --subnet CIDR        Its addresses (a free /24 of tcrd's --pool)
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "network.h"
#include "rpc.h"

struct options {
	char *driver, *subnet, *gateway, *mtu;
	char **labels;
	bool internal;
};

static char *check_driver(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (!strcmp(value, "bridge"))
		return xstrdup(value);
	err_set(e, 0, "--driver \"%.60s\" is not known; there is bridge", value);
	return NULL;
}

static char *check_subnet(const char *value, void *ctx, struct err *e)
{
	struct subnet s;
	char buf[SUBNET_SIZE];

	(void)ctx;
	if (subnet_parse(value, &s) == 0 && network_subnet_is_usable(&s))
		return xstrdup(subnet_format(&s, buf));
	err_set(e, 0,
		"--subnet \"%.60s\" is not valid: an IPv4 subnet of hosts from /%d to /%d is required, such as 10.1.2.0/24",
		value, NETWORK_PREFIX_MIN, NETWORK_PREFIX_MAX);
	return NULL;
}

static char *check_gateway(const char *value, void *ctx, struct err *e)
{
	uint32_t addr;

	(void)ctx;
	if (addr_parse(value, &addr) == 0 && addr)
		return xstrdup(value);
	err_set(e, 0, "--gateway \"%.60s\" is not valid: an IPv4 address is required", value);
	return NULL;
}

static char *check_mtu(const char *value, void *ctx, struct err *e)
{
	long n;

	(void)ctx;
	if (parse_int(value, NETWORK_MTU_MIN, NETWORK_MTU_MAX, &n) == 0)
		return xstrdup(value);
	err_set(e, 0, "--mtu \"%.60s\" is not valid: bytes from %d to %d are required", value,
		NETWORK_MTU_MIN, NETWORK_MTU_MAX);
	return NULL;
}

static const struct opt table[] = {
	{ "driver", 'd', OPT_STRING, false, offsetof(struct options, driver), check_driver },
	{ "gateway", 0, OPT_STRING, false, offsetof(struct options, gateway), check_gateway },
	{ "internal", 0, OPT_BOOL, false, offsetof(struct options, internal), NULL },
	{ "label", 0, OPT_LIST, false, offsetof(struct options, labels), check_label },
	{ "mtu", 0, OPT_STRING, false, offsetof(struct options, mtu), check_mtu },
	{ "subnet", 0, OPT_STRING, false, offsetof(struct options, subnet), check_subnet },
};

static int create(struct client *cl, const struct options *o, char *const *names, struct err *e)
{
	struct network_wish w = { .internal = o->internal, .labels = o->labels };
	struct net *n;
	long mtu = 0;

	if (!names[0] || names[1])
		return err_set(e, 0, "one name is required; see 'tcr network create --help'");
	if (o->gateway && !o->subnet)
		return err_set(e, 0, "--gateway %s needs a --subnet", o->gateway);
	w.name = names[0];
	if (o->subnet)
		subnet_parse(o->subnet, &w.subnet);
	if (o->gateway)
		addr_parse(o->gateway, &w.gateway);
	if (o->mtu)
		parse_int(o->mtu, NETWORK_MTU_MIN, NETWORK_MTU_MAX, &mtu);
	w.mtu = mtu;
	n = network_create(&w, e);
	if (!n)
		return -1;
	client_printf(cl, "%s\n", n->config->id);
	return 0;
}

int verb_network_create(struct client *cl, struct err *e)
{
	cleanup_free char **names = NULL;
	struct options o = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &names, e);

	if (!rc)
		rc = create(cl, &o, names, e);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
