/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of the daemon that work for one client. */
//kbuild:obj-y += job.o
#include <sys/wait.h>

#include "base/mem.h"
#include "reply.h"
#include "rpc.h"
#include "tcrd.h"

static int work(void *arg)
{
	struct job *j = arg;
	int exit_code;

	j->client->direct = true;
	exit_code = j->fn(j->client, j->arg);
	reply_flush_text(j->client);
	return exit_code;
}

void client_worker_died(const struct client *cl, int status, struct err *e)
{
	err_set(e, 0, tcrd.stopping ? "%s: tcrd ends" : "%s: its process was ended (status %d)",
		cl->argv[0], status_exit_code(status));
}

static void ended(struct child *child, int status)
{
	struct job *j = container_of(child, struct job, child);
	struct err e;

	j->client->worker = NULL;
	if (WIFSIGNALED(status)) {
		client_worker_died(j->client, status, &e);
		client_error(j->client, &e);
	} else if (!j->client->exit_code) {
		j->client->exit_code = status_exit_code(status);
	}
	client_release(j->client);
	free(j);
}

static struct job *new_job(struct client *cl)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->child.ended = ended;
	j->client = cl;
	return j;
}

static void begin(struct job *j)
{
	client_hold(j->client);
	j->client->worker = &j->child;
	client_close_fds(j->client);
}

int client_fork(
	struct client *cl, int (*fn)(struct client *cl, void *arg), void *arg, struct err *e)
{
	struct job *j = new_job(cl);

	j->fn = fn;
	j->arg = arg;
	reply_flush_text(cl);
	if (child_fork(&j->child, work, j, cl->fds, TCR_FD_MAX, e)) {
		free(j);
		return -1;
	}
	begin(j);
	return 0;
}

struct job *reply_job(const struct client *cl)
{
	return cl->worker && cl->worker->ended == ended
		? container_of((struct child *)cl->worker, struct job, child)
		: NULL;
}

int reply_job_adopt(struct client *cl, pid_t pid, struct err *e)
{
	struct job *j = new_job(cl);

	if (child_watch(&j->child, pid, e)) {
		free(j);
		return -1;
	}
	begin(j);
	return 0;
}
