/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces that live as a bind mount. */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "net/netns.h"

/* Our own, whatever process id a /proc of another pid namespace would give us. */
static int open_own(struct err *e)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(e, errno, "open /proc/thread-self/ns/net");
}

int netns_enter(int netns_fd, struct err *e)
{
	cleanup_close int own = open_own(e);

	if (own < 0)
		return -1;
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return err_set(e, errno, "enter a network namespace");
	return steal_fd(&own);
}

void netns_leave(int own)
{
	/* Whatever this process did next, it would do to the wrong network. */
	if (setns(own, CLONE_NEWNET) < 0) {
		fprintf(stderr, "%s: cannot return to my own network namespace: %m\n",
			program_invocation_short_name);
		abort();
	}
	close(own);
}

static int set_lo_up(struct err *e)
{
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		return err_set(e, errno, "set lo up in a new network namespace");
	return 0;
}

/* What is to be done inside the new namespace. Returns a descriptor of it. */
static int open_new(struct err *e)
{
	cleanup_close int fd = open_own(e);

	if (fd < 0 || set_lo_up(e) < 0)
		return -1;
	return steal_fd(&fd);
}

/* Mounts FD on the new file PATH and returns it; after an error it is closed. */
static int pin(const char *path, int fd, struct err *e)
{
	cleanup_close int netns = fd;
	char source[40];
	int file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

	if (file < 0)
		return err_set(e, errno, "create %s for a network namespace", path);
	close(file);
	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (mount(source, path, "", MS_BIND, NULL) < 0) {
		err_set(e, errno, "mount a network namespace on %s", path);
		unlink(path);
		return -1;
	}
	return steal_fd(&netns);
}

static int explain(int errnum, struct err *e)
{
	const char *hint = "";

	if (errnum == EINVAL)
		hint = " (the kernel needs CONFIG_NET_NS)";
	else if (errnum == ENOSPC)
		hint = " (raise /proc/sys/user/max_net_namespaces)";
	return err_set(e, errnum, "make a network namespace%s", hint);
}

int netns_create(const char *path, struct err *e)
{
	int own = open_own(e);
	int fd;

	if (own < 0)
		return -1;
	if (unshare(CLONE_NEWNET) < 0) {
		explain(errno, e);
		close(own);
		return -1;
	}
	fd = open_new(e);
	netns_leave(own);
	return fd < 0 ? -1 : pin(path, fd, e);
}

/* NS_GET_NSTYPE: ioctl_ns(2), Linux 4.11. */
int netns_open(const char *path, struct err *e)
{
	/* A FIFO in that place must not make us wait. */
	cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno, "open the network namespace %s", path);
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return err_set(e, 0, "%s is no network namespace", path);
	return steal_fd(&fd);
}

int netns_share(const char *path, int pid, struct err *e)
{
	char source[40];
	int fd;

	snprintf(source, sizeof(source), "/proc/%d/ns/net", pid);
	fd = netns_open(source, e);
	return fd < 0 ? -1 : pin(path, fd, e);
}

int netns_remove(const char *path, struct err *e)
{
	/* A busy name is a mount point, perhaps a multiple one. */
	while (unlink(path) < 0 && errno != ENOENT)
		if (errno != EBUSY || umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return err_set(e, errno, "remove the network namespace %s", path);
	return 0;
}
