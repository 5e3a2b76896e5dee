/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a container's log. */
//config:config FEATURE_LOGS
//config:	bool "logs: keep what detached containers print (13 kb)"
//config:	default y
//config:	help
//config:	  Without it the output of detached containers is dropped.
//kbuild:obj-$(CONFIG_FEATURE_LOGS) += log.o
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "log.h"
#include "log_live.h"
#include "steps.h"
#include "tcrd.h"

enum {
	BURST = 128 * 1024, /* bytes of a stream until others have their turn */
	/* What a FIFO can hold at the end: more than this only if somebody outside goes on writing.
	 */
	REST = 2 * 1024 * 1024,
};

char *log_path(const struct container *c)
{
	return c->spec.log_dir ? xasprintf("%s/%s", c->spec.log_dir, c->id)
			       : xasprintf("%s/logs/%s", tcrd.run_dir, c->id);
}

/* So that log_clear() finds the way even when the spec is gone. */
static void leave_link(const struct container *c)
{
	cleanup_free char *link = data_path(c->id, "log"), *path = log_path(c);

	if (c->spec.log_dir && symlink(path, link) < 0 && errno != EEXIST && errno != ENOENT)
		log_msg("symlink %s: %s", link, strerror(errno));
}

struct log *log_of(struct container *c)
{
	struct log *l = c->log;

	if (l)
		return l;
	c->log = l = xcalloc(1, sizeof(*l));
	l->container = c;
	l->fifo[LOG_STDOUT].fd = l->fifo[LOG_STDERR].fd = -1;
	list_init(&l->followers);
	store_open(&l->store, log_path(c), log_max_size(&c->spec));
	return l;
}

/* LEN bytes cannot be written; errno says why. */
static void lose(struct log *l, size_t len)
{
	if (!l->lost)
		log_msg("container \"%s\": its output is lost: %s: %s", l->container->spec.name,
			l->store.dir, strerror(errno));
	l->lost += len;
}

/* Takes LEN bytes of what is there, so that the container never waits for a disk that is full. */
static ssize_t drop(struct log *l, int fd, size_t len)
{
	int reason = errno;
	char buf[4096];
	ssize_t n = read(fd, buf, len < sizeof(buf) ? len : sizeof(buf));

	errno = reason;
	if (n > 0)
		lose(l, n);
	return n;
}

/* After a loss: the first that can be written is how much it was. */
static int note_loss(struct log *l)
{
	cleanup_free char *text = xasprintf(
		"tcrd: %llu bytes of the output are lost\n", (unsigned long long)l->lost);
	int rc = l->lost ? store_append(&l->store, LOG_STDERR, text, strlen(text)) : 0;

	if (!rc)
		l->lost = 0;
	return rc;
}

static void send_lines(struct log *l, enum log_stream stream, const char *data, size_t len)
{
	const struct spec *s = &l->container->spec;
	const char *tag = log_option(s, "tag");

	syslog_lines(&l->partial[stream], tag ? tag : s->name, stream, data, len);
}

static ssize_t move(struct log *l, enum log_stream stream, size_t len)
{
	int fd = l->fifo[stream].fd;
	char buf[4096];
	ssize_t n;

	if (log_driver(&l->container->spec) != LOG_SYSLOG) {
		n = note_loss(l) ? -1 : store_splice(&l->store, stream, fd, len);
		return n < 0 && errno != EAGAIN ? drop(l, fd, len) : n;
	}
	n = read(fd, buf, len < sizeof(buf) ? len : sizeof(buf));
	if (n > 0)
		send_lines(l, stream, buf, n);
	return n;
}

/* Takes what is in a FIFO, but not more than LIMIT bytes. */
static void take(struct log *l, enum log_stream stream, size_t limit)
{
	ssize_t n;
	int there;

	for (; limit; limit -= n) {
		if (ioctl(l->fifo[stream].fd, FIONREAD, &there) < 0 || there <= 0)
			break;
		n = move(l, stream, (size_t)there < limit ? (size_t)there : limit);
		if (n <= 0)
			break;
	}
	store_rest(&l->store);
	log_tell(l, false, false);
}

static void stdout_ready(struct watch *w, uint32_t events)
{
	(void)events;
	take(container_of(w, struct log, fifo[LOG_STDOUT]), LOG_STDOUT, BURST);
}

static void stderr_ready(struct watch *w, uint32_t events)
{
	(void)events;
	take(container_of(w, struct log, fifo[LOG_STDERR]), LOG_STDERR, BURST);
}

