/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Architectures, by their names in the OCI image specification (GOARCH). */
#ifndef TCRD_ARCH_H
#define TCRD_ARCH_H

#include "base/err.h"

/* Whether programs of ARCH can run here: natively, or as what the machine's 64-bit kernel runs
 * besides. 0, or -1 with E filled. */
int arch_check(const char *arch, struct err *e);

#endif
