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

int child_watch(struct child *c, pid_t pid, struct err *e)
{
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
	close(steal_fd(&c->watch.fd));
	c->pid = 0;
}

/* What every child starts with, between (v)fork and exec: only async-signal-safe calls. */
static void child_setup(pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_ENGINE);
	child_restore_files();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int watch_or_kill(struct child *c, pid_t pid, struct err *e)
{
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
		child_setup(parent);
		/* A copy of a client's pipe in here would keep its reader waiting for the end. */
		fds_close_others(keep, n);
		_exit(fn(arg));
	}
	return watch_or_kill(c, pid, e);
}

static bool is_watched(pid_t pid)
{
	struct child *c;

	list_for_each (c, &watched, node)
		if (c->pid == pid)
			return true;
	return false;
}

void child_reap_orphans(bool pending)
{
	siginfo_t si = { 0 };

	/* A watched child that ended reports through its pidfd; it is left alone here, and the
	 * orphans behind it are found at the next call. */
	while (!pending && waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid) {
		if (is_watched(si.si_pid))
			return;
		waitpid(si.si_pid, NULL, WNOHANG);
		si.si_pid = 0;
	}
}

int status_exit_code(int status)
{
	if (status == STATUS_UNKNOWN)
		return EXIT_ENGINE;
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}
