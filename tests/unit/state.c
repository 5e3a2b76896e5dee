/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the state table: each state with each event acts, or says why not. */
//link: applets/tcrd/state.c applets/tcrd/ending.c applets/tcrd/restart.c
#include <signal.h>

#include "../../applets/tcrd/attach.h"
#include "../../applets/tcrd/container.h"
#include "../../applets/tcrd/exec.h"
#include "../../applets/tcrd/image.h"
#include "../../applets/tcrd/keeper.h"
#include "../../applets/tcrd/log.h"
#include "../../applets/tcrd/record.h"
#include "../../applets/tcrd/run.h"
#include "../../applets/tcrd/start.h"
#include "../../applets/tcrd/steps.h"
#include "../../applets/tcrd/tcrd.h"
#include "tap.h"

/* What state.c calls is noted, and fails where FAIL names it. */
struct tcrd tcrd;
static struct strbuf calls;
static const char *fail;

static void note(const char *name)
{
	if (calls.len)
		sb_addc(&calls, ' ');
	sb_adds(&calls, name);
}

static int act(const char *name, struct err *e)
{
	note(name);
	return fail && !strcmp(fail, name) ? err_set(e, 0, "%s failed", name) : 0;
}

void attach_ended(struct container *c)
{
	(void)c;
	note("unpublish");
}

void attach_forget(struct container *c)
{
	(void)c;
	note("free_addresses");
}

int start_container(struct container *c, struct err *e)
{
	(void)c;
	return act("start", e);
}

int start_undo(struct container *c, struct err *e)
{
	(void)c;
	return act("undo", e);
}

int start_removal(struct container *c, struct err *e)
{
	(void)c;
	return act("remove", e);
}

int container_forget_record(struct container *c, struct err *e)
{
	(void)c;
	return act("forget", e);
}

void container_signal(struct container *c, int sig)
{
	(void)c;
	note(sig == SIGKILL ? "SIGKILL" : sig == SIGTERM ? "SIGTERM" : "SIG?");
}

int run_stop_signal(const struct container *c)
{
	(void)c;
	return SIGTERM;
}

int container_save_state(const struct container *c, struct err *e)
{
	(void)c;
	return act("save", e);
}

int record_mark(const char *id, const struct spec *spec, enum mark mark, int exit_code, struct err *e)
{
	(void)id;
	(void)exit_code;
	(void)spec;
	return act(mark == MARK_STOPPED ? "mark_stopped" : "mark_ended", e);
}

int record_unmark(const char *id, const struct spec *spec, struct err *e)
{
	(void)id;
	(void)spec;
	return act("unmark", e);
}

bool cgroup_oom_killed(const char *id)
{
	(void)id;
	return false;
}

#if ENABLE_FEATURE_LOGS
void log_stopped(struct container *c)
{
	(void)c;
}

void log_forget(struct container *c)
{
	(void)c;
}
#endif

#if ENABLE_FEATURE_EXEC
bool exec_is_starting(const struct container *c)
{
	(void)c;
	return false;
}

void exec_container_ended(struct container *c)
{
	(void)c;
}
#endif

#if ENABLE_FEATURE_PAUSE
int cgroup_freeze(const char *id, bool frozen, struct err *e)
{
	(void)id;
	return act(frozen ? "freeze" : "thaw", e);
}
#endif

#if ENABLE_FEATURE_EVENTS
void event_container(
	const struct container *c, const char *action, const char *attr, const char *value)
{
	(void)c, (void)action, (void)attr, (void)value;
}

void event_container_int(const struct container *c, const char *action, const char *attr, int value,
	const char *exec_id)
{
	(void)c, (void)action, (void)attr, (void)value, (void)exec_id;
}
#endif

int record_commit(const char *id, const struct spec *spec, struct err *e)
{
	(void)id;
	(void)spec;
	return act("commit", e);
}

bool run_has_lost_client(const struct container *c)
{
	(void)c;
	return false;
}

void keeper_begin(void)
{
}

void run_started(struct container *c)
{
	(void)c;
	note("started");
}

void run_ended(struct container *c)
{
	(void)c;
	note("ended");
}

void run_finished(struct container *c)
{
	(void)c;
	note("finished");
}

void image_release(struct container *c)
{
	(void)c;
	note("release");
}

void container_notify(struct container *c, enum wait_for what, const struct err *why)
{
	static const char *const kinds[] = { "up", "end", "stop", "gone" };

	(void)c;
	note(why ? "!" : "");
	sb_adds(&calls, kinds[what]);
}

