/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UNIX sockets. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sock.h"

int sock_address(struct sockaddr_un *addr, const char *path, struct err *e)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(addr->sun_path))
		return err_set(e, 0, "%s: a socket's path has at most %zu bytes", path,
			sizeof(addr->sun_path) - 1);
	strcpy(addr->sun_path, path);
	return 0;
}

/* Takes away a socket that nobody listens to any more. Anything else at PATH stays, and bind(2)
 * fails. */
static void remove_stale(const struct sockaddr_un *addr, int type)
{
	cleanup_close int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (lstat(addr->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 &&
		errno == ECONNREFUSED)
		unlink(addr->sun_path);
}

int sock_listen(const char *path, int type, mode_t mode, struct err *e)
{
	cleanup_close int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un addr;
	mode_t old;
	int rc;

	if (fd < 0)
		return err_set(e, errno, "socket");
	if (sock_address(&addr, path, e))
		return -1;
	remove_stale(&addr, type);
	old = umask(~mode & 0777);
	rc = bind(fd, (struct sockaddr *)&addr, sizeof(addr));
	umask(old);
	if (rc < 0 && errno == EADDRINUSE)
		return err_set(e, 0,
			"%s: is there already, and is no socket or in use by another process",
			path);
	if (rc < 0 || listen(fd, 128) < 0)
		return err_set(e, errno, "listen on %s", path);
	return steal_fd(&fd);
}

int sock_send(int fd, const void *head, size_t head_len, const void *data, size_t len,
	const int *fds, size_t n, int flags)
{
	char control[CMSG_SPACE(sizeof(int) * SOCK_FDS_MAX)] __attribute__((aligned(8))) = { 0 };
	struct iovec iov[] = {
		{ .iov_base = (void *)head, .iov_len = head_len },
		{ .iov_base = (void *)data, .iov_len = len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	if (n) {
		struct cmsghdr *c = (struct cmsghdr *)control;

		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	}
	return sendmsg(fd, &msg, flags | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static size_t take_fds(struct msghdr *msg, int *fds)
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
	}
	return n;
}

ssize_t sock_recv(int fd, void *buf, size_t len, int fds[SOCK_FDS_MAX], size_t *n, int flags)
{
	char control[CMSG_SPACE(sizeof(int) * SOCK_FDS_MAX)] __attribute__((aligned(8)));
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(fd, &msg, flags | MSG_CMSG_CLOEXEC);

	*n = 0;
	if (got < 0)
		return -1;
	*n = take_fds(&msg, fds);
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		while (*n)
			close(fds[--*n]);
		errno = EMSGSIZE;
		return -1;
	}
	return got;
}
