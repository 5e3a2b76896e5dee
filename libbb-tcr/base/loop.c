/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event loop. */
#include <errno.h>
#include <stdbool.h>
#include <sys/timerfd.h>
#include <time.h>

#include "base/loop.h"

#define BATCH 32

static struct {
	int epfd;
	bool quit;
	struct epoll_event events[BATCH]; /* of this round; … */
	int next, count;                  /* … those from NEXT on are not dispatched yet */
	struct list timers;               /* sorted, the next one first */
	struct watch clock; /* timerfd: unlike epoll's timeout it counts suspended time */
	uint64_t armed_ms;  /* when it wakes us; 0: it does not */
} loop;

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Once a round, so that a timer of which nothing has come wakes nobody. */
static void arm_clock(void)
{
	struct itimerspec its = { 0 };
	uint64_t due = 0;

	if (!list_empty(&loop.timers))
		due = container_of(loop.timers.next, struct timer, node)->due_ms;
	if (due == loop.armed_ms)
		return;
	loop.armed_ms = due;
	its.it_value.tv_sec = due / 1000;
	its.it_value.tv_nsec = due ? due % 1000 * 1000000 + 1 : 0; /* 0 disarms */
	timerfd_settime(loop.clock.fd, TFD_TIMER_ABSTIME, &its, NULL);
}

static void clock_ready(struct watch *w, uint32_t events)
{
	uint64_t now = now_ms(), expirations;

	(void)events;
	if (read(w->fd, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
		return;
	loop.armed_ms = 0;
	while (!list_empty(&loop.timers)) {
		struct timer *t = container_of(loop.timers.next, struct timer, node);

		if (t->due_ms > now)
			break;
		timer_cancel(t);
		t->fire(t);
	}
}

int loop_init(struct err *e)
{
	list_init(&loop.timers);
	loop.quit = false;
	loop.armed_ms = 0;
	loop.epfd = epoll_create1(EPOLL_CLOEXEC);
	if (loop.epfd < 0)
		return err_set(e, errno, "epoll_create1");
	loop.clock.fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop.clock.fd < 0)
		return err_set(e, errno, "timerfd_create");
	loop.clock.ready = clock_ready;
	return loop_add(&loop.clock, EPOLLIN, e);
}

int loop_run(struct err *e)
{
	while (!loop.quit) {
		arm_clock();
		loop.count = epoll_wait(loop.epfd, loop.events, BATCH, -1);
		if (loop.count < 0 && errno != EINTR)
			return err_set(e, errno, "epoll_wait");
		for (loop.next = 0; loop.next < loop.count;) {
			const struct epoll_event *ev = &loop.events[loop.next++];
			struct watch *w = ev->data.ptr;

			if (w)
				w->ready(w, ev->events);
		}
	}
	return 0;
}

void loop_quit(void)
{
	loop.quit = true;
}

int loop_add(struct watch *w, uint32_t events, struct err *e)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	if (epoll_ctl(loop.epfd, EPOLL_CTL_ADD, w->fd, &ev) < 0)
		return err_set(e, errno, "epoll_ctl");
	return 0;
}

void loop_modify(struct watch *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	epoll_ctl(loop.epfd, EPOLL_CTL_MOD, w->fd, &ev);
}

void loop_del(struct watch *w)
{
	if (w->fd >= 0)
		epoll_ctl(loop.epfd, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = loop.next; i < loop.count; i++)
		if (loop.events[i].data.ptr == w)
			loop.events[i].data.ptr = NULL;
}

void timer_set(struct timer *t, uint64_t delay_ms)
{
	struct list *before = &loop.timers;
	struct timer *other;

	timer_cancel(t);
	t->due_ms = now_ms() + delay_ms;
	list_for_each (other, &loop.timers, node) {
		if (other->due_ms > t->due_ms) {
			before = &other->node;
			break;
		}
	}
	list_append(before, &t->node);
}

void timer_cancel(struct timer *t)
{
	if (t->node.next)
		list_remove(&t->node);
}
