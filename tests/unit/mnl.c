/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/mnl: it writes and recognises messages, takes answers and talks as libmnl does. */
#include <fcntl.h>
#include <sys/time.h>

#include "mnl_both.h"

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

static int on_message(const struct nlmsghdr *msg, void *data)
{
	int *turns = data;

	say_at("message", msg);
	errno = EXDEV;
	return --*turns;
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

static void run_garbage(void)
{
	enum { SIZE = 200 };
	uint32_t chance = 1;

	for (int round = 0; round < 20000; round++) {
		fill_by_chance(&chance, SIZE);
		run_with(SIZE, 1, 1, 5);
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

/* Where ours is stricter. */
static void test_huge_lengths(void)
{
	static const uint32_t lengths[] = { 0x80000000, 0x80000010, 0xfffffffb, UINT32_MAX };

	for (size_t i = 0; i < MNL_ARRAY_SIZE(lengths); i++) {
		buf.msg.nlmsg_len = lengths[i];
		ok(!mnl_nlmsg_ok(&buf.msg, INT32_MAX), "no message is %u bytes long", lengths[i]);
	}
}

int main(void)
{
	alarm(60); /* a socket that waits for ever is an error, too */
	ok(ours.mnl_cb_run != theirs.mnl_cb_run, "ours and libmnl's are two");
	same(headers, "headers are written the same");
	same(message_lengths, "messages are recognised the same");
	same(batches, "batches grow, and end at their limit, the same");
	same(run_answers, "answers, errors, ends and interrupted dumps are told apart the same");
	same(run_cut_off, "messages that are cut off are treated the same");
	same(run_garbage, "garbage is treated the same");
	same(socket_options, "sockets are set up the same");
	same(socket_talk, "sockets send and receive the same");
	test_huge_lengths();
	return done_testing();
}
