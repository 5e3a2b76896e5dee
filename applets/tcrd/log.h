/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What detached containers print: from two FIFOs to a bounded log, a syslog, or nowhere.
 *
 * The container holds both ends of its FIFOs, so it neither waits for a daemon that has died nor
 * gets SIGPIPE, and the next daemon reads on. Data moves by splice(2): it is in the FIFO or in the
 * log, and never in the daemon alone. */
#ifndef TCRD_LOG_H
#define TCRD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct client;
struct container;
struct spec;
struct log; /* c->log; NULL as long as nobody has asked for it */

/* At the start of a container without a client. FDS: for its standard output and error, the
 * caller's to close whatever is returned; -1 for what goes to /dev/null. With a terminal both are
 * -1, and what comes from that is for log_write(). Needs the container's directory on tmpfs. */
int log_open(struct container *c, int fds[2], struct err *e);

/* When a daemon starts, for a container that runs on. */
int log_adopt(struct container *c, struct err *e);

/* The daemon's ends of the FIFOs, -1 where there is none. As long as they are open, nothing in them
 * is lost: so a daemon that executes itself leaves them to the next one, which closes them. */
void log_fds(const struct container *c, int fds[2]);

/* Appends what came from the terminal. */
void log_write(struct container *c, const void *buf, size_t len);

/* The last process is gone: takes what is still in the FIFOs, and closes them. */
void log_ended(struct container *c);

/* It has stopped, and no policy and no `restart` brings it back: followers end. */
void log_stopped(struct container *c);

/* It is removed: so is its log. Who reads it gets the rest all the same. To be called before its
 * data directory is removed. */
void log_forget(struct container *c);

/* Removes the log of a container of which nothing but its data directory may be left. */
void log_clear(const char *id);

/* Where the log is kept, owned by the caller. */
char *log_path(const struct container *c);

/* What a reader wants. */
struct log_view {
	bool follow;   /* go on when the end is reached */
	bool from_now; /* nothing of what is there already */
	bool attach;   /* signals go to the container; ends with it, with its exit code */
	bool timestamps;
	long tail;                  /* the last so many lines; -1: all */
	int64_t since_ms, until_ms; /* since 1970; INT64_MIN, INT64_MAX: no limit */
};

/* Holds CL and sends it the log. logs.c. */
int log_send(struct client *cl, struct container *c, const struct log_view *view, struct err *e);

/* Goes on with what the line of a stream's store() says; see handover.c. */
void log_restore(struct client *cl, char *line);

/* What the options say. check_log.c. */
enum log_driver { LOG_FILE, LOG_SYSLOG, LOG_NONE };
enum log_driver log_driver(const struct spec *s);
/* The value of `--log-opt NAME=`, or NULL. */
const char *log_option(const struct spec *s, const char *name);
/* Bytes of a segment. */
uint32_t log_max_size(const struct spec *s);

#endif
