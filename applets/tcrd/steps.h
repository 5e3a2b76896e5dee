/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a start. An up() works for the container; a down() knows only the id, and is
 * idempotent: a failed start, the end of a container and the recovery after a crash are the same
 * walk backwards. */
#ifndef TCRD_STEPS_H
#define TCRD_STEPS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"

struct container;
struct image_config;

/* start.c: the container's directories. */
int dirs_up(struct container *c, struct err *e);
int dirs_down(const char *id, struct err *e);

/* rootfs.c: image, overlay. */
int rootfs_up(struct container *c, struct err *e);
int rootfs_down(const char *id, struct err *e);
/* The path of the container's own layer, owned by the caller. */
char *rootfs_upper(const struct container *c);

/* etc.c: hosts, hostname, resolv.conf. */
int etc_up(struct container *c, struct err *e);

/* oci.c: config.json. */
int oci_up(struct container *c, struct err *e);

/* crun.c: the runtime. */
int crun_up(struct container *c, struct err *e);
int crun_down(const char *id, struct err *e);
/* Ends what a crun that was killed, or whose daemon was, has left: its helpers, and the container
 * as long as that is still crun. Looks at every process: not for each end of a container. */
void crun_kill_strays(const char *id);
/* The container's process, if its command has begun: for a daemon that does not know, because the
 * last one died before it could note that. 0: there is none. */
pid_t crun_running(const char *id);
/* After crun has ended with STATUS: watches the container, or says why it does not run. */
int crun_result(struct container *c, int status, struct err *e);

/* The path of NAME in the container's directory on tmpfs, owned by the caller; NAME NULL: the
 * directory itself. */
char *run_path(const char *id, const char *name);
/* The same for the directory on disk. */
char *data_path(const char *id, const char *name);

/* user.c: who the process is, by the image's /etc/passwd and /etc/group. */
enum { GROUPS_MAX = 64 };
struct user {
	uid_t uid;
	gid_t gid;
	gid_t groups[GROUPS_MAX];
	size_t ngroups;
	char *home; /* owned */
};
/* NAME as `run --user` has it; NULL or "": root. ROOTFS: path of the container's root filesystem.
 */
int user_resolve(const char *name, const char *rootfs, struct user *u, struct err *e);

/* cgroup.c */
#define CGROUP_ROOT "/sys/fs/cgroup"
enum cgroup_mode { CGROUP_NONE, CGROUP_V1, CGROUP_V2 };
enum cgroup_mode cgroup_mode(void);
/* Whether crun can work at all: it wants a tmpfs or cgroup2 on /sys/fs/cgroup. */
bool cgroup_root_is_usable(void);
/* Says in a few words what that means here. */
const char *cgroup_mode_name(void);
/* The path of the cgroup that those of our containers are in, without the '/' before it: "tcr", or
 * under systemd with cgroup v2 "system.slice/tcrd.service/tcr". The first call moves the daemon. */
const char *cgroup_parent(void);
/* Calls FN for the name of each cgroup below ours, as dir_each() does. */
int cgroup_each(int (*fn)(int dirfd, const char *name, void *arg, struct err *e), struct err *e);
/* Makes the kernel ready for a process that changes its cgroup; returns at once, and never fails.
 * Whoever is the first to do that after some 15 ms of quiet waits for an RCU grace period of 4 to
 * 15 ms (cgroup_threadgroup_rwsem, a percpu_rw_semaphore of the kernel). crun would, in the middle
 * of a start: so a child of ours does, while we prepare what crun needs. */
void cgroup_wake(void);
/* Whether the kernel has killed one of the container's processes for want of memory. */
bool cgroup_oom_killed(const char *id);
/* Ends every process of the container's cgroup and removes it. */
int cgroup_down(const char *id, struct err *e);
/* The path of FILE in the container's cgroup; with v1 in that of CONTROLLER. Owned by the caller. */
char *cgroup_path(const char *id, const char *controller, const char *file);

/* cgroup_service.c */
/* The path of the service whose cgroup we are in, by the text of /proc/self/cgroup, for cgroup v2;
 * NULL if we are not in that of a service, or in a leaf of it. Owned by the caller. */
char *cgroup_service_path(const char *self);
/* The same, once this process is in the leaf "tcrd" of the service's cgroup; NULL, too, if the
 * service has no Delegate=yes. (CGROUP_DELEGATION of systemd; cgroups(7), no internal processes.) */
char *cgroup_service_enter(void);

#endif
