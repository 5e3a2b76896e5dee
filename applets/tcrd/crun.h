/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What starting a container and starting one more process in it have in common: how crun is called
 * and what it leaves. */
#ifndef TCRD_CRUN_H
#define TCRD_CRUN_H

#include <stdbool.h>

#include "base/child.h"

/* Executes crun with ARGV, and FDS as its descriptors 0 to 2, which a detached process inherits.
 * C->ended is set. */
int crun_spawn(struct child *c, const char *const *argv, const int fds[3], struct err *e);

/* The argument of --cgroup-manager. */
const char *crun_cgroup_manager(void);

/* Says why crun ended with STATUS, by its log; TOLD: its standard error was the user's, who has read
 * it. Returns -1. */
int crun_explain(const char *log, int status, bool told, struct err *e);

/* Takes the master of the terminal from the socket that crun was told of, once crun has ended.
 * Returns it or -1. */
int crun_take_master(int console, struct err *e);

/* Watches the process of which crun has written the pid. C->ended is set. */
int crun_watch(struct child *c, const char *pid_file, struct err *e);

#endif
