/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A volume that is empty takes over what the image has at its place.
 *
 * The files are copied to new/ beside the volume's data/, and are on disk when that becomes ready/.
 * From then on they are moved into data/, one name after the other. A crash before leaves a new/
 * that is thrown away and made again; a crash after, a ready/ whose moves are finished at the next
 * use. Whoever uses the volume meanwhile waits for the lock of its directory. */
//kbuild:obj-$(CONFIG_FEATURE_VOLUME) += volume_fill.o
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "archive/copy.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "image.h"
#include "start.h"
#include "steps.h"
#include "volume.h"

static int found_one(int dirfd, const char *name, void *arg, struct err *e)
{
	(void)dirfd;
	(void)name;
	(void)arg;
	(void)e;
	return 1;
}

static bool is_empty(int dirfd, const char *name)
{
	struct err ignored;

	return dir_each(dirfd, name, found_one, NULL, &ignored) == 0;
}

static bool wants_files(const char *volume)
{
	return !strstr(strrchr(volume, ':'), "nocopy");
}

/* Names that are in data/ already stay as they are: a container was faster. */
static int move_one(int ready, const char *name, void *data, struct err *e)
{
	if (syscall(SYS_renameat2, ready, name, *(int *)data, name, RENAME_NOREPLACE) < 0 &&
		errno != EEXIST)
		return err_set(e, errno, "rename %s", name);
	return 0;
}

/* What ready/ has goes to data/, as do its owner and mode. */
static int finish(int volume, struct err *e)
{
	cleanup_close int data = openat(volume, "data", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (data < 0 || fstatat(volume, "ready", &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		fchown(data, st.st_uid, st.st_gid) < 0 || fchmod(data, st.st_mode & 07777) < 0)
		return err_set(e, errno, "the volume's data");
	if (dir_each(volume, "ready", move_one, &data, e))
		return -1;
	return dir_sync(volume, "data", e) || tree_remove(volume, "ready", e) ||
			dir_sync(volume, ".", e)
		? -1
		: 0;
}

/* Copies the directory TOP of the image. */
static int copy(int volume, int top, struct err *e)
{
	struct tar_target t = { .flags = TAR_OWNERS | TAR_DEVICES };
	cleanup_close int new = -1;
	struct stat st;
	int rc;

	/* An empty one may be of the daemon, for the next who waits. */
	if ((mkdirat(volume, "new", 0700) < 0 && errno != EEXIST) || fstat(top, &st) < 0)
		return err_set(e, errno, "mkdir new");
	new = openat(volume, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	t.root = new;
	if (new < 0)
		return err_set(e, errno, "new");
	rc = tree_copy(top, ".", NULL, NULL, &t, e);
	if (rc)
		return rc;
	if (fchown(new, st.st_uid, st.st_gid) < 0 || fchmod(new, st.st_mode & 07777) < 0 ||
		syncfs(new) < 0 || renameat(volume, "new", volume, "ready") < 0)
		return err_set(e, errno, "the new files");
	return dir_sync(volume, ".", e);
}

/* The directory of the image that the volume hides; -1 if there is none. */
static int open_source(const char *rootfs, const char *target)
{
	cleanup_close int root = open(rootfs, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct tar_target t = { .root = root, .symlinks = true };

	return tar_lookup(&t, target, O_PATH | O_DIRECTORY);
}

static int fill(const char *rootfs, const char *dir, const char *target, bool wanted, struct err *e)
{
	cleanup_close int volume = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), top = -1;

	if (volume < 0 || flock(volume, LOCK_EX) < 0)
		return err_set(e, errno, "%s", dir);
	if (file_exists(volume, "ready") && finish(volume, e))
		return -1;
	if (tree_remove(volume, "new", e))
		return -1;
	if (!wanted || !is_empty(volume, "data") || (top = open_source(rootfs, target)) < 0)
		return 0;
	return copy(volume, top, e) || finish(volume, e) ? -1 : 0;
}

/* What it removed from its volumes does not come back each time. */
static bool is_first_start(const struct container *c)
{
	cleanup_free char *mark = data_path(c->id, "filled");

	return c->spec.rm || !file_exists(AT_FDCWD, mark);
}

/* A power cut may take the mark back: then its volumes are no longer empty. */
static void mark_filled(const struct container *c)
{
	cleanup_free char *mark = data_path(c->id, "filled");
	int fd = c->spec.rm ? -1 : open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

int volumes_fill_from(const struct container *c, const char *rootfs, struct err *e)
{
	bool first = is_first_start(c);

	for (char *const *v = c->spec.volumes; v && *v; v++) {
		cleanup_free char *name = xstrndup(*v, strcspn(*v, ":")), *target = NULL;
		cleanup_free char *dir = volume_path(name, NULL);

		if (!volume_is_named(*v))
			continue;
		target = xstrndup(*v + strlen(name) + 1, strcspn(*v + strlen(name) + 1, ":"));
		if (fill(rootfs, dir, target, first && wants_files(*v), e))
			return err_prefix(e, "volume \"%s\"", name);
	}
	mark_filled(c);
	return 0;
}

/* In the child. */
static int fill_all(void *arg)
{
	const struct container *c = arg;
	cleanup_free char *mount = image_mount_point(c->image->id);
	cleanup_free char *rootfs = xasprintf("%s/bundle/rootfs", mount);

	umask(0);
	return volumes_fill_from(c, rootfs, c->fill_error) != 0;
}

static void filled(struct child *child, int status)
{
	struct container *c = container_of(child, struct container, helper);
	struct err e = *c->fill_error;

	munmap(steal_ptr(&c->fill_error), sizeof(e));
	if (status && !e.exit_code)
		err_set(&e, 0, "the start was ended while its volumes were filled");
	start_filled(c, status ? &e : NULL);
}

/* Whether the child has something to do. If so, new/ is there from now on, and others wait. */
static bool has_to_wait(const char *volume, bool first)
{
	cleanup_free char *name = xstrndup(volume, strcspn(volume, ":"));
	cleanup_free char *new = volume_path(name, "new"), *ready = volume_path(name, "ready"),
			  *data = volume_path(name, "data");

	if (file_exists(AT_FDCWD, new) || file_exists(AT_FDCWD, ready))
		return true;
	return first && wants_files(volume) && is_empty(AT_FDCWD, data) && mkdir(new, 0700) == 0;
}

int volumes_fill(struct container *c, struct err *e)
{
	bool first = is_first_start(c), any = false, named = false;

	if (volumes_provide(&c->spec, e))
		return -1;
	for (char *const *v = c->spec.volumes; v && *v; v++) {
		named = named || volume_is_named(*v);
		if (volume_is_named(*v) && has_to_wait(*v, first))
			any = true;
	}
	if (named && first && !any)
		mark_filled(c);
	if (!any)
		return 0;
	if (image_hold(c, e))
		return -1;
	c->fill_error = mmap(
		NULL, sizeof(*e), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->fill_error == MAP_FAILED) {
		c->fill_error = NULL;
		return err_set(e, errno, "mmap");
	}
	c->helper.ended = filled;
	if (child_fork(&c->helper, fill_all, c, NULL, 0, e) == 0)
		return 1;
	munmap(steal_ptr(&c->fill_error), sizeof(*e));
	return -1;
}
