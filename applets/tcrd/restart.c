/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Restart policies. */
//kbuild:obj-y += restart.o
#include <stdlib.h>
#include <string.h>

#include "restart.h"

struct restart_policy restart_parse(const char *text)
{
	struct restart_policy p = { RESTART_NO, 0 };

	if (!text || !strcmp(text, "no"))
		return p;
	if (!strcmp(text, "always"))
		p.kind = RESTART_ALWAYS;
	else if (!strcmp(text, "unless-stopped"))
		p.kind = RESTART_UNLESS_STOPPED;
	else
		p.kind = RESTART_ON_FAILURE;
	/* "on-failure:N" */
	if (strchr(text, ':'))
		p.max = strtoul(strchr(text, ':') + 1, NULL, 10);
	return p;
}

bool restart_next(
	struct restart *r, struct restart_policy policy, int exit_code, uint64_t uptime_ms)
{
	if (policy.kind == RESTART_NO)
		return false;
	if (policy.kind == RESTART_ON_FAILURE &&
		(!exit_code || (policy.max && r->count >= policy.max)))
		return false;
	if (!r->delay_ms || uptime_ms >= RESTART_RESET_MS)
		r->delay_ms = RESTART_FIRST_MS;
	else
		r->delay_ms = r->delay_ms < RESTART_LAST_MS / 2 ? r->delay_ms * 2 : RESTART_LAST_MS;
	r->count++;
	return true;
}
