/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `stop`: a signal, patience, SIGKILL. */
//kbuild:obj-y += stop.o
//verb:stop verb_stop Stop containers and wait until their last process is gone
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:  -t, --time SECS          Wait so long before killing (10, or --stop-timeout of run; -1: for ever)
#include "base/mem.h"
#include "check.h"
#include "container.h"
#include "names.h"

struct options {
	char *time;
};

static const struct opt table[] = {
	{ "time", 't', OPT_STRING, false, offsetof(struct options, time), check_timeout },
};

static int stop_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	const struct options *o = target;
	long seconds, patience_ms = spec_stop_timeout_ms(&c->spec);

	if (o->time && !parse_int(o->time, -1, CHECK_TIMEOUT_MAX, &seconds))
		patience_ms = seconds < 0 ? -1 : seconds * 1000;
	if (container_stop(c, patience_ms, e))
		return -1;
	container_wait(c, WAIT_STOPPED, cl, name);
	return 0;
}

int verb_stop(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	int rc = for_names(cl, table, ARRAY_SIZE(table), &o, stop_one, e);

	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
