/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OCI runtime's binary. */
//kbuild:obj-y += runtime.o
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "runtime.h"
#include "tcrd.h"

/* A copy of crun's mount that is read-only and attached nowhere. crun protects its binary in the
 * same way at each start, by a bind mount in /tmp and by executing itself again, unless it finds
 * that somebody has done so (CVE-2019-5736): to do it once saves a quarter of the time of a start.
 */
static struct {
	int fd;
	dev_t dev;
	ino_t ino;
} sealed = { .fd = -1 };

static char *search_path(const char *name, struct err *e)
{
	const char *path = getenv("PATH");

	if (!path)
		path = "/usr/sbin:/usr/bin:/sbin:/bin";
	for (size_t len; *path; path += len + (path[len] == ':')) {
		cleanup_free char *file = NULL;

		len = strcspn(path, ":");
		file = xasprintf("%.*s/%s", (int)len, path, name);
		if (*file == '/' && access(file, X_OK) == 0)
			return steal_ptr(&file);
	}
	err_set(e, 0, "crun is not there as \"%s\": install it, or name it with --crun", name);
	return NULL;
}

/* Appends what `crun --version` says to SB. */
static int ask_version(struct strbuf *sb, struct err *e)
{
	int pipefd[2], status = 0, rc = -1;
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return err_set(e, errno, "pipe2");
	pid = fork();
	if (pid == 0) {
		dup2(pipefd[1], STDOUT_FILENO);
		execl(tcrd.crun, "crun", "--version", NULL);
		_exit(EXIT_NOT_FOUND);
	}
	close(pipefd[1]);
	if (pid > 0)
		rc = fd_read_all(pipefd[0], 65536, sb);
	close(pipefd[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || rc < 0)
		return err_set(e, errno, "run %s", tcrd.crun);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND)
		return err_set(e, 0,
			"crun cannot be run as \"%s\": install it, or name it with --crun",
			tcrd.crun);
	return 0;
}

/* 1.0 was the first with a run.oci.seccomp_bpf_data and a detached run to rely on. */
int runtime_find(struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	char version[32];
	int major;

	if (!strchr(tcrd.crun, '/')) {
		char *found = search_path(tcrd.crun, e);

		if (!found)
			return -1;
		free(tcrd.crun);
		tcrd.crun = found;
	}
	if (ask_version(&sb, e))
		return -1;
	if (sscanf(sb_str(&sb), "crun version %31s", version) != 1 ||
		sscanf(version, "%d", &major) != 1)
		return err_set(e, 0, "\"%s --version\" does not answer as crun does", tcrd.crun);
	if (major < 1)
		return err_set(
			e, 0, "%s is version %s; at least 1.0 is required", tcrd.crun, version);
	tcrd.crun_version = xstrdup(version);
	return runtime_path((char[PATH_MAX]){ 0 }, e);
}

/* A script is found by its path: a descriptor would be closed when its interpreter starts. */
static bool is_script(const char *path)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char head[2];

	return fd >= 0 && read(fd, head, 2) == 2 && !memcmp(head, "#!", 2);
}

static void seal(const struct stat *st)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int fd = syscall(SYS_open_tree, AT_FDCWD, tcrd.crun, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (sealed.fd >= 0)
		close(steal_fd(&sealed.fd));
	if (fd >= 0 && is_script(tcrd.crun))
		close(steal_fd(&fd));
	if (fd >= 0 && syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		close(steal_fd(&fd));
	sealed.fd = fd;
	sealed.dev = st->st_dev;
	sealed.ino = st->st_ino;
}

int runtime_path(char path[PATH_MAX], struct err *e)
{
	struct stat st;

	/* An upgrade puts another file in its place. */
	if (stat(tcrd.crun, &st) < 0)
		return err_set(e, errno, "%s", tcrd.crun);
	if (st.st_dev != sealed.dev || st.st_ino != sealed.ino)
		seal(&st);
	if (sealed.fd >= 0)
		snprintf(path, PATH_MAX, "/proc/self/fd/%d", sealed.fd);
	else
		snprintf(path, PATH_MAX, "%s", tcrd.crun);
	return 0;
}

bool runtime_has_recursive_ro(void)
{
	return sealed.fd >= 0; /* mount_setattr(2) has worked */
}