void container_free(struct container *c)
{
	(void)c;
	note("free");
}

static char name[] = "web";

static struct container new_container(enum state state)
{
	return (struct container){
		.id = "0123456789abcdef",
		.spec.name = name,
		.state = state,
		.stop_ms = 10000,
		.started_ms = 1,
	};
}

static int happen(struct container *c, enum event ev, struct err *e)
{
	sb_reset(&calls);
	*e = (struct err){ 0 };
	return container_event(c, ev, e);
}

static const char *const state_names[ST_STATES] = {
	[ST_CREATED] = "CREATED",
	[ST_STARTING] = "STARTING",
	[ST_RUNNING] = "RUNNING",
	[ST_PAUSED] = "PAUSED",
	[ST_STOPPING] = "STOPPING",
	[ST_CLEANING] = "CLEANING",
	[ST_WAITING] = "WAITING",
	[ST_EXITED] = "EXITED",
	[ST_REMOVING] = "REMOVING",
};
static const char *const event_names[EV_EVENTS] = {
	[EV_START] = "START",
	[EV_STARTED] = "STARTED",
	[EV_FAILED] = "FAILED",
	[EV_ENDED] = "ENDED",
	[EV_STOP] = "STOP",
	[EV_KILL] = "KILL",
	[EV_CLEANED] = "CLEANED",
	[EV_REMOVE] = "REMOVE",
	[EV_RETRY] = "RETRY",
	[EV_PAUSE] = "PAUSE",
	[EV_UNPAUSE] = "UNPAUSE",
};

/* The calls, and the state behind them; NULL: refused. */
static const struct {
	const char *calls;
	enum state state;
} wanted[ST_STATES][EV_EVENTS] = {
	[ST_CREATED] = {
		[EV_START] = { "unmark start", ST_STARTING },
		[EV_STOP] = { "", ST_CREATED },
		[EV_REMOVE] = { "forget remove", ST_REMOVING },
	},
	[ST_STARTING] = {
		[EV_START] = { "", ST_STARTING },
		[EV_STARTED] = { "save started up", ST_RUNNING },
		[EV_FAILED] = { "save unpublish ended undo", ST_CLEANING },
		[EV_STOP] = { "", ST_STARTING },
		[EV_KILL] = { "", ST_STARTING },
		[EV_REMOVE] = { "", ST_STARTING },
	},
	[ST_RUNNING] = {
		[EV_START] = { "", ST_RUNNING },
		[EV_ENDED] = { "save unpublish ended undo", ST_CLEANING },
		[EV_STOP] = { "SIGTERM", ST_STOPPING },
		[EV_REMOVE] = { "SIGKILL", ST_STOPPING },
		[EV_PAUSE] = { "freeze", ST_PAUSED },
	},
	[ST_PAUSED] = {
		[EV_ENDED] = { "save unpublish ended undo", ST_CLEANING },
		[EV_STOP] = { "SIGTERM thaw", ST_STOPPING },
		[EV_REMOVE] = { "SIGKILL thaw", ST_STOPPING },
		[EV_UNPAUSE] = { "thaw", ST_RUNNING },
	},
	[ST_STOPPING] = {
		[EV_START] = { "", ST_STOPPING },
		[EV_ENDED] = { "save unpublish ended undo", ST_CLEANING },
		[EV_STOP] = { "", ST_STOPPING },
		[EV_KILL] = { "SIGKILL", ST_STOPPING },
		[EV_REMOVE] = { "SIGKILL", ST_STOPPING },
	},
	[ST_CLEANING] = {
		[EV_START] = { "", ST_CLEANING },
		[EV_STOP] = { "", ST_CLEANING },
		[EV_CLEANED] = { "release free_addresses finished end stop !up", ST_EXITED },
		[EV_REMOVE] = { "", ST_CLEANING },
	},
	[ST_WAITING] = {
		[EV_START] = { "unmark start", ST_STARTING },
		[EV_STOP] = { "undo", ST_CLEANING },
		[EV_REMOVE] = { "undo", ST_CLEANING },
		[EV_RETRY] = { "start", ST_STARTING },
	},
	[ST_EXITED] = {
		[EV_START] = { "unmark start", ST_STARTING },
		[EV_STOP] = { "", ST_EXITED },
		[EV_REMOVE] = { "forget remove", ST_REMOVING },
	},
	[ST_REMOVING] = {
		[EV_STOP] = { "", ST_REMOVING },
		[EV_CLEANED] = { "finished free", ST_REMOVING },
		[EV_REMOVE] = { "", ST_REMOVING },
	},
};

