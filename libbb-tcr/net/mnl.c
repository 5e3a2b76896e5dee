/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages and sockets as libmnl has them, for a static link where there is no libmnl.a. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

/* Here and in mnl_attr.c is what net/ and libnftnl call, as libmnl.h documents it. Any other build
 * links libmnl itself; tests/unit/mnl.c holds the two against each other. */

/* Messages */

struct nlmsghdr *mnl_nlmsg_put_header(void *buf)
{
	struct nlmsghdr *msg = buf;

	*msg = (struct nlmsghdr){ .nlmsg_len = MNL_NLMSG_HDRLEN };
	return msg;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *msg, size_t size)
{
	void *header = (char *)msg + msg->nlmsg_len;

	msg->nlmsg_len += MNL_ALIGN(size);
	return memset(header, 0, MNL_ALIGN(size));
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *msg)
{
	return (char *)msg + MNL_NLMSG_HDRLEN;
}

void *mnl_nlmsg_get_payload_offset(const struct nlmsghdr *msg, size_t offset)
{
	return (char *)msg + MNL_NLMSG_HDRLEN + MNL_ALIGN(offset);
}

void *mnl_nlmsg_get_payload_tail(const struct nlmsghdr *msg)
{
	return (char *)msg + MNL_ALIGN(msg->nlmsg_len);
}

size_t mnl_nlmsg_get_payload_len(const struct nlmsghdr *msg)
{
	return msg->nlmsg_len - MNL_NLMSG_HDRLEN;
}

bool mnl_nlmsg_ok(const struct nlmsghdr *msg, int len)
{
	return len >= (int)sizeof(*msg) && msg->nlmsg_len >= sizeof(*msg) &&
		msg->nlmsg_len <= (unsigned)len;
}

struct nlmsghdr *mnl_nlmsg_next(const struct nlmsghdr *msg, int *len)
{
	*len -= MNL_ALIGN(msg->nlmsg_len);
	return mnl_nlmsg_get_payload_tail(msg);
}

/* Several messages in one buffer. The caller's buffer is larger than LIMIT: the message that goes
 * beyond is already written when it is found to. */

struct mnl_nlmsg_batch {
	char *buf;
	size_t len, limit;
};

struct mnl_nlmsg_batch *mnl_nlmsg_batch_start(void *buf, size_t limit)
{
	struct mnl_nlmsg_batch *b = malloc(sizeof(*b));

	if (b)
		*b = (struct mnl_nlmsg_batch){ buf, 0, limit };
	return b;
}

void mnl_nlmsg_batch_stop(struct mnl_nlmsg_batch *b)
{
	free(b);
}

void *mnl_nlmsg_batch_head(struct mnl_nlmsg_batch *b)
{
	return b->buf;
}

void *mnl_nlmsg_batch_current(struct mnl_nlmsg_batch *b)
{
	return b->buf + b->len;
}

size_t mnl_nlmsg_batch_size(struct mnl_nlmsg_batch *b)
{
	return b->len;
}

bool mnl_nlmsg_batch_next(struct mnl_nlmsg_batch *b)
{
	const struct nlmsghdr *msg = mnl_nlmsg_batch_current(b);

	if (b->len + msg->nlmsg_len > b->limit)
		return false;
	b->len += msg->nlmsg_len;
	return true;
}

/* Answers */

static int fail(int number)
{
	errno = number;
	return -1;
}

/* 0 stands for any: notifications have no number, and the kernel's port is 0. */
static bool is_other(uint32_t got, uint32_t want)
{
	return got && want && got != want;
}

/* The errno value in an error may have either sign; 0 is an acknowledgement. */
static int read_error(const struct nlmsghdr *msg)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(msg);

	if (msg->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(*error))
		return fail(EBADMSG);
	fail(abs(error->error));
	return error->error ? MNL_CB_ERROR : MNL_CB_STOP;
}

static int run_one(const struct nlmsghdr *msg, mnl_cb_t cb, void *data, int before)
{
	switch (msg->nlmsg_type) {
	case NLMSG_NOOP:
	case NLMSG_OVERRUN:
		return MNL_CB_OK;
	case NLMSG_ERROR:
		return read_error(msg);
	case NLMSG_DONE:
		return MNL_CB_STOP;
	}
	return msg->nlmsg_type >= NLMSG_MIN_TYPE && cb ? cb(msg, data) : before;
}

int mnl_cb_run(const void *buf, size_t size, unsigned seq, unsigned portid, mnl_cb_t cb, void *data)
{
	const struct nlmsghdr *msg = buf;
	int len = (int)size, ret = MNL_CB_OK;

	for (; ret > MNL_CB_STOP && mnl_nlmsg_ok(msg, len); msg = mnl_nlmsg_next(msg, &len)) {
		if (is_other(msg->nlmsg_pid, portid))
			return fail(ESRCH);
		if (is_other(msg->nlmsg_seq, seq))
			return fail(EPROTO);
		if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
			return fail(EINTR);
		ret = run_one(msg, cb, data, ret);
	}
	return ret;
}

/* Sockets */

struct mnl_socket {
	int fd;
	struct sockaddr_nl addr;
};

struct mnl_socket *mnl_socket_open2(int protocol, int flags)
{
	struct mnl_socket *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = socket(AF_NETLINK, SOCK_RAW | flags, protocol);
	if (s->fd >= 0)
		return s;
	free(s);
	return NULL;
}

struct mnl_socket *mnl_socket_open(int protocol)
{
	return mnl_socket_open2(protocol, 0);
}

/* Which port the socket got is known afterwards. */
int mnl_socket_bind(struct mnl_socket *s, unsigned groups, pid_t port)
{
	socklen_t len = sizeof(s->addr);

	s->addr = (struct sockaddr_nl){ AF_NETLINK, .nl_pid = port, .nl_groups = groups };
	if (bind(s->fd, (struct sockaddr *)&s->addr, len) < 0)
		return -1;
	return getsockname(s->fd, (struct sockaddr *)&s->addr, &len);
}

int mnl_socket_close(struct mnl_socket *s)
{
	int ret = close(s->fd);

	free(s);
	return ret;
}

int mnl_socket_get_fd(const struct mnl_socket *s)
{
	return s->fd;
}

unsigned mnl_socket_get_portid(const struct mnl_socket *s)
{
	return s->addr.nl_pid;
}

int mnl_socket_setsockopt(const struct mnl_socket *s, int type, void *value, socklen_t len)
{
	return setsockopt(s->fd, SOL_NETLINK, type, value, len);
}

ssize_t mnl_socket_sendto(const struct mnl_socket *s, const void *msg, size_t len)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(s->fd, msg, len, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
}

/* Half a message is an error. */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *s, void *buf, size_t size)
{
	struct sockaddr_nl from;
	struct iovec part = { buf, size };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1
	};
	ssize_t n = recvmsg(s->fd, &msg, 0);

	if (n >= 0 && msg.msg_flags & MSG_TRUNC)
		return fail(ENOSPC);
	return n;
}
