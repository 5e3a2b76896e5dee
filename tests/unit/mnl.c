/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/mnl and net/mnl_attr: they write, read and answer what libmnl does. */
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <sys/time.h>

#include "tap.h"

/* clang-format off */
#define CALLS(X) \
	X(mnl_nlmsg_put_header) X(mnl_nlmsg_put_extra_header) X(mnl_nlmsg_ok) X(mnl_nlmsg_next) \
	X(mnl_nlmsg_get_payload) X(mnl_nlmsg_get_payload_offset) X(mnl_nlmsg_get_payload_tail) \
	X(mnl_nlmsg_get_payload_len) \
	X(mnl_nlmsg_batch_start) X(mnl_nlmsg_batch_stop) X(mnl_nlmsg_batch_next) \
	X(mnl_nlmsg_batch_head) X(mnl_nlmsg_batch_current) X(mnl_nlmsg_batch_size) \
	X(mnl_attr_get_type) X(mnl_attr_get_payload_len) X(mnl_attr_get_payload) \
	X(mnl_attr_get_u8) X(mnl_attr_get_u16) X(mnl_attr_get_u32) X(mnl_attr_get_u64) \
	X(mnl_attr_get_str) X(mnl_attr_ok) X(mnl_attr_next) \
	X(mnl_attr_parse) X(mnl_attr_parse_nested) X(mnl_attr_type_valid) X(mnl_attr_validate) \
	X(mnl_attr_put) X(mnl_attr_put_check) X(mnl_attr_put_u8) X(mnl_attr_put_u16) \
	X(mnl_attr_put_u32) X(mnl_attr_put_u64) X(mnl_attr_put_str) X(mnl_attr_put_strz) \
	X(mnl_attr_nest_start) X(mnl_attr_nest_start_check) X(mnl_attr_nest_end) X(mnl_cb_run) \
	X(mnl_socket_open) X(mnl_socket_open2) X(mnl_socket_bind) X(mnl_socket_close) \
	X(mnl_socket_get_fd) X(mnl_socket_get_portid) X(mnl_socket_setsockopt) \
	X(mnl_socket_sendto) X(mnl_socket_recvfrom)
/* clang-format on */

/* From here on ours have other symbols, and so both fit into one program. */
#define THEIRS(name) extern typeof(name) their_##name __asm__(#name);
#define OURS(name) extern typeof(name) name __asm__("our_" #name);
CALLS(THEIRS)
CALLS(OURS)
#define fail attr_fail
#include "net/mnl_attr.c" /* NOLINT(bugprone-suspicious-include) */
#undef fail
#include "net/mnl.c" /* NOLINT(bugprone-suspicious-include) */

#define POINTER(name) typeof(name) *name;
#define OUR_ROW(name) .name = name,
#define THEIR_ROW(name) .name = their_##name,
static const struct mnl {
	CALLS(POINTER)
} ours = { CALLS(OUR_ROW) }, theirs = { CALLS(THEIR_ROW) };

enum { BIG = 160 * 1024, PORT = 0x7c5a17 };

static const struct mnl *m; /* the one whose turn it is */
static FILE *out;           /* what it did, as text */
static union {
	char bytes[BIG];
	struct nlmsghdr msg;
	struct nlattr attr;
	uint64_t aligned;
} buf;

static void say(const char *what, long value)
{
	fprintf(out, " %s=%ld", what, value);
}

/* An offset into the buffer, instead of an address. */
static void say_at(const char *what, const void *p)
{
	say(what, p ? (const char *)p - buf.bytes : -1);
}

static void say_result(const char *what, long value)
{
	fprintf(out, " %s=%ld(%s)", what, value, errno ? strerrorname_np(errno) : "0");
	errno = 0;
}

static void say_bytes(size_t len)
{
	fputs(" bytes=", out);
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", (unsigned char)buf.bytes[i]);
}

/* A new message. The buffer is clean, as libmnl before 1.0.5 leaves gaps behind values as they are.
 */
static struct nlmsghdr *fresh(void)
{
	memset(buf.bytes, 0, sizeof(buf.bytes));
	return m->mnl_nlmsg_put_header(buf.bytes);
}

