/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the veth pairs of net/veth: traffic between namespaces, as root in some of their own. */
#include <linux/if_packet.h>
#include <stdlib.h>

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

static void is_port(const char *name)
{
	static const struct {
		const char *file, *value;
	} options[] = { { "hairpin_mode", "1" }, { "learning", "0" }, { "unicast_flood", "0" },
		{ "broadcast_flood", "1" }, { "multicast_flood", "1" } };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		char path[100];

		snprintf(path, sizeof(path), "/sys/class/net/%s/brport/%s", name, options[i].file);
		is_str(text_of(path), options[i].value, options[i].file);
	}
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
	is_port("tcrv0");
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
	{ "a name that is taken", "make the veth pair lo and", { .name = "lo" } },
	{ "a peer's name that is taken", "and lo: ", { .peer = "lo" } },
	{ "a bridge that is none", "a port of the bridge 1: ", { .master = 1 } },
	{ "a bridge that is missing", "a port of the bridge 999: ", { .master = 999 } },
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
		if (ret == 0)
			break;
		is_int(ret, -1, "a veth pair without one of its messages is an error");
		has_str(e.text, "No buffer space available", "the text says why");
		is_int(count_links(&nl), 2, "nothing is left here");
		is_int(count_links_in(netns[0]), 1, "nor in the namespace");
	}
	fake.send_fails = 0;
	ok(n > 10 && passes(-1, netns[0], v.addr, 100), "%d messages make it", n - 1);
	remove_link("tcrv0");
}

static void begin_pair(unsigned bridge)
{
	struct veth v = a_veth(0, bridge);
	struct err e;

	veth_create(&nl, &v, &e);
}

static void test_killed_maker(unsigned bridge)
{
	struct link l;
	struct err e;
	int n = 1, halves = 0;

	for (; killed_at(n, begin_pair, bridge); n++) {
		if (link_find(&nl, "tcrv0", &l, &e) != 1)
			continue;
		if (l.up)
			break;
		halves++;
		remove_link("tcrv0");
	}
	ok(halves > 5, "a veth pair whose maker is killed at one of %d moments is down", halves);
	is_port("tcrv0");
	ok(passes(netns[0], -1, 0xc0000201, 100) && passes(-1, netns[0], 0x0a010002, 100),
		"the first that is up is whole");
	remove_link("tcrv0");
}

/* Raw frames: a protocol number that nobody else uses, and a text. */
enum { PROTOCOL = 0x88b5, HEADER = 14, FRAME = 60 };

static int packet_socket(int netns_fd, const char *name)
{
	static const struct timeval limit = { .tv_sec = 5 };
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(PROTOCOL) };
	struct err e;
	int own = netns_fd >= 0 ? netns_enter(netns_fd, &e) : -1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	at.sll_ifindex = (int)if_nametoindex(name);
	if (own >= 0)
		netns_leave(own);
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		bail_out("no packet socket");
	return fd;
}

static void send_frame(int fd, const uint8_t *to, const uint8_t *from, char text)
{
	uint8_t frame[FRAME] = { 0 };

	memcpy(frame, to, MAC_LEN);
	memcpy(frame + MAC_LEN, from, MAC_LEN);
	frame[12] = PROTOCOL >> 8;
	frame[13] = PROTOCOL & 0xff;
	frame[HEADER] = (uint8_t)text;
	if (send(fd, frame, sizeof(frame), 0) != sizeof(frame))
		bail_out("send a frame");
}

/* The texts of what comes to FD, until END; what a socket sends itself is not among them. */
static const char *frames_until(int fd, char end)
{
	static char texts[100];
	size_t n = 0;

	memset(texts, 0, sizeof(texts));
	while (n < sizeof(texts) - 1) {
		struct sockaddr_ll from;
		socklen_t len = sizeof(from);
		uint8_t frame[FRAME];

		if (recvfrom(fd, frame, sizeof(frame), 0, (void *)&from, &len) <= HEADER)
			return "nothing";
		if (from.sll_pkttype == PACKET_OUTGOING)
			continue;
		if (frame[HEADER] == end)
			return texts;
		texts[n++] = (char)frame[HEADER];
	}
	return texts;
}

/* The size of the bridge's table. */
static size_t count_stations(void)
{
	static char table[1 << 16];
	cleanup_close int fd = open("/sys/class/net/tcr0/brforward", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, table, sizeof(table), 0);

	return n < 0 ? 0 : (size_t)n / 16;
}

static const uint8_t everybody[MAC_LEN] = { 255, 255, 255, 255, 255, 255 };
static struct {
	int thief, victim, host;
	uint8_t thief_mac[MAC_LEN], victim_mac[MAC_LEN];
} on;

/* Whether the container 0 gets what is for the container 1 when it has sent with its address. */
static bool theft_succeeds(void)
{
	bool stolen;

	for (int i = 0; i < 10; i++)
		send_frame(on.thief, everybody, on.victim_mac, 's');
	send_frame(on.host, on.victim_mac, a_bridge.mac, 'v');
	send_frame(on.host, everybody, a_bridge.mac, 'e');
	stolen = strchr(frames_until(on.thief, 'e'), 'v');
	is_int(strchr(frames_until(on.victim, 'e'), 'v') == NULL, stolen, "one of them gets it");
	frames_until(on.host, 's');
	return stolen;
}

