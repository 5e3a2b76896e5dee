/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads tar archives. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "archive/format.h"
#include "archive/tar.h"
#include "base/fd.h"
#include "base/mem.h"

/* The order of tar_reader.numbers. */
enum number { SIZE, UID, GID, MTIME };

void tar_entry_free(struct tar_entry *entry)
{
	for (struct tar_xattr *x = entry->xattrs, *next; x; x = next) {
		next = x->next;
		free(x->value);
		free(x);
	}
	free(entry->name);
	free(entry->link);
	*entry = (struct tar_entry){ 0 };
}

void tar_open(struct tar_reader *r, int fd)
{
	*r = (struct tar_reader){ .fd = fd };
}

void tar_close(struct tar_reader *r)
{
	tar_entry_free(&r->next);
}

static int read_all(struct tar_reader *r, void *buf, size_t len, struct err *e)
{
	ssize_t n = fd_read_full(r->fd, buf, len);

	if (n < 0)
		return err_set(e, errno, "read the archive");
	return (size_t)n == len ? 0 : err_set(e, 0, "the archive ends too early");
}

ssize_t tar_read(struct tar_reader *r, void *buf, size_t len, struct err *e)
{
	char pad[TAR_BLOCK];

	if (len > r->left)
		len = r->left;
	if (len && read_all(r, buf, len, e))
		return -1;
	r->left -= len;
	if (!r->left && r->padding) {
		if (read_all(r, pad, r->padding, e))
			return -1;
		r->padding = 0;
	}
	return len;
}

void tar_drain(struct tar_reader *r)
{
	char buf[4096];

	while (fd_read_full(r->fd, buf, sizeof(buf)) > 0)
		;
}

/* The data that follows has SIZE bytes. */
static void expect(struct tar_reader *r, uint64_t size)
{
	r->left = size;
	r->padding = tar_padding(size);
}

static int skip(struct tar_reader *r, struct err *e)
{
	char buf[4096];

	while (r->left || r->padding)
		if (tar_read(r, buf, sizeof(buf), e) < 0)
			return -1;
	return 0;
}

/* Octal digits between spaces; or, with the first bit set, a big-endian number in two's complement,
 * as GNU tar writes what is too large for octal digits. */
static bool read_number(const char *field, size_t len, int64_t *out)
{
	const unsigned char *p = (const unsigned char *)field, *end = p + len;

	*out = 0;
	if (*p & 0x80) {
		*out = *p & 0x40 ? (int64_t)*p - 0x100 : *p & 0x3f;
		while (++p < end) {
			if (*out > INT64_MAX >> 8 || *out < -(INT64_MAX >> 8))
				return false;
			*out = *out * 256 + *p;
		}
		return true;
	}
	while (p < end && *p == ' ')
		p++;
	for (; p < end && *p >= '0' && *p <= '7'; p++)
		*out = *out * 8 + *p - '0';
	while (p < end && (*p == ' ' || *p == '\0'))
		p++;
	return p == end;
}

#define READ_NUMBER(h, field, out) read_number((h)->field, sizeof((h)->field), out)

/* The name as it is used: without a slash at the beginning or end, without "." and "//". NULL if
 * it leads upwards, or is too long. */
static char *clean_name(const char *name)
{
	char *out = xcalloc(1, strlen(name) + 2), *o = out;
	size_t len;

	for (; *name; name += len + (name[len] == '/')) {
		len = strcspn(name, "/");
		if (!len || (len == 1 && *name == '.'))
			continue;
		if (len > NAME_MAX || (len == 2 && !memcmp(name, "..", 2)))
			goto bad;
		if (o > out)
			*o++ = '/';
		o = mempcpy(o, name, len);
	}
	if (o == out)
		*o = '.';
	if (strlen(out) < PATH_MAX)
		return out;
bad:
	free(out);
	return NULL;
}

