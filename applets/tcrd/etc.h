/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Its own /etc/hosts, /etc/hostname, /etc/resolv.conf, and its name for itself. */
#ifndef TCRD_ETC_H
#define TCRD_ETC_H

#include <stdbool.h>

#include "base/err.h"

struct container;
struct strbuf;

enum { ETC_HOSTNAME_SIZE = 65 }; /* HOST_NAME_MAX and a NUL */

/* The host name of C: --hostname, else the host's own with the host's network, else the short id.
 */
void etc_hostname(const struct container *c, char name[ETC_HOSTNAME_SIZE]);

/* Fills /etc/hosts. */
void etc_fill_hosts(const struct container *c, struct strbuf *sb);

/* etc_network.c: what networks, and the options about them, put into the files. */

/* Appends the lines of /etc/hosts: NAME with the container's addresses, and --add-host. */
void etc_add_hosts(const struct container *c, const char *name, struct strbuf *sb);
/* Fills /etc/resolv.conf; false if it is the host's. */
bool etc_fill_resolv(const struct container *c, struct strbuf *sb);
/* Writes /etc/hosts and, with RESOLV, /etc/resolv.conf of a running container anew. */
int etc_update(const struct container *c, bool resolv, struct err *e);
/* All three files are those of the container whose network it shares. */
int etc_link_peer(const struct container *c, struct err *e);

#endif
