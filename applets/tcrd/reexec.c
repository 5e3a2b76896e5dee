/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing over to a new image of this process. */
//config:config FEATURE_RELOAD
//config:	bool "SIGHUP executes the binary again: upgrades without an interruption (6.5 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_RELOAD) += reexec.o handover.o
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/opt.h"
#include "handover.h"
#include "notify.h"
#include "reexec.h"
#include "rpc.h"
#include "start.h"
#include "tcrd.h"

#define VARIABLE "TCRD_HANDOVER" /* the number of the descriptor that has the text */

/* How long new requests wait for those under way, and how often it is tried. */
enum { PATIENCE_MS = 10000, PAUSE_MS = 10, LATER_MS = 1000 };

static char **arguments;
static char *program; /* its path; NULL: nobody knows */
static int inherited = -1, listener = -1;
static struct timer again;
static uint64_t give_up_ms; /* 0: no request */

/* An entry of /proc/self/fd: what is inherited is for this process alone. */
static int keep_to_ourselves(int dirfd, const char *fd, void *arg, struct err *e)
{
	(void)dirfd;
	(void)arg;
	(void)e;
	if (atoi(fd) > STDERR_FILENO)
		fcntl(atoi(fd), F_SETFD, FD_CLOEXEC);
	return 0;
}

void reexec_init(char **argv)
{
	const char *fd = getenv(VARIABLE);
	struct err e;
	long number;

	program = realpath("/proc/self/exe", NULL);
	arguments = argv;
	if (!fd)
		return;
	if (!parse_int(fd, 3, INT_MAX, &number) && fcntl(number, F_SETFD, FD_CLOEXEC) == 0 &&
		pread(number, &listener, sizeof(listener), 0) == sizeof(listener))
		inherited = number;
	unsetenv(VARIABLE);
	if (inherited >= 0 && dir_each(AT_FDCWD, "/proc/self/fd", keep_to_ourselves, NULL, &e))
		log_msg("%s", e.text);
}

bool reexec_is_pending(void)
{
	return give_up_ms != 0;
}

int reexec_listener(void)
{
	return listener;
}

/* After an error everything goes on as before. */
static int execute(const struct strbuf *text, struct err *e)
{
	cleanup_close int fd = memfd_create("tcrd", 0);
	int head = rpc_listener();
	char number[16];

	if (fd < 0 || fd_write_all(fd, &head, sizeof(head)) < 0 ||
		fd_write_all(fd, text->buf, text->len) < 0)
		return err_set(e, errno, "memfd_create");
	snprintf(number, sizeof(number), "%d", fd);
	setenv(VARIABLE, number, 1);
	notify_reloading();
	fcntl(head, F_SETFD, 0);
	handover_keep_fds(true);
	child_restore_files();
	if (program)
		execv(program, arguments);
	err_set(e, program ? errno : ENOENT, "execute %s", program ? program : "tcrd");
	child_raise_files();
	handover_keep_fds(false);
	fcntl(head, F_SETFD, FD_CLOEXEC);
	unsetenv(VARIABLE);
	notify_init();
	return -1;
}

/* As if nobody had asked. */
static void go_on(void)
{
	give_up_ms = 0;
	rpc_pause(false);
	start_waiting();
}

/* A command that does not end keeps others waiting for a while only; the new program comes when it
 * has ended. */
static void try_to_execute(struct timer *t)
{
	cleanup_sb struct strbuf text = STRBUF_INIT;
	struct err e;

	if (tcrd.stopping)
		return;
	if (handover_store(&text, &e) == 0) {
		execute(&text, &e);
		log_msg("SIGHUP: %s; the old program goes on", e.text);
		if (give_up_ms)
			go_on();
		notify("READY=1");
	} else if (give_up_ms && now_ms() < give_up_ms) {
		timer_set(t, PAUSE_MS);
	} else {
		if (give_up_ms) {
			log_msg("SIGHUP: %s is still under way, the new program waits for it: answer or end it",
				e.text);
			go_on();
		}
		timer_set(t, LATER_MS);
	}
}

void reexec_request(void)
{
	if (give_up_ms)
		return;
	give_up_ms = now_ms() + PATIENCE_MS;
	rpc_pause(true);
	again.fire = try_to_execute;
	timer_set(&again, 0);
}

void reexec_restore(void)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	char *line, *rest;

	if (inherited < 0)
		return;
	lseek(inherited, sizeof(listener), SEEK_SET);
	if (fd_read_all(inherited, INT_MAX, &sb) < 0)
		log_msg("after SIGHUP: %s", strerror(errno));
	close(steal_fd(&inherited));
	for (rest = sb.buf; (line = strsep(&rest, "\n"));)
		handover_restore(line);
	handover_end();
}
