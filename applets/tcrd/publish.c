/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Published ports: which of the host lead to which of a container. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += publish.o
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "attach.h"
#include "base/file.h"
#include "base/mem.h"
#include "container.h"
#include "image.h"
#include "net/portspec.h"
#include "network.h"

/* Ports that are chosen come from the range of ephemeral ones. */
enum { CHOSEN_FIRST = 32768, CHOSEN_LAST = 60999, PROC_NET_MAX = 16 * 1024 * 1024 };

static bool same_port(const struct published *a, const struct published *b)
{
	return a->proto == b->proto && a->port == b->port && (!a->ip || !b->ip || a->ip == b->ip);
}

static const struct published *find_port(const struct attachment *a, const struct published *p)
{
	for (size_t i = 0; i < a->n_ports; i++)
		if (same_port(&a->ports[i], p))
			return &a->ports[i];
	return NULL;
}

static const struct container *publisher(const struct published *p, const struct container *self)
{
	struct container *c;

	list_for_each (c, &containers, node)
		if (c != self && find_port(&c->net, p))
			return c;
	return NULL;
}

/* Whether a process of the host has the port: 0, or an errno value. SO_REUSEADDR lets TCP ignore
 * connections that are over. */
static int try_bind(const struct published *p)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(p->port),
		.sin_addr.s_addr = htonl(p->ip),
	};
	bool tcp = p->proto == IPPROTO_TCP;
	cleanup_close int fd = socket(AF_INET, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	const int on = 1;

	if (fd < 0 || (tcp && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) ||
		bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return errno;
	return 0;
}

/* A line of /proc/net/tcp and its like begins with the local address and port, proc(5). Whoever has
 * the port need not listen: an outgoing connection has one, too. */
static bool has_port(const char *line, const struct published *p, char hex[33])
{
	unsigned port;

	return sscanf(line, " %*u: %32[0-9A-F]:%4X", hex, &port) == 2 && port == p->port;
}

/* The address words are in the host's byte order, 32 bits each. */
static void format_hex(const char *hex, char out[INET6_ADDRSTRLEN])
{
	bool v6 = strlen(hex) > 8;
	uint32_t words[4] = { 0 };

	for (int i = 0; i < (v6 ? 4 : 1); i++)
		sscanf(hex + 8 * i, "%8x", &words[i]);
	inet_ntop(v6 ? AF_INET6 : AF_INET, words, out, INET6_ADDRSTRLEN);
}

/* Our name server has port 53 of gateways, but gets only what comes in over their bridges. */
static bool is_name_server(const struct published *p, const char *addr)
{
	struct net *n;
	uint32_t a;

	if (p->port != 53 || p->ip || addr_parse(addr, &a))
		return false;
	list_for_each (n, &networks, node)
		if (n->config->gateway == a)
			return true;
	return false;
}

/* Where a process has the port. Returns false if that is our name server alone. */
static bool find_owner(const struct published *p, char out[INET6_ADDRSTRLEN])
{
	static const char *const files[2][2] = {
		{ "/proc/net/udp", "/proc/net/udp6" },
		{ "/proc/net/tcp", "/proc/net/tcp6" },
	};
	bool ours = false;
	char hex[33];

	for (int i = 0; i < 2; i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		char *save = NULL;
		struct err ignored;

		if (file_read(AT_FDCWD, files[p->proto == IPPROTO_TCP][i], PROC_NET_MAX, &sb,
			    &ignored) ||
			!sb.buf)
			continue;
		for (char *l = strtok_r(sb.buf, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
			if (!has_port(l, p, hex))
				continue;
			format_hex(hex, out);
			if (!is_name_server(p, out))
				return true;
			ours = true;
		}
	}
	strcpy(out, "?");
	return !ours;
}

/* 0, or why the host cannot give the port away; OWNER is filled where there is one. */
static int why_not(const struct published *p, char owner[INET6_ADDRSTRLEN])
{
	int why = try_bind(p);

	return why == EADDRINUSE && !find_owner(p, owner) ? 0 : why;
}

static int refuse(const struct published *p, int why, const char *owner, struct err *e)
{
	char addr[ADDR_SIZE];

	if (why == EADDRNOTAVAIL)
		return err_set(e, 0, "-p: the host has no address %s", addr_format(p->ip, addr));
	if (why != EADDRINUSE)
		return err_set(e, why, "-p: port %u/%s", p->port, proto_name(p->proto));
	return err_set(e, 0, "port %u/%s is in use by a process of the host, on %s", p->port,
		proto_name(p->proto), owner);
}

static int check_port(const struct published *p, const struct container *self,
	const struct attachment *a, struct err *e)
{
	const struct container *other = publisher(p, self);
	char owner[INET6_ADDRSTRLEN] = "";
	int why;

	if (find_port(a, p))
		return err_set(e, 0, "-p: port %u/%s of the host is given twice", p->port,
			proto_name(p->proto));
	if (other)
		return err_set(e, 0, "port %u/%s is already published by container \"%s\"", p->port,
			proto_name(p->proto), other->spec.name);
	why = why_not(p, owner);
	return why ? refuse(p, why, owner, e) : 0;
}

static bool is_free(
	const struct published *p, const struct container *self, const struct attachment *a)
{
	return !find_port(a, p) && !publisher(p, self) && !try_bind(p);
}

/* Begins behind the last choice, so that a port is not soon somebody else's. */
static int choose_port(struct published *p, const struct container *self,
	const struct attachment *a, struct err *e)
{
	static uint16_t next = CHOSEN_FIRST;

	for (int tries = CHOSEN_FIRST; tries <= CHOSEN_LAST; tries++) {
		p->port = next;
		next = next == CHOSEN_LAST ? CHOSEN_FIRST : next + 1;
		if (is_free(p, self, a))
			return 0;
	}
	return err_set(
		e, 0, "-p: the host has no free port from %d to %d", CHOSEN_FIRST, CHOSEN_LAST);
}

static int choose_in_range(const struct portspec *s, struct published *p,
	const struct container *self, const struct attachment *a, struct err *e)
{
	for (unsigned i = 0; i < s->host_count; i++) {
		p->port = s->host + i;
		if (is_free(p, self, a))
			return 0;
	}
	return err_set(e, 0, "-p: no port of the host from %u to %u is free", s->host,
		s->host + s->host_count - 1);
}

static int plan_port(const struct portspec *s, unsigned i, uint32_t to,
	const struct container *self, struct attachment *a, struct err *e)
{
	struct published p = {
		.ip = s->ip,
		.proto = s->proto,
		.port = s->host + i,
		.to_addr = to,
		.to_port = s->container + i,
	};
	int rc = a->n_ports >= ATTACHMENT_PORTS_MAX
		? err_set(e, 0, "-p: a container can have %d published ports at the most",
			  ATTACHMENT_PORTS_MAX)
		: !s->host                 ? choose_port(&p, self, a, e)
		: s->host_count > s->count ? choose_in_range(s, &p, self, a, e)
					   : check_port(&p, self, a, e);

	if (rc)
		return -1;
	*attachment_add_port(a) = p;
	return 0;
}

static bool leads_to(const struct attachment *a, uint8_t proto, unsigned port)
{
	for (size_t i = 0; i < a->n_ports; i++)
		if (a->ports[i].proto == proto && a->ports[i].to_port == port)
			return true;
	return false;
}

static int plan(const char *text, bool exposed, uint32_t to, const struct container *self,
	struct attachment *a, struct err *e)
{
	struct portspec s;

	if (portspec_parse(text, &s, e))
		return -1;
	/* -P leaves alone what -p has published. */
	if (exposed && leads_to(a, s.proto, s.container))
		return 0;
	for (unsigned i = 0; i < s.count; i++)
		if (plan_port(&s, i, to, self, a, e))
			return -1;
	return 0;
}

int publish_plan(const struct spec *spec, char *const *exposed, uint32_t to,
	const struct container *self, struct attachment *a, struct err *e)
{
	for (char *const *p = spec->publish; p && *p; p++)
		if (plan(*p, false, to, self, a, e))
			return -1;
	for (char *const *p = exposed; spec->publish_all && p && *p; p++)
		if (plan(*p, true, to, self, a, e))
			return err_prefix(e, "-P");
	return 0;
}

/* The ports of a container that are in an attachment: an image may name the same ones a thousand
 * times, which must not cost the daemon more than to read them. */
struct known {
	uint64_t tcp[1024], udp[1024];
};

static uint64_t *word_of(struct known *k, uint8_t proto, unsigned port)
{
	return &(proto == IPPROTO_TCP ? k->tcp : k->udp)[port / 64];
}

static void expose(char *const *ports, struct known *k, struct attachment *a)
{
	struct err ignored;
	struct portspec s;

	for (; ports && *ports; ports++) {
		if (portspec_parse(*ports, &s, &ignored))
			continue;
		for (unsigned i = s.container;
			i < s.container + (unsigned)s.count && a->n_ports < ATTACHMENT_PORTS_MAX;
			i++) {
			uint64_t *word = word_of(k, s.proto, i), bit = UINT64_C(1) << i % 64;

			if (*word == UINT64_MAX)
				i |= 63;
			else if (!(*word & bit))
				*attachment_add_port(a) = (struct published){ .proto = s.proto,
					.to_port = i };
			*word |= bit;
		}
	}
}

void publish_add_exposed(const struct container *c, struct attachment *a)
{
	const struct image *i = image_by_id(c->spec.image_id);
	struct known k = { 0 };

	for (size_t n = 0; n < a->n_ports; n++)
		*word_of(&k, a->ports[n].proto, a->ports[n].to_port) |=
			UINT64_C(1) << a->ports[n].to_port % 64;
	expose(i ? i->exposed_ports : NULL, &k, a);
	expose(c->spec.publish, &k, a);
}

void publish_add_live(const struct container *c, struct attachment *a)
{
	for (size_t i = 0; c->published && i < c->net.n_ports; i++)
		*attachment_add_port(a) = c->net.ports[i];
	if (c->published)
		publish_add_exposed(c, a);
}

/* The ports that follow each other are one entry, as docker has it. */
static bool follows(const struct published *a, const struct published *b)
{
	return a->ip == b->ip && a->proto == b->proto && a->port + !!a->port == b->port &&
		a->to_port + 1 == b->to_port;
}

static void add_range(struct strbuf *out, unsigned first, unsigned last)
{
	sb_addf(out, "%u", first);
	if (last > first)
		sb_addf(out, "-%u", last);
}

void publish_format(const struct container *c, struct strbuf *out)
{
	const char *separator = "";
	struct attachment a = { 0 };
	char addr[ADDR_SIZE];

	publish_add_live(c, &a);
	for (size_t i = 0; i < a.n_ports; i++) {
		const struct published *p = &a.ports[i], *last = p;

		while (i + 1 < a.n_ports && follows(last, last + 1)) {
			last++;
			i++;
		}
		sb_adds(out, separator);
		if (p->port) {
			sb_addf(out, "%s:", addr_format(p->ip, addr));
			add_range(out, p->port, last->port);
			sb_adds(out, "->");
		}
		add_range(out, p->to_port, last->to_port);
		sb_addf(out, "/%s", proto_name(p->proto));
		separator = ", ";
	}
	attachment_free(&a);
}
