/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of containers: which ones they are tells the pid namespace, also without cgroups.
 */
//kbuild:obj-$(CONFIG_FEATURE_STATS) += procs.o
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "procs.h"

bool proc_stat_parse(const char *text, struct proc_stat *p)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	uint64_t time[4];
	int pid, ppid;

	*p = (struct proc_stat){ 0 };
	/* The name may have anything in it, parentheses too. */
	if (!open || !close || close < open || sscanf(text, "%d", &pid) != 1 ||
		sscanf(close + 1,
			" %*c %d %*d %*d %u %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
			" %" SCNu64 " %" SCNu64 " %*d %*d %" SCNu64 " %*d %" SCNu64,
			&ppid, &p->tty, &time[0], &time[1], &time[2], &time[3], &p->threads,
			&p->start) != 8)
		return false;
	p->pid = pid;
	p->ppid = ppid;
	p->time = time[0] + time[1];
	p->dead_children_time = time[2] + time[3];
	snprintf(p->name, sizeof(p->name), "%.*s", (int)(close - open - 1), open + 1);
	return true;
}

void proc_format_tty(unsigned tty, struct strbuf *out)
{
	enum { PTS_FIRST = 136, PTS_LAST = 143, TTY = 4, SERIAL = 64 };
	unsigned high = major(tty), low = minor(tty);

	if (high >= PTS_FIRST && high <= PTS_LAST)
		sb_addf(out, "pts/%u", (high - PTS_FIRST) * 256 + low);
	else if (high == TTY)
		sb_addf(out, low < SERIAL ? "tty%u" : "ttyS%u", low < SERIAL ? low : low - SERIAL);
	else if (tty)
		sb_addf(out, "%u:%u", high, low);
	else
		sb_addc(out, '?');
}

void proc_format_command(const char *cmdline, size_t n, const char *name, struct strbuf *out)
{
	size_t start = out->len;

	while (n && !cmdline[n - 1])
		n--;
	if (n)
		sb_add(out, cmdline, n);
	else
		sb_addf(out, "[%s]", name);
	for (size_t i = start; i < out->len; i++)
		if (!out->buf[i])
			out->buf[i] = ' ';
		else if (iscntrl((unsigned char)out->buf[i]))
			out->buf[i] = '?';
}

ssize_t proc_read(int dirfd, const char *name, char *buf, size_t size)
{
	cleanup_close int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fd_read_full(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n;
}

ino_t proc_namespace(pid_t pid, const char *type)
{
	cleanup_free char *path = xasprintf("/proc/%d/ns/%s", (int)pid, type);
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

void procs_each(ino_t wanted, void (*fn)(int dirfd, ino_t ns, const struct proc_stat *p, void *arg),
	void *arg)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	struct proc_stat p;
	struct stat ns;
	char text[1024];

	while (dir && (d = readdir(dir))) {
		cleanup_close int fd = -1;

		if (!isdigit((unsigned char)*d->d_name))
			continue;
		/* A process that ends meanwhile has nothing in its directory any more, whoever
		 * gets its number. */
		fd = openat(dirfd(dir), d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && fstatat(fd, "ns/pid", &ns, 0) == 0 &&
			(!wanted || ns.st_ino == wanted) &&
			proc_read(fd, "stat", text, sizeof(text)) > 0 && proc_stat_parse(text, &p))
			fn(fd, ns.st_ino, &p, arg);
	}
	if (dir)
		closedir(dir);
}
