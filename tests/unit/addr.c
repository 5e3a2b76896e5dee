/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/addr. */
#include "base/mem.h"
#include "net/addr.h"
#include "tap.h"

static const struct {
	const char *text;
	int64_t want; /* -1: no address */
} addresses[] = {
	{ "0.0.0.0", 0 },
	{ "10.211.0.1", 0x0ad30001 },
	{ "255.255.255.255", 0xffffffff },
	{ "127.0.0.1", 0x7f000001 },
	{ "", -1 },
	{ "10", -1 },
	{ "10.1.2", -1 },
	{ "10.1.2.3.4", -1 },
	{ "10.1.2.256", -1 },
	{ "10.1.2.3 ", -1 },
	{ " 10.1.2.3", -1 },
	{ "10.1.2.3/24", -1 },
	{ "10.1.2.-3", -1 },
	{ "10.1.2.+3", -1 },
	{ "10.1..3", -1 },
	{ "10.1.2.03", -1 },
	{ "0x0a.1.2.3", -1 },
	{ "::1", -1 },
	{ "localhost", -1 },
};

static void test_addresses(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		const char *text = addresses[i].text;
		char buf[ADDR_SIZE];
		uint32_t addr;
		int rc = addr_parse(text, &addr);

		if (addresses[i].want < 0)
			ok(rc == -1, "\"%s\" is no address", text);
		else
			ok(rc == 0 && addr == addresses[i].want &&
					!strcmp(addr_format(addr, buf), text),
				"%s is an address, there and back", text);
	}
}

static const struct {
	const char *text, *want; /* NULL: no subnet */
	const char *last;
} subnets[] = {
	{ "10.211.0.0/16", "10.211.0.0/16", "10.211.255.255" },
	{ "10.211.7.9/24", "10.211.7.0/24", "10.211.7.255" },
	{ "0.0.0.0/0", "0.0.0.0/0", "255.255.255.255" },
	{ "1.2.3.4/0", "0.0.0.0/0", "255.255.255.255" },
	{ "255.255.255.255/32", "255.255.255.255/32", "255.255.255.255" },
	{ "192.168.1.131/25", "192.168.1.128/25", "192.168.1.255" },
	{ "10.0.0.1/31", "10.0.0.0/31", "10.0.0.1" },
	{ "10.0.0.0", NULL, NULL },
	{ "10.0.0.0/", NULL, NULL },
	{ "10.0.0.0/33", NULL, NULL },
	{ "10.0.0.0/-1", NULL, NULL },
	{ "10.0.0.0/24 ", NULL, NULL },
	{ "10.0.0.0/24/24", NULL, NULL },
	{ "10.0.0/24", NULL, NULL },
	{ "/24", NULL, NULL },
	{ "", NULL, NULL },
	{ "1111111111111111111111111.0.0.0/24", NULL, NULL },
	{ "fd00::/64", NULL, NULL },
};

static void test_subnets(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(subnets); i++) {
		const char *text = subnets[i].text;
		char buf[SUBNET_SIZE], last[ADDR_SIZE];
		struct subnet n;
		int rc = subnet_parse(text, &n);

		if (!subnets[i].want) {
			ok(rc == -1, "\"%s\" is no subnet", text);
			continue;
		}
		ok(rc == 0, "%s is a subnet", text);
		is_str(subnet_format(&n, buf), subnets[i].want, "its base has no host bits");
		is_str(addr_format(subnet_last(&n), last), subnets[i].last, "its last address");
		ok(subnet_contains(&n, n.base) && subnet_contains(&n, subnet_last(&n)),
			"it contains its first and last address");
		ok(n.prefix == 0 ||
				(!subnet_contains(&n, n.base - 1) &&
					!subnet_contains(&n, subnet_last(&n) + 1)),
			"but not those beside them");
	}
}

static struct subnet subnet(const char *text)
{
	struct subnet n;

	if (subnet_parse(text, &n))
		bail_out(text);
	return n;
}

static const struct {
	const char *a, *b;
	bool overlap;
} pairs[] = {
	{ "10.0.0.0/24", "10.0.0.0/24", true },
	{ "10.0.0.0/16", "10.0.255.0/24", true },
	{ "0.0.0.0/0", "203.0.113.0/24", true },
	{ "10.0.0.0/24", "10.0.1.0/24", false },
	{ "10.0.0.0/25", "10.0.0.128/25", false },
	{ "10.0.0.7/32", "10.0.0.0/29", true },
	{ "10.0.0.8/32", "10.0.0.0/29", false },
};

static void test_overlap(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct subnet a = subnet(pairs[i].a), b = subnet(pairs[i].b);

		ok(subnet_overlaps(&a, &b) == pairs[i].overlap &&
				subnet_overlaps(&b, &a) == pairs[i].overlap,
			"%s and %s %s", pairs[i].a, pairs[i].b,
			pairs[i].overlap ? "overlap" : "are apart");
	}
}

