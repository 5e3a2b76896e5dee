/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of links: the program's own network namespace and two others, and a kernel that fails
 * when it is told to. */
#ifndef TCR_TESTS_UNIT_LINKS_H
#define TCR_TESTS_UNIT_LINKS_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "net/link.h"
#include "net/netns.h"
#include "tap.h"

/* These stand in front of the C library's functions and play what is hard to provoke. */
static struct {
	int send_fails;  /* the n-th request from now on is not sent */
	int send_ends;   /* the process ends instead of sending the n-th request from now on */
	int recv_errno;  /* the next answer is not read */
	int interrupts;  /* so many packets of dumps, each second one, say that the table changed */
	int packets;     /* received */
	bool no_cap_ack; /* Linux before 4.12 */
	bool no_ipv6;    /* a kernel without IPv6 */
	void (*edit)(struct nlmsghdr *msg); /* changes a request that is sent alone */
} fake;

static inline bool has_inet6(const char *buf, size_t len)
{
	const struct nlmsghdr *msg = (const void *)buf;
	const struct nlattr *attr, *family;

	if (msg->nlmsg_type != RTM_NEWLINK || len < msg->nlmsg_len)
		return false;
	mnl_attr_for_each (attr, msg, sizeof(struct ifinfomsg))
		if (mnl_attr_get_type(attr) == IFLA_AF_SPEC)
			mnl_attr_for_each_nested (family, attr)
				if (mnl_attr_get_type(family) == AF_INET6)
					return true;
	return false;
}

ssize_t sendto(
	int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
	struct nl_buf copy;

	if (to && to->sa_family == AF_NETLINK && fake.send_fails && --fake.send_fails == 0) {
		errno = ENOBUFS;
		return -1;
	}
	if (to && to->sa_family == AF_NETLINK && fake.send_ends && --fake.send_ends == 0)
		_exit(9);
	if (fake.edit && len <= sizeof(copy)) {
		buf = memcpy(&copy, buf, len);
		fake.edit((void *)&copy);
	}
	if (fake.no_ipv6 && to && to->sa_family == AF_NETLINK && has_inet6(buf, len)) {
		/* The kernel says of a family without link attributes what it says of one that
		 * it does not have. */
		struct nlattr *attr, *family;

		buf = memcpy(&copy, buf, len);
		mnl_attr_for_each (attr, (struct nlmsghdr *)&copy, sizeof(struct ifinfomsg))
			if (mnl_attr_get_type(attr) == IFLA_AF_SPEC)
				mnl_attr_for_each_nested (family, attr)
					if (mnl_attr_get_type(family) == AF_INET6)
						family->nla_type = AF_UNIX;
	}
	return syscall(SYS_sendto, fd, buf, len, flags, to, to_len);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	struct nlmsghdr *msg = m->msg_iov->iov_base;
	ssize_t n;

	errno = fake.recv_errno;
	fake.recv_errno = 0;
	if (errno)
		return -1;
	n = syscall(SYS_recvmsg, fd, m, flags);
	fake.packets++;
	if (n > 0 && (msg->nlmsg_flags & NLM_F_MULTI) && fake.packets % 2 == 0 && fake.interrupts &&
		fake.interrupts--)
		msg->nlmsg_flags |= NLM_F_DUMP_INTR;
	return n;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (level == SOL_NETLINK && name == NETLINK_CAP_ACK && fake.no_cap_ack) {
		errno = ENOPROTOOPT;
		return -1;
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

static struct nl nl;
static int netns[2];

static const struct bridge a_bridge = {
	.name = "tcr0",
	.alias = "tcr:tcr:network:web",
	.mtu = 1400,
	.mac = { 2, 0x42, 10, 1, 0, 1 },
	.addr = 0x0a010001,
	.prefix = 24,
};

/* The content of a small file; the last line end is cut. */
static inline const char *text_of(const char *path)
{
	static char text[8192];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n - (text[n - 1] == '\n') : 0] = '\0';
	return text;
}

static inline int count(const struct link *link, void *arg, struct err *e)
{
	(void)link;
	(void)e;
	return ++*(int *)arg, 0;
}

static inline int count_links(struct nl *in)
{
	struct err e;
	int n = 0;

	if (link_each(in, count, &n, &e) < 0)
		bail_out(e.text);
	return n;
}

static inline bool is_there(const char *name)
{
	struct link link;
	struct err e;

	return link_find(&nl, name, &link, &e) == 1;
}

static inline unsigned mtu_of(const char *name)
{
	struct link link = { .mtu = 0 };
	struct err e;

	link_find(&nl, name, &link, &e);
	return link.mtu;
}

static inline void remove_link(const char *name)
{
	struct link link;
	struct err e;

	if (link_find(&nl, name, &link, &e) != 1 || link_delete(&nl, link.index, &e) < 0)
		bail_out(name);
}

static inline unsigned make_bridge(const struct bridge *b)
{
	unsigned index = 0;
	struct err e = { 0 };

	if (bridge_create(&nl, b, &index, &e) < 0)
		bail_out(e.text);
	return index;
}

static inline int udp_in(int netns_fd)
{
	static const struct timeval limit = { .tv_sec = 5 };
	const int df = IP_PMTUDISC_DO;
	struct err e;
	int own = netns_fd >= 0 ? netns_enter(netns_fd, &e) : -1;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (own >= 0)
		netns_leave(own);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &df, sizeof(df)) < 0)
		bail_out("no UDP socket");
	return fd;
}

/* A datagram of SIZE bytes, headers included and never in fragments, gets from one namespace (-1:
 * ours) to ADDR in another. */
static inline bool passes(int from, int to, uint32_t addr, unsigned size)
{
	static char data[10000];
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(7777),
		.sin_addr.s_addr = htonl(addr),
	};
	cleanup_close int tx = udp_in(from), rx = udp_in(to);

	size -= 28;
	return bind(rx, (void *)&sin, sizeof(sin)) == 0 &&
		sendto(tx, data, size, 0, (void *)&sin, sizeof(sin)) == (ssize_t)size &&
		recv(rx, data, sizeof(data), 0) == (ssize_t)size;
}

/* FN in a process that is killed when it sends its Nth request. Returns false if it sends fewer. */
static inline bool killed_at(int n, void (*fn)(unsigned arg), unsigned arg)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		fake.send_ends = n;
		fn(arg);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		bail_out("fork");
	return WIFEXITED(status) && WEXITSTATUS(status) == 9;
}

static inline void setup(void)
{
	struct err e = { 0 };

	if (geteuid() != 0)
		skip_all("needs root");
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
		skip_all("may not make namespaces (CAP_SYS_ADMIN)");
	if (mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
		bail_out("cannot mount /sys");
	netns[0] = netns_create("/run/ns0", &e);
	netns[1] = netns_create("/run/ns1", &e);
	if (netns[0] < 0 || netns[1] < 0)
		bail_out(e.text);
}

#endif
