/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ours and libmnl's in one program, to be held against each other. */
#ifndef TCR_TESTS_UNIT_MNL_BOTH_H
#define TCR_TESTS_UNIT_MNL_BOTH_H

#include <libmnl/libmnl.h>

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

static inline void say(const char *what, long value)
{
	fprintf(out, " %s=%ld", what, value);
}

/* An offset into the buffer, instead of an address. */
static inline void say_at(const char *what, const void *p)
{
	say(what, p ? (const char *)p - buf.bytes : -1);
}

static inline void say_result(const char *what, long value)
{
	fprintf(out, " %s=%ld(%s)", what, value, errno ? strerrorname_np(errno) : "0");
	errno = 0;
}

static inline void say_bytes(size_t len)
{
	fputs(" bytes=", out);
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", (unsigned char)buf.bytes[i]);
}

/* A new message. The buffer is clean, as libmnl before 1.0.5 leaves gaps behind values as they are.
 */
static inline struct nlmsghdr *fresh(void)
{
	memset(buf.bytes, 0, sizeof(buf.bytes));
	return m->mnl_nlmsg_put_header(buf.bytes);
}

static inline char *record(const struct mnl *which, void (*scenario)(void))
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
static inline void same(void (*scenario)(void), const char *name)
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

/* Bytes by chance, most of them small so that lengths and types mean something. */
static inline void fill_by_chance(uint32_t *chance, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		*chance = *chance * 1664525 + 1013904223;
		buf.bytes[i] = (char)(*chance >> 31 ? (*chance >> 16) % (i % 4 ? 2 : 40) : 0);
	}
}

#endif
