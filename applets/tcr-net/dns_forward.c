/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions that are not about our names go to the resolvers of the host. */
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns_forward.o
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "dns.h"

enum {
	/* Answers to something else that are looked at before others have their turn. */
	FORGERIES_MAX = 16,
	PREFIX = 2, /* the length in front of a message over TCP */
};

/* A question under way. Each attempt has its own socket, and so a port that the kernel picks at
 * random; being connected, it hears nobody but the server. */
struct forward {
	struct kept kept;
	struct watch watch;
	struct timer timer; /* ends the attempt */
	struct client client;
	struct dns_query query;
	uint16_t id, client_id;  /* of this attempt, of the query */
	uint8_t attempt;         /* attempts so far, the current one not counted */
	uint8_t *answer;         /* over TCP, with its prefix */
	size_t answer_len, need; /* bytes that are there, and that are needed next */
	size_t len;
	uint8_t msg[]; /* the query behind a prefix */
};

static bool is_tcp(const struct forward *f)
{
	return f->client.conn != NULL;
}

/* The line of a text behind the one at P. */
static const char *next_line(const struct dns_text *t, const char *p, size_t *len)
{
	const char *end = t->text + t->len;

	p = p ? p + *len + 1 : t->text;
	if (!t->len || p >= end)
		return NULL;
	*len = strcspn(p, "\n");
	return p;
}

/* The N-th server for the client, or NULL. They are looked up each time, because they may have
 * changed since the last attempt. */
static const char *nth_server(const struct client *c, unsigned n, size_t *len)
{
	const struct dns_text *t = &c->net->text;
	const char *p = NULL, *own = NULL;

	if (t->has_clients)
		own = dns_words_of(t, "server ", ntohl(c->from.sin_addr.s_addr));
	for (unsigned i = 0; i <= n && (own || !i || p); i++) {
		if (own)
			p = own = dns_next_word(own, len);
		else
			p = next_line(&dns.servers, p, len);
	}
	return p;
}

static unsigned count_servers(const struct client *c)
{
	unsigned n = 0;
	size_t len;

	while (n < SERVERS_MAX && nth_server(c, n, &len))
		n++;
	return n;
}

static void close_socket(struct forward *f)
{
	if (f->watch.fd < 0)
		return;
	loop_del(&f->watch);
	close(f->watch.fd);
	f->watch.fd = -1;
	dns.memory -= f->need;
	free(f->answer);
	f->answer = NULL;
	f->need = f->answer_len = 0;
}

static void end_forward(struct forward *f)
{
	if (is_tcp(f))
		dns_tcp_outstanding(f->client.conn, -1);
	close_socket(f);
	timer_cancel(&f->timer);
	list_remove(&f->kept.node);
	f->client.net->forward_count--;
	free(f);
}

/* The index of a zone's interface; asked for each time, for interfaces come and go. */
static void find_zone(int fd, union dns_sockaddr *sa, const char *zone)
{
	struct ifreq ifr = { 0 };

	if (!*zone)
		return;
	strncpy(ifr.ifr_name, zone, sizeof(ifr.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFINDEX, &ifr) == 0)
		sa->in6.sin6_scope_id = (uint32_t)ifr.ifr_ifindex;
}