static void check_pair(enum state st, enum event ev)
{
	struct container c = new_container(st);
	struct err e;
	int rc = happen(&c, ev, &e);
	char label[100];

	snprintf(label, sizeof(label), "%s in %s", event_names[ev], state_names[st]);
	timer_cancel(&c.kill_timer);
	if (!wanted[st][ev].calls) {
		ok(rc == -1 && calls.len == 0 && c.state == st,
			"%s is refused, and nothing happens", label);
		ok(strstr(e.text, "\"web\"") && strstr(e.text, state_name(container_shown_state(&c))),
			"%s: the error names container and state", label);
		return;
	}
	is_int(rc, 0, label);
	is_str(sb_str(&calls), wanted[st][ev].calls, "it does what it should");
	is_int(c.state, wanted[st][ev].state, "it leads to the right state");
}

static void test_table(void)
{
	for (int st = 0; st < ST_STATES; st++)
		for (int ev = 0; ev < EV_EVENTS; ev++)
			check_pair(st, ev);
	is_str(state_name(ST_STARTING), "created", "states have docker's names");
	is_str(state_name(ST_STOPPING), "running", "what stops still runs");
}

/* What EV does in ST to a container that SET prepared; C is left as it is then. */
static void does(struct container *c, enum event ev, int rc, const char *want, enum state state,
	const char *assertion)
{
	struct err e;

	if (!ok(happen(c, ev, &e) == rc && !strcmp(sb_str(&calls), want) && c->state == state, "%s",
		    assertion))
		printf("# rc: %s, calls: %s, state: %s\n", e.text, sb_str(&calls),
			state_names[c->state]);
	timer_cancel(&c->kill_timer);
}

static void test_stop(void)
{
	struct container c = new_container(ST_RUNNING);

	c.stop_ms = 0;
	does(&c, EV_STOP, 0, "SIGKILL", ST_STOPPING, "a stop without patience kills");
	c = new_container(ST_RUNNING);
	happen(&c, EV_STOP, &(struct err){ 0 });
	ok(c.kill_timer.node.next && c.kill_timer.due_ms > now_ms(),
		"a stop has its patience limited");
	happen(&c, EV_ENDED, &(struct err){ 0 });
	ok(c.kill_timer.node.next == &c.kill_timer.node, "the end ends the limit");
	c = new_container(ST_RUNNING);
	c.stop_ms = -1;
	does(&c, EV_STOP, 0, "SIGTERM", ST_STOPPING, "a patient stop asks");
	ok(!c.kill_timer.node.next, "it waits for ever");
	c.stop_ms = 0;
	does(&c, EV_STOP, 0, "SIGKILL", ST_STOPPING, "a second stop may have no patience");
	c = new_container(ST_STARTING);
	happen(&c, EV_STOP, &(struct err){ 0 });
	does(&c, EV_STARTED, 0, "save started up SIGTERM", ST_STOPPING,
		"a stop at the start comes when it runs");
}

static void test_second_stop(void)
{
	struct container c = new_container(ST_RUNNING);
	struct err e;
	uint64_t due;

	container_stop(&c, 1000, &e);
	due = c.kill_timer.due_ms;
	container_stop(&c, 60000, &e);
	ok(c.kill_timer.due_ms == due, "a more patient second stop does not prolong the first");
	container_stop(&c, -1, &e);
	ok(c.kill_timer.due_ms == due, "nor does one that would wait for ever");
	sb_reset(&calls);
	container_stop(&c, 0, &e);
	is_str(sb_str(&calls), "SIGKILL", "one without patience ends it at once");
	timer_cancel(&c.kill_timer);
	c = new_container(ST_STARTING);
	container_event(&c, EV_REMOVE, &e);
	container_stop(&c, 6000, &e);
	is_int(c.stop_ms, 0, "rm -f while it starts is not made patient by a stop");
	timer_cancel(&c.kill_timer);
}

