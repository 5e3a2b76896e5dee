/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a process that `exec` starts: crun brings it into the container and leaves it to us,
 * who are a subreaper, as our own child. */
//kbuild:obj-$(CONFIG_FEATURE_EXEC) += exec_process.o
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/keys.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sock.h"
#include "crun.h"
#include "event.h"
#include "exec.h"
#include "json/json.h"
#include "start.h"
#include "steps.h"
#include "tcrd.h"

/* Those whose container has ended before crun has. */
static struct list left = LIST_INIT(left);

static unsigned pending;

bool exec_pending(void)
{
	return pending > 0;
}

bool exec_is_starting(const struct container *c)
{
	const struct exec *x;

	list_for_each (x, &c->execs, node)
		if (x->crun.pid)
			return true;
	return false;
}

static char *file_of(const struct exec *x, const char *suffix)
{
	return xasprintf("%s%s", x->files, suffix);
}

/* "" is the console's socket, whose path has no room for more. */
static void remove_files(const struct exec *x)
{
	static const char *const suffixes[] = { "", ".json", ".pid", ".log" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		cleanup_free char *file = file_of(x, suffixes[i]);

		unlink(file);
	}
}

static void close_terminal(struct exec *x)
{
	loop_del(&x->master);
	if (x->master.fd >= 0)
		close(steal_fd(&x->master.fd));
}

static void free_exec(struct exec *x)
{
	list_remove(&x->node);
	close_terminal(x);
	if (x->console >= 0)
		close(steal_fd(&x->console));
	free(x->files);
	free(x->keys);
	free(x);
}

static void process_ended(struct child *process, int status)
{
	struct exec *x = container_of(process, struct exec, process);
	int exit_code = status_exit_code(status);

	if (x->container)
		event_container_int(x->container, "exec_die", "exitCode", exit_code, x->id);
	if (x->stream.client)
		x->stream.client->exit_code = exit_code;
	client_leave(&x->stream);
	free_exec(x);
}

static void discard(struct watch *w, uint32_t events)
{
	char buf[4096];

	(void)events;
	/* Not closed at EIO: that would hang up a process that has only closed its own end. */
	if (read(w->fd, buf, sizeof(buf)) > 0)
		loop_modify(w, EPOLLIN | EPOLLET);
}

/* Nobody looks at the terminal, and the process is to go on all the same. FD is taken over. */
static void keep_terminal(struct exec *x, int fd)
{
	struct err e;

	if (fd < 0)
		return;
	fcntl(fd, F_SETFL, O_NONBLOCK | O_RDWR);
	x->master.fd = fd;
	x->master.ready = discard;
	/* Without it the kernel hangs the process up. */
	if (loop_add(&x->master, EPOLLIN | EPOLLET, &e))
		close_terminal(x);
}

static void client_signals(struct stream *s, int sig)
{
	struct exec *x = container_of(s, struct exec, stream);

	if (x->process.pid)
		child_kill(&x->process, sig);
	else
		x->early_signal = sig;
}

/* With a terminal the client had the only master: the kernel sends SIGHUP. Without, the process goes
 * on, as docker has it. */
static void client_has_gone(struct stream *s)
{
	(void)s;
}

static void client_detaches(struct stream *s, int fd)
{
	struct exec *x = container_of(s, struct exec, stream);

	if (x->container)
		event_container(x->container, "exec_detach", "execID", x->id);
	if (x->tty && x->master.fd < 0)
		keep_terminal(x, fd);
	else if (fd >= 0)
		close(fd);
}

/* The process runs. MASTER of its terminal is taken over. */
static void process_started(struct exec *x, int master)
{
	int how = x->tty ? TCR_ATTACHED_TERMINAL | (x->interactive ? TCR_ATTACHED_INPUT : 0) : 0;
	struct client *cl = x->stream.client;

	if (x->container)
		event_container(x->container, "exec_start", "execID", x->id);
	if (x->detach)
		keep_terminal(x, steal_fd(&master));
	else if (cl)
		client_attach(cl, how, master, x->keys ? x->keys : KEYS_DEFAULT);
	if (cl && x->early_signal)
		child_kill(&x->process, x->early_signal);
	if (master >= 0)
		close(master);
	if (x->detach)
		client_leave(&x->stream);
}

