/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What networks put into /etc/hosts and /etc/resolv.conf. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += etc_network.o
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "base/fd.h"
#include "base/mem.h"
#include "container.h"
#include "dns.h"
#include "etc.h"
#include "network.h"
#include "steps.h"

/* The network of which the host is the way out; without one the first. */
static const struct net *main_network(const struct container *c)
{
	const struct endpoint *ep = attach_main_endpoint(c);

	if (!ep && c->net.n_endpoints)
		ep = &c->net.endpoints[0];
	return ep ? network_by_name(ep->network) : NULL;
}

/* Where the container reaches the host. */
static const char *host_gateway(const struct container *c, char buf[ADDR_SIZE])
{
	const struct net *n = main_network(c);

	return n ? addr_format(n->config->gateway, buf) : "127.0.0.1";
}

static void add_addresses(const struct container *c, const char *name, struct strbuf *sb)
{
	char addr[ADDR_SIZE];

	for (size_t i = 0; i < c->net.n_endpoints; i++)
		sb_addf(sb, "%s\t%s\n", addr_format(c->net.endpoints[i].addr, addr), name);
}

static void add_added_hosts(const struct container *c, struct strbuf *sb)
{
	char gateway[ADDR_SIZE];

	for (char **h = c->spec.add_hosts; h && *h; h++) {
		size_t len = strcspn(*h, ":");
		const char *addr = *h + len + 1;

		if (!strcmp(addr, "host-gateway"))
			addr = host_gateway(c, gateway);
		sb_addf(sb, "%s\t%.*s\n", addr, (int)len, *h);
	}
}

/* The host's servers as far as a container can reach them: not those on its loopback. */
static void add_reachable(struct strbuf *sb)
{
	cleanup_sb struct strbuf servers = STRBUF_INIT;
	char *save = NULL;

	resolv_read(&servers, NULL);
	for (char *s = servers.buf ? strtok_r(servers.buf, "\n", &save) : NULL; s;
		s = strtok_r(NULL, "\n", &save))
		if (strncmp(s, "127.", 4) && strcmp(s, "::1"))
			sb_addf(sb, "nameserver %s\n", s);
}

static bool has_name_server(const struct container *c)
{
	const struct net *n = main_network(c);

	return ENABLE_FEATURE_DNS && n && dns_serves(n);
}

static void add_search(const struct container *c, struct strbuf *sb)
{
	char **domains = c->spec.dns_search;

	if (!domains) {
		resolv_read(NULL, sb);
		return;
	}
	if (!strcmp(domains[0], "."))
		return;
	sb_adds(sb, "search");
	for (; *domains; domains++)
		sb_addf(sb, " %s", *domains);
	sb_addc(sb, '\n');
}

static void fill_resolv(const struct container *c, struct strbuf *sb)
{
	char gateway[ADDR_SIZE];

	add_search(c, sb);
	if (has_name_server(c))
		sb_addf(sb, "nameserver %s\n", host_gateway(c, gateway));
	else if (c->spec.dns)
		for (char **s = c->spec.dns; *s; s++)
			sb_addf(sb, "nameserver %s\n", *s);
	else
		add_reachable(sb);
	sb_adds(sb, "");
}

void etc_add_hosts(const struct container *c, const char *name, struct strbuf *sb)
{
	add_addresses(c, name, sb);
	add_added_hosts(c, sb);
}

bool etc_fill_resolv(const struct container *c, struct strbuf *sb)
{
	if (spec_network_mode(&c->spec) != NETWORK_BRIDGE && !c->spec.dns && !c->spec.dns_search)
		return false;
	fill_resolv(c, sb);
	return true;
}

/* Into the same file, since that is mounted. */
static int rewrite(
	const struct container *c, const char *name, const struct strbuf *sb, struct err *e)
{
	cleanup_free char *path = run_path(c->id, name);
	cleanup_close int fd = open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, sb->buf, sb->len) < 0)
		return err_set(e, errno, "%s", path);
	return 0;
}

int etc_update(const struct container *c, bool resolv, struct err *e)
{
	cleanup_sb struct strbuf hosts = STRBUF_INIT, servers = STRBUF_INIT;

	etc_fill_hosts(c, &hosts);
	fill_resolv(c, &servers);
	return rewrite(c, "hosts", &hosts, e) || (resolv && rewrite(c, "resolv.conf", &servers, e))
		? -1
		: 0;
}

/* They are the other container's own: what changes there, changes here. */
int etc_link_peer(const struct container *c, struct err *e)
{
	static const char *const names[] = { "hosts", "hostname", "resolv.conf" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cleanup_free char *from = run_path(spec_peer(&c->spec), names[i]),
				  *to = run_path(c->id, names[i]);

		if (link(from, to) < 0 && errno != EEXIST)
			return err_set(e, errno, "link %s", from);
	}
	return 0;
}
