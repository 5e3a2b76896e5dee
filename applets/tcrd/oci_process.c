/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's process in config.json: OCI runtime specification, config.md, "Process". */
//kbuild:obj-y += oci_process.o
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "etc.h"
#include "executable.h"
#include "init.h"
#include "oci_process.h"
#include "rpc.h"

/* Docker's default set: enough for packages that chown and drop privileges, not enough to touch the
 * host. */
static const char *const capabilities[] = { "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE",
	"CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",
	"CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT", NULL };

/* Sets "NAME=VALUE" of ENTRY in V, replacing another value of NAME. */
static void set_env(char ***v, const char *entry)
{
	size_t len = strcspn(entry, "=") + 1;

	for (char **each = *v; each && *each; each++) {
		if (!strncmp(*each, entry, len)) {
			free(*each);
			*each = xstrdup(entry);
			return;
		}
	}
	strv_append(v, entry);
}

static void set_default(char ***v, const char *name, const char *value)
{
	cleanup_free char *entry = xasprintf("%s=%s", name, value);
	size_t len = strlen(name) + 1;

	for (char **each = *v; each && *each; each++)
		if (!strncmp(*each, entry, len))
			return;
	strv_append(v, entry);
}

static void resolve_env(const struct container *c, char *const *more, struct process *p)
{
	char hostname[ETC_HOSTNAME_SIZE];

	for (char **v = p->image.env; v && *v; v++)
		if (strchr(*v, '='))
			set_env(&p->env, *v);
	for (char **v = c->spec.env; v && *v; v++)
		set_env(&p->env, *v);
	for (; more && *more; more++)
		set_env(&p->env, *more);
	set_default(
		&p->env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	set_default(&p->env, "HOME", p->user.home);
	etc_hostname(c, hostname);
	set_default(&p->env, "HOSTNAME", hostname);
	if (p->tty)
		set_default(&p->env, "TERM", "xterm");
}

static void append_all(char ***v, char *const *more)
{
	for (; more && *more; more++)
		strv_append(v, *more);
}

/* docker run: --entrypoint replaces the image's entrypoint and drops its command; arguments replace
 * the command. */
static int resolve_args(const struct container *c, struct process *p, struct err *e)
{
	const struct spec *s = &c->spec;

	if (!s->entrypoint)
		append_all(&p->args, p->image.entrypoint);
	else if (*s->entrypoint)
		strv_append(&p->args, s->entrypoint);
	append_all(&p->args, s->command || s->entrypoint ? s->command : p->image.command);
	if (!p->args || !*p->args[0])
		return err_set(
			e, 0, "no command: the image \"%s\" has none, and none is given", s->image);
	return 0;
}

static const char *path_of(char *const *env)
{
	while (strncmp(*env, "PATH=", 5))
		env++;
	return *env + 5;
}

/* Returns 0 or an errno. */
static int check_workdir_in(const char *rootfs, const char *workdir)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	cleanup_close int root = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int fd = syscall(SYS_openat2, root, workdir, &how, sizeof(how));
	struct stat st;

	if (fd < 0)
		return errno;
	return fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode) ? ENOTDIR : 0;
}

/* All but the arguments. */
static int resolve(const struct container *c, const struct process_wish *w, const char *rootfs,
	struct process *p, struct err *e)
{
	const char *user = w->user ? w->user : c->spec.user;
	const char *workdir = w->workdir ? w->workdir : c->spec.workdir;

	if (user_resolve(user ? user : p->image.user, rootfs, &p->user, e))
		return -1;
	p->tty = w->tty;
	p->rows = w->rows;
	p->cols = w->cols;
	resolve_env(c, w->env, p);
	p->workdir = workdir ? workdir : p->image.workdir;
	if (!p->workdir || *p->workdir != '/')
		p->workdir = "/";
	return 0;
}

int oci_resolve_process(struct container *c, struct process *p, struct err *e)
{
	cleanup_free char *rootfs = run_path(c->id, "rootfs");
	struct process_wish w = { .tty = c->spec.tty };

	if (c->front.client) {
		w.rows = c->front.client->rows;
		w.cols = c->front.client->cols;
	}
	*p = (struct process){ .init = ENABLE_FEATURE_INIT && c->spec.init };
	if (image_read_config(c->spec.image_id, &p->image, e) || resolve(c, &w, rootfs, p, e) ||
		resolve_args(c, p, e))
		return -1;
	/* One that is missing is made by crun. */
	if (check_workdir_in(rootfs, p->workdir) == ENOTDIR)
		return err_set(e, ENOTDIR, "the working directory \"%.500s\"", p->workdir);
	return executable_check(c, p->args[0], path_of(p->env), p->workdir, e);
}

int oci_resolve_exec(const struct container *c, const struct process_wish *w, const char *rootfs,
	struct process *p, struct err *e)
{
	int error;

	*p = (struct process){ 0 };
	if (image_read_config(c->spec.image_id, &p->image, e) || resolve(c, w, rootfs, p, e))
		return -1;
	append_all(&p->args, w->command);
	error = check_workdir_in(rootfs, p->workdir);
	if (error)
		return err_exit(e, error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_INVOKE, error,
			"the working directory \"%.500s\"", p->workdir);
	return executable_check_live(rootfs, p->args[0], path_of(p->env), p->workdir, e);
}

void oci_free_process(struct process *p)
{
	image_config_free(&p->image);
	free(p->user.home);
	strv_free(p->args);
	strv_free(p->env);
}

static void emit_user(struct json *j, const struct user *u)
{
	json_object(j, "user");
	json_uint(j, "uid", u->uid);
	json_uint(j, "gid", u->gid);
	json_array(j, "additionalGids");
	for (size_t i = 0; i < u->ngroups; i++)
		json_uint(j, NULL, u->groups[i]);
	json_end(j);
	json_end(j);
}

/* None is inheritable or ambient. A process that is not root starts with none at all: with some in
 * its permitted set, no_new_privs would not keep a file from giving it these. */
static void emit_capabilities(struct json *j, bool is_root)
{
	static const char *const sets[] = { "bounding", "effective", "permitted" };

	json_object(j, "capabilities");
	for (size_t i = 0; i < (is_root ? ARRAY_SIZE(sets) : 1); i++) {
		json_array(j, sets[i]);
		for (const char *const *cap = capabilities; *cap; cap++)
			/* Without a cgroup nothing else stands between a node and its device. */
			if (cgroup_mode() != CGROUP_NONE || strcmp(*cap, "CAP_MKNOD"))
				json_string(j, NULL, *cap);
		json_end(j);
	}
	json_end(j);
}

static void emit_terminal(struct json *j, const struct process *p)
{
	json_bool(j, "terminal", p->tty);
	if (!p->tty || !p->rows || !p->cols)
		return;
	json_object(j, "consoleSize");
	json_uint(j, "height", p->rows);
	json_uint(j, "width", p->cols);
	json_end(j);
}

void oci_emit_process(struct json *j, const char *key, const struct process *p)
{
	json_object(j, key);
	emit_terminal(j, p);
	emit_user(j, &p->user);
	json_array(j, "args");
	if (ENABLE_FEATURE_INIT && p->init)
		json_string(j, NULL, INIT_TARGET);
	for (char *const *arg = p->args; *arg; arg++)
		json_string(j, NULL, *arg);
	json_end(j);
	json_strv(j, "env", p->env);
	json_string(j, "cwd", p->workdir);
	emit_capabilities(j, p->user.uid == 0);
	json_bool(j, "noNewPrivileges", true);
	json_end(j);
}
