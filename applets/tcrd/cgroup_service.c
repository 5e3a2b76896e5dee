/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As a service with Delegate=yes: containers live in the service's own subtree of cgroup v2, and the
 * daemon in a leaf beside them, since a cgroup whose children have controllers holds no process. */
//kbuild:obj-y += cgroup_service.o
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "steps.h"

#define LEAF "/tcrd"
#define SUFFIX ".service"

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !memcmp(s + len - n, end, n);
}

char *cgroup_service_path(const char *self)
{
	size_t len;

	while (strncmp(self, "0::/", 4)) {
		self = strchr(self, '\n');
		if (!self++)
			return NULL;
	}
	self += 4;
	len = strcspn(self, "\n");
	/* The last daemon's manager, or the one that executed itself, has put us there already. */
	if (ends_with(self, len, SUFFIX LEAF))
		len -= strlen(LEAF);
	/* "../" is outside the cgroup namespace. */
	return ends_with(self, len, SUFFIX) && strncmp(self, "../", 3) ? xstrndup(self, len) : NULL;
}

/* systemd marks what is ours to divide; a service that it did not give away stays as it is. */
static bool is_delegated(const char *dir)
{
	char value;

	return getxattr(dir, "trusted.delegate", &value, 1) == 1 && value == '1';
}

static int enter(const char *leaf)
{
	cleanup_free char *procs = xasprintf("%s/cgroup.procs", leaf);
	cleanup_close int fd = -1;

	if (mkdir(leaf, 0755) < 0 && errno != EEXIST)
		return -1;
	fd = open(procs, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, "0", 1) != 1 ? -1 : 0;
}

char *cgroup_service_enter(void)
{
	cleanup_free char *path = NULL, *dir = NULL, *leaf = NULL;
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err e;

	if (file_read(AT_FDCWD, "/proc/self/cgroup", 65536, &sb, &e))
		return NULL;
	path = cgroup_service_path(sb_str(&sb));
	if (!path)
		return NULL;
	dir = xasprintf(CGROUP_ROOT "/%s", path);
	if (!is_delegated(dir))
		return NULL;
	leaf = xasprintf("%s" LEAF, dir);
	if (enter(leaf) == 0)
		return steal_ptr(&path);
	log_msg("%s: %m; containers live outside of the service's control group", leaf);
	return NULL;
}
