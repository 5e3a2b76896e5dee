/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The freezer of control groups: all processes of a container stand still, or go on. */
#ifndef TCRD_FREEZER_H
#define TCRD_FREEZER_H

#include <stdbool.h>

#include "base/err.h"

/* Freezes the container ID, or thaws it; that it is so already is a success. Takes a millisecond at
 * the most. Returns 0 when all of its processes stand still, or all may go on; 1 when one is still
 * on the way (it waits for a disk, perhaps): ask again, in some 10 ms, or thaw it to give up; -1
 * with E filled if nothing was changed. Sources: freezer-subsystem.rst and cgroup-v2.rst
 * (cgroup.freeze) in Documentation/admin-guide/ of the kernel. */
int cgroup_freeze(const char *id, bool frozen, struct err *e);

/* True if the container is frozen, or on the way to it; also if somebody else did that. */
bool cgroup_is_frozen(const char *id);

#endif
