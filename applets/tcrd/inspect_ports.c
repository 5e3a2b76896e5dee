/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `inspect` shows of a container's ports. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += inspect_ports.o
#include <stdio.h>
#include <stdlib.h>

#include "attach.h"
#include "base/mem.h"
#include "container.h"
#include "inspect_container.h"
#include "net/portspec.h"

/* By the port of the container, then in the order that they have. */
static int compare(const void *a, const void *b)
{
	const struct published *x = a, *y = b;

	if (x->to_port != y->to_port)
		return x->to_port < y->to_port ? -1 : 1;
	return (x->proto > y->proto) - (x->proto < y->proto);
}

static void add_one(struct json *j, const struct published *p, bool live)
{
	char addr[ADDR_SIZE], port[8] = "";

	if (p->port)
		snprintf(port, sizeof(port), "%u", p->port);
	json_object(j, NULL);
	json_string(j, "HostIp", p->ip || live ? addr_format(p->ip, addr) : "");
	json_string(j, "HostPort", port);
	json_end(j);
}

static void add_all(struct json *j, const char *key, struct attachment *a, enum inspect_ports which)
{
	if (a->n_ports)
		qsort(a->ports, a->n_ports, sizeof(*a->ports), compare);
	json_object(j, key);
	for (size_t i = 0; i < a->n_ports;) {
		const struct published *first = &a->ports[i];
		char name[16];

		snprintf(name, sizeof(name), "%u/%s", first->to_port, proto_name(first->proto));
		if (which == PORTS_EXPOSED)
			json_object(j, name);
		else if (which == PORTS_LIVE && !first->port)
			json_null(j, name);
		else
			json_array(j, name);
		for (; i < a->n_ports && !compare(first, &a->ports[i]); i++)
			if (which == PORTS_WANTED || a->ports[i].port)
				add_one(j, &a->ports[i], which == PORTS_LIVE);
		if (which != PORTS_LIVE || first->port)
			json_end(j);
	}
	json_end(j);
}

static void add_wanted(const char *text, struct attachment *a)
{
	struct portspec s;
	struct err ignored;

	if (portspec_parse(text, &s, &ignored))
		return;
	for (unsigned i = 0; i < s.count && a->n_ports < ATTACHMENT_PORTS_MAX; i++) {
		struct published *p = attachment_add_port(a);

		p->ip = s.ip;
		p->proto = s.proto;
		p->to_port = s.container + i;
		/* Of a range for a single port any may be taken. */
		p->port = s.host_count == s.count && s.host ? s.host + i : 0;
	}
}

void inspect_ports(
	struct json *j, const char *key, const struct container *c, enum inspect_ports which)
{
	struct attachment a = { 0 };

	if (which == PORTS_LIVE)
		publish_add_live(c, &a);
	else if (which == PORTS_EXPOSED)
		publish_add_exposed(c, &a);
	for (char *const *p = c->spec.publish; which == PORTS_WANTED && p && *p; p++)
		add_wanted(*p, &a);
	add_all(j, key, &a, which);
	attachment_free(&a);
}