static char *record(const struct mnl *which, void (*scenario)(void))
{
	char *text = NULL;
	size_t len = 0;

	m = which;
	out = open_memstream(&text, &len);
	if (!out)
		bail_out("open_memstream");
	errno = 0;
	scenario();
	fclose(out);
	return text;
}

/* Both do the same in SCENARIO, and it is something. */
static void same(void (*scenario)(void), const char *name)
{
	char *got = record(&ours, scenario), *want = record(&theirs, scenario);
	size_t at = 0;

	while (got[at] && got[at] == want[at])
		at++;
	if (!ok(want[0] && got[at] == want[at], "%s", name))
		printf("# from byte %zu on\n#      got: %.200s\n# expected: %.200s\n", at, got + at,
			want + at);
	free(got);
	free(want);
}

static void headers(void)
{
	static const size_t sizes[] = { 0, 1, 4, 13, 16 };
	struct nlmsghdr *msg;

	memset(buf.bytes, 0xa5, sizeof(buf.bytes));
	msg = m->mnl_nlmsg_put_header(buf.bytes);
	for (size_t i = 0; i < MNL_ARRAY_SIZE(sizes); i++) {
		say_at("extra", m->mnl_nlmsg_put_extra_header(msg, sizes[i]));
		say_at("payload", m->mnl_nlmsg_get_payload(msg));
		say_at("offset", m->mnl_nlmsg_get_payload_offset(msg, sizes[i]));
	}
	say_bytes(80);
	for (msg->nlmsg_len = 0; msg->nlmsg_len < 24; msg->nlmsg_len++) {
		say_at("tail", m->mnl_nlmsg_get_payload_tail(msg));
		say("len", (long)m->mnl_nlmsg_get_payload_len(msg));
	}
}

static void message_lengths(void)
{
	static const uint32_t lengths[] = { 0, 15, 16, 17, 20, 21, INT32_MAX - 3 };
	static const int sizes[] = { INT32_MIN, -1, 0, 1, 15, 16, 17, 19, 20, 24, INT32_MAX };
	struct nlmsghdr *msg = fresh();

	for (size_t i = 0; i < MNL_ARRAY_SIZE(lengths); i++)
		for (size_t j = 0; j < MNL_ARRAY_SIZE(sizes); j++) {
			int left = sizes[j];

			msg->nlmsg_len = lengths[i];
			say("ok", m->mnl_nlmsg_ok(msg, left));
			if (msg->nlmsg_len > 100 || left < 0)
				continue;
			say_at("next", m->mnl_nlmsg_next(msg, &left));
			say("left", left);
		}
}

static void batches(void)
{
	enum { LIMIT = 100 };
	struct mnl_nlmsg_batch *b = m->mnl_nlmsg_batch_start(buf.bytes, LIMIT);

	memset(buf.bytes, 0xa5, sizeof(buf.bytes));
	for (int i = 0; i < 8; i++) {
		m->mnl_attr_put_u32(
			m->mnl_nlmsg_put_header(m->mnl_nlmsg_batch_current(b)), 1, (uint32_t)i);
		/* The fifth begins at 96: it goes beyond the limit, again and again. */
		say("next", m->mnl_nlmsg_batch_next(b));
		say("size", (long)m->mnl_nlmsg_batch_size(b));
		say_at("current", m->mnl_nlmsg_batch_current(b));
		say_at("head", m->mnl_nlmsg_batch_head(b));
	}
	m->mnl_nlmsg_batch_stop(b);
	say_bytes(2 * LIMIT);
	b = m->mnl_nlmsg_batch_start(buf.bytes, 24);
	m->mnl_attr_put_u32(m->mnl_nlmsg_put_header(m->mnl_nlmsg_batch_current(b)), 1, 1);
	say("exact", m->mnl_nlmsg_batch_next(b));
	m->mnl_nlmsg_batch_stop(b);
}

