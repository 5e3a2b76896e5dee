/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `update`. */
//kbuild:obj-y += container_update.o
//verb:update verb_update Change how containers are run
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:      --restart POLICY     no, on-failure[:N], unless-stopped or always
#include "base/mem.h"
#include "check.h"
#include "container.h"
#include "event.h"
#include "names.h"
#include "record.h"

struct options {
	char *restart;
};

static const struct opt table[] = {
	{ "restart", 0, OPT_STRING, false, offsetof(struct options, restart), check_restart },
};

/* What the next daemon makes of one that does not run depends on the policy. */
static int update_mark(const struct container *c, enum restart_kind kind, struct err *e)
{
	int code;

	if (c->user_stop && (kind == RESTART_ON_FAILURE || kind == RESTART_UNLESS_STOPPED))
		return record_mark(c->id, &c->spec, MARK_STOPPED, c->exit_code, e);
	if (kind != RESTART_ON_FAILURE && record_read_mark(c->id, &c->spec, &code) == MARK_ENDED)
		return record_unmark(c->id, &c->spec, e);
	return 0;
}

static int update_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	const struct options *o = target;
	char *old = c->spec.restart;

	if (!o->restart)
		return err_set(e, 0, "nothing to update: --restart is missing");
	if (c->spec.rm && restart_parse(o->restart).kind != RESTART_NO)
		return err_set(e, 0, "container \"%s\" has --rm: it cannot be restarted", c->spec.name);
	c->spec.restart = o->restart;
	if (c->state != ST_REMOVING &&
		(update_mark(c, restart_parse(o->restart).kind, e) ||
			record_update(c->id, &c->spec, e))) {
		c->spec.restart = old;
		return -1;
	}
	c->spec.restart = xstrdup(o->restart);
	free(old);
	if (restart_parse(o->restart).kind == RESTART_NO)
		c->again = false;
	if (c->state == ST_WAITING && restart_parse(o->restart).kind == RESTART_NO)
		container_event(c, EV_STOP, e);
	event_container(c, "update", NULL, NULL);
	client_printf(cl, "%s\n", name);
	return 0;
}

int verb_update(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	int rc = for_names(cl, table, ARRAY_SIZE(table), &o, update_one, e);

	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
