/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `network ls`. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += network_ls.o
//verb:network-ls verb_network_ls List networks
//usage:[OPTIONS]
//usage:
//usage:      --format json        One JSON object a line
//usage:      --no-trunc           Do not shorten ids
//usage:  -q, --quiet              Only ids
#include "base/mem.h"
#include "base/opt.h"
#include "base/table.h"
#include "container.h"
#include "format.h"
#include "image_record.h"
#include "json/json.h"
#include "names.h"
#include "network.h"

struct options {
	bool quiet, no_trunc;
	char *format;
};

static const struct opt table[] = {
	{ "format", 0, OPT_STRING, false, offsetof(struct options, format), check_format },
	{ "no-trunc", 0, OPT_BOOL, false, offsetof(struct options, no_trunc), NULL },
	{ "quiet", 'q', OPT_BOOL, false, offsetof(struct options, quiet), NULL },
};

/* Docker's field names. */
static void add_object(const struct network *n, const char *id, struct strbuf *sb)
{
	cleanup_free char *created = format_rfc3339(n->created);
	cleanup_sb struct strbuf labels = STRBUF_INIT;
	struct json j;

	for (char **l = n->labels; l && *l; l++)
		sb_addf(&labels, "%s%s", labels.len ? "," : "", *l);
	json_init(&j, sb);
	json_object(&j, NULL);
	json_string(&j, "CreatedAt", created);
	json_string(&j, "Driver", "bridge");
	json_string(&j, "ID", id);
	json_string(&j, "IPv6", "false");
	json_string(&j, "Internal", n->internal ? "true" : "false");
	json_string(&j, "Labels", sb_str(&labels));
	json_string(&j, "Name", n->name);
	json_string(&j, "Scope", "local");
	json_end(&j);
	sb_addc(sb, '\n');
}

int verb_network_ls(struct client *cl, struct err *e)
{
	cleanup_sb struct strbuf rows = STRBUF_INIT, out = STRBUF_INIT;
	struct options o = { 0 };
	int rc = only_options(cl, table, ARRAY_SIZE(table), &o, e);
	struct net *n;

	if (!rc && !o.quiet && !o.format)
		sb_adds(&rows, "NETWORK ID\tNAME\tDRIVER\tSCOPE\tSUBNET\n");
	list_for_each (n, &networks, node) {
		cleanup_free char *id = xstrndup(n->config->id, o.no_trunc ? ID_LEN : SHORT_ID_LEN);
		char subnet[SUBNET_SIZE];

		if (o.format)
			add_object(n->config, id, &out);
		else if (o.quiet)
			sb_addf(&out, "%s\n", id);
		else
			sb_addf(&rows, "%s\t%s\tbridge\tlocal\t%s\n", id, n->config->name,
				subnet_format(&n->config->subnet, subnet));
	}
	table_format(&out, sb_str(&rows));
	if (!rc)
		client_print(cl, out.buf, out.len);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
