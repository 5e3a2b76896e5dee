/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/sock. */
#include <sys/socket.h>

#include "base/mem.h"
#include "base/sock.h"
#include "tmpdir.h"

static int open_fds(void)
{
	return tmpdir_count("/proc/self/fd");
}

static void close_all(int *fds, size_t n)
{
	while (n)
		close(fds[--n]);
}

static void test_address(void)
{
	struct sockaddr_un addr;
	struct err e = { 0 };
	char path[200];

	memset(path, 'x', sizeof(path));
	path[107] = '\0';
	is_int(sock_address(&addr, path, &e), 0, "a path of 107 bytes fits");
	is_str(addr.sun_path, path, "it is the address");
	path[107] = 'x';
	path[108] = '\0';
	is_int(sock_address(&addr, path, &e), -1, "a path of 108 bytes does not fit");
	has_str(e.text, "at most 107 bytes", "the error names the limit");
	is_int(sock_listen(path, SOCK_SEQPACKET, 0600, &e), -1, "nobody listens at such a path");
	has_str(e.text, "at most 107 bytes", "for the same reason");
}

static int connect_to(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr;
	struct err e;

	if (sock_address(&addr, path, &e) ||
		connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void test_listen(void)
{
	cleanup_close int first = -1, second = -1, client = -1, server = -1;
	struct err e = { 0 };
	struct stat st = { 0 };

	umask(0);
	first = sock_listen("socket", SOCK_SEQPACKET, 0600, &e);
	ok(first >= 0, "a socket listens");
	is_int(umask(022), 0, "the umask is as before");
	stat("socket", &st);
	is_int(st.st_mode & 07777, 0600, "it has its mode");
	ok(fcntl(first, F_GETFD) & FD_CLOEXEC, "it is closed on exec");
	ok(accept(first, NULL, NULL) < 0 && errno == EAGAIN, "it does not block");
	close(steal_fd(&first));
	ok(connect_to("socket") < 0, "a left-over socket takes no connection");
	second = sock_listen("socket", SOCK_SEQPACKET, 0660, &e);
	ok(second >= 0, "a left-over socket is replaced");
	stat("socket", &st);
	is_int(st.st_mode & 07777, 0660, "the new one has its own mode");
	client = connect_to("socket");
	server = accept4(second, NULL, NULL, SOCK_CLOEXEC);
	ok(client >= 0 && server >= 0, "a client connects");
	tmpdir_file("precious", "keep me");
	is_int(sock_listen("precious", SOCK_SEQPACKET, 0600, &e), -1,
		"a file is no left-over socket");
	has_str(e.text, "precious", "the error names the file");
	is_str(tmpdir_text("precious"), "keep me", "the file stays");
	is_int(sock_listen("none/socket", SOCK_SEQPACKET, 0600, &e), -1,
		"a directory must be there");
	has_str(e.text, "none/socket: No such file", "that error names the path");
}

static void test_packets(int a, int b)
{
	int fds[SOCK_FDS_MAX], sent[SOCK_FDS_MAX];
	struct stat want, got;
	char buf[100];
	bool good = true;
	size_t n;

	is_int(sock_send(a, "head", 4, "tail", 4, NULL, 0, 0), 0, "a packet of two parts is sent");
	is_int(sock_recv(b, buf, sizeof(buf), fds, &n, 0), 8, "it arrives as one");
	ok(n == 0 && !memcmp(buf, "headtail", 8), "the parts follow each other");
	sock_send(a, "1", 1, NULL, 0, NULL, 0, 0);
	sock_send(a, "2", 1, NULL, 0, NULL, 0, 0);
	ok(sock_recv(b, buf, sizeof(buf), fds, &n, 0) == 1 && buf[0] == '1' &&
			sock_recv(b, buf, sizeof(buf), fds, &n, 0) == 1 && buf[0] == '2',
		"packets stay apart, and in order");
	ok(sock_recv(b, buf, sizeof(buf), fds, &n, MSG_DONTWAIT) == -1 && errno == EAGAIN,
		"where nothing comes, nothing is waited for");
	for (int i = 0; i < SOCK_FDS_MAX; i++)
		sent[i] = open(i % 2 ? "/dev/null" : "/dev/zero", O_RDONLY | O_CLOEXEC);
	is_int(sock_send(a, "x", 1, NULL, 0, sent, SOCK_FDS_MAX, 0), 0, "descriptors are sent");
	is_int(sock_recv(b, buf, sizeof(buf), fds, &n, 0), 1, "a packet with them arrives");
	is_int((int64_t)n, SOCK_FDS_MAX, "as many arrive as were sent");
	for (size_t i = 0; i < n; i++) {
		fstat(sent[i], &want);
		fstat(fds[i], &got);
		good = good && want.st_rdev == got.st_rdev && (fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
	}
	ok(good, "they are the same, in order, and closed on exec");
	close_all(fds, n);
	close_all(sent, SOCK_FDS_MAX);
}

/* Sends N descriptors, whatever sock_send() would say. */
static void send_many(int fd, int n)
{
	char control[CMSG_SPACE(sizeof(int) * 100)] __attribute__((aligned(8))) = { 0 };
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };

	msg.msg_controllen = CMSG_SPACE(sizeof(int) * n);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	for (int i = 0; i < n; i++)
		memcpy(CMSG_DATA(c) + i * sizeof(int), &(int){ STDOUT_FILENO }, sizeof(int));
	if (sendmsg(fd, &msg, MSG_NOSIGNAL) < 0)
		bail_out("sendmsg");
}

static void test_bad_packets(int a, int b)
{
	int fds[SOCK_FDS_MAX], one = STDOUT_FILENO, before = open_fds();
	char buf[8];
	size_t n = 99;

	sock_send(a, "123456789", 9, NULL, 0, &one, 1, 0);
	ok(sock_recv(b, buf, sizeof(buf), fds, &n, 0) == -1 && errno == EMSGSIZE,
		"a packet that does not fit is an error");
	is_int((int64_t)n, 0, "its descriptor is not told");
	is_int(open_fds(), before, "nor is it left open");
	for (int i = SOCK_FDS_MAX + 1; i <= 100; i += 13) {
		send_many(a, i);
		ok(sock_recv(b, buf, sizeof(buf), fds, &n, 0) == -1 && errno == EMSGSIZE && !n,
			"%d descriptors are an error", i);
	}
	is_int(open_fds(), before, "none of them is left open");
	sock_send(a, "12345678", 8, NULL, 0, NULL, 0, 0);
	is_int(sock_recv(b, buf, sizeof(buf), fds, &n, 0), 8,
		"the next packet is read as if nothing had been");
}

static void test_end(int *a, int b)
{
	int fds[SOCK_FDS_MAX];
	char buf[8];
	size_t n;

	sock_send(*a, "last", 4, NULL, 0, NULL, 0, 0);
	close(steal_fd(a));
	is_int(sock_recv(b, buf, sizeof(buf), fds, &n, 0), 4,
		"what was sent before the end arrives");
	is_int(sock_recv(b, buf, sizeof(buf), fds, &n, 0), 0, "then comes the end");
	ok(sock_send(b, "x", 1, NULL, 0, NULL, 0, 0) == -1 && errno == EPIPE,
		"sending to nobody is an error, and no signal");
}

static void test_full(void)
{
	int pair[2], rc = 0, n = 0;
	static const char data[1000];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		bail_out("socketpair");
	while (!rc && n++ < 100000)
		rc = sock_send(pair[0], "h", 1, data, sizeof(data), NULL, 0, MSG_DONTWAIT);
	ok(rc == -1 && errno == EAGAIN, "a full socket does not block");
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	int pair[2];

	tmpdir_enter();
	alarm(30);
	test_address();
	test_listen();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		bail_out("socketpair");
	test_packets(pair[0], pair[1]);
	test_bad_packets(pair[0], pair[1]);
	test_end(&pair[0], pair[1]);
	close(pair[1]);
	test_full();
	return done_testing();
}