static int find_process(struct exec *x, struct err *e)
{
	cleanup_free char *pid = file_of(x, ".pid");

	x->process.ended = process_ended;
	return crun_watch(&x->process, pid, e);
}

static int crun_failed(struct exec *x, int status, struct err *e)
{
	cleanup_free char *log = file_of(x, ".log");
	struct pollfd init = { .events = POLLIN };

	if (x->container)
		init.fd = x->container->init.watch.fd;
	/* Its namespaces go a moment before we are told that it has ended. */
	if (!x->container || poll(&init, 1, 20) > 0)
		return err_set(e, 0, "the container has ended before the command was started");
	return crun_explain(log, status, !x->tty && !x->detach, e);
}

static void crun_ended(struct child *crun, int status)
{
	struct exec *x = container_of(crun, struct exec, crun);
	int rc = 0, master = -1;
	struct err e;

	pending--;
	if (status != 0)
		rc = crun_failed(x, status, &e);
	else if (find_process(x, &e) || (x->tty && (master = crun_take_master(x->console, &e)) < 0))
		rc = -1;
	remove_files(x);
	if (x->console >= 0)
		close(steal_fd(&x->console));
	if (rc == 0) {
		process_started(x, master);
	} else {
		if (x->stream.client)
			client_error(x->stream.client, &e);
		client_leave(&x->stream);
		/* One without its terminal is hung up, and still to be reaped. */
		if (!x->process.pid)
			free_exec(x);
	}
	child_reap_all(start_pending);
}

static int write_process(const struct exec *x, const struct process *p, struct err *e)
{
	cleanup_free char *path = file_of(x, ".json");
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct json j;

	json_init(&j, &sb);
	oci_emit_process(&j, NULL, p);
	return json_finish(&j)
		? err_set(e, 0, "process.json cannot be encoded")
		: file_write(AT_FDCWD, path, sb.buf, sb.len, 0600, FILE_VOLATILE, e);
}

static int spawn(struct exec *x, const struct client *cl, struct err *e)
{
	cleanup_free char *root = xasprintf("%s/crun", tcrd.run_dir), *log = file_of(x, ".log");
	cleanup_free char *json = file_of(x, ".json"), *pid = file_of(x, ".pid");
	cleanup_close int nul = open("/dev/null", O_RDWR | O_CLOEXEC);
	const char *argv[] = { "crun", "--root", root, "--log", log, "--cgroup-manager",
		crun_cgroup_manager(), "exec", "--detach", "--process", json, "--pid-file", pid,
		"--console-socket", x->files, x->container->id, NULL };
	const bool own = !x->tty && !x->detach;
	const int fds[] = { own && x->interactive ? cl->fds[TCR_FD_STDIN] : nul,
		own ? cl->fds[TCR_FD_STDOUT] : nul, own ? cl->fds[TCR_FD_STDERR] : nul };

	if (nul < 0)
		return err_set(e, errno, "/dev/null");
	if (!x->tty) {
		argv[ARRAY_SIZE(argv) - 4] = x->container->id;
		argv[ARRAY_SIZE(argv) - 3] = NULL;
	} else if ((x->console = sock_listen(x->files, SOCK_STREAM, 0600, e)) < 0) {
		return -1;
	}
	x->crun.ended = crun_ended;
	return crun_spawn(&x->crun, argv, fds, e);
}

/* Three characters are all that a socket's path has room for: see crun.c. The files of 4096 starts
 * ago are gone. */
static char *next_files(const struct container *c)
{
	static unsigned serial;
	char name[4];

	snprintf(name, sizeof(name), "%03x", serial++ & 0xfff);
	return run_path(c->id, name);
}