static void put_values(void)
{
	struct nlmsghdr *msg = fresh();

	m->mnl_attr_put_u8(msg, 1, 0xfe);
	m->mnl_attr_put_u16(msg, 2, 0xfedc);
	m->mnl_attr_put_u32(msg, 3 | NLA_F_NET_BYTEORDER, 0xfedcba98);
	m->mnl_attr_put_u64(msg, UINT16_MAX, 0xfedcba9876543210);
	for (size_t len = 0; len < 10; len++) {
		m->mnl_attr_put(msg, (uint16_t)len, len, "abcdefghi");
		m->mnl_attr_put_str(msg, (uint16_t)len, &"abcdefghi"[len]);
		m->mnl_attr_put_strz(msg, (uint16_t)len, &"abcdefghi"[len]);
	}
	m->mnl_attr_put(msg, 4, 0, NULL);
	say_bytes(msg->nlmsg_len + 8);
}

/* A header that is no multiple of 4 long, and a value that is longer than an attribute can say. */
static void put_oddly(void)
{
	static const char big[70001];
	struct nlmsghdr *msg = fresh();

	msg->nlmsg_len += 3;
	m->mnl_attr_put(msg, 5, 3, "odd");
	m->mnl_attr_nest_end(msg, m->mnl_attr_nest_start(msg, 6));
	say_bytes(msg->nlmsg_len + 8);
	m->mnl_attr_put(msg, 7, sizeof(big), big);
	say_bytes(msg->nlmsg_len + 8);
}

static void put_in_little_room(void)
{
	for (size_t size = 0; size < 48; size++)
		for (size_t len = 0; len < 10; len++) {
			struct nlmsghdr *msg = fresh();

			say("put", m->mnl_attr_put_check(msg, size, 8, len, "abcdefghi"));
			say("again", m->mnl_attr_put_check(msg, size, 9, len, "ABCDEFGHI"));
			say_at("nest", m->mnl_attr_nest_start_check(msg, size, 10));
			say_bytes(64);
		}
}

/* Where ours is stricter: what was in the buffer before is not sent, and a length that is negative
 * as an int makes no message. */
static void test_differences(void)
{
	static const uint32_t lengths[] = { 0x80000000, 0x80000010, 0xfffffffb, UINT32_MAX };
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf.bytes);

	memset(msg + 1, 0xa5, 16);
	mnl_attr_put_u8(msg, 1, 0xfe);
	ok(memcmp(msg + 1, "\5\0\1\0\xfe\0\0\0\xa5", 9) == 0, "gaps are filled with zeros");
	for (size_t i = 0; i < MNL_ARRAY_SIZE(lengths); i++) {
		msg->nlmsg_len = lengths[i];
		ok(!mnl_nlmsg_ok(msg, INT32_MAX), "no message is %u bytes long", lengths[i]);
	}
}

static void put_nests(void)
{
	struct nlmsghdr *msg = fresh();
	struct nlattr *outer = m->mnl_attr_nest_start(msg, 1), *inner;

	m->mnl_attr_nest_end(msg, m->mnl_attr_nest_start(msg, 2));
	inner = m->mnl_attr_nest_start_check(msg, 100, 3 | NLA_F_NET_BYTEORDER);
	m->mnl_attr_put_strz(msg, 4, "four");
	m->mnl_attr_nest_end(msg, inner);
	m->mnl_attr_put_u8(msg, 5, 5);
	say_bytes(msg->nlmsg_len + 8); /* the outer one has no length yet */
	m->mnl_attr_nest_end(msg, outer);
	say_bytes(msg->nlmsg_len + 8);
}

static void get_values(void)
{
	for (int i = 0; i < 20; i++)
		buf.bytes[i] = (char)(0xf1 + 7 * i);
	for (unsigned len = 0; len <= UINT16_MAX; len += len < 40 ? 1 : 997) {
		buf.attr = (struct nlattr){ (uint16_t)len, (uint16_t)(len * 1021) };
		say("type", m->mnl_attr_get_type(&buf.attr));
		say("len", m->mnl_attr_get_payload_len(&buf.attr));
		say_at("next", m->mnl_attr_next(&buf.attr));
	}
	say_at("payload", m->mnl_attr_get_payload(&buf.attr));
	say_at("str", m->mnl_attr_get_str(&buf.attr));
	say("u8", m->mnl_attr_get_u8(&buf.attr));
	say("u16", m->mnl_attr_get_u16(&buf.attr));
	say("u32", m->mnl_attr_get_u32(&buf.attr));
	say("u64", (long)m->mnl_attr_get_u64(&buf.attr));
	say("unaligned u64", (long)m->mnl_attr_get_u64((struct nlattr *)(buf.bytes + 4)));
}

