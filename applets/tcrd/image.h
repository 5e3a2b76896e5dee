/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images: squashfs files named after their SHA-256, and what is known of them. */
#ifndef TCRD_IMAGE_H
#define TCRD_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"

struct container;

enum {
	IMAGE_ID_LEN = 64,
	IMAGE_REFERENCE_MAX = 255, /* as docker has it */
};

/* Lives in images_root/<id>/: image.sqfs (a file, or a link to one), image.json (what never
 * changes), tag (what does). */
struct image {
	struct list node;
	char id[IMAGE_ID_LEN + 1];
	char *reference;   /* docker.io/library/alpine:3.18; NULL: untagged */
	char *arch;        /* "amd64", as in the OCI image specification */
	uint64_t size;     /* bytes */
	int64_t created;   /* seconds since 1970, by its maker */
	char **exposed_ports; /* "80/tcp" */
	uint64_t sequence; /* of two with the same reference the higher one has it */
	unsigned users;    /* containers that need it mounted */
};

extern struct list images;

/* What an image wants of a container; only harmless fields are ever taken. */
struct image_config {
	char **entrypoint, **command, **env;
	char *workdir, *user, *stop_signal;
};

/* Reads images_root; what is broken is left alone with a message. */
int images_load(struct err *e);

/* By reference, id or unique prefix of an id; NULL with E filled. */
struct image *image_find(const char *ref, struct err *e);
struct image *image_by_id(const char *id);

/* The full form of a reference: "alpine" is docker.io/library/alpine:latest. NULL if that cannot be
 * one. Owned by the caller. */
char *reference_normalise(const char *ref);
/* The familiar form of REF, a pointer into it: without docker.io/library/. */
const char *reference_familiar(const char *ref);

/* Reads the config of an image; to be freed in any case. */
int image_read_config(const char *id, struct image_config *config, struct err *e);
void image_config_free(struct image_config *config);

/* A new image is complete in the directory TMP of images_root: it gets its name there, and takes
 * over REFERENCE. An image that is there already only gets the reference. Returns the image, or
 * NULL. */
struct image *image_commit(const char *tmp, const char *id, const char *reference, struct err *e);

/* Removes the image, which nobody uses. */
int image_remove(struct image *image, struct err *e);

/* Mounts the container's image unless it is mounted, and holds it for it; once is enough. */
int image_hold(struct container *c, struct err *e);
/* For a container that was running when this daemon started: its image is mounted already. */
int image_adopt(struct container *c, struct err *e);
/* Mounts it, whoever uses it: for a child with mounts of its own. */
int image_mount(const struct image *image, struct err *e);
/* Lets go of it; the last one unmounts. */
void image_release(struct container *c);
/* At start: unmounts what nobody holds. */
void images_settle(void);

/* Where the image is mounted while it is used, owned by the caller. */
char *image_mount_point(const char *id);
/* The path of NAME in the image's directory, owned by the caller; NULL: the directory. */
char *image_path(const char *id, const char *name);

#endif
