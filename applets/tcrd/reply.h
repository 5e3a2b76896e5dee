/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a client and the frames that it gets; for rpc.c. */
#ifndef TCRD_REPLY_H
#define TCRD_REPLY_H

#include <stdbool.h>

#include "base/child.h"
#include "base/list.h"

struct client;

/* What client_fork() made: client->worker is its child. */
struct job {
	struct child child;
	struct client *client;
	int (*fn)(struct client *cl, void *arg);
	void *arg;
};

/* The job that works for CL, or NULL. */
struct job *reply_job(const struct client *cl);
/* Goes on with one that the last image of the daemon has begun. */
int reply_job_adopt(struct client *cl, pid_t pid, struct err *e);

extern struct list clients;

/* A client for the accepted connection FD, which it owns. */
struct client *reply_new_client(int fd);

/* The connection is gone, or is to go: what the verb has begun still ends. Frees the client if
 * nothing holds it. */
void reply_drop(struct client *cl);

/* For the shutdown: ends what works for clients alone, and drops the clients that wait for nothing.
 * False as long as some wait. */
bool reply_end_all(void);

/* Sends what is queued. False if the client is freed. */
bool reply_flush(struct client *cl);

/* Frames what was printed. */
void reply_flush_text(struct client *cl);

/* Tells the client to print the usage of its verb. */
void reply_help(struct client *cl);

#endif
