/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/dns (messages, as RFC 1035 and RFC 6891 want them), and of the texts of names. */
//link: applets/tcr-net/dns_names.c applets/tcr-net/dns_text.c
#include "../../applets/tcr-net/dns_names.h"
#include "tap.h"

#define BYTES(s) (s), sizeof(s) - 1

#define HEAD(flags, qd, ar) "\x12\x34" flags "\0" qd "\0\0\0\0\0" ar
#define WEB "\3Web\4NET1\0\0\1\0\1"
#define OPT(size, version) "\0\0\x29" size "\0" version "\0\0\0\0"
#define LABEL63 "\x3f" TEN TEN TEN TEN TEN TEN "123"
#define TEN "abcdefghij"

static const struct {
	const char *what, *msg;
	size_t len;
	int rcode;
	const char *name;
	int size, edns;
} queries[] = {
	{ "a query", BYTES(HEAD("\1\0", "\1", "\0") WEB), DNS_NOERROR, "web.net1", 512, 0 },
	{ "EDNS", BYTES(HEAD("\1\0", "\1", "\1") WEB OPT("\x04\xd0", "\0")), DNS_NOERROR,
		"web.net1", 1232, 1 },
	{ "a size of less than 512 counts as 512",
		BYTES(HEAD("\1\0", "\1", "\1") WEB OPT("\0\7", "\0")), DNS_NOERROR, "web.net1", 512,
		1 },
	{ "EDNS of version 1 is BADVERS", BYTES(HEAD("\1\0", "\1", "\1") WEB OPT("\x04\xd0", "\1")),
		DNS_BADVERS, "web.net1", 1232, 1 },
	{ "two OPT records",
		BYTES(HEAD("\1\0", "\1", "\2") WEB OPT("\2\0", "\0") OPT("\2\0", "\0")),
		DNS_FORMERR, "web.net1", 512, 1 },
	{ "an OPT record that is cut", BYTES(HEAD("\1\0", "\1", "\1") WEB "\0\0\x29\2\0\0\0\0\0\0"),
		DNS_FORMERR, "web.net1", 512, 0 },
	{ "an OPT record with data beyond the end",
		BYTES(HEAD("\1\0", "\1", "\1") WEB "\0\0\x29\2\0\0\0\0\0\0\1"), DNS_FORMERR,
		"web.net1", 512, 0 },
	{ "a record that is none", BYTES(HEAD("\1\0", "\1", "\1") WEB), DNS_FORMERR, "web.net1",
		512, 0 },
	{ "another record, with a compressed name, in front of OPT",
		BYTES(HEAD("\1\0", "\1", "\2") WEB
			"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\1\2\3\4" OPT("\x10\0", "\0")),
		DNS_NOERROR, "web.net1", 4096, 1 },
	{ "a pointer that is cut", BYTES(HEAD("\1\0", "\1", "\1") WEB "\xc0"), DNS_FORMERR,
		"web.net1", 512, 0 },
	{ "an answer is dropped", BYTES(HEAD("\x81\0", "\1", "\0") WEB), DNS_DROP, "", 512, 0 },
	{ "eleven bytes are dropped", BYTES("\x12\x34\1\0\0\1\0\0\0\0\0"), DNS_DROP, "", 512, 0 },
	{ "STATUS", BYTES(HEAD("\x11\0", "\1", "\0") WEB), DNS_NOTIMP, "", 512, 0 },
	{ "UPDATE", BYTES(HEAD("\x28\0", "\1", "\0") WEB), DNS_NOTIMP, "", 512, 0 },
	{ "no question", BYTES(HEAD("\1\0", "\0", "\0")), DNS_FORMERR, "", 512, 0 },
	{ "two questions", BYTES(HEAD("\1\0", "\2", "\0") WEB WEB), DNS_FORMERR, "", 512, 0 },
	{ "a question without a class", BYTES(HEAD("\1\0", "\1", "\0") "\3web\0\0\1\0"),
		DNS_FORMERR, "web", 512, 0 },
	{ "a name without an end", BYTES(HEAD("\1\0", "\1", "\0") "\3web"), DNS_FORMERR, "", 512,
		0 },
	{ "a label beyond the end", BYTES(HEAD("\1\0", "\1", "\0") "\x20web\0\0\1\0\1"),
		DNS_FORMERR, "", 512, 0 },
	{ "a name that points to itself", BYTES(HEAD("\1\0", "\1", "\0") "\xc0\x0c\0\1\0\1"),
		DNS_FORMERR, "", 512, 0 },
	{ "a name that ends in a pointer", BYTES(HEAD("\1\0", "\1", "\0") "\1a\xc0\x0c\0\1\0\1"),
		DNS_FORMERR, "", 512, 0 },
	{ "a label of a kind that RFC 6891 took back",
		BYTES(HEAD("\1\0", "\1", "\0") "\x41x\0\0\1\0\1"), DNS_FORMERR, "", 512, 0 },
	{ "the root", BYTES(HEAD("\1\0", "\1", "\0") "\0\0\1\0\1"), DNS_NOERROR, "", 512, 0 },
	{ "a dot in a label", BYTES(HEAD("\1\0", "\1", "\0") "\3a.b\0\0\1\0\1"), DNS_NOERROR, "",
		512, 0 },
	{ "a NUL in a label", BYTES(HEAD("\1\0", "\1", "\0") "\3a\0b\0\0\1\0\1"), DNS_NOERROR, "",
		512, 0 },
	{ "a label of 63 bytes", BYTES(HEAD("\1\0", "\1", "\0") LABEL63 "\0\0\1\0\1"), DNS_NOERROR,
		TEN TEN TEN TEN TEN TEN "123", 512, 0 },
	{ "a name of 257 bytes",
		BYTES(HEAD("\1\0", "\1", "\0") LABEL63 LABEL63 LABEL63 LABEL63 "\0\0\1\0\1"),
		DNS_FORMERR, "", 512, 0 },
};

