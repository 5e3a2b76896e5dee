/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A loop that runs until a child process ends, for tests of base/child. */
#ifndef TCR_TESTS_UNIT_CHILDREN_H
#define TCR_TESTS_UNIT_CHILDREN_H

#include "base/child.h"
#include "tap.h"

enum { NO_STATUS = 0x7fffffff };

static int last_status, ends;

static inline void ended(struct child *c, int status)
{
	last_status = status;
	ends++;
	if (c->pid)
		last_status = NO_STATUS;
	loop_quit();
}

static inline void too_late(struct timer *t)
{
	(void)t;
	loop_quit();
}

static inline void begin(void)
{
	struct err e;

	if (loop_init(&e))
		bail_out(e.text);
	last_status = NO_STATUS;
	ends = 0;
}

/* Runs until a callback ends the loop, 10 s at the most. */
static inline void run(void)
{
	struct timer t = { .fire = too_late };
	struct err e = { 0 };

	timer_set(&t, 10000);
	if (loop_run(&e))
		bail_out(e.text);
	timer_cancel(&t);
}

#endif
