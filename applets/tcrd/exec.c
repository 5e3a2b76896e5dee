/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `exec`. */
//config:config FEATURE_EXEC
//config:	bool "exec: run commands in running containers (7 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_EXEC) += exec.o
//verb:exec verb_exec Run a command in a running container
//usage:[OPTIONS] CONTAINER COMMAND [ARG...]
//usage:
//usage:  -d, --detach             Run in the background
//usage:      --detach-keys KEYS   What is typed to leave the terminal (ctrl-p,ctrl-q)
//usage:  -e, --env NAME[=VALUE]   Set a variable, or take it from your environment
//usage:      --env-file FILE      Read variables from a file, one a line
//usage:  -i, --interactive        Connect standard input
//usage:      --privileged         Not supported
//usage:  -t, --tty                Give it a terminal
//usage:  -u, --user USER[:GROUP]  Names or numbers; default: the container's
//usage:  -w, --workdir DIR        Working directory; default: the container's
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/keys.h"
#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "exec.h"
#include "start.h"
#include "steps.h"

struct options {
	bool detach, interactive, privileged, tty;
	char *keys, *user, *workdir;
	char **env, **env_files;
};

#define FIELD(f) offsetof(struct options, f)

static const struct opt table[] = {
	{ "detach", 'd', OPT_BOOL, false, FIELD(detach), NULL },
	{ "detach-keys", 0, OPT_STRING, false, FIELD(keys), check_detach_keys },
	{ "env", 'e', OPT_LIST, false, FIELD(env), check_env },
	{ "env-file", 0, OPT_LIST, false, FIELD(env_files), check_file },
	{ "interactive", 'i', OPT_BOOL, false, FIELD(interactive), NULL },
	{ "privileged", 0, OPT_BOOL, false, FIELD(privileged), NULL },
	{ "tty", 't', OPT_BOOL, false, FIELD(tty), NULL },
	{ "user", 'u', OPT_STRING, false, FIELD(user), check_user },
	{ "workdir", 'w', OPT_STRING, false, FIELD(workdir), check_workdir },
};

static int check_options(const struct options *o, char **rest, struct client *cl, struct err *e)
{
	if (!rest[0] || !rest[1])
		return err_set(e, 0, "%s required; see 'tcr exec --help'",
			rest[0] ? "a command is" : "a container and a command are");
	if (o->privileged)
		return err_set(e, 0,
			"--privileged is not supported: the command gets what the container has");
	if (o->tty && o->interactive && !o->detach && !isatty(cl->fds[TCR_FD_STDIN]))
		return err_set(e, 0, "standard input is not a terminal: leave out -t, or -i");
	return 0;
}

static int check_state(const struct container *c, struct err *e)
{
	static const char *const reasons[ST_STATES] = {
		[ST_STARTING] = "being started, wait until it runs",
		[ST_PAUSED] = "paused, unpause the container before exec",
		[ST_WAITING] = "restarting, wait until the container is running",
	};

	if (c->state == ST_RUNNING || c->state == ST_STOPPING)
		return 0;
	return err_set(e, 0, "container \"%s\" is %s", c->spec.name,
		reasons[c->state] ? reasons[c->state] : "not running, start it first");
}

/* The root of the container's first process, with all that is mounted there. */
static int open_root(const struct container *c, struct err *e)
{
	cleanup_free char *path = xasprintf("/proc/%d/root", (int)c->init.pid);
	cleanup_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	/* The pid of a process that was not started by this daemon may be another's by now. */
	if (fd < 0 || syscall(SYS_pidfd_send_signal, c->init.watch.fd, 0, NULL, 0) < 0)
		return err_set(e, 0, "container \"%s\" has just ended", c->spec.name);
	return steal_fd(&fd);
}

static int start(struct container *c, struct client *cl, const struct options *o, char **command,
	struct err *e)
{
	struct process_wish w = { command, o->env, o->user, o->workdir, o->tty, cl->rows,
		cl->cols };
	struct exec wish = { .tty = o->tty, .interactive = o->interactive, .detach = o->detach,
		.keys = o->keys };
	cleanup_free char *rootfs = NULL;
	cleanup_close int root = -1;
	struct process p;
	int rc;

	/* A start under way has seen to that. */
	if (!start_pending())
		cgroup_wake();
	root = open_root(c, e);
	if (root < 0)
		return -1;
	rootfs = xasprintf("/proc/self/fd/%d", root);
	rc = oci_resolve_exec(c, &w, rootfs, &p, e);
	if (rc == 0)
		rc = exec_start(c, cl, &p, &wish, e);
	oci_free_process(&p);
	return rc;
}

int verb_exec(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	struct options o = { 0 };
	struct container *c;
	int rc = opt_parse(
		table, ARRAY_SIZE(table), cl->argv + 1, OPT_STOP, &o, cl, &rest, e);

	if (!rc)
		rc = check_options(&o, rest, cl, e);
	if (!rc)
		rc = spec_read_files(o.env_files, &o.env, check_env, cl, e);
	if (!rc)
		rc = (c = container_find(rest[0], e)) && !check_state(c, e)
			? start(c, cl, &o, rest + 1, e)
			: -1;
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
