/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of containers: writing and removing. recover.c reads them. */
//kbuild:obj-y += record.o
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "container.h"
#include "record.h"
#include "steps.h"
#include "tcrd.h"

char *run_path(const char *id, const char *name)
{
	return xasprintf(
		"%s/containers/%s%s%s", tcrd.run_dir, id, name ? "/" : "", name ? name : "");
}

char *data_path(const char *id, const char *name)
{
	return xasprintf("%s/containers/%s%s%s", tcrd.root, id, name ? "/" : "", name ? name : "");
}

static char *spec_path(const char *id, const struct spec *spec, const char *name)
{
	return spec->rm ? run_path(id, name) : data_path(id, name);
}

int record_prepare(const char *id, const struct spec *spec, struct err *e)
{
	cleanup_free char *dir = spec_path(id, spec, NULL), *file = spec_path(id, spec, "spec.new");
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err ignored;

	spec_store(spec, &sb);
	if (sb.len > TCR_SPEC_MAX)
		return err_set(e, 0, "options and arguments have more than %d bytes", TCR_SPEC_MAX);
	if (mkdir(dir, 0700) < 0)
		return err_set(e, errno, "mkdir %s", dir);
	if (file_write(AT_FDCWD, file, sb.buf, sb.len, 0600,
		    spec->rm ? FILE_VOLATILE : FILE_DURABLE, e)) {
		tree_remove(AT_FDCWD, dir, &ignored);
		return -1;
	}
	return 0;
}

int record_update(const char *id, const struct spec *spec, struct err *e)
{
	cleanup_free char *file = spec_path(id, spec, "spec"),
			  *prepared = spec_path(id, spec, "spec.new");
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	if (file_exists(AT_FDCWD, prepared)) {
		free(file);
		file = steal_ptr(&prepared);
	}
	spec_store(spec, &sb);
	if (sb.len > TCR_SPEC_MAX)
		return err_set(e, 0, "options and arguments have more than %d bytes", TCR_SPEC_MAX);
	return file_write(AT_FDCWD, file, sb.buf, sb.len, 0600,
		spec->rm ? FILE_VOLATILE : FILE_DURABLE, e);
}

int record_remove(const char *id, const struct spec *spec, struct err *e)
{
	cleanup_free char *dir = spec_path(id, spec, NULL);

	return tree_remove(AT_FDCWD, dir, e);
}

static const char *const marks[] = { "", "created", "stopped", "ended" };

int record_mark(
	const char *id, const struct spec *spec, enum mark mark, int exit_code, struct err *e)
{
	cleanup_free char *file = spec_path(id, spec, "down"),
			  *text = xasprintf("%s %d\n", marks[mark], exit_code);

	return file_write(AT_FDCWD, file, text, strlen(text), 0600,
		spec->rm ? FILE_VOLATILE : FILE_DURABLE, e);
}

int record_unmark(const char *id, const struct spec *spec, struct err *e)
{
	cleanup_free char *file = spec_path(id, spec, "down"), *dir = spec_path(id, spec, NULL);

	/* On a read-only disk unlink(2) would fail, even so. */
	if (!file_exists(AT_FDCWD, file))
		return 0;
	if (unlink(file) < 0)
		return err_set(e, errno, "unlink %s", file);
	return spec->rm ? 0 : dir_sync(AT_FDCWD, dir, e);
}

enum mark record_read_mark(const char *id, const struct spec *spec, int *exit_code)
{
	cleanup_free char *file = spec_path(id, spec, "down");
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	enum mark m = MARK_ENDED;
	struct err ignored;

	if (!file_exists(AT_FDCWD, file))
		return MARK_NONE;
	if (file_read(AT_FDCWD, file, 100, &sb, &ignored))
		return MARK_STOPPED;
	if (sb.len && strchr(sb.buf, ' '))
		*exit_code = atoi(strchr(sb.buf, ' '));
	while (m > MARK_NONE && strncmp(sb_str(&sb), marks[m], strlen(marks[m])))
		m--;
	return m > MARK_NONE ? m : MARK_STOPPED;
}

int record_commit(const char *id, const struct spec *spec, struct err *e)
{
	cleanup_free char *from = spec_path(id, spec, "spec.new"),
			  *to = spec_path(id, spec, "spec");
	cleanup_free char *dir = spec_path(id, spec, NULL);

	if (rename(from, to) < 0)
		return err_set(e, errno, "rename %s", from);
	if (spec->rm)
		return 0;
	return dir_sync(AT_FDCWD, dir, e) || dir_sync(tcrd.root_fd, "containers", e) ? -1 : 0;
}

int container_forget_record(struct container *c, struct err *e)
{
	cleanup_free char *file = spec_path(c->id, &c->spec, "spec");
	cleanup_free char *dir = spec_path(c->id, &c->spec, NULL);

	/* A directory without a spec belongs to nobody: should we not come to remove it, the next
	 * start does. */
	if (unlink(file) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "unlink %s", file);
	return c->spec.rm ? 0 : dir_sync(AT_FDCWD, dir, e);
}

static char *state_path(const char *id)
{
	return xasprintf("%s/state/%s", tcrd.run_dir, id);
}

int container_save_state(const struct container *c, struct err *e)
{
	const struct run_state s = {
		.pid = c->init.pid,
		.started_ms = c->started_ms,
		.finished_ms = c->finished_ms,
		.exit_code = c->exit_code,
		.restarts = c->restart.count,
		.delay_ms = c->restart.delay_ms,
		.oom_killed = c->oom_killed,
	};
	cleanup_free char *path = state_path(c->id);
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	run_state_emit(&s, &sb);
	return file_write(AT_FDCWD, path, sb.buf, sb.len, 0600, FILE_VOLATILE, e);
}

bool record_read_state(struct container *c, pid_t *pid)
{
	cleanup_free char *path = state_path(c->id);
	struct run_state s;

	if (!run_state_read(AT_FDCWD, path, &s))
		return false;
	c->started_ms = s.started_ms;
	c->finished_ms = s.finished_ms;
	c->exit_code = s.exit_code;
	c->restart.count = s.restarts;
	c->restart.delay_ms = s.delay_ms;
	c->oom_killed = s.oom_killed;
	*pid = s.pid;
	return true;
}

void record_clear_state(const char *id)
{
	cleanup_free char *path = state_path(id);

	unlink(path);
}
