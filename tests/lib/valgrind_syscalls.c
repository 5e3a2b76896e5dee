/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls that old versions of valgrind lack, made by a process outside of it. */

/*
 * valgrind 3.19 answers ENOSYS to pidfd_open, pidfd_send_signal and openat2, and without these the
 * daemon runs no container. Built as a shared library for LD_PRELOAD, this file replaces syscall(3)
 * and hands such a call over a socket to the same file built with -DSERVER as a program, which
 * makes it and returns the result, a descriptor by SCM_RIGHTS. $TCR_SYSCALLS is the socket.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

struct request {
	long nr;
	long arg; /* pid or signal */
	struct open_how how;
	char path[4096];
};

struct reply {
	long ret; /* a placeholder if a descriptor comes with it */
	int err;
};

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	strncpy(sa.sun_path, path, sizeof(sa.sun_path) - 1);
	return sa;
}

/* Sends or receives the data and a descriptor; -1 is none. Returns 0 or -1. */
static int transfer(int sock, void *data, size_t size, int *fd, int sending)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { data, size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (!sending || *fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
	}
	cmsg = CMSG_FIRSTHDR(&msg);
	if (sending && cmsg) {
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), fd, sizeof(int));
	}
	if (sending)
		return sendmsg(sock, &msg, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -1;
	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != (ssize_t)size)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	*fd = -1;
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(cmsg), sizeof(int));
	return 0;
}

#ifdef SERVER

static void serve(int sock)
{
	struct request req;
	struct reply reply;
	int fd, result = -1;

	if (transfer(sock, &req, sizeof(req), &fd, 0) < 0)
		return;
	if (req.nr == SYS_pidfd_open)
		result = syscall(req.nr, req.arg, 0);
	else if (req.nr == SYS_openat2)
		result = syscall(req.nr, fd, req.path, &req.how, sizeof(req.how));
	else
		reply.ret = syscall(req.nr, fd, req.arg, NULL, 0);
	reply.err = errno;
	if (req.nr != SYS_pidfd_send_signal)
		reply.ret = result;
	transfer(sock, &reply, sizeof(reply), &result, 1);
	close(result);
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_un sa = address(argc > 1 ? argv[1] : "");
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (bind(listener, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(listener, 8) < 0)
		return 1;
	for (;;) {
		int sock = accept(listener, NULL, NULL);

		serve(sock);
		close(sock);
	}
}

#else

static char server[sizeof(((struct sockaddr_un *)0)->sun_path)];

/*
 * The programs that the daemon starts run outside of valgrind, and without this. valgrind's own
 * launcher, which starts the daemon, has to pass it on.
 */
__attribute__((constructor)) static void init(void)
{
	const char *path = getenv("TCR_SYSCALLS");
	const char *preload = getenv("LD_PRELOAD");

	if (!path || !preload || !strstr(preload, "vgpreload"))
		return;
	strncpy(server, path, sizeof(server) - 1);
	unsetenv("TCR_SYSCALLS");
	unsetenv("LD_PRELOAD");
}

/* Returns what the system call returns, sets errno. */
static long remote(struct request *req, int fd)
{
	struct sockaddr_un sa = address(server);
	struct reply reply = { -1, ENOSYS };
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int result = -1;

	if (connect(sock, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
		transfer(sock, req, sizeof(*req), &fd, 1) == 0)
		transfer(sock, &reply, sizeof(reply), &result, 0);
	close(sock);
	errno = reply.err;
	return result >= 0 ? result : reply.ret;
}

long syscall(long nr, ...)
{
	static long (*real)(long, ...);
	struct request req = { .nr = nr };
	long a[6], ret;
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	ret = real(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (ret != -1 || errno != ENOSYS)
		return ret;
	switch (nr) {
	case SYS_pidfd_open:
		req.arg = (int)a[0];
		return remote(&req, -1);
	case SYS_pidfd_send_signal:
		req.arg = (int)a[1];
		return remote(&req, (int)a[0]);
	case SYS_openat2:
		req.how = *(struct open_how *)a[2];   /* NOLINT(performance-no-int-to-ptr) */
		strncpy(req.path, (const char *)a[1], /* NOLINT(performance-no-int-to-ptr) */
			sizeof(req.path) - 1);
		return remote(&req, (int)a[0]);
	}
	return ret;
}

#endif
