/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGHUP: the daemon executes its binary again, which may be a newer one. Containers, and whoever
 * is connected, stay: descriptors are inherited, and the rest is handed over as text, a line an
 * object. */
#ifndef TCRD_REEXEC_H
#define TCRD_REEXEC_H

#include <stdbool.h>

#if ENABLE_FEATURE_RELOAD

/* Notes what is executed, before anything changes it, and finds out whether another daemon has
 * executed this one. */
void reexec_init(char **argv);

/* Executes the binary as soon as nothing is under way that cannot be handed over. */
void reexec_request(void);

/* True from then on: nothing new begins. */
bool reexec_is_pending(void);

/* The socket that the last daemon listened to, or -1. */
int reexec_listener(void);

/* Takes over what the last daemon has left, once the containers are loaded. */
void reexec_restore(void);

#else

static inline void reexec_init(char **argv)
{
	(void)argv;
}

void reexec_request(void);

static inline bool reexec_is_pending(void)
{
	return false;
}

static inline int reexec_listener(void)
{
	return -1;
}

static inline void reexec_restore(void)
{
}

#endif

#endif
