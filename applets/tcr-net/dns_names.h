/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts that the daemon sends, and finding words in them. */
#ifndef TCR_NET_DNS_NAMES_H
#define TCR_NET_DNS_NAMES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/addr.h"
#include "net/dns.h"

/* A text of include/tcr_dns.h. It is looked at where it is, in pages that are only there while they
 * are used; what is added to it is four bytes a word. */
struct dns_text {
	const char *text; /* mapped; ends with a newline, and not with a NUL */
	size_t len;
	uint32_t *slots; /* words by hash; 0: empty, else upper bits of the hash and the place */
	uint32_t count;
	char name[DNS_NAME_MAX]; /* of the network */
	struct subnet subnet;
	bool internal;
	bool has_clients; /* there are lines for single clients */
};

/* Takes the text of a network from the descriptor, which stays the caller's, checks and indexes it.
 * T is zero-initialised. Returns 0 or -1. */
int dns_text_network(struct dns_text *t, int fd, struct err *e);
/* The same with a list of servers. */
int dns_text_servers(struct dns_text *t, int fd, struct err *e);
/* The same two for a text in memory, which becomes T's if it is mapped; for tests, too. */
int dns_text_parse_network(struct dns_text *t, struct err *e);
int dns_text_parse_servers(struct dns_text *t, struct err *e);
void dns_text_free(struct dns_text *t);

/* Puts a word into the index, which has room for it. */
void dns_index(struct dns_text *t, const char *word, size_t len, bool address);

static inline bool dns_ends_word(char c)
{
	return c == ' ' || c == '\n';
}

/* Finds a word: `for (struct dns_find f = …; (word = dns_find_next(&f));)`. Returns its place in
 * the text, or NULL when there are no more. ADDRESS: it is one at the beginning of a line, of any
 * kind; else it is the name of a host. */
struct dns_find {
	const struct dns_text *t;
	const char *word;
	size_t len;
	uint32_t hash, slot, seen;
	bool address;
};
struct dns_find dns_find_begin(
	const struct dns_text *t, const char *word, size_t len, bool address);
const char *dns_find_next(struct dns_find *f);

/* The words behind the address of the first line "KIND ADDR …", KIND with the blank behind it; NULL
 * if there is none. */
const char *dns_words_of(const struct dns_text *t, const char *kind, uint32_t addr);

/* The word behind P, which is a word or a blank, on the same line, and its length; NULL at the end
 * of the line. */
const char *dns_next_word(const char *p, size_t *len);

/* The address of the host on whose line the word is. */
uint32_t dns_addr_of(const struct dns_text *t, const char *word);

/* An address that server_is_valid() takes, with port 53; of a zone that is no number the index is
 * found later, and its name put into ZONE. Returns 0 or -1. */
union dns_sockaddr {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};
int dns_server_parse(const char *word, size_t len, union dns_sockaddr *sa, char zone[ZONE_SIZE]);

#endif
