/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tcr-net gc`: what tcrd would clear away at its next start. */
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "net/firewall.h"
#include "net/forwarding.h"
#include "net/instance.h"
#include "remove.h"
#include "state.h"
#include "tcr_net.h"

/* A network whose record is damaged is one all the same. */
static bool is_network(const char *name)
{
	cleanup_free char *path = xasprintf("%s/networks/%s", settings.root, name);

	return network_name_is_valid(name) && file_exists(AT_FDCWD, path);
}

static int collect_link(const struct link *link, void *arg, struct err *e)
{
	const char *id = instance_alias_container(settings.instance, link->alias);
	const char *network = instance_alias_network(settings.instance, link->alias);
	struct state *s = arg;

	if (!strcmp(link->kind, "veth") && id && is_id(id) && !container_runs(id))
		return remove_link(&s->route, link, e);
	if (!strcmp(link->kind, "bridge") && network && !is_network(network))
		return remove_link(&s->route, link, e);
	return 0;
}

static int collect_container(int dirfd, const char *id, void *arg, struct err *e)
{
	(void)dirfd;
	(void)arg;
	return is_id(id) && !container_runs(id) ? remove_container(id, e) : 0;
}

static void add_ports(struct firewall *f, struct published **ports, const struct attachment *a)
{
	*ports = xrealloc(*ports, (f->n_ports + a->n_ports + 1) * sizeof(**ports));
	for (size_t i = 0; i < a->n_ports; i++)
		(*ports)[f->n_ports++] = a->ports[i];
	f->ports = *ports;
}

/* What stays: bridges that are there, and ports of containers that run. The name server went with
 * the daemon. */
static int fill_table(struct state *s, struct firewall *f, struct err *e)
{
	struct firewall_network *networks = NULL;
	struct published *ports = NULL;
	const struct attached *a;
	const struct network *n;
	struct link link;

	list_for_each (n, &s->networks, node) {
		const char *there = state_bridge(s, n, &link, e);

		if (!there)
			return -1;
		if (strcmp(there, "up") && strcmp(there, "down"))
			continue;
		networks = xrealloc(networks, (f->n_networks + 1) * sizeof(*networks));
		networks[f->n_networks++] = (struct firewall_network){
			.bridge = xstrdup(link.name),
			.subnet = n->subnet,
			.internal = n->internal,
		};
	}
	f->networks = networks;
	list_for_each (a, &s->attached, node)
		if (a->running)
			add_ports(f, &ports, &a->attachment);
	return 0;
}

static int rebuild(struct firewall *f, struct err *e)
{
	cleanup_close int run_fd = open(settings.run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char **guarded = forwarding_guarded(run_fd);
	static struct nl nft;
	int rc;

	f->table = settings.instance;
	f->guarded = (const char *const *)guarded;
	rc = nl_open(&nft, NETLINK_NETFILTER, e) || firewall_rebuild(&nft, f, e);
	strv_free(guarded);
	if (rc)
		return -1;
	printf("rebuilt table inet %s: networks: %zu, ports: %zu\n", f->table, f->n_networks,
		f->n_ports);
	return 0;
}

static int collect_rules(struct state *s, struct err *e)
{
	int damaged = s->damaged;
	const struct attached *a;
	static struct firewall f;

	/* Of these nothing is wanted. */
	list_for_each (a, &s->attached, node)
		damaged -= a->damaged && !a->running;
	if (fill_table(s, &f, e))
		return -1;
	if (!f.n_networks)
		return remove_rules(&s->route, e);
	if (damaged)
		return err_set(e, 0, "the table inet %s stays as it is: records are damaged",
			settings.instance);
	return rebuild(&f, e);
}

int net_gc(char **names, struct err *e)
{
	static struct state s;

	(void)names;
	return lock_daemon_out(e) || state_load(&s, e) ||
			link_each(&s.route, collect_link, &s, e) ||
			state_each("netns", collect_container, NULL, e) ||
			state_each("net", collect_container, NULL, e) || collect_rules(&s, e)
		? -1
		: 0;
}
