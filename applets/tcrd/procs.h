/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of containers, as /proc has them: proc(5). */
#ifndef TCRD_PROCS_H
#define TCRD_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Fields of /proc/PID/stat. Times are in clock ticks, the start since boot. */
struct proc_stat {
	pid_t pid, ppid;
	char name[64]; /* any bytes: a process names itself */
	unsigned tty;  /* device number; 0: none */
	uint64_t time, dead_children_time, start;
	uint64_t threads;
};

/* Reads the content of /proc/PID/stat; false if that is none. */
bool proc_stat_parse(const char *text, struct proc_stat *p);

/* Appends the name of a terminal as ps has it: "pts/0", "?". */
struct strbuf;
void proc_format_tty(unsigned tty, struct strbuf *out);
/* Appends the arguments of a process, the N bytes of /proc/PID/cmdline, in one line; without any,
 * "[NAME]". */
void proc_format_command(const char *cmdline, size_t n, const char *name, struct strbuf *out);

/* Reads the file NAME below DIRFD, as much of it as fits into BUF with a NUL behind it. Returns the
 * number of bytes; -1 if it cannot be read. */
ssize_t proc_read(int dirfd, const char *name, char *buf, size_t size);

/* What names the namespace of TYPE ("pid", "net") that PID is in; 0: there is no such process. */
ino_t proc_namespace(pid_t pid, const char *type);

/* Calls FN for each process in pid namespace NS (0: in any), with its directory in /proc. */
void procs_each(
	ino_t ns, void (*fn)(int dirfd, ino_t ns, const struct proc_stat *p, void *arg), void *arg);

#endif
