/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tcr-net ls`. */
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "json/json.h"
#include "state.h"
#include "tcr_net.h"

/* Containers with an end on this network. */
static unsigned count_attached(const struct state *s, const char *network)
{
	const struct attached *a;
	unsigned n = 0;

	list_for_each (a, &s->attached, node)
		for (size_t i = 0; i < a->attachment.n_endpoints; i++)
			n += !strcmp(a->attachment.endpoints[i].network, network);
	return n;
}

static int add_network(struct state *s, const struct network *n, struct strbuf *out, struct err *e)
{
	char bridge[IFNAMSIZ], subnet[SUBNET_SIZE];
	struct link link;
	const char *there = state_bridge(s, n, &link, e);
	struct json j;

	if (!there)
		return -1;
	network_bridge(n, bridge);
	subnet_format(&n->subnet, subnet);
	if (!settings.format) {
		sb_addf(out, "%s\t%s\t%s\t%s\t%u\n", n->name, bridge, there, subnet,
			count_attached(s, n->name));
		return 0;
	}
	json_init(&j, out);
	json_object(&j, NULL);
	json_string(&j, "Name", n->name);
	json_string(&j, "Bridge", bridge);
	json_string(&j, "State", there);
	json_string(&j, "Subnet", subnet);
	json_bool(&j, "Internal", n->internal);
	json_uint(&j, "Containers", count_attached(s, n->name));
	json_end(&j);
	sb_addc(out, '\n');
	return 0;
}

int net_ls(char **names, struct err *e)
{
	cleanup_sb struct strbuf rows = STRBUF_INIT, out = STRBUF_INIT;
	const struct network *n;
	static struct state s;

	(void)names;
	if (state_load(&s, e))
		return -1;
	if (!settings.quiet && !settings.format)
		sb_adds(&rows, "NAME\tBRIDGE\tSTATE\tSUBNET\tCONTAINERS\n");
	list_for_each (n, &s.networks, node)
		if (settings.quiet)
			sb_addf(&rows, "%s\n", n->name);
		else if (add_network(&s, n, &rows, e))
			return -1;
	if (!settings.format)
		table_format(&out, sb_str(&rows));
	fputs(sb_str(settings.format ? &rows : &out), stdout);
	return s.damaged ? EXIT_ENGINE : 0;
}
