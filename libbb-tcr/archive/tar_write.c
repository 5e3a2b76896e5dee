/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes tar archives. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "archive/format.h"
#include "archive/tar.h"
#include "base/fd.h"
#include "base/mem.h"

struct tar_link {
	dev_t dev;
	ino_t ino;
	char *name; /* owned */
};

void tar_create(struct tar_writer *w, int fd)
{
	*w = (struct tar_writer){ .fd = fd };
}

void tar_writer_free(struct tar_writer *w)
{
	while (w->nlinks)
		free(w->links[--w->nlinks].name);
	free(w->links);
}

static int write_all(struct tar_writer *w, const void *data, size_t len, struct err *e)
{
	return fd_write_all(w->fd, data, len) < 0 ? err_set(e, errno, "write the archive") : 0;
}

/* "LENGTH KEY=VALUE\n", and the length counts its own digits. */
static void add_record(struct strbuf *sb, const char *key, const void *value, size_t len)
{
	size_t rest = strlen(key) + len + 3, total = rest, digits;

	do {
		digits = snprintf(NULL, 0, "%zu", total);
		total = rest + digits;
	} while (snprintf(NULL, 0, "%zu", total) != (int)digits);
	sb_addf(sb, "%zu %s=", total, key);
	sb_add(sb, value, len);
	sb_addc(sb, '\n');
}

static void add_number(struct strbuf *sb, const char *key, long long n)
{
	char text[24];

	add_record(sb, key, text, snprintf(text, sizeof(text), "%lld", n));
}

/* LEN counts the NUL. What does not fit is in the pax header, which comes first. */
static bool put_number(char *field, size_t len, uint64_t n)
{
	bool fits = n >> (3 * (len - 1)) == 0;

	snprintf(field, len, "%0*llo", (int)len - 1, (unsigned long long)(fits ? n : 0));
	return fits;
}

#define PUT_NUMBER(h, field, n) put_number((h)->field, sizeof((h)->field), n)

/* strncpy(3) is made for this: no NUL where the text fills the field. */
static bool put_text(char *field, size_t len, const char *text)
{
	size_t n = strlen(text);

	memcpy(field, text, n < len ? n : len);
	return n <= len;
}

static int write_header(struct tar_writer *w, struct tar_header *h, char type, struct err *e)
{
	h->type = type;
	memcpy(h->magic,
		"ustar\0"
		"00",
		8);
	snprintf(h->checksum, sizeof(h->checksum), "%06o", tar_checksum(h));
	h->checksum[7] = ' ';
	return write_all(w, h, sizeof(*h), e);
}

static int write_pax(struct tar_writer *w, const struct strbuf *records, struct err *e)
{
	static const char zeros[TAR_BLOCK];
	struct tar_header h = { .name = "././@PaxHeader" };

	PUT_NUMBER(&h, mode, 0644);
	PUT_NUMBER(&h, uid, 0);
	PUT_NUMBER(&h, gid, 0);
	PUT_NUMBER(&h, mtime, 0);
	PUT_NUMBER(&h, size, records->len);
	return write_header(w, &h, 'x', e) || write_all(w, records->buf, records->len, e) ||
			write_all(w, zeros, tar_padding(records->len), e)
		? -1
		: 0;
}

