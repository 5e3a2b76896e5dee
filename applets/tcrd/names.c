/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of verbs: several containers, or none. */
//kbuild:obj-y += names.o
#include "base/mem.h"
#include "container.h"
#include "names.h"

int each_name(struct client *cl, char *const *names, void *target, name_fn *fn, struct err *e)
{
	if (!names[0])
		return err_set(e, 0, "at least one container is required; see 'tcr %s --help'",
			cl->argv[0]);
	for (char *const *name = names; *name; name++) {
		struct container *c = container_find(*name, e);

		if (!c || fn(cl, c, *name, target, e))
			client_error(cl, e);
	}
	return 0;
}

int for_names(struct client *cl, const struct opt *table, size_t n, void *target, name_fn *fn,
	struct err *e)
{
	cleanup_free char **names = NULL;
	int rc = opt_parse(table, n, cl->argv + 1, 0, target, cl, &names, e);

	return rc ? rc : each_name(cl, names, target, fn, e);
}

int only_options(struct client *cl, const struct opt *table, size_t n, void *target, struct err *e)
{
	cleanup_free char **rest = NULL;
	int rc = opt_parse(table, n, cl->argv + 1, 0, target, cl, &rest, e);

	if (!rc && rest[0])
		rc = err_set(e, 0, "%s takes no arguments: \"%.60s\"", cl->argv[0], rest[0]);
	return rc;
}