static int connect_to(struct forward *f, const char *server, size_t len)
{
	int type = is_tcp(f) ? SOCK_STREAM : SOCK_DGRAM;
	union dns_sockaddr sa;
	char zone[ZONE_SIZE];
	struct err e;
	int fd;

	if (dns_server_parse(server, len, &sa, zone))
		return -1;
	fd = socket(sa.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	f->watch.fd = fd;
	find_zone(fd, &sa, zone);
	if (loop_add(&f->watch, is_tcp(f) ? EPOLLOUT : EPOLLIN, &e))
		return -1;
	if (connect(fd, &sa.any, sa.any.sa_family == AF_INET ? sizeof(sa.in) : sizeof(sa.in6)) == 0)
		return 0;
	return is_tcp(f) ? 0 : -1; /* over TCP the event tells how it went */
}

static int send_query(struct forward *f)
{
	size_t prefix = is_tcp(f) ? 0 : PREFIX, len = PREFIX + f->len - prefix;

	dns_set_id(f->msg + PREFIX, f->id);
	return send(f->watch.fd, f->msg + prefix, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len
		? 0
		: -1;
}

/* The client's own identifier comes back into the query for what is made of it. */
static void restore_query(struct forward *f)
{
	dns_set_id(f->msg + PREFIX, f->client_id);
}

static int begin_attempt(struct forward *f, const char *server, size_t len)
{
	close_socket(f);
	if (getrandom(&f->id, sizeof(f->id), 0) != sizeof(f->id) || connect_to(f, server, len))
		return -1;
	return is_tcp(f) ? 0 : send_query(f);
}

static void give_up(struct forward *f)
{
	restore_query(f);
	dns_refuse(&f->client, f->msg + PREFIX, &f->query, DNS_SERVFAIL);
	end_forward(f);
}

/* The servers have equal shares of the time. A single one is asked twice, as a packet may get lost;
 * from the same socket over UDP, so that the first answer is still good. AT_ONCE: the last server
 * did not let us wait. */
static void next_attempt(struct forward *f, bool at_once)
{
	unsigned n = count_servers(&f->client), rounds = n == 1 && !at_once ? 2 : n;
	const char *server;
	size_t len;
	int rc;

	for (; f->attempt < rounds; at_once = true) {
		unsigned i = f->attempt++;

		server = nth_server(&f->client, i % n, &len);
		if (i && n == 1 && !is_tcp(f))
			rc = send_query(f);
		else
			rc = begin_attempt(f, server, len);
		if (rc == 0) {
			timer_set(&f->timer, FORWARD_MS / (n == 1 ? 2 : n));
			return;
		}
		if (n == 1)
			break;
	}
	give_up(f);
}

static void time_is_up(struct timer *t)
{
	next_attempt(container_of(t, struct forward, timer), false);
}

/* Hands the answer on: with the client's identifier, and the name in the letters that it used. */
static void deliver(struct forward *f, uint8_t *msg, size_t len)
{
	restore_query(f);
	if (!is_tcp(f) && len > f->query.size) {
		struct dns_answer a;

		dns_begin(
			&a, dns.buffer, DNS_MAX, f->msg + PREFIX, &f->query, dns_rcode(msg), false);
		dns_truncate(&a);
		dns_reply(&f->client, dns.buffer, dns_end(&a));
	} else {
		dns_set_id(msg, f->client_id);
		memcpy(msg + DNS_HEADER, f->msg + PREFIX + DNS_HEADER, f->query.question);
		dns_reply(&f->client, msg, len);
	}
	end_forward(f);
}

/* A server that cannot or does not want to is no reason not to ask the next. */
static void take_answer(struct forward *f, uint8_t *msg, size_t len)
{
	unsigned rcode = dns_rcode(msg);

	if ((rcode == DNS_SERVFAIL || rcode == DNS_REFUSED) &&
		f->attempt < count_servers(&f->client))
		next_attempt(f, true);
	else
		deliver(f, msg, len);
}

static void read_udp(struct forward *f)
{
	for (int i = 0; i < FORGERIES_MAX; i++) {
		ssize_t len = recv(f->watch.fd, dns.buffer, DNS_MAX, MSG_DONTWAIT);

		if (len < 0) {
			if (errno != EAGAIN && errno != EINTR)
				next_attempt(f, true);
			return;
		}
		if (dns_is_answer(dns.buffer, (size_t)len, f->id, f->msg + PREFIX, &f->query)) {
			take_answer(f, dns.buffer, (size_t)len);
			return;
		}
	}
}

/* Makes room for NEED bytes. */
static int expect(struct forward *f, size_t need)
{
	if (!dns_take_memory(need - f->need))
		return -1;
	f->answer = xrealloc(f->answer, need);
	f->need = need;
	return 0;
}

/* Reads the length, then as much. Returns 1 when the message is there, 0 if more is to come. */
static int read_tcp(struct forward *f)
{
	for (;;) {
		ssize_t n;

		if (f->answer_len == f->need) {
			if (f->need > PREFIX)
				return 1;
			if (expect(f, f->need ? PREFIX + dns_id(f->answer) : PREFIX))
				return -1;
			if (f->need == f->answer_len)
				return -1; /* an empty message */
		}
		n = recv(f->watch.fd, f->answer + f->answer_len, f->need - f->answer_len,
			MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return -1;
		f->answer_len += (size_t)n;
	}
}

static void tcp_event(struct forward *f, uint32_t events)
{
	int rc = 0;

	if (events & EPOLLOUT) {
		rc = send_query(f);
		loop_modify(&f->watch, EPOLLIN);
	} else {
		rc = read_tcp(f);
	}
	if (rc > 0 &&
		!dns_is_answer(
			f->answer + PREFIX, f->need - PREFIX, f->id, f->msg + PREFIX, &f->query))
		rc = -1;
	if (rc < 0)
		next_attempt(f, true);
	else if (rc > 0)
		take_answer(f, f->answer + PREFIX, f->need - PREFIX);
}

static void upstream_ready(struct watch *w, uint32_t events)
{
	struct forward *f = container_of(w, struct forward, watch);

	if (is_tcp(f))
		tcp_event(f, events);
	else
		read_udp(f);
}

void dns_forward(const struct client *c, const uint8_t *msg, size_t len, const struct dns_query *q)
{
	struct network *n = c->net;
	struct forward *f;

	if (n->text.internal || !count_servers(c)) {
		dns_refuse(c, msg, q, DNS_SERVFAIL);
		return;
	}
	f = xcalloc(1, sizeof(*f) + PREFIX + len);
	f->watch = (struct watch){ .fd = -1, .ready = upstream_ready };
	f->timer.fire = time_is_up;
	f->client = *c;
	f->kept.addr = c->from.sin_addr.s_addr;
	f->client_id = dns_id(msg);
	f->query = *q;
	f->len = len;
	dns_set_id(f->msg, (uint16_t)len);
	memcpy(f->msg + PREFIX, msg, len);
	list_append(&n->forwards, &f->kept.node);
	if (is_tcp(f))
		dns_tcp_outstanding(c->conn, 1);
	/* The new one counts, too, but somebody's first question comes before everybody's last. */
	if (n->forward_count++ == FORWARDS_MAX)
		give_up(container_of(dns_first_of_greediest(&n->forwards), struct forward, kept));
	next_attempt(f, true);
}

void dns_forget(struct network *net, const struct connection *conn)
{
	struct forward *f;

	list_for_each (f, &net->forwards, kept.node)
		if (!conn || f->client.conn == conn)
			end_forward(f);
}
