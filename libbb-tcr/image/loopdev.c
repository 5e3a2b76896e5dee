/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loop devices. */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "base/mem.h"
#include "image/loopdev.h"

/* Headers of kernels before 5.8 lack it. */
#ifndef LOOP_CONFIGURE
#define LOOP_CONFIGURE 0x4C0A
struct loop_config {
	__u32 fd;
	__u32 block_size;
	struct loop_info64 info;
	__u64 reserved[8];
};
#endif

enum {
	ATTEMPTS = 100, /* as many other processes may take "our" device before we give up */
};

/* LOOP_CONFIGURE as kernels before 5.8 need it; they answer to the unknown request with EINVAL. */
static int configure_in_steps(int fd, const struct loop_config *config)
{
	int saved, tries = ATTEMPTS, status;

	if (ioctl(fd, LOOP_SET_FD, (int)config->fd) < 0)
		return -1;
	do /* EAGAIN: the page cache of the device was not clean yet */
		status = ioctl(fd, LOOP_SET_STATUS64, &config->info);
	while (status < 0 && errno == EAGAIN && --tries);
	if (status == 0)
		return 0;
	saved = errno;
	ioctl(fd, LOOP_CLR_FD, 0);
	errno = saved;
	return -1;
}

static int configure(int fd, const struct loop_config *config)
{
	if (ioctl(fd, LOOP_CONFIGURE, config) == 0)
		return 0;
	if (errno == EINVAL || errno == ENOTTY)
		return configure_in_steps(fd, config);
	return -1;
}

static int open_control(struct err *e)
{
	int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		return err_set(e, 0,
			"no /dev/loop-control: the kernel needs CONFIG_BLK_DEV_LOOP "
			"(as a module: modprobe loop)");
	if (fd < 0)
		return err_set(e, errno, "open /dev/loop-control");
	return fd;
}

/* Opens the device that the kernel calls free. Another process may take it before configure() does.
 */
static int open_free(int control, char *path, size_t size, struct err *e)
{
	int fd, n = ioctl(control, LOOP_CTL_GET_FREE);

	if (n < 0)
		return err_set(e, errno, "no free loop device");
	snprintf(path, size, "/dev/loop%d", n);
	/* A device opened so is read-only, also where the kernel does not heed the flag. */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(e, 0, "no %s: /dev needs devtmpfs (CONFIG_DEVTMPFS)", path);
	if (fd < 0)
		return err_set(e, errno, "open %s", path);
	return fd;
}

int loopdev_attach(int backing_fd, const char *name, struct loopdev *l, struct err *e)
{
	struct loop_config config = {
		.fd = (__u32)backing_fd,
		.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR,
	};
	cleanup_close int control = open_control(e);

	if (control < 0)
		return -1;
	snprintf((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), "%s", name);
	for (int tries = ATTEMPTS; tries; tries--) {
		cleanup_close int fd = open_free(control, l->path, sizeof(l->path), e);

		if (fd < 0)
			return -1;
		if (configure(fd, &config) == 0) {
			l->fd = steal_fd(&fd);
			return 0;
		}
		if (errno != EBUSY)
			return err_set(e, errno, "attach to %s", l->path);
	}
	return err_set(e, 0, "lost %d free loop devices to other processes, %s last: try again",
		ATTEMPTS, l->path);
}
