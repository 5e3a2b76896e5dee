/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `volume create`. */
//kbuild:obj-$(CONFIG_FEATURE_VOLUME) += volume_create.o
//verb:volume-create verb_volume_create Create a volume
//usage:[OPTIONS] [NAME]
//usage:
//usage:  -d, --driver NAME        Only local is known
//usage:      --label NAME=VALUE   Something to remember
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "container.h"
#include "rpc.h"
#include "volume.h"

struct options {
	char **labels;
	char *driver;
};

static char *check_driver(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (!strcmp(value, "local"))
		return xstrdup(value);
	err_set(e, 0, "--driver \"%.60s\" is not known; there is local", value);
	return NULL;
}

static const struct opt table[] = {
	{ "driver", 'd', OPT_STRING, false, offsetof(struct options, driver), check_driver },
	{ "label", 0, OPT_LIST, false, offsetof(struct options, labels), check_label },
};

static int create(struct client *cl, struct options *o, char *const *names, struct err *e)
{
	cleanup_free char *name = NULL;
	char id[ID_LEN + 1];

	if (names[0] && names[1])
		return err_set(e, 0, "one name is enough; see 'tcr volume create --help'");
	if (!names[0]) {
		if (random_id(id, e))
			return -1;
		strv_append(&o->labels, VOLUME_ANONYMOUS "=");
	}
	name = check_volume_name(names[0] ? names[0] : id, "name", e);
	if (!name || volume_create(name, o->labels, e))
		return -1;
	client_printf(cl, "%s\n", name);
	return 0;
}

int verb_volume_create(struct client *cl, struct err *e)
{
	cleanup_free char **names = NULL;
	struct options o = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &names, e);

	if (!rc)
		rc = create(cl, &o, names, e);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
