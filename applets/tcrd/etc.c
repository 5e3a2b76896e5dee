/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/hosts, /etc/hostname, /etc/resolv.conf: each container has its own, bind-mounted over what
 * the image has. */
//kbuild:obj-y += etc.o
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "base/file.h"
#include "base/mem.h"
#include "container.h"
#include "dns.h"
#include "network.h"
#include "etc.h"
#include "steps.h"

enum { ETC_FILE_MAX = 256 * 1024 };

void etc_hostname(const struct container *c, char name[ETC_HOSTNAME_SIZE])
{
	memset(name, 0, ETC_HOSTNAME_SIZE);
	if (c->spec.hostname)
		strncpy(name, c->spec.hostname, ETC_HOSTNAME_SIZE - 1);
	else if (spec_network_mode(&c->spec) != NETWORK_HOST || gethostname(name, ETC_HOSTNAME_SIZE - 1) < 0)
		memcpy(name, c->id, SHORT_ID_LEN);
}

static int write_file(
	const struct container *c, const char *name, const struct strbuf *sb, struct err *e)
{
	cleanup_free char *path = run_path(c->id, name);

	return file_write(AT_FDCWD, path, sb->buf, sb->len, 0644, FILE_VOLATILE, e);
}

/* The host's file, if it has a readable one. */
static void copy_of_host(const char *path, struct strbuf *sb)
{
	struct err ignored;

	if (file_read(AT_FDCWD, path, ETC_FILE_MAX, sb, &ignored))
		sb_reset(sb);
	sb_adds(sb, "");
}

/* Where the container reaches the host. */
static const char *host_gateway(const struct container *c, char buf[ADDR_SIZE])
{
	const struct net *n = c->net.n_endpoints ? network_by_name(c->net.endpoints[0].network)
						 : NULL;

	return n ? addr_format(n->config->gateway, buf) : "127.0.0.1";
}

static void add_own_names(const struct container *c, const char *name, struct strbuf *sb)
{
	char addr[ADDR_SIZE];

	sb_adds(sb, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	for (size_t i = 0; ENABLE_FEATURE_NETWORK && i < c->net.n_endpoints; i++)
		sb_addf(sb, "%s\t%s\n", addr_format(c->net.endpoints[i].addr, addr), name);
	if (!c->net.n_endpoints)
		sb_addf(sb, "127.0.1.1\t%s\n", name);
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
	const struct net *n = c->net.n_endpoints ? network_by_name(c->net.endpoints[0].network)
						 : NULL;

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

static bool takes_hosts_resolv(const struct container *c)
{
	return !ENABLE_FEATURE_NETWORK ||
		(spec_network_mode(&c->spec) != NETWORK_BRIDGE && !c->spec.dns &&
			!c->spec.dns_search);
}

/* They are the other container's own: what changes there, changes here. */
static int link_peer(const struct container *c, struct err *e)
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

int etc_up(struct container *c, struct err *e)
{
	cleanup_sb struct strbuf hosts = STRBUF_INIT, hostname = STRBUF_INIT, resolv = STRBUF_INIT;
	char name[ETC_HOSTNAME_SIZE];

	if (spec_network_mode(&c->spec) == NETWORK_CONTAINER)
		return link_peer(c, e);
	etc_hostname(c, name);
	if (spec_network_mode(&c->spec) == NETWORK_HOST)
		copy_of_host("/etc/hosts", &hosts);
	else
		add_own_names(c, name, &hosts);
	if (ENABLE_FEATURE_NETWORK)
		add_added_hosts(c, &hosts);
	sb_addf(&hostname, "%s\n", name);
	if (takes_hosts_resolv(c))
		copy_of_host("/etc/resolv.conf", &resolv);
	else
		fill_resolv(c, &resolv);
	return write_file(c, "hosts", &hosts, e) || write_file(c, "hostname", &hostname, e) ||
			write_file(c, "resolv.conf", &resolv, e)
		? -1
		: 0;
}
