/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes as libmnl has them, for a static link where there is no libmnl.a: see mnl.c. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

/* Reading */

uint16_t mnl_attr_get_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

uint16_t mnl_attr_get_payload_len(const struct nlattr *attr)
{
	return attr->nla_len - MNL_ATTR_HDRLEN;
}

void *mnl_attr_get_payload(const struct nlattr *attr)
{
	return (char *)attr + MNL_ATTR_HDRLEN;
}

const char *mnl_attr_get_str(const struct nlattr *attr)
{
	return mnl_attr_get_payload(attr);
}

uint8_t mnl_attr_get_u8(const struct nlattr *attr)
{
	return *(uint8_t *)mnl_attr_get_payload(attr);
}

uint16_t mnl_attr_get_u16(const struct nlattr *attr)
{
	return *(uint16_t *)mnl_attr_get_payload(attr);
}

uint32_t mnl_attr_get_u32(const struct nlattr *attr)
{
	return *(uint32_t *)mnl_attr_get_payload(attr);
}

/* Attributes are aligned to 4 bytes only. */
uint64_t mnl_attr_get_u64(const struct nlattr *attr)
{
	uint64_t value;

	memcpy(&value, mnl_attr_get_payload(attr), sizeof(value));
	return value;
}

bool mnl_attr_ok(const struct nlattr *attr, int len)
{
	return len >= (int)sizeof(*attr) && attr->nla_len >= sizeof(*attr) && attr->nla_len <= len;
}

struct nlattr *mnl_attr_next(const struct nlattr *attr)
{
	return (struct nlattr *)((char *)attr + MNL_ALIGN(attr->nla_len));
}

/* Calls CB for each attribute between FROM and END, until it returns MNL_CB_STOP or less. */
static int parse(void *from, char *end, mnl_attr_cb_t cb, void *data)
{
	struct nlattr *attr = from;
	int ret = MNL_CB_OK;

	for (; ret > MNL_CB_STOP && mnl_attr_ok(attr, (int)(end - (char *)attr));
		attr = mnl_attr_next(attr))
		ret = cb(attr, data);
	return ret;
}

int mnl_attr_parse(const struct nlmsghdr *msg, unsigned offset, mnl_attr_cb_t cb, void *data)
{
	return parse(mnl_nlmsg_get_payload_offset(msg, offset), mnl_nlmsg_get_payload_tail(msg), cb,
		data);
}

int mnl_attr_parse_nested(const struct nlattr *nest, mnl_attr_cb_t cb, void *data)
{
	return parse(mnl_attr_get_payload(nest), (char *)nest + nest->nla_len, cb, data);
}

/* Validation */

static int fail(int number)
{
	errno = number;
	return -1;
}

int mnl_attr_type_valid(const struct nlattr *attr, uint16_t max)
{
	return mnl_attr_get_type(attr) <= max ? 1 : fail(EOPNOTSUPP);
}

/* How long a value of each type may be; NESTED also nothing. */
static const struct {
	uint16_t min, max;
} lengths[MNL_TYPE_MAX] = {
	[MNL_TYPE_UNSPEC] = { 0, UINT16_MAX },
	[MNL_TYPE_U8] = { sizeof(uint8_t), sizeof(uint8_t) },
	[MNL_TYPE_U16] = { sizeof(uint16_t), sizeof(uint16_t) },
	[MNL_TYPE_U32] = { sizeof(uint32_t), sizeof(uint32_t) },
	[MNL_TYPE_U64] = { sizeof(uint64_t), sizeof(uint64_t) },
	[MNL_TYPE_STRING] = { 1, UINT16_MAX },
	[MNL_TYPE_FLAG] = { 0, 0 },
	[MNL_TYPE_MSECS] = { sizeof(uint64_t), sizeof(uint64_t) },
	[MNL_TYPE_NESTED] = { MNL_ATTR_HDRLEN, UINT16_MAX },
	[MNL_TYPE_NESTED_COMPAT] = { 0, UINT16_MAX },
	[MNL_TYPE_NUL_STRING] = { 1, UINT16_MAX },
	[MNL_TYPE_BINARY] = { 0, UINT16_MAX },
};

int mnl_attr_validate(const struct nlattr *attr, enum mnl_attr_data_type type)
{
	uint16_t len = mnl_attr_get_payload_len(attr);

	if (type >= MNL_TYPE_MAX)
		return fail(EINVAL);
	if (len == 0 && type == MNL_TYPE_NESTED)
		return 0;
	if (len < lengths[type].min || len > lengths[type].max)
		return fail(ERANGE);
	if (type == MNL_TYPE_NUL_STRING && mnl_attr_get_str(attr)[len - 1])
		return fail(EINVAL);
	return 0;
}

/* Writing */

void mnl_attr_put(struct nlmsghdr *msg, uint16_t type, size_t len, const void *data)
{
	struct nlattr *attr = mnl_nlmsg_get_payload_tail(msg);
	char *value = mnl_attr_get_payload(attr);

	attr->nla_type = type;
	attr->nla_len = MNL_ATTR_HDRLEN + len;
	if (len)
		memcpy(value, data, len);
	memset(value + len, 0, MNL_ALIGN(len) - len);
	msg->nlmsg_len += MNL_ALIGN(attr->nla_len);
}

bool mnl_attr_put_check(
	struct nlmsghdr *msg, size_t size, uint16_t type, size_t len, const void *data)
{
	if (msg->nlmsg_len + MNL_ATTR_HDRLEN + MNL_ALIGN(len) > size)
		return false;
	mnl_attr_put(msg, type, len, data);
	return true;
}

void mnl_attr_put_u8(struct nlmsghdr *msg, uint16_t type, uint8_t value)
{
	mnl_attr_put(msg, type, sizeof(value), &value);
}

void mnl_attr_put_u16(struct nlmsghdr *msg, uint16_t type, uint16_t value)
{
	mnl_attr_put(msg, type, sizeof(value), &value);
}

void mnl_attr_put_u32(struct nlmsghdr *msg, uint16_t type, uint32_t value)
{
	mnl_attr_put(msg, type, sizeof(value), &value);
}

void mnl_attr_put_u64(struct nlmsghdr *msg, uint16_t type, uint64_t value)
{
	mnl_attr_put(msg, type, sizeof(value), &value);
}

void mnl_attr_put_str(struct nlmsghdr *msg, uint16_t type, const char *s)
{
	mnl_attr_put(msg, type, strlen(s), s);
}

void mnl_attr_put_strz(struct nlmsghdr *msg, uint16_t type, const char *s)
{
	mnl_attr_put(msg, type, strlen(s) + 1, s);
}

/* The length of a nest is known at its end. */
struct nlattr *mnl_attr_nest_start(struct nlmsghdr *msg, uint16_t type)
{
	struct nlattr *nest = mnl_nlmsg_get_payload_tail(msg);

	nest->nla_type = NLA_F_NESTED | type;
	msg->nlmsg_len += MNL_ATTR_HDRLEN;
	return nest;
}

struct nlattr *mnl_attr_nest_start_check(struct nlmsghdr *msg, size_t size, uint16_t type)
{
	return msg->nlmsg_len + MNL_ATTR_HDRLEN > size ? NULL : mnl_attr_nest_start(msg, type);
}

void mnl_attr_nest_end(struct nlmsghdr *msg, struct nlattr *nest)
{
	nest->nla_len = (char *)mnl_nlmsg_get_payload_tail(msg) - (char *)nest;
}
