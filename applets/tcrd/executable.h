/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command of a container, looked at before anything starts. */
#ifndef TCRD_EXECUTABLE_H
#define TCRD_EXECUTABLE_H

#include "base/err.h"

/* Whether COMMAND can be executed in ROOTFS, the path of a container's root filesystem, with PATH
 * (colon-separated) and WORKDIR as execvp(3) would: 0, or -1 with exit code 127 if it is not there,
 * 126 if it is no program. */
int executable_check(const char *rootfs, const char *command, const char *path, const char *workdir,
	struct err *e);

#endif
