/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `rm`. */
//kbuild:obj-y += rm.o
//verb:rm verb_rm Remove containers
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:  -f, --force              Kill a running container first
//usage:  -v, --volumes            Accepted for docker's sake: there are no volumes of its own
#include "base/mem.h"
#include "container.h"
#include "names.h"

struct options {
	bool force, volumes;
};

static const struct opt table[] = {
	{ "force", 'f', OPT_BOOL, false, offsetof(struct options, force), NULL },
	{ "volumes", 'v', OPT_BOOL, false, offsetof(struct options, volumes), NULL },
};

static int remove_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	const struct options *o = target;
	const struct waiter *w;
	enum state state = container_shown_state(c);

	if (!o->force && (c->state == ST_STARTING ||
				 (state != ST_CREATED && state != ST_EXITED && state != ST_REMOVING)))
		return err_set(e, 0, "container \"%s\" is %s: stop it first, or remove it with -f",
			c->spec.name, c->state == ST_STARTING ? "starting" : state_name(state));
	/* Named twice: as if the first time had been done by now. */
	list_for_each (w, &cl->waits, order)
		if (w->container == c)
			return err_set(e, 0, "no such container: \"%.70s\"", name);
	/* The wait comes first: the removal may be over at once. */
	container_wait(c, WAIT_REMOVED, cl, name);
	if (container_event(c, EV_REMOVE, e)) {
		c->remove_wanted = false;
		container_notify(c, WAIT_REMOVED, e);
	}
	return 0;
}

int verb_rm(struct client *cl, struct err *e)
{
	struct options o = { 0 };

	return for_names(cl, table, ARRAY_SIZE(table), &o, remove_one, e);
}
