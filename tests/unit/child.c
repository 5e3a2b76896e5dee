/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/child. */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "children.h"

enum { HIGH_FD = 700 };

static const int no_fds[3] = { -1, -1, -1 };

/* The status of a shell script. */
static int script(const char *text, const int fds[3])
{
	const char *argv[] = { "sh", "-c", text, NULL };
	struct child c = { .ended = ended };
	struct err e = { 0 };

	begin();
	if (child_spawn(
		    &c, &(struct spawn){ "/bin/sh", argv, { fds[0], fds[1], fds[2] }, NULL }, &e))
		bail_out(e.text);
	run();
	return last_status;
}

static int spawn_exit_code(const char *path)
{
	const char *argv[] = { path, NULL };
	struct child c = { .ended = ended };
	struct err e = { 0 };

	begin();
	if (child_spawn(&c, &(struct spawn){ path, argv, { -1, -1, -1 }, NULL }, &e))
		bail_out(e.text);
	run();
	return status_exit_code(last_status);
}

static void test_status(void)
{
	is_int(status_exit_code(script("exit 0", no_fds)), 0, "success is exit code 0");
	is_int(status_exit_code(script("exit 7", no_fds)), 7, "an exit code is told");
	is_int(status_exit_code(script("exit 255", no_fds)), 255, "so is the highest one");
	is_int(status_exit_code(script("kill -TERM $$", no_fds)), 143, "signal 15 is 128 + 15");
	is_int(status_exit_code(script("kill -KILL $$", no_fds)), 137, "signal 9 is 128 + 9");
	is_int(status_exit_code(STATUS_UNKNOWN), EXIT_ENGINE, "an unknown status is exit code 125");
	is_int(spawn_exit_code("/none"), EXIT_NOT_FOUND, "a missing program is exit code 127");
	is_int(spawn_exit_code("/"), EXIT_CANNOT_INVOKE, "what cannot be executed is 126");
	is_int(waitpid(-1, NULL, WNOHANG), -1, "no zombie is left");
}

/* Descriptors that whoever started the test leaves to all: 0, 1, 2, those of a job server. */
static int inherited(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) == 0;
	return n;
}

