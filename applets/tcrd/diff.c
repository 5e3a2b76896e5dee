/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `diff`: reads the container's layer (Linux, Documentation/filesystems/overlayfs.rst). */
//kbuild:obj-$(CONFIG_FEATURE_CP) += diff.o
//verb:diff verb_diff Show what a container changed in its root filesystem
//usage:CONTAINER
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/utf8.h"
#include "container.h"
#include "rpc.h"
#include "steps.h"
#include "view.h"

/* What crun makes for mounts of every container, where the image lacks it. */
static const char *const ours[] = { "/dev", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
	"/proc", "/sys" };

static bool is_ours(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (!strcmp(path, ours[i]))
			return true;
	return false;
}

struct changes {
	char **lines; /* "K /path" */
	size_t n, room;
};

static void add(struct changes *ch, char kind, const char *path)
{
	if (ch->n == ch->room) {
		ch->room = ch->room ? 2 * ch->room : 64;
		ch->lines = xrealloc(ch->lines, ch->room * sizeof(char *));
	}
	ch->lines[ch->n++] = xasprintf("%c %s", kind, path);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a + 2, *(char *const *)b + 2);
}

static bool is_opaque(int fd)
{
	char value[2];

	return fgetxattr(fd, "trusted.overlay.opaque", value, sizeof(value)) == 1 && *value == 'y';
}

static int open_dir(int dirfd, const char *name)
{
	if (dirfd == -1)
		return -1;
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Names of the image that an opaque directory hides and does not have itself. */
static void add_hidden(struct changes *ch, int lower, int upper, const char *path)
{
	int fd = open_dir(lower, ".");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		cleanup_free char *name = xasprintf("%s/%s", path, d->d_name);

		if (strcmp(d->d_name, ".") && strcmp(d->d_name, "..") &&
			!file_exists(upper, d->d_name))
			add(ch, 'D', name);
	}
	if (dir)
		closedir(dir);
}

static int walk(struct changes *ch, int upper, int lower, const char *path, struct err *e);

/* A directory that both have: it changed if it did, or if something in it did. */
static int add_dir(struct changes *ch, int upper, int lower, const char *name, const char *path,
	const struct stat *st, struct err *e)
{
	cleanup_close int up = open_dir(upper, name), low = open_dir(lower, name);
	size_t before = ch->n;
	struct stat old;

	if (up < 0)
		return err_set(e, errno, "%.600s", path);
	if (low >= 0 && is_opaque(up))
		add_hidden(ch, low, up, path);
	if (walk(ch, up, is_opaque(up) ? -1 : low, path, e))
		return -1;
	if (low < 0)
		add(ch, lower >= 0 && file_exists(lower, name) ? 'C' : 'A', path);
	else if (ch->n != before || fstat(low, &old) < 0 || old.st_mode != st->st_mode ||
		old.st_uid != st->st_uid || old.st_gid != st->st_gid)
		add(ch, 'C', path);
	return 0;
}

static int add_entry(
	struct changes *ch, int upper, int lower, const char *name, const char *path, struct err *e)
{
	struct stat st;
	bool was_there = lower >= 0 && file_exists(lower, name);

	if (fstatat(upper, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "%.600s", path);
	if (!was_there && is_ours(path))
		return 0;
	if (S_ISDIR(st.st_mode))
		return add_dir(ch, upper, lower, name, path, &st, e);
	/* A whiteout; of what was made and removed again it may be left alone. */
	if (S_ISCHR(st.st_mode) && !st.st_rdev) {
		if (was_there)
			add(ch, 'D', path);
		return 0;
	}
	add(ch, was_there ? 'C' : 'A', path);
	return 0;
}

/* LOWER: the same directory of the image; -1 if it has none. */
static int walk(struct changes *ch, int upper, int lower, const char *path, struct err *e)
{
	int fd = open_dir(upper, "."), rc = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return err_set(e, errno, "%.600s", *path ? path : "/");
	}
	while (!rc && (d = readdir(dir))) {
		cleanup_free char *name = xasprintf("%s/%s", path, d->d_name);

		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			rc = add_entry(ch, upper, lower, d->d_name, name, e);
	}
	closedir(dir);
	return rc;
}

/* In the child. */
static int diff(struct client *cl, void *arg)
{
	const struct container *c = arg;
	cleanup_free char *path = rootfs_upper(c);
	cleanup_close int image = -1, upper = -1, lower = -1;
	struct changes ch = { 0 };
	struct err e = { 0 };
	int rc = 0;

	upper = open_dir(AT_FDCWD, path);
	if (upper < 0)
		return 0; /* it has never run */
	image = view_open_image(c, &e);
	lower = open_dir(image, ".");
	if (image < 0 || lower < 0 || walk(&ch, upper, lower, "", &e)) {
		client_error(cl, &e);
		rc = e.exit_code;
	}
	if (ch.n)
		qsort(ch.lines, ch.n, sizeof(char *), compare);
	for (size_t i = 0; i < ch.n; i++) {
		/* One line each, whatever the container calls its files. */
		utf8_make_printable(ch.lines[i], "");
		if (!rc)
			client_printf(cl, "%s\n", ch.lines[i]);
		free(ch.lines[i]);
	}
	free(ch.lines);
	return rc;
}

int verb_diff(struct client *cl, struct err *e)
{
	cleanup_free char **names = NULL;
	struct container *c;
	int rc = opt_parse(NULL, 0, cl->argv + 1, 0, NULL, cl, &names, e);

	if (rc)
		return rc;
	if (!names[0] || names[1])
		return err_set(e, 0, "one container is required; see 'tcr diff --help'");
	c = container_find(names[0], e);
	return c ? client_fork(cl, diff, c, e) : -1;
}
