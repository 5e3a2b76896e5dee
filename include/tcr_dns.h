/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol between tcrd and `tcr-net dns`: SOCK_SEQPACKET on the child's standard input, from
 * the daemon only. Texts travel as sealed memfds (F_SEAL_SHRINK | F_SEAL_WRITE), each a whole new
 * state that replaces the last one: nothing that is lost with a child is missed by the next. */
#ifndef TCR_DNS_H
#define TCR_DNS_H

#include <stdint.h>

enum tcr_dns_type {
	TCR_DNS_SERVERS, /* descriptors: text. One address a line, IPv4 or IPv6[%zone], in order */
	TCR_DNS_NETWORK, /* descriptors: text, UDP socket, TCP listener. A network begins */
	TCR_DNS_NAMES,   /* descriptors: text. Its names have changed */
	TCR_DNS_GONE,    /* a network ends */
};

/* A packet. The text of a network, one entry a line, words separated by one blank:
 *   network NAME [internal]    the first line; internal: nothing is forwarded for its clients
 *   subnet CIDR                the second
 *   host ADDRESS NAME...       A records; of the first NAME a PTR record, too (NAME.NETWORK)
 *   search ADDRESS NUMBER...   the client at ADDRESS is on these networks as well
 *   server ADDRESS SERVER...   queries of the client at ADDRESS are forwarded to these instead
 * Names are compared without regard to case. */
struct tcr_dns_packet {
	uint32_t type;
	uint32_t network; /* a number that the daemon gives; unique while the network lives */
};

enum { TCR_DNS_TEXT_MAX = 4 * 1024 * 1024 };

#endif
