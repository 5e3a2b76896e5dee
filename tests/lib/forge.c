/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends one UDP datagram in an IPv4 packet with a source of its own choice; the route of the
 * destination says through which link, so that the packet can also go where its sender is.
 *
 * usage: forge LINK MAC SOURCE PORT DESTINATION PORT WORD
 *
 * Linked statically, it runs in any container. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	char word[64];
} __attribute__((packed));

static uint16_t checksum(const void *data, size_t words)
{
	uint32_t sum = 0;
	uint16_t word;

	for (size_t i = 0; i < words; i++) {
		memcpy(&word, (const char *)data + 2 * i, sizeof(word));
		sum += word;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* A datagram needs no checksum over IPv4 (RFC 768), its header does. */
static size_t fill(struct packet *p, char **arg)
{
	size_t len = strlen(arg[4]) + 1;

	snprintf(p->word, sizeof(p->word), "%s\n", arg[4]);
	p->udp = (struct udphdr){
		.source = htons((uint16_t)atoi(arg[1])),
		.dest = htons((uint16_t)atoi(arg[3])),
		.len = htons((uint16_t)(sizeof(p->udp) + len)),
	};
	len += sizeof(p->ip) + sizeof(p->udp);
	p->ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };
	p->ip.tot_len = htons((uint16_t)len);
	if (inet_pton(AF_INET, arg[0], &p->ip.saddr) != 1 ||
		inet_pton(AF_INET, arg[2], &p->ip.daddr) != 1)
		exit(2);
	p->ip.check = checksum(&p->ip, sizeof(p->ip) / 2);
	return len;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN };
	unsigned char *m = to.sll_addr;
	struct packet p = { 0 };
	size_t len;
	int fd;

	if (argc != 8 ||
		sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m, m + 1, m + 2, m + 3, m + 4,
			m + 5) != 6)
		return 2;
	to.sll_protocol = htons(ETH_P_IP);
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	len = fill(&p, argv + 3);
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, &p, len, 0, (struct sockaddr *)&to, sizeof(to)) != (ssize_t)len) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
