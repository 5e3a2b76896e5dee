/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers: what was asked (spec.h), what is (state.h), and where both are kept. */
#ifndef TCRD_CONTAINER_H
#define TCRD_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/child.h"
#include "base/err.h"
#include "base/list.h"
#include "base/loop.h"
#include "net/record.h"
#include "restart.h"
#include "rpc.h"
#include "spec.h"
#include "state.h"

enum {
	ID_LEN = 64,       /* hex digits */
	SHORT_ID_LEN = 12, /* what people see */
};

struct image;
struct log;

struct container {
	struct list node;
	char id[ID_LEN + 1];
	struct spec spec;
	enum state state;
	struct child init;       /* the container's first process, while it runs */
	struct child helper;     /* crun, or the walk back; never both at once */
	struct timer kill_timer; /* when stop's patience ends */
	struct timer retry;      /* when the restart policy starts it again */
	struct restart restart;  /* what the policy knows of the past */
	struct image *image;     /* held while it is mounted for us */
	struct watch master;     /* of the terminal; fd -1 without one */
	int console;             /* where crun sends the master; -1 without a terminal */
	struct stream front;     /* its client in the foreground, if there is one */
	bool front_is_next;      /* that one waits for the start that is still to come */
	bool front_types;        /* its standard input is the container's */
	char *detach_keys;       /* what its client types to leave; NULL: the default. Owned */
	struct log *log;         /* what it prints in the background; NULL: nothing yet */
	struct list execs;       /* struct exec; what runs in it beside its own process */
	struct list waiters;
	struct err *fill_error;           /* shared with the child that fills its volumes */
	struct err *failure;              /* why it did not start; owned */
	uint64_t started_ms, finished_ms; /* since boot, the last time; 0: not yet */
	int exit_code;
	int stop_signal;       /* what this stop sends first; 0: what the container wants */
	int early_signal;      /* from its client, before it ran; 0: none */
	struct attachment net; /* while it runs */
	bool published;        /* its ports are in the table */
	char *cidfile;         /* to be removed if it never runs; owned, or NULL */
	bool unborn; /* of a `run` that has not come to run yet: if it never does, nothing is left
			of it */
	bool stop_wanted;   /* while starting: stop as soon as it runs */
	bool remove_wanted; /* remove when it has stopped */
	bool start_wanted;  /* start again when it has stopped */
	bool user_stop;     /* a user has stopped it: that is not the policy's to mend */
	bool restart_wanted; /* by a user, who is told of it when it runs again */
	bool kept;          /* its root filesystem stays mounted from one run to the next */
	bool again;         /* while it is taken down: the policy wants another run */
	bool by_policy;     /* the start under way is the policy's: there will be others */
	bool oom_killed;    /* the kernel ended it, or one of its processes, for want of memory */
	long stop_ms;       /* patience of the stop that is under way */
};

extern struct list containers;

/* 64 random hexadecimal digits. */
int random_id(char id[ID_LEN + 1], struct err *e);

/* Creates the container that SPEC asks for: checks what can only be checked against the others
 * (name, image), gives it an id and stores the record. SPEC is taken over, its fields are NULL
 * afterwards. NULL with E filled if that is not possible. */
struct container *container_create(struct spec *spec, struct err *e);

/* 0 if no container has this name; else -1 with E filled. */
int container_name_is_free(const char *name, struct err *e);

/* Undoes container_create(). */
void container_discard(struct container *c);

/* Reads all records, adopts what is still running, clears away what is left of the rest. */
int containers_load(struct err *e);

/* By name, id or unique prefix of an id; NULL with E filled. */
struct container *container_find(const char *ref, struct err *e);

/* The container that uses the image, or NULL. */
const struct container *container_using(const char *image_id);

/* Sends a signal to the first process, and tells of it; harmless when there is none. */
void container_signal(struct container *c, int sig);

/* Writes what the next daemon must know of it to the run directory. */
int container_save_state(const struct container *c, struct err *e);

/* The same for a user: the restart policy does not start it again, and after a reboot only
 * "always" does. */
int container_user_stop(struct container *c, long patience_ms, struct err *e);

/* Whether the restart policy says what comes behind a run. A user who starts it is told that it
 * failed, and decides; so does one who stops it. ending.c. */
bool container_is_for_policy(const struct container *c);

/* Lets the policy decide, in c->again. The walk back takes its time, and this daemon may not see its
 * end: so the next one is to know exit code and decision at once. */
void container_decide(struct container *c);

/* The state that users are told of: never one that only the daemon knows, such as ST_CLEANING. */
enum state container_shown_state(const struct container *c);

/* Ends it, and starts it again. */
int container_restart(struct container *c, long patience_ms, struct err *e);

/* Ends it: PATIENCE_MS after the stop signal comes SIGKILL; 0: at once, -1: never. Of several stops
 * the least patient counts. Returns what container_event() does. */
int container_stop(struct container *c, long patience_ms, struct err *e);

/* Commits the removal: from here on it will not come back. */
int container_forget_record(struct container *c, struct err *e);

/* Takes it off the list and frees it. Its waiters are told. */
void container_free(struct container *c);

/* Somebody who waits for a container. */
enum wait_for {
	WAIT_STARTED,
	WAIT_ENDED,   /* its process is gone, whether or not the policy starts another */
	WAIT_STOPPED, /* and it will not start by itself */
	WAIT_REMOVED,
};

struct waiter {
	struct list node;  /* of the container; unused once it is told */
	struct list order; /* of the client, in the order of its answers */
	enum wait_for what;
	struct client *client;
	struct container *container; /* NULL: told, but the answer waits for those before it */
	char *text;                  /* owned; NULL: the exit code, or that there is no answer */
};

/* Holds CL until then, prints TEXT as a line for it (NULL: the exit code), and releases it. What it
 * gets for several containers has the order of the calls. C is NULL if that is over, and only TEXT
 * is still to be printed. */
void container_wait(struct container *c, enum wait_for what, struct client *cl, const char *text);

/* The client went away: nothing is waited for on its behalf. CL must be held besides. */
void container_wait_cancel(struct client *cl);

/* Tells those who wait for WHAT. WHY: it has failed, NULL if it has not. */
void container_notify(struct container *c, enum wait_for what, const struct err *why);

#endif
