/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequences of keys, as docker's --detach-keys has them. */
#ifndef TCR_BASE_KEYS_H
#define TCR_BASE_KEYS_H

#include <stddef.h>

#include "base/err.h"

#define KEYS_DEFAULT "ctrl-p,ctrl-q"

/* Writes the bytes that a terminal sends for TEXT to KEYS, at most MAX of them: keys with commas
 * between them, each a printable ASCII character, DEL, or ctrl- with a letter in lower case or one
 * of @[\]^_. Returns their number, or -1. */
int keys_parse(const char *text, char *keys, size_t max, struct err *e);

#endif
