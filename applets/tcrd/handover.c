/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one image of the daemon tells the next. Clients are known by the numbers of their
 * descriptors, which execve(2) keeps. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "container.h"
#include "event.h"
#include "exec.h"
#include "handover.h"
#include "log.h"
#include "reply.h"
#include "rpc.h"
#include "run.h"

/* Milliseconds until T fires; -1: it is not set. */
static long long remaining(const struct timer *t)
{
	uint64_t now = now_ms();

	if (!timer_is_set(t))
		return -1;
	return t->due_ms > now ? (long long)(t->due_ms - now) : 0;
}

static void store_container(const struct container *c, struct strbuf *out)
{
	sb_addf(out, "container %s %d %d %lld %lld %ld %d %d %d %d\n", c->id, c->state, c->master.fd,
		remaining(&c->retry), remaining(&c->kill_timer), c->stop_ms, c->user_stop,
		c->start_wanted, c->remove_wanted, c->restart_wanted);
}

/* The next one opens them again, and closes these. */
static void store_fifos(const struct container *c, struct strbuf *out)
{
	int fds[2];

	log_fds(c, fds);
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			sb_addf(out, "close %d\n", fds[i]);
}

static void keep_fifos(const struct container *c, bool keep)
{
	int fds[2];

	log_fds(c, fds);
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			fcntl(fds[i], F_SETFD, keep ? 0 : FD_CLOEXEC);
}

static struct container *find(const char *id)
{
	struct err ignored;

	return container_find(id, &ignored);
}

/* An older program has told less: what is new comes last. */
static void restore_container(char *line)
{
	char id[ID_LEN + 1];
	int state, master, user_stop, start, remove, restart = 0;
	long long retry, kill;
	long stop_ms;
	struct container *c;

	if (sscanf(line, "%64s %d %d %lld %lld %ld %d %d %d %d", id, &state, &master, &retry, &kill,
		    &stop_ms, &user_stop, &start, &remove, &restart) < 9 ||
		!(c = find(id)))
		return;
	c->master.fd = master;
	if (master >= 0)
		fcntl(master, F_SETFD, FD_CLOEXEC);
	c->stop_ms = stop_ms;
	c->user_stop = user_stop;
	c->start_wanted = start;
	c->remove_wanted = remove;
	c->restart_wanted = restart;
	if (state_is_up(c->state) != state_is_up(state))
		return;
	c->state = state;
	if (kill >= 0)
		timer_set(&c->kill_timer, kill);
	timer_cancel(&c->retry);
	/* Without a timer it waited for others to have started. */
	if (state == ST_WAITING)
		timer_set(&c->retry, retry < 0 ? 0 : retry);
}

/* "-" stands for what is not there: the container of one that is told, the text. */
static void store_waiters(const struct client *cl, struct strbuf *out)
{
	const struct waiter *w;

	list_for_each (w, &cl->waits, order)
		sb_addf(out, "wait %d %s %d %s\n", cl->watch.fd,
			w->container ? w->container->id : "-", w->what, w->text ? w->text : "-");
}

static void restore_waiter(struct client *cl, char *line)
{
	char id[ID_LEN + 1], text[ID_LEN + 1];
	struct container *c;
	int what;

	if (sscanf(line, "%64s %d %64s", id, &what, text) == 3 &&
		((c = find(id)) || !strcmp(id, "-")))
		container_wait(c, what, cl, strcmp(text, "-") ? text : NULL);
}

static void restore_front(struct client *cl, char *line)
{
	struct container *c = find(line);

	if (c)
		run_in_front(c, cl);
}

static void restore_job(struct client *cl, char *line)
{
	struct err e;

	if (reply_job_adopt(cl, atoi(line), &e))
		log_msg("%s", e.text);
}

void handover_put(struct strbuf *out, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = data[i];

		sb_addc(out, 'a' + (c >> 4));
		sb_addc(out, 'a' + (c & 15));
	}
}

void handover_take(const char *word, struct strbuf *data)
{
	for (; word[0] && word[1]; word += 2)
		sb_addc(data, (word[0] - 'a') << 4 | (word[1] - 'a'));
}

/* A client that reads slowly, or not now: what it has not taken yet is none of our business. */
static void store_queue(const struct client *cl, struct strbuf *out)
{
	if (!cl->queue.len)
		return;
	sb_addf(out, "queue %d ", cl->watch.fd);
	handover_put(out, cl->queue.buf, cl->queue.len);
	sb_addc(out, '\n');
}

static void restore_queue(struct client *cl, char *line)
{
	handover_take(line, &cl->queue);
	client_wake(cl);
}

