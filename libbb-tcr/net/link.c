/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links and their addresses: rtnetlink(7). */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "net/link.h"

struct links {
	struct link *v;
	size_t n;
};

static void copy_str(char *to, size_t size, const struct nlattr *attr)
{
	snprintf(to, size, "%.*s", (int)mnl_attr_get_payload_len(attr),
		(const char *)mnl_attr_get_payload(attr));
}

static void read_attr(struct link *link, const struct nlattr *attr)
{
	const struct nlattr *in;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		copy_str(link->name, sizeof(link->name), attr);
		break;
	case IFLA_IFALIAS:
		copy_str(link->alias, sizeof(link->alias), attr);
		break;
	case IFLA_MTU:
		link->mtu = nl_get_u32(attr);
		break;
	case IFLA_MASTER:
		link->master = nl_get_u32(attr);
		break;
	case IFLA_ADDRESS:
		if (mnl_attr_get_payload_len(attr) == MAC_LEN)
			memcpy(link->mac, mnl_attr_get_payload(attr), MAC_LEN);
		break;
	case IFLA_LINKINFO:
		mnl_attr_for_each_nested (in, attr)
			if (mnl_attr_get_type(in) == IFLA_INFO_KIND)
				copy_str(link->kind, sizeof(link->kind), in);
		break;
	}
}

/* A callback of libmnl: ARG is the struct link to fill. */
static int read_link(const struct nlmsghdr *msg, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);
	struct link *link = arg;
	const struct nlattr *attr;

	if (msg->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(msg) < sizeof(*info))
		return MNL_CB_OK;
	*link = (struct link){
		.index = (unsigned)info->ifi_index,
		.up = info->ifi_flags & IFF_UP,
	};
	mnl_attr_for_each (attr, msg, sizeof(*info))
		read_attr(link, attr);
	return MNL_CB_OK;
}

static int read_links(const struct nlmsghdr *msg, void *arg)
{
	struct links *links = arg;

	links->v = xrealloc(links->v, (links->n + 1) * sizeof(*links->v));
	links->v[links->n].index = 0;
	read_link(msg, &links->v[links->n]);
	links->n += links->v[links->n].index != 0;
	return MNL_CB_OK;
}

static void forget_links(void *arg)
{
	((struct links *)arg)->n = 0;
}

static struct nlmsghdr *begin(
	struct nl *nl, struct nl_buf *buf, uint16_t type, uint16_t flags, unsigned index)
{
	struct nlmsghdr *msg = nl_begin(nl, buf, type, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));

	info->ifi_index = (int)index;
	return msg;
}

/* By NAME, or by INDEX if that is NULL. */
static int find(struct nl *nl, const char *name, unsigned index, struct link *link, struct err *e)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(nl, &buf, RTM_GETLINK, 0, index);
	int ret;

	if (name)
		nl_put_str(msg, IFLA_IFNAME, name);
	nl_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	ret = nl_ask(nl, msg, read_link, link, e, "look for the link %s", name ? name : "");
	if (ret == -ENODEV)
		return 0;
	return ret < 0 ? -1 : 1;
}

int link_find(struct nl *nl, const char *name, struct link *link, struct err *e)
{
	if (!*name || strlen(name) >= IFNAMSIZ)
		return 0;
	return find(nl, name, 0, link, e);
}

int link_find_index(struct nl *nl, unsigned index, struct link *link, struct err *e)
{
	return index ? find(nl, NULL, index, link, e) : 0;
}

int link_each(struct nl *nl, int (*fn)(const struct link *link, void *arg, struct err *e),
	void *arg, struct err *e)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(nl, &buf, RTM_GETLINK, NLM_F_DUMP, 0);
	struct links links = { .n = 0 };
	int ret;

	nl_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	ret = nl_dump(nl, msg, read_links, forget_links, &links, e);
	if (ret < 0)
		err_prefix(e, "list the links");
	for (size_t i = 0; ret == 0 && i < links.n; i++)
		ret = fn(&links.v[i], arg, e);
	free(links.v);
	return ret;
}

int link_delete(struct nl *nl, unsigned index, struct err *e)
{
	struct nl_buf buf;
	int ret = nl_talk(
		nl, begin(nl, &buf, RTM_DELLINK, 0, index), e, "delete the link %u", index);

	return ret == 0 || ret == -ENODEV ? 0 : -1;
}

int link_set_up(struct nl *nl, unsigned index, struct err *e)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(nl, &buf, RTM_NEWLINK, 0, index);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);

	info->ifi_flags = info->ifi_change = IFF_UP;
	return nl_talk(nl, msg, e, "set the link %u up", index) < 0 ? -1 : 0;
}

int addr_add(struct nl *nl, unsigned index, uint32_t addr, uint8_t prefix, struct err *e)
{
	struct nl_buf buf;
	char text[ADDR_SIZE];
	struct nlmsghdr *msg = nl_begin(nl, &buf, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));
	uint32_t hosts = prefix < 32 ? UINT32_MAX >> prefix : 0;

	info->ifa_family = AF_INET;
	info->ifa_prefixlen = prefix;
	info->ifa_index = index;
	nl_put_u32(msg, IFA_LOCAL, htonl(addr));
	nl_put_u32(msg, IFA_ADDRESS, htonl(addr));
	if (prefix < 31)
		nl_put_u32(msg, IFA_BROADCAST, htonl(addr | hosts));
	return nl_talk(nl, msg, e, "add the address %s/%d to the link %u", addr_format(addr, text),
		       prefix, index) < 0
		? -1
		: 0;
}
