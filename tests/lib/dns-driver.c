/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays the daemon for `tcr-net dns`: starts it and sends it what standard input says.
 * usage: dns-driver PROGRAM [ARGUMENT...]
 *   servers FILE | network N ADDRESS FILE | names N FILE | gone N    packets of tcr_dns.h
 *   loose FILE     servers as a memfd without seals       cut    a packet that is too short
 *   end            closes the socket and waits
 * Each command is answered by a line: "ok", or for the last and a child that is gone "exit CODE".
 * The first line is the pid. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/tcr_dns.h"

static int control;

static void must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static int text_of(const char *path, int seals)
{
	static char buf[TCR_DNS_TEXT_MAX];
	int in = open(path, O_RDONLY | O_CLOEXEC), fd;
	ssize_t n = read(in, buf, sizeof(buf));

	must(n >= 0, path);
	close(in);
	fd = memfd_create("text", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	must(write(fd, buf, (size_t)n) == n, "memfd");
	must(fcntl(fd, F_ADD_SEALS, seals) == 0, "seals");
	return fd;
}

static int socket_at(const char *address, int type)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;

	must(inet_pton(AF_INET, address, &sa.sin_addr) == 1, address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* The child may still have to close those of a network that is gone. */
	for (int tries = 0; bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0; tries++) {
		must(errno == EADDRINUSE && tries < 500, address);
		usleep(10000);
	}
	must(type == SOCK_DGRAM || listen(fd, 16) == 0, "listen");
	return fd;
}

static void send_packet(unsigned type, unsigned network, size_t len, const int *fds, size_t n)
{
	struct tcr_dns_packet p = { type, network };
	char space[CMSG_SPACE(3 * sizeof(int))] = { 0 };
	struct iovec iov = { &p, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		struct cmsghdr *c = (struct cmsghdr *)space;

		msg.msg_control = space;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		*c = (struct cmsghdr){ CMSG_LEN(n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	sendmsg(control, &msg, MSG_NOSIGNAL);
	while (n--)
		close(fds[n]);
}

/* Returns 0 for "end". */
static int command(const char *line)
{
	enum { SEALS = F_SEAL_SHRINK | F_SEAL_WRITE };
	char address[64], file[4096];
	unsigned number;
	int fds[3];

	if (sscanf(line, "network %u %63s %4095s", &number, address, file) == 3) {
		fds[0] = text_of(file, SEALS);
		fds[1] = socket_at(address, SOCK_DGRAM);
		fds[2] = socket_at(address, SOCK_STREAM);
		send_packet(TCR_DNS_NETWORK, number, sizeof(struct tcr_dns_packet), fds, 3);
	} else if (sscanf(line, "names %u %4095s", &number, file) == 2) {
		fds[0] = text_of(file, SEALS);
		send_packet(TCR_DNS_NAMES, number, sizeof(struct tcr_dns_packet), fds, 1);
	} else if (sscanf(line, "servers %4095s", file) == 1) {
		fds[0] = text_of(file, SEALS);
		send_packet(TCR_DNS_SERVERS, 0, sizeof(struct tcr_dns_packet), fds, 1);
	} else if (sscanf(line, "loose %4095s", file) == 1) {
		fds[0] = text_of(file, 0);
		send_packet(TCR_DNS_SERVERS, 0, sizeof(struct tcr_dns_packet), fds, 1);
	} else if (sscanf(line, "gone %u", &number) == 1) {
		send_packet(TCR_DNS_GONE, number, sizeof(struct tcr_dns_packet), NULL, 0);
	} else if (!strcmp(line, "cut\n")) {
		send_packet(TCR_DNS_GONE, 0, 3, NULL, 0);
	} else {
		must(!strcmp(line, "end\n"), line);
		return 0;
	}
	puts("ok");
	return 1;
}

int main(int argc, char **argv)
{
	char line[8192];
	int pair[2], status;
	pid_t pid;

	must(argc > 1 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0,
		"socketpair");
	control = pair[0];
	setvbuf(stdout, NULL, _IOLBF, 0);
	pid = fork();
	if (!pid) {
		dup2(pair[1], 0);
		execv(argv[1], argv + 1);
		_exit(127);
	}
	close(pair[1]);
	printf("%d\n", (int)pid);
	while (fgets(line, sizeof(line), stdin) && command(line))
		;
	close(control);
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	printf("exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