int tar_put(struct tar_writer *w, const struct tar_entry *entry, struct err *e)
{
	cleanup_free char *name = xasprintf("%s%s", entry->name, entry->type == '5' ? "/" : "");
	cleanup_sb struct strbuf pax = STRBUF_INIT;
	struct tar_header h = { 0 };

	if (!put_text(h.name, sizeof(h.name), name))
		add_record(&pax, "path", name, strlen(name));
	if (entry->link && !put_text(h.link, sizeof(h.link), entry->link))
		add_record(&pax, "linkpath", entry->link, strlen(entry->link));
	PUT_NUMBER(&h, mode, entry->mode & 07777);
	if (!PUT_NUMBER(&h, uid, entry->uid))
		add_number(&pax, "uid", entry->uid);
	if (!PUT_NUMBER(&h, gid, entry->gid))
		add_number(&pax, "gid", entry->gid);
	if (!PUT_NUMBER(&h, size, entry->size))
		add_number(&pax, "size", entry->size);
	if (!PUT_NUMBER(&h, mtime, entry->mtime))
		add_number(&pax, "mtime", entry->mtime);
	PUT_NUMBER(&h, major, entry->major);
	PUT_NUMBER(&h, minor, entry->minor);
	for (const struct tar_xattr *x = entry->xattrs; x; x = x->next) {
		cleanup_free char *key = xasprintf(TAR_XATTR_KEY "%s", x->name);

		add_record(&pax, key, x->value, x->len);
	}
	return (pax.len && write_pax(w, &pax, e)) || write_header(w, &h, entry->type, e) ? -1 : 0;
}

/* The data of a member: SIZE bytes, as its header has promised, whatever happens to the file. */
static int write_data(struct tar_writer *w, int fd, uint64_t size, struct err *e)
{
	cleanup_free char *buf = xcalloc(1, TAR_COPY);
	unsigned padding = tar_padding(size);
	bool ended = false;

	while (size) {
		size_t n = size < TAR_COPY ? size : TAR_COPY;
		ssize_t got = ended ? 0 : fd_read_full(fd, buf, n);

		if (got < 0)
			return err_set(e, errno, "read");
		ended = (size_t)got < n;
		memset(buf + got, 0, n - got);
		if (write_all(w, buf, n, e))
			return -1;
		size -= n;
	}
	memset(buf, 0, TAR_BLOCK);
	return write_all(w, buf, padding, e);
}

/* What is worth keeping; the rest belongs to the filesystem or to the host. */
static bool is_kept(const char *xattr)
{
	return !strncmp(xattr, "user.", 5) || !strcmp(xattr, "security.capability");
}

static void read_xattrs(int fd, struct tar_entry *entry)
{
	cleanup_free char *names = NULL, *value = NULL;
	ssize_t len = flistxattr(fd, NULL, 0);

	if (len <= 0)
		return;
	names = xcalloc(1, len + 1);
	len = flistxattr(fd, names, len);
	value = xcalloc(1, XATTR_SIZE_MAX);
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		ssize_t n = is_kept(name) ? fgetxattr(fd, name, value, XATTR_SIZE_MAX) : -1;
		struct tar_xattr *x;

		if (n < 0)
			continue;
		x = xcalloc(1, sizeof(*x) + strlen(name) + 1);
		strcpy(x->name, name);
		x->value = xcalloc(1, n + 1);
		memcpy(x->value, value, n);
		x->len = n;
		x->next = entry->xattrs;
		entry->xattrs = x;
	}
}

/* True if a name of the file is in the archive already; else NAME is, from now on. */
static bool is_linked(struct tar_writer *w, const struct stat *st, struct tar_entry *entry)
{
	/* A link to a device would be one to nothing where devices are left out. */
	if (S_ISDIR(st->st_mode) || S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode) || st->st_nlink < 2)
		return false;
	for (size_t i = 0; i < w->nlinks; i++) {
		if (w->links[i].dev != st->st_dev || w->links[i].ino != st->st_ino)
			continue;
		entry->type = '1';
		free(entry->link);
		entry->link = xstrdup(w->links[i].name);
		entry->size = 0;
		return true;
	}
	w->links = xrealloc(w->links, (w->nlinks + 1) * sizeof(*w->links));
	w->links[w->nlinks++] = (struct tar_link){ st->st_dev, st->st_ino, xstrdup(entry->name) };
	return false;
}

static char type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return '0';
	case S_IFLNK:
		return '2';
	case S_IFCHR:
		return '3';
	case S_IFBLK:
		return '4';
	case S_IFDIR:
		return '5';
	case S_IFIFO:
		return '6';
	default:
		return 0; /* a socket means nothing without who listens */
	}
}

