/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/portspec. What docker's client takes and refuses was tried with version 20.10. */
#include <netinet/in.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "net/portspec.h"
#include "tap.h"

static const struct {
	const char *text, *want; /* the normal form */
} good[] = {
	{ "80", "80/tcp" },
	{ ":80", "80/tcp" },
	{ "::80", "80/tcp" },
	{ "0:80", "80/tcp" },
	{ "127.0.0.1:0:80-81", "127.0.0.1::80-81/tcp" },
	{ "080", "80/tcp" },
	{ "80/tcp", "80/tcp" },
	{ "80/TCP", "80/tcp" },
	{ "53/Udp", "53/udp" },
	{ "1", "1/tcp" },
	{ "65535", "65535/tcp" },
	{ "8080:80", "8080:80/tcp" },
	{ "0.0.0.0:8080:80", "8080:80/tcp" },
	{ "0.0.0.0::80", "80/tcp" },
	{ ":8080:80", "8080:80/tcp" },
	{ "127.0.0.1:8080:80", "127.0.0.1:8080:80/tcp" },
	{ "127.0.0.1::80", "127.0.0.1::80/tcp" },
	{ "127.0.0.1::80-82/udp", "127.0.0.1::80-82/udp" },
	{ "80-80", "80/tcp" },
	{ "9000-9010", "9000-9010/tcp" },
	{ "8000-8010:9000-9010", "8000-8010:9000-9010/tcp" },
	{ "8000-8010:80", "8000-8010:80/tcp" },
	{ "8000-8000:80", "8000:80/tcp" },
	{ "1-65535:1-65535/udp", "1-65535:1-65535/udp" },
	{ "255.255.255.254:10001-65534:10001-65534/udp",
		"255.255.255.254:10001-65534:10001-65534/udp" },
};

static void test_good(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		char once[PORTSPEC_SIZE], twice[PORTSPEC_SIZE];
		struct portspec p, q;
		struct err e = { 0 };

		if (!ok(portspec_parse(good[i].text, &p, &e) == 0, "-p \"%s\" is taken: %s",
			    good[i].text, e.text))
			continue;
		is_str(portspec_format(&p, once), good[i].want, "its normal form");
		ok(portspec_parse(once, &q, &e) == 0 && !strcmp(portspec_format(&q, twice), once),
			"the normal form parses to itself");
	}
}

