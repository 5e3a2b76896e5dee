/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extracts tar archives. Each name is looked up by openat2(2) (Linux 5.6), which the kernel keeps
 * below the target even while others move directories about; what is made gets its owner and mode
 * through its descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "archive/format.h"
#include "archive/tar.h"
#include "base/fd.h"
#include "base/mem.h"

/* A directory that was made, whose mode and time come when nothing more is put into it. */
struct made {
	char *name; /* owned */
	mode_t mode;
	int64_t mtime;
};

struct extraction {
	struct tar_target *target;
	struct tar_reader *reader;
	struct made *made; /* each is below the one before it */
	size_t nmade;
	char *buf;
};

/* The kernel gives up (EAGAIN) when somebody moves directories while ".." is looked up. */
enum { TRIES = 1000 };

int tar_lookup(const struct tar_target *t, const char *path, int flags)
{
	cleanup_free char *full = t->dir ? xasprintf("%s/%s", t->dir, path) : xstrdup(path);
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS |
			(t->symlinks ? RESOLVE_IN_ROOT : RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS),
	};
	int fd = -1;

	for (int tries = 0; fd < 0 && tries < TRIES; tries++) {
		fd = syscall(SYS_openat2, t->root, full, &how, sizeof(how));
		if (fd < 0 && errno != EAGAIN)
			break;
	}
	return fd;
}

/* The last component of NAME; *DIR becomes what is before it, "." if there is nothing. */
static const char *split_name(const char *name, char **dir)
{
	const char *slash = strrchr(name, '/');

	*dir = slash ? xstrndup(name, slash - name) : xstrdup(".");
	return slash ? slash + 1 : name;
}

/* Opens the directory NAME, which is made if it is not there: not every archive has an entry for
 * each directory. */
static int open_dir(struct extraction *x, const char *name, struct err *e)
{
	cleanup_free char *above = NULL;
	cleanup_close int fd = tar_lookup(x->target, name, O_PATH | O_DIRECTORY), parent = -1;
	const char *base;

	if (fd >= 0)
		return steal_fd(&fd);
	if (errno == ELOOP || errno == EXDEV)
		return err_set(e, 0, "\"%.600s\" leads through a symbolic link: refused", name);
	if (errno != ENOENT || !strcmp(name, "."))
		return err_set(e, errno, "%.600s", name);
	base = split_name(name, &above);
	parent = open_dir(x, above, e);
	if (parent < 0)
		return -1;
	if (mkdirat(parent, base, 0755) < 0 && errno != EEXIST)
		return err_set(e, errno, "mkdir %.600s", name);
	fd = tar_lookup(x->target, name, O_PATH | O_DIRECTORY);
	return fd >= 0 ? steal_fd(&fd) : err_set(e, errno, "%.600s", name);
}

/* Capabilities go with owners: a file of somebody else's must not make more of who runs it. */
static void set_xattrs(const struct extraction *x, int fd, const struct tar_entry *entry)
{
	for (const struct tar_xattr *a = entry->xattrs; a; a = a->next)
		if (!strncmp(a->name, "user.", 5) ||
			(!strcmp(a->name, "security.capability") &&
				(x->target->flags & TAR_OWNERS)))
			fsetxattr(fd, a->name, a->value, a->len, 0); /* where that is possible */
}

static int set_times(int fd, int64_t mtime)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = mtime } };

	return futimens(fd, times);
}

/* Before mode and capabilities, which a change of owner takes away. */
static int set_owner(const struct extraction *x, int fd, const struct tar_entry *entry)
{
	return x->target->flags & TAR_OWNERS ? fchown(fd, entry->uid, entry->gid) : 0;
}

