/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the veth pairs of net/veth: traffic between namespaces, as root in some of their own. */
#include "links.h"

/* The veth pair number I, a port of MASTER. */
static struct veth a_veth(int i, unsigned master)
{
	struct veth v = {
		.name = i ? "tcrv1" : "tcrv0",
		.alias = "tcr:tcr:container:0123456789abcdef",
		.peer = "eth0",
		.master = master,
		.mtu = 1400,
		.netns_fd = netns[i],
		.mac = { 2, 0x42, 10, 1, 0, (uint8_t)(2 + i) },
		.addr = 0x0a010002 + (uint32_t)i,
		.prefix = 24,
		.gateway = 0x0a010001,
	};

	return v;
}

static int count_links_in(int netns_fd)
{
	struct err e;
	struct nl in;
	int n;

	if (nl_open_in(&in, NETLINK_ROUTE, netns_fd, &e) < 0)
		bail_out(e.text);
	n = count_links(&in);
	nl_close(&in);
	return n;
}

static void make_pair(int i, unsigned master, unsigned mtu)
{
	struct veth v = a_veth(i, master);
	struct err e = { 0 };

	v.mtu = mtu;
	if (veth_create(&nl, &v, &e) < 0)
		bail_out(e.text);
}

static void test_veth_links(unsigned bridge)
{
	struct err e = { 0 };
	struct link l;
	struct nl in;

	is_int(link_find(&nl, "tcrv0", &l, &e), 1, "a veth pair is made");
	is_str(l.kind, "veth", "it is a veth");
	is_str(l.alias, "tcr:tcr:container:0123456789abcdef", "it has its alias");
	is_int(l.master, bridge, "it is a port of the bridge");
	ok(l.up, "it is up");
	is_str(text_of("/sys/class/net/tcrv0/brport/hairpin_mode"), "1", "hairpin is on");
	if (nl_open_in(&in, NETLINK_ROUTE, netns[0], &e) < 0)
		bail_out(e.text);
	is_int(link_find(&in, "eth0", &l, &e), 1, "the peer is in the namespace");
	is_str(l.alias, "tcr:tcr:container:0123456789abcdef", "it has the alias, too");
	ok(l.up, "it is up, too");
	is_int(l.mtu, mtu_of("tcrv0"), "both ends have the same MTU");
	ok(!memcmp(l.mac, a_veth(0, 0).mac, MAC_LEN), "it has its hardware address");
	is_int(route_uplink(&in, &l, &e), 1, "it has a default route");
	is_str(l.name, "eth0", "that goes through it");
	nl_close(&in);
}

/* The addresses of IPv6 of a namespace (-1: ours). */
static const char *inet6_of(int netns_fd)
{
	struct err e;
	int own = netns_fd >= 0 ? netns_enter(netns_fd, &e) : -1;
	const char *text = text_of("/proc/self/net/if_inet6");

	if (own >= 0)
		netns_leave(own);
	return text;
}

/* Links get theirs when the kernel has seen that they are up: as soon as the container's end has
 * one, ours had the time to get one. */
static void test_no_inet6(void)
{
	bool has = false;

	for (int i = 0; i < 5000 && !has; i++) {
		usleep(1000);
		has = strstr(inet6_of(netns[0]), "eth0");
	}
	ok(has, "IPv6 in the container is the container's business");
	ok(strstr(inet6_of(-1), " lo") && !strstr(inet6_of(-1), "tcr"),
		"no link of ours has an IPv6 address");
}

static void test_traffic(unsigned mtu)
{
	struct bridge b = a_bridge;
	unsigned bridge;

	b.mtu = mtu;
	bridge = make_bridge(&b);
	make_pair(0, bridge, mtu);
	make_pair(1, bridge, mtu);
	printf("# MTU %u\n", mtu);
	test_veth_links(bridge);
	ok(passes(netns[0], netns[1], 0x0a010003, mtu), "a container reaches the other");
	ok(passes(netns[1], -1, a_bridge.addr, mtu), "a container reaches the gateway");
	ok(passes(-1, netns[0], 0x0a010002, mtu), "the host reaches a container");
	ok(passes(netns[0], -1, 0xc0000201, mtu), "a container reaches what is behind the gateway");
	ok(!passes(netns[0], -1, a_bridge.addr, mtu + 1), "the MTU is %u", mtu);
	test_no_inet6();
	remove_link("tcrv0");
	remove_link("tcrv1");
	is_int(mtu_of("tcr0"), mtu, "the bridge keeps its MTU without ports");
	make_pair(0, bridge, 1300);
	is_int(mtu_of("tcr0"), mtu, "the bridge keeps its MTU with a smaller port");
	remove_link("tcrv0");
	remove_link("tcr0");
}

