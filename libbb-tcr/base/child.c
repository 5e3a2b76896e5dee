/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes and their pidfds. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/fd.h"

/* linux/pidfd.h of Linux 6.15; older headers lack it. */
struct pidfd_info_exit {
	uint64_t mask;
	uint64_t cgroupid;
	uint32_t pids[3];
	uint32_t ids[8];
	int32_t exit_code;
};
#define INFO_EXIT (1ULL << 3)
#define GET_INFO _IOWR(0xff, 11, struct pidfd_info_exit)

static struct list watched = LIST_INIT(watched);

/* How often and how long a dead process is waited for that somebody else has to reap. */
enum { TRIES = 250, PAUSE_MS = 4 };

/* What children get; see child_raise_files(). */
static struct rlimit files;

void child_raise_files(void)
{
	struct rlimit raised;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	raised = files;
	raised.rlim_cur = raised.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &raised) < 0)
		files.rlim_max = 0;
}

void child_restore_files(void)
{
	if (files.rlim_max)
		setrlimit(RLIMIT_NOFILE, &files);
}

static int foreign_status(int pidfd)
{
	struct pidfd_info_exit info = { .mask = INFO_EXIT };

	if (ioctl(pidfd, GET_INFO, &info) < 0 || !(info.mask & INFO_EXIT))
		return STATUS_UNKNOWN;
	return info.exit_code;
}

static void reap(struct child *c)
{
	int status;

	pid_t reaped = waitpid(c->pid, &status, WNOHANG);

	if (reaped != c->pid) {
		/* A debugger that traces it comes first. Or it still has another parent. Who is
		 * about to end, and then it is our child (crun's helper has this race with the
		 * container), or who reaps it, and then the kernel tells the status to others, too.
		 */
		if ((reaped == 0 || c->tries++ < TRIES) &&
			syscall(SYS_pidfd_send_signal, c->watch.fd, 0, NULL, 0) == 0) {
			loop_del(&c->watch);
			timer_set(&c->again, PAUSE_MS);
			return;
		}
		status = foreign_status(c->watch.fd);
	}
	child_forget(c);
	c->ended(c, status);
}

static void pidfd_ready(struct watch *w, uint32_t events)
{
	(void)events;
	reap(container_of(w, struct child, watch));
}

static void try_again(struct timer *t)
{
	reap(container_of(t, struct child, again));
}

/* Orphans that were reaped while a pid that we did not know yet might have been theirs. */
static struct {
	struct orphan {
		pid_t pid;
		int status;
	} *all; /* owned */
	size_t n;
} orphans;

/* The last one that had it: numbers are used again. */
static struct orphan *find_orphan(pid_t pid)
{
	for (size_t i = orphans.n; i--;)
		if (orphans.all[i].pid == pid)
			return &orphans.all[i];
	return NULL;
}

static void remember(pid_t pid, int status)
{
	orphans.all = xrealloc(orphans.all, (orphans.n + 1) * sizeof(*orphans.all));
	orphans.all[orphans.n++] = (struct orphan){ pid, status };
}

static void tell_late(struct timer *t)
{
	struct child *c = container_of(t, struct child, again);

	child_forget(c);
	c->ended(c, c->status);
}

/* It has ended already, and is reaped. */
static void watch_orphan(struct child *c, const struct orphan *o)
{
	c->watch.fd = -1;
	c->pid = o->pid;
	c->status = o->status;
	c->again.fire = tell_late;
	list_append(&watched, &c->node);
	timer_set(&c->again, 0);
}

int child_watch(struct child *c, pid_t pid, struct err *e)
{
	const struct orphan *o = find_orphan(pid);

	if (o) {
		watch_orphan(c, o);
		return 0;
	}
	c->watch.fd = syscall(SYS_pidfd_open, pid, 0);
	if (c->watch.fd < 0)
		return err_set(e, errno, "pidfd_open %d", (int)pid);
	c->watch.ready = pidfd_ready;
	if (loop_add(&c->watch, EPOLLIN, e)) {
		close(steal_fd(&c->watch.fd));
		return -1;
	}
	c->pid = pid;
	c->tries = 0;
	c->again.fire = try_again;
	list_append(&watched, &c->node);
	return 0;
}

void child_kill(const struct child *c, int sig)
{
	if (c->pid)
		syscall(SYS_pidfd_send_signal, c->watch.fd, sig, NULL, 0);
}

void child_forget(struct child *c)
{
	if (!c->pid)
		return;
	loop_del(&c->watch);
	timer_cancel(&c->again);
	list_remove(&c->node);
	if (c->watch.fd >= 0)
		close(steal_fd(&c->watch.fd));
	c->pid = 0;
}

/* What every child starts with, between (v)fork and exec: only async-signal-safe calls. PARENT: with
 * whom it dies, or 0. */
static void child_setup(pid_t parent)
{
	sigset_t none;

	if (parent) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_ENGINE);
	}
	child_restore_files();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int watch_or_kill(struct child *c, pid_t pid, struct err *e)
{
	struct orphan *o;

	/* It was born just now: they are others. */
	while ((o = find_orphan(pid)))
		o->pid = 0;
	if (!child_watch(c, pid, e))
		return 0;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

int child_spawn(struct child *c, const struct spawn *s, struct err *e)
{
	pid_t parent = getpid(), pid = vfork();

	if (pid < 0)
		return err_set(e, errno, "vfork");
	if (pid == 0) {
		child_setup(parent);
		if (fds_to_stdio(s->fds) == 0 && (!s->prepare || s->prepare() == 0))
			execv(s->path, (char *const *)s->argv);
		_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_INVOKE);
	}
	return watch_or_kill(c, pid, e);
}

int child_fork(
	struct child *c, int (*fn)(void *arg), void *arg, const int *keep, size_t n, struct err *e)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return err_set(e, errno, "fork");
	if (pid == 0) {
		child_setup(c->outlives ? 0 : parent);
		/* A copy of a client's pipe in here would keep its reader waiting for the end. */
		fds_close_others(keep, n);
		_exit(fn(arg));
	}
	return watch_or_kill(c, pid, e);
}

static struct child *find_watched(pid_t pid)
{
	struct child *c;

	list_for_each (c, &watched, node)
		if (c->pid == pid)
			return c;
	return NULL;
}

void child_reap_all(bool (*pending)(void))
{
	siginfo_t si = { 0 };

	if (!pending())
		orphans.n = 0;
	while (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid) {
		struct child *c = find_watched(si.si_pid);
		int status;

		/* One that is watched may hide others behind it. */
		if (c) {
			reap(c);
			if (c == find_watched(si.si_pid))
				return;
		} else if (waitpid(si.si_pid, &status, WNOHANG) == si.si_pid && pending()) {
			remember(si.si_pid, status);
		}
		si.si_pid = 0;
	}
}

int status_exit_code(int status)
{
	if (status == STATUS_UNKNOWN)
		return EXIT_ENGINE;
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}
