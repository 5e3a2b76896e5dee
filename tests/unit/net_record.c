/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/record. */
#include <netinet/in.h>

#include "base/mem.h"
#include "base/opt.h"
#include "net/record.h"
#include "tap.h"

#define ID16 "0123456789abcdef"
#define ID "id " ID16 ID16 ID16 ID16 "\n"
#define SUBNET "subnet 10.211.3.0/24\n"
#define GATEWAY "gateway 10.211.3.1\n"
#define LINK "link 7\n"
#define CREATED "created 1700000000\n"
#define ALL ID SUBNET GATEWAY LINK CREATED
#define ENDPOINT "endpoint web 10.211.3.2 02:42:0a:d3:03:02 veth0123456789a eth0"

static const char *const good[] = {
	ALL,
	ALL "mtu 1400\n",
	ALL "mtu 68\ninternal\n",
	ALL "label a=b\nlabel c=d e f\nlabel g=\n",
	ALL "label lines=one\\ntwo\\\\n\n",
	ID "subnet 10.0.0.0/8\ngateway 10.255.255.254\nlink 99999\ncreated 4102444800\n",
	ID "subnet 10.0.0.0/30\ngateway 10.0.0.2\nlink 0\ncreated 0\n",
};

static void test_networks(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		cleanup_sb struct strbuf out = STRBUF_INIT;
		struct err e = { 0 };
		struct network *n = network_parse("tcr_default", good[i], &e);

		if (!ok(n != NULL, "a network is read: %s", e.text))
			continue;
		network_emit(n, &out);
		is_str(sb_str(&out), good[i], "what was read is written the same");
		network_free(n);
	}
}

static void test_fields(void)
{
	struct err e;
	struct network *n = network_parse(
		"db", ALL "mtu 1400\ninternal\nlabel a=\\nb\\\\\nlabel c=\n", &e);
	char bridge[IFNAMSIZ];

	if (!n)
		bail_out(e.text);
	is_str(n->name, "db", "the name");
	is_str(n->id, ID16 ID16 ID16 ID16, "the id");
	ok(n->subnet.base == 0x0ad30300 && n->subnet.prefix == 24, "the subnet");
	is_int(n->gateway, 0x0ad30301, "the gateway");
	is_int(n->mtu, 1400, "the MTU");
	ok(n->internal, "internal");
	is_int(n->created, 1700000000, "the time");
	is_int(strv_len(n->labels), 2, "two labels");
	is_str(n->labels[0], "a=\nb\\", "a label with lines and a backslash");
	is_str(network_bridge(n, bridge), "tcr7", "the bridge is named by the number");
	network_free(n);
	network_free(NULL);
}

static const struct {
	const char *text, *error;
} bad[] = {
	{ "", "the line \"id\" is missing" },
	{ ID SUBNET GATEWAY CREATED, "the line \"link\" is missing" },
	{ ID SUBNET LINK CREATED, "the line \"gateway\" is missing" },
	{ "id 0123\n" SUBNET, "line 1 is damaged: \"id 0123\"" },
	{ "id " ID16 ID16 ID16 "0123456789abcdeF\n" SUBNET, "line 1 is damaged" },
	{ ID ID, "line 2 is damaged" },
	{ ID "subnet 10.211.3.1/24\n", "line 2 is damaged: \"subnet 10.211.3.1/24\"" },
	{ ID "subnet 10.211.3.0/024\n", "line 2 is damaged" },
	{ ID "subnet 10.211.3.0/31\n", "line 2 is damaged" },
	{ ID "subnet 0.0.0.0/0\n", "line 2 is damaged" },
	{ ID "subnet 10.211.3.0\n", "line 2 is damaged" },
	{ ID SUBNET "gateway 10.211.3.0\n", "line 3 is damaged: \"gateway 10.211.3.0\"" },
	{ ID SUBNET "gateway 10.211.3.255\n", "line 3 is damaged" },
	{ ID SUBNET "gateway 10.211.4.1\n", "line 3 is damaged" },
	{ ID SUBNET "gateway\n", "line 3 is damaged" },
	{ ID "subnet 224.0.0.0/24\ngateway 224.0.0.1\n", "line 3 is damaged" },
	{ ID GATEWAY SUBNET, "line 2 is damaged" },
	{ ID "link -1\n", "line 2 is damaged" },
	{ ID "link 100000\n", "line 2 is damaged" },
	{ ID "link 7 8\n", "line 2 is damaged" },
	{ ID "link 7 \n", "line 2 is damaged" },
	{ ID "link  7\n", "line 2 is damaged" },
	{ ID " link 7\n", "line 2 is damaged" },
	{ ID "link 7", "line 2 is damaged: \"link 7\"" },
	{ ID "\n", "line 2 is damaged: \"\"" },
	{ ID "created -1\n", "line 2 is damaged" },
	{ ID "created 99999999999999999999\n", "line 2 is damaged" },
	{ ID "created\n", "line 2 is damaged" },
	{ ID "created 1e3\n", "line 2 is damaged" },
	{ ID "mtu 67\n", "line 2 is damaged" },
	{ ID "mtu 65536\n", "line 2 is damaged" },
	{ ID "internal yes\n", "line 2 is damaged" },
	{ ID "internal\ninternal\n", "line 3 is damaged" },
	{ ID "label a\n", "line 2 is damaged" },
	{ ID "label =a\n", "line 2 is damaged" },
	{ ID "label\n", "line 2 is damaged" },
	{ ID "label a=\\x\n", "line 2 is damaged" },
	{ ID "label a=\\\n", "line 2 is damaged" },
	{ ID "colour red\n", "line 2 is damaged: \"colour red\"" },
	{ ID "\33[1mx\377\n", "line 2 is damaged: \"?[1mx?\"" },
	{ ENDPOINT "\n", "line 1 is damaged" },
};

