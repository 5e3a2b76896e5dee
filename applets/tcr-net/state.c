/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written down of networks and containers, and what the kernel has of it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "net/instance.h"
#include "state.h"
#include "tcr_net.h"

bool is_id(const char *name)
{
	return strlen(name) == 64 && strspn(name, "0123456789abcdef") == 64;
}

char *state_path(const char *dir, const char *name)
{
	return xasprintf("%s/%s%s%s", settings.run_dir, dir, name ? "/" : "", name ? name : "");
}

static int each(const char *path, int (*fn)(int dirfd, const char *name, void *arg, struct err *e),
	void *arg, struct err *e)
{
	return file_exists(AT_FDCWD, path) ? dir_each(AT_FDCWD, path, fn, arg, e) : 0;
}

int state_each(const char *dir, int (*fn)(int dirfd, const char *name, void *arg, struct err *e),
	void *arg, struct err *e)
{
	cleanup_free char *path = state_path(dir, NULL);

	return each(path, fn, arg, e);
}

bool container_runs(const char *id)
{
	cleanup_free char *path = state_path("state", id);
	struct run_state s;

	return run_state_read(AT_FDCWD, path, &s) && s.pid;
}

static int load_network(int dirfd, const char *name, void *arg, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct state *s = arg;
	struct network *n = NULL;

	/* Such a file is not ours. */
	if (!network_name_is_valid(name))
		return 0;
	if (!file_read(dirfd, name, NETWORK_RECORD_MAX, &sb, e))
		n = network_parse(name, sb_str(&sb), e);
	if (n) {
		list_append(&s->networks, &n->node);
		return 0;
	}
	err_prefix(e, "network \"%s\"", name);
	warn(e);
	s->damaged++;
	return 0;
}

static int load_attached(int dirfd, const char *id, void *arg, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct state *s = arg;
	struct attached *a;

	if (!is_id(id))
		return 0;
	a = xcalloc(1, sizeof(*a));
	strcpy(a->id, id);
	a->running = container_runs(id);
	list_append(&s->attached, &a->node);
	if (!file_read(dirfd, id, NETWORK_RECORD_MAX, &sb, e) &&
		!attachment_parse(&a->attachment, sb_str(&sb), e))
		return 0;
	attachment_free(&a->attachment);
	err_prefix(e, "networking of container %.12s", id);
	warn(e);
	a->damaged = true;
	s->damaged++;
	return 0;
}

int state_load(struct state *s, struct err *e)
{
	cleanup_free char *networks = xasprintf("%s/networks", settings.root);

	*s = (struct state){ 0 };
	list_init(&s->networks);
	list_init(&s->attached);
	return nl_open(&s->route, NETLINK_ROUTE, e) || each(networks, load_network, s, e) ||
			state_each("net", load_attached, s, e)
		? -1
		: 0;
}

struct network *state_network(const struct state *s, const char *name)
{
	struct network *n;

	list_for_each (n, &s->networks, node)
		if (!strcmp(n->name, name))
			return n;
	return NULL;
}

const char *state_bridge(struct state *s, const struct network *n, struct link *link, struct err *e)
{
	char name[IFNAMSIZ];
	const char *whose;
	int rc;

	link->index = 0;
	rc = link_find(&s->route, network_bridge(n, name), link, e);
	if (rc <= 0)
		return rc ? NULL : "missing";
	whose = instance_alias_network(settings.instance, link->alias);
	if (strcmp(link->kind, "bridge") || !whose || strcmp(whose, n->name))
		return "foreign";
	return link->up ? "up" : "down";
}