static void test_theft(void)
{
	size_t stations = count_stations();

	ok(!theft_succeeds(), "a container cannot take over the address of another");
	for (int i = 0; i < 2000; i++) {
		const uint8_t random[MAC_LEN] = { 2, 1, 2, 3, (uint8_t)(i >> 8), (uint8_t)i };

		send_frame(on.thief, a_bridge.mac, random, 'f');
	}
	send_frame(on.thief, a_bridge.mac, on.thief_mac, 'e');
	frames_until(on.host, 'e');
	ok(stations > 0 && count_stations() == stations, "nor can it fill the bridge's table");
	send_frame(on.thief, on.thief_mac, on.thief_mac, 'h');
	send_frame(on.thief, on.thief_mac, on.thief_mac, 'e');
	is_str(frames_until(on.thief, 'e'), "h", "what it sends to itself comes back");
	send_frame(on.host, everybody, a_bridge.mac, 'b');
	send_frame(on.host, on.thief_mac, a_bridge.mac, 'e');
	is_str(frames_until(on.thief, 'e'), "b", "what is for all comes to it");
	ok(passes(netns[0], netns[1], 0x0a010003, 1400), "containers still reach each other");
}

/* Frames for one that is gone go to nobody else. */
static void test_no_flood(void)
{
	if (system("bridge fdb del 02:42:0a:01:00:03 dev tcrv0 master") != 0)
		bail_out("bridge fdb");
	remove_link("tcrv1");
	send_frame(on.host, on.victim_mac, a_bridge.mac, 'v');
	send_frame(on.host, on.thief_mac, a_bridge.mac, 'e');
	is_str(frames_until(on.thief, 'e'), "",
		"what is for a container that is gone is for nobody");
}

static void test_stations(unsigned bridge)
{
	struct veth v[2] = { a_veth(0, bridge), a_veth(1, bridge) };

	make_pair(0, bridge, 1400);
	make_pair(1, bridge, 1400);
	memcpy(on.thief_mac, v[0].mac, MAC_LEN);
	memcpy(on.victim_mac, v[1].mac, MAC_LEN);
	on.thief = packet_socket(netns[0], "eth0");
	on.victim = packet_socket(netns[1], "eth0");
	on.host = packet_socket(-1, "tcr0");
	/* The kernel takes its time until it forwards to a new port. */
	ok(passes(-1, netns[0], v[0].addr, 100) && passes(-1, netns[1], v[1].addr, 100),
		"the host reaches both containers");
	test_theft();
	if (system("echo 1 >/sys/class/net/tcrv0/brport/learning") != 0)
		bail_out("learning");
	ok(!theft_succeeds(), "nor could it on a port that learns");
	if (system("bridge fdb del 02:42:0a:01:00:03 dev tcrv1 master") != 0)
		bail_out("bridge fdb");
	ok(theft_succeeds(), "but it could if the bridge did not know whose that is");
	test_no_flood();
	close(on.thief);
	close(on.victim);
	close(on.host);
	remove_link("tcrv0");
}

static void attach(const char *name, int i, unsigned bridge)
{
	struct veth v = a_veth(i, bridge);
	struct err e = { 0 };
	struct link l;

	if (link_find(&nl, name, &l, &e) != 1)
		bail_out(name);
	is_int(veth_attach(&nl, l.index, bridge, v.mac, &e), 0, "a veth becomes a port");
	link_find(&nl, name, &l, &e);
	is_int(l.master, bridge, "of the bridge that is told");
	is_port(name);
}

/* Returns the bridge that is there afterwards. */
static unsigned test_attach(unsigned bridge)
{
	struct err e = { 0 };
	struct link l;

	make_pair(0, bridge, 1400);
	make_pair(1, bridge, 1400);
	remove_link("tcr0");
	bridge = make_bridge(&a_bridge);
	attach("tcrv0", 0, bridge);
	attach("tcrv1", 1, bridge);
	ok(passes(netns[0], netns[1], 0x0a010003, 1400), "a new bridge does what the old did");
	ok(passes(-1, netns[0], 0x0a010002, 1400), "the host reaches the container again");
	attach("tcrv0", 0, bridge);
	ok(passes(-1, netns[0], 0x0a010002, 1400), "to attach what is attached changes nothing");
	link_find(&nl, "tcrv0", &l, &e);
	is_int(veth_attach(&nl, l.index, 999, l.mac, &e), -1,
		"a bridge that is missing is an error");
	has_str(e.text, "a port of the bridge 999: ", "the text says which");
	memset(&e, 0, sizeof(e));
	is_int(veth_attach(&nl, 999, bridge, l.mac, &e), -1, "a missing link is an error");
	has_str(e.text, "make the link 999 ", "the text says which");
	remove_link("tcrv0");
	remove_link("tcrv1");
	return bridge;
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
	test_killed_maker(bridge);
	test_stations(bridge);
	bridge = test_attach(bridge);
	test_namespace_ends(bridge);
	nl_close(&nl);
	return done_testing();
}
