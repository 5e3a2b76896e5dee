/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of a container in memory; for log.c and logs.c. */
#ifndef TCRD_LOG_LIVE_H
#define TCRD_LOG_LIVE_H

#include "base/list.h"
#include "base/loop.h"
#include "base/strbuf.h"
#include "log_store.h"

struct container;

struct log {
	struct container *container;
	struct log_store store;
	struct watch fifo[LOG_STREAMS]; /* fd -1 where there is none */
	struct list followers;          /* struct follower; see logs.c */
	uint64_t lost;                  /* bytes that could not be written since it last worked */
	struct strbuf partial[LOG_STREAMS]; /* for syslog: the beginning of a line */
};

/* The container's; made when it is first asked for. */
struct log *log_of(struct container *c);

/* There is something new for the followers of L. ENDED: those that were attached end. LAST: all
 * end, as soon as they have seen the rest. logs.c. */
void log_tell(struct log *l, bool ended, bool last);

/* Sends the lines in DATA to the host's syslog; what is no line yet stays in PARTIAL. Never waits:
 * what the other side does not take is dropped. log_syslog.c. */
void syslog_lines(struct strbuf *partial, const char *tag, enum log_stream stream, const char *data,
	size_t len);

/* Closes the connection until there is something to send again. */
void syslog_rest(void);

#endif
