/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `restart`. */
//kbuild:obj-y += container_restart.o
//verb:restart verb_restart Stop containers and start them again
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:  -s, --signal SIGNAL      Send this instead of its stop signal
//usage:  -t, --time SECS          Wait so long before killing (10, or --stop-timeout of run; -1: for ever)
//usage:      --timeout SECS       The same
#include "base/mem.h"
#include "container.h"
#include "stop.h"

static int restart_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	if (container_restart(c, stop_patience(c, target), e))
		return -1;
	container_wait(c, WAIT_STARTED, cl, name);
	return 0;
}

int verb_restart(struct client *cl, struct err *e)
{
	return stop_verb(cl, restart_one, e);
}
