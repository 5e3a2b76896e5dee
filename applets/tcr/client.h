/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's parts: verbs, connection, terminal. */
#ifndef TCR_CLIENT_H
#define TCR_CLIENT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "base/err.h"
#include "tcr_proto.h"

/* Says what went wrong, "tcr: TEXT", and returns the exit code. */
int client_fail(const struct err *e);

/* The same for what a user has typed, one word or two: "REASON \"ONE TWO\"". */
int fail(const char *reason, const char *one, const char *two);

struct verb {
	const char *name, *summary, *usage;
};

/* Takes the verb, one word or two, by any of its names, from the front of *ARGV. NULL if it is
 * none: then one word is taken. */
const struct verb *take_verb(char ***argv);

/* Prints the usage of a verb, or of all of them, to standard output. */
void print_verb_usage(const struct verb *v);
void print_usage(void);

/* `tcr help ARGV...`. Returns the exit code. */
int help(char **argv);

/* What there is to say of a group: `tcr image`, `tcr image --help`, `tcr help image`. */
int help_group(char **argv);

/* Checks the flags in ARGV (NULL-terminated, without the verb) by the help text USAGE. Returns 0, 1
 * if
 * --help is among them, or -1. What is behind the flags is the daemon's to check. */
int check_flags(const char *usage, char *const *argv, struct err *e);

/* Sends the name of V and ARGV (NULL-terminated, without the verb) to the daemon at SOCKET_PATH and
 * serves the connection to its end. Returns the exit code. */
int client_run(const char *socket_path, const struct verb *v, char *const *argv);

/* What goes between this process and a container that it is attached to. */
struct attachment {
	int sock;    /* to the daemon */
	int signals; /* signalfd, -1 until attached */
	bool attached, own_signals;
	int master;     /* of the container's terminal, -1 without one */
	bool hung;      /* nobody has its other end open; that may change */
	int pipe;       /* to its standard input, -1 without one */
	bool input;     /* standard input goes to one of them */
	char keys[TCR_KEYS_MAX]; /* what is typed to detach */
	int nkeys, matched;      /* so many of them were typed, and are held back */
	bool detached;
	char in[1024 + TCR_KEYS_MAX]; /* read from standard input, not yet taken */
	int in_len;
	char out[4096]; /* the other way round */
	int out_len;
};

/* Takes the signals that are the container's: before the request, so that none is lost. */
int attach_signals(struct attachment *a, struct err *e);

/* The container runs. HOW: enum tcr_attached. With a terminal, of which FD is the master, it puts our
 * own into raw mode until the process exits, however it does. A pipe is its standard input; -1:
 * neither. KEYS (LEN of them) detach. */
void attach_begin(struct attachment *a, int fd, int how, const char *keys, size_t len);

/* The size of our own terminal, whichever standard descriptor it is. False without one. */
bool attach_window_size(struct winsize *ws);

/* Handles what the signalfd has: forwards signals to the daemon, window sizes to the terminal. */
void attach_signal(struct attachment *a);

/* Reads from the terminal. */
void attach_output(struct attachment *a);

/* Writes what was read to standard output. */
void attach_flush(struct attachment *a);

/* Copies from standard input to the terminal or the pipe, as much as it takes. */
void attach_input(struct attachment *a);

/* The keys were typed: gives the terminal back, and says so. */
void attach_leave(struct attachment *a);

#endif
