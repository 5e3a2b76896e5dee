/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Restart policies: a pure function of the past. Nothing here looks at a clock. */
#ifndef TCRD_RESTART_H
#define TCRD_RESTART_H

#include <stdbool.h>
#include <stdint.h>

enum {
	RESTART_FIRST_MS = 100, /* the delay doubles from here… */
	RESTART_LAST_MS = 60000, /* …to here */
	RESTART_RESET_MS = 10000, /* …and starts anew after so much uptime */
};

/* What a policy remembers of a container. Zero: it was never restarted. */
struct restart {
	unsigned count;    /* restarts by the policy; a start by a user begins anew */
	unsigned delay_ms; /* of the last one */
};

/* A policy as --restart has it, see docker-run(1). */
enum restart_kind { RESTART_NO, RESTART_ON_FAILURE, RESTART_UNLESS_STOPPED, RESTART_ALWAYS };
struct restart_policy {
	enum restart_kind kind;
	unsigned max; /* of RESTART_ON_FAILURE; 0: no limit */
};

/* TEXT is valid, see check_restart(); NULL: no. */
struct restart_policy restart_parse(const char *text);

/* Whether a run that ended with EXIT_CODE after UPTIME_MS (0: it did not come to run) is followed by
 * another. If so R is brought up to date: R->delay_ms is how long to wait. */
bool restart_next(
	struct restart *r, struct restart_policy policy, int exit_code, uint64_t uptime_ms);

#endif
