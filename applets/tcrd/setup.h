/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before the event loop: options, directories, locks, the runtime. */
#ifndef TCRD_SETUP_H
#define TCRD_SETUP_H

#include "base/err.h"

/* Fills the settings from the command line. Returns 0 or -1. */
int setup_options(char **argv, struct err *e);

/* Makes the directories, takes the locks, looks at crun. */
int setup_host(struct err *e);

/* After a start that failed, before anybody could be served: removes the directories that it made,
 * if they are empty. */
void setup_undo(void);

#endif