static void test_queries(void)
{
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		struct dns_query q;
		int rcode = dns_parse((const uint8_t *)queries[i].msg, queries[i].len, &q);

		ok(rcode == queries[i].rcode && q.size == queries[i].size &&
				q.edns == queries[i].edns,
			"%s: code %d, size %d", queries[i].what, queries[i].rcode, queries[i].size);
		if (rcode >= 0 && q.question)
			is_str(q.name, queries[i].name, queries[i].what);
	}
}

static const uint8_t query[] = HEAD("\1\x10", "\1", "\0") WEB;
static const uint8_t edns_query[] = HEAD("\1\0", "\1", "\1") WEB OPT("\2\0", "\0");

static void test_matching(void)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t flip;
		bool match;
	} changes[] = {
		{ "the same", 4, 0, true },
		{ "another identifier", 0, 1, false },
		{ "its other byte", 1, 0x80, false },
		{ "a query", 2, 0x80, false },
		{ "another opcode", 2, 0x08, false },
		{ "no question", 5, 1, false },
		{ "two questions", 5, 3, false },
		{ "a letter in the other case", 13, 0x20, true },
		{ "another letter", 13, 1, false },
		{ "a label of another length", 12, 1, false },
		{ "another type", 23, 1, false },
		{ "another class", 25, 2, false },
		{ "any code", 3, 3, true },
	};
	struct dns_query q;
	uint8_t msg[sizeof(query) - 1];

	dns_parse(query, sizeof(query) - 1, &q);
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		memcpy(msg, query, sizeof(msg));
		msg[2] |= 0x80;
		msg[changes[i].at] ^= changes[i].flip;
		ok(dns_is_answer(msg, sizeof(msg), 0x1234, query, &q) == changes[i].match,
			"%s is %san answer", changes[i].what, changes[i].match ? "" : "no ");
	}
	memcpy(msg, query, sizeof(msg));
	msg[2] |= 0x80;
	ok(!dns_is_answer(msg, sizeof(msg) - 1, 0x1234, query, &q), "a cut question is no answer");
}

