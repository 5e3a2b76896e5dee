/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --filter KEY=VALUE, repeatable, as docker has it. */
#ifndef TCRD_MATCH_H
#define TCRD_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct match_key {
	const char *name;
	bool all; /* of several values each must match; else one is enough */
	bool (*match)(const void *object, const char *value);
	/* "a, b, c": the only ones that there are; or NULL */
	const char *values;
	/* What else a value must be: 0, or -1 with E filled; or NULL */
	int (*check)(const char *value, struct err *e);
};

/* For the check of an option; returns a copy of FILTER, or NULL with E filled. */
char *match_check(const char *filter, const struct match_key *keys, size_t n, struct err *e);

/* Whether OBJECT passes FILTERS, which may be NULL. Different keys must all match. */
bool match_all(char *const *filters, const struct match_key *keys, size_t n, const void *object);

/* The key "name" of all listings: an extended regular expression, see regex(7), for NAME or, as
 * docker calls containers, /NAME; without what could keep the daemon busy. */
int match_check_name(const char *value, struct err *e);
bool match_name(const char *name, const char *value);

/* Whether TEXT begins with PREFIX. */
bool match_prefix(const char *text, const char *prefix);

#endif
