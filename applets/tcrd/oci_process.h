/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's process: what the image wants, changed by what the user asked for. */
#ifndef TCRD_OCI_PROCESS_H
#define TCRD_OCI_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "image.h"
#include "json/json.h"
#include "steps.h"

struct container;

struct process {
	struct image_config image;
	struct user user;
	char **args, **env; /* owned */
	const char *workdir;
	bool tty, init; /* init: the reaper runs it */
	uint16_t rows, cols; /* of the terminal; 0: not known */
};

/* One more process for a container, as `exec` has it. */
struct process_wish {
	char **command, **env; /* env: on top of the container's own; may be NULL */
	const char *user, *workdir; /* NULL: the container's own */
	bool tty;
	uint16_t rows, cols;
};

/* Works out P for C, whose root filesystem is mounted. P is to be freed in any case. */
int oci_resolve_process(struct container *c, struct process *p, struct err *e);
/* The same for one more process, as W asks, of the container C that runs with ROOTFS as its root. P
 * points into W. */
int oci_resolve_exec(const struct container *c, const struct process_wish *w, const char *rootfs,
	struct process *p, struct err *e);
void oci_free_process(struct process *p);

/* Adds the process: with KEY "process" to config.json, with NULL as a process.json of its own. */
void oci_emit_process(struct json *j, const char *key, const struct process *p);

#endif
