/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and trees. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"

int dir_sync(int dirfd, const char *name, struct err *e)
{
	cleanup_close int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_set(e, errno, "fsync %s", name);
	return 0;
}

#define TMP ".tmp"

static int write_temporary(int dirfd, const char *tmp, const void *data, size_t len, mode_t mode,
	enum durability durability)
{
	cleanup_close int fd = openat(
		dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, data, len) < 0 || fchmod(fd, mode) < 0)
		return -1;
	return durability == FILE_DURABLE ? fsync(fd) : 0;
}

int file_write(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
	enum durability durability, struct err *e)
{
	cleanup_free char *tmp = xasprintf("%s" TMP, name);
	cleanup_free char *dir = xstrdup(name);
	char *slash = strrchr(dir, '/');

	if (slash)
		*slash = '\0';
	if (write_temporary(dirfd, tmp, data, len, mode, durability) < 0 ||
		renameat(dirfd, tmp, dirfd, name) < 0) {
		err_set(e, errno, "write %s", name);
		unlinkat(dirfd, tmp, 0);
		return -1;
	}
	return durability == FILE_DURABLE ? dir_sync(dirfd, slash ? dir : ".", e) : 0;
}

/* O_NONBLOCK keeps the open of a FIFO from waiting for its other end; regular files ignore it. */
#define OPEN_SAFELY (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static int check_regular(int fd, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "%s", name);
	if (S_ISDIR(st.st_mode))
		return err_set(e, EISDIR, "%s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, 0, "%s: not a regular file", name);
	return 0;
}

int file_read(int dirfd, const char *name, size_t max, struct strbuf *sb, struct err *e)
{
	cleanup_close int fd = openat(dirfd, name, OPEN_SAFELY);

	if (fd < 0)
		return err_set(e, errno, "%s", name);
	if (check_regular(fd, name, e))
		return -1;
	if (fd_read_all(fd, max, sb) < 0)
		return err_set(e, errno, "read %s", name);
	return 0;
}

int file_open_in_root(int rootfd, const char *path, struct err *e)
{
	struct open_how how = {
		.flags = OPEN_SAFELY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	cleanup_close int fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));

	if (fd < 0)
		return err_set(e, errno, "%s", path);
	if (check_regular(fd, path, e))
		return -1;
	return steal_fd(&fd);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (S_ISDIR(st.st_mode) || (errno = EEXIST, false));
}

int dir_make(const char *path, mode_t mode, struct err *e)
{
	cleanup_free char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return err_set(e, errno, "mkdir %s", copy);
		*slash = '/';
	}
	if (mkdir(copy, mode) < 0 && (errno != EEXIST || !is_directory(copy)))
		return err_set(e, errno, "mkdir %s", copy);
	return 0;
}

int dir_each(int dirfd, const char *name,
	int (*fn)(int dirfd, const char *name, void *arg, struct err *e), void *arg, struct err *e)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	int rc = 0;

	if (!dir) {
		err_set(e, errno, "%s", name);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (!rc && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			rc = fn(fd, d->d_name, arg, e);
	closedir(dir);
	return rc;
}

/* A container can nest directories deeper than a process can have files open, or stack: what lies
 * below DEPTH is moved to the top, and removed from there. */
enum { DEPTH = 32 };
/* Somebody may still write into it: what he makes goes with the directories he knows. */
enum { TRIES = 100 };

struct removal {
	int top;
	unsigned depth, moved;
};

static int move_to_top(struct removal *r, int dirfd, const char *name, struct err *e)
{
	char to[32];
	int rc;

	do {
		snprintf(to, sizeof(to), ".tcr-deep-%u", ++r->moved);
		rc = syscall(SYS_renameat2, dirfd, name, r->top, to, RENAME_NOREPLACE);
	} while (rc < 0 && errno == EEXIST);
	return rc < 0 ? err_set(e, errno, "rename %s", name) : 0;
}

/* Also of the same filesystem, which no st_dev tells. */
static bool is_mount_point(int dirfd, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV,
	};
	cleanup_close int fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));

	return fd < 0 && errno == EXDEV;
}

static int remove_entry(int dirfd, const char *name, void *arg, struct err *e)
{
	struct removal *r = arg;
	int rc;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return err_set(e, errno, "unlink %s", name);
	if (is_mount_point(dirfd, name))
		return err_set(e, EBUSY, "%s is a mount point", name);
	if (r->depth == DEPTH)
		return move_to_top(r, dirfd, name, e);
	r->depth++;
	rc = dir_each(dirfd, name, remove_entry, r, e);
	r->depth--;
	/* It is not empty if directories were moved out of it, or into it, meanwhile: then there is
	 * another round. */
	if (!rc && unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT && errno != ENOTEMPTY)
		rc = err_set(e, errno, "rmdir %s", name);
	return rc;
}

int tree_remove(int dirfd, const char *name, struct err *e)
{
	cleanup_close int top = openat(
		dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct removal r = { .top = top };
	unsigned before, tries = 0;

	if (top < 0 && errno == ENOENT)
		return 0;
	if (top < 0 && (errno == ENOTDIR || errno == ELOOP))
		return unlinkat(dirfd, name, 0) < 0 && errno != ENOENT
			? err_set(e, errno, "unlink %s", name)
			: 0;
	if (top < 0)
		return err_set(e, errno, "%s", name);
	do {
		before = r.moved;
		if (dir_each(dirfd, name, remove_entry, &r, e))
			return -1;
		if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
	} while (r.moved != before || (errno == ENOTEMPTY && tries++ < TRIES));
	return err_set(e, errno, "rmdir %s", name);
}

static int sweep_one(int dirfd, const char *name, void *arg, struct err *e)
{
	size_t len = strlen(name), n = strlen(TMP);

	(void)arg;
	if (len > n && !strcmp(name + len - n, TMP) && unlinkat(dirfd, name, 0) < 0 &&
		errno != EISDIR)
		return err_set(e, errno, "remove %s", name);
	return 0;
}

int dir_sweep(int dirfd, const char *name, struct err *e)
{
	return file_exists(dirfd, name) ? dir_each(dirfd, name, sweep_one, NULL, e) : 0;
}

bool file_exists(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}
