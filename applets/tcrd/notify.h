/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the service manager how the daemon is: sd_notify(3), the protocol of NOTIFY_SOCKET. */
#ifndef TCRD_NOTIFY_H
#define TCRD_NOTIFY_H

/* Takes NOTIFY_SOCKET out of the environment: crun, which inherits that, would notify, too, and
 * wait for the container to do so. Without the variable the other calls do nothing. */
void notify_init(void);

/* Sends STATE, lines like "READY=1", a constant. Never blocks: while the manager's queue is full
 * the event loop tries again, with the last state. */
void notify(const char *state);

/* Announces that the daemon executes itself, with the time that systemd.service(5) wants for that;
 * and puts the variable back into the environment. "READY=1" has to follow. */
void notify_reloading(void);

#endif
