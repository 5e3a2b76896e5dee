/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of containers that are gone: until the kernel has forgotten their connections nobody
 * else gets them, for he would get what was on its way to another. */
#ifndef TCRD_QUARANTINE_H
#define TCRD_QUARANTINE_H

#include <stdbool.h>
#include <stdint.h>

/* ADDR is nobody's any more. Its connections are forgotten in the background, a moment later:
 * looking through the kernel's table takes some milliseconds, and so many at a time. */
void quarantine_add(uint32_t addr);

/* Whether ADDR has to wait. */
bool quarantine_has(uint32_t addr);

/* Forgets the connections of all of them at once, and so lets them go: for who needs one now. */
void quarantine_end(void);

#endif
