/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a table or a link is: several daemons, with other run directories, may share a host. */
#ifndef TCR_NET_INSTANCE_H
#define TCR_NET_INSTANCE_H

#include <stdbool.h>

/* The name of the daemon of RUN_DIR, a path of realpath(3), in the kernel, and of its table: "tcr"
 * for the default run directory; else "tcr" and the path, with '_' for '/', letters and digits as
 * they are, and "__" and two hexadecimal digits for any other byte: "tcr_run_x__2dy" for /run/x-y.
 * No two paths share a name: as "//" is in none of them, one '_' is '/', two begin a byte, and
 * three are '/' and then a byte. Owned by the caller. */
char *instance_name(const char *run_dir);

/* IFLA_IFALIAS of the bridge of the network NAME, and of both ends of the veth pairs of the
 * container ID. Owned by the caller. */
char *instance_network_alias(const char *instance, const char *name);
char *instance_container_alias(const char *instance, const char *id);

/* What follows in such an alias, a pointer into it; NULL if it is not of this instance. */
const char *instance_alias_network(const char *instance, const char *alias);
const char *instance_alias_container(const char *instance, const char *alias);

#endif