static void attribute_lengths(void)
{
	static const int sizes[] = { INT32_MIN, -1, 0, 3, 4, 5, 8, UINT16_MAX, INT32_MAX };

	for (unsigned len = 0; len <= UINT16_MAX; len += len < 10 ? 1 : 4681)
		for (size_t i = 0; i < MNL_ARRAY_SIZE(sizes); i++) {
			buf.attr.nla_len = (uint16_t)len;
			say("ok", m->mnl_attr_ok(&buf.attr, sizes[i]));
		}
}

static void validation(void)
{
	for (unsigned type = 0; type <= MNL_TYPE_MAX + 1; type++)
		for (uint16_t len = 0; len < 12; len++)
			for (int last = 0; last < 2; last++) {
				memset(buf.bytes, 'x', 32);
				buf.attr.nla_len = MNL_ATTR_HDRLEN + len;
				buf.bytes[MNL_ATTR_HDRLEN + len - 1] = (char)last;
				say_result("valid", m->mnl_attr_validate(&buf.attr, type));
			}
	buf.attr.nla_len = UINT16_MAX;
	for (unsigned type = 0; type <= MNL_TYPE_MAX; type++)
		say_result("long", m->mnl_attr_validate(&buf.attr, type));
	for (unsigned type = 0; type <= UINT16_MAX; type += 0x0fff) {
		buf.attr.nla_type = (uint16_t)type;
		say_result("type", m->mnl_attr_type_valid(&buf.attr, 3));
		say_result("type", m->mnl_attr_type_valid(&buf.attr, 0x3fff));
		say_result("type", m->mnl_attr_type_valid(&buf.attr, 0));
	}
}

/* Callbacks count down *DATA, and then return what is left of MNL_CB_*. */
static int on_attr(const struct nlattr *attr, void *data)
{
	int *turns = data;

	say_at("attr", attr);
	say("type", m->mnl_attr_get_type(attr));
	return --*turns > 0 ? MNL_CB_OK : *turns;
}

static void parse_with(unsigned offset, int turns)
{
	int left = turns;

	say_result("parse", m->mnl_attr_parse(&buf.msg, offset, on_attr, &left));
	left = turns;
	buf.attr.nla_len = (uint16_t)buf.msg.nlmsg_len;
	say_result("nested", m->mnl_attr_parse_nested(&buf.attr, on_attr, &left));
}

static void parse_good(void)
{
	for (int turns = -1; turns < 8; turns++) {
		struct nlmsghdr *msg = fresh();

		m->mnl_nlmsg_put_extra_header(msg, 5);
		for (uint16_t i = 0; i < 5; i++)
			m->mnl_attr_put(msg, i, i, "abcde");
		parse_with(5, turns);
		parse_with(0, turns);
		parse_with(400, turns);
	}
}

/* The last of three attributes has a length that is wrong, or there is too little of it. */
static void parse_malformed(void)
{
	for (uint16_t wrong = 0; wrong < 16; wrong++)
		for (unsigned less = 0; less < 16; less++) {
			struct nlmsghdr *msg = fresh();

			m->mnl_attr_put_u32(msg, 1, 1);
			m->mnl_attr_put(msg, 2, 0, NULL);
			((struct nlattr *)m->mnl_nlmsg_get_payload_tail(msg))->nla_len = wrong;
			msg->nlmsg_len += 16 - less;
			parse_with(0, 100);
		}
}

static int on_message(const struct nlmsghdr *msg, void *data)
{
	int *turns = data;

	say_at("message", msg);
	errno = EXDEV;
	return --*turns > 0 ? MNL_CB_OK : *turns;
}

