/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of signals by name. */
//link: applets/tcrd/signals.c
#include <signal.h>

#include "../../applets/tcrd/signals.h"
#include "base/mem.h"
#include "tap.h"

/* The names that docker knows (moby's sys/signal), without SIG. */
static const struct {
	const char *name;
	int number;
} names[] = {
	{ "ABRT", SIGABRT },
	{ "ALRM", SIGALRM },
	{ "BUS", SIGBUS },
	{ "CHLD", SIGCHLD },
	{ "CLD", SIGCHLD },
	{ "CONT", SIGCONT },
	{ "FPE", SIGFPE },
	{ "HUP", SIGHUP },
	{ "ILL", SIGILL },
	{ "INT", SIGINT },
	{ "IO", SIGIO },
	{ "IOT", SIGABRT },
	{ "KILL", SIGKILL },
	{ "PIPE", SIGPIPE },
	{ "POLL", SIGPOLL },
	{ "PROF", SIGPROF },
	{ "PWR", SIGPWR },
	{ "QUIT", SIGQUIT },
	{ "SEGV", SIGSEGV },
	{ "STOP", SIGSTOP },
	{ "SYS", SIGSYS },
	{ "TERM", SIGTERM },
	{ "TRAP", SIGTRAP },
	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "URG", SIGURG },
	{ "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 },
	{ "VTALRM", SIGVTALRM },
	{ "WINCH", SIGWINCH },
	{ "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
	{ "RTMIN", 34 },
	{ "RTMIN+1", 35 },
	{ "RTMIN+15", 49 },
	{ "RTMAX-14", 50 },
	{ "RTMAX-1", 63 },
	{ "RTMAX", 64 },
#ifdef SIGSTKFLT
	{ "STKFLT", SIGSTKFLT },
#endif
};

static void test_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cleanup_free char *upper = xasprintf("SIG%s", names[i].name);
		cleanup_free char *lower = xstrdup(upper);

		for (char *c = lower; *c; c++)
			*c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
		is_int(signal_by_name(names[i].name), names[i].number, names[i].name);
		is_int(signal_by_name(upper), names[i].number, upper);
		is_int(signal_by_name(lower), names[i].number, lower);
	}
}

static void test_numbers(void)
{
	bool all = true;

	for (int n = 1; n <= 64; n++) {
		cleanup_free char *text = xasprintf("%d", n);

		all = all && signal_by_name(text) == n;
	}
	ok(all, "1 to 64 are signals");
}

static void test_wrong(void)
{
	static const char *const wrong[] = { "", "SIG", "0", "65", "-1", "-9", "9x", " 9", "9 ",
		"SIG9", "TERMINATE", "TER", "SIGSIGTERM", "TERM\n", "RTMIN+31", "RTMIN+", "RTMIN-1",
		"RTMIN+-1", "RTMIN+x", "RTMAX+1", "RTMAX-31", "RTMAX-", "RTMIN1",
		"999999999999999999999" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		cleanup_free char *name = xasprintf("\"%s\" is no signal", wrong[i]);

		is_int(signal_by_name(wrong[i]), 0, name);
	}
}

int main(void)
{
	test_names();
	test_numbers();
	test_wrong();
	return done_testing();
}
