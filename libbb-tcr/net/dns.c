/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages. */
#include <string.h>

#include "net/dns.h"

/* Places and bits in the header; RFC 1035, 4.1.1. */
enum {
	FLAGS_HI = 2, /* QR, opcode, AA, TC, RD */
	FLAGS_LO = 3, /* RA, Z, AD, CD, code */
	QDCOUNT = 4,
	ANCOUNT = 6,
	ARCOUNT = 10,
	QR = 0x80,
	OPCODE = 0x78,
	AA = 0x04,
	TC = 0x02,
	RD = 0x01,
	RA = 0x80,
	CD = 0x10,
	RCODE = 0x0f,
	POINTER = 0xc0, /* RFC 1035, 4.1.4 */
	RR_FIXED = 10,  /* bytes of a record between its name and its data */
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, unsigned n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

uint16_t dns_id(const uint8_t *msg)
{
	return get16(msg);
}

void dns_set_id(uint8_t *msg, uint16_t id)
{
	put16(msg, id);
}

unsigned dns_rcode(const uint8_t *msg)
{
	return msg[FLAGS_LO] & RCODE;
}

/* Appends a label to the text. False if the text could be mistaken for another name. */
static bool add_label(char *text, size_t *len, const uint8_t *label, size_t n)
{
	if (*len)
		text[(*len)++] = '.';
	for (size_t i = 0; i < n; i++) {
		if (label[i] == '.' || label[i] <= ' ')
			return false;
		text[(*len)++] = (char)lower(label[i]);
	}
	return true;
}

/* Reads the name at the beginning of P. Returns its length there, 0 if it is malformed. */
static size_t read_name(const uint8_t *p, size_t len, char text[DNS_NAME_MAX])
{
	size_t pos = 0, out = 0;
	bool plain = true;

	while (pos < len && pos < DNS_NAME_MAX) {
		size_t n = p[pos++];

		if (!n) {
			text[plain ? out : 0] = '\0';
			return pos;
		}
		if (n > DNS_LABEL_MAX || pos + n > len || pos + n >= DNS_NAME_MAX)
			return 0;
		plain = plain && add_label(text, &out, p + pos, n);
		pos += n;
	}
	return 0;
}

/* Returns the place behind the name at POS, 0 if it is malformed. */
static size_t skip_name(const uint8_t *msg, size_t len, size_t pos)
{
	while (pos < len) {
		uint8_t n = msg[pos++];

		if (!n)
			return pos;
		if ((n & POINTER) == POINTER)
			return pos < len ? pos + 1 : 0;
		if (n & POINTER)
			return 0;
		pos += n;
	}
	return 0;
}

/* The OPT record (RFC 6891, 6.1.2): the class is a size, the TTL has the version. */
static int read_opt(const uint8_t *rr, struct dns_query *q)
{
	if (q->edns)
		return DNS_FORMERR;
	q->edns = true;
	if (get16(rr + 2) > DNS_UDP_MIN)
		q->size = get16(rr + 2);
	return rr[5] ? DNS_BADVERS : DNS_NOERROR;
}

/* Walks the records behind the question. */
static int read_records(const uint8_t *msg, size_t len, size_t pos, struct dns_query *q)
{
	unsigned count = get16(msg + ANCOUNT) + get16(msg + ANCOUNT + 2) + get16(msg + ARCOUNT);
	int rcode = DNS_NOERROR;

	while (count--) {
		bool root = pos < len && !msg[pos];
		const uint8_t *rr;

		pos = skip_name(msg, len, pos);
		if (!pos || pos + RR_FIXED > len)
			return DNS_FORMERR;
		rr = msg + pos;
		pos += RR_FIXED + get16(rr + 8);
		if (pos > len)
			return DNS_FORMERR;
		if (root && get16(rr) == DNS_TYPE_OPT) {
			rcode = read_opt(rr, q);
			if (rcode == DNS_FORMERR)
				return rcode;
		}
	}
	return rcode;
}

int dns_parse(const uint8_t *msg, size_t len, struct dns_query *q)
{
	size_t name;

	q->name[0] = '\0';
	q->type = q->class = q->question = 0;
	q->size = DNS_UDP_MIN;
	q->edns = false;
	/* Two servers that answer each other's answers would do so for ever. */
	if (len < DNS_HEADER || msg[FLAGS_HI] & QR)
		return DNS_DROP;
	if (msg[FLAGS_HI] & OPCODE)
		return DNS_NOTIMP;
	if (get16(msg + QDCOUNT) != 1)
		return DNS_FORMERR;
	name = read_name(msg + DNS_HEADER, len - DNS_HEADER, q->name);
	if (!name || DNS_HEADER + name + 4 > len)
		return DNS_FORMERR;
	q->type = get16(msg + DNS_HEADER + name);
	q->class = get16(msg + DNS_HEADER + name + 2);
	q->question = (uint16_t)(name + 4);
	return read_records(msg, len, DNS_HEADER + q->question, q);
}

/* The lengths of labels are less than 'A': they need no exception from lower(). */
bool dns_is_answer(const uint8_t *msg, size_t len, uint16_t id, const uint8_t *query,
	const struct dns_query *q)
{
	size_t name = DNS_HEADER + q->question - 4;

	if (len < name + 4 || get16(msg) != id || !(msg[FLAGS_HI] & QR) || msg[FLAGS_HI] & OPCODE ||
		get16(msg + QDCOUNT) != 1)
		return false;
	for (size_t i = DNS_HEADER; i < name; i++)
		if (lower(msg[i]) != lower(query[i]))
			return false;
	return !memcmp(msg + name, query + name, 4);
}

/* Reads a number up to 255 as everybody writes it, and the dot behind it. */
static bool read_byte(const char **s, uint32_t *n)
{
	const char *p = *s;

	for (*n = 0; *p >= '0' && *p <= '9' && *n <= 255; p++)
		*n = *n * 10 + (uint32_t)(*p - '0');
	if (p == *s || *p != '.' || *n > 255 || (**s == '0' && p > *s + 1))
		return false;
	*s = p + 1;
	return true;
}

bool dns_reverse(const char *name, uint32_t *addr)
{
	*addr = 0;
	for (int shift = 0; shift < 32; shift += 8) {
		uint32_t n;

		if (!read_byte(&name, &n))
			return false;
		*addr |= n << shift;
	}
	return !strcmp(name, "in-addr.arpa");
}

void dns_begin(struct dns_answer *a, uint8_t *buf, size_t max, const uint8_t *query,
	const struct dns_query *q, int rcode, bool local)
{
	uint8_t hi = query[FLAGS_HI], lo = query[FLAGS_LO];

	a->buf = buf;
	a->len = DNS_HEADER + q->question;
	a->max = max - (q->edns ? DNS_OPT : 0);
	a->edns = q->edns;
	a->extended = (uint8_t)(rcode >> 4);
	memmove(buf, query, a->len);
	buf[FLAGS_HI] = (uint8_t)(QR | (hi & (OPCODE | RD)) | (local ? AA : 0));
	buf[FLAGS_LO] = (uint8_t)(RA | (lo & CD) | (rcode & RCODE));
	memset(buf + QDCOUNT, 0, DNS_HEADER - QDCOUNT);
	put16(buf + QDCOUNT, q->question != 0);
}

/* Adds a record for the name of the question up to its LEN bytes of data, which are the caller's
 * to write. Returns their place, or NULL if there is no room. */
static uint8_t *add_record(struct dns_answer *a, unsigned type, size_t len)
{
	uint8_t *p = a->buf + a->len;

	if (a->len + 2 + RR_FIXED + len > a->max) {
		a->buf[FLAGS_HI] |= TC;
		return NULL;
	}
	put16(p, POINTER << 8 | DNS_HEADER);
	put16(p + 2, type);
	put16(p + 4, DNS_CLASS_IN);
	memset(p + 6, 0, 4);
	put16(p + 10, (unsigned)len);
	put16(a->buf + ANCOUNT, get16(a->buf + ANCOUNT) + 1U);
	a->len += 2 + RR_FIXED + len;
	return p + 2 + RR_FIXED;
}

void dns_add_a(struct dns_answer *a, uint32_t addr)
{
	uint8_t *p = add_record(a, DNS_TYPE_A, 4);

	if (p) {
		put16(p, addr >> 16);
		put16(p + 2, addr);
	}
}

/* Turns "xNAME.DOMAIN" into labels: each dot, and the x, becomes the length of what follows. */
static bool to_labels(uint8_t *p, size_t len)
{
	size_t label = 0;

	for (size_t i = len; i-- > 0;) {
		if (i && p[i] != '.') {
			label++;
			continue;
		}
		if (!label || label > DNS_LABEL_MAX)
			return false;
		p[i] = (uint8_t)label;
		label = 0;
	}
	return true;
}

void dns_add_ptr(struct dns_answer *a, const char *name, size_t len, const char *domain)
{
	uint8_t wire[DNS_NAME_MAX], *p;
	size_t rest = strlen(domain), total = 1 + len + 1 + rest;

	if (total >= sizeof(wire))
		return;
	memcpy(wire + 1, name, len);
	wire[1 + len] = '.';
	memcpy(wire + 1 + len + 1, domain, rest);
	if (!to_labels(wire, total))
		return;
	wire[total++] = 0;
	p = add_record(a, DNS_TYPE_PTR, total);
	if (p)
		memcpy(p, wire, total);
}

void dns_truncate(struct dns_answer *a)
{
	a->buf[FLAGS_HI] |= TC;
}

size_t dns_end(struct dns_answer *a)
{
	if (a->edns) {
		uint8_t *p = a->buf + a->len;

		memset(p, 0, DNS_OPT);
		put16(p + 1, DNS_TYPE_OPT);
		put16(p + 3, DNS_UDP_OWN);
		p[5] = a->extended;
		put16(a->buf + ARCOUNT, 1);
		a->len += DNS_OPT;
	}
	return a->len;
}
