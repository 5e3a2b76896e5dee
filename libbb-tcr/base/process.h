/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process a number stands for, and the file RUN/state/ID that keeps it. */
#ifndef TCR_BASE_PROCESS_H
#define TCR_BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/strbuf.h"

/* Field 22 of /proc/PID/stat, see proc(5): with the pid it names a process for ever, as long as the
 * machine is up. 0 if there is no such process. */
unsigned long long process_start_time(pid_t pid);

/* The last run of a container. */
struct run_state {
	pid_t pid;                                  /* 0: it has ended */
	unsigned long long started_ms, finished_ms; /* since boot, the last time; 0: not yet */
	int exit_code;
	unsigned restarts, delay_ms; /* by the restart policy, see tcrd's restart.h */
	unsigned oom_killed;         /* the kernel wanted its memory: 0 or 1 */
};

/* Appends the text of S to OUT. */
void run_state_emit(const struct run_state *s, struct strbuf *out);

/* Reads the file PATH. False if there is none, or if it is damaged: then S is zero. A pid whose
 * process has ended, or is another one by now, becomes 0. */
bool run_state_read(int dirfd, const char *path, struct run_state *s);

#endif
