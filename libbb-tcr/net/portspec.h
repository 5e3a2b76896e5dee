/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `run -p` takes: [IP:][HOST[-LAST]:]CONTAINER[-LAST][/tcp|/udp]. */
#ifndef TCR_NET_PORTSPEC_H
#define TCR_NET_PORTSPEC_H

#include <stdint.h>

#include "base/err.h"
#include "net/addr.h"

enum { PORTSPEC_SIZE = 64 };

/* COUNT ports of the container from CONTAINER on. HOST 0: any free port of the host for each. Else
 * the ports of the host are the HOST_COUNT from HOST on: as many as the container's, one for one;
 * or more of them for a single port of the container, which gets the first that is free. */
struct portspec {
	uint32_t ip;   /* 0: every address of the host */
	uint8_t proto; /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t host, host_count;
	uint16_t container, count;
};

/* Returns 0, or -1 with E filled: one line that has the text S in it and says what is wrong. An
 * IPv6 address is an error of its own. */
int portspec_parse(const char *s, struct portspec *p, struct err *e);

/* The normal form, which parses to the same: "127.0.0.1:8000-8009:80/tcp". Returns BUF. */
const char *portspec_format(const struct portspec *p, char buf[PORTSPEC_SIZE]);

/* "tcp" or "udp" */
const char *proto_name(uint8_t proto);
/* 0 if there is no such protocol here. */
uint8_t proto_by_name(const char *name);

#endif
