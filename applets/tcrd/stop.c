/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `stop`: a signal, patience, SIGKILL. */
//kbuild:obj-y += stop.o
//verb:stop verb_stop Stop containers and wait until their last process is gone
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:  -s, --signal SIGNAL      Send this instead of its stop signal
//usage:  -t, --time SECS          Wait so long before killing (10, or --stop-timeout of run; -1: for ever)
//usage:      --timeout SECS       The same
#include "base/mem.h"
#include "check.h"
#include "container.h"
#include "signals.h"
#include "stop.h"

struct options {
	char *signal, *time;
};

static const struct opt table[] = {
	{ "signal", 's', OPT_STRING, false, offsetof(struct options, signal), check_signal },
	{ "time", 't', OPT_STRING, false, offsetof(struct options, time), check_timeout },
	{ "timeout", 0, OPT_STRING, false, offsetof(struct options, time), check_timeout },
};

long stop_patience(struct container *c, const void *target)
{
	const struct options *o = target;
	long seconds;

	c->stop_signal = o->signal ? signal_by_name(o->signal) : 0;
	if (!o->time || parse_int(o->time, -1, CHECK_TIMEOUT_MAX, &seconds))
		return spec_stop_timeout_ms(&c->spec);
	return seconds < 0 ? -1 : seconds * 1000;
}

static int stop_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	if (container_user_stop(c, stop_patience(c, target), e))
		return -1;
	container_wait(c, WAIT_STOPPED, cl, name);
	return 0;
}

int stop_verb(struct client *cl,
	int (*fn)(struct client *cl, struct container *c, const char *name, void *target,
		struct err *e),
	struct err *e)
{
	struct options o = { 0 };
	int rc = for_names(cl, table, ARRAY_SIZE(table), &o, fn, e);

	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}

int verb_stop(struct client *cl, struct err *e)
{
	return stop_verb(cl, stop_one, e);
}
