/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `wait`. */
//kbuild:obj-y += container_wait.o
//verb:wait verb_wait Wait until containers end, and print their exit codes
//usage:CONTAINER...
#include "base/mem.h"
#include "container.h"
#include "names.h"

static int wait_one(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e)
{
	(void)name;
	(void)target;
	(void)e;
	container_wait(c, WAIT_ENDED, cl, NULL);
	return 0;
}

int verb_wait(struct client *cl, struct err *e)
{
	return for_names(cl, NULL, 0, NULL, wait_one, e);
}
