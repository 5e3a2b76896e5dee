/* SPDX-License-Identifier: GPL-2.0-or-later */
/* More processes in containers that run: `exec`. */
#ifndef TCRD_EXEC_H
#define TCRD_EXEC_H

#include <stdbool.h>

#include "base/child.h"
#include "container.h"
#include "oci_process.h"
#include "rpc.h"

/* A process that a user has started in a container. Its descriptors are the client's; the daemon
 * only waits for it. */
struct exec {
	struct list node;            /* of its container's, then of nobody's */
	struct container *container; /* NULL once that has ended */
	char id[ID_LEN + 1];
	char *files;          /* where those for crun are, but for their suffix; owned */
	struct child crun;    /* while it is being started */
	struct child process; /* then */
	struct stream stream; /* to the client; client NULL if it has gone */
	struct watch master;  /* of a terminal that no client has; fd -1 */
	int console;          /* where crun sends the master; -1 */
	bool tty, interactive, detach;
	int early_signal; /* came before there was a process to get it */
	char *keys; /* to detach; owned */
};

/* Starts the process P in the container C; the client hears how it went. KEYS: that detach, copied.
 */
int exec_start(struct container *c, struct client *cl, const struct process *p, struct exec *wish,
	struct err *e);

/* True while one is being started, which may end before we know its pid. */
bool exec_pending(void);

/* True while crun brings a command into the container. */
bool exec_is_starting(const struct container *c);

/* The container's processes are gone: those that were being started have to be, too. */
void exec_container_ended(struct container *c);

/* SIGHUP, see handover.h. Appends a line for each of the container's; false while one is being
 * started. */
bool exec_store(const struct container *c, struct strbuf *out);
/* Whether execve(2) keeps their descriptors. */
void exec_keep_fds(const struct container *c, bool keep);
/* Reads what stood behind "exec ", and behind "exec-client FD ". */
void exec_restore(const char *line);
void exec_restore_client(struct client *cl, char *line);

#endif
