/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/fd. */
#include <fcntl.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/mem.h"
#include "tap.h"

enum { SIZE = 1000000 };

static char *data;

static void make_pipe(int fds[2], int flags)
{
	if (pipe2(fds, flags | O_CLOEXEC) < 0)
		bail_out("pipe");
}

/* A child that calls FN with the pipe's descriptor END; ours is closed when this returns. */
static pid_t in_child(int fds[2], int end, int (*fn)(int fd))
{
	pid_t pid = fork();

	if (pid < 0)
		bail_out("fork");
	if (!pid) {
		close(fds[!end]);
		_exit(fn(fds[end]));
	}
	close(fds[end]);
	return pid;
}

static int result_of(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int write_data(int fd)
{
	return fd_write_all(fd, data, SIZE) ? 1 : 0;
}

/* Byte by byte at first, so that the other side never gets all that it wants. */
static int write_slowly(int fd)
{
	for (int i = 0; i < 1000; i++)
		if (write(fd, data + i, 1) != 1)
			return 1;
	return fd_write_all(fd, data + 1000, SIZE - 1000) ? 1 : 0;
}

static int read_data(int fd)
{
	cleanup_free char *buf = xcalloc(1, SIZE + 1);

	return fd_read_full(fd, buf, SIZE + 1) == SIZE && !memcmp(buf, data, SIZE) ? 0 : 1;
}

static void test_whole(void)
{
	char *buf = xcalloc(1, SIZE);
	cleanup_close int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int fds[2];
	pid_t pid;

	make_pipe(fds, 0);
	pid = in_child(fds, 1, write_slowly);
	is_int(fd_read_full(fds[0], buf, SIZE), SIZE, "a read goes on until it has all");
	ok(!memcmp(buf, data, SIZE), "it has what was written");
	is_int(fd_read_full(fds[0], buf, SIZE), 0, "at the end there is nothing");
	is_int(result_of(pid), 0, "the writer is satisfied");
	close(fds[0]);
	make_pipe(fds, O_NONBLOCK);
	pid = in_child(fds, 0, read_data);
	is_int(write_data(fds[1]), 0, "a non-blocking pipe takes all, in time");
	close(fds[1]);
	is_int(result_of(pid), 0, "a non-blocking reader gets all");
	is_int(fd_write_all(-1, "x", 1), -1, "no descriptor is an error");
	is_int(fd_write_all(-1, "x", 0), 0, "nothing can be written anywhere");
	is_int(fd_read_full(-1, buf, 1), -1, "nor can it be read");
	ok(fd_write_all(full, "x", 1) == -1 && errno == ENOSPC, "a full device is an error");
	free(buf);
}

static int read_back(size_t size, size_t max, struct strbuf *sb)
{
	cleanup_close int fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, data, size) || lseek(fd, 0, SEEK_SET) < 0)
		bail_out("cannot make a file in /tmp");
	return fd_read_all(fd, max, sb);
}

static void test_read_all(void)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, SIZE };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		size_t n = sizes[i];

		sb_adds(&sb, "before ");
		ok(read_back(n, n, &sb) == 0 && sb.len == n + 7 && !memcmp(sb.buf + 7, data, n),
			"%zu bytes are read behind what there is", n);
		sb_reset(&sb);
		if (n)
			ok(read_back(n, n - 1, &sb) == -1 && errno == EFBIG,
				"%zu bytes are more than %zu", n, n - 1);
	}
}

static int stdio_child(int fd)
{
	int fds[3] = { -1, fd, fd };

	if (fds_to_stdio(fds) < 0)
		return 1;
	return write(STDOUT_FILENO, "out", 3) == 3 && write(STDERR_FILENO, "err", 3) == 3 &&
			!(fcntl(STDOUT_FILENO, F_GETFD) & FD_CLOEXEC)
		? 0
		: 1;
}

static int close_child(int fd)
{
	int keep[] = { 300, fd, 200 }, open = 0;

	for (int i = 200; i < 400; i++)
		dup2(fd, i);
	fds_close_others(keep, 3);
	for (int i = 0; i < 1000; i++)
		open += fcntl(i, F_GETFD) >= 0;
	return open == 6 && fcntl(200, F_GETFD) >= 0 && fcntl(300, F_GETFD) >= 0 &&
			fcntl(fd, F_GETFD) >= 0
		? 0
		: 1;
}

static int close_all_child(int fd)
{
	fds_close_others(NULL, 0);
	return fcntl(fd, F_GETFD) < 0 && fcntl(0, F_GETFD) >= 0 && fcntl(2, F_GETFD) >= 0 ? 0 : 1;
}

static void test_stdio(void)
{
	char buf[10];
	int fds[2];

	make_pipe(fds, 0);
	is_int(result_of(in_child(fds, 1, stdio_child)), 0, "descriptors become the standard ones");
	ok(read(fds[0], buf, sizeof(buf)) == 6 && !memcmp(buf, "outerr", 6),
		"both in their places");
	close(fds[0]);
	make_pipe(fds, 0);
	is_int(result_of(in_child(fds, 1, close_child)), 0,
		"all are closed but those that are kept");
	close(fds[0]);
	make_pipe(fds, 0);
	is_int(result_of(in_child(fds, 1, close_all_child)), 0,
		"where none is kept, 0, 1 and 2 are");
	close(fds[0]);
}

int main(void)
{
	alarm(30);
	/* The standard ones must be there to be counted. */
	while (open("/dev/null", O_RDWR) < 3)
		;
	data = xcalloc(1, SIZE);
	for (int i = 0; i < SIZE; i++)
		data[i] = (char)(i * 31 + i / 256);
	test_whole();
	test_read_all();
	test_stdio();
	free(data);
	return done_testing();
}
