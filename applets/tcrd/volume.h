/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volumes: directories with names that containers share, and that outlive them. ROOT/volumes/NAME
 * has volume.json and data/. The disk is all there is: nothing of them is kept in memory. */
#ifndef TCRD_VOLUME_H
#define TCRD_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct container;
struct spec;

enum { VOLUME_NAME_MAX = 128 };

struct volume {
	int64_t created; /* seconds since 1970; 0: its record is damaged */
	char **labels;   /* K=V; owned */
};

/* Docker's mark of a volume that got its name from us. */
#define VOLUME_ANONYMOUS "com.docker.volume.anonymous"

/* Makes ROOT/volumes, and removes what creations and removals have left there that did not come to
 * their end. */
int volumes_load(struct err *e);

/* The path of FILE in the volume's directory, owned by the caller; NULL: the directory. */
char *volume_path(const char *name, const char *file);

/* Whether the volume is there. */
bool volume_exists(const char *name);

/* Reads the record; V is to be freed in any case. -1 if there is no such volume. */
int volume_read(const char *name, struct volume *v, struct err *e);
void volume_free(struct volume *v);
/* The label's value, or NULL. */
const char *volume_label(const struct volume *v, const char *key);

/* Makes it; when this returns 0 it survives a power cut. One that is there already stays as it is.
 */
int volume_create(const char *name, char *const *labels, struct err *e);

/* Removes it: from here on it will not come back; its files go in a child. */
int volume_remove(const char *name, struct err *e);

/* Calls FN for the name of each volume, in their order, as dir_each() does. */
int volume_each(
	int (*fn)(int dirfd, const char *name, void *arg, struct err *e), void *arg, struct err *e);

/* A container whose spec has the volume, or NULL. */
const struct container *volume_user(const char *name);

/* Whether VOLUME, an element of spec.volumes, is one with a name. */
static inline bool volume_is_named(const char *volume)
{
	return ENABLE_FEATURE_VOLUME && *volume != '/';
}

/* VOLUME with the path of its data in place of the name; a copy of one without a name. Owned by the
 * caller. */
char *volume_resolve(const char *volume);

/* Makes those volumes of a container to be that are not there yet. */
int volumes_provide(const struct spec *spec, struct err *e);

/* Before the steps of a start: a volume that is empty takes over what the image has at its place.
 * Returns 0 if there is nothing to do; 1 if a child, C->helper, is at work, at whose end
 * start_filled() is called; or -1. */
int volumes_fill(struct container *c, struct err *e);

/* The same at once, in a child. ROOTFS: path of the image's root filesystem. */
int volumes_fill_from(const struct container *c, const char *rootfs, struct err *e);

#endif