static void add_xattr(struct tar_entry *entry, const char *name, const char *value, size_t len)
{
	struct tar_xattr *x = xcalloc(1, sizeof(*x) + strlen(name) + 1);

	strcpy(x->name, name);
	x->value = xcalloc(1, len + 1);
	memcpy(x->value, value, len);
	x->len = len;
	x->next = entry->xattrs;
	entry->xattrs = x;
}

static void replace(char **field, const char *value, size_t len)
{
	free(*field);
	*field = xstrndup(value, len);
}

/* Of a time only the seconds count. */
static bool read_decimal(const char *value, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(value, &end, 10);
	if (errno || (*value != '-' && (*value < '0' || *value > '9')))
		return false;
	if (*end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	return !*end;
}

/* KEY=VALUE of a pax header; VALUE of LEN bytes ends with NUL. */
static int take_record(
	struct tar_reader *r, const char *key, const char *value, size_t len, struct err *e)
{
	static const struct {
		const char *key;
		int64_t min, max;
	} numbers[] = {
		[SIZE] = { "size", 0, INT64_MAX },
		[UID] = { "uid", 0, UINT32_MAX - 1LL },
		[GID] = { "gid", 0, UINT32_MAX - 1LL },
		[MTIME] = { "mtime", INT64_MIN, INT64_MAX },
	};
	struct tar_entry *next = &r->next;
	int64_t n;

	if (!strncmp(key, TAR_XATTR_KEY, sizeof(TAR_XATTR_KEY) - 1))
		add_xattr(next, key + sizeof(TAR_XATTR_KEY) - 1, value, len);
	if (!strncmp(key, "GNU.sparse.", 11))
		return err_set(e, 0, "the archive has sparse files: pack it without --sparse");
	if (!strcmp(key, "path"))
		replace(&next->name, value, len);
	if (!strcmp(key, "linkpath"))
		replace(&next->link, value, len);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (strcmp(key, numbers[i].key))
			continue;
		if (strlen(value) != len || !read_decimal(value, &n) || n < numbers[i].min ||
			n > numbers[i].max)
			return err_set(e, 0, "the archive is damaged: %s=%.80s", key, value);
		r->numbers[i] = n;
		r->given |= 1U << i;
	}
	return 0;
}

/* Records are "LENGTH KEY=VALUE\n", where the length is that of the whole record. */
static int take_records(struct tar_reader *r, char *p, size_t size, struct err *e)
{
	char *end = p + size;

	while (p < end) {
		char *number_end, *equals;
		unsigned long len = strtoul(p, &number_end, 10);

		if (*p < '0' || *p > '9' || *number_end != ' ' || len > (size_t)(end - p) ||
			p + len <= number_end + 1 || p[len - 1] != '\n')
			return err_set(e, 0, "the archive has a damaged pax header");
		p[len - 1] = '\0';
		equals = strchr(number_end + 1, '=');
		if (!equals)
			return err_set(e, 0, "the archive has a damaged pax header");
		*equals++ = '\0';
		if (take_record(r, number_end + 1, equals, p + len - 1 - equals, e))
			return -1;
		p += len;
	}
	return 0;
}

/* A member that only tells about the next one: pax ('x'; 'g' would be for all, and says nothing
 * that matters), GNU's long name ('L') and long link ('K'). */
static int take_extension(struct tar_reader *r, char type, int64_t size, struct err *e)
{
	cleanup_free char *data = NULL;

	r->extended += size;
	if (size > TAR_EXTENDED_MAX || r->extended > TAR_EXTENDED_MAX)
		return err_set(e, 0, "the archive has a member with more than %d bytes of headers",
			TAR_EXTENDED_MAX);
	expect(r, size);
	if (type == 'g')
		return skip(r, e);
	data = xcalloc(1, size + 1);
	if (tar_read(r, data, size, e) < 0)
		return -1;
	if (type == 'x')
		return take_records(r, data, size, e);
	replace(type == 'L' ? &r->next.name : &r->next.link, data, size);
	return 0;
}

