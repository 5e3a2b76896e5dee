/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink: a socket, requests with their acknowledgement, dumps. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "net/netns.h"
#include "net/nl.h"

enum {
	ANSWER_SECONDS = 5,
	DUMP_ATTEMPTS = 50,
	WORDS_SIZE = 160,
};

/* What is known of an answer while it comes in. */
struct answer {
	mnl_cb_t fn; /* NULL: only the acknowledgement matters */
	void *arg;
	bool interrupted;       /* the table changed while it was dumped */
	bool stopped;           /* FN wants no more */
	bool complete;          /* it has come to its end, a good or a bad one */
	int error;              /* negative errno value of FN */
	char words[WORDS_SIZE]; /* the kernel's explanation, or "" */
};

int nl_open(struct nl *nl, int protocol, struct err *e)
{
	const struct timeval limit = { .tv_sec = ANSWER_SECONDS };
	int on = 1;

	nl->seq = 0;
	nl->socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	if (!nl->socket)
		return err_set(e, errno, "open a netlink socket of protocol %d%s", protocol,
			protocol == NETLINK_NETFILTER
				? " (the kernel needs CONFIG_NETFILTER_NETLINK, module nfnetlink)"
				: "");
	/* Linux before 4.12 has neither; its errors are then a number only. */
	mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
		setsockopt(mnl_socket_get_fd(nl->socket), SOL_SOCKET, SO_RCVTIMEO, &limit,
			sizeof(limit)) < 0) {
		err_set(e, errno, "set up a netlink socket");
		nl_close(nl);
		return -1;
	}
	return 0;
}

int nl_open_in(struct nl *nl, int protocol, int netns_fd, struct err *e)
{
	int own, ret;

	nl->socket = NULL;
	own = netns_enter(netns_fd, e);
	if (own < 0)
		return -1;
	ret = nl_open(nl, protocol, e);
	netns_leave(own);
	return ret;
}

void nl_close(struct nl *nl)
{
	if (nl->socket)
		mnl_socket_close(nl->socket);
	nl->socket = NULL;
}

struct nlmsghdr *nl_begin(struct nl *nl, void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *msg;

	/* libmnl leaves what was there before in the gaps behind values. */
	memset(buf, 0, NL_BUF_SIZE);
	msg = mnl_nlmsg_put_header(buf);
	if ((flags & NLM_F_DUMP) != NLM_F_DUMP)
		flags |= NLM_F_ACK;
	msg->nlmsg_type = type;
	msg->nlmsg_flags = flags | NLM_F_REQUEST;
	msg->nlmsg_seq = ++nl->seq;
	return msg;
}

void nl_put(struct nlmsghdr *msg, uint16_t type, const void *data, size_t len)
{
	if (!mnl_attr_put_check(msg, NL_BUF_SIZE, type, len, data))
		msg->nlmsg_type = NLMSG_OVERRUN;
}

void nl_put_str(struct nlmsghdr *msg, uint16_t type, const char *s)
{
	nl_put(msg, type, s, strlen(s) + 1);
}

void nl_put_u8(struct nlmsghdr *msg, uint16_t type, uint8_t value)
{
	nl_put(msg, type, &value, sizeof(value));
}

void nl_put_u32(struct nlmsghdr *msg, uint16_t type, uint32_t value)
{
	nl_put(msg, type, &value, sizeof(value));
}

struct nlattr *nl_nest(struct nlmsghdr *msg, uint16_t type)
{
	struct nlattr *nest = mnl_attr_nest_start_check(msg, NL_BUF_SIZE, type);

	if (!nest)
		msg->nlmsg_type = NLMSG_OVERRUN;
	return nest;
}

void nl_nest_end(struct nlmsghdr *msg, struct nlattr *nest)
{
	if (nest)
		mnl_attr_nest_end(msg, nest);
}

uint32_t nl_get_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t) ? mnl_attr_get_u32(attr)
									  : 0;
}

/* The attributes behind an error: linux/netlink.h. Without NLM_F_CAPPED the whole request stands
 * between. */
static void read_words(const struct nlmsghdr *msg, char words[WORDS_SIZE])
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(msg);
	size_t offset = sizeof(*error);
	const struct nlattr *attr;

	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(msg->nlmsg_flags & NLM_F_CAPPED))
		offset += MNL_ALIGN(error->msg.nlmsg_len) - MNL_NLMSG_HDRLEN;
	if (offset > mnl_nlmsg_get_payload_len(msg))
		return;
	mnl_attr_for_each (attr, msg, offset)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(words, WORDS_SIZE, "%.*s", (int)mnl_attr_get_payload_len(attr),
				(const char *)mnl_attr_get_payload(attr));
}

/* The last message of an answer begins with an errno value: of a request, or of a dump. */
static int read_end(const struct nlmsghdr *msg, struct answer *a)
{
	const int *error = mnl_nlmsg_get_payload(msg);

	if (msg->nlmsg_type == NLMSG_ERROR &&
		mnl_nlmsg_get_payload_len(msg) < sizeof(struct nlmsgerr))
		return -EBADMSG;
	if (mnl_nlmsg_get_payload_len(msg) < sizeof(*error) || *error >= 0)
		return a->error;
	if (msg->nlmsg_type == NLMSG_ERROR)
		read_words(msg, a->words);
	return *error;
}

