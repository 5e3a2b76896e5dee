/* SPDX-License-Identifier: GPL-2.0-or-later */
/* At start: what the last daemon, or a power cut, has left is adopted or cleared away. */
//kbuild:obj-y += recover.o
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "container.h"
#include "freezer.h"
#include "image.h"
#include "keeper.h"
#include "log.h"
#include "network.h"
#include "record.h"
#include "reexec.h"
#include "run.h"
#include "start.h"
#include "steps.h"
#include "tcrd.h"

static const char hex[] = "0123456789abcdef";

static bool is_id(const char *name)
{
	return strlen(name) == ID_LEN && strspn(name, hex) == ID_LEN;
}

static bool is_known(const char *id)
{
	struct container *c;

	list_for_each (c, &containers, node)
		if (!strcmp(c->id, id))
			return true;
	return false;
}

/* A record that cannot be read is kept for the administrator, out of the way. */
static void quarantine(const char *id, const struct err *why)
{
	cleanup_free char *from = data_path(id, NULL);
	cleanup_free char *dir = xasprintf("%s/quarantine", tcrd.root);
	cleanup_free char *to = xasprintf("%s/%s", dir, id);
	struct err e;

	if (dir_make(dir, 0700, &e) || rename(from, to) < 0)
		log_msg("container %.12s: %s; its files cannot be moved to %s", id, why->text, dir);
	else
		log_msg("container %.12s: %s; its files are in %s now", id, why->text, to);
}

/* An entry of containers/, on disk or on tmpfs. */
static int load_record(int dirfd, const char *id, void *on_disk, struct err *e)
{
	cleanup_free char *file = xasprintf("%s/spec", id);
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct spec spec = { 0 };
	struct err why;

	(void)e;
	if (!is_id(id) || is_known(id) || !file_exists(dirfd, file))
		return 0;
	if (!file_read(dirfd, file, TCR_SPEC_MAX, &sb, &why) &&
		!spec_load(&spec, sb_str(&sb), &why)) {
		container_alloc(id, &spec);
		return 0;
	}
	spec_free(&spec);
	if (on_disk)
		quarantine(id, &why);
	return 0;
}

/* Anything of ours that is named after a container nobody knows. */
static int clear_stranger(int dirfd, const char *id, void *arg, struct err *e)
{
	cleanup_free char *dir = NULL, *spec = NULL;

	(void)dirfd;
	(void)arg;
	if (!is_id(id) || is_known(id))
		return 0;
	log_msg("clearing what is left of container %.12s", id);
	dir = data_path(id, NULL);
	spec = data_path(id, "spec");
	crun_kill_strays(id);
	if (ENABLE_FEATURE_NETWORK)
		attach_clear(id);
	if (ENABLE_FEATURE_LOGS)
		log_clear(id);
	/* With a spec it is one that could not be read, nor moved away. */
	if (undo_all(id, e) || (!file_exists(AT_FDCWD, spec) && tree_remove(AT_FDCWD, dir, e)))
		log_msg("%s", e->text);
	record_clear_state(id);
	return 0;
}

/* Its process, by our record or by crun's. */
static pid_t find_pid(struct container *c, bool by_crun)
{
	pid_t pid = 0;

	if (by_crun)
		return crun_running(c->id);
	record_read_state(c, &pid);
	return pid;
}

