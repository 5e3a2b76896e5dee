/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory of its own for a test program, which is the working directory and goes at the end. */
#ifndef TCR_TESTS_UNIT_TMPDIR_H
#define TCR_TESTS_UNIT_TMPDIR_H

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static char tmpdir[] = "/dev/shm/unit.XXXXXX";

static inline void tmpdir_cleanup(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", tmpdir);
	if (chdir("/") < 0 || system(command) != 0)
		fprintf(stderr, "%s is left behind\n", tmpdir);
}

/* Children of the program end with _exit(2), so that the directory stays. */
static inline void tmpdir_enter(void)
{
	/* In memory where that is possible: thousands of directories take seconds on a disk. */
	if (!mkdtemp(tmpdir) && !mkdtemp(strcpy(tmpdir, "/tmp/unit.XXXXXX")))
		bail_out("cannot make a directory in /tmp");
	if (chdir(tmpdir) < 0)
		bail_out("cannot enter it");
	atexit(tmpdir_cleanup);
}

/* Makes the file NAME with TEXT in it. */
static inline void tmpdir_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		bail_out(name);
	close(fd);
}

/* The content of a small file; "" if there is none. Valid until the next call. */
static inline const char *tmpdir_text(const char *name)
{
	static char text[4096];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

/* How many names the directory has. */
static inline int tmpdir_count(const char *name)
{
	DIR *dir = opendir(name);
	int n = 0;

	for (struct dirent *d; dir && (d = readdir(dir));)
		n += strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
	if (dir)
		closedir(dir);
	return n;
}

/* Mounts of this program are its own from now on; false if it is not allowed to mount. */
static inline bool tmpdir_own_mounts(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) == 0;
}

#endif
