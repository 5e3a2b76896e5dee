/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much space a tree takes. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "archive/copy.h"
#include "base/mem.h"

/* Files with several names that were counted. */
struct counted {
	ino_t *inodes; /* owned */
	size_t n;
	dev_t dev;
};

static bool is_counted(struct counted *c, const struct stat *st)
{
	if (st->st_nlink < 2)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (c->inodes[i] == st->st_ino)
			return true;
	c->inodes = xrealloc(c->inodes, (c->n + 1) * sizeof(*c->inodes));
	c->inodes[c->n++] = st->st_ino;
	return false;
}

static unsigned long long size_of(const struct stat *st)
{
	unsigned long long blocks = st->st_blocks * 512ULL, size = st->st_size;

	return blocks < size ? blocks : size;
}

static unsigned long long add_dir(struct counted *c, int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	unsigned long long sum = 0;
	struct dirent *d;
	struct stat st;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while ((d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..") ||
			fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != c->dev)
			continue;
		if (S_ISDIR(st.st_mode))
			sum += add_dir(c, fd, d->d_name);
		else if (S_ISREG(st.st_mode) && !is_counted(c, &st))
			sum += size_of(&st);
	}
	closedir(dir);
	return sum;
}

unsigned long long tree_size(int dirfd, const char *name)
{
	struct counted c = { 0 };
	unsigned long long sum;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	c.dev = st.st_dev;
	sum = S_ISREG(st.st_mode) ? size_of(&st) : add_dir(&c, dirfd, name);
	free(c.inodes);
	return sum;
}
