/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tcr-net nuke`: the kernel as if tcrd had never been. The definitions of networks stay. */
#include <linux/netlink.h>
#include <string.h>

#include "net/instance.h"
#include "remove.h"
#include "state.h"
#include "tcr_net.h"

static int check_container(int dirfd, const char *id, void *arg, struct err *e)
{
	(void)dirfd;
	(void)arg;
	if (!is_id(id) || !container_runs(id))
		return 0;
	return err_set(
		e, 0, "container %.12s runs, and would lose its network: stop it, or use -f", id);
}

static int nuke_link(const struct link *link, void *arg, struct err *e)
{
	bool is_veth = !strcmp(link->kind, "veth") &&
		instance_alias_container(settings.instance, link->alias);
	bool is_bridge = !strcmp(link->kind, "bridge") &&
		instance_alias_network(settings.instance, link->alias);

	return is_veth || is_bridge ? remove_link(arg, link, e) : 0;
}

static int nuke_container(int dirfd, const char *id, void *arg, struct err *e)
{
	(void)dirfd;
	(void)arg;
	return is_id(id) ? remove_container(id, e) : 0;
}

int net_nuke(char **names, struct err *e)
{
	static struct nl route;

	(void)names;
	if (lock_daemon_out(e) ||
		(!settings.force &&
			(state_each("netns", check_container, NULL, e) ||
				state_each("net", check_container, NULL, e))))
		return -1;
	return nl_open(&route, NETLINK_ROUTE, e) || link_each(&route, nuke_link, &route, e) ||
			state_each("netns", nuke_container, NULL, e) ||
			state_each("net", nuke_container, NULL, e) || remove_rules(&route, e)
		? -1
		: 0;
}
