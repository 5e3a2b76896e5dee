/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all listings share: options, the ways to print. */
#ifndef TCRD_LISTING_H
#define TCRD_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"

struct client;
struct match_key;

struct listing {
	bool quiet, no_trunc, all, latest, size;
	char *format, *last;
	char **filters, **names;
	struct strbuf rows; /* cells with tabs between them, if neither quiet nor format is set */
	struct strbuf out;  /* lines, if quiet is set and format is not */
	bool failed;        /* the template names what is not there */
};

/* How many options it takes, in the order of the table in listing.c. */
enum listing_options {
	LISTING_PLAIN = 3,  /* --format --no-trunc --quiet */
	LISTING_FILTER = 4, /* and --filter */
	LISTING_IMAGES = 5, /* and --all, and one argument in NAMES, which may be NULL */
	LISTING_PS = 8,     /* and --last --latest --size */
};

/* Parses the client's arguments and begins with the row HEAD. FIELDS: of its objects, with
 * spaces between them. KEYS: the N of --filter. Returns what a verb returns; listing_end() is to be
 * called in any case. */
int listing_begin(struct listing *l, struct client *cl, enum listing_options options,
	const char *head, const char *fields, const struct match_key *keys, size_t n, struct err *e);

/* Adds one JSON object, which is freed, as the format wants it. */
void listing_add(struct listing *l, struct strbuf *object, struct err *e);

/* Prints it, if RC is 0, and frees what is in it. Returns RC, or -1 with the E of listing_add(). */
int listing_end(struct listing *l, struct client *cl, int rc);

#endif
