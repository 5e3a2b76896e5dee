/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Docker's rules of what is copied where. */
//kbuild:obj-$(CONFIG_FEATURE_CP) += cp_paths.o
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cp.h"

/* Links to links to links: as many as the kernel follows. */
enum { LINKS_MAX = 40 };

static int open_at(const struct place *p, const char *path, int flags)
{
	struct tar_target t = { .root = p->root, .symlinks = true };

	return p->host ? openat(p->root, path, flags | O_CLOEXEC) : tar_lookup(&t, path, flags);
}

static int fail(const struct place *p, int error, struct err *e)
{
	return err_set(e, error, "%s%.800s", p->host ? "" : "in the container: ", p->path);
}

static bool ends_with(const char *path, const char *end)
{
	size_t len = strlen(path), n = strlen(end);

	return len >= n && !strcmp(path + len - n, end);
}

/* "dir/." means what is in it; so do "." and "/". */
static bool means_content(const char *path)
{
	return !strcmp(path, ".") || ends_with(path, "/.") || !path[strspn(path, "/")];
}

/* The last component without slashes; what lies behind "..", the kernel knows. */
static char *name_of(const char *path, int fd)
{
	size_t len = strlen(path);
	const char *start;
	char link[40], real[PATH_MAX];
	ssize_t n;

	while (len && path[len - 1] == '/')
		len--;
	for (start = path + len; start > path && start[-1] != '/';)
		start--;
	if (strncmp(start, "..", 2) || start + 2 != path + len)
		return xstrndup(start, path + len - start);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	real[n < 0 ? 0 : n] = '\0';
	return xstrdup(strrchr(real, '/') ? strrchr(real, '/') + 1 : "");
}

int cp_open_source(const struct place *from, bool follow, struct source *s, struct err *e)
{
	bool slash = ends_with(from->path, "/");
	struct stat st;

	*s = (struct source){ .content = means_content(from->path) };
	follow = follow || slash || s->content;
	s->fd = open_at(from, from->path, O_PATH | (follow ? 0 : O_NOFOLLOW));
	if (s->fd < 0 || fstat(s->fd, &st) < 0)
		return fail(from, errno, e);
	if (S_ISSOCK(st.st_mode))
		return err_set(e, 0, "%s%.800s is a socket, which cannot be copied",
			from->host ? "" : "in the container: ", from->path);
	s->dir = S_ISDIR(st.st_mode);
	s->device = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode);
	if ((slash || s->content) && !s->dir)
		return fail(from, ENOTDIR, e);
	s->name = name_of(from->path, s->fd);
	if (!*s->name)
		s->content = true;
	return 0;
}

void cp_close_source(struct source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->name);
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash ? xstrdup(".") : xstrndup(path, slash > path ? slash - path : 1);
}

/* Replaces *PATH, a symlink, by what it leads to, so that that is written to. Returns 1 if it was
 * one. */
static int follow_link(const struct place *to, char **path)
{
	cleanup_close int fd = open_at(to, *path, O_PATH | O_NOFOLLOW);
	cleanup_free char *parent = NULL;
	char link[PATH_MAX], *next;
	ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", link, sizeof(link) - 1);

	if (n <= 0)
		return 0;
	link[n] = '\0';
	parent = parent_of(*path);
	next = *link == '/' ? xstrdup(link) : xasprintf("%s/%s", parent, link);
	free(*path);
	*path = next;
	return 1;
}

/* The directory DIR becomes the target. */
static int aim(const struct place *to, const char *dir, struct goal *g, struct err *e)
{
	int fd = open_at(to, dir, O_PATH | O_DIRECTORY);

	if (fd < 0)
		return fail(to, errno, e);
	if (to->host) {
		g->target.root = fd;
		return 0;
	}
	/* Names are looked up from the container's root, as its own processes would. */
	close(fd);
	g->dir = xstrdup(dir);
	g->target.root = dup(to->root);
	g->target.dir = g->dir;
	g->target.symlinks = true;
	return 0;
}

/* PATH is the name that S gets. */
static int aim_beside(const struct place *to, const char *path, struct goal *g, struct err *e)
{
	cleanup_free char *trimmed = xstrdup(path), *parent = NULL;
	const char *name;

	for (size_t len = strlen(trimmed); len > 1 && trimmed[len - 1] == '/';)
		trimmed[--len] = '\0';
	name = strrchr(trimmed, '/');
	name = name ? name + 1 : trimmed;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return fail(to, ENOENT, e);
	g->as = xstrdup(name);
	parent = parent_of(trimmed);
	return aim(to, parent, g, e);
}

static int aim_into(const struct place *to, const char *path, const struct source *s,
	struct goal *g, struct err *e)
{
	g->as = xstrdup(!s || s->content ? "." : s->name);
	return aim(to, path, g, e);
}

int cp_find_goal(const struct place *to, const struct source *s, struct goal *g, struct err *e)
{
	cleanup_free char *path = xstrdup(to->path);
	bool slash = ends_with(path, "/") || ends_with(path, "/.");
	cleanup_close int fd = -1;
	struct stat st;

	*g = (struct goal){ .target.root = -1 };
	for (int i = 0; i < LINKS_MAX && !slash && follow_link(to, &path); i++)
		;
	fd = open_at(to, path, O_PATH);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return aim_into(to, path, s, g, e);
	if (fd < 0 && errno != ENOENT)
		return fail(to, errno, e);
	if (!s || (fd >= 0 && slash))
		return fail(to, fd < 0 ? ENOENT : ENOTDIR, e);
	if (fd >= 0 && s->dir)
		return err_set(e, 0, "a directory cannot be copied to the file %.800s", to->path);
	if (fd < 0 && slash && !s->dir)
		return err_set(e, 0, "the directory %.800s is not there", to->path);
	return aim_beside(to, path, g, e);
}

void cp_free_goal(struct goal *g)
{
	if (g->target.root >= 0)
		close(g->target.root);
	free(g->dir);
	free(g->as);
}
