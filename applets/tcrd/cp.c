/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `cp`. A child does it: for the host's side it is who called, for the container's root,
 * and neither side's names lead out of it. */
//config:config FEATURE_CP
//config:	bool "cp and diff: copy files from and to containers, show what they changed (10 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_CP) += cp.o
//verb:cp verb_cp Copy files between a container and the host
//usage:[OPTIONS] CONTAINER:PATH DEST|-  or  SRC|- CONTAINER:PATH
//usage:
//usage:  -a, --archive            Keep owners, setuid bits and devices
//usage:  -L, --follow-link        If the source is a symlink, copy what it leads to
//usage:  -q, --quiet              Accepted: there is nothing to be quiet about
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/copy.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "cp.h"
#include "rpc.h"
#include "view.h"

struct options {
	bool archive, follow, quiet;
};

static const struct opt table[] = {
	{ "archive", 'a', OPT_BOOL, false, offsetof(struct options, archive), NULL },
	{ "follow-link", 'L', OPT_BOOL, false, offsetof(struct options, follow), NULL },
	{ "quiet", 'q', OPT_BOOL, false, offsetof(struct options, quiet), NULL },
};

struct cp {
	struct options o;
	struct container *c;
	bool in;                   /* to the container */
	const char *inner, *outer; /* paths: in the container; on the host, or "-" */
	struct ucred caller;
	gid_t groups[256];
	size_t ngroups;
};

/* Takes on the rights of who called, for files of the host. */
static int become_caller(void *arg, struct err *e)
{
	const struct cp *cp = arg;

	if (cp->caller.uid == 0)
		return 0;
	if (setgroups(cp->ngroups, cp->groups) < 0 || setegid(cp->caller.gid) < 0 ||
		seteuid(cp->caller.uid) < 0)
		return err_set(e, errno, "become user %u", cp->caller.uid);
	return 0;
}

static int become_root(void *arg, struct err *e)
{
	(void)arg;
	return seteuid(0) < 0 || setegid(0) < 0 ? err_set(e, errno, "become root") : 0;
}

static int copy_out(struct cp *cp, struct client *cl, const struct source *s, struct err *e)
{
	struct place to = { client_cwd(cl), true, cp->outer };
	struct tar_writer w;
	struct goal g;
	int rc;

	if (!strcmp(cp->outer, "-")) {
		tar_create(&w, cl->fds[TCR_FD_STDOUT]);
		rc = tar_add_tree(&w, s->fd, s->content ? "." : s->name, e) || tar_finish(&w, e);
		tar_writer_free(&w);
		return rc;
	}
	/* The one thing that was asked for. */
	if (s->device && !cp->o.archive)
		return err_set(
			e, 0, "in the container: %.800s is a device; -a copies it", cp->inner);
	if (become_caller(cp, e))
		return -1;
	rc = cp_find_goal(&to, s, &g, e);
	g.target.flags = cp->o.archive ? TAR_OWNERS | TAR_DEVICES : 0;
	if (!rc)
		rc = tree_copy(s->fd, g.as, become_root, cp, &g.target, e);
	if (!rc && g.target.left_out) {
		struct err note = { 0 };

		snprintf(note.text, sizeof(note.text),
			g.target.left_out == 1 ? "%u device was left out; -a copies it"
					       : "%u devices were left out; -a copies them",
			g.target.left_out);
		client_error(cl, &note);
	}
	cp_free_goal(&g);
	return rc;
}

static int extract(struct cp *cp, struct client *cl, const struct place *to, struct err *e)
{
	struct tar_reader r;
	struct goal g;
	int rc = cp_find_goal(to, NULL, &g, e);

	g.target.flags = TAR_DEVICES | (cp->o.archive ? TAR_OWNERS : 0);
	tar_open(&r, cl->fds[TCR_FD_STDIN]);
	if (!rc)
		rc = tar_extract(&r, &g.target, e);
	if (!rc)
		tar_drain(&r);
	tar_close(&r);
	cp_free_goal(&g);
	return rc;
}