static void test_spawn(void)
{
	int pipes[2], fds[3] = { -1, -1, -1 }, lines = 0;
	char text[4096] = "";
	ssize_t n;
	sigset_t set;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		bail_out("pipe");
	fds[1] = pipes[1];
	script("echo out", fds);
	ok(read(pipes[0], text, sizeof(text)) == 4 && !memcmp(text, "out\n", 4),
		"a descriptor becomes standard output");
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	is_int(status_exit_code(script("kill -TERM $$; exit 3", no_fds)), 143,
		"a program is started without blocked signals");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	fcntl(pipes[0], F_DUPFD_CLOEXEC, HIGH_FD);
	script("exec ls /proc/self/fd", fds);
	n = read(pipes[0], text, sizeof(text));
	for (ssize_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	/* and the directory that ls(1) reads */
	is_int(lines, inherited() + 1, "a program gets no pipe, socket or epoll instance of ours");
	close(HIGH_FD);
	close(pipes[0]);
	close(pipes[1]);
}

/* ARG: array of descriptors that are to be open, ends with -1. */
static int count_wrong_fds(void *arg)
{
	int wrong = 0;

	for (int fd = 3; fd < 1024; fd++) {
		bool want = false, open = fcntl(fd, F_GETFD) >= 0;

		for (const int *k = arg; *k >= 0; k++)
			want = want || *k == fd;
		wrong += want != open;
	}
	return wrong > 100 ? 100 : wrong;
}

static int exit_42(void *arg)
{
	(void)arg;
	return 42;
}

static int fork_status(int (*fn)(void *arg), void *arg, const int *keep, size_t n)
{
	struct child c = { .ended = ended };
	struct err e = { 0 };

	begin();
	if (child_fork(&c, fn, arg, keep, n, &e))
		bail_out(e.text);
	run();
	return last_status;
}

static void test_fork(void)
{
	int none[] = { -1 }, some[] = { 600, 500, 601, -1 };
	cleanup_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	is_int(status_exit_code(fork_status(exit_42, NULL, NULL, 0)), 42,
		"a function's result is the exit code");
	for (int fd = 500; fd < 700; fd += 1)
		dup3(null, fd, O_CLOEXEC);
	is_int(status_exit_code(fork_status(count_wrong_fds, none, NULL, 0)), 0,
		"a forked copy has no descriptor beside the standard ones");
	is_int(status_exit_code(fork_status(count_wrong_fds, some, some, 3)), 0,
		"it has those that are kept, whatever their order, and no other");
	for (int fd = 500; fd < 700; fd++)
		close(fd);
}

static struct child *second;

static void free_and_spawn(struct child *c, int status)
{
	struct err e = { 0 };

	free(c);
	last_status = status;
	ends++;
	if (child_fork(second, exit_42, NULL, NULL, 0, &e))
		bail_out(e.text);
}

static void test_callbacks(void)
{
	struct child *first = xcalloc(1, sizeof(*first)), reused = { .ended = ended };
	struct child idle = { .watch = { .fd = -1 } };
	struct err e = { 0 };

	begin();
	first->ended = free_and_spawn;
	second = &reused;
	child_fork(first, exit_42, NULL, NULL, 0, &e);
	run();
	ok(ends == 2 && status_exit_code(last_status) == 42,
		"at its end a child may be freed, and another one started");
	child_kill(&idle, SIGKILL);
	child_forget(&idle);
	ok(true, "where no process is, none is killed or forgotten");
	is_int(child_watch(&idle, 0x3ffffff, &e), -1,
		"a process that does not exist cannot be watched");
	ok(idle.watch.fd == -1 && idle.pid == 0, "nothing is watched then");
}

static int wait_for_ever(void *arg)
{
	(void)arg;
	while (pause() < 0)
		;
	return 0;
}

static void test_kill(void)
{
	struct child c = { .ended = ended }, d = { .ended = ended };
	struct err e = { 0 };
	pid_t pid;

	begin();
	child_fork(&c, wait_for_ever, NULL, NULL, 0, &e);
	child_kill(&c, SIGTERM);
	run();
	is_int(status_exit_code(last_status), 143, "a signal reaches the child");
	begin();
	child_fork(&c, wait_for_ever, NULL, NULL, 0, &e);
	child_fork(&d, exit_42, NULL, NULL, 0, &e);
	pid = c.pid;
	child_forget(&c);
	ok(!c.pid && c.watch.fd == -1, "a forgotten child is none");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	run();
	ok(ends == 1 && status_exit_code(last_status) == 42,
		"the end of a forgotten child is not told");
}

/* How many children of ours are dead and not reaped yet; with WANT, at the latest after 10 s so
 * many. */
static int zombies(int want)
{
	for (int i = 0; i < 1000; i++) {
		siginfo_t si = { 0 };
		bool dead = waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid;

		if (dead == (want > 0))
			return want;
		usleep(10000);
	}
	return -1;
}

static bool yes(void)
{
	return true;
}

static bool no(void)
{
	return false;
}

/* A process that ends before anybody knows that it is a container's. */
static void test_late_watch(void)
{
	struct child c = { .ended = ended };
	struct err e = { 0 };
	pid_t pid = fork();

	if (pid == 0)
		_exit(43);
	zombies(1);
	child_reap_all(yes);
	is_int(waitpid(pid, NULL, WNOHANG), -1, "a stranger is reaped while a start is under way");
	begin();
	is_int(child_watch(&c, pid, &e), 0, "it can still be watched");
	run();
	is_int(status_exit_code(last_status), 43, "its status was kept");
	child_reap_all(no);
	is_int(child_watch(&c, pid, &e), -1, "but not for ever");
}

static void test_orphans(void)
{
	struct child c = { .ended = ended };
	siginfo_t si;
	struct err e = { 0 };

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	script("(sleep 0.01; exit 3) & (exit 4) & exit 0", no_fds);
	is_int(zombies(1), 1, "orphans come to us");
	for (int i = 0; i < 1000 && waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0; i++) {
		child_reap_all(i % 2 ? no : yes);
		usleep(10000);
	}
	is_int(waitpid(-1, NULL, WNOHANG), -1, "all are reaped, also while a container is being started");
	begin();
	child_fork(&c, exit_42, NULL, NULL, 0, &e);
	zombies(1);
	child_reap_all(no);
	is_int(status_exit_code(last_status), 42, "a watched child's end is told");
	test_late_watch();
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* Starts a child as a daemon would, tells its pid, and dies. */
static void __attribute__((noreturn)) short_daemon(int out, bool exec)
{
	const char *argv[] = { "sleep", "100", NULL };
	struct child c = { .ended = ended };
	struct err e = { 0 };

	begin();
	if (exec ? child_spawn(&c, &(struct spawn){ "/bin/sleep", argv, { -1, -1, -1 }, NULL }, &e)
		 : child_fork(&c, wait_for_ever, NULL, NULL, 0, &e))
		_exit(1);
	if (write(out, &c.pid, sizeof(c.pid)) < 0)
		_exit(1);
	kill(getpid(), SIGKILL);
	_exit(1);
}

static void dies_with_daemon(bool exec, const char *assertion)
{
	struct child c = { .ended = ended };
	struct err e = { 0 };
	pid_t daemon, pid = 0;
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) < 0 || (daemon = fork()) < 0)
		bail_out("fork");
	if (!daemon)
		short_daemon(pipes[1], exec);
	if (read(pipes[0], &pid, sizeof(pid)) != sizeof(pid))
		bail_out("no pid");
	begin();
	/* It may be gone already. */
	if (child_watch(&c, pid, &e) == 0)
		run();
	else
		ends = 1;
	is_int(ends, 1, assertion);
	if (!ends)
		kill(pid, SIGKILL);
	waitpid(daemon, NULL, 0);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	alarm(60);
	test_status();
	test_spawn();
	test_fork();
	test_callbacks();
	test_kill();
	test_orphans();
	dies_with_daemon(true, "a program that was started dies with the daemon");
	dies_with_daemon(false, "a forked copy dies with the daemon");
	return done_testing();
}