/* In docker's words: "exec_create: sh -c id". */
static void tell_created(const struct exec *x, const struct process *p)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	sb_adds(&sb, "exec_create:");
	for (char **arg = p->args; *arg; arg++)
		sb_addf(&sb, " %.200s", *arg);
	event_container(x->container, sb.buf, "execID", x->id);
}

static bool client_is_stored(struct stream *s, struct strbuf *out)
{
	sb_addf(out, "exec-client %d %s\n", s->client->watch.fd,
		container_of(s, struct exec, stream)->id);
	return true;
}

static void join(struct exec *x, struct client *cl)
{
	x->stream.signal = client_signals;
	x->stream.gone = client_has_gone;
	x->stream.detached = client_detaches;
	x->stream.store = client_is_stored;
	client_join(cl, &x->stream);
}

int exec_start(struct container *c, struct client *cl, const struct process *p, struct exec *wish,
	struct err *e)
{
	struct exec *x = xcalloc(1, sizeof(*x));

	*x = *wish;
	x->master.fd = x->console = -1;
	x->keys = wish->keys ? xstrdup(wish->keys) : NULL;
	x->files = next_files(c);
	x->container = c;
	list_append(&c->execs, &x->node);
	if (random_id(x->id, e) || write_process(x, p, e) || spawn(x, cl, e)) {
		remove_files(x);
		free_exec(x);
		return -1;
	}
	pending++;
	join(x, cl);
	client_close_fds(cl);
	tell_created(x, p);
	return 0;
}

/* A crun that goes on would write to a directory that is being removed. What it has started is gone
 * with the container; it itself needs a moment to be. */
static void end_crun(struct exec *x)
{
	struct pollfd p = { .fd = x->crun.watch.fd, .events = POLLIN };

	if (!x->crun.pid)
		return;
	child_kill(&x->crun, SIGKILL);
	poll(&p, 1, 100);
}

void exec_container_ended(struct container *c)
{
	struct exec *x;

	list_for_each (x, &c->execs, node) {
		end_crun(x);
		list_remove(&x->node);
		list_append(&left, &x->node);
		x->container = NULL;
	}
}

bool exec_store(const struct container *c, struct strbuf *out)
{
	const struct exec *x;

	if (pending)
		return false;
	list_for_each (x, &c->execs, node)
		sb_addf(out, "exec %s %s %d %d %d\n", c->id, x->id, (int)x->process.pid, x->tty,
			x->master.fd);
	return true;
}

void exec_keep_fds(const struct container *c, bool keep)
{
	const struct exec *x;

	list_for_each (x, &c->execs, node)
		if (x->master.fd >= 0)
			fcntl(x->master.fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

void exec_restore(const char *line)
{
	struct exec *x = xcalloc(1, sizeof(*x));
	char container[ID_LEN + 1];
	int pid = 0, tty = 0, master = -1;
	struct err e = { 0 };

	list_init(&x->node);
	x->master.fd = x->console = -1;
	x->process.ended = process_ended;
	if (sscanf(line, "%64s %64s %d %d %d", container, x->id, &pid, &tty, &master) != 5 ||
		!(x->container = container_find(container, &e)) ||
		child_watch(&x->process, pid, &e)) {
		log_msg("after SIGHUP: a command is forgotten: %s", e.text);
		if (master >= 0)
			close(master);
		free_exec(x);
		return;
	}
	x->tty = tty;
	list_append(&x->container->execs, &x->node);
	if (master >= 0)
		fcntl(master, F_SETFD, FD_CLOEXEC);
	keep_terminal(x, master);
}

void exec_restore_client(struct client *cl, char *line)
{
	struct container *c;
	struct exec *x;

	list_for_each (c, &containers, node)
		list_for_each (x, &c->execs, node)
			if (!strcmp(x->id, line))
				join(x, cl);
}
