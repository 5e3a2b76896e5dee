/* SPDX-License-Identifier: GPL-2.0-or-later */
/* At start: what the last daemon, or a power cut, has left is adopted or cleared away. */
//kbuild:obj-y += recover.o
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "attach.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "image.h"
#include "network.h"
#include "record.h"
#include "start.h"
#include "steps.h"
#include "tcrd.h"

static bool is_id(const char *name)
{
	return strlen(name) == ID_LEN && strspn(name, "0123456789abcdef") == ID_LEN;
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
	/* With a spec it is one that could not be read, nor moved away. */
	if (undo_all(id, e) || (!file_exists(AT_FDCWD, spec) && tree_remove(AT_FDCWD, dir, e)))
		log_msg("%s", e->text);
	record_clear_state(id);
	return 0;
}

/* Without its image the container runs on all the same: its root filesystem holds what it needs. */
static int adopt(struct container *c, pid_t pid, struct err *e)
{
	struct err why;

	pid_t again = 0;

	if (child_watch(&c->init, pid, e))
		return -1;
	/* The descriptor is of the process that was looked at only if that is still there. */
	if (!record_read_state(c, &again) || again != pid) {
		child_forget(&c->init);
		return err_set(e, 0, "process %d has ended", (int)pid);
	}
	c->init.ended = start_init_ended;
	c->state = ST_RUNNING;
	if (image_adopt(c, &why))
		log_msg("%s", why.text);
	if (ENABLE_FEATURE_NETWORK && attach_adopt(c, &why))
		log_msg("%s", why.text);
	return 0;
}

static void settle(struct container *c)
{
	cleanup_free char *dir = data_path(c->id, NULL);
	bool has_run;
	pid_t pid = 0;
	struct err e;

	has_run = record_read_state(c, &pid);
	if (pid && !adopt(c, pid, &e))
		return;
	crun_kill_strays(c->id);
	if (ENABLE_FEATURE_NETWORK)
		attach_clear(c->id);
	if (undo_all(c->id, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	/* After a reboot nobody knows how it ended. */
	c->state = ST_EXITED;
	if (!has_run || !c->finished_ms) {
		c->exit_code = EXIT_UNKNOWN;
		c->finished_ms = now_ms();
	}
	if (!c->spec.rm)
		return;
	if (tree_remove(AT_FDCWD, dir, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
	container_free(c);
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
		dir_each(tcrd.root_fd, "containers", clear_stranger, NULL, e) ||
		cgroup_each(clear_stranger, e))
		return -1;
	list_for_each (c, &containers, node)
		settle(c);
	images_settle();
	if (ENABLE_FEATURE_NETWORK)
		bridges_adopt();
	return 0;
}