static int check_names(struct tar_entry *entry, const char *name, struct err *e)
{
	entry->name = clean_name(name);
	if (!entry->name)
		return err_set(e, 0, "\"%.200s\" in the archive is no name that can be used", name);
	if (entry->type == '1') {
		char *link = clean_name(entry->link);

		free(entry->link);
		entry->link = link;
	}
	if (entry->type != '1' && entry->type != '2')
		free(steal_ptr(&entry->link));
	else if (!entry->link || !*entry->link || strlen(entry->link) >= PATH_MAX)
		return err_set(e, 0, "%.200s: a link to nowhere", name);
	return 0;
}

static char *full_name(struct tar_reader *r, const struct tar_header *h)
{
	cleanup_free char *name = xstrndup(h->name, sizeof(h->name));

	if (r->next.name)
		return steal_ptr(&r->next.name);
	if (!memcmp(h->magic, "ustar", 6) && *h->prefix)
		return xasprintf("%.*s/%s", (int)sizeof(h->prefix), h->prefix, name);
	return steal_ptr(&name);
}

static int64_t choose(const struct tar_reader *r, enum number which, int64_t field)
{
	return r->given & 1U << which ? r->numbers[which] : field;
}

/* Fills ENTRY from its header and from what came before. */
static int take_member(struct tar_reader *r, const struct tar_header *h, int64_t size,
	struct tar_entry *entry, struct err *e)
{
	cleanup_free char *name = full_name(r, h);
	int64_t mode, uid, gid, mtime, major, minor;

	entry->type = h->type == '\0' || h->type == '7' ? '0' : h->type;
	if (entry->type == '0' && *name && name[strlen(name) - 1] == '/')
		entry->type = '5'; /* from before there were types */
	if (entry->type == 'S')
		return err_set(e, 0, "%.200s is a sparse file: pack it without --sparse", name);
	if (entry->type < '0' || entry->type > '6')
		return err_set(e, 0, "%.200s is of type '%c', which is not known", name, h->type);
	if (!READ_NUMBER(h, mode, &mode) || !READ_NUMBER(h, uid, &uid) ||
		!READ_NUMBER(h, gid, &gid) || !READ_NUMBER(h, mtime, &mtime) ||
		!READ_NUMBER(h, major, &major) || !READ_NUMBER(h, minor, &minor))
		return err_set(e, 0, "%.200s: the archive has a damaged header", name);
	entry->mode = mode & 07777;
	entry->uid = choose(r, UID, uid);
	entry->gid = choose(r, GID, gid);
	entry->mtime = choose(r, MTIME, mtime);
	entry->major = major;
	entry->minor = minor;
	entry->xattrs = steal_ptr(&r->next.xattrs);
	entry->link = steal_ptr(&r->next.link);
	if (!entry->link)
		entry->link = xstrndup(h->link, sizeof(h->link));
	/* Links and devices have no data, whatever the field says. */
	entry->size = entry->type == '0' ? choose(r, SIZE, size) : 0;
	expect(r, entry->size);
	r->given = 0;
	r->extended = 0;
	return check_names(entry, name, e);
}

static bool is_zero(const struct tar_header *h)
{
	const char *p = (const char *)h;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (p[i])
			return false;
	return true;
}

int tar_next(struct tar_reader *r, struct tar_entry *entry, struct err *e)
{
	struct tar_header h;
	int64_t sum, size;

	*entry = (struct tar_entry){ 0 };
	while (skip(r, e) == 0) {
		if (read_all(r, &h, sizeof(h), e))
			return -1;
		if (is_zero(&h))
			return 0;
		if (!READ_NUMBER(&h, checksum, &sum) || sum != tar_checksum(&h))
			return err_set(e, 0, "this is no tar archive, or it is damaged");
		if (!READ_NUMBER(&h, size, &size) || size < 0)
			return err_set(e, 0, "the archive has a damaged header");
		if (!h.type || !strchr("xgLK", h.type))
			return take_member(r, &h, size, entry, e) ? -1 : 1;
		if (take_extension(r, h.type, size, e))
			return -1;
	}
	return -1;
}
