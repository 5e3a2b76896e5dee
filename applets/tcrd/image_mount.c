/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images are mounted while containers use them. */
//kbuild:obj-y += image_mount.o
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "container.h"
#include "image.h"
#include "image_record.h"
#include "image/mount.h"
#include "tcrd.h"

char *image_mount_point(const char *id)
{
	return xasprintf("%s/images/%s", tcrd.run_dir, id);
}

int image_mount(const struct image *i, struct err *e)
{
	cleanup_free char *file = image_path(i->id, "image.sqfs"),
			  *target = image_mount_point(i->id);
	/* O_NONBLOCK: a link may lead to anything by now. */
	cleanup_close int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (image_check_link(i->id, fd, e))
		return -1;
	if (mkdir(target, 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "mkdir %s", target);
	if (squashfs_mount(fd, file, target, e)) {
		rmdir(target);
		return err_prefix(e, "image %.12s", i->id);
	}
	return 0;
}

static void unmount_image(const char *id)
{
	cleanup_free char *target = image_mount_point(id);

	if (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
		log_msg("umount %s: errno %d", target, errno);
	rmdir(target);
}

static struct image *image_of(const struct container *c, struct err *e)
{
	struct image *i = image_by_id(c->spec.image_id);

	if (!i)
		err_set(e, 0, "the image of container \"%s\" is not there: \"%s\"", c->spec.name,
			c->spec.image);
	return i;
}

int image_hold(struct container *c, struct err *e)
{
	struct image *i = c->image ? c->image : image_of(c, e);

	if (c->image)
		return 0;
	if (!i || (!i->users && image_mount(i, e)))
		return -1;
	i->users++;
	c->image = i;
	return 0;
}

int image_adopt(struct container *c, struct err *e)
{
	struct image *i = image_of(c, e);

	if (!i)
		return -1;
	i->users++;
	c->image = i;
	return 0;
}

void image_release(struct container *c)
{
	struct image *i = steal_ptr(&c->image);

	if (i && !--i->users)
		unmount_image(i->id);
}

static int settle_one(int dirfd, const char *id, void *arg, struct err *e)
{
	const struct image *i = image_by_id(id);

	(void)dirfd;
	(void)arg;
	(void)e;
	if (!i || !i->users)
		unmount_image(id);
	return 0;
}

void images_settle(void)
{
	struct err e;

	if (dir_each(tcrd.run_fd, "images", settle_one, NULL, &e))
		log_msg("%s", e.text);
}
