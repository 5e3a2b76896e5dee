/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any bytes as a query, as an answer to a query, as the text of a network, or of
 * servers. The first byte says which. */
//link: applets/tcr-net/dns_names.c applets/tcr-net/dns_text.c
#include <string.h>

#include "../../applets/tcr-net/dns_names.h"
#include "base/mem.h"
#include "fuzz.h"

static const uint8_t question[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\3web\3net\0\0\1\0\1";

/* Whatever is made of a query is a message that fits. */
static void check_answer(const uint8_t *msg, const struct dns_query *q, int rcode)
{
	static uint8_t buf[1024];
	struct dns_answer a;
	size_t len;

	dns_begin(&a, buf, 512, msg, q, rcode, true);
	for (uint32_t i = 0; i < 40 && q->type == DNS_TYPE_A; i++)
		dns_add_a(&a, i);
	if (q->type == DNS_TYPE_PTR)
		dns_add_ptr(&a, q->name, strlen(q->name), "net");
	len = dns_end(&a);
	require(len >= DNS_HEADER && len <= 512);
	require(dns_id(buf) == dns_id(msg) && dns_rcode(buf) == ((unsigned)rcode & 15));
	if (q->question)
		require(dns_is_answer(buf, len, dns_id(msg), msg, q));
}

static void fuzz_query(const uint8_t *data, size_t size)
{
	struct dns_query q;
	int rcode = dns_parse(data, size, &q);
	uint32_t addr;

	require(strlen(q.name) < DNS_NAME_MAX && q.size >= DNS_UDP_MIN);
	if (rcode == DNS_DROP)
		return;
	require(size >= (size_t)DNS_HEADER + q.question);
	dns_reverse(q.name, &addr);
	check_answer(data, &q, rcode);
}

static void fuzz_answer(const uint8_t *data, size_t size)
{
	struct dns_query q;

	require(dns_parse(question, sizeof(question) - 1, &q) == DNS_NOERROR);
	if (dns_is_answer(data, size, 0x1234, question, &q))
		require(size >= sizeof(question) - 1 && data[2] & 0x80);
}

/* Each name of each host is found, and leads to its address. */
static void check_names(const struct dns_text *t)
{
	struct dns_find f = dns_find_begin(t, "web", 3, false);
	const char *word, *end = t->text + t->len;
	size_t len;

	while ((word = dns_find_next(&f)))
		dns_addr_of(t, word);
	for (const char *line = t->text; line < end; line += strcspn(line, "\n") + 1) {
		char addr[ADDR_SIZE];

		if (strncmp(line, "host ", 5))
			continue;
		addr_format(dns_addr_of(t, line + 5), addr);
		require(!strncmp(line + 5, addr, strlen(addr)));
		require(dns_words_of(t, "host ", dns_addr_of(t, line + 5)));
		for (word = line + 5; (word = dns_next_word(word, &len));) {
			f = dns_find_begin(t, word, len, false);
			require(len > DNS_LABEL_MAX || dns_find_next(&f));
		}
	}
}

static void fuzz_text(uint8_t kind, const uint8_t *data, size_t size)
{
	cleanup_free char *text = xcalloc(1, size + 1);
	struct dns_text t = { .text = text, .len = size };
	struct err e = { 0 };
	int rc;

	/* Nothing behind it, so that the checker sees who reads too far. */
	memcpy(text, data, size);
	t.text = text = xrealloc(text, size ? size : 1);
	rc = kind ? dns_text_parse_network(&t, &e) : dns_text_parse_servers(&t, &e);
	require(rc == 0 || *e.text);
	if (kind && rc == 0)
		check_names(&t);
	free(t.slots);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] % 4 == 0)
		fuzz_query(data + 1, size - 1);
	else if (data[0] % 4 == 1)
		fuzz_answer(data + 1, size - 1);
	else
		fuzz_text(data[0] % 2, data + 1, size - 1);
	return 0;
}
