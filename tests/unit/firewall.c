/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/firewall, net/nft and net/ruleset: the kernel's own nftables, as nft(8) shows them,
 * as root in a network namespace of its own. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "firewall_text.h"
#include "net/firewall.h"
#include "tap.h"

enum { MANY = 3000 };

/* These stand in front of the C library's functions. A kernel without something is one that is told
 * of something that no kernel has: the answer is its own. */
static struct {
	char known[8], unknown[8]; /* what stands in its place in each message; as long */
	uint16_t subsystem;        /* of the batch, instead of nf_tables */
	uint8_t family;            /* of the table, instead of inet */
	int send_errno;            /* the batch is not sent */
	bool no_answer;            /* what the kernel answers is lost */
	int interrupts, overflows; /* so many times, that happens before the answer comes */
} fake;

static void *in_disguise(const void *buf, size_t len)
{
	size_t n = strlen(fake.known);
	char *copy = memcpy(xcalloc(1, len), buf, len);
	struct nlmsghdr *m = (void *)copy;
	int left = (int)len;

	for (char *c = copy; n && (c = memmem(c, len - (size_t)(c - copy), fake.known, n)); c += n)
		memcpy(c, fake.unknown, n);
	for (; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
		struct nfgenmsg *head = mnl_nlmsg_get_payload(m);

		if (fake.subsystem && m->nlmsg_type == NFNL_MSG_BATCH_BEGIN)
			head->res_id = htons(fake.subsystem);
		if (fake.family && m->nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES)
			head->nfgen_family = fake.family;
	}
	return copy;
}

ssize_t sendto(
	int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
	cleanup_free void *copy = in_disguise(buf, len);

	errno = fake.send_errno;
	return errno ? -1 : syscall(SYS_sendto, fd, copy, len, flags, to, to_len);
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	ssize_t n;

	errno = fake.interrupts && fake.interrupts-- ? EINTR
		: fake.overflows && fake.overflows-- ? ENOBUFS
						     : 0;
	if (errno)
		return -1;
	n = syscall(SYS_recvfrom, fd, buf, len, flags, NULL, NULL);
	if (n > 0 && fake.no_answer) {
		errno = EAGAIN;
		return -1;
	}
	return n;
}

static struct nl nl, watch;

static const struct firewall_network networks[] = {
	{ "tcr0", { 0x0ad30000, 24 }, false, true },
	{ "tcr_is_15_chars", { 0x0ad30100, 26 }, true, false },
};

/* The second has been the name of another interface. */
static const char *const guarded[] = { "wan0", "tcr0", NULL };

static const struct published ports[] = {
	{ 0, IPPROTO_TCP, 8080, 0x0ad30002, 80 },
	{ 0x7f000001, IPPROTO_UDP, 65535, 0x0ad30003, 1 },
	{ 0, IPPROTO_UDP, 8080, 0x0ad30004, 53 },
};

static const struct firewall full = { "tcr", networks, ARRAY_SIZE(networks), ports,
	ARRAY_SIZE(ports), guarded };
static const struct firewall empty = { .table = "tcr" };

/* What nft(8) says, its errors included. The caller frees it. */
static char *__attribute__((format(printf, 1, 2))) nft(const char *fmt, ...)
{
	char command[700] = "nft ", *text = NULL;
	size_t len = 0;
	va_list ap;
	FILE *from, *to;
	int c;

	va_start(ap, fmt);
	vsnprintf(command + 4, sizeof(command) - 10, fmt, ap);
	va_end(ap);
	strcat(command, " 2>&1");
	from = popen(command, "re");
	to = open_memstream(&text, &len);
	if (!from || !to)
		bail_out(command);
	while ((c = getc(from)) != EOF)
		putc(c, to);
	fclose(to);
	pclose(from);
	return text;
}

/* Changes something, as somebody else. */
static void foreign(const char *change)
{
	cleanup_free char *said = nft("'%s'", change);

	if (*said)
		bail_out(said);
}

