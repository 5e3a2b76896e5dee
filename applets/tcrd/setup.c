/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before the event loop. */
//kbuild:obj-y += setup.o
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "network.h"
#include "runtime.h"
#include "setup.h"
#include "steps.h"
#include "tcr_proto.h"
#include "tcrd.h"

struct options {
	char *root, *run_dir, *socket, *group, *crun, *pool;
	bool foreground, verbose;
};

/* The paths end up in options of mounts, where these have a meaning. */
static char *check_dir(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (*value == '/' && !strpbrk(value, ":,\\\"\n"))
		return xstrdup(value);
	err_set(e, 0,
		"directory \"%.80s\": an absolute path without ':', ',', '\\', '\"' is required",
		value);
	return NULL;
}

/* Before anything is made. */
static char *check_group(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (getgrnam(value))
		return xstrdup(value);
	err_set(e, 0, "--group %.60s: no such group", value);
	return NULL;
}

static const struct opt table[] = {
	{ "root", 0, OPT_STRING, false, offsetof(struct options, root), check_dir },
	{ "run-dir", 0, OPT_STRING, false, offsetof(struct options, run_dir), check_dir },
	{ "socket", 0, OPT_STRING, false, offsetof(struct options, socket), check_dir },
	{ "group", 0, OPT_STRING, false, offsetof(struct options, group), check_group },
	{ "crun", 0, OPT_STRING, false, offsetof(struct options, crun), NULL },
	IF_FEATURE_NETWORK(
		{ "pool", 0, OPT_STRING, false, offsetof(struct options, pool), check_pool }, ){
		"foreground", 'f', OPT_BOOL, false, offsetof(struct options, foreground), NULL },
	{ "verbose", 'v', OPT_BOOL, false, offsetof(struct options, verbose), NULL },
};

static char *or_default(char *value, const char *other)
{
	return value ? value : xstrdup(other);
}

/* The one is not, and is not in, the other: what is thrown away there would be missed here. */
static int check_apart(const char *a, const char *b, struct err *e)
{
	size_t len = strlen(a);

	if (strncmp(a, b, len) || (b[len] && b[len] != '/'))
		return 0;
	return err_set(e, 0, "%s is inside %s: --root and --run-dir have to be apart", b, a);
}

static int check_paths(struct err *e)
{
	if (strlen(tcrd.run_dir) > RUN_DIR_MAX)
		return err_set(e, 0, "--run-dir %s: at most %d bytes are possible", tcrd.run_dir,
			RUN_DIR_MAX);
	return check_apart(tcrd.root, tcrd.run_dir, e) || check_apart(tcrd.run_dir, tcrd.root, e)
		? -1
		: 0;
}

int setup_options(char **argv, struct err *e)
{
	cleanup_free char **rest = NULL;
	struct options o = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), argv, 0, &o, NULL, &rest, e);

	if (rc > 0)
		rc = err_set(e, 0, "--help stands alone");
	else if (!rc && rest[0])
		rc = err_set(e, 0, "unknown argument \"%.60s\"", rest[0]);
	if (rc) {
		err_append(e, "; see 'tcrd --help'");
		opt_free(table, ARRAY_SIZE(table), &o);
		return rc;
	}
	/* The strings live as long as the daemon. */
	tcrd.root = or_default(o.root, CONFIG_ROOT_DIR);
	tcrd.run_dir = or_default(o.run_dir, CONFIG_RUN_DIR);
	tcrd.group = o.group;
	if (ENABLE_FEATURE_NETWORK)
		subnet_parse(o.pool ? o.pool : CONFIG_POOL, &tcrd.pool);
	free(o.pool);
	tcrd.crun = or_default(o.crun, CONFIG_CRUN);
	tcrd.socket_path = o.socket ? o.socket : xasprintf("%s/%s", tcrd.run_dir, TCR_SOCKET_NAME);
	log_verbose = o.verbose;
	return check_paths(e);
}

/* The lock lasts as long as the process, and says who holds it. */
static int lock_dir(int dirfd, const char *dir, struct err *e)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = openat(dirfd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(e, errno, "%s/lock", dir);
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return 0;
	if (errno != EAGAIN && errno != EACCES)
		return err_set(e, errno, "lock %s", dir);
	fcntl(fd, F_GETLK, &lock);
	return err_set(e, 0,
		"%s is in use by another tcrd, process %d; stop that one, or give other directories",
		dir, (int)lock.l_pid);
}

