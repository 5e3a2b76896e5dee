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
#include "container.h"
#include "names.h"
#include "signals.h"

struct options {
	char *signal;
};

static char *check_signal(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (signal_by_name(value))
		return xstrdup(value);
	err_set(e, 0,
		"--signal \"%.60s\" is not valid: a name such as TERM, or a number from 1 to 64",
		value);
	return NULL;
}

static const struct opt table[] = {
	{ "signal", 's', OPT_STRING, false, offsetof(struct options, signal), check_signal },
};

static int kill_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	const struct options *o = target;

	if (!c->init.pid)
		return err_set(e, 0, "container \"%s\" is not running", c->spec.name);
	container_signal(c, o->signal ? signal_by_name(o->signal) : SIGKILL);
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
