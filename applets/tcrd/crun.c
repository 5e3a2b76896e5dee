/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runtime: crun is run detached, so that the container's first process becomes our own child.
 */
//kbuild:obj-y += crun.o
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/opt.h"
#include "base/sock.h"
#include "base/process.h"
#include "container.h"
#include "crun.h"
#include "json/reader.h"
#include "log.h"
#include "record.h"
#include "rpc.h"
#include "runtime.h"
#include "start.h"
#include "steps.h"
#include "tcrd.h"

/* Room for "/containers/<id>/tty" in the path of a socket (sun_path, 108 bytes). */
_Static_assert(
	RUN_DIR_MAX + sizeof("/containers//tty") + ID_LEN <= 108, "the console's path is too long");

/* Standard input of a container that wants one, and gets none: like docker's, it is open and silent. Both
 * ends are the container's own. */
static int open_silent(const struct container *c)
{
	cleanup_free char *path = run_path(c->id, "stdin");

	/* Its process may be somebody else, and open /dev/stdin again. */
	if ((mkfifo(path, 0666) < 0 && errno != EEXIST) || chmod(path, 0666) < 0)
		return -1;
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Opens what becomes descriptors 0 to 2. NUL: /dev/null. OWN: set to descriptors to be closed
 * afterwards. */
static int choose_stdio(struct container *c, int nul, int own[3], int fds[3], struct err *e)
{
	const struct client *cl = c->front.client;

	for (int i = 0; i < 3; i++) {
		fds[i] = nul;
		own[i] = -1;
	}
	if (!cl && ENABLE_FEATURE_LOGS && log_open(c, own + 1, e))
		return -1;
	if (c->spec.tty)
		return 0;
	if (cl)
		memcpy(fds + 1, cl->fds + TCR_FD_STDOUT, 2 * sizeof(*fds));
	if (cl && c->front_types)
		fds[0] = cl->fds[TCR_FD_STDIN];
	else if (c->spec.interactive)
		own[0] = open_silent(c);
	for (int i = 0; i < 3; i++)
		if (own[i] >= 0)
			fds[i] = own[i];
	return 0;
}

/* crun refuses to run, even without cgroups, unless a tmpfs or cgroup2 is at /sys/fs/cgroup. On a
 * kernel without cgroups that directory is not there at all: crun gets to see another /sys/fs. */
static int hide_sys_fs(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/sys/fs", "tmpfs", 0, "size=4k") < 0)
		return -1;
	return mkdir("/sys/fs/cgroup", 0755);
}

const char *crun_cgroup_manager(void)
{
	return cgroup_mode() == CGROUP_NONE ? "disabled" : "cgroupfs";
}

int crun_spawn(struct child *c, const char *const *argv, const int fds[3], struct err *e)
{
	char path[PATH_MAX];
	struct spawn spawn = { .path = path, .argv = argv, .fds = { fds[0], fds[1], fds[2] } };

	if (runtime_path(path, e))
		return -1;
	if (!cgroup_root_is_usable())
		spawn.prepare = hide_sys_fs;
	return child_spawn(c, &spawn, e);
}

int crun_up(struct container *c, struct err *e)
{
	cleanup_free char *root = xasprintf("%s/crun", tcrd.run_dir);
	cleanup_free char *bundle = run_path(c->id, NULL), *pid_file = run_path(c->id, "pid");
	cleanup_free char *log = run_path(c->id, "crun.log"), *console = run_path(c->id, "tty");
	cleanup_close int nul = open("/dev/null", O_RDWR | O_CLOEXEC);
	int own[3] = { -1, -1, -1 };
	/* The console comes last, so that it can be left out. */
	const char *argv[] = { "crun", "--root", root, "--log", log, "--cgroup-manager",
		crun_cgroup_manager(), "run", "--detach", "--bundle", bundle, "--pid-file",
		pid_file, c->spec.tty ? "--console-socket" : c->id, console, c->id, NULL };
	int rc, fds[3];

	if (nul < 0)
		return err_set(e, errno, "/dev/null");
	if (!c->spec.tty)
		argv[ARRAY_SIZE(argv) - 3] = NULL;
	else if ((c->console = sock_listen(console, SOCK_STREAM, 0600, e)) < 0)
		return -1;
	c->helper.ended = start_crun_ended;
	rc = choose_stdio(c, nul, own, fds, e) ? -1 : crun_spawn(&c->helper, argv, fds, e);
	for (int i = 0; i < 3; i++)
		if (own[i] >= 0)
			close(own[i]);
	if (c->front.client)
		client_close_fds(c->front.client);
	return rc;
}

/* The container's process by crun's own record; 0 if it is gone. */
static pid_t recorded_pid(const char *id)
{
	cleanup_free char *path = xasprintf("%s/crun/%s/status", tcrd.run_dir, id);
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	int64_t pid = 0, start = 0;
	struct err ignored;
	struct jr r;

	if (file_read(AT_FDCWD, path, 65536, &sb, &ignored))
		return 0;
	jr_init(&r, sb_str(&sb), sb.len);
	jr_for_each_key (&r) {
		bool is_start = jr_key_is(&r, "process-start-time");

		if (is_start || jr_key_is(&r, "pid")) {
			jr_next(&r);
			jr_int64(&r, is_start ? &start : &pid);
		}
	}
	return pid > 1 && process_start_time(pid) == (unsigned long long)start ? pid : 0;
}

pid_t crun_running(const char *id)
{
	pid_t pid = recorded_pid(id);
	cleanup_free char *path = xasprintf("/proc/%d/exe", (int)pid);
	struct stat exe, crun;

	/* As long as it is crun itself, the command has not begun. */
	if (!pid || stat(path, &exe) < 0 || stat(tcrd.crun, &crun) < 0 ||
		(exe.st_dev == crun.st_dev && exe.st_ino == crun.st_ino))
		return 0;
	return pid;
}

/* crun's state is ours to remove: its own `delete` costs a process, and gives up on what it does
 * not understand. */
int crun_down(const char *id, struct err *e)
{
	cleanup_free char *state = xasprintf("%s/crun/%s", tcrd.run_dir, id);
	pid_t pid = recorded_pid(id);
	struct err ignored;
	int rc;

	/* Without cgroups nothing but this tells which process the container is. */
	if (pid)
		kill(pid, SIGKILL);
	rc = cgroup_down(id, e);
	return tree_remove(AT_FDCWD, state, rc ? &ignored : e) ? -1 : rc;
}

/* One entry of /proc. */
static int kill_stray(int dirfd, const char *pid, void *id, struct err *e)
{
	cleanup_free char *path = xasprintf("%s/cmdline", pid);
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err ignored;

	(void)e;
	if (*pid < '1' || *pid > '9' || file_read(dirfd, path, 65536, &sb, &ignored))
		return 0;
	/* The id is the last argument, and "crun" the first. */
	if (sb.len > ID_LEN + 1 && !strcmp(sb.buf, "crun") &&
		!strcmp(sb.buf + sb.len - ID_LEN - 1, id))
		kill(strtol(pid, NULL, 10), SIGKILL);
	return 0;
}

void crun_kill_strays(const char *id)
{
	struct err e;

	if (dir_each(AT_FDCWD, "/proc", kill_stray, (void *)id, &e))
		log_msg("%s", e.text);
}

/* What crun says when it cannot run the command, and docker's exit code for it. */
static const struct {
	const char *text;
	int exit_code;
} known[] = {
	{ "executable file", EXIT_NOT_FOUND },
	{ "No such file or directory", EXIT_NOT_FOUND },
	{ "Permission denied", EXIT_CANNOT_INVOKE },
	{ "Exec format error", EXIT_CANNOT_INVOKE },
	{ "Is a directory", EXIT_CANNOT_INVOKE },
};

/* Until 1.17 crun printed its errors on standard error even if it had a log. */
static bool prints_errors(void)
{
	int minor;

	return sscanf(tcrd.crun_version, "1.%d", &minor) == 1 && minor < 17;
}

int crun_explain(const char *path, int status, bool told, struct err *e)
{
	cleanup_sb struct strbuf log = STRBUF_INIT;
	int exit_code = EXIT_ENGINE;
	const char *text;
	struct err ignored;

	if (file_read(AT_FDCWD, path, 65536, &log, &ignored) || !log.len)
		return err_set(e, 0, "crun failed with exit code %d and said nothing",
			status_exit_code(status));
	/* "2026-01-02T03:04:05.678Z: text" */
	log.buf[strcspn(log.buf, "\n")] = '\0';
	text = log.buf + strspn(log.buf, "0123456789-T:.Z ");
	/* Not what it says of a mount, or the like. */
	for (size_t i = 0; i < ARRAY_SIZE(known) && strstr(text, "exec"); i++)
		if (strstr(text, known[i].text))
			exit_code = known[i].exit_code;
	told = told && prints_errors();
	return err_exit(e, exit_code, 0, "%s%.300s", told ? "" : "crun: ", told ? "" : text);
}

/* crun has connected and sent before it ended: what is to come is there already. */
int crun_take_master(int console, struct err *e)
{
	cleanup_close int fd = accept4(console, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	char name[64];
	int fds[SOCK_FDS_MAX];
	size_t n = 0;

	if (fd < 0 || sock_recv(fd, name, sizeof(name), fds, &n, 0) < 0 || !n)
		return err_set(e, 0, "crun has sent no terminal");
	while (n > 1)
		close(fds[--n]);
	return fds[0];
}

int crun_watch(struct child *c, const char *pid_file, struct err *e)
{
	cleanup_sb struct strbuf text = STRBUF_INIT;
	long pid;

	if (file_read(AT_FDCWD, pid_file, 32, &text, e))
		return -1;
	if (parse_int(sb_str(&text), 1, 1 << 22, &pid))
		return err_set(e, 0, "crun wrote \"%.20s\" as pid", sb_str(&text));
	return child_watch(c, pid, e);
}

static int explain(const struct container *c, int status, struct err *e)
{
	cleanup_free char *log = run_path(c->id, "crun.log");

	return crun_explain(log, status, c->front.client && !c->spec.tty, e);
}

static int take_master(struct container *c, struct err *e)
{
	c->master.fd = crun_take_master(c->console, e);
	return c->master.fd < 0 ? -1 : 0;
}

static int find_init(struct container *c, struct err *e)
{
	cleanup_free char *path = run_path(c->id, "pid");

	c->init.ended = start_init_ended;
	return crun_watch(&c->init, path, e);
}

int crun_result(struct container *c, int status, struct err *e)
{
	int rc = status != 0 ? explain(c, status, e) : c->spec.tty ? take_master(c, e) : 0;

	if (c->console >= 0)
		close(steal_fd(&c->console));
	return rc ? rc : find_init(c, e);
}