static void close_fifos(struct log *l)
{
	for (int i = 0; i < LOG_STREAMS; i++) {
		if (l->fifo[i].fd < 0)
			continue;
		loop_del(&l->fifo[i]);
		close(steal_fd(&l->fifo[i].fd));
	}
}

static const char *const fifo_names[] = { "stdout", "stderr" };

/* Opens our end. That is for writing, too: else a container that has closed its own would be told
 * to us as the end of the file, for ever. */
static int watch_fifo(struct container *c, int i, struct err *e)
{
	cleanup_free char *path = run_path(c->id, fifo_names[i]);
	struct watch *w = &log_of(c)->fifo[i];

	w->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (w->fd < 0)
		return err_set(e, errno, "%s", path);
	w->ready = i == LOG_STDOUT ? stdout_ready : stderr_ready;
	return loop_add(w, EPOLLIN, e);
}

static int make_fifo(struct container *c, int i, int *fd, struct err *e)
{
	cleanup_free char *path = run_path(c->id, fifo_names[i]);

	/* Whoever is in the container may open /dev/stdout again; outside, the directory guards it.
	 */
	if ((mkfifo(path, 0666) < 0 && errno != EEXIST) || chmod(path, 0666) < 0 ||
		(*fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return err_set(e, errno, "%s", path);
	return watch_fifo(c, i, e);
}

int log_open(struct container *c, int fds[2], struct err *e)
{
	fds[0] = fds[1] = -1;
	if (log_driver(&c->spec) == LOG_NONE)
		return 0;
	close_fifos(log_of(c));
	leave_link(c);
	/* Says that there is a log, if only an empty one. */
	if (log_driver(&c->spec) == LOG_FILE)
		mkdir(c->log->store.dir, 0700);
	if (c->spec.tty)
		return 0;
	return make_fifo(c, LOG_STDOUT, &fds[0], e) || make_fifo(c, LOG_STDERR, &fds[1], e) ? -1
											    : 0;
}

int log_adopt(struct container *c, struct err *e)
{
	cleanup_free char *path = run_path(c->id, fifo_names[0]);

	/* It has a terminal, or the descriptors of a client that is gone. */
	if (!file_exists(AT_FDCWD, path))
		return 0;
	return watch_fifo(c, LOG_STDOUT, e) || watch_fifo(c, LOG_STDERR, e) ? -1 : 0;
}

void log_fds(const struct container *c, int fds[2])
{
	for (int i = 0; i < LOG_STREAMS; i++)
		fds[i] = c->log ? c->log->fifo[i].fd : -1;
}

void log_write(struct container *c, const void *buf, size_t len)
{
	enum log_driver driver = log_driver(&c->spec);
	struct log *l;

	if (driver == LOG_NONE)
		return;
	l = log_of(c);
	if (driver == LOG_SYSLOG) {
		send_lines(l, LOG_STDOUT, buf, len);
		return;
	}
	if (note_loss(l) || store_append(&l->store, LOG_STDOUT, buf, len))
		lose(l, len);
	store_rest(&l->store);
	log_tell(l, false, false);
}

void log_ended(struct container *c)
{
	struct log *l = c->log;

	if (!l)
		return;
	for (int i = 0; i < LOG_STREAMS; i++) {
		if (l->fifo[i].fd >= 0)
			take(l, i, REST);
		if (l->partial[i].len)
			send_lines(l, i, "\n", 1);
	}
	syslog_rest();
	close_fifos(l);
	log_tell(l, true, false);
}

void log_stopped(struct container *c)
{
	if (c->log)
		log_tell(c->log, true, true);
}

void log_forget(struct container *c)
{
	cleanup_free char *path = log_path(c);
	struct log *l = steal_ptr(&c->log);
	struct err e;

	if (l) {
		log_tell(l, true, true);
		close_fifos(l);
		store_free(&l->store);
		for (int i = 0; i < LOG_STREAMS; i++)
			sb_free(&l->partial[i]);
		free(l);
	}
	if (tree_remove(AT_FDCWD, path, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
}

void log_clear(const char *id)
{
	cleanup_free char *path = xasprintf("%s/logs/%s", tcrd.run_dir, id);
	cleanup_free char *link = data_path(id, "log");
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	struct err e;

	if (tree_remove(AT_FDCWD, path, &e))
		log_msg("%s", e.text);
	if (n <= 0)
		return;
	target[n] = '\0';
	if (tree_remove(AT_FDCWD, target, &e))
		log_msg("%s", e.text);
}
