/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals by name. */
#ifndef TCRD_SIGNALS_H
#define TCRD_SIGNALS_H

/* "TERM", "SIGTERM", "sigterm", "15", "RTMIN+3"; 0 if it is none. The numbers are this machine's.
 */
int signal_by_name(const char *name);

#endif