static void rebuild(const struct firewall *f)
{
	struct err e = { 0 };

	if (firewall_rebuild(&nl, f, &e) < 0)
		bail_out(e.text);
}

/* Nothing has changed since BEFORE, not even a handle. */
static void is_as_before(const char *before, const char *what, const char *name)
{
	cleanup_free char *now = nft("-a list %s", what);

	is_str(now, before, name);
}

static bool is_listed(const char *what, const char *part)
{
	cleanup_free char *text = nft("list %s", what);

	return strstr(text, part);
}

static int count_listed(const char *what, const char *part)
{
	cleanup_free char *text = nft("list %s", what);
	int n = 0;

	for (const char *c = text; (c = strstr(c, part)); c++)
		n++;
	return n;
}

static void test_rebuild(void)
{
	struct err e = { 0 };
	cleanup_free char *built = NULL, *again = NULL, *said = NULL;

	is_int(firewall_rebuild(&nl, &full, &e), 0, "the table is built");
	built = nft("list table inet tcr");
	is_str(built, full_text, "it is as it should be");
	said = nft("list table inet tcr | nft -c -f -");
	is_str(said, "", "nft(8) reads what it prints");
	is_int(firewall_rebuild(&nl, &full, &e), 0, "it is built once more");
	again = nft("list table inet tcr");
	is_str(again, full_text, "it is the same");
	is_int(firewall_rebuild(&nl, &empty, &e), 0, "a table without networks is built");
	is_int(count_listed("table inet tcr", "elements"), 0, "nothing of the first is left");
	is_int(count_listed("table inet tcr", "chain "), 8, "its chains are there");
}

static const struct {
	const char *name, *text;
	typeof(fake) fake;
} failures[] = {
	{ "without nf_tables", "cannot change it (needs CONFIG_NF_TABLES, ",
		{ .subsystem = NFNL_SUBSYS_OSF } },
	{ "without tables of both families",
		", CONFIG_NF_TABLES_INET in the kernel): ", { .family = 99 } },
	{ "without chains of NAT", "cannot add a chain (needs CONFIG_NFT_NAT ",
		{ .known = "nat", .unknown = "nax" } },
	{ "without connection tracking", "cannot add a rule (needs CONFIG_NFT_CT, ",
		{ .known = "ct", .unknown = "cx" } },
	{ "without masquerading", ", CONFIG_NFT_MASQ, ", { .known = "masq", .unknown = "maxq" } },
	{ "without lookups of routes",
		", CONFIG_NFT_FIB_INET in the kernel): ", { .known = "fib", .unknown = "fxb" } },
	{ "that takes no batch so large", "cannot change it: Message too long",
		{ .send_errno = EMSGSIZE } },
};

/* A duplicate, so that the batch fails at its very end. */
static const struct published twice[] = {
	{ 0, IPPROTO_TCP, 8080, 0x0ad30002, 80 },
	{ 0, IPPROTO_TCP, 8080, 0x0ad30002, 81 },
};

static void test_failures(void)
{
	const struct firewall contrary = { "tcr", networks, 1, twice, 2, NULL };
	cleanup_free char *before = nft("-a list ruleset");
	struct err e;

	memset(&e, 0, sizeof(e));
	is_int(firewall_rebuild(&nl, &contrary, &e), -1, "a port that leads to two is an error");
	has_str(e.text, "table \"inet tcr\": cannot add an element: File exists",
		"the text says so");
	is_as_before(before, "ruleset", "nothing has changed");
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		memset(&e, 0, sizeof(e));
		fake = failures[i].fake;
		ok(firewall_rebuild(&nl, &full, &e) == -1, "a kernel %s is an error",
			failures[i].name);
		memset(&fake, 0, sizeof(fake));
		has_str(e.text, failures[i].text, "the text says what is missing");
		printf("# %s\n", e.text);
		is_as_before(before, "ruleset", "nothing has changed");
	}
	fake.no_answer = true;
	is_int(firewall_rebuild(&nl, &full, &e), -1, "no answer is an error");
	has_str(e.text, "Protocol error", "the text says so");
	memset(&fake, 0, sizeof(fake));
	fake.interrupts = fake.overflows = 3;
	is_int(firewall_rebuild(&nl, &full, &e), 0, "signals and lost errors are none");
}

