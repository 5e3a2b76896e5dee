/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a container. */
//kbuild:obj-y += state.o
#include <signal.h>
#include <unistd.h>

#include "attach.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "event.h"
#include "exec.h"
#include "freezer.h"
#include "image.h"
#include "keeper.h"
#include "log.h"
#include "record.h"
#include "rpc.h"
#include "run.h"
#include "start.h"
#include "steps.h"
#include "tcrd.h"

typedef int action(struct container *c, struct err *e);

static int nothing(struct container *c, struct err *e)
{
	(void)c;
	(void)e;
	return 0;
}

static void set_failure(struct container *c, const struct err *e)
{
	free(c->failure);
	c->failure = xcalloc(1, sizeof(*e));
	*c->failure = *e;
}

static int begin(struct container *c, struct err *e)
{
	timer_cancel(&c->retry);
	c->front_is_next = false;
	free(steal_ptr(&c->failure));
	c->stop_wanted = c->start_wanted = c->user_stop = c->oom_killed = false;
	c->stop_signal = 0;
	c->state = ST_STARTING;
	if (tcrd.stopping)
		err_set(e, 0, "tcrd is shutting down");
	else if (start_container(c, e) == 0)
		return 0;
	set_failure(c, e);
	c->exit_code = e->exit_code;
	return container_event(c, EV_FAILED, e);
}

/* By a user. What was stopped until now is to run again after a reboot, too. */
static int start(struct container *c, struct err *e)
{
	if (record_unmark(c->id, &c->spec, e))
		return -1;
	c->by_policy = false;
	c->restart = (struct restart){ 0 };
	return begin(c, e);
}

static int start_later(struct container *c, struct err *e)
{
	/* Its files may be gone by now. */
	if (c->state == ST_CLEANING && c->spec.rm)
		return err_set(e, 0, "container \"%s\" is being removed", c->spec.name);
	c->start_wanted = true;
	return 0;
}

/* It will be stopped as soon as it runs: then once more. */
static int start_anew(struct container *c, struct err *e)
{
	return c->stop_wanted ? start_later(c, e) : 0;
}

static int retry(struct container *c, struct err *e)
{
	c->by_policy = true;
	return begin(c, e);
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
	set_failure(c, e);
	c->stop_ms = 0;
	return stop(c, e);
}

static int started(struct container *c, struct err *e)
{
	/* Its client has gone, and the loop did not come to that yet. */
	if (c->unborn && run_has_lost_client(c)) {
		c->stop_wanted = c->remove_wanted = true;
		c->stop_ms = 0;
	}
	timer_cancel(&c->kill_timer);
	c->state = ST_RUNNING;
	c->started_ms = now_ms();
	c->exit_code = 0;
	/* Before anybody knows of it: what is recorded keeps its terminal. */
	if (c->master.fd >= 0)
		keeper_begin();
	if (container_save_state(c, e) || (c->unborn && record_commit(c->id, &c->spec, e)))
		return undo_late(c, e);
	c->unborn = false;
	free(steal_ptr(&c->cidfile));
	event_container(c, "start", NULL, NULL);
	/* Who wants it to be restarted means the start that is still to come. */
	if (c->restart_wanted && !c->start_wanted) {
		c->restart_wanted = false;
		event_container(c, "restart", NULL, NULL);
	}
	run_started(c);
	if (!c->start_wanted)
		container_notify(c, WAIT_STARTED, NULL);
	return c->stop_wanted ? stop(c, e) : 0;
}

/* crun is at work, and it is best to let it: but not for ever. */
enum { CRUN_PATIENCE_MS = 5000 };

