/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all parts of the daemon share: its settings. */
#ifndef TCRD_H
#define TCRD_H

#include <stdbool.h>

#include "base/err.h"
#include "net/addr.h"

enum { RUN_DIR_MAX = 27 }; /* bytes of run_dir: what a socket's path leaves, see crun.c */

struct tcrd {
	/* settings; set once by main.c, paths are absolute */
	const char *root;    /* what survives a reboot */
	const char *run_dir; /* what does not; on tmpfs */
	const char *socket_path;
	const char *group; /* NULL: the socket is root's alone */
	char *crun;        /* owned */
	const char *crun_version;
	struct subnet pool;  /* of the networks without a subnet of their own */
	int root_fd, run_fd; /* the two directories */
	bool stopping;       /* SIGTERM came: nothing starts any more */
};

extern struct tcrd tcrd;

/* Stops every container and ends the event loop when the last one is gone. */
void tcrd_shutdown(void);

#endif
