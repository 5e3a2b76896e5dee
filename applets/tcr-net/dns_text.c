/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts from the daemon: taken, checked once, indexed. */
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns_text.o
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "dns_names.h"
#include "tcr_dns.h"

/* Copies a word of at most SIZE - 1 bytes. Returns 0 or -1. */
static int copy_word(char *buf, size_t size, const char *word, size_t len)
{
	if (!len || len >= size)
		return -1;
	memcpy(buf, word, len);
	buf[len] = '\0';
	return 0;
}

static void parse_zone(const char *text, struct sockaddr_in6 *in6, char zone[ZONE_SIZE])
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text >= '0' && *text <= '9' && !*end && n <= UINT32_MAX)
		in6->sin6_scope_id = (uint32_t)n;
	else
		strcpy(zone, text);
}

int dns_server_parse(const char *word, size_t len, union dns_sockaddr *sa, char zone[ZONE_SIZE])
{
	char buf[SERVER_SIZE], *percent;

	*sa = (union dns_sockaddr){ .in6 = { .sin6_port = htons(53) } };
	zone[0] = '\0';
	if (copy_word(buf, sizeof(buf), word, len) || !server_is_valid(buf))
		return -1;
	sa->any.sa_family = AF_INET;
	if (inet_pton(AF_INET, buf, &sa->in.sin_addr) == 1)
		return 0;
	sa->any.sa_family = AF_INET6;
	percent = strchr(buf, '%');
	if (percent) {
		*percent++ = '\0';
		parse_zone(percent, &sa->in6, zone);
	}
	return inet_pton(AF_INET6, buf, &sa->in6.sin6_addr) == 1 ? 0 : -1;
}

/* What is being read. */
struct reader {
	struct dns_text *t;
	const char *line;
	uint32_t words;
	bool insert; /* the second time: the words are counted, now they go into the table */
};

static void add_word(struct reader *r, const char *word, size_t len, bool address)
{
	r->words++;
	if (r->insert)
		dns_index(r->t, word, len, address);
}

/* A label that is too long for DNS, as a whole id of 64 digits is, cannot be asked for. */
static bool can_be_asked(const char *word, size_t len)
{
	size_t label = 0;

	for (size_t i = 0; i < len; i++) {
		label = word[i] == '.' ? 0 : label + 1;
		if (label > DNS_LABEL_MAX)
			return false;
	}
	return len < DNS_NAME_MAX - 1;
}

static int read_name(struct reader *r, const char *word, size_t len)
{
	if (!len)
		return -1;
	if (can_be_asked(word, len))
		add_word(r, word, len, false);
	return 0;
}

static int read_number(struct reader *r, const char *word, size_t len)
{
	(void)r;
	if (!len || len > 10)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (word[i] < '0' || word[i] > '9')
			return -1;
	return 0;
}

static int read_server(struct reader *r, const char *word, size_t len)
{
	union dns_sockaddr sa;
	char zone[ZONE_SIZE];

	(void)r;
	return dns_server_parse(word, len, &sa, zone);
}

/* Lines "KIND ADDRESS WORD...", and what reads each word. */
static const struct kind {
	char word[8];
	bool client;
	int (*read)(struct reader *r, const char *word, size_t len);
} kinds[] = {
	{ "host ", false, read_name },
	{ "search ", true, read_number },
	{ "server ", true, read_server },
};

static int read_words(struct reader *r, const struct kind *k)
{
	const char *word = r->line + strlen(k->word);
	char addr[ADDR_SIZE];
	size_t len = 0;
	uint32_t n;

	while (!dns_ends_word(word[len]))
		len++;
	if (copy_word(addr, sizeof(addr), word, len) || addr_parse(addr, &n) || word[len] == '\n')
		return -1;
	r->t->has_clients |= k->client;
	add_word(r, word, len, true);
	while ((word = dns_next_word(word, &len)))
		if (k->read(r, word, len))
			return -1;
	return 0;
}

static int read_line(struct reader *r, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t n = strlen(kinds[i].word);

		if (len > n && !memcmp(r->line, kinds[i].word, n))
			return read_words(r, &kinds[i]);
	}
	return -1;
}

static int bad_line(const char *line, struct err *e)
{
	size_t len = strcspn(line, "\n");

	return err_set(
		e, 0, "bad line from the daemon: \"%.*s\"", (int)(len < 80 ? len : 80), line);
}

