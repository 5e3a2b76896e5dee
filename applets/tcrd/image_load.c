/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `image load`. The work is done by a child, see image_import.c; this side finds the file,
 * and gives the result its name. */
//kbuild:obj-y += image_load.o
//verb:image-load verb_image_load Add an image from a squashfs file
//usage:[OPTIONS] [FILE|-]
//usage:
//usage:  -i, --input FILE         The same as the argument; "-" is standard input
//usage:      --link               Use the file where it is instead of copying it
//usage:  -q, --quiet              Accepted for docker's sake
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/opt.h"
#include "container.h"
#include "image.h"
#include "image_import.h"
#include "rpc.h"
#include "tcrd.h"

struct options {
	char *input;
	bool link, quiet;
};

static const struct opt table[] = {
	{ "input", 'i', OPT_STRING, false, offsetof(struct options, input), NULL },
	{ "link", 0, OPT_BOOL, false, offsetof(struct options, link), NULL },
	{ "quiet", 'q', OPT_BOOL, false, offsetof(struct options, quiet), NULL },
};

struct load {
	struct child child;
	struct client *client;
	int result;   /* pipe from the child */
	char tmp[32]; /* name of the directory in images_root */
};

static void finish(struct load *l)
{
	cleanup_free char *dir = image_path(l->tmp, NULL);
	struct err e;

	if (tree_remove(AT_FDCWD, dir, &e))
		log_msg("%s", e.text);
	l->client->worker = NULL;
	client_release(l->client);
	close(l->result);
	free(l);
}

static void import_ended(struct child *child, int status)
{
	struct load *l = container_of(child, struct load, child);
	struct import_result r;
	struct image *i = NULL;

	if (fd_read_full(l->result, &r, sizeof(r)) != sizeof(r))
		client_worker_died(l->client, status, &r.err);
	else if (!r.err.exit_code)
		i = image_commit(l->tmp, r.id, r.reference, &r.err);
	if (i)
		client_printf(l->client, "sha256:%s\n", i->id);
	else
		client_error(l->client, &r.err);
	finish(l);
}

static int start_import(struct client *cl, struct import *job, struct err *e)
{
	static unsigned counter;
	struct load *l;
	int pipefd[2];

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return err_set(e, errno, "pipe2");
	l = xcalloc(1, sizeof(*l));
	l->client = cl;
	l->result = pipefd[0];
	l->child.ended = import_ended;
	snprintf(l->tmp, sizeof(l->tmp), "tmp-%u", ++counter);
	job->tmp = l->tmp;
	job->result = pipefd[1];
	client_hold(cl);
	cl->worker = &l->child;
	if (child_fork(&l->child, import_work, job, (int[]){ job->source, job->result }, 2, e)) {
		client_error(cl, e);
		finish(l);
	}
	close(pipefd[1]);
	return 0;
}

/* Standard input may be a pipe; a named file has to be a file, for opening anything else may block,
 * or act. */
static int open_source(struct client *cl, const char *name, struct import *job, struct err *e)
{
	char link[64];
	ssize_t n;
	struct stat st;

	job->source = openat(client_cwd(cl), name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (job->source < 0 || fstat(job->source, &st) < 0)
		return err_set(e, errno, "%.600s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, 0, "%.600s: not a regular file", name);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", job->source);
	n = readlink(link, job->path, sizeof(job->path) - 1);
	job->path[n < 0 ? 0 : n] = '\0';
	return 0;
}

static int load(struct client *cl, const struct options *o, const char *name, struct err *e)
{
	struct import job = { .source = -1, .link = o->link };
	bool from_stdin = !strcmp(name, "-");
	int rc;

	if (from_stdin && o->link)
		return err_set(e, 0, "--link needs a file, not standard input");
	if (from_stdin && isatty(cl->fds[TCR_FD_STDIN]))
		return err_set(e, 0, "standard input is a terminal, not an image");
	if (from_stdin)
		job.source = cl->fds[TCR_FD_STDIN];
	rc = from_stdin ? 0 : open_source(cl, name, &job, e);
	if (!rc)
		rc = start_import(cl, &job, e);
	if (!from_stdin && job.source >= 0)
		close(job.source);
	return rc;
}

int verb_image_load(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	struct options o = { 0 };
	const char *name;
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &rest, e);

	name = rc ? NULL : o.input ? o.input : rest[0];
	/* As docker: what is not a terminal is meant to be read. */
	if (!rc && !name && !isatty(cl->fds[TCR_FD_STDIN]))
		name = "-";
	if (!rc && (!name || (rest[0] && (o.input || rest[1]))))
		rc = err_set(e, 0,
			"exactly one file is required, or - for standard input; see 'tcr image load --help'");
	if (!rc)
		rc = load(cl, &o, name, e);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
