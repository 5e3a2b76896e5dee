/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries: what is ours is answered, what is not is forwarded. */
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns_serve.o
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "dns.h"

/* Queries of a network that are answered before others have their turn. */
enum { BATCH = 64 };

/* Types that are no data but requests to a server about itself or a whole zone: TKEY, TSIG, IXFR,
 * AXFR, MAILB, MAILA; RFC 6895, 3.1. */
enum {
	META_FIRST = 249,
	META_LAST = 254,
};

void dns_reply(const struct client *c, const uint8_t *msg, size_t len)
{
	if (c->conn)
		dns_tcp_send(c->conn, msg, len);
	else
		sendto(c->net->udp.fd, msg, len, MSG_DONTWAIT, (const struct sockaddr *)&c->from,
			sizeof(c->from));
}

static size_t answer_size(const struct client *c, const struct dns_query *q)
{
	return c->conn ? DNS_MAX : q->size;
}

void dns_refuse(const struct client *c, const uint8_t *msg, const struct dns_query *q, int rcode)
{
	struct dns_answer a;

	dns_begin(&a, dns.buffer, DNS_MAX, msg, q, rcode, false);
	dns_reply(c, dns.buffer, dns_end(&a));
}

static struct kept *next_of(const struct list *list, const struct list *at, in_addr_t addr)
{
	for (at = at->next; at != list; at = at->next)
		if (container_of(at, struct kept, node)->addr == addr)
			return container_of(at, struct kept, node);
	return NULL;
}

struct kept *dns_first_of_greediest(const struct list *list)
{
	struct kept *greediest = NULL, *k;
	unsigned most = 0;

	list_for_each (k, list, node) {
		unsigned n = 0;

		for (const struct kept *i = k; i; i = next_of(list, &i->node, k->addr))
			n++;
		if (n > most) {
			most = n;
			greediest = k;
		}
	}
	return greediest;
}

/* A query, and the answer to it. */
struct lookup {
	const struct client *client;
	const uint8_t *msg;
	const struct dns_query *q;
	struct dns_answer a;
};

static void begin(struct lookup *l, int rcode)
{
	dns_begin(&l->a, dns.buffer, answer_size(l->client, l->q), l->msg, l->q, rcode, true);
}

static bool wants(const struct dns_query *q, uint16_t type)
{
	return q->type == type || q->type == DNS_TYPE_ANY;
}

/* Several hosts with one name share the load: each answer begins with another one. */
static bool answer_name(struct lookup *l, const struct dns_text *t, size_t len)
{
	const struct dns_find first = dns_find_begin(t, l->q->name, len, false);
	struct dns_find f = first;
	unsigned count = 0, start;
	const char *word;

	while (dns_find_next(&f))
		count++;
	if (!count)
		return false;
	begin(l, DNS_NOERROR);
	start = count > 1 ? dns.turn++ % count : 0;
	f = first;
	for (unsigned i = 0; wants(l->q, DNS_TYPE_A) && i < start + count; i++) {
		word = dns_find_next(&f);
		if (!word) {
			f = first;
			word = dns_find_next(&f);
		}
		if (i >= start)
			dns_add_a(&l->a, dns_addr_of(t, word));
	}
	return true;
}

/* The length of the name without the network's behind it; 0: it is not there. */
static size_t strip_network(const struct dns_text *t, const char *name, size_t len)
{
	size_t n = strlen(t->name);

	if (len < n + 2 || name[len - n - 1] != '.' || strcasecmp(name + len - n, t->name))
		return 0;
	return len - n - 1;
}

static bool try_name(struct lookup *l, const struct dns_text *t)
{
	size_t len = strlen(l->q->name), bare = strip_network(t, l->q->name, len);

	return answer_name(l, t, len) || (bare && answer_name(l, t, bare));
}

/* Addresses of the network are nobody else's business. */
static bool try_address(struct lookup *l, const struct dns_text *t)
{
	const char *word;
	uint32_t addr;
	size_t len;

	if (!dns_reverse(l->q->name, &addr))
		return false;
	word = dns_words_of(t, "host ", addr);
	if (!word && !subnet_contains(&t->subnet, addr))
		return false;
	begin(l, word ? DNS_NOERROR : DNS_NXDOMAIN);
	if (word && wants(l->q, DNS_TYPE_PTR)) {
		word = dns_next_word(word, &len);
		dns_add_ptr(&l->a, word, len, t->name);
	}
	return true;
}

static bool try_network(struct lookup *l, const struct dns_text *t)
{
	return try_name(l, t) || try_address(l, t);
}

static bool try_others(struct lookup *l)
{
	const struct network *own = l->client->net, *other;
	const char *word = NULL;
	size_t len;

	if (own->text.has_clients)
		word = dns_words_of(&own->text, "search ", ntohl(l->client->from.sin_addr.s_addr));
	while (word && (word = dns_next_word(word, &len))) {
		other = dns_network((uint32_t)strtoul(word, NULL, 10));
		if (other && try_network(l, &other->text))
			return true;
	}
	return false;
}

static int check(const struct dns_query *q)
{
	if (q->class != DNS_CLASS_IN || (q->type >= META_FIRST && q->type <= META_LAST))
		return DNS_REFUSED;
	return DNS_NOERROR;
}

void dns_serve(const struct client *c, const uint8_t *msg, size_t len)
{
	struct dns_query q;
	struct lookup l = { .client = c, .msg = msg, .q = &q };
	int rcode = dns_parse(msg, len, &q);

	if (rcode == DNS_DROP)
		return;
	if (rcode == DNS_NOERROR)
		rcode = check(&q);
	if (rcode != DNS_NOERROR)
		dns_refuse(c, msg, &q, rcode);
	else if (try_network(&l, &c->net->text) || try_others(&l))
		dns_reply(c, dns.buffer, dns_end(&l.a));
	else
		dns_forward(c, msg, len, &q);
}

/* An answer to an address that is not the network's would make us a tool for attacks on it. */
void dns_udp_ready(struct watch *w, uint32_t events)
{
	struct client c = { .net = container_of(w, struct network, udp) };
	uint8_t msg[DNS_UDP_OWN];

	(void)events;
	if (dns_control())
		return;
	for (int i = 0; i < BATCH; i++) {
		socklen_t size = sizeof(c.from);
		ssize_t len = recvfrom(
			w->fd, msg, sizeof(msg), MSG_DONTWAIT, (struct sockaddr *)&c.from, &size);

		if (len < 0)
			return;
		if (subnet_contains(&c.net->text.subnet, ntohl(c.from.sin_addr.s_addr)))
			dns_serve(&c, msg, (size_t)len);
	}
}
