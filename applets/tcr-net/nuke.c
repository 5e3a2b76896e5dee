/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tcr-net nuke`: the kernel as if tcrd had never been. The definitions of networks stay. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
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

static int nuke_table(struct err *e)
{
	struct nl nft;
	int rc;

	/* Without nf_tables there is no table. */
	if (nl_open(&nft, NETLINK_NETFILTER, e))
		return 0;
	rc = remove_table(&nft, e);
	nl_close(&nft);
	return rc;
}

/* The note says that it was off before tcrd came. */
static int reset_forwarding(struct err *e)
{
	static const char file[] = "/proc/sys/net/ipv4/ip_forward";
	cleanup_free char *note = state_path("ip_forward", NULL);
	cleanup_close int fd = -1;

	if (access(note, F_OK) < 0)
		return 0;
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		return err_set(e, errno, "set %s to 0", file);
	if (unlink(note) < 0)
		return err_set(e, errno, "remove %s", note);
	puts("set ip_forward to 0, as it was");
	return 0;
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
	/* Forwarding before the rules: nothing passes that was kept out. */
	return nl_open(&route, NETLINK_ROUTE, e) || link_each(&route, nuke_link, &route, e) ||
			state_each("netns", nuke_container, NULL, e) ||
			state_each("net", nuke_container, NULL, e) || reset_forwarding(e) ||
			nuke_table(e)
		? -1
		: 0;
}
