/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `start`. */
//kbuild:obj-y += container_start.o
//verb:start verb_start Start containers that do not run
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:  -a, --attach             Stay connected, and end with the container's exit code
//usage:  -i, --interactive        The same
#include "base/mem.h"
#include "container.h"
#include "names.h"
#include "run.h"

struct options {
	bool attach, interactive;
};

static const struct opt table[] = {
	{ "attach", 'a', OPT_BOOL, false, offsetof(struct options, attach), NULL },
	{ "interactive", 'i', OPT_BOOL, false, offsetof(struct options, interactive), NULL },
};

static int start_in_front(struct client *cl, struct container *c, struct err *e)
{
	if (cl->stream)
		return err_set(e, 0, "--attach is possible with one container only");
	if (c->state != ST_CREATED && c->state != ST_EXITED && c->state != ST_WAITING)
		return err_set(e, 0, "container \"%s\" is running already", c->spec.name);
	if (run_check_terminal(cl, &c->spec, e))
		return -1;
	run_in_front(c, cl);
	return container_event(c, EV_START, e);
}

static int start_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	const struct options *o = target;

	if (o->attach || o->interactive)
		return start_in_front(cl, c, e);
	if (c->state == ST_PAUSED)
		return err_set(e, 0, "container \"%s\" is paused: use `tcr unpause`", c->spec.name);
	container_wait(c, WAIT_STARTED, cl, name);
	if (container_event(c, EV_START, e))
		container_notify(c, WAIT_STARTED, e);
	return 0;
}

int verb_start(struct client *cl, struct err *e)
{
	struct options o = { 0 };

	return for_names(cl, table, ARRAY_SIZE(table), &o, start_one, e);
}
