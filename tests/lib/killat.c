/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kills a process just before its n-th system call. Its children are neither counted nor touched.
 *
 * usage: killat N REPORT PROGRAM [ARGUMENT...]   starts PROGRAM; counts from its call of umask(2) on,
 *                                                so that the dynamic loader is left out
 *        killat N REPORT -p PID                  counts from now on
 *
 * N 0: never. SIGUSR1 ends the count: once the process has been quiet for QUIET_MS it is killed, too.
 * The file REPORT says "start PID" as soon as calls are counted, and at the end "killed COUNT NUMBER"
 * (NUMBER: of the call that did not happen), "quiet COUNT 0" or "ended COUNT STATUS". With KILLAT_TRACE
 * in the environment it has a line "call COUNT NUMBER" for each call, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { QUIET_MS = 60 };

static volatile sig_atomic_t ending, alarmed;
static bool counting, trace;
static unsigned long long count, limit;
static int report = -1;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		ending = 1;
	else
		alarmed = 1;
}

static void tell(const char *what, unsigned long long a, long long b)
{
	if (dprintf(report, "%s %llu %lld\n", what, a, b) < 0)
		die("report");
}

static void arm(void)
{
	const struct itimerval t = { .it_value.tv_usec = QUIET_MS * 1000 };

	alarmed = 0;
	setitimer(ITIMER_REAL, &t, NULL);
}

/* waitpid(2), but for the time in which nothing happens. Returns -1 if that is over. */
static int wait_event(pid_t pid, int *status)
{
	if (ending)
		arm();
	while (waitpid(pid, status, __WALL) < 0) {
		if (errno != EINTR)
			die("waitpid");
		if (alarmed)
			return -1;
		if (ending)
			arm();
	}
	return 0;
}

static void finish(pid_t pid, const char *what, long long nr)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	tell(what, count, nr);
	exit(0);
}

/* At a stop for a system call. */
static void look(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0 ||
		info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	if (!counting && info.entry.nr == SYS_umask) {
		counting = true;
		tell("start", pid, 0);
	}
	if (!counting)
		return;
	count++;
	if (trace)
		tell("call", count, info.entry.nr);
	if (count == limit)
		finish(pid, "killed", info.entry.nr);
}

static void follow(pid_t pid)
{
	int status, sig = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, sig) < 0 && errno != ESRCH)
			die("PTRACE_SYSCALL");
		if (wait_event(pid, &status) < 0)
			finish(pid, "quiet", 0);
		if (!WIFSTOPPED(status)) {
			tell("ended", count, status);
			exit(0);
		}
		sig = 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			look(pid);
		else if (status >> 16 == 0)
			sig = WSTOPSIG(status); /* a signal on its way */
	}
}

static pid_t start(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execv(argv[0], argv);
		die(argv[0]);
	}
	if (waitpid(pid, &status, __WALL) < 0 ||
		ptrace(PTRACE_SETOPTIONS, pid, 0,
			PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC) < 0)
		die("trace");
	return pid;
}

static pid_t attach(const char *arg)
{
	pid_t pid = atoi(arg);
	int status;

	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0 ||
		ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 || waitpid(pid, &status, __WALL) < 0)
		die("attach");
	counting = true;
	tell("start", pid, 0);
	return pid;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal }; /* no SA_RESTART */

	if (argc < 4)
		return 2;
	limit = strtoull(argv[1], NULL, 10);
	trace = getenv("KILLAT_TRACE");
	unsetenv("KILLAT_TRACE");
	report = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (report < 0)
		die(argv[2]);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	follow(!strcmp(argv[3], "-p") && argc > 4 ? attach(argv[4]) : start(argv + 3));
}
