/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals by name. */
//kbuild:obj-y += signals.o
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/opt.h"
#include "signals.h"

static const struct {
	char name[8];
	unsigned char number;
} table[] = { { "ABRT", SIGABRT }, { "ALRM", SIGALRM }, { "BUS", SIGBUS }, { "CHLD", SIGCHLD },
	{ "CLD", SIGCHLD }, { "CONT", SIGCONT }, { "FPE", SIGFPE }, { "HUP", SIGHUP },
	{ "ILL", SIGILL }, { "INT", SIGINT }, { "IO", SIGIO }, { "IOT", SIGABRT },
	{ "KILL", SIGKILL }, { "PIPE", SIGPIPE }, { "POLL", SIGIO }, { "PROF", SIGPROF },
	{ "PWR", SIGPWR }, { "QUIT", SIGQUIT }, { "SEGV", SIGSEGV }, { "STKFLT", SIGSTKFLT },
	{ "STOP", SIGSTOP }, { "SYS", SIGSYS }, { "TERM", SIGTERM }, { "TRAP", SIGTRAP },
	{ "TSTP", SIGTSTP }, { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU }, { "URG", SIGURG },
	{ "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "VTALRM", SIGVTALRM }, { "WINCH", SIGWINCH },
	{ "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ } };

/* "RTMIN+3", "RTMAX-1". libc keeps the first ones for itself: 34 is what others call SIGRTMIN, 64
 * SIGRTMAX. */
static int realtime(const char *name)
{
	bool from_max = !strncasecmp(name, "RTMAX", 5);
	long offset = 0;

	if (!from_max && strncasecmp(name, "RTMIN", 5))
		return 0;
	name += 5;
	if (*name && (*name != (from_max ? '-' : '+') || parse_int(name + 1, 0, 30, &offset)))
		return 0;
	return from_max ? 64 - offset : 34 + offset;
}

int signal_by_name(const char *name)
{
	long n;

	if (!parse_int(name, 1, 64, &n))
		return n;
	if (!strncasecmp(name, "SIG", 3))
		name += 3;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcasecmp(table[i].name, name))
			return table[i].number;
	return realtime(name);
}
