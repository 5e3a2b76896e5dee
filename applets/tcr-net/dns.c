/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tcr-net dns`: the child of the daemon that answers the containers' questions. */
//config:config FEATURE_DNS
//config:	bool "tcr-net dns: names of containers, forwarding of the rest (20 kb)"
//config:	default y
//config:	depends on TCR_NET
//config:	help
//config:	  Containers on a network find each other by name, and everything else through
//config:	  the resolvers of this host. One process without rights does this for all
//config:	  networks. Without this option containers get the host's resolv.conf.
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns.o
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sock.h"
#include "dns.h"
#include "tcr_dns.h"
#include "tcr_net.h"

struct dns_state dns = { .networks = LIST_INIT(dns.networks) };

struct network *dns_network(uint32_t number)
{
	struct network *n;

	list_for_each (n, &dns.networks, node)
		if (n->number == number)
			return n;
	return NULL;
}

/* The descriptors of a packet; what a handler keeps it takes out. */
struct packet {
	struct tcr_dns_packet head;
	int fds[SOCK_FDS_MAX];
};

static int handle_servers(struct packet *p, struct err *e)
{
	dns_text_free(&dns.servers);
	return dns_text_servers(&dns.servers, p->fds[0], e);
}

static int watch_socket(
	struct watch *w, int *fd, void (*ready)(struct watch *, uint32_t), struct err *e)
{
	w->ready = ready;
	w->fd = steal_fd(fd);
	if (fcntl(w->fd, F_SETFL, O_NONBLOCK) < 0)
		return err_set(e, errno, "fcntl");
	return loop_add(w, EPOLLIN, e);
}

static int handle_network(struct packet *p, struct err *e)
{
	struct network *n;

	if (dns_network(p->head.network))
		return err_set(e, 0, "the network is there already");
	n = xcalloc(1, sizeof(*n));
	n->number = p->head.network;
	n->pause.fire = dns_tcp_unpause;
	list_init(&n->forwards);
	list_init(&n->connections);
	list_append(&dns.networks, &n->node);
	if (dns_text_network(&n->text, p->fds[0], e) ||
		watch_socket(&n->udp, &p->fds[1], dns_udp_ready, e))
		return -1;
	return watch_socket(&n->tcp, &p->fds[2], dns_tcp_ready, e);
}

static int handle_names(struct packet *p, struct err *e)
{
	struct network *n = dns_network(p->head.network);

	if (!n)
		return err_set(e, 0, "there is no such network");
	dns_text_free(&n->text);
	return dns_text_network(&n->text, p->fds[0], e);
}

static int handle_gone(struct packet *p, struct err *e)
{
	struct network *n = dns_network(p->head.network);

	if (!n)
		return err_set(e, 0, "there is no such network");
	dns_tcp_close_all(n);
	dns_forget(n, NULL);
	timer_cancel(&n->pause);
	loop_del(&n->udp);
	loop_del(&n->tcp);
	close(n->udp.fd);
	close(n->tcp.fd);
	dns_text_free(&n->text);
	list_remove(&n->node);
	free(n);
	return 0;
}

static const struct {
	size_t fds;
	int (*handle)(struct packet *p, struct err *e);
} types[] = {
	[TCR_DNS_SERVERS] = { 1, handle_servers },
	[TCR_DNS_NETWORK] = { 3, handle_network },
	[TCR_DNS_NAMES] = { 1, handle_names },
	[TCR_DNS_GONE] = { 0, handle_gone },
};

static int handle(struct packet *p, size_t len, size_t n, struct err *e)
{
	uint32_t type = p->head.type;

	if (len != sizeof(p->head) || type >= ARRAY_SIZE(types) || types[type].fds != n)
		return err_set(e, 0, "bad packet from the daemon");
	if (types[type].handle(p, e))
		return err_prefix(e, "packet %u, network %u", type, p->head.network);
	return 0;
}

/* The daemon starts another child, and tells it everything. */
static void __attribute__((noreturn)) die(const struct err *e)
{
	log_msg("dns: %s", e->text);
	_exit(1);
}

bool dns_control(void)
{
	struct packet p;
	struct err e = { 0 };
	bool some = false;

	for (;;) {
		size_t n;
		ssize_t len = sock_recv(
			STDIN_FILENO, &p.head, sizeof(p.head), p.fds, &n, MSG_DONTWAIT);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return some;
		if (len == 0)
			_exit(0);
		if (len < 0)
			err_set(&e, errno, "recvmsg");
		if (len < 0 || handle(&p, (size_t)len, n, &e))
			die(&e);
		while (n--)
			if (p.fds[n] >= 0)
				close(p.fds[n]);
		some = true;
	}
}

static void control_ready(struct watch *w, uint32_t events)
{
	(void)w;
	(void)events;
	dns_control();
}

int dns_main(int argc, char **argv)
{
	static struct watch control = { .fd = STDIN_FILENO, .ready = control_ready };
	struct err e = { 0 };
	int type;

	(void)argv;
	if (argc > 1 || getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type,
				&(socklen_t){ sizeof(type) }) < 0) {
		err_set(&e, 0, "dns is for tcrd alone, which starts it and tells it the names");
		warn(&e);
		return e.exit_code;
	}
	dns.buffer = xrealloc(NULL, 2 + DNS_MAX); /* not cleared: most of it is never touched */
	fds_close_others(NULL, 0);
	if (loop_init(&e) || dns_sandbox(&e) || loop_add(&control, EPOLLIN, &e))
		die(&e);
	dns_shed();
	loop_run(&e);
	die(&e);
}