/* What a client waits for. The lines of streams come from their store(). */
static const struct {
	const char *word;
	void (*restore)(struct client *cl, char *line);
} kinds[] = {
	{ "wait", restore_waiter },
	{ "front", restore_front },
#if ENABLE_FEATURE_EXEC
	{ "exec-client", exec_restore_client },
#endif
	{ "job", restore_job },
	{ "queue", restore_queue },
	IF_FEATURE_LOGS({ "logs", log_restore }, )
	IF_FEATURE_EVENTS({ "events", events_restore }, )
};

/* How many things hold it that can be told. */
static unsigned count_holds(const struct client *cl)
{
	unsigned n = (cl->stream != NULL) + (cl->worker != NULL);
	const struct waiter *w;

	list_for_each (w, &cl->waits, order)
		n++;
	return n;
}

static bool store_client(struct client *cl, struct strbuf *out)
{
	struct job *job = reply_job(cl);

	/* Gone, but somebody still works for it. */
	if (cl->watch.fd < 0)
		return !cl->worker;
	if (cl->held != count_holds(cl) || (cl->worker && !job))
		return false;
	sb_addf(out, "client %d %d %s\n", cl->watch.fd, cl->exit_code, cl->argv ? cl->argv[0] : "");
	if (job)
		sb_addf(out, "job %d %d\n", cl->watch.fd, (int)job->child.pid);
	if (cl->stream && !(cl->stream->store && cl->stream->store(cl->stream, out)))
		return false;
	/* What was printed, also just now by the stream. */
	reply_flush_text(cl);
	store_queue(cl, out);
	return true;
}

static struct client *find_client(int fd)
{
	struct client *cl;

	list_for_each (cl, &clients, node)
		if (cl->watch.fd == fd)
			return cl;
	return NULL;
}

static void restore_client(char *line)
{
	int fd = -1, exit_code, at = 0;
	struct client *cl;
	struct err e;

	if (sscanf(line, "%d %d %n", &fd, &exit_code, &at) != 2)
		return;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	cl = reply_new_client(fd);
	cl->exit_code = exit_code;
	if (line[at]) {
		cl->strings = xstrdup(line + at);
		timer_cancel(&cl->patience);
		cl->argv = xcalloc(2, sizeof(char *));
		cl->argv[0] = cl->strings;
		client_hold(cl); /* until its other lines were read */
	}
	if (rpc_adopt(cl, &e))
		log_msg("%s", e.text);
}

int handover_store(struct strbuf *out, struct err *e)
{
	struct container *c;
	struct client *cl;

	list_for_each (c, &containers, node) {
		if (c->helper.pid || c->unborn)
			return err_set(e, 0, "the start or end of container \"%s\"", c->spec.name);
		store_container(c, out);
		if (ENABLE_FEATURE_EXEC && !exec_store(c, out))
			return err_set(e, 0, "the start of a `tcr exec`");
		if (ENABLE_FEATURE_LOGS)
			store_fifos(c, out);
	}
	/* Before the followers. */
	if (ENABLE_FEATURE_EVENTS)
		event_store(out);
	list_for_each (cl, &clients, node)
		if (!store_client(cl, out))
			return err_set(e, 0, "`tcr %.60s`", cl->argv[0]);
	list_for_each (cl, &clients, node)
		store_waiters(cl, out);
	return 0;
}

void handover_keep_fds(bool keep)
{
	struct container *c;
	struct client *cl;

	list_for_each (c, &containers, node) {
		if (c->master.fd >= 0)
			fcntl(c->master.fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
		if (ENABLE_FEATURE_LOGS)
			keep_fifos(c, keep);
		if (ENABLE_FEATURE_EXEC)
			exec_keep_fds(c, keep);
	}
	list_for_each (cl, &clients, node)
		if (cl->watch.fd >= 0)
			fcntl(cl->watch.fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

void handover_restore(char *line)
{
	char *word = strsep(&line, " "), *fd;
	struct client *cl;

	if (!line)
		return;
	if (!strcmp(word, "container"))
		restore_container(line);
	else if (!strcmp(word, "close"))
		close(atoi(line));
	else if (!strcmp(word, "client"))
		restore_client(line);
	else if (ENABLE_FEATURE_EXEC && !strcmp(word, "exec"))
		exec_restore(line);
	else if (ENABLE_FEATURE_EVENTS && !strcmp(word, "ring"))
		event_restore(line);
	else if ((fd = strsep(&line, " ")) && line && (cl = find_client(atoi(fd))))
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			if (!strcmp(word, kinds[i].word))
				kinds[i].restore(cl, line);
}

void handover_end(void)
{
	struct container *c;
	struct client *cl;

	list_for_each (c, &containers, node)
		if (c->master.fd >= 0 && !c->front.client)
			run_drain_terminal(c);
	/* One whose container is gone hears nothing more than its exit code. */
	list_for_each (cl, &clients, node)
		if (cl->argv)
			client_release(cl);
}
