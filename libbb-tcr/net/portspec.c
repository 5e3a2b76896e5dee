/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Published ports, in the grammar of docker run(1), option --publish. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "net/portspec.h"

enum { SHOWN_MAX = 60 };

const char *proto_name(uint8_t proto)
{
	return proto == IPPROTO_UDP ? "udp" : "tcp";
}

uint8_t proto_by_name(const char *name)
{
	if (!strcasecmp(name, "tcp"))
		return IPPROTO_TCP;
	return strcasecmp(name, "udp") ? 0 : IPPROTO_UDP;
}

static int parse_port(const char *s, const char *whose, long *port, struct err *e)
{
	if (!*s)
		return err_set(e, 0, "the port of the %s is missing", whose);
	if (s[strspn(s, "0123456789")])
		return err_set(e, 0, "the port of the %s \"%.60s\" is no number", whose, s);
	if (parse_int(s, 1, 65535, port))
		return err_set(e, 0, "the port of the %s %s is not between 1 and 65535", whose, s);
	return 0;
}

/* "80" or "80-89". */
static int parse_range(char *s, const char *whose, uint16_t *first, uint16_t *count, struct err *e)
{
	/* A dash in front is a sign, and shown as one. */
	char *dash = *s ? strchr(s + 1, '-') : NULL;
	long from, to;

	if (dash)
		*dash = '\0';
	if (parse_port(s, whose, &from, e))
		return -1;
	to = from;
	if (dash && parse_port(dash + 1, whose, &to, e))
		return -1;
	if (to < from)
		return err_set(e, 0, "the range of ports of the %s runs backwards", whose);
	*first = from;
	*count = to - from + 1;
	return 0;
}

/* An empty part is any port, and so is 0. */
static int parse_host(char *s, struct portspec *p, struct err *e)
{
	uint32_t addr;

	if (!*s || !strcmp(s, "0"))
		return 0;
	if (addr_parse(s, &addr) == 0)
		return err_set(e, 0,
			"between address and port of the container belongs a port of "
			"the host, or nothing (\"%s::%u\")",
			s, p->container);
	if (parse_range(s, "host", &p->host, &p->host_count, e))
		return -1;
	if (p->count > 1 && p->host_count != p->count)
		return err_set(e, 0, "%u ports of the host are for %u of the container",
			p->host_count, p->count);
	return 0;
}

static int parse_ip(const char *s, struct portspec *p, struct err *e)
{
	if (!*s || addr_parse(s, &p->ip) == 0)
		return 0;
	return err_set(e, 0, "\"%.60s\" is no IPv4 address%s", s,
		strchr(s, ':') ? ", and IPv6 is not supported" : "");
}

/* Takes the part behind the last colon off S, which must have one. */
static char *cut_last(char *s)
{
	char *colon = strrchr(s, ':');

	*colon = '\0';
	return colon + 1;
}

static int parse_parts(char *s, struct portspec *p, struct err *e)
{
	char *proto = strchr(s, '/'), *container, *host;

	if (proto) {
		*proto++ = '\0';
		p->proto = proto_by_name(proto);
	}
	if (!p->proto)
		return err_set(e, 0, "the protocol \"%.60s\" is not supported: tcp or udp", proto);
	if (!strchr(s, ':'))
		return parse_range(s, "container", &p->container, &p->count, e);
	container = cut_last(s);
	if (parse_range(container, "container", &p->container, &p->count, e))
		return -1;
	if (!strchr(s, ':'))
		return parse_host(s, p, e);
	host = cut_last(s);
	return parse_ip(s, p, e) || parse_host(host, p, e) ? -1 : 0;
}

int portspec_parse(const char *s, struct portspec *p, struct err *e)
{
	cleanup_free char *copy = xstrdup(s), *shown = NULL;

	*p = (struct portspec){ .proto = IPPROTO_TCP };
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?'; /* a message is one line */
	shown = xstrndup(copy, SHOWN_MAX);
	if (parse_parts(copy, p, e) == 0)
		return 0;
	return err_prefix(e, "-p \"%.60s\"", shown);
}

static size_t format_range(char *buf, unsigned first, unsigned count)
{
	return count > 1 ? sprintf(buf, "%u-%u", first, first + count - 1)
			 : sprintf(buf, "%u", first);
}

const char *portspec_format(const struct portspec *p, char buf[PORTSPEC_SIZE])
{
	size_t n = 0;

	if (p->ip) {
		n = strlen(addr_format(p->ip, buf));
		buf[n++] = ':';
	}
	if (p->host)
		n += format_range(buf + n, p->host, p->host_count);
	if (n)
		buf[n++] = ':';
	n += format_range(buf + n, p->container, p->count);
	sprintf(buf + n, "/%s", proto_name(p->proto));
	return buf;
}
