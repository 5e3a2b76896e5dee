/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to end a container, and what comes behind its end. */
//kbuild:obj-y += ending.o
#include "base/log.h"
#include "container.h"
#include "record.h"
#include "start.h"
#include "tcrd.h"

int container_stop(struct container *c, long patience_ms, struct err *e)
{
	bool pending = c->state == ST_STOPPING || c->stop_wanted;

	if (c->state == ST_STOPPING && c->stop_signal)
		container_signal(c, c->stop_signal);
	/* The time that the first stop has waited counts for the second, too. */
	if (pending && c->stop_ms >= 0 && (patience_ms < 0 || patience_ms >= c->stop_ms))
		return 0;
	c->stop_ms = patience_ms;
	return container_event(c, EV_STOP, e);
}

int container_user_stop(struct container *c, long patience_ms, struct err *e)
{
	enum restart_kind kind = restart_parse(c->spec.restart).kind;
	struct err why;

	c->start_wanted = false;
	if (c->state == ST_CREATED || c->state == ST_EXITED || c->state == ST_REMOVING)
		return 0;
	c->user_stop = true;
	/* On a full disk it is better to stop it now than not at all. */
	if ((kind == RESTART_UNLESS_STOPPED || kind == RESTART_ON_FAILURE) &&
		record_mark(c->id, &c->spec, MARK_STOPPED, EXIT_UNKNOWN, &why))
		log_msg("container \"%s\" will be started after a reboot: %s", c->spec.name,
			why.text);
	return container_stop(c, patience_ms, e);
}

int container_restart(struct container *c, long patience_ms, struct err *e)
{
	c->restart_wanted = true;
	if (!state_is_up(c->state) && c->state != ST_STARTING)
		return container_event(c, EV_START, e);
	if (container_stop(c, patience_ms, e))
		return -1;
	c->start_wanted = c->user_stop = true;
	return 0;
}

static bool is_for_policy(const struct container *c)
{
	return !c->user_stop && !c->start_wanted && !c->remove_wanted && (!c->failure || c->by_policy);
}

bool container_is_for_policy(const struct container *c)
{
	return is_for_policy(c) && !tcrd.stopping;
}

/* If the policy does not go on with it, the next daemon has to know. What ends with this daemon
 * goes on with the next, but a success is one. */
static bool is_to_restart(struct container *c)
{
	struct restart_policy policy = restart_parse(c->spec.restart);
	bool again;
	struct err e;

	if (!is_for_policy(c))
		return false;
	if (tcrd.stopping)
		again = c->exit_code || c->failure;
	else
		again = restart_next(&c->restart, policy, c->exit_code,
			c->failure ? 0 : c->finished_ms - c->started_ms);
	if (!again && policy.kind == RESTART_ON_FAILURE &&
		record_mark(c->id, &c->spec, MARK_ENDED, c->exit_code, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	return again && !tcrd.stopping;
}

void container_decide(struct container *c)
{
	struct err e;

	c->again = is_to_restart(c);
	if (!c->spec.rm && !c->unborn && container_save_state(c, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
}

enum state container_shown_state(const struct container *c)
{
	switch (c->state) {
	case ST_STARTING:
		return c->by_policy ? ST_WAITING : c->started_ms ? ST_EXITED : ST_CREATED;
	case ST_STOPPING:
		return ST_RUNNING;
	case ST_CLEANING:
		if (c->again && container_is_for_policy(c))
			return ST_WAITING;
		return c->started_ms || !c->failure ? ST_EXITED : ST_CREATED;
	default:
		return c->state;
	}
}