static void test_answers(void)
{
	static const char a[] = "\x12\x34\x85\x90\0\1\0\1\0\0\0\0" WEB
				"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x0a\xd3\0\2";
	static const char ptr[] = "\x12\x34\x85\x90\0\1\0\1\0\0\0\0" WEB
				  "\xc0\x0c\0\x0c\0\1\0\0\0\0\0\x0a\3web\4Net1\0";
	static const char vers[] = "\x12\x34\x81\x80\0\1\0\0\0\0\0\1" WEB
				   "\0\0\x29\4\xd0\1\0\0\0\0\0";
	uint8_t buf[600];
	struct dns_answer ans;
	struct dns_query q;
	size_t len;

	dns_parse(query, sizeof(query) - 1, &q);
	dns_begin(&ans, buf, 512, query, &q, DNS_NOERROR, true);
	dns_add_a(&ans, 0x0ad30002);
	len = dns_end(&ans);
	ok(len == sizeof(a) - 1 && !memcmp(buf, a, len),
		"an A record is as RFC 1035 has it, TTL 0");
	dns_begin(&ans, buf, 512, query, &q, DNS_NOERROR, true);
	dns_add_ptr(&ans, "web7", 3, "Net1");
	len = dns_end(&ans);
	ok(len == sizeof(ptr) - 1 && !memcmp(buf, ptr, len), "a PTR record has the whole name");
	dns_begin(&ans, buf, 512, query, &q, DNS_NXDOMAIN, true);
	ok(dns_end(&ans) == sizeof(query) - 1 && dns_rcode(buf) == DNS_NXDOMAIN && !buf[7],
		"NXDOMAIN has no records");
	dns_begin(&ans, buf, 512, query, &q, DNS_NOERROR, true);
	for (int i = 0; i < 40; i++)
		dns_add_a(&ans, (uint32_t)i);
	len = dns_end(&ans);
	ok(len <= 512 && len > 480 && buf[2] & 2 && buf[7] == (len - 26) / 16,
		"what does not fit is left out, and TC is set");
	dns_parse(edns_query, sizeof(edns_query) - 1, &q);
	dns_begin(&ans, buf, 512, edns_query, &q, DNS_BADVERS, false);
	len = dns_end(&ans);
	ok(len == sizeof(vers) - 1 && !memcmp(buf, vers, len), "BADVERS is in the OPT record");
	dns_begin(&ans, buf, 512, edns_query, &q, DNS_NOERROR, true);
	for (int i = 0; i < 40; i++)
		dns_add_a(&ans, (uint32_t)i);
	ok(dns_end(&ans) <= 512, "there is room for the OPT record");
	dns_parse((const uint8_t *)queries[13].msg, queries[13].len, &q);
	dns_begin(&ans, buf, 512, (const uint8_t *)queries[13].msg, &q, DNS_NOTIMP, false);
	ok(dns_end(&ans) == DNS_HEADER && buf[2] == 0xa8 && !buf[5],
		"NOTIMP has the opcode and no question");
	dns_begin(&ans, buf, 512, query, &q, DNS_NOERROR, true);
	dns_add_ptr(&ans, "a..b", 4, "n");
	dns_add_ptr(&ans, TEN TEN TEN TEN TEN TEN "1234", 64, "n");
	ok(buf[7] == 0, "a name that DNS cannot have gets no record");
}

static void test_reverse(void)
{
	static const char *const no[] = { "", "in-addr.arpa", "2.0.211.in-addr.arpa",
		"256.0.211.10.in-addr.arpa", "02.0.211.10.in-addr.arpa",
		"2.0.211.10.in-addr.arpa.x", "1.2.0.211.10.in-addr.arpa", "a.0.211.10.in-addr.arpa",
		".0.211.10.in-addr.arpa", "2.0.211.10.ip6.arpa",
		"4294967298.0.211.10.in-addr.arpa" };
	uint32_t addr;

	ok(dns_reverse("2.0.211.10.in-addr.arpa", &addr) && addr == 0x0ad30002,
		"a name of in-addr.arpa is an address");
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ok(!dns_reverse(no[i], &addr), "\"%s\" is none", no[i]);
}

#define NET "network Net1\nsubnet 10.211.0.0/24\n"
#define HEX8 "01234567"

static int parse(struct dns_text *t, const char *text, struct err *e)
{
	*t = (struct dns_text){ .text = text, .len = strlen(text) };
	return dns_text_parse_network(t, e);
}

static void forget(struct dns_text *t)
{
	free(t->slots);
}

static unsigned count(const struct dns_text *t, const char *name, uint32_t *addr)
{
	struct dns_find f = dns_find_begin(t, name, strlen(name), false);
	const char *word;
	unsigned n = 0;

	while ((word = dns_find_next(&f))) {
		*addr = dns_addr_of(t, word);
		n++;
	}
	return n;
}

static void test_names(void)
{
	static const char text[] = NET "host 10.211.0.2 web WWW web 0123456789ab\n"
				       "host 10.211.0.3 db www search\n"
				       "host 10.211.0.44 " HEX8 HEX8 HEX8 HEX8 HEX8 HEX8 HEX8 HEX8
				       " last\n"
				       "search 10.211.0.3 2 3\n"
				       "server 10.211.0.3 192.0.2.53 fe80::1%eth0\n";
	struct dns_text t;
	struct err e = { 0 };
	uint32_t addr = 0;
	size_t len;
	const char *p;

	if (!ok(parse(&t, text, &e) == 0, "a text is read: %s", e.text))
		return;
	is_str(t.name, "Net1", "the network has its name");
	ok(t.has_clients && !t.internal && t.subnet.base == 0x0ad30000, "and its subnet");
	ok(count(&t, "web", &addr) == 1 && addr == 0x0ad30002, "a name twice is found once");
	ok(count(&t, "www", &addr) == 2, "a name of two hosts is found twice");
	ok(count(&t, "search", &addr) == 1 && addr == 0x0ad30003, "a name may be a word of ours");
	ok(count(&t, "last", &addr) == 1 && addr == 0x0ad3002c, "the last word is found");
	ok(count(&t, "10.211.0.3", &addr) == 0, "an address is no name");
	ok(count(&t, "we", &addr) == 0 && count(&t, "webb", &addr) == 0 &&
			count(&t, "", &addr) == 0,
		"part of a name is none");
	ok(count(&t, HEX8 HEX8 HEX8 HEX8 HEX8 HEX8 HEX8 HEX8, &addr) == 0,
		"a label of 64 bytes is not indexed");
	p = dns_words_of(&t, "host ", 0x0ad30003);
	ok(p && (p = dns_next_word(p, &len)) && len == 2 && !memcmp(p, "db", 2),
		"the first name of an address is found");
	p = dns_words_of(&t, "server ", 0x0ad30003);
	ok(p && (p = dns_next_word(p, &len)) && len == 10 && (p = dns_next_word(p, &len)) &&
			len == 12 && !dns_next_word(p, &len),
		"so are the servers of a client");
	ok(!dns_words_of(&t, "search ", 0x0ad30002), "others have none");
	forget(&t);
}