static void test_unknown_to_the_next(void)
{
	struct container c = new_container(ST_STARTING);

	c.unborn = true;
	fail = "commit";
	does(&c, EV_STARTED, 0, "save commit SIGKILL", ST_STOPPING,
		"a container whose record cannot be written is ended");
	ok(c.failure && c.unborn, "and its run has failed");
	free(c.failure);
	fail = NULL;
	c = new_container(ST_STARTING);
	c.unborn = true;
	does(&c, EV_STARTED, 0, "save commit started up", ST_RUNNING,
		"the record counts before the client is told");
}

static void test_remove(void)
{
	struct container c = new_container(ST_RUNNING);

	does(&c, EV_REMOVE, 0, "SIGKILL", ST_STOPPING,
		"a container that runs is killed to be removed");
	does(&c, EV_ENDED, 0, "save unpublish ended undo", ST_CLEANING, "its end is cleaned up");
	does(&c, EV_CLEANED, 0, "release free_addresses forget remove", ST_REMOVING,
		"then it is removed");
	does(&c, EV_CLEANED, 0, "finished free", ST_REMOVING, "and then it is gone");
	c = new_container(ST_STARTING);
	happen(&c, EV_REMOVE, &(struct err){ 0 });
	does(&c, EV_STARTED, 0, "save started up SIGKILL", ST_STOPPING,
		"one that starts is killed when it runs");
	c = new_container(ST_CLEANING);
	c.spec.rm = true;
	does(&c, EV_CLEANED, 0, "release free_addresses finished free", ST_EXITED,
		"--rm goes when it is cleaned up");
}

static void test_failed_removal(void)
{
	struct container c = new_container(ST_EXITED);

	fail = "forget";
	does(&c, EV_REMOVE, -1, "forget", ST_EXITED, "a removal that fails leaves it as it is");
	ok(!c.remove_wanted, "nobody wants to remove it any more then");
	c = new_container(ST_CLEANING);
	c.remove_wanted = true;
	does(&c, EV_CLEANED, 0, "release free_addresses forget !gone finished end stop !up", ST_EXITED,
		"so does one behind its end, and who waits is told");
	ok(!c.remove_wanted, "nor does anybody want it then");
	fail = NULL;
	does(&c, EV_REMOVE, 0, "forget remove", ST_REMOVING, "another attempt may succeed");
}

static void test_failed_start(void)
{
	struct container c = new_container(ST_CREATED);

	c.started_ms = 0;
	c.unborn = true;
	fail = "start";
	does(&c, EV_START, 0, "unmark start unpublish ended undo", ST_CLEANING,
		"a start that fails is undone");
	ok(c.failure && !strcmp(c.failure->text, "start failed"), "the reason is kept");
	does(&c, EV_CLEANED, 0, "release free_addresses forget remove", ST_REMOVING,
		"of a run that never ran nothing is left");
	free(c.failure);
	c = new_container(ST_CREATED);
	c.started_ms = 0;
	happen(&c, EV_START, &(struct err){ 0 });
	does(&c, EV_CLEANED, 0, "release free_addresses finished end stop !up", ST_CREATED,
		"one that never ran is created");
	fail = NULL;
	does(&c, EV_START, 0, "unmark start", ST_STARTING, "it may be started again");
	ok(!c.failure, "then the earlier reason is forgotten");
	free(c.failure);
}

static void test_new_start(void)
{
	struct container c = new_container(ST_EXITED);

	c.exit_code = 7;
	c.finished_ms = 9;
	c.stop_wanted = true;
	happen(&c, EV_START, &(struct err){ 0 });
	ok(!c.stop_wanted && c.exit_code == 7 && c.finished_ms == 9,
		"until it runs, a container is what the run before has left");
	happen(&c, EV_STARTED, &(struct err){ 0 });
	ok(!c.exit_code && c.finished_ms == 9,
		"then that is forgotten, but for when it ended the last time");
	c = new_container(ST_EXITED);
	tcrd.stopping = true;
	does(&c, EV_START, 0, "unmark save unpublish ended undo", ST_CLEANING,
		"nothing starts while the daemon stops");
	ok(c.failure && strstr(c.failure->text, "shutting down"), "the reason is said");
	free(c.failure);
	tcrd.stopping = false;
}