static void run_with(size_t size, unsigned seq, unsigned port, int turns)
{
	int left = turns;

	say_result("run", m->mnl_cb_run(buf.bytes, size, seq, port, on_message, &left));
	say_result("without", m->mnl_cb_run(buf.bytes, size, seq, port, NULL, NULL));
}

struct answer {
	uint16_t type, flags;
	uint32_t seq, port;
	int error;
};

/* Appends an answer at OFFSET, an errno value with room for the request's header behind it.
 * Returns where the next one begins. */
static size_t answer(size_t offset, const struct answer *a)
{
	struct nlmsghdr *msg = m->mnl_nlmsg_put_header(buf.bytes + offset);

	msg->nlmsg_type = a->type;
	msg->nlmsg_flags = a->flags;
	msg->nlmsg_seq = a->seq;
	msg->nlmsg_pid = a->port;
	((struct nlmsgerr *)m->mnl_nlmsg_put_extra_header(msg, sizeof(struct nlmsgerr)))->error =
		a->error;
	return offset + msg->nlmsg_len;
}

static const struct answer answers[] = {
	{ 16, NLM_F_MULTI, 7, 9, 0 },
	{ 16, 0, 0, 0, 0 },
	{ 16, 0, 8, 9, 0 },
	{ 16, 0, 7, 10, 0 },
	{ 16, 0, 8, 10, 0 },
	{ UINT16_MAX, 0, 7, 9, 0 },
	{ 16, NLM_F_DUMP_INTR, 7, 9, 0 },
	{ NLMSG_DONE, NLM_F_DUMP_INTR, 7, 9, 0 },
	{ NLMSG_DONE, 0, 7, 9, -EIO },
	{ NLMSG_ERROR, 0, 7, 9, 0 },
	{ NLMSG_ERROR, NLM_F_DUMP_INTR, 8, 9, -EIO },
	{ NLMSG_ERROR, 0, 7, 9, -EPERM },
	{ NLMSG_ERROR, 0, 7, 9, EPERM },
	{ NLMSG_NOOP, 0, 7, 9, -EPERM },
	{ NLMSG_OVERRUN, 0, 7, 9, -EPERM },
	{ 0, 0, 7, 9, 0 },
	{ 5, 0, 7, 9, -EPERM },
	{ 15, 0, 7, 9, 0 },
};

/* Each answer after a good one and after each other one; from any and from a given port. */
static void run_answers(void)
{
	enum { N = MNL_ARRAY_SIZE(answers) };

	for (size_t i = 0; i < N * N; i++) {
		size_t end = answer(
			answer(answer(0, &answers[0]), &answers[i / N]), &answers[i % N]);

		run_with(end, 7, 9, 100);
		run_with(end, 0, 0, 2);
		run_with(end, 7, 0, 1);
		run_with(end, 0, 9, 0);
	}
}

static void run_cut_off(void)
{
	for (size_t i = 0; i < MNL_ARRAY_SIZE(answers); i++) {
		size_t end = answer(answer(0, &answers[i]), &answers[0]);

		if (answers[i].error < 0)
			continue; /* taken for a length, it has libmnl walk in circles */
		for (size_t size = 0; size < end; size++)
			run_with(size, 7, 9, 100);
		for (buf.msg.nlmsg_len = 0; buf.msg.nlmsg_len < end + 4; buf.msg.nlmsg_len++)
			run_with(end, 7, 9, 100);
	}
}

/* Bytes by chance, most of them small so that lengths and types mean something. */
static void garbage(void)
{
	enum { SIZE = 200 };
	uint32_t chance = 1;

	for (int round = 0; round < 20000; round++) {
		memset(buf.bytes, 0, SIZE + 64);
		for (int i = 0; i < SIZE; i++) {
			chance = chance * 1664525 + 1013904223;
			if (chance >> 31)
				buf.bytes[i] = (char)((chance >> 16) % (i % 4 ? 2 : 40));
		}
		run_with(SIZE, 1, 1, 5);
		buf.msg.nlmsg_len = SIZE - (unsigned)round % 8;
		parse_with(0, 100);
	}
}

