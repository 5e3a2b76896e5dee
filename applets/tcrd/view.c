/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a container from outside. */
//kbuild:obj-$(CONFIG_FEATURE_CP) += view.o
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/file.h"
#include "base/mem.h"
#include "container.h"
#include "image.h"
#include "image_record.h"
#include "rpc.h"
#include "steps.h"
#include "tcrd.h"
#include "view.h"
#include "volume.h"

/* Where the child finds what the daemon took for it: the request's strings have been read. */
enum { SLOT = TCR_FD_STRINGS };

static void keep(struct client *cl, int fd)
{
	if (cl->fds[SLOT] >= 0)
		close(cl->fds[SLOT]);
	cl->fds[SLOT] = fd;
}

/* Its root directory is opened here, where its number cannot become another process's. */
static int take_root(const struct container *c, struct err *e)
{
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)c->init.pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && syscall(SYS_pidfd_send_signal, c->init.watch.fd, 0, NULL, 0) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return err_set(e, 0, "container \"%s\" has just ended; try again", c->spec.name);
}

/* The lock is the child's when our copy of the descriptor is closed. */
static int take_lock(const struct container *c, struct err *e)
{
	cleanup_free char *dir = data_path(c->id, NULL);
	cleanup_close int fd = -1;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "mkdir %s", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s", dir);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, 0,
			"something is being copied into container \"%s\"; try again later",
			c->spec.name);
	return steal_fd(&fd);
}

int view_check_lock(const struct container *c, struct err *e)
{
	int fd = take_lock(c, e);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static bool is_at_rest(const struct container *c)
{
	return c->state == ST_CREATED || c->state == ST_EXITED;
}

int view_prepare(struct client *cl, const struct container *c, bool write, struct err *e)
{
	int fd = -1;

	if (state_is_up(c->state) && c->init.pid)
		fd = take_root(c, e);
	else if (!is_at_rest(c) && (write || c->state != ST_WAITING))
		return err_set(e, 0, "container \"%s\" is about to start or to end; try again",
			c->spec.name);
	else if (write && c->spec.read_only)
		return err_set(
			e, 0, "the root filesystem of container \"%s\" is read-only", c->spec.name);
	else if (!write)
		return 0;
	else
		fd = take_lock(c, e);
	keep(cl, fd);
	return fd < 0 ? -1 : 0;
}

/* From here on mounts are the child's own; what the daemon unmounts goes here, too. */
static int own_mounts(struct err *e)
{
	cleanup_free char *images = xasprintf("%s/images", tcrd.run_dir);

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_set(e, errno, "a mount namespace");
	/* Places for mounts that the daemon does not see. */
	if (mount("tmpfs", images, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=700") < 0)
		return err_set(e, errno, "mount %s", images);
	return 0;
}

/* Mounts the image once more. Returns the path of its root filesystem, or NULL. */
static char *mount_image(const struct container *c, struct err *e)
{
	const struct image *i = image_by_id(c->spec.image_id);
	cleanup_free char *path = NULL;
	cleanup_close int fd = -1;

	if (!i) {
		err_set(e, 0, "the image of container \"%s\" is not there: \"%s\"", c->spec.name,
			c->spec.image);
		return NULL;
	}
	if (image_mount(i, e))
		return NULL;
	path = image_mount_point(i->id);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return image_check_rootfs(fd, e) ? NULL : xasprintf("%s/bundle/rootfs", path);
}

/* What is only read is mounted without a work directory: the container may start meanwhile. */
static int mount_layers(
	const struct container *c, const char *lower, const char *target, bool write, struct err *e)
{
	cleanup_free char *upper = rootfs_upper(c), *work = data_path(c->id, "work"),
			  *options = NULL;
	int rc;

	if (write &&
		((mkdir(upper, 0755) < 0 && errno != EEXIST) ||
			(mkdir(work, 0700) < 0 && errno != EEXIST)))
		return err_set(e, errno, "mkdir %s", upper);
	options = write ? xasprintf("lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work)
			: xasprintf("lowerdir=%s:%s", upper, lower);
	if (!write && !file_exists(AT_FDCWD, upper))
		rc = mount(lower, target, NULL, MS_BIND, NULL);
	else
		rc = mount("overlay", target, "overlay",
			MS_NOSUID | MS_NODEV | (write ? 0 : MS_RDONLY), options);
	return rc < 0 ? err_set(e, errno, "mount the files of container \"%s\"", c->spec.name) : 0;
}

/* Makes PATH, the place of a volume that the image has none for, as the container's start would. */
static void make_place(const struct tar_target *t, const char *path)
{
	for (const char *name = path, *end; *name; name = end) {
		cleanup_free char *above = xstrndup(path, name + 1 - path), *base = NULL;
		cleanup_close int fd = tar_lookup(t, above, O_PATH | O_DIRECTORY);

		end = name + 1 + strcspn(name + 1, "/");
		base = xstrndup(name + 1, end - name - 1);
		if (fd < 0 || (mkdirat(fd, base, 0755) < 0 && errno != EEXIST))
			return;
	}
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Mounts SRC:DST:MODE below ROOT. What cannot be, or has no place there, is left out: the
 * container's start would say why. */
static void mount_volume(int root, const char *volume, bool write)
{
	cleanup_free char *source = ENABLE_FEATURE_VOLUME ? volume_resolve(volume)
							  : xstrdup(volume);
	struct tar_target t = { .root = root, .symlinks = true };
	char *target = strchr(source, ':'), *mode = strchr(target + 1, ':'), path[40];
	cleanup_close int fd = -1, top = -1;

	*target = *mode = '\0';
	if (write && is_dir(source))
		make_place(&t, target + 1);
	fd = tar_lookup(&t, target + 1, O_PATH);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || mount(source, path, NULL, MS_BIND, NULL) < 0 || strncmp(mode + 1, "ro", 2))
		return;
	/* The same name leads to what is mounted there now. */
	top = tar_lookup(&t, target + 1, O_PATH);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", top);
	mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

static int mount_all(const struct container *c, bool write, struct err *e)
{
	cleanup_free char *target = xasprintf("%s/images/root", tcrd.run_dir), *lower = NULL;
	cleanup_close int fd = -1;

	if (own_mounts(e))
		return -1;
	lower = mount_image(c, e);
	if (!lower)
		return -1;
	if (ENABLE_FEATURE_VOLUME && write && volumes_fill_from(c, lower, e))
		return -1;
	if (mkdir(target, 0700) < 0)
		return err_set(e, errno, "mkdir %s", target);
	if (mount_layers(c, lower, target, write, e))
		return -1;
	fd = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s", target);
	for (char *const *v = c->spec.volumes; v && *v; v++)
		mount_volume(fd, *v, write);
	return steal_fd(&fd);
}

int view_open(struct client *cl, const struct container *c, bool write, struct err *e)
{
	if (state_is_up(c->state))
		return steal_fd(&cl->fds[SLOT]);
	return mount_all(c, write, e);
}

int view_open_image(const struct container *c, struct err *e)
{
	cleanup_free char *lower = own_mounts(e) ? NULL : mount_image(c, e);
	int fd = lower ? open(lower, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	return fd < 0 && lower ? err_set(e, errno, "%s", lower) : fd;
}
