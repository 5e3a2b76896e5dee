/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a container: the list of steps, and the walk back. */
//kbuild:obj-y += start.o
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "attach.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "container.h"
#include "exec.h"
#include "record.h"
#include "reexec.h"
#include "start.h"
#include "steps.h"
#include "tcrd.h"
#include "view.h"
#include "volume.h"

/* In the order of the start; the last one only begins, and start_crun_ended() hears of its end. */
static const struct step {
	int (*up)(struct container *c, struct err *e);
	int (*down)(const char *id, struct err *e);
} steps[] = {
	{ dirs_up, dirs_down },
	{ rootfs_up, rootfs_down },
#if ENABLE_FEATURE_NETWORK
	{ attach_up, attach_down },
#endif
	{ etc_up, NULL }, /* files in the container's directory: gone with it */
	{ oci_up, NULL },
	{ crun_up, crun_down },
};

static unsigned starting;

bool start_pending(void)
{
	return starting > 0 || (ENABLE_FEATURE_EXEC && exec_pending());
}

static int take_steps(struct container *c, struct err *e)
{
	/* A start under way has seen to that. */
	if (!start_pending())
		cgroup_wake();
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].up(c, e))
			return -1;
	starting++;
	return 0;
}

/* More at once would take longer in all, and the memory of as many crun. */
enum { STARTS_MAX = 4 };

/* The oldest is first. */
void start_waiting(void)
{
	struct container *c, *next = NULL;

	list_for_each (c, &containers, node)
		if (c->state == ST_WAITING && !timer_is_set(&c->retry))
			next = c;
	if (next)
		timer_set(&next->retry, 0);
}

int start_container(struct container *c, struct err *e)
{
	int rc = ENABLE_FEATURE_VOLUME ? volumes_fill(c, e) : 0;

	return rc > 0 ? 0 : rc < 0 ? -1 : take_steps(c, e);
}

void start_filled(struct container *c, const struct err *why)
{
	struct err e = { 0 };

	if (why)
		e = *why;
	else if (take_steps(c, &e) == 0)
		return;
	c->failure = xcalloc(1, sizeof(e));
	*c->failure = e;
	c->exit_code = e.exit_code;
	if (container_event(c, EV_FAILED, &e))
		log_msg("%s", e.text);
}

void start_due(struct timer *retry)
{
	struct container *c = container_of(retry, struct container, retry);
	struct err e;

	if (starting >= STARTS_MAX || reexec_is_pending())
		return;
	if (container_event(c, EV_RETRY, &e))
		log_msg("%s", e.text);
	/* It may have failed at once: then nobody's end tells the others that it is their turn. */
	start_waiting();
}

/* Goes on after a failure: what can be taken down is. */
int undo_all(const char *id, struct err *e)
{
	struct err ignored;
	int rc = 0;

	for (size_t i = ARRAY_SIZE(steps); i--;)
		if (steps[i].down && steps[i].down(id, rc ? &ignored : e))
			rc = -1;
	return rc;
}

int dirs_up(struct container *c, struct err *e)
{
	cleanup_free char *run = run_path(c->id, NULL);
	cleanup_free char *data = c->spec.read_only ? NULL : data_path(c->id, NULL);

	if (mkdir(run, 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "mkdir %s", run);
	if (data && mkdir(data, 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "mkdir %s", data);
	if (ENABLE_FEATURE_CP && data && view_check_lock(c, e))
		return -1;
	/* The record of one with --rm was in the directory that the walk back has removed. */
	return c->spec.rm && !c->unborn ? record_update(c->id, &c->spec, e) : 0;
}

static int sweep(int dirfd, const char *name, void *arg, struct err *e)
{
	static const char *const kept[] = { "rootfs", "upper", "work" };

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (!strcmp(name, kept[i]))
			return 0;
	return tree_remove(dirfd, name, e);
}

/* Between two runs: to mount the root filesystem anew would write to the disk,
 * since overlayfs makes its working directory each time, and syncs at the end. */
static int undo_but_rootfs(const char *id, struct err *e)
{
	cleanup_free char *run = run_path(id, NULL);
	struct err ignored;
	int rc = crun_down(id, e);

	if (ENABLE_FEATURE_NETWORK && attach_down(id, rc ? &ignored : e))
		rc = -1;
	return dir_each(AT_FDCWD, run, sweep, NULL, rc ? &ignored : e) ? -1 : rc;
}

int dirs_down(const char *id, struct err *e)
{
	cleanup_free char *run = run_path(id, NULL);

	return tree_remove(AT_FDCWD, run, e);
}

static int remove_data(struct container *c, struct err *e)
{
	cleanup_free char *data = data_path(c->id, NULL);
	struct err ignored;
	int rc = tree_remove(AT_FDCWD, data, e);

	/* The record of one that never ran; the walk back has removed it of others. */
	return c->spec.rm && record_remove(c->id, &c->spec, rc ? &ignored : e) ? -1 : rc;
}

/* In the child. */
static int undo_work(void *arg)
{
	struct container *c = arg;
	struct err e;

	if (c->failure)
		crun_kill_strays(c->id);
	if (ENABLE_FEATURE_NETWORK && attach_is_shared(c))
		attach_cut(c);
	if ((c->kept ? undo_but_rootfs : undo_all)(c->id, &e) ||
		(c->spec.rm && !c->kept && remove_data(c, &e))) {
		log_msg("container \"%s\": %s", c->spec.name, e.text);
		return 1;
	}
	return 0;
}

static int removal_work(void *arg)
{
	struct container *c = arg;
	struct err e;

	if (remove_data(c, &e) == 0)
		return 0;
	log_msg("container \"%s\": %s; the rest goes at the next start of tcrd", c->spec.name,
		e.text);
	return 1;
}

static void cleaned(struct child *child, int status)
{
	struct container *c = container_of(child, struct container, helper);
	struct err e;

	(void)status; /* the child has logged what it could not do, and the next start tries again
		       */
	if (container_event(c, EV_CLEANED, &e))
		log_msg("%s", e.text);
}

static int begin(struct container *c, int (*work)(void *), struct err *e)
{
	c->helper.ended = cleaned;
	if (child_fork(&c->helper, work, c, NULL, 0, e) == 0)
		return 0;
	/* No memory for a child: better to block the loop for once than to leave things behind. */
	log_msg("%s", e->text);
	work(c);
	return container_event(c, EV_CLEANED, e);
}

int start_undo(struct container *c, struct err *e)
{
	return begin(c, undo_work, e);
}

int start_removal(struct container *c, struct err *e)
{
	return begin(c, removal_work, e);
}

void start_init_ended(struct child *init, int status)
{
	struct container *c = container_of(init, struct container, init);
	struct err e;

	c->exit_code = status == STATUS_UNKNOWN ? EXIT_UNKNOWN : status_exit_code(status);
	if (container_event(c, EV_ENDED, &e))
		log_msg("%s", e.text);
}

void start_crun_ended(struct child *child, int status)
{
	struct container *c = container_of(child, struct container, helper);
	struct err e = { 0 };
	bool ok = crun_result(c, status, &e) == 0;

	starting--;
	if (!ok) {
		free(c->failure);
		c->failure = xcalloc(1, sizeof(e));
		*c->failure = e;
		c->exit_code = e.exit_code;
	}
	if (container_event(c, ok ? EV_STARTED : EV_FAILED, &e))
		log_msg("%s", e.text);
	child_reap_all(start_pending);
	start_waiting();
}
