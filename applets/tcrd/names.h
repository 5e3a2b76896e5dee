/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that take several containers: each is done by itself, and the first error gives the exit
 * code. */
#ifndef TCRD_NAMES_H
#define TCRD_NAMES_H

#include "base/err.h"
#include "base/opt.h"
#include "rpc.h"

struct container;

typedef int name_fn(
	struct client *cl, struct container *c, const char *name, void *target, struct err *e);

/* Calls FN for each container that NAMES has, an error if there is none; the rest as below. */
int each_name(struct client *cl, char *const *names, void *target, name_fn *fn, struct err *e);

/* Parses the client's arguments by TABLE into TARGET and calls FN for each container named; one
 * that is not there, or for which FN returns -1, is an error told to the client. Returns what a
 * verb returns. TARGET must be freed by the caller. */
int for_names(struct client *cl, const struct opt *table, size_t n, void *target, name_fn *fn,
	struct err *e);

/* For a verb that takes no arguments but options: parses the client's by TABLE into TARGET. Returns
 * what a verb returns. TARGET must be freed by the caller. */
int only_options(struct client *cl, const struct opt *table, size_t n, void *target, struct err *e);

#endif