static void socket_options(void)
{
	struct mnl_socket *s = m->mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct mnl_socket *plain = m->mnl_socket_open(NETLINK_ROUTE);
	int on = 1, fd = m->mnl_socket_get_fd(s);

	say("cloexec", fcntl(fd, F_GETFD));
	say("flags", fcntl(fd, F_GETFL));
	say("plain", fcntl(m->mnl_socket_get_fd(plain), F_GETFD));
	say_result("cap_ack", m->mnl_socket_setsockopt(s, NETLINK_CAP_ACK, &on, sizeof(on)));
	say_result("short", m->mnl_socket_setsockopt(s, NETLINK_CAP_ACK, &on, 1));
	say_result("unknown", m->mnl_socket_setsockopt(s, 999, &on, sizeof(on)));
	say("unbound", m->mnl_socket_get_portid(s));
	say_result("bind", m->mnl_socket_bind(s, 0, PORT));
	say("port", m->mnl_socket_get_portid(s));
	say_result("busy", m->mnl_socket_bind(plain, 0, PORT));
	say_result("auto", m->mnl_socket_bind(plain, 0, MNL_SOCKET_AUTOPID));
	say("port is there", m->mnl_socket_get_portid(plain) != 0);
	say_result("empty", m->mnl_socket_recvfrom(s, buf.bytes, sizeof(buf.bytes)));
	say_result("close", m->mnl_socket_close(s));
	say_result("closed", fcntl(fd, F_GETFD));
	say_result("close", m->mnl_socket_close(plain));
	say("no protocol", m->mnl_socket_open(31) != NULL);
	say_result("why", 0);
}

/* Asks the kernel for nothing but an acknowledgement, SIZE bytes of which have room. */
static void talk(struct mnl_socket *s, size_t size)
{
	struct nlmsghdr *msg = fresh();
	ssize_t n;

	msg->nlmsg_type = NLMSG_NOOP;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	msg->nlmsg_seq = 77;
	m->mnl_attr_put_strz(msg, 1, "it comes back");
	say_result("sent", m->mnl_socket_sendto(s, msg, msg->nlmsg_len));
	memset(buf.bytes, 0xa5, 100);
	n = m->mnl_socket_recvfrom(s, buf.bytes, size);
	say_result("received", n);
	if (n > 0)
		say_result("run", m->mnl_cb_run(buf.bytes, (size_t)n, 77, PORT, NULL, NULL));
	say_bytes(100);
}

static void socket_talk(void)
{
	struct mnl_socket *s = m->mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	static const struct timeval limit = { .tv_sec = 5 };

	setsockopt(m->mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	say_result("bind", m->mnl_socket_bind(s, 0, PORT));
	for (size_t size = 0; size < 100; size += 4)
		talk(s, size);
	say_result("too much", m->mnl_socket_sendto(s, buf.bytes, SIZE_MAX / 2));
	say_result("close", m->mnl_socket_close(s));
}

int main(void)
{
	ok(ours.mnl_attr_put != theirs.mnl_attr_put, "ours and libmnl's are two");
	same(headers, "headers are written the same");
	same(message_lengths, "messages are recognised the same");
	same(batches, "batches grow, and end at their limit, the same");
	same(put_values, "attributes are written the same");
	same(put_oddly, "odd positions and long values come out the same");
	same(put_in_little_room, "too small buffers are found the same");
	same(put_nests, "nests are written the same");
	same(get_values, "attributes are read the same");
	same(attribute_lengths, "attributes are recognised the same");
	same(validation, "types and lengths are judged the same");
	same(parse_good, "attributes are walked the same, callbacks end it the same");
	same(parse_malformed, "malformed attributes end the walk the same");
	same(run_answers, "answers, errors, ends and interrupted dumps are told apart the same");
	same(run_cut_off, "messages that are cut off are treated the same");
	same(garbage, "garbage is treated the same");
	same(socket_options, "sockets are set up the same");
	same(socket_talk, "sockets send and receive the same");
	test_differences();
	return done_testing();
}
