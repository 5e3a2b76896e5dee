/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `start`. */
//kbuild:obj-y += container_start.o
//verb:start verb_start Start containers that do not run
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:  -a, --attach             Show its output, pass signals on, end with its exit code
//usage-FEATURE_ATTACH:      --detach-keys KEYS   What is typed to leave it (ctrl-p,ctrl-q)
//usage:  -i, --interactive        The same, and connect standard input
#include "base/mem.h"
#include "check.h"
#include "container.h"
#include "names.h"
#include "run.h"

struct options {
	bool attach, interactive;
	char *keys;
};

static const struct opt table[] = {
	{ "attach", 'a', OPT_BOOL, false, offsetof(struct options, attach), NULL },
	IF_FEATURE_ATTACH({ "detach-keys", 0, OPT_STRING, false, offsetof(struct options, keys),
				  check_detach_keys }, )
	{ "interactive", 'i', OPT_BOOL, false, offsetof(struct options, interactive), NULL },
};

static int start_in_front(
	struct client *cl, struct container *c, const struct options *o, struct err *e)
{
	bool ended = c->state == ST_CLEANING && !c->front.client;

	if (c->state != ST_CREATED && c->state != ST_EXITED && c->state != ST_WAITING && !ended) {
		if (ENABLE_FEATURE_ATTACH)
			return run_join(cl, c, o->keys, o->interactive, e);
		return err_set(e, 0,
			"container \"%s\" is running already, and this tcrd is built without attach",
			c->spec.name);
	}
	if (o->interactive && run_check_terminal(cl, &c->spec, e))
		return -1;
	free(c->detach_keys);
	c->detach_keys = o->keys ? xstrdup(o->keys) : NULL;
	c->front_types = o->interactive && c->spec.interactive;
	run_in_front(c, cl);
	c->front_is_next = ended;
	if (container_event(c, EV_START, e) == 0)
		return 0;
	client_leave(&c->front);
	return -1;
}

static int start_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	const struct options *o = target;

	if (o->attach || o->interactive)
		return start_in_front(cl, c, o, e);
	if (c->state == ST_PAUSED)
		return err_set(e, 0, "container \"%s\" is paused: use `tcr unpause`", c->spec.name);
	container_wait(c, WAIT_STARTED, cl, name);
	if (container_event(c, EV_START, e))
		container_notify(c, WAIT_STARTED, e);
	return 0;
}

int verb_start(struct client *cl, struct err *e)
{
	cleanup_free char **names = NULL;
	struct options o = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &names, e);

	if (!rc && (o.attach || o.interactive) && names[0] && names[1])
		rc = err_set(e, 0, "--attach is possible with one container only");
	if (!rc)
		rc = each_name(cl, names, &o, start_one, e);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
