/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/nl, net/link, net/route and the bridges of net/veth with the kernel's own links, as
 * root in namespaces of their own. */
#include "links.h"

enum { LINKS = 300 };

static void test_socket(void)
{
	struct timeval limit = { 0 };
	socklen_t len = sizeof(limit);
	struct err e = { 0 };
	struct link link;
	struct nl other;
	int fd;

	is_int(nl_open(&nl, NETLINK_ROUTE, &e), 0, "a socket is opened");
	fd = mnl_socket_get_fd(nl.socket);
	is_int(fcntl(fd, F_GETFD), FD_CLOEXEC, "it is close-on-exec");
	getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &len);
	is_int(limit.tv_sec, 5, "it waits 5 s for an answer");
	fake.recv_errno = EINTR;
	is_int(link_find(&nl, "lo", &link, &e), 1, "a signal does not end the wait");
	fake.recv_errno = EAGAIN;
	is_int(link_find(&nl, "lo", &link, &e), -1, "a lost answer is an error");
	is_str(e.text,
		"look for the link lo: Connection timed out (the kernel gave no answer for 5 s)",
		"the text says so");
	is_int(link_find(&nl, "nolink", &link, &e), 0, "the late answer is nobody's");
	is_int(nl_open(&other, 31, &e), -1, "a protocol that the kernel lacks is an error");
	has_str(e.text, "protocol 31: Protocol not supported", "the text says which");
	is_int(nl_open_in(&other, NETLINK_ROUTE, 0, &e), -1, "a bad namespace is an error");
	has_str(e.text, "enter a network namespace: ", "the text says so");
	nl_close(&other);
	ok(!other.socket, "closing what was not opened is allowed");
}

static void test_message_size(void)
{
	struct nl_buf buf;
	char big[5000];
	struct err e = { 0 };
	struct nlmsghdr *msg = nl_begin(&nl, &buf, RTM_GETLINK, 0);

	memset(big, 'x', sizeof(big));
	mnl_nlmsg_put_extra_header(msg, sizeof(struct ifinfomsg));
	nl_put(msg, IFLA_IFALIAS, big, sizeof(big));
	nl_put(msg, IFLA_IFALIAS, big, sizeof(big));
	is_int(nl_talk(&nl, msg, &e, "say %s", "much"), -EMSGSIZE, "too much is not sent");
	is_str(e.text, "say much: Message too long", "the text says so");
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		bail_out(path);
	close(fd);
}

static void test_bridge(void)
{
	struct bridge other = a_bridge;
	unsigned index;
	struct err e = { 0 };
	struct link l;

	/* A new namespace begins with what the host has. */
	write_file("/proc/sys/net/ipv4/ip_forward", "0");
	index = make_bridge(&a_bridge);
	is_int(link_find(&nl, "tcr0", &l, &e), 1, "a bridge is made");
	is_int(l.index, index, "its index is told");
	is_str(l.kind, "bridge", "it is a bridge");
	is_str(l.alias, "tcr:tcr:network:web", "it has its alias");
	is_int(l.mtu, 1400, "it has its MTU");
	ok(l.up, "it is up");
	is_int(l.master, 0, "it is nobody's port");
	ok(!memcmp(l.mac, a_bridge.mac, MAC_LEN), "it has its hardware address");
	is_str(text_of("/proc/sys/net/ipv4/conf/tcr0/route_localnet"), "1", "route_localnet is on");
	is_str(text_of("/proc/sys/net/ipv4/conf/tcr0/forwarding"), "1", "forwarding is on");
	is_str(text_of("/proc/sys/net/ipv4/ip_forward"), "0", "that of the host is as before");
	ok(passes(-1, -1, a_bridge.addr, 100), "it has its address");
	is_int(bridge_create(&nl, &a_bridge, &index, &e), -EEXIST, "a name that is taken is told");
	is_str(e.text, "make the bridge tcr0: File exists", "the text names it");
	is_str((link_find(&nl, "tcr0", &l, &e), l.alias), a_bridge.alias, "the other one stays");
	other.name = "a-name-that-is-too-long";
	ok(bridge_create(&nl, &other, &index, &e) < 0, "a name of 23 characters is an error");
	remove_link("tcr0");
	is_int(link_delete(&nl, index, &e), 0, "to delete it twice is a success");
	is_int(count_links(&nl), 1, "nothing but lo is left");
}

