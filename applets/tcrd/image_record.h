/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image.json: what the daemon keeps of an image's own, untrusted, files. It is written once, by the
 * load. */
#ifndef TCRD_IMAGE_RECORD_H
#define TCRD_IMAGE_RECORD_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "image.h"

/* What image-info.json and bundle/config.json of an image say. */
struct image_facts {
	char *reference; /* normalised */
	char *arch, *created, *digest;
	struct image_config config;
	char **labels;        /* key, value, key, value … */
	char **exposed_ports; /* "80/tcp" */
};

/* Reads the two files below ROOTFD, the root of a mounted image that may be hostile. FACTS are to
 * be freed in any case. */
int image_read_facts(int rootfd, struct image_facts *facts, struct err *e);
/* Whether bundle/rootfs, the lower layer of the overlay, is a directory: were it a symlink, the
 * container would see the host's files. */
int image_check_rootfs(int rootfd, struct err *e);
void image_facts_free(struct image_facts *facts);

/* The text of image.json. ST is of the file, LINK its path if it stays where it is (else NULL). */
void image_format_record(const struct image_facts *facts, const struct stat *st, const char *link,
	struct strbuf *out);

/* Reads all that an image.json has of the image's own; F is to be freed in any case. */
int image_read_all(const char *id, struct image_facts *f, struct err *e);

/* Fills arch, size, created and exposed_ports of an image from its image.json. */
int image_read_record(struct image *i, struct err *e);

/* Seconds since 1970 of an RFC 3339 time; 0 if it is none. */
int64_t parse_rfc3339(const char *text);
/* The reverse, without a fraction; owned by the caller. */
char *format_rfc3339(int64_t seconds);
/* "2024-02-29 12:34:56 +0000 UTC", as docker's listings have it; owned by the caller. */
char *format_created(int64_t seconds);

/* FD is the opened file of an image, or -1 with errno. A linked one must be what it was when it was
 * hashed. */
int image_check_link(const char *id, int fd, struct err *e);

#endif
