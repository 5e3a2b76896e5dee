/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a container. */
//kbuild:obj-y += state.o
#include <signal.h>

#include "attach.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "image.h"
#include "record.h"
#include "rpc.h"
#include "run.h"
#include "start.h"
#include "tcrd.h"

typedef int action(struct container *c, struct err *e);

static int nothing(struct container *c, struct err *e)
{
	(void)c;
	(void)e;
	return 0;
}

static int start(struct container *c, struct err *e)
{
	c->exit_code = 0;
	c->finished_ms = 0;
	free(steal_ptr(&c->failure));
	c->stop_wanted = false;
	c->state = ST_STARTING;
	if (tcrd.stopping)
		err_set(e, 0, "tcrd is shutting down");
	else if (start_container(c, e) == 0)
		return 0;
	c->failure = xcalloc(1, sizeof(*e));
	*c->failure = *e;
	return container_event(c, EV_FAILED, e);
}

static int stop(struct container *c, struct err *e)
{
	(void)e;
	c->state = ST_STOPPING;
	container_signal(c, c->stop_ms == 0 ? SIGKILL : run_stop_signal(c));
	if (c->stop_ms > 0)
		timer_set(&c->kill_timer, c->stop_ms);
	return 0;
}

/* A container that the next daemon could not know of does not go on. */
static int undo_late(struct container *c, struct err *e)
{
	c->failure = xcalloc(1, sizeof(*e));
	*c->failure = *e;
	c->stop_ms = 0;
	return stop(c, e);
}

static int started(struct container *c, struct err *e)
{
	timer_cancel(&c->kill_timer);
	c->state = ST_RUNNING;
	c->started_ms = now_ms();
	if (container_save_state(c, e) || (c->unborn && record_commit(c->id, &c->spec, e)))
		return undo_late(c, e);
	run_started(c);
	return c->stop_wanted ? stop(c, e) : 0;
}

/* crun is at work, and it is best to let it: but not for ever. */
enum { CRUN_PATIENCE_MS = 5000 };

static int stop_later(struct container *c, struct err *e)
{
	(void)e;
	c->stop_wanted = true;
	if (c->stop_ms >= 0)
		timer_set(&c->kill_timer,
			c->stop_ms > CRUN_PATIENCE_MS ? c->stop_ms : CRUN_PATIENCE_MS);
	return 0;
}

static int kill_crun(struct container *c, struct err *e)
{
	(void)e;
	child_kill(&c->helper, SIGKILL);
	return 0;
}

static int hasten(struct container *c, struct err *e)
{
	(void)e;
	if (c->stop_ms == 0)
		container_signal(c, SIGKILL);
	else if (c->stop_ms > 0)
		timer_set(&c->kill_timer, c->stop_ms);
	return 0;
}

int container_stop(struct container *c, long patience_ms, struct err *e)
{
	bool pending = c->state == ST_STOPPING || c->stop_wanted;

	/* The time that the first stop has waited counts for the second, too. */
	if (pending && c->stop_ms >= 0 && (patience_ms < 0 || patience_ms >= c->stop_ms))
		return 0;
	c->stop_ms = patience_ms;
	return container_event(c, EV_STOP, e);
}

static int kill_it(struct container *c, struct err *e)
{
	(void)e;
	container_signal(c, SIGKILL);
	return 0;
}

static int ended(struct container *c, struct err *e)
{
	timer_cancel(&c->kill_timer);
	c->state = ST_CLEANING;
	c->finished_ms = now_ms();
	if (ENABLE_FEATURE_NETWORK)
		attach_ended(c);
	run_ended(c);
	return start_undo(c, e);
}

static int finish_removal(struct container *c)
{
	run_finished(c);
	container_free(c);
	return 0;
}

/* The walk back is done. */
static int cleaned(struct container *c, struct err *e)
{
	bool failed;
	struct err why;

	image_release(c);
	if (ENABLE_FEATURE_NETWORK)
		attach_forget(c);
	c->state = c->started_ms || !c->failure ? ST_EXITED : ST_CREATED;
	if (c->spec.rm)
		return finish_removal(c);
	failed = c->remove_wanted || c->unborn;
	if (failed && container_event(c, EV_REMOVE, e) == 0)
		return 0;
	if (container_save_state(c, &why))
		log_msg("%s", why.text);
	run_finished(c);
	container_notify(c, failed ? e : NULL);
	c->remove_wanted = c->unborn = false;
	return 0;
}

static int removed(struct container *c, struct err *e)
{
	c->remove_wanted = container_forget_record(c, e) == 0;
	if (!c->remove_wanted)
		return -1;
	c->state = ST_REMOVING;
	return start_removal(c, e);
}

static int removal_done(struct container *c, struct err *e)
{
	(void)e;
	return finish_removal(c);
}

static int remove_later(struct container *c, struct err *e)
{
	(void)e;
	c->remove_wanted = true;
	return 0;
}

static int stop_and_remove(struct container *c, struct err *e)
{
	c->remove_wanted = true;
	return container_stop(c, 0, e);
}

static action *const actions[ST_STATES][EV_EVENTS] = {
	[ST_CREATED] = {
		[EV_START] = start,
		[EV_STOP] = nothing,
		[EV_REMOVE] = removed,
	},
	[ST_STARTING] = {
		[EV_STARTED] = started,
		[EV_FAILED] = ended,
		[EV_STOP] = stop_later,
		[EV_KILL] = kill_crun,
		[EV_REMOVE] = stop_and_remove,
	},
	[ST_RUNNING] = {
		[EV_START] = nothing,
		[EV_ENDED] = ended,
		[EV_STOP] = stop,
		[EV_REMOVE] = stop_and_remove,
	},
	[ST_STOPPING] = {
		[EV_ENDED] = ended,
		[EV_STOP] = hasten,
		[EV_KILL] = kill_it,
		[EV_REMOVE] = stop_and_remove,
	},
	[ST_CLEANING] = {
		[EV_CLEANED] = cleaned,
		[EV_STOP] = nothing,
		[EV_REMOVE] = remove_later,
	},
	[ST_EXITED] = {
		[EV_START] = start,
		[EV_STOP] = nothing,
		[EV_REMOVE] = removed,
	},
	[ST_REMOVING] = {
		[EV_CLEANED] = removal_done,
		[EV_STOP] = nothing,
		[EV_REMOVE] = nothing,
	},
};

static const char *const names[ST_STATES] = {
	[ST_CREATED] = "created",
	[ST_STARTING] = "created",
	[ST_RUNNING] = "running",
	[ST_STOPPING] = "running",
	[ST_CLEANING] = "exited",
	[ST_EXITED] = "exited",
	[ST_REMOVING] = "removing",
};

const char *state_name(enum state state)
{
	return names[state];
}

int container_event(struct container *c, enum event ev, struct err *e)
{
	static const char *const events[EV_EVENTS] = { [EV_START] = "start",
		[EV_STARTED] = "started",
		[EV_FAILED] = "failed",
		[EV_ENDED] = "ended",
		[EV_STOP] = "stop",
		[EV_KILL] = "kill",
		[EV_CLEANED] = "cleaned",
		[EV_REMOVE] = "remove" };
	static const char *const verbs[EV_EVENTS] = {
		[EV_START] = "started", [EV_STOP] = "stopped"
	};
	action *act = actions[c->state][ev];

	log_debug("%.12s: %s, %s", c->id, names[c->state], events[ev]);
	if (act)
		return act(c, e);
	return err_set(e, 0, "container \"%s\" is %s: it cannot be %s now", c->spec.name,
		names[c->state], verbs[ev] ? verbs[ev] : "changed");
}