/* Without its image the container runs on all the same: its root filesystem holds what it needs. */
static bool adopt(struct container *c, bool by_crun)
{
	pid_t pid = find_pid(c, by_crun);
	struct err e;

	/* After SIGHUP the daemon has it itself. */
	if (pid && reexec_listener() < 0)
		c->master.fd = keeper_take(c);
	/* A start that was under way, and whose terminal nobody kept, was none. */
	if (!pid || (by_crun && c->spec.tty && c->master.fd < 0) || child_watch(&c->init, pid, &e))
		return false;
	/* The descriptor is of the process that was looked at only if that is still there. */
	if (find_pid(c, by_crun) != pid) {
		child_forget(&c->init);
		return false;
	}
	c->init.ended = start_init_ended;
	c->state = ENABLE_FEATURE_PAUSE && cgroup_is_frozen(c->id) ? ST_PAUSED : ST_RUNNING;
	if (image_adopt(c, &e))
		log_msg("%s", e.text);
	if (ENABLE_FEATURE_NETWORK && attach_adopt(c, &e))
		log_msg("%s", e.text);
	if (ENABLE_FEATURE_LOGS && log_adopt(c, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	if (reexec_listener() < 0)
		run_drain_terminal(c);
	return true;
}

/* The last daemon may have died between the start and the note of it. */
static bool adopt_unknown(struct container *c)
{
	cleanup_free char *dir = run_path(c->id, NULL);
	struct err e;

	/* No start was under way. */
	if (!file_exists(AT_FDCWD, dir))
		return false;
	crun_kill_strays(c->id);
	if (!adopt(c, true))
		return false;
	c->started_ms = now_ms();
	if (container_save_state(c, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	return true;
}

static bool adopt_by_either(struct container *c)
{
	for (int i = 0; i < 2; i++) {
		if (i ? adopt_unknown(c) : adopt(c, false))
			return true;
		if (c->master.fd >= 0)
			close(steal_fd(&c->master.fd));
	}
	return false;
}

/* Whether a container that does not run is to. */
static bool is_to_start(struct container *c, enum mark mark, bool lost)
{
	struct restart_policy policy = restart_parse(c->spec.restart);
	struct err e;

	if (policy.kind == RESTART_NO || mark == MARK_CREATED ||
		(mark != MARK_NONE && policy.kind != RESTART_ALWAYS))
		return false;
	/* Nobody saw how it ended: that is a failure, and one restart more. */
	if (!lost || restart_next(&c->restart, policy, EXIT_UNKNOWN, c->finished_ms - c->started_ms))
		return true;
	if (record_mark(c->id, &c->spec, MARK_ENDED, EXIT_UNKNOWN, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	return false;
}

/* It does not run: so nothing of a run may be left. */
static void clear(struct container *c)
{
	cleanup_free char *dir = data_path(c->id, NULL);
	struct err e;

	run_close_terminal(c);
	if (ENABLE_FEATURE_NETWORK)
		attach_clear(c->id);
	if (undo_all(c->id, &e) || (c->spec.rm && tree_remove(AT_FDCWD, dir, &e)))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
}

static void settle(struct container *c)
{
	int exit_code = EXIT_UNKNOWN; /* after a reboot nobody knows more than the mark */
	enum mark mark = record_read_mark(c->id, &c->spec, &exit_code);
	bool lost;
	struct err e;

	if (mark == MARK_CREATED)
		return;
	if (adopt_by_either(c)) {
		/* The last daemon did not come to it. After SIGHUP it goes on as it was. */
		if (mark == MARK_STOPPED && reexec_listener() < 0 &&
			container_user_stop(c, spec_stop_timeout_ms(&c->spec), &e))
			log_msg("%s", e.text);
		return;
	}
	clear(c);
	if (c->spec.rm) {
		container_free(c);
		return;
	}
	c->state = ST_EXITED;
	lost = c->started_ms > c->finished_ms;
	if (lost || !c->finished_ms) {
		c->exit_code = exit_code;
		c->finished_ms = now_ms();
	}
	if (is_to_start(c, mark, lost)) {
		c->state = ST_WAITING;
		timer_set(&c->retry, 0);
	}
	/* What was counted is not counted again by the next daemon. */
	if (lost && container_save_state(c, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
}

/* Of an exec that was being started: see next_files() there. */
static int sweep_exec(int dirfd, const char *name, void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	if (strspn(name, hex) == 3)
		unlinkat(dirfd, name, 0);
	return 0;
}

/* What was being written. */
static void sweep(const struct container *c)
{
	cleanup_free char *data = data_path(c->id, NULL), *run = run_path(c->id, NULL);
	struct err e;

	if (dir_sweep(AT_FDCWD, data, &e) || dir_sweep(AT_FDCWD, run, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	if (ENABLE_FEATURE_EXEC)
		dir_each(AT_FDCWD, run, sweep_exec, NULL, &e);
}

int containers_load(struct err *e)
{
	struct container *c;

	if (dir_each(tcrd.root_fd, "containers", load_record, (void *)1, e) ||
		dir_each(tcrd.run_fd, "containers", load_record, NULL, e) ||
		dir_each(tcrd.run_fd, "containers", clear_stranger, NULL, e) ||
		dir_each(tcrd.run_fd, "crun", clear_stranger, NULL, e) ||
		(ENABLE_FEATURE_NETWORK &&
			(dir_each(tcrd.run_fd, "netns", clear_stranger, NULL, e) ||
				dir_each(tcrd.run_fd, "net", clear_stranger, NULL, e))) ||
		(ENABLE_FEATURE_LOGS && dir_each(tcrd.run_fd, "logs", clear_stranger, NULL, e)) ||
		dir_each(tcrd.root_fd, "containers", clear_stranger, NULL, e) ||
		dir_each(tcrd.run_fd, "state", clear_stranger, NULL, e) ||
		cgroup_each(clear_stranger, e))
		return -1;
	list_for_each (c, &containers, node) {
		sweep(c);
		settle(c);
	}
	images_settle();
	if (ENABLE_FEATURE_NETWORK)
		bridges_adopt();
	return 0;
}
