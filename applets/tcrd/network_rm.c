/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs `network rm` and `network prune`. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += network_rm.o
//verb:network-rm verb_network_rm Remove networks
//usage:[OPTIONS] NETWORK...
//usage:
//usage:  -f, --force              No error if there is no such network
//verb:network-prune verb_network_prune Remove the networks that no container uses, but tcr_default
//usage:[OPTIONS]
//usage:
//usage-FEATURE_PRUNE:      --filter KEY=VALUE   until=TIME, label=NAME[=VALUE], label!=NAME[=VALUE]
//usage:  -f, --force              Do not ask
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "match.h"
#include "names.h"
#include "network.h"
#include "prune.h"

struct options {
	bool force;
};

static const struct opt table[] = {
	{ "force", 'f', OPT_BOOL, false, offsetof(struct options, force), NULL },
};

static int remove_one(struct client *cl, const char *ref, struct err *e)
{
	struct net *n = network_find(ref, e);
	const struct container *user = n ? network_user(n) : NULL;

	if (!n)
		return -1;
	if (user)
		return err_set(e, 0,
			"the network \"%s\" is in use by container \"%s\"%s: remove or disconnect that first",
			n->config->name, user->spec.name,
			state_is_up(user->state) ? "" : ", which does not run");
	if (network_remove(n, e))
		return -1;
	client_printf(cl, "%s\n", ref);
	return 0;
}

int verb_network_rm(struct client *cl, struct err *e)
{
	cleanup_free char **refs = NULL;
	struct options o = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &refs, e);

	if (rc)
		return rc;
	if (!refs[0])
		return err_set(
			e, 0, "at least one network is required; see 'tcr network rm --help'");
	for (char **ref = refs; *ref; ref++)
		if (remove_one(cl, *ref, e) && !(o.force && match_prefix(e->text, "no such")))
			client_error(cl, e);
	return 0;
}

int verb_network_prune(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	struct net *n;
	bool any = false;
	int rc;

	if (ENABLE_FEATURE_PRUNE)
		return prune_verb(cl, PRUNE_NETWORKS, e);
	rc = only_options(cl, table, ARRAY_SIZE(table), &o, e);
	if (rc)
		return rc;
	list_for_each (n, &networks, node) {
		cleanup_free char *name = xstrdup(n->config->name);

		if (network_user(n) || !strcmp(name, DEFAULT_NETWORK))
			continue;
		if (!any)
			client_printf(cl, "Deleted Networks:\n");
		any = true;
		if (remove_one(cl, name, e))
			client_error(cl, e);
	}
	return 0;
}
