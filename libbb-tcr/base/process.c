/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that are not our children: known by number and start time. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"

/* What is between the state and the start time. */
#define NUMBERS_6 "%*d%*d%*d%*d%*d%*d"
#define NUMBERS_18 NUMBERS_6 NUMBERS_6 NUMBERS_6

unsigned long long process_start_time(pid_t pid)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	cleanup_free char *path = xasprintf("/proc/%d/stat", (int)pid);
	unsigned long long start = 0;
	const char *p;
	struct err e;

	if (!pid || file_read(AT_FDCWD, path, 4096, &sb, &e))
		return 0;
	p = strrchr(sb_str(&sb), ')'); /* the name may have anything in it */
	if (p)
		sscanf(p + 1, " %*c" NUMBERS_18 "%llu", &start);
	return start;
}

void run_state_emit(const struct run_state *s, struct strbuf *out)
{
	sb_addf(out, "%d %llu %llu %llu %d %u %u %u\n", (int)s->pid, process_start_time(s->pid),
		s->started_ms, s->finished_ms, s->exit_code, s->restarts, s->delay_ms, s->oom_killed);
}

bool run_state_read(int dirfd, const char *path, struct run_state *s)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	unsigned long long start;
	struct err e;
	int pid;

	*s = (struct run_state){ 0 };
	if (file_read(dirfd, path, 200, &sb, &e) ||
		sscanf(sb_str(&sb), "%d %llu %llu %llu %d %u %u %u", &pid, &start, &s->started_ms,
			&s->finished_ms, &s->exit_code, &s->restarts, &s->delay_ms, &s->oom_killed) < 5)
		return false;
	s->pid = pid > 0 && start && process_start_time(pid) == start ? pid : 0;
	return true;
}
