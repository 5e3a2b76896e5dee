/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying between host and containers: who does it, and what goes where. For cp.c. */
#ifndef TCRD_CP_H
#define TCRD_CP_H

#include <stdbool.h>
#include <sys/types.h>

#include "archive/tar.h"
#include "base/err.h"

/* Files of one side. */
struct place {
	int root;         /* the container's root directory, or the client's current one */
	bool host;        /* the client's: symlinks lead where they lead */
	const char *path; /* as it was given */
};

struct source {
	int fd;       /* O_PATH; -1: not open */
	bool dir;     /* a directory */
	bool device;  /* a block or character device */
	bool content; /* of which only the content is meant */
	char *name;   /* its last component; owned */
};

/* Opens what is to be copied. FOLLOW: a symlink means its target. To be closed in any case. */
int cp_open_source(const struct place *from, bool follow, struct source *s, struct err *e);
void cp_close_source(struct source *s);

struct goal {
	struct tar_target target;
	char *dir, *as; /* owned */
};

/* Finds out where S goes, by docker's rules. S NULL: an archive, which needs a directory. */
int cp_find_goal(const struct place *to, const struct source *s, struct goal *g, struct err *e);
void cp_free_goal(struct goal *g);

#endif
