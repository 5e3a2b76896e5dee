/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all verbs that inspect share: options, the loop over names, the output. */
#ifndef TCRD_INSPECT_H
#define TCRD_INSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "json/json.h"

struct client;

struct inspect_options {
	char *format, *type;
	bool size; /* containers: count the bytes, too */
};

/* Something that can be inspected. */
struct inspect_kind {
	const char *name; /* "image" */
	/* Adds one object, what is known of REF, in docker's shape. Returns 0, or with E filled 1
	 * if there is no REF, -1 if something else is wrong. */
	int (*add)(struct json *j, const char *ref, const struct inspect_options *o, struct err *e);
};

/* All of a verb that shows, for each of its arguments, the first of the N KINDS that there is.
 * OPTIONS: how many it takes of --format, --size, --type, in this order. Returns what a verb
 * returns. */
int inspect_verb(struct client *cl, const struct inspect_kind *kinds, size_t n, size_t options,
	struct err *e);

/* Adds an object of "K=V" strings; V may be NULL. */
void inspect_labels(struct json *j, const char *key, char *const *v);

/* One for each kind. */
int inspect_container(
	struct json *j, const char *ref, const struct inspect_options *o, struct err *e);
int inspect_image(struct json *j, const char *ref, const struct inspect_options *o, struct err *e);
int inspect_network(
	struct json *j, const char *ref, const struct inspect_options *o, struct err *e);
int inspect_volume(struct json *j, const char *ref, const struct inspect_options *o, struct err *e);

#endif
