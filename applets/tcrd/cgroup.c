/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control groups: which kind the host has, and how a container's is taken down. crun makes them. */
//kbuild:obj-y += cgroup.o
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/mem.h"
#include "freezer.h"
#include "steps.h"
#include "tcrd.h"

static bool is_fs(const char *path, long magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (long)fs.f_type == magic;
}

bool cgroup_root_is_usable(void)
{
	return is_fs(CGROUP_ROOT, TMPFS_MAGIC) || is_fs(CGROUP_ROOT, CGROUP2_SUPER_MAGIC);
}

static bool is_hybrid(void)
{
	return is_fs(CGROUP_ROOT "/unified", CGROUP2_SUPER_MAGIC);
}

static bool has_v1(void)
{
	return is_fs(CGROUP_ROOT "/devices", CGROUP_SUPER_MAGIC) ||
		is_fs(CGROUP_ROOT "/cpu", CGROUP_SUPER_MAGIC) ||
		is_fs(CGROUP_ROOT "/pids", CGROUP_SUPER_MAGIC);
}

static enum cgroup_mode find_mode(void)
{
	if (is_fs(CGROUP_ROOT, CGROUP2_SUPER_MAGIC))
		return CGROUP_V2;
	/* crun refuses the mixture of both. */
	return has_v1() && !is_hybrid() ? CGROUP_V1 : CGROUP_NONE;
}

enum cgroup_mode cgroup_mode(void)
{
	static int mode = -1;

	if (mode < 0)
		mode = find_mode();
	return mode;
}

const char *cgroup_mode_name(void)
{
	static const char *const names[] = {
		[CGROUP_NONE] = "none",
		[CGROUP_V1] = "v1",
		[CGROUP_V2] = "v2",
	};

	return is_hybrid() && has_v1() ? "hybrid, not used: crun cannot" : names[cgroup_mode()];
}

/* A daemon with another run directory has containers of its own. */
const char *cgroup_parent(void)
{
	static char *parent;

	if (!parent) {
		cleanup_free char *service =
			cgroup_mode() == CGROUP_V2 ? cgroup_service_enter() : NULL;
		struct strbuf sb = STRBUF_INIT;
		bool is_default = !strcmp(tcrd.run_dir, CONFIG_RUN_DIR);

		if (service)
			sb_addf(&sb, "%s/", service);
		/* "/run/a/b" is tcr-run-a-b, "/run/a-b" is tcr-run-a--b. */
		sb_adds(&sb, "tcr");
		for (const char *c = is_default ? "" : tcrd.run_dir; *c; c++)
			sb_adds(&sb, *c == '/' ? "-" : *c == '-' ? "--" : (char[]){ *c, '\0' });
		parent = sb.buf;
	}
	return parent;
}

/* Calls FN with each hierarchy. */
static int each_hierarchy(
	int (*fn)(int dirfd, const char *name, void *arg, struct err *e), void *arg, struct err *e)
{
	if (cgroup_mode() == CGROUP_V2)
		return fn(AT_FDCWD, CGROUP_ROOT, arg, e);
	return cgroup_mode() == CGROUP_V1 ? dir_each(AT_FDCWD, CGROUP_ROOT, fn, arg, e) : 0;
}

struct visit {
	int (*fn)(int dirfd, const char *name, void *arg, struct err *e);
};

static int visit_hierarchy(int dirfd, const char *name, void *arg, struct err *e)
{
	struct visit *v = arg;
	cleanup_free char *ours = xasprintf("%s/%s", name, cgroup_parent());

	return file_exists(dirfd, ours) ? dir_each(dirfd, ours, v->fn, NULL, e) : 0;
}

int cgroup_each(int (*fn)(int dirfd, const char *name, void *arg, struct err *e), struct err *e)
{
	struct visit v = { fn };

	return each_hierarchy(visit_hierarchy, &v, e);
}