struct dir {
	const char **path;
	int *fd;
	const char *const *subdirs;
	bool made; /* by us, just now */
};

static struct dir run_dir = {
	.path = &tcrd.run_dir,
	.fd = &tcrd.run_fd,
	.subdirs = (const char *const[]){ ".", "containers", "images", "state", "crun",
		IF_FEATURE_LOGS("logs", ) IF_FEATURE_NETWORK("net", "netns", ) NULL },
};
static struct dir root = {
	.path = &tcrd.root,
	.fd = &tcrd.root_fd,
	.subdirs = (const char *const[]){ "images_root", "containers",
		IF_FEATURE_NETWORK("networks", ) NULL },
};

/* Whether it was this mkdir(2) that made the directory decides whether it may be removed again. */
static int make_dir(struct dir *d, struct err *e)
{
	cleanup_free char *parent = xstrdup(*d->path);
	char *slash = strrchr(parent, '/');

	if (slash > parent) {
		*slash = '\0';
		dir_make(parent, 0755, e); /* why not, the last one says */
	}
	d->made = mkdir(*d->path, 0700) == 0;
	return d->made ? 0 : dir_make(*d->path, 0700, e);
}

/* Makes it if it is missing, opens and locks it, and replaces it by its real path. */
static int open_dir(struct dir *d, struct err *e)
{
	const char *dir = *d->path;
	char *real;

	if (make_dir(d, e))
		return -1;
	*d->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*d->fd < 0)
		return err_set(e, errno, "%s", dir);
	if (lock_dir(*d->fd, dir, e))
		return -1;
	if (fchmod(*d->fd, 0700) < 0)
		return err_set(e, errno, "%s", dir);
	real = realpath(dir, NULL);
	if (!real)
		return err_set(e, errno, "realpath %s", dir);
	*d->path = real;
	free((char *)dir);
	return 0;
}

/* Makes what is missing in it, and clears away what was being written. */
static int fill_dir(const struct dir *d, struct err *e)
{
	for (const char *const *sub = d->subdirs; *sub; sub++) {
		if (mkdirat(*d->fd, *sub, 0700) < 0 && errno != EEXIST)
			return err_set(e, errno, "mkdir %s/%s", *d->path, *sub);
		if (dir_sweep(*d->fd, *sub, e))
			log_msg("%s", e->text);
	}
	/* What is put into them later is not worth more than their own names. */
	return dir_sync(*d->fd, ".", e) || dir_sync(*d->fd, "..", e) ? -1 : 0;
}

static int remove_empty(int dirfd, const char *name, void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	unlinkat(dirfd, name, AT_REMOVEDIR);
	return 0;
}

/* What is not empty stays, and so does what somebody has mounted there meanwhile. */
static void undo_dir(const struct dir *d)
{
	struct err ignored;

	if (!d->made || *d->fd < 0)
		return;
	dir_each(*d->fd, ".", remove_empty, NULL, &ignored);
	unlinkat(*d->fd, "lock", 0);
	rmdir(*d->path);
}

void setup_undo(void)
{
	undo_dir(&root);
	undo_dir(&run_dir);
}

int setup_host(struct err *e)
{
	if (geteuid() != 0)
		return err_set(e, 0,
			"tcrd has to run as root: it mounts filesystems and makes namespaces");
	if (runtime_find(e) || open_dir(&run_dir, e) || open_dir(&root, e) || check_paths(e) ||
		fill_dir(&run_dir, e) || fill_dir(&root, e))
		return -1;
	/* Three for a container that runs in the background. */
	child_raise_files();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_set(e, errno, "PR_SET_CHILD_SUBREAPER");
	if (cgroup_mode() == CGROUP_NONE)
		log_msg("control groups: %s; containers run without limits and without rules for devices",
			cgroup_mode_name());
	else
		cgroup_parent(); /* before there are children: they stay where the daemon is */
	if (!ENABLE_FEATURE_SECCOMP)
		log_msg("built without FEATURE_SECCOMP: containers run without a filter for system calls");
	return 0;
}
