/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's parts: verbs, connection, terminal. */
#ifndef TCR_CLIENT_H
#define TCR_CLIENT_H

#include <stdbool.h>

#include "base/err.h"

/* Prints the usage of the verb NAME to standard output. */
void print_verb_usage(const char *name);

/* Sends VERB and ARGV (NULL-terminated, without the verb) to the daemon at SOCKET_PATH and serves
 * the connection to its end. Returns the exit code. */
int client_run(const char *socket_path, const char *verb, char *const *argv);

/* What goes between this process and a container that it is attached to. */
struct attachment {
	int sock;           /* to the daemon */
	int signals;        /* signalfd, -1 until attached */
	int master;         /* of the container's terminal, -1 without one */
	bool input;         /* standard input goes to the terminal */
	char pending[1024]; /* read from standard input, not yet taken by the terminal */
	int pending_len;
};

/* Blocks the signals that are the container's from now on, and opens a signalfd for them. With a
 * terminal, MASTER, it puts our own into raw mode until the process exits, however it does. */
int attach_begin(struct attachment *a, int master, bool input, struct err *e);

/* Handles what the signalfd has: forwards signals to the daemon, window sizes to the terminal. */
void attach_signal(struct attachment *a);

/* Copies from the terminal to standard output. False at its end. */
bool attach_output(struct attachment *a);

/* Copies from standard input to the terminal, as much as it takes. */
void attach_input(struct attachment *a);

#endif
