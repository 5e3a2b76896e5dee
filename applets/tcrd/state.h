/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a container, as a table: state and event give the action. */
#ifndef TCRD_STATE_H
#define TCRD_STATE_H

#include <stdbool.h>

#include "base/err.h"

struct container;

enum state {
	ST_CREATED,  /* was never started */
	ST_STARTING, /* crun is at work */
	ST_RUNNING,
	ST_PAUSED,
	ST_STOPPING, /* was asked to end */
	ST_CLEANING, /* has ended; what starting it built is being taken down */
	ST_WAITING,  /* for the restart policy to start it again */
	ST_EXITED,
	ST_REMOVING, /* its record is gone, its files are going */
	ST_STATES,
};

enum event {
	EV_START,   /* a user or a policy wants it */
	EV_STARTED, /* crun: it runs */
	EV_FAILED,  /* crun: it does not */
	EV_ENDED,   /* its first process, and so all of them, are gone */
	EV_STOP,    /* a user wants it to end; c->stop_ms says how patiently */
	EV_KILL,    /* the patience is over */
	EV_CLEANED, /* everything is taken down */
	EV_REMOVE,  /* a user wants it gone, whatever it does */
	EV_RETRY,   /* the restart policy's delay is over */
	EV_PAUSE,   /* a user wants its processes frozen */
	EV_UNPAUSE,
	EV_EVENTS,
};

/* Lets EV happen to C. Returns 0, or -1 with E filled if that cannot happen in its state, or
 * failed. C may be freed by it. */
int container_event(struct container *c, enum event ev, struct err *e);

/* "created", "running", … as docker has them. */
const char *state_name(enum state state);

/* Whether it has a process. */
bool state_is_up(enum state state);

#endif
