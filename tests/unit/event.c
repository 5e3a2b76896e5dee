/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/loop: watches and timers. */
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/time.h>

#include "base/loop.h"
#include "tap.h"

enum {
	WATCHES = 100,
	TIMERS = 2000,
};

struct source {
	struct watch watch;
	int calls;
	uint32_t events;
	struct source *other; /* what the callback is to act upon */
};

static struct source a, b;
static int calls;

static void quit(struct timer *t)
{
	(void)t;
	loop_quit();
}

/* A loop without watches and timers. */
static void begin(void)
{
	struct err e;

	if (loop_init(&e))
		bail_out(e.text);
	calls = 0;
}

/* Runs until everything that is due within MS has happened. */
static void run(uint64_t ms)
{
	struct timer t = { .fire = quit };
	struct err e = { 0 };

	timer_set(&t, ms);
	if (loop_run(&e))
		bail_out(e.text);
	timer_cancel(&t);
}

static void count(struct watch *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);
	eventfd_t n;

	s->calls++;
	s->events = events;
	if (eventfd_read(w->fd, &n) < 0)
		return;
	calls++;
}

/* A source that is ready. */
static void open_source(
	struct source *s, void (*ready)(struct watch *w, uint32_t events), struct source *other)
{
	struct err e = { 0 };

	*s = (struct source){ .other = other };
	s->watch.fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	s->watch.ready = ready;
	if (loop_add(&s->watch, EPOLLIN, &e))
		bail_out(e.text);
}

static void close_source(struct source *s)
{
	loop_del(&s->watch);
	if (s->watch.fd >= 0)
		close(s->watch.fd);
	s->watch.fd = -1;
}

static void delete_other(struct watch *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);

	count(w, events);
	loop_del(&s->other->watch);
}

static void close_other(struct watch *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);

	count(w, events);
	close_source(s->other);
}

/* The other's memory gets another life, with a descriptor that is not ready. */
static void renew_other(struct watch *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);
	eventfd_t n;

	count(w, events);
	close_source(s->other);
	open_source(s->other, renew_other, s);
	eventfd_read(s->other->watch.fd, &n);
}

static void readd_other(struct watch *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);
	struct err e;

	count(w, events);
	loop_del(&s->other->watch);
	if (s->other->calls == 0)
		loop_add(&s->other->watch, EPOLLIN, &e);
}

static void pair(void (*ready)(struct watch *w, uint32_t events), int want, const char *assertion)
{
	begin();
	open_source(&a, ready, &b);
	open_source(&b, ready, &a);
	run(5);
	is_int(a.calls + b.calls, want, assertion);
	close_source(&a);
	close_source(&b);
}

static void free_itself(struct watch *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);

	count(w, events);
	close_source(s);
	free(s);
}

static void test_removal(void)
{
	pair(count, 2, "both of two that are ready are told");
	pair(delete_other, 1, "what was removed in this round is not told any more");
	pair(close_other, 1, "nor is what was removed and closed");
	pair(renew_other, 1, "an event of this round does not reach a new watch in the same place");
	pair(readd_other, 2, "what was removed and added again is told once, later");
	begin();
	for (int i = 0; i < WATCHES; i++)
		open_source(calloc(1, sizeof(a)), free_itself, NULL);
	run(5);
	is_int(calls, WATCHES, "watches may free themselves, more of them than fit in a round");
}

static void test_odd_watches(void)
{
	struct watch none = { .fd = -1 }, file = { .ready = count };
	struct err e = { 0 };
	int pipes[2];

	begin();
	loop_del(&none);
	is_int(loop_add(&none, EPOLLIN, &e), -1, "no descriptor cannot be watched");
	has_str(e.text, "Bad file descriptor", "the error says why");
	file.fd = open("/", O_RDONLY | O_CLOEXEC);
	is_int(loop_add(&file, EPOLLIN, &e), -1, "nor can a directory");
	loop_del(&file);
	ok(fcntl(file.fd, F_GETFD) >= 0, "a watch that was never added can be removed");
	close(file.fd);
	open_source(&a, count, NULL);
	is_int(loop_add(&a.watch, EPOLLIN, &e), -1, "a watch cannot be added twice");
	close_source(&a);
	if (pipe2(pipes, O_CLOEXEC) < 0)
		bail_out("pipe");
	a = (struct source){ .watch = { .fd = pipes[0], .ready = delete_other }, .other = &a };
	loop_add(&a.watch, 0, &e);
	close(pipes[1]);
	run(5);
	ok(a.calls == 1 && a.events == EPOLLHUP, "a hang-up is told unasked");
	close(pipes[0]);
}

