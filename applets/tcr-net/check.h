/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of `tcr-net check`. */
#ifndef TCR_NET_CHECK_H
#define TCR_NET_CHECK_H

/* Prints what of the host's own state may be in the way, one line each; changes nothing. */
void check_host(void);

#endif
