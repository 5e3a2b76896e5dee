/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's process: what the image wants, changed by what the user asked for. */
#ifndef TCRD_OCI_PROCESS_H
#define TCRD_OCI_PROCESS_H

#include "image.h"
#include "json/json.h"
#include "steps.h"

struct container;

struct process {
	struct image_config image;
	struct user user;
	char **args, **env; /* owned */
	const char *workdir;
};

/* Works out P for C, whose root filesystem is mounted. P is to be freed in any case. */
int oci_resolve_process(struct container *c, struct process *p, struct err *e);
void oci_free_process(struct process *p);

/* Adds "process" to config.json. */
void oci_emit_process(struct json *j, const struct container *c, const struct process *p);

#endif
