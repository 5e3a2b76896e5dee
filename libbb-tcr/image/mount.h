/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts a squashfs image. */
#ifndef TCR_IMAGE_MOUNT_H
#define TCR_IMAGE_MOUNT_H

#include "base/err.h"

/* Checks the squashfs image BACKING_FD, attaches it to a loop device and mounts that on the
 * directory TARGET: read-only, nosuid, nodev. umount2(2) also frees the loop device. NAME is for
 * people, see loopdev_attach(). Returns 0, or -1 with nothing mounted or attached; the text of the
 * error does not name the image. */
int squashfs_mount(int backing_fd, const char *name, const char *target, struct err *e);

#endif
