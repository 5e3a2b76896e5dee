/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/mnl_attr: it writes, reads and judges attributes as libmnl does. */
#include "mnl_both.h"

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

/* Callbacks count *DATA down and return it: all above MNL_CB_STOP means "go on". */
static int on_attr(const struct nlattr *attr, void *data)
{
	int *turns = data;

	say_at("attr", attr);
	say("type", m->mnl_attr_get_type(attr));
	return --*turns;
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

static void parse_garbage(void)
{
	enum { SIZE = 200 };
	uint32_t chance = 1;

	for (unsigned round = 0; round < 20000; round++) {
		fill_by_chance(&chance, SIZE);
		buf.msg.nlmsg_len = SIZE - round % 8;
		parse_with(0, 100);
	}
}

/* Where ours does more: what was in the buffer before is not sent. */
static void test_gaps(void)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf.bytes);

	memset(msg + 1, 0xa5, 16);
	mnl_attr_put_u8(msg, 1, 0xfe);
	ok(memcmp(msg + 1, "\5\0\1\0\xfe\0\0\0\xa5", 9) == 0, "gaps are filled with zeros");
}

int main(void)
{
	ok(ours.mnl_attr_put != theirs.mnl_attr_put, "ours and libmnl's are two");
	same(put_values, "attributes are written the same");
	same(put_oddly, "odd positions and long values come out the same");
	same(put_in_little_room, "too small buffers are found the same");
	same(put_nests, "nests are written the same");
	same(get_values, "attributes are read the same");
	same(attribute_lengths, "attributes are recognised the same");
	same(validation, "types and lengths are judged the same");
	same(parse_good, "attributes are walked the same, callbacks end it the same");
	same(parse_malformed, "malformed attributes end the walk the same");
	same(parse_garbage, "garbage is walked the same");
	test_gaps();
	return done_testing();
}