/* What a killed process leaves is a bridge without an alias. */
static void test_unfinished(void)
{
	unsigned index;
	struct err e = { 0 };
	struct bridge other = a_bridge;
	struct link l;

	other.mac[5]++;
	fake.send_fails = 2; /* after the first message all others are lost */
	is_int(bridge_create(&nl, &other, &index, &e), -1, "a message that cannot be sent");
	has_str(e.text, "No buffer space available", "the text says why");
	ok(!is_there("tcr0"), "the half of a bridge is taken back");
	if (system("ip link add tcr0 address 02:42:0a:01:00:01 type bridge") != 0)
		bail_out("ip link add");
	is_int(bridge_create(&nl, &other, &index, &e), -EEXIST, "somebody's bridge is not touched");
	is_int(bridge_create(&nl, &a_bridge, &index, &e), 0, "the half of ours is replaced");
	link_find(&nl, "tcr0", &l, &e);
	is_str(l.alias, a_bridge.alias, "it is whole now");
	remove_link("tcr0");
}

static void begin_bridge(unsigned arg)
{
	struct err e;

	(void)arg;
	bridge_create(&nl, &a_bridge, &arg, &e);
}

static void test_killed_maker(void)
{
	const uint8_t other[MAC_LEN] = { 2, 0x42, 10, 1, 0, 9 };
	struct err e;
	struct link l;
	int n = 1, bare = 0;

	for (; killed_at(n, begin_bridge, 0); n++) {
		if (link_find(&nl, "tcr0", &l, &e) != 1)
			continue;
		ok(!l.up, "a bridge whose maker is killed is down");
		is_int(bridge_is_unfinished(&l, a_bridge.mac), !*l.alias,
			"it is known as ours by its address until it has its alias");
		ok(!bridge_is_unfinished(&l, other), "another address is not ours");
		bare += !*l.alias;
		remove_link("tcr0");
	}
	ok(n > 3 && bare == 1, "there is one such moment, of %d", n - 1);
	is_int(link_find(&nl, "tcr0", &l, &e), 1, "who is not killed makes a bridge");
	l.alias[0] = '\0';
	ok(l.up && !bridge_is_unfinished(&l, a_bridge.mac), "one that is up is finished");
	l.up = false;
	memcpy(l.kind, "veth", 5);
	ok(!bridge_is_unfinished(&l, a_bridge.mac), "a veth is no bridge");
	remove_link("tcr0");
}

static void test_no_ipv6(void)
{
	struct bridge small = a_bridge;

	fake.no_ipv6 = true;
	make_bridge(&a_bridge);
	fake.no_ipv6 = false;
	is_str(text_of("/proc/sys/net/ipv4/conf/tcr0/forwarding"), "1",
		"a bridge is whole in a kernel without IPv6");
	is_int(mtu_of("tcr0"), 1400, "its MTU, too");
	remove_link("tcr0");
	small.mtu = 576;
	make_bridge(&small);
	is_int(mtu_of("tcr0"), 576, "an MTU that is too small for IPv6 is possible");
	remove_link("tcr0");
}

static void test_lost_bridge_messages(void)
{
	unsigned index;
	struct err e;
	int n = 1;

	for (;; n++) {
		int ret;

		fake.send_fails = n;
		ret = bridge_create(&nl, &a_bridge, &index, &e);
		if (fake.send_fails)
			break;
		ok(ret < 0, "a bridge without one of its messages is an error");
		is_int(count_links(&nl), 1, "nothing is left");
	}
	fake.send_fails = 0;
	ok(n > 3 && is_there("tcr0"), "%d messages make it", n - 1);
}

