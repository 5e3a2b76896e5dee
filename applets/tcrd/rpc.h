/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients: one connection, one request, one verb. */
#ifndef TCRD_RPC_H
#define TCRD_RPC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/strbuf.h"
#include "tcr_proto.h"

struct child;
struct container;

/* What a client stays connected to after its request: a container in the foreground, a log that it
 * follows. Lives inside the object that serves the client. */
struct stream {
	struct client *client; /* NULL: none */
	/* The client sent a signal. NULL: it is ignored. */
	void (*signal)(struct stream *s, int sig);
	/* The user typed the keys to detach; the client goes away next. FD: the descriptor that it
	 * was attached to, or -1; taken over. NULL: it is closed. */
	void (*detached)(struct stream *s, int fd);
	/* The client has gone away, and is not connected any more. */
	void (*gone)(struct stream *s);
	/* All that was printed is sent: prints the next piece. False if there is none before the
	 * next client_wake(), or if it has called client_leave(). NULL: it prints when it likes. */
	bool (*more)(struct stream *s);
	/* Before the daemon executes itself: appends a line that starts with a word of handover.c
	 * and the client's descriptor. False if that is not possible now. NULL: never. */
	bool (*store)(struct stream *s, struct strbuf *out);
};

/* A client and its request. It lives until its verb has nothing left to do, even if the client
 * itself is gone by then. */
struct client {
	struct list node;
	struct watch watch;    /* the connection; fd is -1 once the client is gone */
	char *strings;         /* what argv and env point into */
	char **argv, **env;    /* NULL-terminated; argv[0] is the verb */
	int fds[TCR_FD_MAX];   /* enum tcr_request_fd; -1 where closed */
	size_t expanded;       /* see client_expands() */
	struct timer patience; /* for the request */
	uint16_t rows, cols;
	unsigned held; /* things that the answer still waits for */
	int exit_code;
	bool finished;              /* the exit frame is queued */
	const struct child *worker; /* works for this client alone: ends with it */
	struct stream *stream;      /* NULL: none */
	struct list waits;          /* struct waiter: what it waits for, see container_wait() */
	bool direct;                /* see client_fork() */
	struct strbuf queue; /* frames that the socket would not take yet, each behind its length */
	struct strbuf text;  /* standard output that is not framed yet */
};

/* A verb: acts, or starts to act and holds the client. Returns 0, 1 for --help, or -1 with E
 * filled. */
typedef int verb_fn(struct client *cl, struct err *e);

/* Opens the socket and serves it. */
int rpc_listen(struct err *e);
/* Takes no more requests. */
void rpc_close(void);
/* Lets new requests wait, or takes them again. */
void rpc_pause(bool pause);
/* The socket. */
int rpc_listener(void);
/* For a client that the last image of the daemon had accepted. */
int rpc_adopt(struct client *cl, struct err *e);

/* Appends to the client's standard output. */
void client_print(struct client *cl, const void *text, size_t len);
void client_printf(struct client *cl, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sends something for its standard error, behind what was printed. */
void client_print_error(struct client *cl, const void *text, size_t len);

/* Tells an error: "tcr: TEXT" on standard error, unless the text is empty; and its exit code,
 * unless there is one already. */
void client_error(struct client *cl, const struct err *e);

/* The answer is sent, and the client freed, when every hold was released. */
void client_hold(struct client *cl);
void client_release(struct client *cl);

/* Connects CL with S, and holds it until client_leave(), or until it goes away. */
void client_join(struct client *cl, struct stream *s);
void client_leave(struct stream *s);

/* There is something to print again: S->more is called as soon as the client has taken what was
 * printed before. So one that does not read costs no memory, and nobody waits for it. */
void client_wake(struct client *cl);

/* Tells that what the client is to see runs. HOW: enum tcr_attached. FD: the descriptor that goes
 * with it, or -1. KEYS: those that detach, see keys.h; NULL: none do. */
void client_attach(struct client *cl, int how, int fd, const char *keys);

/* Runs FN(CL, ARG) in a forked copy of the daemon: for what takes long. There client_print() and
 * client_error() write to the client's own descriptors, and may wait for it. What FN returns is the
 * exit code. The copy ends when the client goes away. Returns 0, or -1 with E filled. */
int client_fork(struct client *cl, int (*fn)(struct client *cl, void *arg), void *arg,
	struct err *e);

/* For one of which the process that worked for it has not ended as it should: fills E. */
void client_worker_died(const struct client *cl, int status, struct err *e);

/* Closes standard descriptors that nobody needs any more. */
void client_close_fds(struct client *cl);

/* False once the client has gone away. */
bool client_is_there(const struct client *cl);

/* Counts LEN bytes that the request makes the daemon keep beyond its own size. False when it is too
 * much. */
bool client_expands(struct client *cl, size_t len);

int client_cwd(const struct client *cl);
/* A variable of the client's environment, or NULL. */
const char *client_getenv(const struct client *cl, const char *name);

#endif