/* What publishing is to give: of FULL, and one more. */
static const struct published more[] = {
	{ 0, IPPROTO_TCP, 9000, 0x0ad30005, 90 },
	{ 0xcb007102, IPPROTO_TCP, 9000, 0x0ad30006, 91 },
};

static const char publish_map[] = "map inet tcr publish",
		  publish_ip_map[] = "map inet tcr publish_ip";
static const char first_port[] = "tcp . 9000 : 10.211.0.5 . 90";
static const char second_port[] = "203.0.113.2 . tcp . 9000 : 10.211.0.6 . 91";

static void both_are_published(bool both, const char *name)
{
	ok(is_listed(publish_map, first_port) == both &&
			is_listed(publish_ip_map, second_port) == both,
		"%s", name);
}

static void test_publish(void)
{
	struct published other = more[0];
	struct err e = { 0 };

	rebuild(&full);
	is_int(firewall_publish(&nl, "tcr", more, 2, &e), 0, "two ports are published");
	both_are_published(true, "they are in their maps");
	is_int(firewall_publish(&nl, "tcr", more, 2, &e), 0, "they are published again");
	both_are_published(true, "they are there");
	other.to_addr++;
	is_int(firewall_publish(&nl, "tcr", (struct published[]){ ports[0], other }, 2, &e), -1,
		"a port that leads elsewhere is not published");
	has_str(e.text, "cannot add an element: File exists", "the text says so");
	both_are_published(true, "the first stays");
	is_int(firewall_publish(&nl, "tcr", NULL, 0, &e), 0, "nothing is published");
	is_int(firewall_unpublish(&nl, "tcr", more, 2, &e), 0, "the ports are taken out");
	both_are_published(false, "they are gone");
	is_int(firewall_unpublish(&nl, "tcr", more, 2, &e), 0, "they are taken out again");
	is_int(firewall_unpublish(&nl, "tcr", NULL, 0, &e), 0, "nothing is taken out");
	cleanup_free char *text = nft("list table inet tcr");
	is_str(text, full_text, "the others are as before");
}

static void test_unpublish_of_others(void)
{
	struct published mine[] = { more[0], more[1], ports[0], ports[1] };
	struct err e = { 0 };

	/* The ports 0 and 2 lead elsewhere by now, 1 leads here, 3 too. */
	rebuild(&full);
	if (firewall_publish(&nl, "tcr", more, 2, &e) < 0)
		bail_out(e.text);
	mine[0].to_addr++;
	mine[2].to_port++;
	is_int(firewall_unpublish(&nl, "tcr", mine, 4, &e), 0,
		"ports are taken out, some of which "
		"lead elsewhere");
	ok(is_listed(publish_map, first_port) && is_listed(publish_map, "10.211.0.2 . 80"),
		"what leads elsewhere stays");
	is_int(count_listed(publish_ip_map, " : 10"), 0, "the others are gone");
}

static void test_missing_table(void)
{
	struct err e = { 0 };

	rebuild(&full);
	fake.send_errno = EMSGSIZE;
	is_int(firewall_remove(&nl, "tcr", &e), -1, "a kernel that does not listen is an error");
	memset(&fake, 0, sizeof(fake));
	is_int(firewall_remove(&nl, "tcr", &e), 0, "the table is removed");
	ok(!is_listed("tables", "inet tcr"), "it is gone");
	is_int(firewall_remove(&nl, "tcr", &e), 0, "it is removed again");
	fake.subsystem = NFNL_SUBSYS_OSF;
	is_int(firewall_remove(&nl, "tcr", &e), 0, "a kernel without nf_tables has none");
	memset(&fake, 0, sizeof(fake));
	fake.family = 99;
	is_int(firewall_remove(&nl, "tcr", &e), 0, "one without the family inet, too");
	memset(&fake, 0, sizeof(fake));
	is_int(firewall_unpublish(&nl, "tcr", more, 2, &e), 0, "nothing is to be taken out of it");
	is_int(firewall_publish(&nl, "tcr", more, 2, &e), -1, "publishing in it is an error");
	has_str(e.text, "table \"inet tcr\": cannot add an element: No such file or directory",
		"the text says so");
	ok(!is_listed("tables", "inet tcr"), "none of that makes a table");
}

