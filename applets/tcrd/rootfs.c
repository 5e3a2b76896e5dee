/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root filesystem: the image below, the container's own layer above. */
//kbuild:obj-y += rootfs.o
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container.h"
#include "image.h"
#include "image_record.h"
#include "steps.h"

static int make_dir(const char *path, mode_t mode, struct err *e)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return err_set(e, errno, "mkdir %s", path);
	return 0;
}

/* A read-only container still needs a layer, for mount points that the image lacks: on tmpfs, for
 * nothing is kept of it. */
static char *place(const struct container *c, const char *name)
{
	return c->spec.read_only ? run_path(c->id, name) : data_path(c->id, name);
}

char *rootfs_upper(const struct container *c)
{
	return place(c, "upper");
}

/* The run before may have left it there, see undo_but_rootfs(). */
static bool is_mounted(const struct container *c, const char *target)
{
	cleanup_free char *dir = run_path(c->id, NULL);
	struct stat above, st;

	return stat(target, &st) == 0 && stat(dir, &above) == 0 && st.st_dev != above.st_dev;
}

int rootfs_up(struct container *c, struct err *e)
{
	cleanup_free char *upper = rootfs_upper(c), *work = place(c, "work");
	cleanup_free char *target = run_path(c->id, "rootfs"), *lower = NULL, *options = NULL;

	cleanup_close int image_fd = -1;

	if (c->kept && c->image && is_mounted(c, target))
		return 0;
	if (image_hold(c, e))
		return -1;
	lower = image_mount_point(c->image->id);
	image_fd = open(lower, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (image_check_rootfs(image_fd, e))
		return -1;
	/* nosuid: without new privileges a setuid bit means nothing, but the capabilities of a file
	 * would, to a process that was started with some. volatile: no sync(2) of the whole disk at
	 * the end, for a layer that is thrown away. */
	options = xasprintf("lowerdir=%s/bundle/rootfs,upperdir=%s,workdir=%s%s", lower, upper,
		work, c->spec.rm || c->spec.read_only ? ",volatile" : "");
	if (make_dir(upper, 0755, e) || make_dir(work, 0700, e) || make_dir(target, 0755, e))
		return -1;
	if (mount("overlay", target, "overlay", MS_NOSUID | MS_NODEV, options) == 0)
		return 0;
	if (errno == ENODEV)
		return err_set(e, 0, "the kernel has no overlayfs (CONFIG_OVERLAY_FS)");
	return err_set(e, errno, "mount the overlay of %s", upper);
}

int rootfs_down(const char *id, struct err *e)
{
	cleanup_free char *target = run_path(id, "rootfs");

	/* More than one, if a crash and a start have met. */
	while (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	if (errno != EINVAL && errno != ENOENT)
		return err_set(e, errno, "umount %s", target);
	return 0;
}
