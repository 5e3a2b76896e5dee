/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper of terminals.
 *
 * It never hears of a new terminal: it is forked again with the descriptors of today, and the last
 * one is killed. RUN/terminals says who keeps what under which number, and the next daemon copies
 * it from there (pidfd_getfd(2), Linux 5.6). So there is no protocol, and nothing that a keeper reads. */
//kbuild:obj-y += keeper.o
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "container.h"
#include "keeper.h"
#include "tcrd.h"

#define FILE_NAME "terminals" /* in the run directory */

enum { FILE_MAX = 1024 * 1024, LET_GO_MS = 100 };

static struct child *keeper;   /* NULL: none */
static const char *last = ""; /* the file of the last daemon, as long as its keepers are there */
static struct timer let_go;

static void ended(struct child *c, int status)
{
	(void)status;
	if (c == keeper)
		keeper = NULL;
	free(c);
}

/* In the keeper. GO: a pipe from the daemon; as long as that has not written who we are, we end
 * with it. */
static int keep(void *go)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	char byte;

	prctl(PR_SET_NAME, "tcr-keeper");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* ^C in the daemon's terminal is not ours. */
	setsid();
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
	/* Its user stays: another's processes could kill it, or be killed by it. */
	syscall(SYS_capset, &head, none);
	if (read(*(int *)go, &byte, 1) != 1)
		return 1;
	close(*(int *)go);
	for (;;)
		pause();
}

/* The device that a terminal's inode is on belongs to its container alone. */
static unsigned long long device_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_dev : 0;
}

static void add_keeper(struct strbuf *out, const struct child *c)
{
	if (c && c->pid)
		sb_addf(out, "keeper %d %llu\n", (int)c->pid, process_start_time(c->pid));
}

/* All of them may be alive when the daemon is killed, and each has its own numbers. */
static int write_file(const struct child *new, const struct child *old, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	const struct container *c;

	add_keeper(&sb, new);
	add_keeper(&sb, old);
	list_for_each (c, &containers, node)
		if (c->master.fd >= 0)
			sb_addf(&sb, "%s %d %llu\n", c->id, c->master.fd, device_of(c->master.fd));
	sb_adds(&sb, last);
	return file_write(tcrd.run_fd, FILE_NAME, sb.buf, sb.len, 0600, FILE_VOLATILE, e);
}

/* Adds the masters of all containers to FDS, if that is not NULL, and returns their number. */
static size_t collect(int *fds)
{
	const struct container *c;
	size_t n = 0;

	list_for_each (c, &containers, node)
		if (c->master.fd >= 0 && ++n && fds)
			fds[n - 1] = c->master.fd;
	return n;
}

/* The new one begins before the old one ends. */
static int replace(struct err *e)
{
	size_t n = collect(NULL);
	cleanup_free int *fds = xcalloc(n + 1, sizeof(*fds));
	struct child *old = keeper, *new = NULL;
	int rc = 0, go[2];

	if (n) {
		if (pipe2(go, O_CLOEXEC) < 0)
			return err_set(e, errno, "pipe");
		new = xcalloc(1, sizeof(*new));
		new->ended = ended;
		new->outlives = true;
		fds[collect(fds)] = go[0];
		rc = child_fork(new, keep, &go[0], fds, n + 1, e) || write_file(new, old, e);
		if (rc == 0 && write(go[1], "", 1) == 1)
			keeper = new;
		close(go[0]);
		close(go[1]);
	} else {
		keeper = NULL;
	}
	if (rc == 0 && old)
		child_kill(old, SIGKILL);
	/* Not before: one that no file names would be there for ever. */
	if (!n)
		unlinkat(tcrd.run_fd, FILE_NAME, 0);
	if (rc && new && !new->pid)
		free(new); /* else it ends by itself */
	return rc ? -1 : 0;
}

static void update(struct timer *t)
{
	struct err e;

	timer_cancel(t);
	if (replace(&e))
		log_msg("terminals will not outlive this daemon: %s", e.text);
}

void keeper_begin(void)
{
	update(&let_go);
}

void keeper_end(void)
{
	let_go.fire = update;
	/* The last one ends at once: the daemon may be about to. */
	if (keeper && !collect(NULL))
		update(&let_go);
	else if (keeper)
		timer_set(&let_go, LET_GO_MS);
}

/* Copies the descriptor NUMBER of the process PID, if it is on DEVICE. */
static int copy_fd(pid_t pid, unsigned long long start, int number, unsigned long long device)
{
	cleanup_close int pidfd = syscall(SYS_pidfd_open, pid, 0);
	cleanup_close int fd = -1;

	if (pidfd < 0 || process_start_time(pid) != start)
		return -1;
	fd = syscall(SYS_pidfd_getfd, pidfd, number, 0);
	return fd >= 0 && device_of(fd) == device ? steal_fd(&fd) : -1;
}

/* Calls FN for each keeper that the file names, until it is true. */
static bool each_keeper(const char *text, bool (*fn)(pid_t pid, unsigned long long start, void *arg),
	void *arg)
{
	unsigned long long start;
	int pid;

	for (; text && *text; text = strchr(text, '\n'), text += text != NULL)
		if (sscanf(text, "keeper %d %llu", &pid, &start) == 2 && fn(pid, start, arg))
			return true;
	return false;
}

struct wanted {
	int number, fd;
	unsigned long long device;
};

static bool try_keeper(pid_t pid, unsigned long long start, void *arg)
{
	struct wanted *w = arg;

	w->fd = copy_fd(pid, start, w->number, w->device);
	return w->fd >= 0;
}

int keeper_take(const struct container *c)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct wanted w = { .fd = -1 };
	struct err ignored;
	const char *line;

	if (!c->spec.tty || file_read(tcrd.run_fd, FILE_NAME, FILE_MAX, &sb, &ignored))
		return -1;
	/* The wrong number for a keeper leads to no device of this container. */
	for (line = sb_str(&sb); w.fd < 0 && (line = strstr(line, c->id)); line += ID_LEN)
		if (sscanf(line + ID_LEN, "%d %llu", &w.number, &w.device) == 2)
			each_keeper(sb.buf, try_keeper, &w);
	return w.fd;
}

static bool kill_keeper(pid_t pid, unsigned long long start, void *arg)
{
	(void)arg;
	if (pid > 1 && start && process_start_time(pid) == start)
		kill(pid, SIGKILL);
	return false;
}

void keeper_settle(void)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err ignored;

	file_read(tcrd.run_fd, FILE_NAME, FILE_MAX, &sb, &ignored);
	last = sb_str(&sb);
	if (collect(NULL))
		update(&let_go);
	each_keeper(last, kill_keeper, NULL);
	last = "";
	if (!keeper)
		unlinkat(tcrd.run_fd, FILE_NAME, 0);
	else if (sb.len)
		write_file(keeper, NULL, &ignored);
}
