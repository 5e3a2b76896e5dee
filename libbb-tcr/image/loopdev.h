/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loop devices: a file as a read-only block device. */
#ifndef TCR_IMAGE_LOOPDEV_H
#define TCR_IMAGE_LOOPDEV_H

#include "base/err.h"

struct loopdev {
	int fd;        /* of the device, the caller closes it */
	char path[32]; /* "/dev/loopN" */
};

/* Attaches the file BACKING_FD, read-only, to a free loop device (loop(4)). The device detaches
 * itself as soon as nobody has it open or mounted any more, so L->fd must stay open until mount(2)
 * has returned. The kernel shows NAME, or its first 63 bytes, as the device's file name (`losetup
 * -l`). Returns 0, or -1 with nothing attached. */
int loopdev_attach(int backing_fd, const char *name, struct loopdev *l, struct err *e);

#endif
