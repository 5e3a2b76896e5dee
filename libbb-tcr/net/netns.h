/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces that live as a bind mount, as ip-netns(8) has them. */
#ifndef TCR_NET_NETNS_H
#define TCR_NET_NETNS_H

#include "base/err.h"

/* Makes a namespace, with lo up, and mounts it at PATH, which must not exist. Returns a descriptor
 * of it, or -1 with E filled and nothing left. The caller's own namespace is as before. For a
 * process with one thread. */
int netns_create(const char *path, struct err *e);

/* Mounts the namespace of the process PID at PATH. Returns as netns_create(). */
int netns_share(const char *path, int pid, struct err *e);

/* Opens what is mounted at PATH; an error if that is no network namespace. */
int netns_open(const char *path, struct err *e);

/* Unmounts and removes PATH, in whatever state it was left: with the last user goes the namespace,
 * and with that its links. What is not there is a success. Returns 0 or -1. */
int netns_remove(const char *path, struct err *e);

/* For what has to be done inside a namespace by a process with one thread: enters NETNS_FD and
 * returns a descriptor of the namespace before, which netns_leave() returns to and closes; -1 with
 * E filled. netns_leave() ends the process if there is no way back. */
int netns_enter(int netns_fd, struct err *e);
void netns_leave(int own);

#endif
