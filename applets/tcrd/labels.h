/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels; those of a container are its image's, and its own, which count more. */
#ifndef TCRD_LABELS_H
#define TCRD_LABELS_H

#include <stdbool.h>

struct container;
struct image_facts;

/* Both together as "K=V", to be freed with strv_free(); never NULL. F: of the image. */
char **labels_merge(const struct container *c, const struct image_facts *f);

/* A copy of LABELS, "K=V" strings or NULL, of which the last with a name counts. To be freed with
 * strv_free(); never NULL. */
char **labels_unique(char *const *labels);

/* Whether V, "K=V" strings, has the label that FILTER names: "K", or "K=V". */
bool labels_match(char *const *v, const char *filter);

#endif
