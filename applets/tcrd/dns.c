/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name server's child, its sockets and its names. */
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns.o
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "attach.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sock.h"
#include "container.h"
#include "dns.h"
#include "network.h"
#include "tcr_dns.h"
#include "tcrd.h"

/* A child that dies at once is not started again at once. */
enum { DELAY_MIN_MS = 50, DELAY_MAX_MS = 10000, HEALTHY_MS = 10000 };

static struct {
	struct child child;
	struct watch control; /* our end of the socket pair; fd -1: there is no child */
	struct timer restart;
	uint64_t started_ms;
	unsigned delay_ms;
	bool dismissed;     /* nobody needed it: its end is no fault */
	bool servers_known; /* the child has the resolvers of now */
} dns = { .control.fd = -1 };

bool dns_serves(const struct net *n)
{
	return n->udp >= 0;
}

static int text_fd(const struct strbuf *sb)
{
	cleanup_close int fd = memfd_create("tcr-dns", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || fd_write_all(fd, sb_str(sb), sb->len) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -1;
	return steal_fd(&fd);
}

/* The other networks of the container, where its names and those of its neighbours are known, too.
 */
static void add_search(const struct container *c, const struct endpoint *ep, struct strbuf *sb)
{
	char addr[ADDR_SIZE];

	if (c->net.n_endpoints < 2)
		return;
	sb_addf(sb, "search %s", addr_format(ep->addr, addr));
	for (size_t i = 0; i < c->net.n_endpoints; i++) {
		const struct net *n = network_by_name(c->net.endpoints[i].network);

		if (n && &c->net.endpoints[i] != ep)
			sb_addf(sb, " %u", n->number);
	}
	sb_addc(sb, '\n');
}

static void add_words(struct strbuf *sb, char *const *words)
{
	for (; words && *words; words++)
		sb_addf(sb, " %s", *words);
	sb_addc(sb, '\n');
}

static void add_host(const struct container *c, const struct endpoint *ep, struct strbuf *sb)
{
	char addr[ADDR_SIZE];

	addr_format(ep->addr, addr);
	/* The whole id is no name: a label has 63 characters at the most (RFC 1035, 2.3.4). */
	sb_addf(sb, "host %s %s %.12s", addr, c->spec.name, c->id);
	add_words(sb, ep->aliases);
	add_search(c, ep, sb);
	if (c->spec.dns) {
		sb_addf(sb, "server %s", addr);
		add_words(sb, c->spec.dns);
	}
}

static void describe(const struct net *n, struct strbuf *sb)
{
	char subnet[SUBNET_SIZE];
	struct container *c;

	sb_addf(sb, "network %s%s\nsubnet %s\n", n->config->name,
		n->config->internal ? " internal" : "", subnet_format(&n->config->subnet, subnet));
	list_for_each (c, &containers, node) {
		const struct endpoint *ep = c->published ? attach_endpoint(c, n->config->name)
							 : NULL;

		if (ep)
			add_host(c, ep, sb);
	}
}

/* Returns 0, or -1 with errno. */
static int send_packet(enum tcr_dns_type type, uint32_t network, const struct strbuf *text,
	const int *sockets, size_t n)
{
	const struct tcr_dns_packet p = { type, network };
	int fds[3] = { -1, -1, -1 };
	int rc;

	if (text && (fds[0] = text_fd(text)) < 0)
		return -1;
	if (n)
		memcpy(fds + 1, sockets, n * sizeof(int));
	rc = sock_send(dns.control.fd, &p, sizeof(p), NULL, 0, fds, text ? 1 + n : 0, MSG_DONTWAIT);
	if (fds[0] >= 0)
		close(fds[0]);
	return rc;
}

static int tell_servers(void)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	if (dns.servers_known)
		return 0;
	resolv_read(&sb, NULL);
	if (send_packet(TCR_DNS_SERVERS, 0, &sb, NULL, 0) < 0)
		return -1;
	dns.servers_known = true;
	return 0;
}

static int tell_network(struct net *n)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	const int sockets[2] = { n->udp, n->tcp };
	bool is_new = !n->announced;

	if (n->udp < 0 || (n->announced && !n->changed))
		return 0;
	describe(n, &sb);
	if (send_packet(is_new ? TCR_DNS_NETWORK : TCR_DNS_NAMES, n->number, &sb, sockets,
		    is_new ? 2 : 0) < 0)
		return -1;
	n->announced = true;
	n->changed = false;
	return 0;
}

static int tell_all(void)
{
	struct net *n;

	if (tell_servers())
		return -1;
	list_for_each (n, &networks, node)
		if (tell_network(n))
			return -1;
	return 0;
}

static void close_control(void)
{
	if (dns.control.fd < 0)
		return;
	loop_del(&dns.control);
	close(steal_fd(&dns.control.fd));
}

/* There is room again, or the child is gone; of that its pidfd tells. */
static void control_ready(struct watch *w, uint32_t events)
{
	if (events & (EPOLLHUP | EPOLLERR))
		close_control();
	else
		loop_modify(w, 0);
	dns_flush();
}

/* Nobody needs it any more. It has nothing to save, and might not listen. */
static void dismiss(void)
{
	dns.dismissed = dns.child.pid != 0;
	close_control();
	child_kill(&dns.child, SIGKILL);
	resolv_unwatch();
}