static int copy_in(struct cp *cp, struct client *cl, int root, struct err *e)
{
	struct place from = { client_cwd(cl), true, cp->outer }, to = { root, false, cp->inner };
	struct source s = { .fd = -1 };
	struct goal g = { .target.root = -1 };
	int rc;

	if (!strcmp(cp->outer, "-"))
		return extract(cp, cl, &to, e);
	rc = become_caller(cp, e) || cp_open_source(&from, cp->o.follow, &s, e) ||
		become_root(NULL, e) || cp_find_goal(&to, &s, &g, e);
	g.target.flags = TAR_DEVICES | (cp->o.archive ? TAR_OWNERS : 0);
	if (!rc)
		rc = tree_copy(s.fd, g.as, become_caller, cp, &g.target, e);
	cp_close_source(&s);
	cp_free_goal(&g);
	return rc;
}

/* In the child. */
static int copy(struct client *cl, void *arg)
{
	struct cp *cp = arg;
	struct err e = { 0 };
	cleanup_close int root = view_open(cl, cp->c, cp->in, &e);
	struct place from = { root, false, cp->inner };
	struct source s = { .fd = -1 };
	int rc = root < 0 ? -1 : 0;

	umask(0);
	if (!rc && cp->in)
		rc = copy_in(cp, cl, root, &e);
	else if (!rc)
		rc = cp_open_source(&from, cp->o.follow, &s, &e) || copy_out(cp, cl, &s, &e);
	cp_close_source(&s);
	if (rc)
		client_error(cl, &e);
	return rc ? e.exit_code : 0;
}

/* The path behind "CONTAINER:", or NULL: paths begin with '/' or '.'. */
static const char *split(const char *arg, char **container)
{
	const char *colon = *arg == '/' || *arg == '.' ? NULL : strchr(arg, ':');

	*container = colon ? xstrndup(arg, colon - arg) : NULL;
	return colon ? colon + 1 : NULL;
}

static int find_sides(struct cp *cp, char **args, struct err *e)
{
	cleanup_free char *from = NULL, *to = NULL;
	const char *inner_from = split(args[0], &from), *inner_to = split(args[1], &to);

	if (from && to)
		return err_set(e, 0, "from container to container: copy to the host first");
	if (!from && !to)
		return err_set(e, 0, "one side has to be CONTAINER:PATH; see 'tcr cp --help'");
	cp->in = to != NULL;
	cp->inner = from ? inner_from : inner_to;
	cp->outer = args[from ? 1 : 0];
	if (!*cp->inner || !*cp->outer)
		return err_set(e, 0, "a path is empty; see 'tcr cp --help'");
	cp->c = container_find(from ? from : to, e);
	return cp->c ? 0 : -1;
}

static int find_caller(struct cp *cp, const struct client *cl, struct err *e)
{
	socklen_t len = sizeof(cp->caller), size = sizeof(cp->groups);

	if (getsockopt(cl->watch.fd, SOL_SOCKET, SO_PEERCRED, &cp->caller, &len) < 0)
		return err_set(e, errno, "SO_PEERCRED");
	/* Linux 4.13. Without it, or with too many, it is none of them. */
	if (getsockopt(cl->watch.fd, SOL_SOCKET, SO_PEERGROUPS, cp->groups, &size) == 0)
		cp->ngroups = size / sizeof(gid_t);
	return 0;
}

static int start_copy(struct client *cl, struct cp *cp, char **args, struct err *e)
{
	int tty;

	if (!args[0] || !args[1] || args[2])
		return err_set(e, 0, "two paths are required; see 'tcr cp --help'");
	if (find_sides(cp, args, e) || find_caller(cp, cl, e))
		return -1;
	tty = cl->fds[cp->in ? TCR_FD_STDIN : TCR_FD_STDOUT];
	if (!strcmp(cp->outer, "-") && isatty(tty))
		return err_set(e, 0, "standard %s is a terminal, not for an archive",
			cp->in ? "input" : "output");
	if (view_prepare(cl, cp->c, cp->in, e))
		return -1;
	return client_fork(cl, copy, cp, e);
}

int verb_cp(struct client *cl, struct err *e)
{
	cleanup_free char **args = NULL;
	struct cp cp = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &cp.o, cl, &args, e);

	return rc ? rc : start_copy(cl, &cp, args, e);
}
