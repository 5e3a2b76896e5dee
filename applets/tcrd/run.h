/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `run`, and what the client that ran it hears of its container. */
#ifndef TCRD_RUN_H
#define TCRD_RUN_H

#include <stdbool.h>

#include "base/err.h"

struct client;
struct container;
struct spec;

/* container_create(), and the file of --cidfile. */
struct container *run_create(struct spec *spec, struct err *e);

/* Whether CL can be in front of a container as SPEC wants it. */
int run_check_terminal(const struct client *cl, const struct spec *s, struct err *e);

/* Connects CL with a container that runs, as the verb `attach` does. KEYS: those that detach, NULL:
 * the default. INPUT: with standard input, if the container has one. attach_client.c. */
int run_join(struct client *cl, struct container *c, const char *keys, bool input, struct err *e);

/* The container's next start is in the foreground of CL. */
void run_in_front(struct container *c, struct client *cl);

/* Tells its client that it is attached, now that the container runs. HOW: more of enum tcr_attached. */
void run_attach(struct container *c, int how);

/* The daemon reads the terminal no more. */
void run_leave_terminal(struct container *c);

/* Whether there is a client in front, which has hung up. */
bool run_has_lost_client(const struct container *c);

/* The container runs: the client is attached. */
void run_started(struct container *c);

/* It does not run any more: no more signals for it. */
void run_ended(struct container *c);

/* It is stopped, and taken down: the client gets the exit code, or the reason why it never started.
 */
void run_finished(struct container *c);

/* What `stop` sends first. */
int run_stop_signal(const struct container *c);

/* Nobody looks at the terminal: the daemon reads what comes, else the container would stand still
 * when the terminal is full. */
void run_drain_terminal(struct container *c);
void run_close_terminal(struct container *c);

#endif
