/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The labels of a container: its image's, and its own, which count more. */
#ifndef TCRD_LABELS_H
#define TCRD_LABELS_H

#include <stdbool.h>

struct container;
struct image_facts;

/* Both together as "K=V", to be freed with strv_free(); never NULL. F: of the image. */
char **labels_merge(const struct container *c, const struct image_facts *f);

/* Whether V, "K=V" strings, has the label that FILTER names: "K", or "K=V". */
bool labels_match(char *const *v, const char *filter);

#endif
