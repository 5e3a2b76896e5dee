/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a network is made of: a bridge, and a veth pair for each container. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>

#include "net/link.h"

/* Linux applies only part of the attributes to a link that it makes; these are for later. */
struct change {
	const char *name, *alias;
	unsigned mtu; /* 0: leave it */
	bool up;
	bool router;  /* forwards, and 127.0.0.0/8 may leave it */
	bool hairpin; /* a port of a bridge that may send a frame back where it came from */
	bool no_ipv6;
};

static struct nlmsghdr *begin(struct nl *nl, void *buf, uint16_t flags, unsigned set)
{
	struct nlmsghdr *msg = nl_begin(nl, buf, RTM_NEWLINK, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));

	info->ifi_flags = info->ifi_change = set;
	return msg;
}

static void put_hairpin(struct nlmsghdr *msg)
{
	struct nlattr *info = nl_nest(msg, IFLA_LINKINFO), *data;

	nl_put_str(msg, IFLA_INFO_SLAVE_KIND, "bridge");
	data = nl_nest(msg, IFLA_INFO_SLAVE_DATA);
	nl_put_u8(msg, IFLA_BRPORT_MODE, 1);
	nl_nest_end(msg, data);
	nl_nest_end(msg, info);
}

static void put_router(struct nlmsghdr *msg)
{
	struct nlattr *inet = nl_nest(msg, AF_INET), *conf = nl_nest(msg, IFLA_INET_CONF);

	nl_put_u32(msg, IPV4_DEVCONF_FORWARDING, 1);
	nl_put_u32(msg, IPV4_DEVCONF_ROUTE_LOCALNET, 1);
	nl_nest_end(msg, conf);
	nl_nest_end(msg, inet);
}

static void put_no_ipv6(struct nlmsghdr *msg)
{
	struct nlattr *inet6 = nl_nest(msg, AF_INET6);

	nl_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nl_nest_end(msg, inet6);
}

static int change(struct nl *nl, const struct change *c, struct err *e)
{
	char buf[NL_BUF_SIZE];
	struct nlmsghdr *msg = begin(nl, buf, 0, c->up ? IFF_UP : 0);
	struct nlattr *families;

	nl_put_str(msg, IFLA_IFNAME, c->name);
	nl_put_str(msg, IFLA_IFALIAS, c->alias);
	if (c->mtu)
		nl_put_u32(msg, IFLA_MTU, c->mtu);
	if (c->hairpin)
		put_hairpin(msg);
	families = nl_nest(msg, IFLA_AF_SPEC);
	if (c->router)
		put_router(msg);
	if (c->no_ipv6)
		put_no_ipv6(msg);
	nl_nest_end(msg, families);
	return nl_talk(nl, msg, e, "set up the link %s", c->name);
}

/* Where there is no IPv6, be it the kernel or an MTU below 1280, there is nothing to switch off. */
static int change_link(struct nl *nl, const struct change *c, struct err *e)
{
	struct change plain = *c;
	int ret = change(nl, c, e);

	plain.no_ipv6 = false;
	if (c->no_ipv6 && (ret == -EAFNOSUPPORT || ret == -EOPNOTSUPP))
		ret = change(nl, &plain, e);
	return ret < 0 ? -1 : 0;
}

static void delete_by_name(struct nl *nl, const char *name)
{
	struct link link;
	struct err ignored;

	if (link_find(nl, name, &link, &ignored) == 1)
		link_delete(nl, link.index, &ignored);
}

