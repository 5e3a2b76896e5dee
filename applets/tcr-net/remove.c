/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gc and nuke share. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "net/firewall.h"
#include "net/forwarding.h"
#include "net/instance.h"
#include "net/netns.h"
#include "remove.h"
#include "state.h"
#include "tcr_net.h"

int lock_daemon_out(struct err *e)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	cleanup_free char *path = state_path("lock", NULL);
	/* Never closed: the lock would end with that. */
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	/* Without the directory no daemon can run on it. */
	if (fd < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "%s", path);
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return 0;
	if ((errno != EAGAIN && errno != EACCES) || fcntl(fd, F_GETLK, &lock) < 0)
		return err_set(e, errno, "lock %s", path);
	return err_set(
		e, 0, "tcrd (process %d) runs and keeps this in order itself", (int)lock.l_pid);
}

void removed(const char *fmt, ...)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	sb_addv(&sb, fmt, ap);
	va_end(ap);
	utf8_make_printable(sb.buf, "");
	printf("removed %s\n", sb.buf);
}

int remove_link(struct nl *nl, const struct link *link, struct err *e)
{
	const char *network = instance_alias_network(settings.instance, link->alias);
	const char *id = instance_alias_container(settings.instance, link->alias);

	if (link_delete(nl, link->index, e))
		return -1;
	if (network)
		removed("%s %s (network %s)", link->kind, link->name, network);
	else
		removed("%s %s (container %.12s)", link->kind, link->name, id ? id : "?");
	return 0;
}

int remove_container(const char *id, struct err *e)
{
	cleanup_free char *netns = state_path("netns", id), *record = state_path("net", id);
	bool there = file_exists(AT_FDCWD, netns);

	if (netns_remove(netns, e))
		return -1;
	if (there)
		removed("network namespace of container %.12s", id);
	if (unlink(record) == 0)
		removed("record of the networking of container %.12s", id);
	else if (errno != ENOENT)
		return err_set(e, errno, "remove %s", record);
	return 0;
}

static bool table_exists(struct nl *nl)
{
	const struct nfgenmsg head = { .nfgen_family = NFPROTO_INET };
	char buf[NL_BUF_SIZE] __attribute__((aligned(MNL_ALIGNTO)));
	struct nlmsghdr *msg = nl_begin(nl, buf, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0);
	struct err e;

	memcpy(mnl_nlmsg_put_extra_header(msg, sizeof(head)), &head, sizeof(head));
	nl_put_str(msg, NFTA_TABLE_NAME, settings.instance);
	return nl_talk(nl, msg, &e, "look for a table") == 0;
}

static int remove_table(struct err *e)
{
	struct nl nft;
	int rc = 0;

	/* Without nf_tables there is no table. */
	if (nl_open(&nft, NETLINK_NETFILTER, e))
		return 0;
	if (table_exists(&nft)) {
		rc = firewall_remove(&nft, settings.instance, e);
		if (!rc)
			removed("table inet %s", settings.instance);
	}
	nl_close(&nft);
	return rc;
}

static int reset_forwarding(struct nl *route, struct err *e)
{
	cleanup_free char *note = state_path("ip_forward", NULL);
	cleanup_close int run_fd = open(settings.run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (!file_exists(AT_FDCWD, note))
		return 0;
	rc = forwarding_off(route, run_fd, e);
	if (rc >= 0)
		puts(rc ? "left ip_forward at 1, as there are interfaces that came later"
			: "set ip_forward to 0, as it was");
	return rc < 0 ? -1 : 0;
}

/* Forwarding before the rules: nothing passes that was kept out. */
int remove_rules(struct nl *route, struct err *e)
{
	return reset_forwarding(route, e) || remove_table(e) ? -1 : 0;
}