/* Even if FN wants no more, the rest has to be read: until then the socket takes no new request. */
static void take(const struct nlmsghdr *msg, struct answer *a)
{
	int ret;

	if (!a->fn || a->stopped || a->interrupted)
		return;
	ret = a->fn(msg, a->arg);
	if (ret <= MNL_CB_STOP)
		a->stopped = true;
	if (ret < MNL_CB_STOP)
		a->error = -errno;
}

/* Returns true at the last message of the answer to MSG, and *RET is what it says. */
static bool read_packet(const struct nlmsghdr *msg, int len, const struct nlmsghdr *request,
	uint32_t portid, struct answer *a, int *ret)
{
	for (; mnl_nlmsg_ok(msg, len); msg = mnl_nlmsg_next(msg, &len)) {
		/* A late answer to a request that was given up. */
		if (msg->nlmsg_seq != request->nlmsg_seq || msg->nlmsg_pid != portid)
			continue;
		a->interrupted |= (msg->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (msg->nlmsg_type == NLMSG_ERROR || msg->nlmsg_type == NLMSG_DONE) {
			*ret = read_end(msg, a);
			return a->complete = true;
		}
		take(msg, a);
	}
	return false;
}

/* Sends LEN bytes of MSGS, of which MSG is the last, and reads the whole answer to that. Returns 0
 * or a negative errno value. */
static int exchange_all(
	struct nl *nl, const void *msgs, size_t len, const struct nlmsghdr *msg, struct answer *a)
{
	struct nl_buf buf;
	ssize_t n;
	int ret;

	do {
		n = mnl_socket_sendto(nl->socket, msgs, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(nl->socket, buf.bytes, sizeof(buf.bytes));
		if (n < 0 && errno == EAGAIN) {
			snprintf(a->words, sizeof(a->words), "the kernel gave no answer for %d s",
				ANSWER_SECONDS);
			return -ETIMEDOUT;
		}
		if (n < 0 && errno != EINTR)
			return -errno;
	} while (n < 0 ||
		!read_packet((struct nlmsghdr *)buf.bytes, (int)n, msg,
			mnl_socket_get_portid(nl->socket), a, &ret));
	return ret;
}

static int exchange(struct nl *nl, const struct nlmsghdr *msg, struct answer *a)
{
	if (msg->nlmsg_type == NLMSG_OVERRUN)
		return -EMSGSIZE;
	return exchange_all(nl, msg, msg->nlmsg_len, msg, a);
}

int nl_ask(struct nl *nl, struct nlmsghdr *msg, mnl_cb_t fn, void *arg, struct err *e,
	const char *fmt, ...)
{
	struct answer a = { .fn = fn, .arg = arg };
	char what[sizeof(e->text) / 2];
	int ret = exchange(nl, msg, &a);
	va_list ap;

	if (ret == 0)
		return 0;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (a.words[0])
		err_set(e, 0, "%s: %s (%s)", what, strerror(-ret), a.words);
	else
		err_set(e, -ret, "%s", what);
	return ret;
}

/* Each refusal is an answer, whether or not one was asked for, and takes about 1 KiB of what the
 * socket can hold. */
enum { TOGETHER = 100 };

/* Makes one packet of the first requests of MSGS: only the last is acknowledged. Returns its size.
 */
static size_t pack(struct nlmsghdr *msgs, size_t len, struct nlmsghdr **last)
{
	struct nlmsghdr *msg = msgs;
	size_t size = 0;

	for (int i = 0; i < TOGETHER && size < len; i++) {
		*last = msg;
		msg->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
		size += MNL_ALIGN(msg->nlmsg_len);
		msg = mnl_nlmsg_get_payload_tail(msg);
	}
	(*last)->nlmsg_flags |= NLM_F_ACK;
	return size;
}

int nl_talk_all(struct nl *nl, void *msgs, size_t len, struct err *e)
{
	for (size_t at = 0; at < len;) {
		struct answer a = { .fn = NULL };
		struct nlmsghdr *first = (void *)((char *)msgs + at), *last = first;
		size_t size = pack(first, len - at, &last);
		int ret = exchange_all(nl, first, size, last, &a);

		if (ret < 0 && !a.complete)
			return err_set(e, -ret, "send requests to the kernel");
		at += size;
	}
	return 0;
}

int nl_dump(struct nl *nl, struct nlmsghdr *msg, mnl_cb_t fn, void (*restart)(void *arg), void *arg,
	struct err *e)
{
	for (int i = 0; i < DUMP_ATTEMPTS; i++) {
		struct answer a = { .fn = fn, .arg = arg };
		int ret = exchange(nl, msg, &a);

		if (ret < 0)
			return err_set(e, -ret, "read a table of the kernel");
		if (!a.interrupted)
			return 0;
		if (restart)
			restart(arg);
		msg->nlmsg_seq = ++nl->seq;
	}
	return err_set(
		e, 0, "read a table of the kernel: it changed each of %d times", DUMP_ATTEMPTS);
}