static void test_damaged_networks(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err e = { 0 };

		ok(!network_parse("web", bad[i].text, &e), "a damaged record is refused");
		has_str(e.text, bad[i].error, "with its line");
	}
}

static const struct {
	const char *name;
	bool valid;
} names[] = {
	{ "a", true },
	{ "0", true },
	{ "tcr_default", true },
	{ "docker0", true },
	{ "A.b-c_d", true },
	{ "", false },
	{ ".", false },
	{ "..", false },
	{ "-a", false },
	{ "_a", false },
	{ "a/b", false },
	{ "a b", false },
	{ "a\n", false },
	{ "a\303\244", false },
};

static void test_names(void)
{
	char name[NETWORK_NAME_MAX + 2];
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ok(network_name_is_valid(names[i].name) == names[i].valid, "\"%s\" is %s name",
			names[i].name, names[i].valid ? "a" : "no");
	memset(name, 'a', sizeof(name));
	name[NETWORK_NAME_MAX + 1] = '\0';
	ok(!network_name_is_valid(name), "a name of 64 characters is too long");
	ok(network_name_is_valid(name + 1), "one of 63 is not");
	ok(!network_parse("../x", ALL, &e), "a record with an impossible name is refused");
	has_str(e.text, "\"../x\" is no name of a network", "by that name");
}

static const char *const good_attachments[] = {
	"",
	ENDPOINT "\n",
	ENDPOINT " db db.local _x 7\n",
	ENDPOINT "\nendpoint tcr_default 10.211.0.2 02:42:0a:d3:00:02 veth1 eth1\n"
		 "port 0.0.0.0 tcp 8080 10.211.3.2 80\nport 127.0.0.1 udp 65535 10.211.3.2 1\n",
};

static void test_attachments(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(good_attachments); i++) {
		cleanup_sb struct strbuf out = STRBUF_INIT;
		struct err e = { 0 };
		struct attachment a;

		ok(attachment_parse(&a, good_attachments[i], &e) == 0, "an attachment is read %s",
			e.text);
		attachment_emit(&a, &out);
		is_str(sb_str(&out), good_attachments[i], "what was read is written the same");
		attachment_free(&a);
	}
}

