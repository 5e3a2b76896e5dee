/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts a squashfs image through a loop device. */
#include <errno.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "image/loopdev.h"
#include "image/mount.h"
#include "image/squashfs.h"

/* The kernel writes the reason to its log only; these are what it can be for a superblock that is
 * right. */
static int explain(int errnum, const struct squashfs_info *info, const char *target, struct err *e)
{
	long page = sysconf(_SC_PAGESIZE);

	if (errnum == ENODEV)
		return err_set(e, 0, "the kernel has no squashfs: it needs CONFIG_SQUASHFS and %s",
			info->config);
	if (errnum == EINVAL && page > 0 && (unsigned long)page > info->block_size)
		return err_set(e, 0,
			"its blocks are smaller than a page of this kernel (%ld bytes): "
			"pack it again with larger ones",
			page);
	if (errnum == EINVAL)
		return err_set(e, 0,
			"the kernel cannot read it: it lacks %s (for %s), or the image is damaged",
			info->config, info->compressor);
	return err_set(e, errnum, "mount on %s", target);
}

int squashfs_mount(int backing_fd, const char *name, const char *target, struct err *e)
{
	struct squashfs_info info;
	struct loopdev l;
	int errnum = 0;

	if (squashfs_check(backing_fd, &info, e) < 0 || loopdev_attach(backing_fd, name, &l, e) < 0)
		return -1;
	if (mount(l.path, target, "squashfs", MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		errnum = errno;
	/* Not earlier: without the mount, closing it detaches the device. */
	close(l.fd);
	return errnum ? explain(errnum, &info, target, e) : 0;
}
