/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes, each watched through a pidfd: waitpid(2) is never called before the process is
 * gone. */
#ifndef TCR_BASE_CHILD_H
#define TCR_BASE_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"

/* The status of a process that was not our child and ended on a kernel that does not tell how. */
#define STATUS_UNKNOWN (-1)

/* A process of which the end is awaited. watch.fd is the pidfd. */
struct child {
	struct watch watch;
	pid_t pid;          /* 0: no process */
	struct list node;   /* among all that are watched */
	struct timer again; /* its end is known, its status not yet */
	unsigned tries;
	bool outlives; /* the daemon, if child_fork() started it */
	int status; /* if it was reaped before it was watched */
	/* Called once, after the process was reaped: a wait(2) status or STATUS_UNKNOWN. C may be
	 * reused or freed. */
	void (*ended)(struct child *c, int status);
};

struct spawn {
	const char *path; /* what is executed */
	const char *const *argv;
	int fds[3];           /* become descriptors 0, 1, 2 */
	int (*prepare)(void); /* runs just before; only async-signal-safe calls. May be NULL. */
};

/* Allows this process as many open files as it may have (RLIMIT_NOFILE). Children begin with what
 * was before: programs that close all possible descriptors would take long. */
void child_raise_files(void);
void child_restore_files(void);

/* Executes a program with signals as they were before the daemon blocked them, and the death of the
 * daemon as its own (PR_SET_PDEATHSIG): a half-started container must not outlive the daemon that
 * would know about it. */
int child_spawn(struct child *c, const struct spawn *s, struct err *e);

/* Runs FN(ARG) in a forked copy of the daemon that keeps, beside 0, 1 and 2, only the N descriptors
 * KEEP, and ends with the result of FN as exit code. For work that takes long: copying, hashing,
 * fsync, removing trees. It too dies with the daemon, unless C->outlives. */
int child_fork(
	struct child *c, int (*fn)(void *arg), void *arg, const int *keep, size_t n, struct err *e);

/* Watches PID, which is our child (also by PR_SET_CHILD_SUBREAPER) or, after a restart of the
 * daemon, is not. */
int child_watch(struct child *c, pid_t pid, struct err *e);

/* Sends SIG; does nothing when there is no process. */
void child_kill(const struct child *c, int sig);

/* Stops watching without waiting. */
void child_forget(struct child *c);

/* Reaps every child that has ended, also those that were reparented to us and that nobody watches:
 * a PID namespace lasts until all of its processes are reaped. To be called when SIGCHLD came.
 * PENDING says whether a process is being started that will be ours, and of which the pid is not
 * known yet: then the status of strangers is kept for a later child_watch(). */
void child_reap_all(bool (*pending)(void));

/* The exit code that the shell would show: 128 + n for signal n. */
int status_exit_code(int status);

#endif