static void test_modify(void)
{
	begin();
	open_source(&a, count, NULL);
	loop_modify(&a.watch, 0);
	run(5);
	is_int(a.calls, 0, "a watch for nothing is not told");
	begin();
	open_source(&b, delete_other, &b);
	loop_modify(&b.watch, EPOLLOUT);
	run(5);
	ok(b.calls == 1 && b.events == EPOLLOUT, "a watch is told what it asks for");
	close(a.watch.fd);
	close_source(&b);
}

static struct {
	struct timer timer;
	int order;
} timers[TIMERS];
static int fired, late, early;

static void note(struct timer *t)
{
	timers[fired % TIMERS].order = (int)(container_of(t, __typeof__(timers[0]), timer) -
		timers);
	fired++;
	early += now_ms() < t->due_ms;
	late += now_ms() > t->due_ms + 1000;
}

static void clear_timers(void)
{
	memset(timers, 0, sizeof(timers));
	for (int i = 0; i < TIMERS; i++)
		timers[i].timer.fire = note;
	fired = late = early = 0;
	begin();
}

static void test_timers(void)
{
	bool sorted = true;

	clear_timers();
	timer_set(&timers[0].timer, 12);
	timer_set(&timers[1].timer, 3);
	timer_set(&timers[2].timer, 6);
	timer_set(&timers[3].timer, 6);
	timer_set(&timers[4].timer, 0);
	run(15);
	is_int(fired, 5, "each timer fires once");
	ok(timers[0].order == 4 && timers[1].order == 1 && timers[2].order == 2 &&
			timers[3].order == 3 && timers[4].order == 0,
		"timers fire in the order of their times, equal ones as they were set");
	clear_timers();
	for (int i = 0; i < TIMERS; i++)
		timer_set(&timers[i].timer, (uint64_t)(i * 7919 % 20));
	for (int i = 0; i < TIMERS; i += 2)
		timer_cancel(&timers[i].timer);
	run(25);
	is_int(fired, TIMERS / 2, "of many timers those fire that were not cancelled");
	for (int i = 1; i < fired; i++)
		sorted = sorted &&
			timers[timers[i - 1].order].timer.due_ms <=
				timers[timers[i].order].timer.due_ms;
	ok(sorted, "many timers fire in order");
	is_int(early, 0, "none fires too early");
	is_int(late, 0, "none fires a second too late");
}

static void cancel_next(struct timer *t)
{
	note(t);
	timer_cancel(&timers[1].timer);
	timer_cancel(t);
}

static void rearm(struct timer *t)
{
	note(t);
	if (fired < 4)
		timer_set(t, 1);
	else
		loop_quit();
}

static void test_timers_in_callbacks(void)
{
	clear_timers();
	timers[0].timer.fire = cancel_next;
	timer_set(&timers[0].timer, 1);
	timer_set(&timers[1].timer, 1);
	run(5);
	is_int(fired, 1, "a timer that another one cancels does not fire, though both are due");
	clear_timers();
	timers[0].timer.fire = rearm;
	timer_set(&timers[0].timer, 1);
	run(5000);
	is_int(fired, 4, "a timer can arm itself again");
	clear_timers();
	timer_set(&timers[0].timer, 1);
	timer_set(&timers[0].timer, 2000);
	run(10);
	is_int(fired, 0, "an armed timer is moved to later");
	timer_cancel(&timers[0].timer);
	clear_timers();
	timer_set(&timers[0].timer, 2000);
	timer_set(&timers[0].timer, 1);
	run(10);
	is_int(fired, 1, "an armed timer is moved to earlier");
	timer_cancel(&timers[0].timer);
	timer_cancel(&timers[5].timer);
	ok(true, "a timer that is not armed can be cancelled");
}

static void on_alarm(int sig)
{
	(void)sig;
	calls++;
}

static void test_interrupted(void)
{
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { 0 };
	struct sigaction act = { .sa_handler = on_alarm };

	begin();
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	run(20);
	setitimer(ITIMER_REAL, &never, NULL);
	ok(calls > 0, "a signal does not end the loop");
	signal(SIGALRM, SIG_DFL);
}

int main(void)
{
	alarm(30);
	test_removal();
	test_odd_watches();
	test_modify();
	test_timers();
	test_timers_in_callbacks();
	test_interrupted();
	return done_testing();
}