static void test_policy(void)
{
	struct container c = new_container(ST_RUNNING);
	char always[] = "always", on_failure[] = "on-failure:1";
	struct err e;

	c.spec.restart = always;
	happen(&c, EV_ENDED, &e);
	ok(container_shown_state(&c) == ST_WAITING, "users are told that it restarts");
	does(&c, EV_CLEANED, 0, "free_addresses finished end", ST_WAITING,
		"what is always to run waits for its next start, its root filesystem mounted");
	ok(timer_is_set(&c.retry) && c.restart.count == 1, "its delay has begun");
	container_user_stop(&c, 0, &e);
	ok(c.state == ST_CLEANING && !timer_is_set(&c.retry), "a user ends that");
	does(&c, EV_CLEANED, 0, "release free_addresses finished end stop !up", ST_EXITED,
		"and it stays down");
	c = new_container(ST_RUNNING);
	c.spec.restart = always;
	container_user_stop(&c, 0, &e);
	happen(&c, EV_ENDED, &e);
	does(&c, EV_CLEANED, 0, "release free_addresses finished end stop !up", ST_EXITED,
		"what a user has stopped stays so");
	c = new_container(ST_RUNNING);
	c.spec.restart = always;
	happen(&c, EV_ENDED, &e);
	container_user_stop(&c, 0, &e);
	does(&c, EV_CLEANED, 0, "undo", ST_CLEANING, "what was kept for the next run goes, too");
	does(&c, EV_CLEANED, 0, "release free_addresses finished end stop !up", ST_EXITED,
		"what a user stops just behind its end is not started again");
	c = new_container(ST_RUNNING);
	c.spec.restart = on_failure;
	c.exit_code = 1;
	happen(&c, EV_ENDED, &e);
	does(&c, EV_CLEANED, 0, "free_addresses finished end", ST_WAITING,
		"a failure is followed by another attempt");
	timer_cancel(&c.retry);
	happen(&c, EV_RETRY, &e);
	ok(container_shown_state(&c) == ST_WAITING, "which is a restart until it runs");
	happen(&c, EV_STARTED, &e);
	c.exit_code = 1;
	does(&c, EV_ENDED, 0, "mark_ended save unpublish ended undo", ST_CLEANING,
		"after the last one, the next daemon will know");
	does(&c, EV_CLEANED, 0, "release free_addresses finished end stop !up", ST_EXITED,
		"and it stays down");
	c = new_container(ST_RUNNING);
	container_restart(&c, 0, &e);
	happen(&c, EV_ENDED, &e);
	does(&c, EV_CLEANED, 0, "release free_addresses finished end stop unmark start",
		ST_STARTING, "restart starts it again");
	container_restart(&c, 0, &e);
	container_user_stop(&c, 0, &e);
	ok(!c.start_wanted, "a stop behind a restart wins");
	timer_cancel(&c.kill_timer);
}

static void test_anew(void)
{
	struct container c = new_container(ST_STARTING);
	struct err e;

	container_user_stop(&c, 0, &e);
	happen(&c, EV_START, &e);
	does(&c, EV_STARTED, 0, "save started SIGKILL", ST_STOPPING,
		"a start behind a stop waits for the end of the start before");
	happen(&c, EV_ENDED, &e);
	does(&c, EV_CLEANED, 0, "release free_addresses finished end stop unmark start",
		ST_STARTING, "and is done then");
	timer_cancel(&c.kill_timer);
	c = new_container(ST_CLEANING);
	c.spec.rm = true;
	ok(happen(&c, EV_START, &e) == -1, "what --rm is removing cannot be started");
	c = new_container(ST_RUNNING);
	c.spec.rm = true;
	container_restart(&c, 0, &e);
	happen(&c, EV_ENDED, &e);
	does(&c, EV_CLEANED, 0, "free_addresses finished end stop unmark start", ST_STARTING,
		"restart keeps what has --rm");
	c = new_container(ST_RUNNING);
	c.spec.rm = true;
	container_restart(&c, 0, &e);
	happen(&c, EV_ENDED, &e);
	container_user_stop(&c, 0, &e);
	does(&c, EV_CLEANED, 0, "undo", ST_CLEANING, "and a stop behind that removes all of it");
	c = new_container(ST_STOPPING);
	c.spec.rm = c.remove_wanted = true;
	container_restart(&c, 0, &e);
	happen(&c, EV_ENDED, &e);
	ok(!c.kept, "so does a removal before it");
	timer_cancel(&c.kill_timer);
}

int main(void)
{
	struct err e;

	if (loop_init(&e))
		bail_out(e.text);
	test_table();
	test_stop();
	test_second_stop();
	test_unknown_to_the_next();
	test_remove();
	test_failed_removal();
	test_failed_start();
	test_new_start();
	test_policy();
	test_anew();
	sb_free(&calls);
	return done_testing();
}