static void test_many_ports(void)
{
	struct published *many = xcalloc(MANY, sizeof(*many));
	struct firewall f = full;
	struct err e = { 0 };

	for (unsigned i = 0; i < MANY; i++)
		many[i] = (struct published){ i % 2 ? 0x7f000001 : 0, IPPROTO_TCP,
			(uint16_t)(20000 + i), 0x0ad30002, (uint16_t)(i + 1) };
	f.ports = many;
	f.n_ports = MANY;
	is_int(firewall_rebuild(&nl, &f, &e), 0, "a table with thousands of ports is built");
	is_int(count_listed(publish_map, " : 10.") + count_listed(publish_ip_map, " : 10."), MANY,
		"all of them are there");
	is_int(firewall_rebuild(&nl, &f, &e), 0, "it is built again");
	is_int(firewall_unpublish(&nl, "tcr", many, MANY, &e), 0, "all are taken out");
	is_int(count_listed("table inet tcr", " : 10."), 0, "none is left");
	is_int(firewall_publish(&nl, "tcr", many, MANY, &e), 0, "all are published at once");
	is_int(count_listed("table inet tcr", " : 10."), MANY, "all of them are there again");
	free(many);
}

static const char *const strangers[] = {
	"table ip tcr { chain forward { type filter hook forward priority 0; policy drop; }; }",
	"table ip6 tcr { set bridges { type ifname; elements = { eth0 }; }; }",
	"table inet tcr_run_x { set bridges { type ifname; elements = { tcr0 }; }; chain publish { }; }",
	"table ip nat { chain DOCKER { iifname docker0 counter return; dnat to 172.17.0.2; }; }",
};

static void test_strangers(void)
{
	struct err e = { 0 };
	char *before;
	static const char *const theirs[] = { "table ip tcr", "table ip6 tcr",
		"table inet tcr_run_x", "table ip nat" };
	char *texts[ARRAY_SIZE(theirs)];

	foreign("flush ruleset");
	for (size_t i = 0; i < ARRAY_SIZE(strangers); i++)
		foreign(strangers[i]);
	before = nft("-a list ruleset");
	for (size_t i = 0; i < ARRAY_SIZE(theirs); i++)
		texts[i] = nft("-a list %s", theirs[i]);
	rebuild(&full);
	rebuild(&full);
	is_int(firewall_publish(&nl, "tcr", more, 2, &e), 0, "ports are published beside others");
	is_int(firewall_unpublish(&nl, "tcr", more, 1, &e), 0, "and taken out");
	for (size_t i = 0; i < ARRAY_SIZE(theirs); i++) {
		is_as_before(texts[i], theirs[i], theirs[i]);
		free(texts[i]);
	}
	is_int(firewall_remove(&nl, "tcr", &e), 0, "the table is removed");
	is_as_before(before, "ruleset", "tables of others are byte for byte as before");
	free(before);
}

