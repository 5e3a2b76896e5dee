/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `network ls`. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += network_ls.o
//verb:network-ls verb_network_ls List networks
//usage:[OPTIONS]
//usage:
//usage:  -f, --filter KEY=VALUE   driver, label=NAME[=VALUE] or name
//usage:      --format json        One JSON object a line
//usage:      --no-trunc           Do not shorten ids
//usage:  -q, --quiet              Only ids
#include <string.h>

#include "base/mem.h"
#include "container.h"
#include "image_record.h"
#include "json/json.h"
#include "labels.h"
#include "listing.h"
#include "match.h"
#include "network.h"

static bool match_driver(const void *object, const char *value)
{
	(void)object;
	return !strcmp(value, "bridge");
}

static bool match_label(const void *object, const char *value)
{
	return labels_match(((const struct network *)object)->labels, value);
}

static bool match_own_name(const void *object, const char *value)
{
	return match_name(((const struct network *)object)->name, value);
}

static const struct match_key keys[] = {
	{ "driver", false, match_driver, NULL, NULL },
	{ "label", true, match_label, NULL, NULL },
	{ "name", false, match_own_name, NULL, match_check_name },
};

/* Docker's field names. */
static void add_object(const struct network *n, const char *id, struct strbuf *sb)
{
	cleanup_free char *created = format_created(n->created);
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
		&l, cl, LISTING_FILTER, "NETWORK ID\tNAME\tDRIVER\tSCOPE\tSUBNET\n",
		"CreatedAt Driver ID IPv6 Internal Labels Name Scope", keys, ARRAY_SIZE(keys), e);
	struct net *n;

	list_for_each (n, &networks, node) {
		cleanup_free char *id = xstrndup(n->config->id, l.no_trunc ? ID_LEN : SHORT_ID_LEN);
		struct strbuf object = STRBUF_INIT;
		char subnet[SUBNET_SIZE];

		if (rc)
			break;
		if (!match_all(l.filters, keys, ARRAY_SIZE(keys), n->config))
			continue;
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
