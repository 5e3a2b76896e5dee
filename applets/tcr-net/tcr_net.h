/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of tcr-net share: the functions behind its verbs. */
#ifndef TCR_NET_H
#define TCR_NET_H

#include <stdbool.h>

#include "base/err.h"

/* What the command line says. */
struct settings {
	char *root, *run_dir; /* of the daemon whose networks these are */
	char *instance;       /* net/instance.h */
	char *format;
	bool quiet, force;
};
extern struct settings settings;

/* The verbs. NAMES are the arguments. They return the exit code, or -1 with E filled. */
int net_ls(char **names, struct err *e);
int net_inspect(char **names, struct err *e);
int net_check(char **names, struct err *e);
int net_gc(char **names, struct err *e);
int net_nuke(char **names, struct err *e);

/* `tcr-net dns`, for the daemon: gets the verb as argv[0] and returns the exit code. */
int dns_main(int argc, char **argv);

/* "tcr-net: TEXT" on standard error. Control bytes are made visible. */
void warn(const struct err *e);

#endif
