/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event loop: one thread, one epoll instance, callbacks that never block. */
#ifndef TCR_BASE_LOOP_H
#define TCR_BASE_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

#include "base/err.h"
#include "base/list.h"

/* A descriptor that the loop watches. Lives inside the object that owns the descriptor. */
struct watch {
	int fd;                                          /* owned by whoever embeds the watch */
	void (*ready)(struct watch *w, uint32_t events); /* EPOLL… bits */
};

/* A one-shot timer. Zero-initialised is "not armed". */
struct timer {
	struct list node;
	uint64_t due_ms; /* CLOCK_BOOTTIME */
	void (*fire)(struct timer *t);
};

/* Prepares the loop; to be called once, before everything else here. */
int loop_init(struct err *e);

/* Dispatches events until loop_quit(). Returns 0, or -1 if epoll_wait(2) fails. */
int loop_run(struct err *e);
void loop_quit(void);

/* Watches W->fd for EVENTS (EPOLLIN, EPOLLOUT; errors and hang-ups are always told). */
int loop_add(struct watch *w, uint32_t events, struct err *e);

/* Changes the events. */
void loop_modify(struct watch *w, uint32_t events);

/* Stops watching; the descriptor stays open. Allowed at any time, also for a watch whose event of
 * the current round is still to come (it will not), and for one that was never added. */
void loop_del(struct watch *w);

/* Arms T to fire once, DELAY_MS from now; an armed timer is moved. */
void timer_set(struct timer *t, uint64_t delay_ms);

/* Disarms T; harmless if it is not armed. */
void timer_cancel(struct timer *t);

/* True if T is armed. */
static inline bool timer_is_set(const struct timer *t)
{
	return t->node.next && !list_empty(&t->node);
}

/* Milliseconds since boot, time in suspend included: wall clocks jump on devices without an RTC. */
uint64_t now_ms(void);

#endif
