/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `rename`. */
//kbuild:obj-y += container_rename.o
//verb:rename verb_rename Give a container another name
//usage:CONTAINER NAME
#include <string.h>

#include "attach.h"
#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "container.h"
#include "dns.h"
#include "event.h"
#include "record.h"

static int rename_to(struct container *c, char **name, struct err *e)
{
	char *old = c->spec.name;

	if (!strcmp(old, *name))
		return err_set(e, 0, "container \"%s\" has this name already", old);
	if (container_name_is_free(*name, e))
		return -1;
	if (c->state == ST_REMOVING)
		return err_set(e, 0, "container \"%s\" is %s: it cannot be renamed now", old,
			state_name(c->state));
	c->spec.name = *name;
	if (record_update(c->id, &c->spec, e)) {
		c->spec.name = old;
		return -1;
	}
	*name = NULL;
	if (ENABLE_FEATURE_NETWORK)
		attach_names_changed(c);
	if (ENABLE_FEATURE_DNS)
		dns_flush();
	event_container(c, "rename", "oldName", old);
	free(old);
	return 0;
}

int verb_rename(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL, *name = NULL;
	struct container *c;
	int rc = opt_parse(NULL, 0, cl->argv + 1, 0, NULL, cl, &rest, e);

	if (rc)
		return rc;
	if (!rest[0] || !rest[1] || rest[2])
		return err_set(e, 0, "a container and its new name are required; see 'tcr rename --help'");
	c = container_find(rest[0], e);
	name = c ? check_name(rest[1], NULL, e) : NULL;
	return name ? rename_to(c, &name, e) : -1;
}
