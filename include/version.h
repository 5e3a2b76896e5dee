/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The version of the project, said once. */
#ifndef TCR_VERSION_H
#define TCR_VERSION_H

#define TCR_VERSION "0.1.0"

#endif
