/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What containers use. Sources: cgroup-v1/ and cgroup-v2.rst in Documentation/admin-guide/ of the
 * kernel, and proc(5). */
//kbuild:obj-$(CONFIG_FEATURE_STATS) += usage.o
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/mem.h"
#include "procs.h"
#include "steps.h"
#include "usage.h"

/* What a cgroup may not tell, since its controller is not there. */
enum missing { NO_CPU = 1, NO_MEMORY = 2, NO_IO = 4, NO_PIDS = 8 };

/* Where it tells what. */
static const struct source {
	const char *cpu, *cpu_key;
	unsigned cpu_ns; /* of which the number is a multiple */
	const char *memory, *limit, *cache_key, *io;
} sources[] = {
	[CGROUP_V1] = { "cpuacct.usage", "", 1, "memory.usage_in_bytes", "memory.limit_in_bytes",
		"total_inactive_file", "blkio.throttle.io_service_bytes" },
	[CGROUP_V2] = { "cpu.stat", "usage_usec", 1000, "memory.current", "memory.max",
		"inactive_file", "io.stat" },
};

static char text[32 * 1024];

bool usage_find(const char *t, const char *key, uint64_t *out)
{
	size_t len = strlen(key);

	while (*t) {
		const char *value = len ? t + len + 1 : t;

		if ((!len || (!strncmp(t, key, len) && t[len] == ' ')) &&
			sscanf(value, "%" SCNu64, out) == 1)
			return true;
		t += strcspn(t, "\n");
		t += *t == '\n';
		if (!len)
			break;
	}
	return false;
}

static void add_after(const char *line, size_t len, const char *key, uint64_t *sum)
{
	const char *p = memmem(line, len, key, strlen(key));

	if (p)
		*sum += strtoull(p + strlen(key), NULL, 10);
}

void usage_add_io(const char *t, uint64_t *rd, uint64_t *wr)
{
	for (size_t len; *t; t += len + (t[len] == '\n')) {
		len = strcspn(t, "\n");
		add_after(t, len, " Read ", rd);
		add_after(t, len, " Write ", wr);
		add_after(t, len, " rbytes=", rd);
		add_after(t, len, " wbytes=", wr);
	}
}

/* Two lines of titles, then "  NAME: RX and 7 more numbers, TX and 7 more". */
void usage_add_net(const char *t, uint64_t *rx, uint64_t *tx)
{
	for (size_t len; *t; t += len + (t[len] == '\n')) {
		const char *name = t + strspn(t, " "), *colon;
		uint64_t r, s;

		len = strcspn(t, "\n");
		colon = memchr(t, ':', len);
		if (!colon || !strncmp(name, "lo:", 3) ||
			sscanf(colon + 1, "%" SCNu64 " %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &r,
				&s) != 2)
			continue;
		*rx += r;
		*tx += s;
	}
}

static ssize_t read_cgroup(const struct meter *m, const char *controller, const char *file)
{
	cleanup_free char *path = cgroup_path(m->id, controller, file);

	return proc_read(AT_FDCWD, path, text, sizeof(text));
}

static void measure_memory(struct meter *m, const struct source *s)
{
	struct usage *u = &m->usage;
	uint64_t limit, cache;

	if (read_cgroup(m, "memory", s->memory) <= 0 || !usage_find(text, "", &u->memory)) {
		m->missing |= NO_MEMORY;
		return;
	}
	/* "max" is no number. */
	if (read_cgroup(m, "memory", s->limit) > 0 && usage_find(text, "", &limit) && limit &&
		limit < u->memory_limit)
		u->memory_limit = limit;
	if (read_cgroup(m, "memory", "memory.stat") > 0 && usage_find(text, s->cache_key, &cache))
		u->memory -= cache < u->memory ? cache : u->memory;
}

static void measure_cgroup(struct meter *m, const struct source *s)
{
	struct usage *u = &m->usage;

	if (read_cgroup(m, "cpuacct", s->cpu) <= 0 || !usage_find(text, s->cpu_key, &u->cpu_ns))
		m->missing |= NO_CPU;
	u->cpu_ns *= s->cpu_ns;
	measure_memory(m, s);
	if (read_cgroup(m, "blkio", s->io) > 0)
		usage_add_io(text, &u->io_read, &u->io_write);
	/* With v1 of Linux 6.10 and later that may mean nothing. */
	if (!u->io_read && !u->io_write)
		m->missing |= NO_IO;
	if (read_cgroup(m, "pids", "pids.current") <= 0 || !usage_find(text, "", &u->pids))
		m->missing |= NO_PIDS;
}

/* All that is in its network namespace; what shares the host's has none of its own. */
static void measure_net(struct meter *m)
{
	cleanup_free char *path = xasprintf("/proc/%d/net/dev", (int)m->pid);

	if (proc_namespace(m->pid, "net") != proc_namespace(getpid(), "net") &&
		proc_read(AT_FDCWD, path, text, sizeof(text)) > 0)
		usage_add_net(text, &m->usage.net_rx, &m->usage.net_tx);
}

struct all {
	struct meter *m;
	size_t n;
};

/* Adds what one process uses to its container. */
static void add_process(int dirfd, ino_t ns, const struct proc_stat *p, void *arg)
{
	const struct all *a = arg;
	struct meter *m = a->m;
	uint64_t n, resident = 0, shared = 0;

	while (m < a->m + a->n && (m->ns != ns || !m->missing))
		m++;
	if (m == a->m + a->n)
		return;
	if (m->missing & NO_CPU)
		m->usage.cpu_ns += (p->time + p->dead_children_time) *
			(1000000000u / sysconf(_SC_CLK_TCK));
	/* What is shared would be counted more than once. */
	if ((m->missing & NO_MEMORY) && proc_read(dirfd, "statm", text, sizeof(text)) > 0 &&
		sscanf(text, "%*u %" SCNu64 " %" SCNu64, &resident, &shared) == 2)
		m->usage.memory += (resident - shared) * sysconf(_SC_PAGESIZE);
	if ((m->missing & NO_IO) && proc_read(dirfd, "io", text, sizeof(text)) > 0) {
		m->usage.io_read += usage_find(text, "read_bytes:", &n) ? n : 0;
		m->usage.io_write += usage_find(text, "write_bytes:", &n) ? n : 0;
	}
	if (m->missing & NO_PIDS)
		m->usage.pids += p->threads;
}

void usage_measure(struct meter *m, size_t n)
{
	const struct source *s = cgroup_mode() == CGROUP_NONE ? NULL : &sources[cgroup_mode()];
	unsigned missing = 0;
	struct sysinfo host;

	sysinfo(&host);
	for (size_t i = 0; i < n; i++) {
		m[i].usage = (struct usage){ 0 };
		m[i].missing = 0;
		if (!m[i].pid)
			continue;
		m[i].usage.memory_limit = (uint64_t)host.totalram * host.mem_unit;
		m[i].ns = proc_namespace(m[i].pid, "pid");
		if (s)
			measure_cgroup(&m[i], s);
		else
			m[i].missing = ~0u;
		measure_net(&m[i]);
		missing |= m[i].missing;
	}
	if (missing)
		procs_each(0, add_process, &(struct all){ m, n });
}
