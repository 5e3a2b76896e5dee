/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of containers: the spec on disk (on tmpfs for --rm, which no reboot survives), the
 * state on tmpfs. */
#ifndef TCRD_RECORD_H
#define TCRD_RECORD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct container;
struct spec;

/* Stores the spec, but not yet as one that counts: a crash leaves nothing of it. After -1 nothing
 * is left either. */
int record_prepare(const char *id, const struct spec *spec, struct err *e);

/* Replaces the stored spec, whether or not it counts yet. */
int record_update(const char *id, const struct spec *spec, struct err *e);

/* Makes it count: when this returns 0 the container survives a power cut, unless it is --rm. */
int record_commit(const char *id, const struct spec *spec, struct err *e);

/* Undoes both. */
int record_remove(const char *id, const struct spec *spec, struct err *e);

/* Why a container is not to run after a reboot, in the file "down" beside its spec. */
enum mark {
	MARK_NONE,
	MARK_CREATED, /* it was never started */
	MARK_STOPPED, /* a user stopped it */
	MARK_ENDED,   /* its restart policy has finished with it */
};
/* EXIT_CODE: of its last run, as far as that is known. */
int record_mark(
	const char *id, const struct spec *spec, enum mark mark, int exit_code, struct err *e);
int record_unmark(const char *id, const struct spec *spec, struct err *e);
/* EXIT_CODE stays as it is if there is none. What cannot be read is a stop: better a container too few than one that was not wanted. */
enum mark record_read_mark(const char *id, const struct spec *spec, int *exit_code);

/* Reads pid, times and exit code of the last run into C; *PID is 0 if that process is gone. False
 * if C has never run since boot. */
bool record_read_state(struct container *c, pid_t *pid);

/* Forgets pid and exit code. */
void record_clear_state(const char *id);

/* Adds a container to the list; SPEC is taken over. container.c. */
struct container *container_alloc(const char *id, struct spec *spec);

#endif