static int stop_at_7(const struct link *link, void *arg, struct err *e)
{
	struct link found;

	if (++*(int *)arg < 7)
		return 0;
	/* The rest of the dump must not be in the way. */
	return link_find(&nl, link->name, &found, e) == 1 ? 42 : -1;
}

static void test_many(void)
{
	struct err e = { 0 };
	int n = 0, packets;

	for (int i = 1; i < LINKS; i++) {
		struct bridge b = a_bridge;
		char name[IFNAMSIZ];

		snprintf(name, sizeof(name), "many%d", i);
		b.name = name;
		make_bridge(&b);
	}
	fake.packets = 0;
	is_int(count_links(&nl), LINKS, "300 links are listed");
	packets = fake.packets;
	ok(packets > 10, "their list comes in %d packets", packets);
	fake.packets = 0;
	fake.interrupts = 3;
	is_int(count_links(&nl), LINKS, "nor are they fewer or more if the list changes meanwhile");
	ok(fake.packets >= 2 * packets, "the list was begun again");
	is_int(link_each(&nl, stop_at_7, &n, &e), 42, "a callback can stop and can use the socket");
	is_int(n, 7, "it is not called again");
	fake.interrupts = 1000000;
	is_int(link_each(&nl, count, &n, &e), -1, "a list that never stops changing is an error");
	has_str(e.text, "list the links: ", "the text says so");
	is_int(n, 7, "no half list is given");
	fake.interrupts = 0;
}

struct seen {
	int defaults, blackholes, hosts, local;
};

static int see(const struct route *r, void *arg, struct err *e)
{
	struct seen *seen = arg;

	(void)e;
	seen->defaults += r->dst.prefix == 0;
	seen->blackholes += r->dst.base == 0x0a630000 && r->dst.prefix == 16 && r->oif == 0;
	seen->hosts += r->dst.base == 0x0a620001 && r->dst.prefix == 32 && r->oif && r->table == 77;
	seen->local += r->dst.base == 0x7f000001;
	return 0;
}

static void test_routes(void)
{
	struct seen seen = { 0 };
	struct err e = { 0 };
	struct link l;

	is_int(route_uplink(&nl, &l, &e), 0, "without a default route there is no uplink");
	if (system("ip link add up0 type bridge; ip link add up1 type bridge;"
		   "ip addr add 10.9.0.1/24 dev up0; ip addr add 10.8.0.1/24 dev up1;"
		   "ip link set up0 up; ip link set up1 up;"
		   "ip route add default via 10.9.0.2 metric 600;"
		   "ip route add default via 10.8.0.2 metric 100;"
		   "ip route add default via 10.9.0.3 metric 5 table 77;"
		   "ip route add blackhole default metric 7;"
		   "ip route add 10.98.0.1 dev up0 table 77;"
		   "ip route add blackhole 10.99.0.0/16") != 0)
		bail_out("ip route");
	is_int(route_uplink(&nl, &l, &e), 1, "there is an uplink");
	is_str(l.name, "up1", "its metric is the smallest of the main table");
	is_int(route_each(&nl, see, &seen, &e), 0, "routes are listed");
	is_int(seen.defaults, 4, "default routes have prefix 0");
	is_int(seen.blackholes, 1, "a blackhole has no link");
	is_int(seen.hosts, 1, "other tables are listed, too");
	is_int(seen.local, 0, "but the local table");
	remove_link("up1");
	route_uplink(&nl, &l, &e);
	is_str(l.name, "up0", "without that link it is the next");
	remove_link("up0");
}

int main(void)
{
	struct err e = { 0 };

	setup();
	test_socket();
	test_message_size();
	ok(link_set_up(&nl, 1, &e) == 0, "lo is set up");
	test_routes();
	test_bridge();
	test_unfinished();
	test_killed_maker();
	test_no_ipv6();
	test_lost_bridge_messages();
	remove_link("tcr0");
	test_many();
	nl_close(&nl);
	return done_testing();
}
