/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's name for itself. */
#ifndef TCRD_ETC_H
#define TCRD_ETC_H

struct container;

enum { ETC_HOSTNAME_SIZE = 65 }; /* HOST_NAME_MAX and a NUL */

/* The host name of C: --hostname, else the host's own with the host's network, else the short id.
 */
void etc_hostname(const struct container *c, char name[ETC_HOSTNAME_SIZE]);

#endif
