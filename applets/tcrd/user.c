/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the container's process is. passwd(5) and group(5) are the image's: hostile, and read without
 * leaving its root. */
//kbuild:obj-y += user.o
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "steps.h"

enum { ETC_FILE_MAX = 1024 * 1024, FIELDS = 7 };

/* Splits "a:b:c" in place; missing fields are "". */
static void split_line(char *line, char *field[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		char *next = line + strcspn(line, ":");

		field[i] = line;
		line = *next && i < FIELDS - 1 ? next + 1 : next;
		*next = '\0';
	}
}

/* Reads a file of lines; one that is missing or unreadable has none. Where a container runs, a
 * symlink may lead to /proc, where to read can mean to wait, or to take what others wait for. */
static void read_lines(int rootfd, const char *path, struct strbuf *sb)
{
	struct err ignored;
	struct statfs fs;
	cleanup_close int fd = file_open_in_root(rootfd, path, &ignored);

	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type == PROC_SUPER_MAGIC ||
		fd_read_all(fd, ETC_FILE_MAX, sb) < 0)
		sb_reset(sb);
	sb_adds(sb, "");
}

static bool is_number(const char *s, unsigned *out)
{
	long n;

	if (parse_int(s, 0, 0x7fffffff, &n))
		return false;
	*out = n;
	return true;
}

/* NAME of passwd, or a number: then the entry with that number, if there is one, gives group and
 * home. */
static int find_user(char *passwd, const char *name, struct user *u, char **login, struct err *e)
{
	unsigned uid, wanted, gid;
	bool numeric = is_number(name, &wanted);
	char *field[FIELDS], *save = NULL;

	for (char *line = strtok_r(passwd, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		split_line(line, field);
		if (!is_number(field[2], &uid) || !is_number(field[3], &gid))
			continue;
		if (numeric ? uid != wanted : strcmp(field[0], name) != 0)
			continue;
		u->uid = uid;
		u->gid = gid;
		u->home = xstrdup(*field[5] == '/' ? field[5] : "/");
		*login = xstrdup(field[0]);
		return 0;
	}
	if (!numeric)
		return err_set(e, 0,
			"unable to find user %.60s: no matching entry in the image's /etc/passwd",
			name);
	u->uid = wanted;
	return 0;
}

static bool is_member(char *members, const char *login)
{
	char *save = NULL;

	for (char *m = strtok_r(members, ",", &save); m; m = strtok_r(NULL, ",", &save))
		if (!strcmp(m, login))
			return true;
	return false;
}

/* With WANTED the group of that name; without, the further groups of LOGIN. */
static int find_groups(
	char *group, const char *wanted, const char *login, struct user *u, struct err *e)
{
	unsigned gid;
	char *field[FIELDS], *save = NULL;

	if (wanted && is_number(wanted, &gid)) {
		u->gid = gid;
		return 0;
	}
	for (char *line = strtok_r(group, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		split_line(line, field);
		if (!is_number(field[2], &gid))
			continue;
		if (wanted && !strcmp(field[0], wanted)) {
			u->gid = gid;
			return 0;
		}
		if (!wanted && login && u->ngroups < GROUPS_MAX - 1 && is_member(field[3], login))
			u->groups[u->ngroups++] = gid;
	}
	if (wanted)
		return err_set(e, 0,
			"unable to find group %.60s: no matching entry in the image's /etc/group",
			wanted);
	return 0;
}

int user_resolve(const char *name, const char *rootfs, struct user *u, struct err *e)
{
	cleanup_close int rootfd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char *user = xstrdup(name && *name ? name : "0"), *login = NULL;
	cleanup_sb struct strbuf passwd = STRBUF_INIT, group = STRBUF_INIT;
	char *wanted = strchr(user, ':');

	*u = (struct user){ 0 };
	if (rootfd < 0)
		return err_set(e, errno, "%s", rootfs);
	if (wanted)
		*wanted++ = '\0';
	read_lines(rootfd, "/etc/passwd", &passwd);
	read_lines(rootfd, "/etc/group", &group);
	if (find_user(passwd.buf, *user ? user : "0", u, &login, e) ||
		find_groups(group.buf, wanted && *wanted ? wanted : NULL, login, u, e))
		return -1;
	/* As docker does: tools look for it there, too. */
	u->groups[u->ngroups++] = u->gid;
	if (!u->home)
		u->home = xstrdup("/");
	return 0;
}
