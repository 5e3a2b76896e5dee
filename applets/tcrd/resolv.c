/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's /etc/resolv.conf, resolv.conf(5): who rewrites it, DHCP or a modem, tells nobody. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += resolv.o
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/file.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "dns.h"

#define RESOLV_CONF "/etc/resolv.conf"
enum { RESOLV_MAX = 64 * 1024, SERVERS_MAX = 8 };

static bool is_address(const char *s)
{
	cleanup_free char *bare = xstrndup(s, strcspn(s, "%"));
	unsigned char buf[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, s, buf) == 1 || inet_pton(AF_INET6, bare, buf) == 1;
}

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
		if (is_address(word) && n++ < SERVERS_MAX)
			sb_addf(servers, "%s\n", word);
	}
}

static struct watch watch = { .fd = -1 };
static struct strbuf last = STRBUF_INIT; /* servers, as they were told */

/* The directory is watched, for the file is often replaced; of a symbolic link both sides. */
static void watch_directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *dir = xstrndup(path, slash == path ? 1 : slash - path);

	if (inotify_add_watch(watch.fd, dir,
		    IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ONLYDIR) < 0)
		log_debug("%s: %s", dir, strerror(errno));
}

static void add_watches(void)
{
	cleanup_free char *real = realpath(RESOLV_CONF, NULL);

	watch_directory_of(RESOLV_CONF);
	if (real && strcmp(real, RESOLV_CONF))
		watch_directory_of(real);
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
	add_watches();
	resolv_read(&last, NULL);
}