static void kill_members(int dirfd, const char *cgroup)
{
	cleanup_free char *procs = xasprintf("%s/cgroup.procs", cgroup);
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err ignored;
	long pid;

	if (file_read(dirfd, procs, 1024 * 1024, &sb, &ignored))
		return;
	for (char *p = sb.buf; p && (pid = strtol(p, &p, 10)) > 1;)
		kill(pid, SIGKILL);
}

/* The dead leave a cgroup a moment after they are reaped; a limit keeps a process in
 * uninterruptible sleep from holding us for ever. */
static int remove_cgroup(int dirfd, const char *name, void *id, struct err *e)
{
	cleanup_free char *cgroup = xasprintf("%s/%s/%s", name, cgroup_parent(), (const char *)id);
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };

	for (int tries = 0; tries < 1000; tries++) {
		if (unlinkat(dirfd, cgroup, AT_REMOVEDIR) == 0 || errno == ENOENT ||
			errno == ENOTDIR)
			return 0;
		if (errno != EBUSY)
			return err_set(e, errno, "rmdir %s", cgroup);
		kill_members(dirfd, cgroup);
		nanosleep(&pause, NULL);
	}
	return err_set(e, EBUSY, "rmdir %s", cgroup);
}

/* LINE as in cgroups(7): "4:memory:/path", "1:name=systemd:/path", for v2 "0::/path". */
static bool enter_again(char *line)
{
	char *hierarchy = strchr(line, ':'), *path = hierarchy ? strchr(++hierarchy, ':') : NULL;
	cleanup_free char *procs = NULL;
	cleanup_close int fd = -1;

	/* Hierarchies of the kind that is not mounted are none. "/../x" is outside the cgroup
	 * namespace: what is called x below the mount is another. */
	if (!path || (hierarchy == path) != (cgroup_mode() == CGROUP_V2) ||
		!strncmp(path, ":/..", 4))
		return false;
	*path++ = '\0';
	hierarchy += strncmp(hierarchy, "name=", 5) ? 0 : 5;
	procs = xasprintf(CGROUP_ROOT "/%s%s/cgroup.procs", hierarchy, path);
	fd = open(procs, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, "0", 1) == 1;
}

/* In the child, which goes nowhere: it enters the cgroup it is in. */
static int wake_work(void *arg)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	char *line, *rest;
	struct err ignored;

	(void)arg;
	if (file_read(AT_FDCWD, "/proc/self/cgroup", 65536, &sb, &ignored))
		return 1;
	for (rest = sb.buf; (line = strsep(&rest, "\n"));)
		if (enter_again(line))
			return 0;
	return 1;
}

static void woken(struct child *c, int status)
{
	(void)c;
	(void)status;
}

void cgroup_wake(void)
{
	static struct child child = { .ended = woken };
	struct err ignored;

	if (!child.pid && cgroup_mode() != CGROUP_NONE)
		child_fork(&child, wake_work, NULL, NULL, 0, &ignored);
}

char *cgroup_path(const char *id, const char *controller, const char *file)
{
	bool v1 = cgroup_mode() == CGROUP_V1;

	return xasprintf(CGROUP_ROOT "%s%s/%s/%s/%s", v1 ? "/" : "", v1 ? controller : "",
		cgroup_parent(), id, file);
}

bool cgroup_oom_killed(const char *id)
{
	bool v2 = cgroup_mode() == CGROUP_V2;
	cleanup_free char *path = cgroup_path(id, "memory", v2 ? "memory.events" : "memory.oom_control");
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	const char *count;
	struct err ignored;

	if (cgroup_mode() == CGROUP_NONE || file_read(AT_FDCWD, path, 4096, &sb, &ignored))
		return false;
	count = strstr(sb_str(&sb), "oom_kill ");
	return count && atoi(count + 9) > 0;
}

int cgroup_down(const char *id, struct err *e)
{
	struct err ignored;

	/* With v1 a frozen process does not even die. */
	if (ENABLE_FEATURE_PAUSE && cgroup_is_frozen(id))
		cgroup_freeze(id, false, &ignored);
	return each_hierarchy(remove_cgroup, (void *)id, e);
}