/* Takes "WORD REST" from the front of *P; REST goes to BUF. */
static int take_line(const char **p, const char *word, char *buf, size_t size)
{
	size_t len = strlen(word), rest;

	if (strncmp(*p, word, len))
		return -1;
	*p += len;
	rest = strcspn(*p, "\n");
	if (copy_word(buf, size, *p, rest))
		return -1;
	*p += rest + 1;
	return 0;
}

static int read_network(struct dns_text *t, const char **p)
{
	char buf[DNS_NAME_MAX + sizeof(" internal")], *blank;

	if (take_line(p, "network ", buf, sizeof(buf)))
		return -1;
	blank = strchr(buf, ' ');
	t->internal = blank && !strcmp(blank, " internal");
	if (blank && !t->internal)
		return -1;
	return copy_word(t->name, sizeof(t->name), buf, strcspn(buf, " "));
}

static int read_subnet(struct dns_text *t, const char **p)
{
	char buf[SUBNET_SIZE];

	return take_line(p, "subnet ", buf, sizeof(buf)) || subnet_parse(buf, &t->subnet) ? -1 : 0;
}

/* The first two lines. Returns what follows, or NULL with a message. */
static const char *read_head(struct dns_text *t, struct err *e)
{
	const char *p = t->text, *line = p;
	int rc = read_network(t, &p);

	if (rc == 0) {
		line = p;
		rc = p == t->text + t->len;
	}
	if (rc == 0)
		rc = read_subnet(t, &p);
	if (rc == 0)
		return p;
	bad_line(line == t->text + t->len ? "\n" : line, e);
	return NULL;
}

static int read_lines(struct reader *r, const char *p, struct err *e)
{
	const char *end = r->t->text + r->t->len;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		r->line = p;
		if (read_line(r, (size_t)(newline - p)))
			return bad_line(p, e);
		p = newline + 1;
	}
	return 0;
}

/* Strings are read up to a newline: with one at the end, and no NUL, no function goes beyond. */
static int check_end(const struct dns_text *t, struct err *e)
{
	if (t->len && (t->text[t->len - 1] != '\n' || memchr(t->text, '\0', t->len)))
		return err_set(e, 0, "bad text from the daemon: it is cut, or has a NUL");
	return 0;
}

int dns_text_parse_network(struct dns_text *t, struct err *e)
{
	struct reader r = { .t = t };
	const char *p;

	if (check_end(t, e))
		return -1;
	if (!t->len)
		return err_set(e, 0, "bad text from the daemon: it is empty");
	p = read_head(t, e);
	if (!p || read_lines(&r, p, e))
		return -1;
	t->count = r.words + r.words / 3 + 1;
	t->slots = xcalloc(t->count, sizeof(*t->slots));
	r.insert = true;
	return read_lines(&r, p, e);
}

int dns_text_parse_servers(struct dns_text *t, struct err *e)
{
	const char *end = t->text + t->len;

	if (check_end(t, e))
		return -1;
	for (const char *p = t->text; p < end; p += strcspn(p, "\n") + 1)
		if (read_server(NULL, p, strcspn(p, "\n")))
			return bad_line(p, e);
	return 0;
}

/* A text that could still change would have been checked in vain. */
static int map_text(struct dns_text *t, int fd, struct err *e)
{
	enum { SEALS = F_SEAL_SHRINK | F_SEAL_WRITE };
	off_t len = lseek(fd, 0, SEEK_END);
	void *p;

	if ((fcntl(fd, F_GET_SEALS) & SEALS) != SEALS || len < 0 || len > TCR_DNS_TEXT_MAX)
		return err_set(e, 0, "bad text from the daemon: it is not sealed, or too long");
	if (!len)
		return 0;
	p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_set(e, errno, "mmap");
	t->text = p;
	t->len = (size_t)len;
	return 0;
}

int dns_text_network(struct dns_text *t, int fd, struct err *e)
{
	if (map_text(t, fd, e) || dns_text_parse_network(t, e))
		return -1;
	/* Only the pages that are asked for come back. */
	madvise((void *)t->text, t->len, MADV_DONTNEED);
	return 0;
}

int dns_text_servers(struct dns_text *t, int fd, struct err *e)
{
	return map_text(t, fd, e) || dns_text_parse_servers(t, e) ? -1 : 0;
}

void dns_text_free(struct dns_text *t)
{
	if (t->len)
		munmap((void *)t->text, t->len);
	free(t->slots);
	*t = (struct dns_text){ 0 };
}
