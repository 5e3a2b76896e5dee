/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

int fd_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= n;
		}
	}
	return 0;
}

ssize_t fd_read_full(int fd, void *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)buf + got, len - got);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += n;
	}
	return got;
}

int fd_read_all(int fd, size_t max, struct strbuf *sb)
{
	char buf[4096];
	size_t sum = 0;
	ssize_t n;

	while ((n = fd_read_full(fd, buf, sizeof(buf))) > 0) {
		sum += n;
		if (sum > max) {
			errno = EFBIG;
			return -1;
		}
		sb_add(sb, buf, n);
	}
	return n;
}

int fds_open_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	return fd < 0 ? -1 : 0;
}

int fds_to_stdio(const int fds[3])
{
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && dup2(fds[i], i) < 0)
			return -1;
	return 0;
}

static bool is_kept(int fd, const int *keep, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (keep[i] == fd)
			return true;
	return false;
}

void fds_close_others(const int *keep, size_t n)
{
	int highest = STDERR_FILENO;

	for (size_t i = 0; i < n; i++)
		if (keep[i] > highest)
			highest = keep[i];
	for (int fd = STDERR_FILENO + 1; fd < highest; fd++)
		if (!is_kept(fd, keep, n))
			close(fd);
	if (syscall(SYS_close_range, highest + 1, ~0U, 0) == 0)
		return;
	/* Linux before 5.9 */
	for (int fd = highest + 1, max = sysconf(_SC_OPEN_MAX); fd < max; fd++)
		close(fd);
}
