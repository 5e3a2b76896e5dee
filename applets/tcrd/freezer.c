/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The freezer of control groups. */
//config:config FEATURE_PAUSE
//config:	bool "pause, unpause: let a container stand still (1.5 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_PAUSE) += freezer.o
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "freezer.h"
#include "steps.h"

/* Where one writes what is wanted (0: thawed), and where one reads how far it has come. */
static const struct freezer {
	const char *file, *words[2];
	const char *state_file, *state_words[2];
} freezers[] = {
	[CGROUP_V1] = { "freezer.state", { "THAWED", "FROZEN" }, "freezer.state",
		{ "THAWED\n", "FROZEN\n" } },
	[CGROUP_V2] = { "cgroup.freeze", { "0", "1" }, "cgroup.events",
		{ "frozen 0\n", "frozen 1\n" } },
};

static bool contains(const char *id, const char *file, const char *word)
{
	cleanup_free char *path = cgroup_path(id, "freezer", file);
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err ignored;

	return file_read(AT_FDCWD, path, 4096, &sb, &ignored) == 0 && strstr(sb_str(&sb), word);
}

static int set(const char *id, const struct freezer *f, bool frozen, struct err *e)
{
	cleanup_free char *path = cgroup_path(id, "freezer", f->file);
	cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return err_set(e, 0,
			"%s is missing: this kernel has no freezer (CONFIG_CGROUP_FREEZER), or the "
			"container has ended",
			path);
	if (fd < 0 || write(fd, f->words[frozen], strlen(f->words[frozen])) < 0)
		return err_set(e, errno, "%s", path);
	return 0;
}

int cgroup_freeze(const char *id, bool frozen, struct err *e)
{
	enum { TRIES = 8 };
	const struct timespec pause = { .tv_nsec = 50 * 1000 };
	const struct freezer *f = &freezers[cgroup_mode()];

	if (!f->file)
		return err_set(e, 0,
			"a container can be frozen only by control groups: this host has %s",
			cgroup_mode_name());
	/* With v1 a process that was just born may have missed it: hence each time anew. */
	for (int i = 0; i < TRIES; i++) {
		if (set(id, f, frozen, e))
			return -1;
		if (contains(id, f->state_file, f->state_words[frozen]))
			return 0;
		nanosleep(&pause, NULL);
	}
	return 1;
}

bool cgroup_is_frozen(const char *id)
{
	switch (cgroup_mode()) {
	case CGROUP_V1:
		/* FROZEN or FREEZING */
		return contains(id, "freezer.state", "FR");
	case CGROUP_V2:
		return contains(id, "cgroup.freeze", "1");
	default:
		return false;
	}
}
