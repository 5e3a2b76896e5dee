/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run --init: the first process of a container is a reaper, and the command its child. */
#ifndef TCRD_INIT_H
#define TCRD_INIT_H

#include "base/err.h"

struct spec;

/* Where a container sees the program: in a tmpfs of its own, so that no root filesystem has to have
 * a place for it. */
#define INIT_TARGET "/dev/init"

/* Nothing that SPEC mounts may be in its way. */
int init_check(const struct spec *spec, struct err *e);

/* Makes sure that the program is where init_source() says, and is what it should be. */
int init_up(struct err *e);

/* Where the host has it, owned by the caller. */
char *init_source(void);

#endif
