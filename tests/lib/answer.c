/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells every client, by TCP and by UDP, who answers and which address the client seems to have.
 *
 * usage: answer WORD PORT...       says "WORD ADDRESS" on each of the ports
 *
 * Linked statically, it runs in any container. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX = 64 };

static int listener(int type, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int one = 1;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
		(type == SOCK_STREAM && listen(fd, 128) < 0)) {
		perror(port);
		exit(1);
	}
	return fd;
}

static void answer(int fd, short is_udp, const char *word)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	char text[256], addr[INET_ADDRSTRLEN];
	int client = fd;

	if (is_udp && recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *)&peer, &len) < 0)
		return;
	if (!is_udp && (client = accept(fd, (struct sockaddr *)&peer, &len)) < 0)
		return;
	inet_ntop(AF_INET, &peer.sin_addr, addr, sizeof(addr));
	snprintf(text, sizeof(text), "%s %s\n", word, addr);
	/* A client that is gone by now is no matter. */
	sendto(client, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&peer,
		is_udp ? len : 0);
	if (!is_udp)
		close(client);
}

int main(int argc, char **argv)
{
	struct pollfd fds[MAX];
	nfds_t n = 0;

	/* As the first process of a container it would ignore the signal. */
	signal(SIGTERM, _exit);

	for (int i = 2; i < argc && n + 2 <= MAX; i++) {
		fds[n++] = (struct pollfd){ listener(SOCK_STREAM, argv[i]), POLLIN, 0 };
		fds[n++] = (struct pollfd){ listener(SOCK_DGRAM, argv[i]), POLLIN, 0 };
	}
	if (n == 0)
		return 2;
	while (poll(fds, n, -1) > 0) {
		for (nfds_t i = 0; i < n; i++) {
			if (fds[i].revents)
				answer(fds[i].fd, i % 2, argv[1]);
		}
	}
	return 1;
}