static int finish_dir(struct extraction *x, const struct made *m, struct err *e)
{
	cleanup_close int fd = tar_lookup(x->target, m->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return 0; /* somebody else's by now */
	if (fd < 0 || fchmod(fd, m->mode) < 0 || set_times(fd, m->mtime) < 0)
		return err_set(e, errno, "%.600s", m->name);
	return 0;
}

static bool is_below(const char *name, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(name, dir, len) && name[len] == '/';
}

/* Finishes the directories that NAME is not in; NULL: all. */
static int finish_dirs(struct extraction *x, const char *name, struct err *e)
{
	while (x->nmade) {
		struct made *m = &x->made[x->nmade - 1];
		int rc;

		if (name && is_below(name, m->name))
			return 0;
		rc = finish_dir(x, m, e);
		free(m->name);
		x->nmade--;
		if (rc)
			return -1;
	}
	return 0;
}

static int make_dir(
	struct extraction *x, int parent, const char *base, const struct tar_entry *entry)
{
	cleanup_close int fd = -1;
	struct stat st;

	if (mkdirat(parent, base, 0700) < 0) {
		if (errno != EEXIST || fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return -1;
		errno = ENOTDIR;
		return S_ISDIR(st.st_mode) ? 0 : -1;
	}
	fd = openat(parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || set_owner(x, fd, entry) < 0)
		return -1;
	set_xattrs(x, fd, entry);
	x->made = xrealloc(x->made, (x->nmade + 1) * sizeof(*x->made));
	x->made[x->nmade++] = (struct made){ xstrdup(entry->name), entry->mode, entry->mtime };
	return 0;
}

static int make_file(struct extraction *x, int parent, const char *base,
	const struct tar_entry *entry, struct err *e)
{
	cleanup_close int fd = openat(parent, base,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	mode_t mask = x->target->flags & TAR_OWNERS ? 07777 : 01777;
	ssize_t n;

	if (fd < 0)
		return err_set(e, errno, "%.600s", entry->name);
	while ((n = tar_read(x->reader, x->buf, TAR_COPY, e)) > 0)
		if (fd_write_all(fd, x->buf, n) < 0)
			return err_set(e, errno, "write %.600s", entry->name);
	if (n < 0)
		return err_prefix(e, "%.600s", entry->name);
	if (set_owner(x, fd, entry) < 0 || fchmod(fd, entry->mode & mask) < 0)
		return err_set(e, errno, "%.600s", entry->name);
	set_xattrs(x, fd, entry);
	return set_times(fd, entry->mtime) < 0 ? err_set(e, errno, "%.600s", entry->name) : 0;
}

/* A symlink, FIFO or device: there is no descriptor to work with, but nothing is followed. */
static int make_special(
	struct extraction *x, int parent, const char *base, const struct tar_entry *entry)
{
	static const mode_t types[] = {
		['3' - '0'] = S_IFCHR, ['4' - '0'] = S_IFBLK, ['6' - '0'] = S_IFIFO
	};
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = entry->mtime } };
	int rc = entry->type == '2' ? symlinkat(entry->link, parent, base)
				    : mknodat(parent, base, types[entry->type - '0'] | entry->mode,
					      makedev(entry->major, entry->minor));

	if (rc == 0 && (x->target->flags & TAR_OWNERS))
		rc = fchownat(parent, base, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW);
	return rc ? rc : utimensat(parent, base, times, AT_SYMLINK_NOFOLLOW);
}

/* One more name for what is below the target already. */
static int make_link(struct extraction *x, int parent, const char *base,
	const struct tar_entry *entry, struct err *e)
{
	cleanup_free char *dir = NULL;
	const char *old = split_name(entry->link, &dir);
	cleanup_close int from = open_dir(x, dir, e);

	if (from < 0)
		return -1;
	return linkat(from, old, parent, base, 0) < 0
		? err_set(e, errno, "link %.300s to %.300s", entry->name, entry->link)
		: 0;
}

static int clear_way(int parent, const char *base, const char *name, struct err *e)
{
	if (unlinkat(parent, base, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EISDIR || errno == EPERM)
		return err_set(e, 0, "%.600s is a directory there, and none in the archive", name);
	return err_set(e, errno, "replace %.600s", name);
}

static int extract(struct extraction *x, const struct tar_entry *entry, struct err *e)
{
	cleanup_free char *dir = NULL;
	const char *base = split_name(entry->name, &dir);
	cleanup_close int parent = -1;
	int rc;

	if (!strcmp(entry->name, "."))
		return 0;
	if ((entry->type == '3' || entry->type == '4') && !(x->target->flags & TAR_DEVICES)) {
		x->target->left_out++;
		return 0;
	}
	parent = open_dir(x, dir, e);
	if (parent < 0)
		return -1;
	if (entry->type == '5') {
		rc = make_dir(x, parent, base, entry);
		if (rc && errno == ENOTDIR)
			return err_set(e, 0, "%.600s is a directory in the archive, and none there",
				entry->name);
		return rc ? err_set(e, errno, "mkdir %.600s", entry->name) : 0;
	}
	/* A second name of itself would be lost. */
	if (entry->type == '1' && !strcmp(entry->link, entry->name))
		return 0;
	if (clear_way(parent, base, entry->name, e))
		return -1;
	if (entry->type == '0')
		return make_file(x, parent, base, entry, e);
	if (entry->type == '1')
		return make_link(x, parent, base, entry, e);
	rc = make_special(x, parent, base, entry);
	return rc ? err_set(e, errno, "%.600s", entry->name) : 0;
}

int tar_extract(struct tar_reader *r, struct tar_target *t, struct err *e)
{
	struct extraction x = { .target = t, .reader = r, .buf = xcalloc(1, TAR_COPY) };
	struct tar_entry entry;
	struct err ignored;
	int rc;

	while ((rc = tar_next(r, &entry, e)) > 0) {
		rc = finish_dirs(&x, entry.name, e) || extract(&x, &entry, e) ? -1 : 0;
		tar_entry_free(&entry);
		if (rc)
			break;
	}
	tar_entry_free(&entry);
	if (finish_dirs(&x, NULL, rc ? &ignored : e))
		rc = -1;
	while (x.nmade)
		free(x.made[--x.nmade].name);
	free(x.made);
	free(x.buf);
	return rc;
}