static const struct {
	bool counts;
	const char *change;
} changes[] = {
	{ true, "flush ruleset" },
	{ true, "delete table inet tcr" },
	{ true, "flush table inet tcr" },
	{ true, "flush chain inet tcr forward" },
	{ true, "flush chain inet tcr raw; add rule inet tcr raw accept" },
	{ true, "delete rule inet tcr raw handle %d" },
	{ true, "delete element inet tcr publish { tcp . 8080 }" },
	{ true, "flush set inet tcr bridges" },
	{ true, "flush map inet tcr publish_ip" },
	{ true, "add table inet tcr { flags dormant; }" },
	{ true, "flush ruleset; add table inet tcr { set bridges { type ifname; }; }" },
	{ false, "add table inet other" },
	{ false,
		"add chain inet other c { type filter hook forward priority 0; }; "
		"add rule inet other c drop; flush chain inet other c; delete chain inet other c; "
		"delete table inet other" },
	{ false,
		"add table ip tcr; add chain ip tcr c; add rule ip tcr c drop; flush table ip tcr; "
		"delete table ip tcr" },
	{ false,
		"add table inet tcr2; add set inet tcr2 s { type ifname; }; "
		"add element inet tcr2 s { tcr0 }; flush set inet tcr2 s; delete set inet tcr2 s; "
		"delete table inet tcr2" },
	{ false, "add table inet tc; add table inet tc { flags dormant; }; delete table inet tc" },
	{ false, "add element inet tcr publish { tcp . 1 : 10.211.0.2 . 1 }" },
};

static int handle_in_raw(void)
{
	cleanup_free char *text = nft("-a list chain inet tcr raw");
	const char *handle = strstr(text, "drop # handle ");

	return handle ? atoi(handle + strlen("drop # handle ")) : 0;
}

static void test_watch(void)
{
	struct err e = { 0 };

	foreign("flush ruleset");
	is_int(firewall_watch(&watch, &nl, &e), 0, "changes are listened to");
	ok(!firewall_was_disturbed(&watch, "tcr"), "nothing is no disturbance");
	rebuild(&full);
	rebuild(&empty);
	is_int(firewall_publish(&nl, "tcr", more, 2, &e), 0, "ports are published");
	is_int(firewall_unpublish(&nl, "tcr", more, 2, &e), 0, "and taken out");
	is_int(firewall_remove(&nl, "tcr", &e), 0, "the table is removed");
	ok(!firewall_was_disturbed(&watch, "tcr"), "none of our changes is a disturbance");
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		char change[300];

		rebuild(&full);
		snprintf(change, sizeof(change), changes[i].change, handle_in_raw());
		foreign(change);
		ok(firewall_was_disturbed(&watch, "tcr") == changes[i].counts,
			"a disturbance or none: %s", change);
		ok(!firewall_was_disturbed(&watch, "tcr"), "it is so only once");
	}
	rebuild(&full);
	foreign("delete table inet tcr");
	ok(!firewall_was_disturbed(&watch, "tcr_run_x"), "another instance is not disturbed");
}

/* Messages that found no room in the socket. */
static void test_overflow(void)
{
	const int small = 1;

	rebuild(&empty);
	fake.interrupts = 1;
	ok(!firewall_was_disturbed(&watch, "tcr"), "a signal is no disturbance");
	setsockopt(mnl_socket_get_fd(watch.socket), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	test_many_ports();
	ok(!firewall_was_disturbed(&watch, "tcr"), "thousands of own changes are none");
	foreign("add table inet other");
	for (int i = 0; i < 3; i++)
		foreign("add set inet other s { type ifname . ifname . ifname; }; "
			"add element inet other s { a . b . c, a . b . d, a . b . e }; "
			"flush set inet other s");
	ok(firewall_was_disturbed(&watch, "tcr"), "lost messages are a disturbance");
	ok(!firewall_was_disturbed(&watch, "tcr"), "but only once");
	foreign("delete table inet other");
}

static void setup(void)
{
	struct err e = { 0 };

	if (geteuid() != 0)
		skip_all("needs root");
	if (system("nft --version >/dev/null 2>&1") != 0)
		skip_all("needs nft(8), package nftables");
	if (unshare(CLONE_NEWNET) < 0)
		skip_all("may not make a network namespace (CAP_SYS_ADMIN)");
	if (nl_open(&nl, NETLINK_NETFILTER, &e) < 0)
		bail_out(e.text);
}

int main(void)
{
	setup();
	test_rebuild();
	test_failures();
	test_publish();
	test_unpublish_of_others();
	test_missing_table();
	test_many_ports();
	test_strangers();
	test_watch();
	test_overflow();
	nl_close(&watch);
	nl_close(&nl);
	return done_testing();
}
