/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Importing an image: everything that takes long, done in a child process. */
#ifndef TCRD_IMAGE_IMPORT_H
#define TCRD_IMAGE_IMPORT_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "image.h"

struct import {
	int source;          /* the file, or a stream */
	char path[PATH_MAX]; /* of the file; "" for a stream */
	bool link;           /* leave the file where it is */
	const char *tmp;     /* name of a directory in images_root, to be made */
	int result;          /* gets a struct import_result */
};

struct import_result {
	struct err err; /* exit_code 0: success */
	char id[IMAGE_ID_LEN + 1];
	char reference[IMAGE_REFERENCE_MAX + 1];
};

/* For child_fork(); ARG is a struct import. Leaves in TMP a complete image directory but for its
 * tag, on disk. */
int import_work(void *arg);

#endif
