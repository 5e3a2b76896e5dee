/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs `network connect` and `network disconnect`. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += network_connect.o
//verb:network-connect verb_network_connect Join a container to a network
//usage:[OPTIONS] NETWORK CONTAINER
//usage:
//usage:      --alias NAME         One more name on this network
//usage:      --ip ADDRESS         Address on this network
//verb:network-disconnect verb_network_disconnect Take a container out of a network
//usage:[OPTIONS] NETWORK CONTAINER
//usage:
//usage:  -f, --force              Accepted for docker's sake: it is never needed
#include "attach.h"
#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "container.h"
#include "network.h"
#include "rpc.h"

struct options {
	char *ip;
	char **aliases;
	bool force;
};

static const struct opt table[] = {
	{ "alias", 0, OPT_LIST, false, offsetof(struct options, aliases), check_alias },
	{ "ip", 0, OPT_STRING, false, offsetof(struct options, ip), check_ip },
};

static const struct opt disconnect_table[] = {
	{ "force", 'f', OPT_BOOL, false, offsetof(struct options, force), NULL },
};

/* The two arguments. */
static int find_both(struct client *cl, char *const *rest, struct net **n, struct container **c, struct err *e)
{
	if (!rest[0] || !rest[1] || rest[2])
		return err_set(e, 0, "a network and a container are required; see 'tcr %s --help'",
			cl->argv[0]);
	*n = network_find(rest[0], e);
	*c = *n ? container_find(rest[1], e) : NULL;
	return *c ? 0 : -1;
}

int verb_network_connect(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	struct options o = { 0 };
	struct attach_wish w = { 0 };
	struct container *c;
	struct net *n;
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &rest, e);

	if (!rc && !(rc = find_both(cl, rest, &n, &c, e))) {
		w.aliases = o.aliases;
		if (o.ip)
			addr_parse(o.ip, &w.addr);
		rc = attach_join_net(c, n, &w, e);
	}
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}

int verb_network_disconnect(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	struct options o = { 0 };
	struct container *c;
	struct net *n;
	int rc = opt_parse(disconnect_table, ARRAY_SIZE(disconnect_table), cl->argv + 1, 0, &o, cl,
		&rest, e);

	if (!rc)
		rc = find_both(cl, rest, &n, &c, e);
	return rc ? rc : attach_leave_net(c, n, e);
}
