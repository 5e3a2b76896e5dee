/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A resolver whose manners are asked for by the first label of a name, over UDP and TCP.
 * usage: dns-upstream ADDRESS [MANNER]      MANNER: for all names
 * Prints a line for each query: "udp|tcp PORT ID BYTES MANNER". Other names have the address
 * 192.0.2.1. Manners:
 *   wrongid wrongname wrongtype noanswer elsewhere   a forgery (6.6.6.6) first, the truth after it
 *   silent servfail refused                          what they say
 *   tc        cut over UDP          big     1000 bytes more than anyone wants, over UDP, too
 *   huge      60000 bytes over TCP  broken  over TCP: less than the length says, and the end
 *   hang      over TCP: half a message, and no end */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
} own;
static socklen_t own_size;
static const char *forced;
static char manner[64];

static int socket_at(int type)
{
	int fd = socket(own.any.sa_family, type, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &own.any, own_size) || (type == SOCK_STREAM && listen(fd, 64))) {
		perror("bind");
		exit(1);
	}
	return fd;
}

static int is(const char *name)
{
	return !strcmp(manner, name);
}

static size_t question_end(const uint8_t *q, size_t len)
{
	size_t pos = 12;

	while (pos < len && q[pos])
		pos += q[pos] + 1;
	return pos + 5;
}

/* Sets the manner and prints the line. */
static void note(const char *how, const uint8_t *q, size_t len, const union address *from)
{
	snprintf(manner, sizeof(manner), "%.*s", q[12], (const char *)q + 13);
	if (forced)
		strcpy(manner, forced);
	printf("%s %d %d %zu %s\n", how, ntohs(from->in.sin_port), q[0] << 8 | q[1], len, manner);
}

/* Writes the answer to Q; without question if it is unreadable. */
static size_t answer(uint8_t *out, const uint8_t *q, size_t len, int last, int extra)
{
	static const uint8_t head[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2 };
	size_t end = question_end(q, len);

	memcpy(out, q, end);
	out[2] = 0x81;
	out[3] = 0x80;
	memset(out + 6, 0, 6);
	out[7] = 1;
	memcpy(out + end, head, sizeof(head));
	end += sizeof(head);
	out[end++] = (uint8_t)last;
	for (; extra > 0; extra -= 1000) { /* TXT records */
		static const uint8_t txt[] = { 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 988 >> 8,
			988 & 255 };

		out[7]++;
		memcpy(out + end, txt, sizeof(txt));
		memset(out + end + sizeof(txt), 0, 988);
		end += 1000;
	}
	return end;
}

static void send_udp(int fd, const uint8_t *msg, size_t len, const union address *to)
{
	sendto(fd, msg, len, 0, &to->any, own_size);
}

static void forge(int fd, const uint8_t *q, size_t len, const union address *to)
{
	uint8_t out[70000];
	size_t n = answer(out, q, len, 6, 0);
	int other = socket(own.any.sa_family, SOCK_DGRAM, 0);

	memset(out + n - 4, 6, 4);
	out[0] ^= is("wrongid");
	out[13] ^= is("wrongname") * 3;
	out[question_end(q, len) - 3] ^= is("wrongtype") * 16;
	out[2] &= is("noanswer") ? 0x7f : 0xff;
	send_udp(is("elsewhere") ? other : fd, out, n, to);
	close(other);
	usleep(20000);
}

static void serve_udp(int fd)
{
	static const char *const forgeries[] = { "wrongid", "wrongname", "wrongtype", "noanswer",
		"elsewhere" };
	uint8_t q[4096], out[70000];
	union address from;
	socklen_t size = sizeof(from);
	ssize_t len = recvfrom(fd, q, sizeof(q), 0, &from.any, &size);
	size_t n;

	if (len < 17)
		return;
	note("udp", q, (size_t)len, &from);
	for (size_t i = 0; i < sizeof(forgeries) / sizeof(*forgeries); i++)
		if (is(forgeries[i]))
			forge(fd, q, (size_t)len, &from);
	n = answer(out, q, (size_t)len, 1, is("big") ? 1000 : 0);
	if (is("tc"))
		out[2] |= 2;
	if (is("servfail") || is("refused"))
		out[3] |= is("refused") ? 5 : 2;
	if (!is("silent"))
		send_udp(fd, out, n, &from);
}

static void serve_tcp(int listener)
{
	uint8_t q[4096], out[70000];
	union address from;
	socklen_t size = sizeof(from);
	int fd = accept(listener, &from.any, &size);
	ssize_t len = recv(fd, q, sizeof(q), 0);
	size_t n;

	if (len < 19)
		return;
	note("tcp", q + 2, (size_t)len - 2, &from);
	n = answer(out + 2, q + 2, (size_t)len - 2, 7, is("huge") ? 60000 : is("big") ? 1000 : 0);
	out[0] = (uint8_t)(n >> 8);
	out[1] = (uint8_t)n;
	if (is("servfail") || is("refused"))
		out[5] |= is("refused") ? 5 : 2;
	if (!is("silent") && send(fd, out, is("broken") || is("hang") ? n / 2 : n + 2, 0) < 0)
		perror("send");
	if (!is("silent") && !is("hang"))
		close(fd);
}

int main(int argc, char **argv)
{
	struct pollfd p[2];

	if (argc > 1 && strchr(argv[1], ':')) {
		own.in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(53) };
		inet_pton(AF_INET6, argv[1], &own.in6.sin6_addr);
		own_size = sizeof(own.in6);
	} else {
		own.in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(53) };
		inet_pton(AF_INET, argc > 1 ? argv[1] : "", &own.in.sin_addr);
		own_size = sizeof(own.in);
	}
	if (argc > 3)
		own.in6.sin6_scope_id = (uint32_t)atoi(argv[3]);
	forced = argc > 2 && *argv[2] ? argv[2] : NULL;
	setvbuf(stdout, NULL, _IOLBF, 0);
	p[0] = (struct pollfd){ socket_at(SOCK_DGRAM), POLLIN, 0 };
	p[1] = (struct pollfd){ socket_at(SOCK_STREAM), POLLIN, 0 };
	puts("ready");
	while (poll(p, 2, -1) > 0) {
		if (p[0].revents)
			serve_udp(p[0].fd);
		if (p[1].revents)
			serve_tcp(p[1].fd);
	}
	return 0;
}
