/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `ps` and its filters share. */
#ifndef TCRD_PS_H
#define TCRD_PS_H

#include "image_record.h"
#include "match.h"

struct container;

/* What the last image that was asked for says: most containers have few images. */
struct ps_cache {
	const char *id; /* NULL: none yet */
	struct image_facts facts;
};

/* What is matched and shown. */
struct ps_row {
	const struct container *c;
	struct ps_cache *cache;
};

/* What the image of R says; valid until it is called for another one. */
const struct image_facts *ps_facts(struct ps_row *r);

/* Appends "Up 3 minutes", "Exited (0) 2 hours ago". */
void ps_add_status(const struct container *c, struct strbuf *sb);
/* Appends what the container runs, in quotes: without arguments of its own, what the image wants.
 * TRUNC: not more than fits in a column. */
void ps_add_command(struct ps_row *r, bool trunc, struct strbuf *sb);

enum { PS_KEYS = 12 };
extern const struct match_key ps_keys[PS_KEYS];

#endif
