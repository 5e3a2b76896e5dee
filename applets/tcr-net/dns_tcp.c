/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients that ask over TCP (RFC 7766): many questions in a connection, few connections. */
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns_tcp.o
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "dns.h"

enum {
	PREFIX = 2, /* the length in front of a message; RFC 1035, 4.2.2 */
	PAUSE_MS = 100,
};

struct connection {
	struct kept kept;
	struct watch watch;
	/* Set when a whole query was read: whoever sends one byte now and then gains nothing. */
	struct timer idle;
	struct network *net;
	struct sockaddr_in from;
	unsigned outstanding;
	bool ended;   /* no more queries are read */
	uint8_t *out; /* what the socket did not take yet */
	size_t out_len, in_len;
	uint8_t in[PREFIX + DNS_UDP_OWN];
};

static void drop_output(struct connection *c)
{
	free(c->out);
	dns.memory -= c->out_len;
	c->out = NULL;
	c->out_len = 0;
}

static void close_connection(struct connection *c)
{
	dns_forget(c->net, c);
	timer_cancel(&c->idle);
	loop_del(&c->watch);
	close(c->watch.fd);
	drop_output(c);
	list_remove(&c->kept.node);
	c->net->connection_count--;
	free(c);
}

/* Closes from the loop, because others still use C now. */
static void close_soon(struct connection *c)
{
	c->ended = true;
	timer_set(&c->idle, 0);
}

static void idle_is_over(struct timer *t)
{
	close_connection(container_of(t, struct connection, idle));
}

/* While a client does not read its answers, its questions wait, too. */
static void update_events(struct connection *c)
{
	loop_modify(&c->watch, c->out ? EPOLLOUT : c->ended ? 0 : EPOLLIN);
	if (c->ended && !c->out && !c->outstanding)
		close_soon(c);
}

static void keep_output(struct connection *c, const void *data, size_t len)
{
	if (!dns_take_memory(len)) {
		close_soon(c);
		return;
	}
	c->out = xrealloc(c->out, c->out_len + len);
	memcpy(c->out + c->out_len, data, len);
	c->out_len += len;
}

/* Sends and returns how much the socket took. */
static size_t push(struct connection *c, const void *data, size_t len)
{
	ssize_t n = send(c->watch.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		close_soon(c);
	return n < 0 ? 0 : (size_t)n;
}

/* Prefix and message go in one packet, as some clients want it; the message therefore moves into
 * the buffer, behind a place for the prefix. */
void dns_tcp_send(struct connection *c, const uint8_t *msg, size_t len)
{
	size_t sent = 0;

	memmove(dns.buffer + PREFIX, msg, len);
	dns_set_id(dns.buffer, (uint16_t)len);
	len += PREFIX;
	if (!c->out)
		sent = push(c, dns.buffer, len);
	if (sent < len)
		keep_output(c, dns.buffer + sent, len - sent);
	if (c->out)
		update_events(c);
}

void dns_tcp_outstanding(struct connection *c, int change)
{
	c->outstanding += (unsigned)change;
	if (c->ended)
		update_events(c);
}

static void flush(struct connection *c)
{
	size_t n = push(c, c->out, c->out_len);

	if (n == c->out_len) {
		drop_output(c);
		return;
	}
	memmove(c->out, c->out + n, c->out_len - n);
	c->out_len -= n;
	dns.memory -= n;
}

static void serve_one(struct connection *c, size_t len)
{
	const struct client client = { c->net, c, c->from };

	timer_set(&c->idle, IDLE_MS);
	list_remove(&c->kept.node);
	list_append(&c->net->connections, &c->kept.node);
	dns_serve(&client, c->in + PREFIX, len);
	c->in_len -= PREFIX + len;
	memmove(c->in, c->in + PREFIX + len, c->in_len);
}

/* Serves the queries that are there as a whole. */
static void serve_all(struct connection *c)
{
	while (!c->out && c->in_len >= PREFIX) {
		size_t len = dns_id(c->in);

		if (len < DNS_HEADER || len > DNS_UDP_OWN) {
			close_soon(c);
			return;
		}
		if (c->in_len < PREFIX + len)
			return;
		serve_one(c, len);
	}
}

static void read_some(struct connection *c)
{
	ssize_t n = recv(c->watch.fd, c->in + c->in_len, sizeof(c->in) - c->in_len, MSG_DONTWAIT);

	if (n > 0)
		c->in_len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		c->ended = true;
}

static void connection_ready(struct watch *w, uint32_t events)
{
	struct connection *c = container_of(w, struct connection, watch);

	if (dns_control())
		return;
	if (events & (EPOLLERR | EPOLLHUP)) {
		close_connection(c);
		return;
	}
	if (c->out)
		flush(c);
	else
		read_some(c);
	serve_all(c);
	update_events(c);
}

/* Of the client that has most connections the one that was idle longest; if none is, the one that
 * asked longest ago. */
static struct connection *least_useful(struct network *net, const struct connection *latest)
{
	struct kept *first = dns_first_of_greediest(&net->connections);
	struct connection *c;

	list_for_each (c, &net->connections, kept.node)
		if (c->kept.addr == first->addr && c != latest && !c->outstanding)
			return c;
	return container_of(first, struct connection, kept);
}

static void add_connection(struct network *net, int fd, const struct sockaddr_in *from)
{
	struct connection *c;
	struct err e;

	if (!subnet_contains(&net->text.subnet, ntohl(from->sin_addr.s_addr))) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->watch = (struct watch){ fd, connection_ready };
	c->idle.fire = idle_is_over;
	c->net = net;
	c->from = *from;
	c->kept.addr = from->sin_addr.s_addr;
	list_append(&net->connections, &c->kept.node);
	if (net->connection_count++ == CONNECTIONS_MAX)
		close_connection(least_useful(net, c));
	timer_set(&c->idle, loop_add(&c->watch, EPOLLIN, &e) ? 0 : IDLE_MS);
}

/* Without descriptors the listener would be ready again at once, and for ever. */
static void pause_listener(struct network *net)
{
	loop_modify(&net->tcp, 0);
	timer_set(&net->pause, PAUSE_MS);
}

void dns_tcp_unpause(struct timer *t)
{
	loop_modify(&container_of(t, struct network, pause)->tcp, EPOLLIN);
}

void dns_tcp_ready(struct watch *w, uint32_t events)
{
	struct network *net = container_of(w, struct network, tcp);
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	int fd;

	(void)events;
	if (dns_control())
		return;
	fd = accept4(w->fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		add_connection(net, fd, &from);
	else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
		pause_listener(net);
}

void dns_tcp_close_all(struct network *net)
{
	struct connection *c;

	list_for_each (c, &net->connections, kept.node)
		close_connection(c);
}