static void child_ended(struct child *child, int status)
{
	(void)child;
	close_control();
	if (tcrd.stopping)
		return;
	if (dns.dismissed) {
		dns.dismissed = false;
		dns_flush();
		return;
	}
	log_msg("the name server has ended (%d); it is started again", status_exit_code(status));
	dns.delay_ms *= 2;
	if (!dns.delay_ms || now_ms() - dns.started_ms > HEALTHY_MS)
		dns.delay_ms = DELAY_MIN_MS;
	if (dns.delay_ms > DELAY_MAX_MS)
		dns.delay_ms = DELAY_MAX_MS;
	timer_set(&dns.restart, dns.delay_ms);
}

/* The file that this daemon runs, even if another has its name by now: the two understand each
 * other. */
static int spawn_child(int control, struct err *e)
{
	static const char *const argv[] = { "tcr-net", "dns", NULL };
	cleanup_close int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	cleanup_free char *path = xasprintf("/proc/self/fd/%d", exe);
	struct spawn s = { .path = path, .argv = argv, .fds = { control, -1, -1 } };

	if (exe < 0)
		return err_set(e, errno, "/proc/self/exe");
	return child_spawn(&dns.child, &s, e);
}

static int start_child(struct err *e)
{
	struct net *n;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return err_set(e, errno, "socketpair");
	dns.control.fd = pair[0];
	dns.control.ready = control_ready;
	dns.child.ended = child_ended;
	dns.started_ms = now_ms();
	dns.servers_known = false;
	list_for_each (n, &networks, node)
		n->announced = false;
	if (spawn_child(pair[1], e) || loop_add(&dns.control, 0, e)) {
		close(pair[1]);
		close(steal_fd(&dns.control.fd));
		return -1;
	}
	close(pair[1]);
	return 0;
}

static void restart_due(struct timer *t)
{
	(void)t;
	dns_flush();
}

static bool is_needed(void)
{
	struct net *n;

	list_for_each (n, &networks, node)
		if (n->udp >= 0)
			return true;
	return false;
}

void dns_flush(void)
{
	struct err e;

	if (!is_needed()) {
		dismiss();
		return;
	}
	if (dns.control.fd < 0) {
		if (dns.child.pid || (dns.restart.due_ms > now_ms()))
			return; /* child_ended() or restart_due() come here again */
		dns.restart.fire = restart_due;
		resolv_watch();
		if (start_child(&e)) {
			log_msg("the name server cannot be started: %s", e.text);
			dns.delay_ms = DELAY_MAX_MS;
			timer_set(&dns.restart, dns.delay_ms);
			return;
		}
	}
	if (tell_all() == 0)
		return;
	if (errno == EAGAIN)
		loop_modify(&dns.control, EPOLLOUT);
	else
		child_kill(&dns.child, SIGKILL);
}

void dns_changed(struct net *n)
{
	n->changed = true;
}

void dns_servers_changed(void)
{
	dns.servers_known = false;
	dns_flush();
}

/* Only what comes in over the bridge is for us, and what the host itself asks: another network, or
 * the LAN, may know the address, but gets no answer. */
static int bind_socket(const struct net *n, int type, struct err *e)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(53),
		.sin_addr.s_addr = htonl(n->config->gateway),
	};
	const int on = 1;
	char bridge[IFNAMSIZ], text[ADDR_SIZE];
	cleanup_close int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	network_bridge(n->config, bridge);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, bridge, strlen(bridge) + 1) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 ||
		(type == SOCK_STREAM && listen(fd, 16) < 0))
		return err_set(e, errno, "%s port 53 of %s", type == SOCK_STREAM ? "TCP" : "UDP",
			addr_format(n->config->gateway, text));
	return steal_fd(&fd);
}

static int bind_both(struct net *n, struct err *e)
{
	n->udp = bind_socket(n, SOCK_DGRAM, e);
	n->tcp = n->udp < 0 ? -1 : bind_socket(n, SOCK_STREAM, e);
	if (n->tcp >= 0)
		return 0;
	if (n->udp >= 0)
		close(steal_fd(&n->udp));
	return -1;
}

void dns_open(struct net *n)
{
	/* The name server of a daemon that was killed may be about to end: it has half a second for
	 * that, and no start after it waits again. */
	static unsigned patience = 25;
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	struct err e;

	dns_close(n);
	while (bind_both(n, &e)) {
		if (!patience) {
			log_msg("network \"%s\" has no name server: %s; should another server listen on every address, limit it to its own",
				n->config->name, e.text);
			break;
		}
		patience--;
		nanosleep(&pause, NULL);
	}
	dns_flush();
}

void dns_close(struct net *n)
{
	if (n->udp < 0)
		return;
	close(steal_fd(&n->udp));
	if (n->tcp >= 0)
		close(steal_fd(&n->tcp));
	/* A child that cannot be told is told to begin anew. */
	if (n->announced && dns.control.fd >= 0 &&
		send_packet(TCR_DNS_GONE, n->number, NULL, NULL, 0) < 0)
		child_kill(&dns.child, SIGKILL);
	n->announced = false;
	dns_flush();
}
