/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `port`. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += port.o
//verb:port verb_port List the published ports of a container
//usage:CONTAINER [PORT[/PROTO]]
#include <netinet/in.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "net/portspec.h"
#include "rpc.h"

static int parse_port(const char *text, struct published *wanted, struct err *e)
{
	size_t len = strcspn(text, "/");
	cleanup_free char *number = xstrndup(text, len);
	long port;

	wanted->proto = text[len] ? proto_by_name(text + len + 1) : IPPROTO_TCP;
	if (!wanted->proto || parse_int(number, 1, 65535, &port))
		return err_set(
			e, 0, "port \"%.60s\" is not valid: PORT or PORT/udp is required", text);
	wanted->to_port = port;
	return 0;
}

static void print_all(struct client *cl, const struct container *c)
{
	char addr[ADDR_SIZE];

	for (size_t i = 0; i < c->net.n_ports; i++) {
		const struct published *p = &c->net.ports[i];

		client_printf(cl, "%u/%s -> %s:%u\n", p->to_port, proto_name(p->proto),
			addr_format(p->ip, addr), p->port);
	}
}

static int print_one(struct client *cl, const struct container *c, const char *text, struct err *e)
{
	struct published wanted = { 0 };
	char addr[ADDR_SIZE];
	bool any = false;

	if (parse_port(text, &wanted, e))
		return -1;
	for (size_t i = 0; i < c->net.n_ports; i++) {
		const struct published *p = &c->net.ports[i];

		if (p->proto != wanted.proto || p->to_port != wanted.to_port)
			continue;
		client_printf(cl, "%s:%u\n", addr_format(p->ip, addr), p->port);
		any = true;
	}
	return any ? 0
		   : err_set(e, 0, "container \"%s\" does not publish port %u/%s", c->spec.name,
			     wanted.to_port, proto_name(wanted.proto));
}

int verb_port(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	const struct container *c;
	int rc = opt_parse(NULL, 0, cl->argv + 1, 0, NULL, cl, &rest, e);

	if (rc)
		return rc;
	if (!rest[0] || (rest[1] && rest[2]))
		return err_set(
			e, 0, "a container and perhaps a port are required; see 'tcr port --help'");
	c = container_find(rest[0], e);
	if (!c)
		return -1;
	if (rest[1])
		return print_one(cl, c, rest[1], e);
	print_all(cl, c);
	return 0;
}