static const struct {
	const char *text, *error;
} bad_attachments[] = {
	{ "endpoint\n", "line 1" },
	{ "endpoint web\n", "line 1" },
	{ ENDPOINT "\nendpoint web 10.0.0.2 02:42:0a:d3:03:02 veth1\n", "line 2 is damaged" },
	{ "endpoint ../web 10.0.0.2 02:42:0a:d3:03:02 veth1 eth0\n", "line 1" },
	{ "endpoint web 10.0.0.256 02:42:0a:d3:03:02 veth1 eth0\n", "line 1" },
	{ "endpoint web 0.0.0.0 02:42:0a:d3:03:02 veth1 eth0\n", "line 1" },
	{ "endpoint web 224.0.0.1 02:42:0a:d3:03:02 veth1 eth0\n", "line 1" },
	{ "endpoint web 10.0.0.2 ff:ff:ff:ff:ff:ff veth1 eth0\n", "line 1" },
	{ "endpoint web 10.0.0.2 02:42:0a:d3:03:02 ve/th eth0\n", "line 1" },
	{ "endpoint web 10.0.0.2 02:42:0a:d3:03:02 .. eth0\n", "line 1" },
	{ "endpoint web 10.0.0.2 02:42:0a:d3:03:02 veth1 0123456789abcdef\n", "line 1" },
	{ "endpoint web 10.0.0.2 02:42:0a:d3:03:02 veth1  eth0\n", "line 1" },
	{ ENDPOINT " a/b\n", "line 1" },
	{ ENDPOINT " a  b\n", "line 1" },
	{ ENDPOINT " \n", "line 1" },
	{ ENDPOINT, "line 1" },
	{ "port 0.0.0.0 tcp 0 10.0.0.2 80\n", "line 1" },
	{ "port 0.0.0.0 tcp 80 10.0.0.2 65536\n", "line 1" },
	{ "port 0.0.0.0 sctp 80 10.0.0.2 80\n", "line 1" },
	{ "port 0.0.0.0 tcp 80 0.0.0.0 80\n", "line 1" },
	{ "port 0.0.0.0 tcp 80 10.0.0.2\n", "line 1" },
	{ "port 0.0.0.0 tcp 80 10.0.0.2 80 1\n", "line 1" },
	{ "port any tcp 80 10.0.0.2 80\n", "line 1" },
	{ ALL, "line 1" },
};

static void test_damaged_attachments(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_attachments); i++) {
		struct err e = { 0 };
		struct attachment a;

		ok(attachment_parse(&a, bad_attachments[i].text, &e) == -1,
			"a damaged attachment is refused");
		has_str(e.text, bad_attachments[i].error, "with its line");
		attachment_free(&a);
	}
}

static void test_arrays(void)
{
	cleanup_sb struct strbuf out = STRBUF_INIT;
	struct attachment a = { 0 };

	for (int i = 0; i < 3; i++) {
		struct endpoint *p = attachment_add_endpoint(&a);

		p->network = xasprintf("net%d", i);
		p->addr = 0x0a000002 + i;
		mac_of_addr(p->addr, p->mac);
		snprintf(p->link, sizeof(p->link), "veth%d", i);
		snprintf(p->ifname, sizeof(p->ifname), "eth%d", i);
	}
	strv_append(&a.endpoints[1].aliases, "gone");
	attachment_drop_endpoint(&a, 1);
	*attachment_add_port(&a) = (struct published){ 0, IPPROTO_UDP, 53, 0x0a000002, 5353 };
	attachment_emit(&a, &out);
	is_str(sb_str(&out),
		"endpoint net0 10.0.0.2 02:42:0a:00:00:02 veth0 eth0\n"
		"endpoint net2 10.0.0.4 02:42:0a:00:00:04 veth2 eth2\n"
		"port 0.0.0.0 udp 53 10.0.0.2 5353\n",
		"endpoints and ports are added, and one is dropped");
	attachment_free(&a);
	ok(!a.n_endpoints && !a.n_ports && !a.endpoints && !a.ports, "and all are freed");
}

/* The longest line for each port. */
static void test_most_ports(void)
{
	cleanup_sb struct strbuf out = STRBUF_INIT, again = STRBUF_INIT;
	struct attachment a = { 0 }, b;
	struct err e = { 0 };

	for (int i = 0; i < ATTACHMENT_PORTS_MAX; i++)
		*attachment_add_port(&a) = (struct published){ 0xdfdfdfdf, IPPROTO_TCP, 65535 - i,
			0xdfdfdfdf, 10000 };
	attachment_emit(&a, &out);
	ok(out.len < NETWORK_RECORD_MAX - 16 * 2048,
		"4096 ports leave room for 16 networks: %zu bytes", out.len);
	ok(attachment_parse(&b, sb_str(&out), &e) == 0, "they are read %s", e.text);
	attachment_emit(&b, &again);
	is_str(sb_str(&again), sb_str(&out), "and written the same");
	attachment_free(&b);
	sb_adds(&out, "port 0.0.0.0 tcp 80 10.0.0.2 80\n");
	ok(attachment_parse(&b, sb_str(&out), &e) == -1, "one more is refused");
	has_str(e.text, "line 4097", "with its line");
	attachment_free(&b);
	attachment_free(&a);
}

int main(void)
{
	test_networks();
	test_fields();
	test_damaged_networks();
	test_names();
	test_attachments();
	test_damaged_attachments();
	test_arrays();
	test_most_ports();
	return done_testing();
}
