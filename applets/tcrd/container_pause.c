/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs `pause` and `unpause`. */
//kbuild:obj-$(CONFIG_FEATURE_PAUSE) += container_pause.o
//verb:pause verb_pause Freeze all processes of containers
//verb:unpause verb_unpause Let the processes of paused containers go on
//usage:CONTAINER...
#include "base/mem.h"
#include "container.h"
#include "names.h"

static int change_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	const enum event *ev = target;

	if (container_event(c, *ev, e))
		return -1;
	client_printf(cl, "%s\n", name);
	return 0;
}

int verb_pause(struct client *cl, struct err *e)
{
	enum event ev = EV_PAUSE;

	return for_names(cl, NULL, 0, &ev, change_one, e);
}

int verb_unpause(struct client *cl, struct err *e)
{
	enum event ev = EV_UNPAUSE;

	return for_names(cl, NULL, 0, &ev, change_one, e);
}
