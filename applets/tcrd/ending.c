/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to end a container: for a while, for good, or to start it again. */
//kbuild:obj-y += ending.o
#include "base/log.h"
#include "container.h"
#include "event.h"
#include "record.h"

int container_stop(struct container *c, long patience_ms, struct err *e)
{
	bool pending = c->state == ST_STOPPING || c->stop_wanted;

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
	if ((kind == RESTART_UNLESS_STOPPED || kind == RESTART_ON_FAILURE) && !c->unborn &&
		record_mark(c->id, &c->spec, MARK_STOPPED, &why))
		log_msg("container \"%s\" will be started after a reboot: %s", c->spec.name,
			why.text);
	return container_stop(c, patience_ms, e);
}

int container_restart(struct container *c, long patience_ms, struct err *e)
{
	if (!state_is_up(c->state) && c->state != ST_STARTING)
		return container_event(c, EV_START, e);
	if (container_stop(c, patience_ms, e))
		return -1;
	c->start_wanted = true;
	event_container(c, "restart", NULL, NULL);
	return 0;
}
