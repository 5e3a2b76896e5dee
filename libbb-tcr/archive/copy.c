/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies trees. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive/copy.h"
#include "base/mem.h"

static int pack(int out, int top, const char *as, struct err *e)
{
	struct tar_writer w;
	int rc;

	tar_create(&w, out);
	rc = tar_add_tree(&w, top, as, e) || tar_finish(&w, e) ? -1 : 0;
	tar_writer_free(&w);
	return rc;
}

/* Whoever extracts has given up, and says why himself. */
static bool is_broken(int pipe)
{
	struct pollfd p = { .fd = pipe };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

static int unpack(int in, struct tar_target *target, struct err *e)
{
	struct tar_reader r;
	int rc;

	tar_open(&r, in);
	rc = tar_extract(&r, target, e);
	tar_close(&r);
	return rc;
}

int tree_copy(int top, const char *as, int (*become)(void *arg, struct err *e), void *arg,
	struct tar_target *target, struct err *e)
{
	struct err *theirs = mmap(
		NULL, sizeof(*theirs), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int pipefd[2], rc;
	pid_t pid;

	if (theirs == MAP_FAILED)
		return err_set(e, errno, "mmap");
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return err_set(e, errno, "pipe2");
	pid = fork();
	if (pid == 0) {
		close(pipefd[0]);
		rc = (become && become(arg, theirs)) || pack(pipefd[1], top, as, theirs);
		if (rc && is_broken(pipefd[1]))
			theirs->exit_code = 0;
		_exit(rc);
	}
	close(pipefd[1]);
	rc = pid < 0 ? err_set(e, errno, "fork") : unpack(pipefd[0], target, e);
	close(pipefd[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (theirs->exit_code) {
		*e = *theirs;
		rc = -1;
	}
	munmap(theirs, sizeof(*theirs));
	return rc;
}
