/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command of a container: crun would say the same, but later, and on the user's terminal. */
//kbuild:obj-y += executable.o
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "executable.h"

/* Returns 0, or the errno of execve(2). */
static int try(int rootfd, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	cleanup_close int fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	return S_ISREG(st.st_mode) && (st.st_mode & 0111) ? 0 : EACCES;
}

/* Like execvp(3): what is there but cannot be executed is remembered while the search goes on. */
static int search(int rootfd, const char *command, const char *path)
{
	int result = ENOENT;

	for (size_t len; *path; path += len + (path[len] == ':')) {
		cleanup_free char *file = NULL;
		int error;

		len = strcspn(path, ":");
		file = xasprintf("%.*s/%s", (int)len, path, command);
		error = try(rootfd, file);
		if (!error)
			return 0;
		if (error == EACCES)
			result = EACCES;
	}
	return result;
}

int executable_check(const char *rootfs, const char *command, const char *path, const char *workdir,
	struct err *e)
{
	cleanup_close int rootfd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char *file = xasprintf("%s/%s", *command == '/' ? "" : workdir, command);
	int error;

	if (rootfd < 0)
		return err_set(e, errno, "%s", rootfs);
	error = strchr(command, '/') ? try(rootfd, file) : search(rootfd, command, path);
	if (!error)
		return 0;
	if (error != ENOENT && error != ENOTDIR)
		return err_exit(e, EXIT_CANNOT_INVOKE, error, "cannot run \"%.100s\"", command);
	return err_exit(e, EXIT_NOT_FOUND, 0, "\"%.100s\" is not in the image%s", command,
		strchr(command, '/') ? "" : ", in no directory of PATH");
}