static int write_tree(struct tar_writer *w, int fd, const char *name, dev_t above, struct err *e);

static int write_children(struct tar_writer *w, int fd, const char *name, dev_t dev, struct err *e)
{
	DIR *dir = fdopendir(fd);
	struct dirent *d;
	int rc = 0;

	if (!dir) {
		close(fd);
		return err_set(e, errno, "%.600s", name);
	}
	while (!rc && (d = readdir(dir))) {
		cleanup_close int child = -1;
		cleanup_free char *path = NULL;

		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		path = xasprintf("%s/%s", name, d->d_name);
		child = openat(fd, d->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0)
			rc = write_tree(w, child, path, dev, e);
		else if (errno != ENOENT) /* it went away */
			rc = err_set(e, errno, "%.600s", path);
	}
	closedir(dir);
	return rc;
}

/* Views of the kernel's state are no files to be copied. */
static bool is_virtual(int fd)
{
	static const unsigned long magics[] = { PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC };
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
			if ((unsigned long)fs.f_type == magics[i])
				return true;
	return false;
}

/* The file behind an O_PATH descriptor, which has been looked at: no name is resolved again. */
static int reopen(int fd, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int write_node(struct tar_writer *w, int fd, const struct stat *st, struct tar_entry *entry,
	dev_t above, struct err *e)
{
	cleanup_close int real = -1;

	if (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) {
		real = reopen(fd, S_ISDIR(st->st_mode) ? O_DIRECTORY : 0);
		if (real < 0)
			return err_set(e, errno, "%.600s", entry->name);
		read_xattrs(real, entry);
	}
	if (tar_put(w, entry, e))
		return -1;
	if (entry->type == '0' && write_data(w, real, entry->size, e))
		return err_prefix(e, "%.600s", entry->name);
	if (entry->type != '5' || (st->st_dev != above && is_virtual(real)))
		return 0;
	return write_children(w, steal_fd(&real), entry->name, st->st_dev, e);
}

/* Where the symlink behind an O_PATH descriptor leads; NULL with errno. A function of its own: in
 * write_tree(), which calls itself for each directory, the buffer would fill the stack. */
static char __attribute__((noinline)) *read_link(int fd)
{
	char link[PATH_MAX];
	ssize_t n = readlinkat(fd, "", link, sizeof(link));

	return n < 0 ? NULL : xstrndup(link, n);
}

static int write_tree(struct tar_writer *w, int fd, const char *name, dev_t above, struct err *e)
{
	struct tar_entry entry = { 0 };
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "%.600s", name);
	if (strlen(name) >= PATH_MAX)
		return err_set(e, ENAMETOOLONG, "%.600s", name);
	entry.type = type_of(st.st_mode);
	if (!entry.type)
		return 0;
	if (entry.type == '2' && !(entry.link = read_link(fd)))
		return err_set(e, errno, "%.600s", name);
	entry.name = xstrdup(name);
	entry.mode = st.st_mode & 07777;
	entry.uid = st.st_uid;
	entry.gid = st.st_gid;
	entry.mtime = st.st_mtime;
	entry.size = entry.type == '0' ? st.st_size : 0;
	entry.major = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) ? major(st.st_rdev) : 0;
	entry.minor = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) ? minor(st.st_rdev) : 0;
	rc = is_linked(w, &st, &entry) ? tar_put(w, &entry, e)
				       : write_node(w, fd, &st, &entry, above, e);
	tar_entry_free(&entry);
	return rc;
}

int tar_add_tree(struct tar_writer *w, int top, const char *as, struct err *e)
{
	return write_tree(w, top, as, 0, e);
}

int tar_finish(struct tar_writer *w, struct err *e)
{
	static const char zeros[2 * TAR_BLOCK];

	return write_all(w, zeros, sizeof(zeros), e);
}
