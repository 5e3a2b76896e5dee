/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command of a container: crun would say the same, but later, and on the user's terminal. */
//kbuild:obj-y += executable.o
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "container.h"
#include "executable.h"
#include "steps.h"
#include "volume.h"

/* The root filesystem, and the volumes that will cover parts of it. */
struct view {
	int rootfd;
	char *const *volumes;
	bool covered; /* by anything */
	bool live;    /* nothing is mounted later */
};

static int open_in(int rootfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS };

	return syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
}

/* By crun, in every container. */
static bool is_mounted_later(const struct view *v, const char *path)
{
	return !v->live && (!strncmp(path, "/proc/", 6) || !strncmp(path, "/dev/", 5));
}

/* If the volume SRC:DST:MODE covers PATH, the path below SRC, "." for SRC itself; else NULL. */
static const char *below_volume(const char *volume, const char *path)
{
	const char *target = strchr(volume, ':') + 1;
	size_t len = strcspn(target, ":");

	if (strncmp(target, path, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len + 1 : ".";
}

/* The volume with the longest target that covers PATH. */
static const char *covering_volume(const struct view *v, const char *path)
{
	const char *best = NULL;
	size_t longest = 0;

	for (char *const *vol = v->volumes; vol && *vol; vol++) {
		size_t len = strcspn(strchr(*vol, ':') + 1, ":");

		if (len > longest && below_volume(*vol, path)) {
			best = *vol;
			longest = len;
		}
	}
	return best;
}

/* Whether what is not in the root filesystem cannot be elsewhere either: without symlinks on the
 * way it cannot lead to something that is mounted later. */
static bool is_nowhere(const struct view *v, const char *path)
{
	cleanup_close int fd = -1;

	if (is_mounted_later(v, path) || covering_volume(v, path))
		return false;
	if (!v->covered)
		return true;
	fd = open_in(v->rootfd, path, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	return fd < 0 && errno == ENOENT;
}

/* The interpreter's own content does not matter: interpreters of interpreters would be a loop. */
static int check_interpreter(const struct view *v, char *line)
{
	cleanup_close int fd = -1;

	line += strspn(line, " \t");
	line[strcspn(line, " \t\n")] = '\0';
	fd = open_in(v->rootfd, line, O_PATH, RESOLVE_IN_ROOT);
	return fd < 0 && *line == '/' && is_nowhere(v, line) ? ENOENT : 0;
}

/* Returns 0, or the errno of execve(2). */
static int check_content(const struct view *v, int fd)
{
	char link[64], head[256] = "";
	cleanup_close int content = -1;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	content = open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	n = content < 0 ? -1 : read(content, head, sizeof(head) - 1);
	if (n < 0)
		return errno;
	if (n >= 52 && !memcmp(head, "\177ELF", 4)) /* an ELF header has 52 bytes or more */
		return 0;
	if (n >= 2 && !memcmp(head, "#!", 2))
		return check_interpreter(v, head + 2);
	/* Other formats are the host's to know (binfmt_misc). */
	return access("/proc/sys/fs/binfmt_misc/status", F_OK) == 0 ? 0 : ENOEXEC;
}

static int check_fd(const struct view *v, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return EACCES;
	return check_content(v, fd);
}

/* What a volume covers is looked up on the host; what leads out of it again is left to crun. */
static int check_in_volume(const struct view *v, const char *volume, const char *below)
{
	cleanup_free char *source = ENABLE_FEATURE_VOLUME ? volume_resolve(volume)
							  : xstrdup(volume);
	cleanup_close int top = -1, fd = -1;
	int error;

	source[strcspn(source, ":")] = '\0';
	top = open(source, O_PATH | O_CLOEXEC);
	if (!strcmp(below, "."))
		return check_fd(v, top);
	fd = open_in(top, below, O_PATH, RESOLVE_BENEATH);
	error = check_fd(v, fd);
	return error == EXDEV || error == ELOOP ? 0 : error;
}

static int check_path(const struct view *v, const char *path)
{
	const char *volume = covering_volume(v, path);
	cleanup_close int fd = -1;
	int error;

	if (volume)
		return check_in_volume(v, volume, below_volume(volume, path));
	fd = open_in(v->rootfd, path, O_PATH, RESOLVE_IN_ROOT);
	error = check_fd(v, fd);
	return (error == ENOENT || error == ENOTDIR) && !is_nowhere(v, path) ? 0 : error;
}

/* Like execvp(3): what is there but cannot be executed is remembered while the search goes on. */
static int search(const struct view *v, const char *command, const char *path)
{
	int result = ENOENT;

	for (size_t len; *path; path += len + (path[len] == ':')) {
		cleanup_free char *file = NULL;
		int error;

		len = strcspn(path, ":");
		file = xasprintf("%.*s/%s", (int)len, path, command);
		error = check_path(v, file);
		if (error != ENOENT && error != ENOTDIR && error != EACCES)
			return error;
		if (error == EACCES)
			result = EACCES;
	}
	return result;
}

static int check_command(const char *rootfs, struct view *v, const char *command, const char *path,
	const char *workdir, struct err *e)
{
	cleanup_free char *file = *command == '/' ? xstrdup(command)
						  : xasprintf("%s/%s", workdir, command);
	cleanup_close int fd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error;

	v->rootfd = fd;
	error = !*command                  ? ENOENT
		: strchr(command, '/') ? check_path(v, file)
				       : search(v, command, path);
	if (!error)
		return 0;
	if (error != ENOENT && error != ENOTDIR && error != ENAMETOOLONG)
		return err_exit(e, EXIT_CANNOT_INVOKE, error, "cannot run \"%.100s\"", command);
	return err_exit(e, EXIT_NOT_FOUND, 0,
		"cannot run \"%.100s\": it, or its interpreter, is not there%s", command,
		strchr(command, '/') ? "" : ", in no directory of PATH");
}

int executable_check(const struct container *c, const char *command, const char *path,
	const char *workdir, struct err *e)
{
	cleanup_free char *rootfs = run_path(c->id, "rootfs");
	struct view v = { .volumes = c->spec.volumes, .covered = c->spec.volumes || c->spec.tmpfs };

	return check_command(rootfs, &v, command, path, workdir, e);
}

int executable_check_live(const char *rootfs, const char *command, const char *path,
	const char *workdir, struct err *e)
{
	struct view v = { .live = true };

	return check_command(rootfs, &v, command, path, workdir, e);
}
