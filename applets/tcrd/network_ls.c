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
#include "container.h"
#include "image_record.h"
#include "json/json.h"
#include "listing.h"
#include "network.h"

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
}

int verb_network_ls(struct client *cl, struct err *e)
{
	struct listing l;
	int rc = listing_begin(
		&l, cl, LISTING_PLAIN, "NETWORK ID\tNAME\tDRIVER\tSCOPE\tSUBNET\n", NULL, 0, e);
	struct net *n;

	list_for_each (n, &networks, node) {
		cleanup_free char *id = xstrndup(n->config->id, l.no_trunc ? ID_LEN : SHORT_ID_LEN);
		struct strbuf object = STRBUF_INIT;
		char subnet[SUBNET_SIZE];

		if (rc)
			break;
		if (l.format) {
			add_object(n->config, id, &object);
			listing_add(&l, &object, e);
		} else if (l.quiet) {
			sb_addf(&l.out, "%s\n", id);
		} else {
			sb_addf(&l.rows, "%s\t%s\tbridge\tlocal\t%s\n", id, n->config->name,
				subnet_format(&n->config->subnet, subnet));
		}
	}
	return listing_end(&l, cl, rc);
}