static int make_bridge(struct nl *nl, const struct bridge *b, struct err *e)
{
	char buf[NL_BUF_SIZE];
	struct nlmsghdr *msg = begin(nl, buf, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct nlattr *info, *data;

	nl_put_str(msg, IFLA_IFNAME, b->name);
	nl_put(msg, IFLA_ADDRESS, b->mac, MAC_LEN);
	/* Not the right one: only a bridge whose MTU is changed later keeps it, whatever its ports
	 * have. */
	if (b->mtu)
		nl_put_u32(msg, IFLA_MTU, b->mtu ^ 1);
	info = nl_nest(msg, IFLA_LINKINFO);
	nl_put_str(msg, IFLA_INFO_KIND, "bridge");
	data = nl_nest(msg, IFLA_INFO_DATA);
	nl_put_u8(msg, IFLA_BR_MCAST_SNOOPING, 0);
	nl_nest_end(msg, data);
	nl_nest_end(msg, info);
	return nl_talk(nl, msg, e, "make the bridge %s", b->name);
}

/* A bridge of ours whose maker was killed before it had an alias: nobody else gives it this
 * hardware address. */
static bool remove_unfinished(struct nl *nl, const struct bridge *b)
{
	struct link link;
	struct err ignored;

	return link_find(nl, b->name, &link, &ignored) == 1 && !strcmp(link.kind, "bridge") &&
		!link.up && !*link.alias && !memcmp(link.mac, b->mac, MAC_LEN) &&
		link_delete(nl, link.index, &ignored) == 0;
}

static int set_up_bridge(struct nl *nl, const struct bridge *b, unsigned *index, struct err *e)
{
	const struct change c = { b->name, b->alias, .mtu = b->mtu, .router = true,
		.no_ipv6 = true };
	struct link link;
	int ret;

	if (change_link(nl, &c, e) < 0)
		return -1;
	ret = link_find(nl, b->name, &link, e);
	if (ret <= 0)
		return ret < 0 ? -1 : err_set(e, 0, "somebody else deleted the bridge %s", b->name);
	*index = link.index;
	if (addr_add(nl, link.index, b->addr, b->prefix, e) < 0)
		return -1;
	return link_set_up(nl, link.index, e);
}

int bridge_create(struct nl *nl, const struct bridge *b, unsigned *index, struct err *e)
{
	int ret = make_bridge(nl, b, e);

	if (ret == -EEXIST && remove_unfinished(nl, b))
		ret = make_bridge(nl, b, e);
	if (ret < 0)
		return ret;
	if (set_up_bridge(nl, b, index, e) == 0)
		return 0;
	delete_by_name(nl, b->name);
	return -1;
}

/* Linux makes a pair of queues for each processor. Without XDP they are of no use, and each has its
 * directories in sysfs: two fifths of the time that a pair takes. */
static void put_one_queue(struct nlmsghdr *msg)
{
	nl_put_u32(msg, IFLA_NUM_TX_QUEUES, 1);
	nl_put_u32(msg, IFLA_NUM_RX_QUEUES, 1);
}

static void put_peer(struct nlmsghdr *msg, const struct veth *v)
{
	struct nlattr *info = nl_nest(msg, IFLA_LINKINFO), *data, *peer;
	const struct ifinfomsg none = { .ifi_family = AF_UNSPEC };

	nl_put_str(msg, IFLA_INFO_KIND, "veth");
	data = nl_nest(msg, IFLA_INFO_DATA);
	/* A header and attributes in an attribute; it is closed as a nest is. */
	peer = mnl_nlmsg_get_payload_tail(msg);
	nl_put(msg, VETH_INFO_PEER, &none, sizeof(none));
	nl_put_str(msg, IFLA_IFNAME, v->peer);
	put_one_queue(msg);
	nl_put(msg, IFLA_ADDRESS, v->mac, MAC_LEN);
	if (v->mtu)
		nl_put_u32(msg, IFLA_MTU, v->mtu);
	nl_put_u32(msg, IFLA_NET_NS_FD, (uint32_t)v->netns_fd);
	nl_nest_end(msg, peer);
	nl_nest_end(msg, data);
	nl_nest_end(msg, info);
}

static int make_pair(struct nl *nl, const struct veth *v, struct err *e)
{
	char buf[NL_BUF_SIZE];
	struct nlmsghdr *msg = begin(nl, buf, NLM_F_CREATE | NLM_F_EXCL, 0);

	nl_put_str(msg, IFLA_IFNAME, v->name);
	put_one_queue(msg);
	nl_put_u32(msg, IFLA_MASTER, v->master);
	if (v->mtu)
		nl_put_u32(msg, IFLA_MTU, v->mtu);
	put_peer(msg, v);
	return nl_talk(nl, msg, e, "make the veth pair %s (a port of the bridge %u) and %s",
		v->name, v->master, v->peer);
}

/* IN is a socket inside the namespace. */
static int set_up_peer(struct nl *in, const struct veth *v, struct err *e)
{
	const struct change c = { v->peer, v->alias, .up = true };
	struct link link;
	int ret;

	if (change_link(in, &c, e) < 0)
		return -1;
	ret = link_find(in, v->peer, &link, e);
	if (ret <= 0)
		return ret < 0 ? -1 : err_set(e, 0, "somebody else deleted the link %s", v->peer);
	if (addr_add(in, link.index, v->addr, v->prefix, e) < 0)
		return -1;
	return v->gateway ? route_add_default(in, v->gateway, e) : 0;
}

int veth_create(struct nl *nl, const struct veth *v, struct err *e)
{
	/* Up before the peer is, and so without a carrier: no IPv6 address is made before the
	 * kernel has read that it should not. */
	const struct change c = { v->name, v->alias, .up = true, .hairpin = true, .no_ipv6 = true };
	struct nl in;
	int ret;

	if (nl_open_in(&in, NETLINK_ROUTE, v->netns_fd, e) < 0)
		return -1;
	ret = make_pair(nl, v, e);
	if (ret == 0) {
		if (change_link(nl, &c, e) < 0 || set_up_peer(&in, v, e) < 0) {
			delete_by_name(nl, v->name);
			ret = -1;
		}
	}
	nl_close(&in);
	return ret < 0 ? -1 : 0;
}
