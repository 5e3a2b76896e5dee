/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink, RFC 3549 and netlink(7): a socket, requests with their acknowledgement, dumps. */
#ifndef TCR_NET_NL_H
#define TCR_NET_NL_H

#include <libmnl/libmnl.h>
#include <stdint.h>

#include "base/err.h"

enum { NL_BUF_SIZE = 8192 };

/* What a message is built or received in: a plain array of char may lie where no header may. */
struct nl_buf {
	_Alignas(8) char bytes[NL_BUF_SIZE];
};

struct nl {
	struct mnl_socket *socket; /* NULL: closed */
	uint32_t seq;
};

/* Opens a socket of PROTOCOL (NETLINK_ROUTE, NETLINK_NETFILTER) in the network namespace of the
 * process; close-on-exec, with extended acknowledgements. Returns 0 or -1. */
int nl_open(struct nl *nl, int protocol, struct err *e);
/* The same in the network namespace NETNS_FD. */
int nl_open_in(struct nl *nl, int protocol, int netns_fd, struct err *e);
void nl_close(struct nl *nl);

/* Begins a request in BUF, a struct nl_buf of the caller that lives as long as the message: header
 * of TYPE with FLAGS (NLM_F_REQUEST and, but for dumps, NLM_F_ACK are added). */
struct nlmsghdr *nl_begin(struct nl *nl, void *buf, uint16_t type, uint16_t flags);

/* Append attributes to a message of nl_begin(). What does not fit makes nl_talk() and the others
 * fail with EMSGSIZE, so nobody else needs to check. */
void nl_put(struct nlmsghdr *msg, uint16_t type, const void *data, size_t len);
void nl_put_str(struct nlmsghdr *msg, uint16_t type, const char *s); /* with its NUL */
void nl_put_u8(struct nlmsghdr *msg, uint16_t type, uint8_t value);
void nl_put_u32(struct nlmsghdr *msg, uint16_t type, uint32_t value);
struct nlattr *nl_nest(struct nlmsghdr *msg, uint16_t type);
void nl_nest_end(struct nlmsghdr *msg, struct nlattr *nest);
/* The value of ATTR; 0 if that is NULL or too short. */
uint32_t nl_get_u32(const struct nlattr *attr);

/* Sends a request, calls FN, a callback of libmnl, for each message of the answer, and waits for
 * the acknowledgement. Returns 0; or a negative errno value of the kernel, with E filled: "WHAT:
 * reason", the kernel's own words (NLMSGERR_ATTR_MSG) included. */
int nl_ask(struct nl *nl, struct nlmsghdr *msg, mnl_cb_t fn, void *arg, struct err *e,
	const char *what, ...) __attribute__((format(printf, 6, 7)));

/* The same for a request that is only acknowledged. */
#define nl_talk(nl, msg, e, ...) nl_ask(nl, msg, NULL, NULL, e, __VA_ARGS__)

/* Sends the requests of nl_begin() that lie in MSGS one behind the other, LEN bytes, many at a
 * time, and waits until the kernel has read them all; their flags are changed. Whether the kernel
 * did what they say is not told. Returns 0, or -1 with E filled if some could not be sent. */
int nl_talk_all(struct nl *nl, void *msgs, size_t len, struct err *e);

/* Sends a dump request and calls FN for each message of the answer; begins again if the kernel says
 * that the table changed meanwhile (NLM_F_DUMP_INTR), after RESTART(ARG) if that is not NULL.
 * Returns 0, or -1 with E filled. */
int nl_dump(struct nl *nl, struct nlmsghdr *msg, mnl_cb_t fn, void (*restart)(void *arg), void *arg,
	struct err *e);

#endif
