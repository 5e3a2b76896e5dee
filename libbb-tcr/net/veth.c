/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a network is made of: a bridge, and a veth pair for each container. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>

#include "net/link.h"

/* Linux applies only part of the attributes to a link that it makes; these are for later. */
struct change {
	const char *name, *alias;
	unsigned mtu; /* 0: leave it */
	bool up;
	bool router; /* forwards, and 127.0.0.0/8 may leave it */
	bool no_ipv6;
};

static struct nlmsghdr *begin(struct nl *nl, struct nl_buf *buf, uint16_t flags, unsigned set)
{
	struct nlmsghdr *msg = nl_begin(nl, buf, RTM_NEWLINK, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));

	info->ifi_flags = info->ifi_change = set;
	return msg;
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
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(nl, &buf, 0, c->up ? IFF_UP : 0);
	struct nlattr *families;

	nl_put_str(msg, IFLA_IFNAME, c->name);
	nl_put_str(msg, IFLA_IFALIAS, c->alias);
	if (c->mtu)
		nl_put_u32(msg, IFLA_MTU, c->mtu);
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

/* What we have just made, and nobody else should have deleted. */
static int find_made(struct nl *nl, const char *name, struct link *link, struct err *e)
{
	int ret = link_find(nl, name, link, e);

	return ret ? ret : err_set(e, 0, "somebody else deleted the link %s", name);
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
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(nl, &buf, NLM_F_CREATE | NLM_F_EXCL, 0);
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

bool bridge_is_unfinished(const struct link *link, const uint8_t mac[MAC_LEN])
{
	return !strcmp(link->kind, "bridge") && !link->up && !*link->alias &&
		!memcmp(link->mac, mac, MAC_LEN);
}

static bool remove_unfinished(struct nl *nl, const struct bridge *b)
{
	struct link link;
	struct err ignored;

	return link_find(nl, b->name, &link, &ignored) == 1 &&
		bridge_is_unfinished(&link, b->mac) && link_delete(nl, link.index, &ignored) == 0;
}

static int set_up_bridge(struct nl *nl, const struct bridge *b, unsigned *index, struct err *e)
{
	const struct change c = { b->name, b->alias, .mtu = b->mtu, .router = true,
		.no_ipv6 = true };
	struct link link;

	if (change_link(nl, &c, e) < 0 || find_made(nl, b->name, &link, e) < 0)
		return -1;
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
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(nl, &buf, NLM_F_CREATE | NLM_F_EXCL, 0);

	nl_put_str(msg, IFLA_IFNAME, v->name);
	put_one_queue(msg);
	if (v->mtu)
		nl_put_u32(msg, IFLA_MTU, v->mtu);
	put_peer(msg, v);
	return nl_talk(nl, msg, e, "make the veth pair %s and %s", v->name, v->peer);
}

static int set_master(struct nl *nl, unsigned index, unsigned master, struct err *e)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(nl, &buf, 0, 0);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);

	info->ifi_index = (int)index;
	nl_put_u32(msg, IFLA_MASTER, master);
	return nl_talk(nl, msg, e, "make the link %u a port of the bridge %u", index, master);
}

/* Linux gives these to the master that the link had before the message. */
static int set_port(struct nl *nl, unsigned index, struct err *e)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = begin(nl, &buf, 0, 0);
	struct ifinfomsg *head = mnl_nlmsg_get_payload(msg);
	struct nlattr *info, *data;

	head->ifi_index = (int)index;
	info = nl_nest(msg, IFLA_LINKINFO);
	nl_put_str(msg, IFLA_INFO_SLAVE_KIND, "bridge");
	data = nl_nest(msg, IFLA_INFO_SLAVE_DATA);
	nl_put_u8(msg, IFLA_BRPORT_MODE, 1);
	nl_put_u8(msg, IFLA_BRPORT_LEARNING, 0);
	/* Frames for a container that is gone are for nobody, and not for all the others. */
	nl_put_u8(msg, IFLA_BRPORT_UNICAST_FLOOD, 0);
	/* What a link that was up already has taught the bridge until now. */
	nl_put(msg, IFLA_BRPORT_FLUSH, "", 0);
	nl_nest_end(msg, data);
	nl_nest_end(msg, info);
	return nl_talk(nl, msg, e, "set up the port %u of a bridge", index);
}

/* NUD_PERMANENT would be an address of the bridge itself. A sticky one stays even if it is seen on
 * another port, such as an interface of the host that somebody else made a port: Linux 4.20. */
static int add_station(struct nl *nl, unsigned index, const uint8_t mac[MAC_LEN], struct err *e)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = nl_begin(nl, &buf, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	struct ndmsg *info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));
	char text[MAC_SIZE];

	*info = (struct ndmsg){
		.ndm_family = AF_BRIDGE,
		.ndm_ifindex = (int)index,
		.ndm_state = NUD_NOARP,
		.ndm_flags = NTF_MASTER | NTF_STICKY,
	};
	nl_put(msg, NDA_LLADDR, mac, MAC_LEN);
	return nl_talk(nl, msg, e, "tell the bridge that %s is at its port %u",
		mac_format(mac, text), index);
}

int veth_attach(
	struct nl *nl, unsigned index, unsigned master, const uint8_t mac[MAC_LEN], struct err *e)
{
	return set_master(nl, index, master, e) < 0 || set_port(nl, index, e) < 0 ||
			add_station(nl, index, mac, e) < 0
		? -1
		: 0;
}

/* IN is a socket inside the namespace. */
static int set_up_peer(struct nl *in, const struct veth *v, struct err *e)
{
	const struct change c = { v->peer, v->alias, .up = true };
	struct link link;

	if (change_link(in, &c, e) < 0 || find_made(in, v->peer, &link, e) < 0 ||
		addr_add(in, link.index, v->addr, v->prefix, e) < 0)
		return -1;
	return v->gateway ? route_add_default(in, v->gateway, e) : 0;
}

/* Linux tells a bridge, and the queue of a link, only later that the link has a carrier: until then
 * packets are lost, and the first one of all is sent again after a second. Who asks for the link is
 * told the truth, and so makes it true (Linux 6.8). */
static void hurry(struct nl *nl, const char *name)
{
	struct link link;
	struct err ignored;

	link_find(nl, name, &link, &ignored);
}

/* Up in a message of its own: the kernel sets a link up before it reads what else the message says,
 * and so would make an IPv6 address. */
static int set_up_pair(struct nl *nl, struct nl *in, const struct veth *v, struct err *e)
{
	const struct change c = { v->name, v->alias, .no_ipv6 = true };
	struct link link;

	if (change_link(nl, &c, e) < 0 || find_made(nl, v->name, &link, e) < 0 ||
		veth_attach(nl, link.index, v->master, v->mac, e) < 0 ||
		set_up_peer(in, v, e) < 0 || link_set_up(nl, link.index, e) < 0)
		return -1;
	hurry(nl, v->name);
	hurry(in, v->peer);
	return 0;
}

int veth_create(struct nl *nl, const struct veth *v, struct err *e)
{
	struct nl in;
	int ret;

	if (nl_open_in(&in, NETLINK_ROUTE, v->netns_fd, e) < 0)
		return -1;
	ret = make_pair(nl, v, e);
	if (ret == 0) {
		ret = set_up_pair(nl, &in, v, e);
		if (ret < 0) {
			delete_by_name(nl, v->name);
			err_prefix(e, "set up the veth pair %s", v->name);
		}
	}
	nl_close(&in);
	return ret < 0 ? -1 : 0;
}
