/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of reading /proc: processes call themselves what they like. */
//link: applets/tcrd/procs.c
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../../applets/tcrd/procs.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "tap.h"

#define REST " S 11 12 13 34816 15 16 17 18 19 20 210 30 7 3 20 0 4 0 98765 26 27 28"

static void test_stat(void)
{
	struct proc_stat p;

	ok(proc_stat_parse("10 (sleep)" REST, &p), "a line of the kernel is read");
	is_int(p.pid, 10, "the pid");
	is_int(p.ppid, 11, "the parent");
	is_int(p.tty, 34816, "the terminal");
	is_int(p.time, 240, "user and system time");
	is_int(p.dead_children_time, 10, "that of children");
	is_int(p.threads, 4, "the number of threads");
	is_int(p.start, 98765, "the start");
	is_str(p.name, "sleep", "the name");
	ok(proc_stat_parse("10 (a) S 1 (b\n)" REST, &p), "a name may look like the rest");
	is_str(p.name, "a) S 1 (b\n", "then it is the name all the same");
	is_int(p.ppid, 11, "and so is the parent");
	ok(proc_stat_parse("10 ()" REST, &p) && !*p.name, "it may be empty");
	ok(!proc_stat_parse("", &p), "nothing is no line");
	ok(!proc_stat_parse("10 )(" REST, &p), "parentheses the wrong way are no line");
	ok(!proc_stat_parse("10 (sleep) S 11 12", &p), "a line that was cut is none");
	ok(!proc_stat_parse("x (sleep)" REST, &p), "nor is one without pid");
}

static void is_tty(unsigned high, unsigned low, const char *want)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	proc_format_tty(makedev(high, low), &sb);
	is_str(sb_str(&sb), want, want);
}

static void is_command(const char *cmdline, size_t n, const char *want, const char *name)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	proc_format_command(cmdline, n, "na\tme", &sb);
	is_str(sb_str(&sb), want, name);
}

static void test_text(void)
{
	is_tty(0, 0, "?");
	is_tty(136, 3, "pts/3");
	is_tty(137, 3, "pts/259");
	is_tty(4, 1, "tty1");
	is_tty(4, 64, "ttyS0");
	is_tty(204, 64, "204:64");
	is_command("a\0b c\0", 6, "a b c", "arguments are separated by spaces");
	is_command("a\0\0\0", 4, "a", "empty ones at the end go");
	is_command("", 0, "[na?me]", "without arguments it is the name");
	is_command("a\tb\nc\033[2J\177", 10, "a?b?c?[2J?", "control characters become harmless");
}

struct seen {
	int count, self;
};

static void see(int dirfd, ino_t ns, const struct proc_stat *p, void *arg)
{
	struct seen *s = arg;
	char text[64];

	(void)ns;
	s->count++;
	s->self += p->pid == getpid() && proc_read(dirfd, "comm", text, sizeof(text)) > 0 &&
		!strncmp(text, p->name, strlen(p->name));
}

static void test_scan(void)
{
	struct seen all = { 0 }, own = { 0 }, none = { 0 };
	ino_t ns = proc_namespace(getpid(), "pid");
	char text[4];

	ok(ns != 0, "a process has a namespace");
	ok(proc_namespace(1 << 30, "pid") == 0, "what is no process has none");
	procs_each(0, see, &all);
	procs_each(ns, see, &own);
	procs_each(ns + 1000000, see, &none);
	is_int(all.self, 1, "a process is found once");
	is_int(own.self, 1, "also by its namespace");
	ok(own.count <= all.count, "by a namespace there are no more");
	is_int(none.count, 0, "in a namespace that is none there is nothing");
	is_int(proc_read(-1, "/proc/self/status", text, sizeof(text)), 3,
		"what does not fit is cut off");
	is_str(text, "Nam", "and ends with a NUL");
	is_int(proc_read(-1, "/nonexistent", text, sizeof(text)), -1, "no file is an error");
	is_str(text, "", "and leaves nothing");
}

int main(void)
{
	test_stat();
	test_text();
	test_scan();
	return done_testing();
}
