/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `run`, and what the client that ran it hears of its container. */
#ifndef TCRD_RUN_H
#define TCRD_RUN_H

struct container;

/* The container runs: the client is attached, or gets the id. */
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