static const struct {
	const char *pool, *taken[4], *want; /* NULL: none is free */
	uint8_t prefix;
} picks[] = {
	{ "10.211.0.0/16", { NULL }, "10.211.0.0/24", 24 },
	{ "10.211.0.0/16", { "10.211.0.0/24" }, "10.211.1.0/24", 24 },
	{ "10.211.0.0/16", { "10.211.1.0/24", "10.211.0.0/24" }, "10.211.2.0/24", 24 },
	{ "10.211.0.0/16", { "10.211.0.64/32" }, "10.211.1.0/24", 24 },
	{ "10.211.0.0/16", { "10.211.0.0/17" }, "10.211.128.0/24", 24 },
	{ "10.211.0.0/16", { "10.211.0.0/16" }, NULL, 24 },
	{ "10.211.0.0/16", { "0.0.0.0/0" }, NULL, 24 },
	{ "10.211.0.0/16", { "192.168.0.0/16" }, "10.211.0.0/16", 16 },
	{ "10.211.0.0/16", { NULL }, NULL, 15 },
	{ "10.211.0.0/24", { "10.211.0.0/25", "10.211.0.128/26" }, "10.211.0.192/26", 26 },
	{ "10.211.0.0/24", { "10.211.0.0/25", "10.211.0.128/25" }, NULL, 24 },
	{ "255.255.255.0/24", { "255.255.255.0/25" }, "255.255.255.128/25", 25 },
	{ "255.255.255.0/24", { "255.255.255.0/24" }, NULL, 24 },
	{ "0.0.0.0/0", { "0.0.0.0/1", "128.0.0.0/2" }, "192.0.0.0/32", 32 },
	{ "10.0.0.0/24", { NULL }, NULL, 33 },
};

static void test_pick(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(picks); i++) {
		struct subnet pool = subnet(picks[i].pool), taken[4], got;
		char buf[SUBNET_SIZE];
		size_t n = 0;

		for (; n < 4 && picks[i].taken[n]; n++)
			taken[n] = subnet(picks[i].taken[n]);
		is_str(subnet_pick(&pool, picks[i].prefix, taken, n, &got)
				? subnet_format(&got, buf)
				: NULL,
			picks[i].want, "the first free subnet is picked");
	}
}

static void test_whole_pool(void)
{
	struct subnet pool = subnet("10.211.0.0/16"), taken[256];
	size_t n = 0;

	while (n < 256 && subnet_pick(&pool, 24, taken, n, &taken[n]))
		n++;
	is_int(n, 256, "a /16 has 256 subnets of 24 bits");
	ok(!subnet_pick(&pool, 24, taken, n, &taken[0]), "and no more");
}

static const struct {
	const char *text, *want; /* NULL: none */
} macs[] = {
	{ "02:42:0a:d3:00:02", "02:42:0a:d3:00:02" },
	{ "02:42:0A:D3:00:FF", "02:42:0a:d3:00:ff" },
	{ "00:00:00:00:00:01", "00:00:00:00:00:01" },
	{ "fe:ff:ff:ff:ff:ff", "fe:ff:ff:ff:ff:ff" },
	{ "00:00:00:00:00:00", NULL },
	{ "ff:ff:ff:ff:ff:ff", NULL },
	{ "01:00:5e:00:00:01", NULL },
	{ "02:42:0a:d3:00", NULL },
	{ "02:42:0a:d3:00:", NULL },
	{ "02:42:0a:d3:00:0", NULL },
	{ "02:42:0a:d3:00:02:", NULL },
	{ "02:42:0a:d3:00:02:03", NULL },
	{ "02:42:0a:d3:00:0g", NULL },
	{ "02-42-0a-d3-00-02", NULL },
	{ "02420ad30002", NULL },
	{ " 2:42:0a:d3:00:02", NULL },
	{ "", NULL },
};

static void test_macs(void)
{
	uint8_t mac[MAC_LEN];
	char buf[MAC_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
		cleanup_free char *name = xasprintf("\"%s\" is %s", macs[i].text,
			macs[i].want ? "the address of a host" : "none");

		is_str(mac_parse(macs[i].text, mac) ? NULL : mac_format(mac, buf), macs[i].want,
			name);
	}
	mac_of_addr(0x0ad300fe, mac);
	is_str(mac_format(mac, buf), "02:42:0a:d3:00:fe", "the address of a container has its own");
}

static const struct {
	const char *text;
	bool valid;
} servers[] = {
	{ "127.0.0.53", true },
	{ "::1", true },
	{ "fe80::1%2", true },
	{ "fe80::1%eth0.7", true },
	{ "fe80::1%fifteen-letters", true },
	{ "fe80::1%sixteen--letters", false },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%fifteen-letters", true },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555%eth0", false },
	{ "fe80::1%", false },
	{ "fe80::1%%", false },
	{ "fe80::1%a b", false },
	{ "fe80::1%a/b", false },
	{ "fe80::1%a\303\244", false },
	{ "127.0.0.1%lo", false },
	{ "%lo", false },
	{ " ::1", false },
	{ "1.2.3", false },
	{ "localhost", false },
	{ "", false },
};

static void test_servers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		ok(server_is_valid(servers[i].text) == servers[i].valid, "\"%s\" is %s name server",
			servers[i].text, servers[i].valid ? "a" : "no");
	ok(strlen(servers[6].text) + 1 == SERVER_SIZE, "the longest fits exactly");
}

int main(void)
{
	test_addresses();
	test_subnets();
	test_overlap();
	test_pick();
	test_whole_pool();
	test_macs();
	test_servers();
	return done_testing();
}