static int stop_later(struct container *c, struct err *e)
{
	(void)e;
	c->stop_wanted = true;
	/* What fills its volumes begins anew the next time. */
	if (c->fill_error)
		child_kill(&c->helper, SIGKILL);
	else if (c->stop_ms >= 0)
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

static int kill_it(struct container *c, struct err *e)
{
	(void)e;
	container_signal(c, SIGKILL);
	return 0;
}

/* Whether there will be another run for which it is worth to keep something. overlayfs would even
 * refuse the layer of one with --rm, which is mounted "volatile". */
static bool goes_on(const struct container *c)
{
	if (c->spec.rm)
		return c->start_wanted && !c->remove_wanted;
	return c->again && container_is_for_policy(c);
}

static int ended(struct container *c, struct err *e)
{
	timer_cancel(&c->kill_timer);
	if (state_is_up(c->state)) {
		c->oom_killed = cgroup_oom_killed(c->id);
		if (c->oom_killed)
			event_container(c, "oom", NULL, NULL);
		event_container_int(c, "die", "exitCode", c->exit_code, NULL);
	}
	c->state = ST_CLEANING;
	c->stop_wanted = false;
	c->finished_ms = now_ms();
	container_decide(c);
	c->kept = goes_on(c);
	if (ENABLE_FEATURE_NETWORK)
		attach_ended(c);
	if (ENABLE_FEATURE_EXEC)
		exec_container_ended(c);
	run_ended(c);
	if (ENABLE_FEATURE_LOGS && c->spec.rm && !c->start_wanted)
		log_forget(c);
	return start_undo(c, e);
}

static int finish_removal(struct container *c)
{
	run_finished(c);
	event_container(c, "destroy", NULL, NULL);
	container_free(c);
	return 0;
}

static void tell_stopped(struct container *c)
{
	struct err e;

	c->restart_wanted = false;
	container_notify(c, WAIT_ENDED, NULL);
	container_notify(c, WAIT_STOPPED, NULL);
	if (!c->failure)
		err_set(&e, 0, "container \"%s\" was stopped", c->spec.name);
	container_notify(c, WAIT_STARTED, c->failure ? c->failure : &e);
	if (ENABLE_FEATURE_LOGS)
		log_stopped(c);
}

/* What comes behind a run whose traces are gone. */
static int settle(struct container *c, struct err *e)
{
	bool again = c->again && container_is_for_policy(c);

	if (again)
		c->state = ST_WAITING;
	run_finished(c);
	if (c->user_stop)
		event_container(c, "stop", NULL, NULL);
	if (again || c->start_wanted)
		container_notify(c, WAIT_ENDED, NULL);
	if (again) {
		if (c->failure)
			container_notify(c, WAIT_STARTED, c->failure);
		timer_set(&c->retry, c->restart.delay_ms);
		return 0;
	}
	if (c->start_wanted) {
		container_notify(c, WAIT_STOPPED, NULL);
		if (container_event(c, EV_START, e) == 0)
			return 0;
		set_failure(c, e);
		c->start_wanted = false;
		if (c->spec.rm)
			return finish_removal(c);
		run_finished(c);
	}
	tell_stopped(c);
	return 0;
}

/* All of it. */
static int take_down(struct container *c, struct err *e)
{
	c->state = ST_CLEANING;
	c->kept = c->again = false;
	return start_undo(c, e);
}

/* The walk back is done. */
static int cleaned(struct container *c, struct err *e)
{
	bool failed;

	if (c->kept && !goes_on(c))
		return take_down(c, e);
	if (!c->kept)
		image_release(c);
	if (ENABLE_FEATURE_NETWORK)
		attach_forget(c);
	c->state = c->started_ms || !c->failure ? ST_EXITED : ST_CREATED;
	if (c->spec.rm && (c->remove_wanted || !c->start_wanted))
		return finish_removal(c);
	if (c->unborn && c->cidfile)
		unlink(c->cidfile);
	failed = c->remove_wanted || c->unborn;
	if (failed && container_event(c, EV_REMOVE, e) == 0)
		return 0;
	c->remove_wanted = c->unborn = false;
	if (failed)
		container_notify(c, WAIT_REMOVED, e);
	return settle(c, e);
}

/* It was to start again by itself. */
static int give_up(struct container *c, struct err *e)
{
	timer_cancel(&c->retry);
	return take_down(c, e);
}

static int removed(struct container *c, struct err *e)
{
	c->remove_wanted = container_forget_record(c, e) == 0;
	if (!c->remove_wanted)
		return -1;
	timer_cancel(&c->retry);
	c->state = ST_REMOVING;
	if (ENABLE_FEATURE_LOGS)
		log_forget(c);
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
	c->start_wanted = false;
	return 0;
}

static int give_up_and_remove(struct container *c, struct err *e)
{
	remove_later(c, e);
	return give_up(c, e);
}

static int stop_and_remove(struct container *c, struct err *e)
{
	remove_later(c, e);
	return container_stop(c, 0, e);
}

static int pause_it(struct container *c, struct err *e)
{
	if (!ENABLE_FEATURE_PAUSE)
		return err_set(e, 0, "this tcrd is built without FEATURE_PAUSE");
	/* crun would freeze with it, and we wait for crun. */
	if (ENABLE_FEATURE_EXEC && exec_is_starting(c))
		return err_set(e, 0, "container \"%s\": a command of exec is being started; try again",
			c->spec.name);
	if (cgroup_freeze(c->id, true, e) < 0)
		return -1;
	c->state = ST_PAUSED;
	event_container(c, "pause", NULL, NULL);
	return 0;
}

static int unpause(struct container *c, struct err *e)
{
	if (!ENABLE_FEATURE_PAUSE || cgroup_freeze(c->id, false, e) < 0)
		return -1;
	c->state = ST_RUNNING;
	event_container(c, "unpause", NULL, NULL);
	return 0;
}

/* The signal waits for its processes: so they go on. */
static int stop_frozen(struct container *c, struct err *e)
{
	stop(c, e);
	return ENABLE_FEATURE_PAUSE && cgroup_freeze(c->id, false, e) < 0 ? -1 : 0;
}

static action *const actions[ST_STATES][EV_EVENTS] = {
	[ST_CREATED] = {
		[EV_START] = start,
		[EV_STOP] = nothing,
		[EV_REMOVE] = removed,
	},
	[ST_STARTING] = {
		[EV_START] = start_anew,
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
		[EV_PAUSE] = pause_it,
	},
	[ST_PAUSED] = {
		[EV_ENDED] = ended,
		[EV_STOP] = stop_frozen,
		[EV_REMOVE] = stop_and_remove,
		[EV_UNPAUSE] = unpause,
	},
	[ST_STOPPING] = {
		[EV_START] = start_later,
		[EV_ENDED] = ended,
		[EV_STOP] = hasten,
		[EV_KILL] = kill_it,
		[EV_REMOVE] = stop_and_remove,
	},
	[ST_CLEANING] = {
		[EV_START] = start_later,
		[EV_CLEANED] = cleaned,
		[EV_STOP] = nothing,
		[EV_REMOVE] = remove_later,
	},
	[ST_WAITING] = {
		[EV_START] = start,
		[EV_STOP] = give_up,
		[EV_REMOVE] = give_up_and_remove,
		[EV_RETRY] = retry,
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
	[ST_PAUSED] = "paused",
	[ST_STOPPING] = "running",
	[ST_CLEANING] = "exited",
	[ST_WAITING] = "restarting",
	[ST_EXITED] = "exited",
	[ST_REMOVING] = "removing",
};

const char *state_name(enum state state)
{
	return names[state];
}

bool state_is_up(enum state state)
{
	return state == ST_RUNNING || state == ST_PAUSED || state == ST_STOPPING;
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
		[EV_REMOVE] = "remove",
		[EV_RETRY] = "retry",
		[EV_PAUSE] = "pause",
		[EV_UNPAUSE] = "unpause" };
	static const char *const verbs[EV_EVENTS] = { [EV_START] = "started",
		[EV_STOP] = "stopped",
		[EV_PAUSE] = "paused",
		[EV_UNPAUSE] = "unpaused" };
	action *act = actions[c->state][ev];

	log_debug("%.12s: %s, %s", c->id, names[c->state], events[ev]);
	if (act)
		return act(c, e);
	return err_set(e, 0, "container \"%s\" is %s: it cannot be %s now", c->spec.name,
		names[container_shown_state(c)], verbs[ev] ? verbs[ev] : "changed");
}
