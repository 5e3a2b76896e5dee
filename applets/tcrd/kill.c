/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `kill`. */
//config:config FEATURE_KILL
//config:	bool "kill: send a signal (0.6 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_KILL) += kill.o
//verb:kill verb_kill Send a signal to containers
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:  -s, --signal SIGNAL      Name or number (KILL)
#include <signal.h>

#include "base/mem.h"
#include "check.h"
#include "container.h"
#include "names.h"
#include "signals.h"

struct options {
	char *signal;
};

static const struct opt table[] = {
	{ "signal", 's', OPT_STRING, false, offsetof(struct options, signal), check_signal },
};

static int kill_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	const struct options *o = target;
	int sig = o->signal ? signal_by_name(o->signal) : SIGKILL;

	if (!c->init.pid)
		return err_set(e, 0, "container \"%s\" is not running", c->spec.name);
	container_signal(c, sig);
	/* In the freezer of cgroup v1 even this would wait. */
	if (c->state == ST_PAUSED && sig == SIGKILL && container_event(c, EV_UNPAUSE, e))
		return -1;
	client_printf(cl, "%s\n", name);
	return 0;
}

int verb_kill(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	int rc = for_names(cl, table, ARRAY_SIZE(table), &o, kill_one, e);

	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
