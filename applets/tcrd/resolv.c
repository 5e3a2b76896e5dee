/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's /etc/resolv.conf, resolv.conf(5): who rewrites it, DHCP or a modem, tells nobody. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += resolv.o
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/file.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "dns.h"
#include "net/addr.h"

#define RESOLV_CONF "/etc/resolv.conf"
enum {
	RESOLV_MAX = 64 * 1024,
	LINKS_MAX = 8, /* symbolic links, one leading to the next */
};

void resolv_read(struct strbuf *servers, struct strbuf *others)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	char *line, *save = NULL, *word;
	unsigned n = 0;
	struct err ignored;

	if (file_read(AT_FDCWD, RESOLV_CONF, RESOLV_MAX, &sb, &ignored) || !sb.buf)
		return;
	for (line = strtok_r(sb.buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (others && (!strncmp(line, "search", 6) || !strncmp(line, "options", 7)))
			sb_addf(others, "%s\n", line);
		if (!servers || strncmp(line, "nameserver", 10) || !strchr(" \t", line[10]))
			continue;
		word = line + 10 + strspn(line + 10, " \t");
		word[strcspn(word, " \t\r#;")] = '\0';
		if (server_is_valid(word) && n++ < SERVERS_MAX)
			sb_addf(servers, "%s\n", word);
	}
}

static struct watch watch = { .fd = -1 };
static int watched[LINKS_MAX];           /* watch descriptors, of a directory each; -1: none */
static struct strbuf last = STRBUF_INIT; /* servers, as they were told */

/* Watches a directory, or while it is missing the nearest one above it, to which DIR is cut. */
static int watch_nearest(char *dir)
{
	enum {
		EVENTS = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVE | IN_MOVE_SELF |
			IN_ONLYDIR,
	};
	int wd;

	while ((wd = inotify_add_watch(watch.fd, *dir ? dir : "/", EVENTS)) < 0 && *dir)
		*strrchr(dir, '/') = '\0';
	if (wd < 0)
		log_debug("inotify_add_watch: %s", strerror(errno));
	return wd;
}

/* Again, until nobody made one of the directories meanwhile. */
static int watch_directory(const char *dir)
{
	size_t len = SIZE_MAX;

	for (;;) {
		cleanup_free char *nearest = xstrdup(dir);
		int wd = watch_nearest(nearest);

		if (strlen(nearest) == len)
			return wd;
		len = strlen(nearest);
	}
}

/* What the symbolic link PATH in DIR leads to; NULL: it is none. */
static char *link_target(const char *path, const char *dir)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (len <= 0)
		return NULL;
	target[len] = '\0';
	return *target == '/' ? xstrdup(target) : xasprintf("%s/%s", dir, target);
}

static bool contains(const int *wds, int wd)
{
	for (int i = 0; i < LINKS_MAX; i++)
		if (wds[i] == wd)
			return true;
	return false;
}

/* Directories are watched, for files are often replaced: that of /etc/resolv.conf, and if it is a
 * symbolic link those of all that it leads over, whether they are there yet or not. */
static void add_watches(void)
{
	char *path = xstrdup(RESOLV_CONF);
	int now[LINKS_MAX];

	for (int i = 0; i < LINKS_MAX; i++) {
		cleanup_free char *dir = NULL, *from = path;

		now[i] = -1;
		if (!from)
			continue;
		dir = xstrndup(from, (size_t)(strrchr(from, '/') - from));
		now[i] = watch_directory(dir);
		path = link_target(from, dir); /* now that nobody can change it unseen */
	}
	free(path);
	for (int i = 0; i < LINKS_MAX; i++)
		if (watched[i] >= 0 && !contains(now, watched[i]))
			inotify_rm_watch(watch.fd, watched[i]);
	memcpy(watched, now, sizeof(now));
}

static void watch_ready(struct watch *w, uint32_t events)
{
	struct strbuf now = STRBUF_INIT;
	char buf[4096];

	(void)events;
	while (read(w->fd, buf, sizeof(buf)) > 0)
		;
	add_watches();
	resolv_read(&now, NULL);
	if (!strcmp(sb_str(&now), sb_str(&last))) {
		sb_free(&now);
		return;
	}
	sb_free(&last);
	last = now;
	dns_servers_changed();
}

void resolv_unwatch(void)
{
	if (watch.fd < 0)
		return;
	loop_del(&watch);
	close(steal_fd(&watch.fd));
	sb_free(&last);
}

void resolv_watch(void)
{
	struct err e;

	if (watch.fd >= 0)
		return;
	watch.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	watch.ready = watch_ready;
	if (watch.fd < 0 || loop_add(&watch, EPOLLIN, &e)) {
		log_msg("changes of %s will not be seen: %s", RESOLV_CONF, strerror(errno));
		resolv_unwatch();
		return;
	}
	memset(watched, -1, sizeof(watched));
	add_watches();
	resolv_read(&last, NULL);
}
