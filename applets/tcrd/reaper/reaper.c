/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first process of a container with --init: runs the command given as its arguments, hands on
 * signals, reaps what has lost its parent, and ends as the command does. It is a program of its
 * own, without any library: it has to run in each image, and tcrbox needs libraries of the host. */
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/limits.h>
#include <linux/wait.h>

#include "sys.h"

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 }; /* as in any shell */

/* The kernel's sigset_t, which is larger on MIPS; only there programs are told. */
#ifndef _NSIG
#define _NSIG 64
#endif
struct signals {
	unsigned long words[_NSIG / 8 / sizeof(long)];
};

/* Asynchronous signals of the terminal's job control mean the process that gets them. */
static int is_handed_on(long sig)
{
	return sig > 0 && sig != SIGTTIN && sig != SIGTTOU;
}

static void mask(const struct signals *set, struct signals *old)
{
	sys(__NR_rt_sigprocmask, SIG_SETMASK, (long)set, (long)old, sizeof(*set));
}

static unsigned long length(const char *s)
{
	unsigned long n = 0;

	while (s[n])
		n++;
	return n;
}

static void say(const char *text)
{
	sys(__NR_write, 2, (long)text, length(text), 0);
}

/* The value of PATH, or "". */
static const char *search_path(char *const *env)
{
	static const char name[] = "PATH=";

	for (; *env; env++) {
		unsigned i = 0;

		while (name[i] && (*env)[i] == name[i])
			i++;
		if (!name[i])
			return *env + i;
	}
	return "";
}

/* execve(2) of DIR (of LEN bytes) and "/" and COMMAND. Returns the error. */
static long try(const char *dir, unsigned long len, char *const *argv, char *const *env)
{
	char path[PATH_MAX];
	unsigned long n = length(*argv);

	if (len + n + 2 > sizeof(path))
		return -ENAMETOOLONG;
	for (unsigned long i = 0; i < len; i++)
		path[i] = dir[i];
	path[len] = '/';
	for (unsigned long i = 0; i <= n; i++)
		path[len + 1 + i] = argv[0][i];
	return sys(__NR_execve, (long)path, (long)argv, (long)env, 0);
}

/* As execvp(3), without its fallback to a shell. Returns the error. */
static long execute(char *const *argv, char *const *env)
{
	const char *path = search_path(env);
	long result = -ENOENT;

	for (const char *c = *argv; *c; c++)
		if (*c == '/')
			return sys(__NR_execve, (long)*argv, (long)argv, (long)env, 0);
	for (unsigned long len; *path; path += len + (path[len] == ':')) {
		long error = -ENOENT;

		for (len = 0; path[len] && path[len] != ':'; len++)
			;
		if (len)
			error = try(path, len, argv, env);
		if (error != -ENOENT && error != -ENOTDIR && error != -EACCES)
			return error;
		if (error == -EACCES)
			result = error;
	}
	return result;
}

/* In the child, which still has all signals blocked: else it would be stopped for wanting the
 * terminal. */
static void __attribute__((noreturn))
become(char *const *argv, char *const *env, const struct signals *old)
{
	int group;
	long error;

	sys(__NR_setpgid, 0, 0, 0, 0);
	group = sys(__NR_getpid, 0, 0, 0, 0);
	sys(__NR_ioctl, 0, TIOCSPGRP, (long)&group, 0);
	mask(old, (void *)0);
	error = execute(argv, env);
	say("tcr: cannot run \"");
	say(*argv);
	say(error == -ENOENT               ? "\": it, or its interpreter, is not there\n"
			: error == -EACCES ? "\": Permission denied\n"
					   : "\": it is no program for this machine\n");
	for (;;)
		sys(__NR_exit_group, error == -ENOENT ? NOT_FOUND : NOT_EXECUTABLE, 0, 0, 0);
}

/* Reaps all that has ended. Returns the exit code if the command is among it, else -1. */
static int reap(long command)
{
	int code = -1, status;
	long pid;

	while ((pid = sys(__NR_wait4, -1, (long)&status, WNOHANG, 0)) > 0)
		if (pid == command)
			code = status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
	return code;
}

void start(const long *sp)
{
	char *const *argv = (char *const *)(sp + 1), *const *env = argv + *sp + 1;
	struct signals all, old;
	int code = NOT_EXECUTABLE;
	long command;

	for (unsigned i = 0; i < sizeof(all.words) / sizeof(long); i++)
		all.words[i] = ~0ul;
	mask(&all, &old);
	command = *sp > 1 ? sys(__NR_clone, SIGCHLD, 0, 0, 0) : -EINVAL;
	if (command == 0)
		become(argv + 1, env, &old);
	if (command < 0)
		say("tcr: the command cannot be started\n");
	while (command > 0 && (code = reap(command)) < 0) {
		long sig = sys(__NR_rt_sigtimedwait, (long)&all, 0, 0, sizeof(all));

		if (sig != SIGCHLD && is_handed_on(sig))
			sys(__NR_kill, command, sig, 0, 0);
	}
	for (;;)
		sys(__NR_exit_group, code, 0, 0, 0);
}
