/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command of a container, looked at before anything starts. */
#ifndef TCRD_EXECUTABLE_H
#define TCRD_EXECUTABLE_H

#include "base/err.h"

struct container;

/* Whether COMMAND can be executed in the container C, whose root filesystem is mounted, with PATH
 * (colon-separated) and WORKDIR as execvp(3) would. Returns 0, also where only crun can tell, for
 * volumes are not mounted yet; or -1 with exit code 127 if it is not there, 126 if it is no
 * program. */
int executable_check(const struct container *c, const char *command, const char *path,
	const char *workdir, struct err *e);

/* The same in a container that runs: all is mounted at ROOTFS, its root. */
int executable_check_live(const char *rootfs, const char *command, const char *path,
	const char *workdir, struct err *e);

#endif
