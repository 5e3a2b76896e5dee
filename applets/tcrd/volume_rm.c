/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `volume rm`. */
//kbuild:obj-$(CONFIG_FEATURE_VOLUME) += volume_rm.o
//verb:volume-rm verb_volume_rm Remove volumes
//usage:[OPTIONS] VOLUME...
//usage:
//usage:  -f, --force              No error if there is none; a volume in use stays all the same
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "rpc.h"
#include "volume.h"

struct options {
	bool force;
};

static const struct opt table[] = {
	{ "force", 'f', OPT_BOOL, false, offsetof(struct options, force), NULL },
};

static int remove_one(struct client *cl, const char *name, bool force, struct err *e)
{
	const struct container *user;
	struct volume v;
	int rc = volume_read(name, &v, e);

	volume_free(&v);
	if (rc && force) {
		client_printf(cl, "%s\n", name);
		return 0;
	}
	user = rc ? NULL : volume_user(name);
	if (user)
		return err_set(e, 0,
			"volume \"%s\" is used by container \"%s\"; remove that one first", name,
			user->spec.name);
	if (rc || volume_remove(name, e))
		return -1;
	client_printf(cl, "%s\n", name);
	return 0;
}

int verb_volume_rm(struct client *cl, struct err *e)
{
	cleanup_free char **names = NULL;
	struct options o = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &names, e);

	if (!rc && !names[0])
		rc = err_set(e, 0, "at least one volume is required; see 'tcr volume rm --help'");
	for (char **name = names; !rc && *name; name++)
		if (remove_one(cl, *name, o.force, e))
			client_error(cl, e);
	return rc;
}