static void test_bad_texts(void)
{
	static const char *const bad[] = {
		"",
		"network n\n",
		"network n\nsubnet 10.0.0.0/24",
		"network\nsubnet 10.0.0.0/24\n",
		"network n x\nsubnet 10.0.0.0/24\n",
		"network n\nsubnet 10.0.0.0\n",
		"subnet 10.0.0.0/24\nnetwork n\n",
		NET "host\n",
		NET "host \n",
		NET "host 10.0.0.1\n",
		NET "host 10.0.0.1 \n",
		NET "host 10.0.0.1 a  b\n",
		NET "host 10.0.0.256 a\n",
		NET "host fe80::1 a\n",
		NET "hosts 10.0.0.1 a\n",
		NET "\n",
		NET "search 10.0.0.1 x\n",
		NET "search 10.0.0.1 1x\n",
		NET "server 10.0.0.1 x\n",
		NET "server 10.0.0.1 1.2.3\n",
		NET "server 10.0.0.1 fe80::1%\n",
		NET "server 10.0.0.1 fe80::1%interface-too-long\n",
		NET "server 10.0.0.1 10.0.0.2%eth0\n",
	};
	struct dns_text t;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = { 0 };

		ok(parse(&t, bad[i], &e) == -1 && *e.text, "refused: \"%s\": %s", bad[i], e.text);
		forget(&t);
	}
}

static void test_many(void)
{
	static char text[200000];
	size_t len = (size_t)sprintf(text, "%s", NET), found = 0;
	struct dns_text t;
	struct err e = { 0 };

	for (unsigned i = 2; i < 255; i++)
		len += (size_t)sprintf(
			text + len, "host 10.211.0.%u web%u id%08x a%u all\n", i, i, i * 7919, i);
	ok(parse(&t, text, &e) == 0, "253 hosts are read");
	for (unsigned i = 2; i < 255; i++) {
		char name[3][32];
		uint32_t addr = 0;

		sprintf(name[0], "web%u", i);
		sprintf(name[1], "ID%08x", i * 7919);
		sprintf(name[2], "a%u", i);
		for (int k = 0; k < 3; k++)
			found += count(&t, name[k], &addr) == 1 && addr == 0x0ad30000 + i;
	}
	ok(found == 759, "each of their names is found");
	ok(count(&t, "all", &(uint32_t){ 0 }) == 253, "an alias of all has them all");
	ok(t.count * sizeof(*t.slots) < 7000, "the index is small: %zu bytes",
		t.count * sizeof(*t.slots));
	forget(&t);
}

static void test_servers(void)
{
	struct dns_text t = { 0 };
	struct err e = { 0 };
	union dns_sockaddr sa;
	char zone[ZONE_SIZE];

	ok(dns_text_parse_servers(&t, &e) == 0, "no servers are a text, too");
	t = (struct dns_text){ .text = "127.0.0.53\n::1\nfe80::1%2\n", .len = 25 };
	ok(dns_text_parse_servers(&t, &e) == 0, "servers are read");
	t = (struct dns_text){ .text = "127.0.0.53\n\n", .len = 12 };
	ok(dns_text_parse_servers(&t, &e) == -1, "an empty line is an error");
	ok(!dns_server_parse("fe80::1%2", 9, &sa, zone) && sa.in6.sin6_scope_id == 2 && !*zone &&
			sa.in6.sin6_port == htons(53),
		"a zone may be a number");
	ok(!dns_server_parse("fe80::1%eth0 x", 12, &sa, zone) && !strcmp(zone, "eth0"),
		"or a name");
}

int main(void)
{
	test_queries();
	test_matching();
	test_answers();
	test_reverse();
	test_names();
	test_bad_texts();
	test_many();
	test_servers();
	return done_testing();
}
