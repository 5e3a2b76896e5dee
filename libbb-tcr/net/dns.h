/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages: reading questions, recognising answers, writing answers. Pure: no I/O, no memory.
 *
 * Compressed names are skipped, never followed: all that is read as a name is that of a question,
 * and it comes first in its message, where there is nothing yet that it could point to. */
#ifndef TCR_NET_DNS_H
#define TCR_NET_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_HEADER = 12,    /* RFC 1035, 4.1.1 */
	DNS_NAME_MAX = 255, /* RFC 1035, 2.3.4; of the wire form, so a text and its NUL are shorter
			     */
	DNS_LABEL_MAX = 63,
	DNS_UDP_MIN = 512,  /* what everybody takes; RFC 1035, 4.2.1 */
	DNS_UDP_OWN = 1232, /* what we take: fits into any IPv6 path without fragments */
	DNS_MAX = 65535,    /* a message over TCP; RFC 1035, 4.2.2 */
	DNS_OPT = 11,       /* an empty OPT record; RFC 6891, 6.1.2 */
	DNS_BADVERS = 16,   /* an extended code, for queries with an OPT record only */
	DNS_TYPE_A = 1,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_ANY = 255,
	DNS_CLASS_IN = 1,
};

/* RFC 1035, 4.1.1 */
enum dns_rcode {
	DNS_NOERROR,
	DNS_FORMERR,
	DNS_SERVFAIL,
	DNS_NXDOMAIN,
	DNS_NOTIMP,
	DNS_REFUSED,
	DNS_DROP = -1, /* no answer at all */
};

/* What a query asks. */
struct dns_query {
	/* The name in lower case, labels with dots between them, "" for the root. Also "" if a
	 * label has bytes that would make this text ambiguous: such a name is nobody's here. */
	char name[DNS_NAME_MAX];
	uint16_t type, class;
	uint16_t question; /* bytes of the question behind the header; 0: could not be read */
	uint16_t size;     /* of the answer over UDP that the client takes; at least DNS_UDP_MIN */
	bool edns;         /* it has an OPT record, and so will the answer */
};

/* Reads a query. Returns DNS_NOERROR, the code of the answer that it deserves, or DNS_DROP. Q is
 * good for dns_begin() in each case but the last. */
int dns_parse(const uint8_t *msg, size_t len, struct dns_query *q);

/* True if MSG answers the query (RFC 5452, 9.1): the identifier is ID, and the question the same
 * but for case. QUERY: the message that Q was read from. */
bool dns_is_answer(const uint8_t *msg, size_t len, uint16_t id, const uint8_t *query,
	const struct dns_query *q);

/* The address in a name of in-addr.arpa (RFC 1035, 3.5), in host byte order. */
bool dns_reverse(const char *name, uint32_t *addr);

uint16_t dns_id(const uint8_t *msg);
void dns_set_id(uint8_t *msg, uint16_t id);
unsigned dns_rcode(const uint8_t *msg);

/* An answer that is being written. What does not fit is left out, and the TC bit says so. */
struct dns_answer {
	uint8_t *buf; /* the caller's */
	size_t len, max;
	bool edns;
	uint8_t extended; /* upper bits of the code */
};

/* Begins with header and question. MAX: bytes of BUF, at least DNS_HEADER + DNS_NAME_MAX + 4 +
 * DNS_OPT. BUF and QUERY may be the same. LOCAL: the data is our own (AA). */
void dns_begin(struct dns_answer *a, uint8_t *buf, size_t max, const uint8_t *query,
	const struct dns_query *q, int rcode, bool local);

/* Adds a record for the name of the question; with a TTL of 0 (RFC 1035, 3.2.1), as nobody may
 * remember it: a name ends with its container. */
void dns_add_a(struct dns_answer *a, uint32_t addr);
/* NAME: LEN bytes of text, the DOMAIN (NUL-terminated) comes behind it. */
void dns_add_ptr(struct dns_answer *a, const char *name, size_t len, const char *domain);

/* The data does not fit: nothing but header and question stays. */
void dns_truncate(struct dns_answer *a);

/* Ends the answer with an OPT record if the query had one. Returns the length. */
size_t dns_end(struct dns_answer *a);

#endif