static const struct {
	const char *name, *text;
	struct veth v;
} veth_errors[] = {
	{ "a name that is taken", "make the veth pair lo (", { .name = "lo" } },
	{ "a peer's name that is taken", "and lo: ", { .peer = "lo" } },
	{ "a bridge that is none", "a port of the bridge 1)", { .master = 1 } },
	{ "a bridge that is missing", "a port of the bridge 999)", { .master = 999 } },
	{ "a namespace that is none", "enter a network namespace: ", { .netns_fd = 1 } },
	{ "an MTU that is too small", "make the veth pair tcrv0", { .mtu = 10 } },
	{ "a gateway that is out of reach", "route through 10.2.0.1: ", { .gateway = 0x0a020001 } },
	{ "an impossible prefix", "add the address 10.1.0.2/33", { .prefix = 33 } },
};

static void test_veth_errors(unsigned bridge)
{
	for (size_t i = 0; i < ARRAY_SIZE(veth_errors); i++) {
		const struct veth *wrong = &veth_errors[i].v;
		struct veth v = a_veth(0, bridge);
		struct err e = { 0 };

		v.name = wrong->name ? wrong->name : v.name;
		v.peer = wrong->peer ? wrong->peer : v.peer;
		v.master = wrong->master ? wrong->master : v.master;
		v.netns_fd = wrong->netns_fd ? wrong->netns_fd : v.netns_fd;
		v.mtu = wrong->mtu ? wrong->mtu : v.mtu;
		v.gateway = wrong->gateway ? wrong->gateway : v.gateway;
		v.prefix = wrong->prefix ? wrong->prefix : v.prefix;
		is_int(veth_create(&nl, &v, &e), -1, veth_errors[i].name);
		has_str(e.text, veth_errors[i].text, "the text says what is wrong");
		printf("# %s\n", e.text);
		is_int(count_links(&nl), 2, "nothing is left here");
		is_int(count_links_in(netns[0]), 1, "nor in the namespace");
	}
}

static void test_explanation(unsigned bridge)
{
	struct veth v = a_veth(0, bridge);
	struct err e = { 0 };

	v.gateway = 0x0a020001;
	veth_create(&nl, &v, &e);
	has_str(e.text, ": Network is unreachable (Nexthop has invalid gateway)",
		"the kernel's own words are in the text");
	fake.no_cap_ack = true;
	memset(&e, 0, sizeof(e));
	veth_create(&nl, &v, &e);
	fake.no_cap_ack = false;
	has_str(e.text, "(Nexthop has invalid gateway)", "with the request in the answer, too");
}

/* Each message in turn is lost. */
static void test_lost_messages(unsigned bridge)
{
	struct veth v = a_veth(0, bridge);
	struct err e;
	int n = 1;

	for (;; n++) {
		int ret;

		memset(&e, 0, sizeof(e));
		fake.send_fails = n;
		ret = veth_create(&nl, &v, &e);
		if (fake.send_fails)
			break;
		is_int(ret, -1, "a veth pair without one of its messages is an error");
		has_str(e.text, "No buffer space available", "the text says why");
		is_int(count_links(&nl), 2, "nothing is left here");
		is_int(count_links_in(netns[0]), 1, "nor in the namespace");
	}
	fake.send_fails = 0;
	ok(n > 3 && is_there("tcrv0"), "%d messages make it", n - 1);
	remove_link("tcrv0");
}

/* The host's end goes with the namespace, at the latest after 5 s. */
static void test_namespace_ends(unsigned bridge)
{
	struct err e = { 0 };
	struct veth v = a_veth(0, bridge);
	int gone = 0;

	v.netns_fd = netns_create("/run/short", &e);
	is_int(veth_create(&nl, &v, &e), 0, "a pair leads into a third namespace");
	close(v.netns_fd);
	is_int(netns_remove("/run/short", &e), 0, "the namespace is removed");
	for (int i = 0; i < 5000 && !gone; i++) {
		usleep(1000);
		gone = !is_there("tcrv0");
	}
	ok(gone, "its link is gone, too");
}

int main(void)
{
	struct err e = { 0 };
	unsigned bridge;

	setup();
	/* lo, and an address behind the gateway */
	if (nl_open(&nl, NETLINK_ROUTE, &e) < 0 || link_set_up(&nl, 1, &e) < 0 ||
		addr_add(&nl, 1, 0xc0000201, 32, &e) < 0)
		bail_out(e.text);
	test_traffic(1400);
	test_traffic(1500);
	test_traffic(9000);
	bridge = make_bridge(&a_bridge);
	test_veth_errors(bridge);
	test_explanation(bridge);
	test_lost_messages(bridge);
	test_namespace_ends(bridge);
	nl_close(&nl);
	return done_testing();
}
