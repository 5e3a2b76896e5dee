/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OCI runtime's binary: crun. */
#ifndef TCRD_RUNTIME_H
#define TCRD_RUNTIME_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

/* Finds crun by tcrd.crun, which becomes its path, and asks it for its version. Too old, or not
 * crun, is an error. To be called once. */
int runtime_find(struct err *e);

/* Writes to PATH what is to be executed: a handle of crun through which nobody, not even a root
 * inside a container, can write to it. Falls back to its path on Linux before 5.12. */
int runtime_path(char path[PATH_MAX], struct err *e);

/* Whether this kernel can make a mount read-only with all that is mounted below it (Linux 5.12). */
bool runtime_has_recursive_ro(void);

#endif
