/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `top`: what `ps -ef` would say of a container, on a device without ps. */
//kbuild:obj-$(CONFIG_FEATURE_STATS) += top.o
//verb:top verb_top Show the processes of a container
//usage:CONTAINER
//usage:
//usage:The columns are those of `ps -ef`; there are no options of ps.
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/table.h"
#include "container.h"
#include "procs.h"
#include "rpc.h"

/* Of arguments nobody needs more on a line. */
enum { CMDLINE_MAX = 4096 };

struct top {
	struct strbuf rows;
	uint64_t up_ms;
	time_t now;
};

/* The hour if that was today, else the day. */
static void add_start(time_t start, time_t now, struct strbuf *out)
{
	struct tm then, today;
	char text[16] = "";

	localtime_r(&start, &then);
	localtime_r(&now, &today);
	strftime(text, sizeof(text),
		then.tm_yday == today.tm_yday && then.tm_year == today.tm_year ? "%H:%M" : "%b%d",
		&then);
	sb_addf(out, "%s\t", text);
}

static void add_user(int dirfd, struct strbuf *out)
{
	struct stat st = { 0 };
	struct passwd *pw;

	fstat(dirfd, &st);
	pw = getpwuid(st.st_uid);
	if (pw)
		sb_addf(out, "%s\t", pw->pw_name);
	else
		sb_addf(out, "%u\t", (unsigned)st.st_uid);
}

/* UID PID PPID C STIME TTY TIME CMD */
static void add_process(int dirfd, ino_t ns, const struct proc_stat *p, void *arg)
{
	uint64_t hz = sysconf(_SC_CLK_TCK), used = p->time / hz, start_ms = p->start * 1000 / hz;
	struct top *t = arg;
	uint64_t age_ms = t->up_ms > start_ms ? t->up_ms - start_ms : 0;
	char cmdline[CMDLINE_MAX];
	ssize_t n = proc_read(dirfd, "cmdline", cmdline, sizeof(cmdline));

	(void)ns;
	add_user(dirfd, &t->rows);
	sb_addf(&t->rows, "%d\t%d\t%u\t", (int)p->pid, (int)p->ppid,
		(unsigned)(p->time * 1000 / hz * 100 / (age_ms + !age_ms)));
	add_start(t->now - age_ms / 1000, t->now, &t->rows);
	proc_format_tty(p->tty, &t->rows);
	sb_addf(&t->rows, "\t%02u:%02u:%02u\t", (unsigned)(used / 3600), (unsigned)(used / 60 % 60),
		(unsigned)(used % 60));
	proc_format_command(cmdline, n < 0 ? 0 : n, p->name, &t->rows);
	sb_addc(&t->rows, '\n');
}

/* In the copy: with many processes this takes a while. */
static int top_work(struct client *cl, void *arg)
{
	const struct container *c = arg;
	cleanup_sb struct strbuf out = STRBUF_INIT;
	struct top t = { STRBUF_INIT, now_ms(), time(NULL) };
	ino_t ns = proc_namespace(c->init.pid, "pid");

	sb_adds(&t.rows, "UID\tPID\tPPID\tC\tSTIME\tTTY\tTIME\tCMD\n");
	if (ns)
		procs_each(ns, add_process, &t);
	table_format(&out, sb_str(&t.rows));
	sb_free(&t.rows);
	client_print(cl, out.buf, out.len);
	return 0;
}

int verb_top(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	char none;
	int rc = opt_parse(NULL, 0, cl->argv + 1, OPT_STOP, &none, cl, &rest, e);
	struct container *c;

	if (rc)
		return rc;
	if (!rest[0])
		return err_set(e, 0, "a container is required; see 'tcr top --help'");
	if (rest[1])
		return err_set(e, 0,
			"options of ps are not possible: \"%.60s\"; the columns are UID PID PPID C STIME TTY TIME CMD",
			rest[1]);
	c = container_find(rest[0], e);
	if (!c)
		return -1;
	if (!c->init.pid)
		return err_set(e, 0, "container \"%s\" is %s", c->spec.name,
			container_shown_state(c) == ST_WAITING
				? "restarting, wait until it runs"
				: "not running, start it first");
	return client_fork(cl, top_work, c, e);
}