static const struct {
	const char *text, *want; /* what follows -p "TEXT":  */
} bad[] = {
	{ "", "the port of the container is missing" },
	{ ":", "the port of the container is missing" },
	{ "::", "the port of the container is missing" },
	{ "/tcp", "the port of the container is missing" },
	{ "8080:", "the port of the container is missing" },
	{ "8080:/udp", "the port of the container is missing" },
	{ "80-", "the port of the container is missing" },
	{ "80-:80", "the port of the host is missing" },
	{ "0", "the port of the container 0 is not between 1 and 65535" },
	{ "80:0", "the port of the container 0 is not between 1 and 65535" },
	{ "65536", "the port of the container 65536 is not between 1 and 65535" },
	{ "70000:80", "the port of the host 70000 is not between 1 and 65535" },
	{ "80:70000", "the port of the container 70000 is not between 1 and 65535" },
	{ "4294967376:80", "the port of the host 4294967376 is not between 1 and 65535" },
	{ "99999999999999999999:80",
		"the port of the host 99999999999999999999 is not between 1 and 65535" },
	{ "80:65530-65536", "the port of the container 65536 is not between 1 and 65535" },
	{ "-1", "the port of the container \"-1\" is no number" },
	{ "-1:80", "the port of the host \"-1\" is no number" },
	{ "+80", "the port of the container \"+80\" is no number" },
	{ " 80", "the port of the container \" 80\" is no number" },
	{ "80 ", "the port of the container \"80 \" is no number" },
	{ "80\n", "the port of the container \"80?\" is no number" },
	{ "0x50", "the port of the container \"0x50\" is no number" },
	{ "http", "the port of the container \"http\" is no number" },
	{ "web:80", "the port of the host \"web\" is no number" },
	{ "1-2-3", "the port of the container \"2-3\" is no number" },
	{ "8010-8000:80", "the range of ports of the host runs backwards" },
	{ "90-80", "the range of ports of the container runs backwards" },
	{ "80:8000-8010", "1 ports of the host are for 11 of the container" },
	{ "8000-8010:9000-9009", "11 ports of the host are for 10 of the container" },
	{ "8000-8001:9000-9009", "2 ports of the host are for 10 of the container" },
	{ "127.0.0.1:80",
		"between address and port of the container belongs a port of the host, or nothing "
		"(\"127.0.0.1::80\")" },
	{ "localhost:80:80", "\"localhost\" is no IPv4 address" },
	{ "127.0.0.256:80:80", "\"127.0.0.256\" is no IPv4 address" },
	{ "1:2:3:4", "\"1:2\" is no IPv4 address, and IPv6 is not supported" },
	{ "[::1]:80:80", "\"[::1]\" is no IPv4 address, and IPv6 is not supported" },
	{ "[::1]::80", "\"[::1]\" is no IPv4 address, and IPv6 is not supported" },
	{ "[fd00::1]:8080:80", "\"[fd00::1]\" is no IPv4 address, and IPv6 is not supported" },
	{ "::1:80:80", "\"::1\" is no IPv4 address, and IPv6 is not supported" },
	{ "80/", "the protocol \"\" is not supported: tcp or udp" },
	{ "80/sctp", "the protocol \"sctp\" is not supported: tcp or udp" },
	{ "80/icmp", "the protocol \"icmp\" is not supported: tcp or udp" },
	{ "80/tcp/udp", "the protocol \"tcp/udp\" is not supported: tcp or udp" },
	{ "80:80/udp:", "the protocol \"udp:\" is not supported: tcp or udp" },
	{ "80/udp:80", "the protocol \"udp:80\" is not supported: tcp or udp" },
};

static void test_bad(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cleanup_free char *text = xstrdup(bad[i].text), *want = NULL;
		struct portspec p;
		struct err e = { 0 };
		char *newline = strchr(text, '\n');

		ok(portspec_parse(bad[i].text, &p, &e) == -1, "-p \"%s\" is refused", bad[i].text);
		if (newline)
			*newline = '?';
		want = xasprintf("-p \"%s\": %s", text, bad[i].want);
		is_str(e.text, want, "in one line that says why");
	}
}

static void test_long(void)
{
	cleanup_free char *big = xcalloc(1, 100001);
	struct portspec p;
	struct err e;

	memset(big, '9', 100000);
	ok(portspec_parse(big, &p, &e) == -1 && strlen(e.text) < sizeof(e.text),
		"a port of 100000 digits is refused");
	memset(big, ':', 100000);
	ok(portspec_parse(big, &p, &e) == -1, "100000 colons are refused");
}

static void test_fields(void)
{
	struct portspec p;
	struct err e;

	ok(portspec_parse("127.0.0.1:8000-8009:80/udp", &p, &e) == 0 && p.ip == 0x7f000001 &&
			p.proto == IPPROTO_UDP && p.host == 8000 && p.host_count == 10 &&
			p.container == 80 && p.count == 1,
		"ten ports of the host for one of the container");
	ok(portspec_parse("80-84", &p, &e) == 0 && p.ip == 0 && p.host == 0 && p.host_count == 0 &&
			p.container == 80 && p.count == 5,
		"no port of the host means any");
	is_int(proto_by_name("sctp"), 0, "sctp is no protocol here");
	is_int(proto_by_name(proto_name(IPPROTO_UDP)), IPPROTO_UDP, "udp there and back");
	is_int(proto_by_name(proto_name(IPPROTO_TCP)), IPPROTO_TCP, "tcp there and back");
}

int main(void)
{
	test_good();
	test_bad();
	test_long();
	test_fields();
	return done_testing();
}
