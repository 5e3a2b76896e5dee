/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/hosts, /etc/hostname, /etc/resolv.conf: each container has its own, bind-mounted over what
 * the image has. */
//kbuild:obj-y += etc.o
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "container.h"
#include "etc.h"
#include "steps.h"

enum { ETC_FILE_MAX = 256 * 1024 };

void etc_hostname(const struct container *c, char name[ETC_HOSTNAME_SIZE])
{
	struct err ignored;

	if (spec_network_mode(&c->spec) == NETWORK_CONTAINER) {
		const struct container *peer = container_find(spec_peer(&c->spec), &ignored);

		c = peer && spec_network_mode(&peer->spec) != NETWORK_CONTAINER ? peer : c;
	}
	memset(name, 0, ETC_HOSTNAME_SIZE);
	if (c->spec.hostname)
		strncpy(name, c->spec.hostname, ETC_HOSTNAME_SIZE - 1);
	else if (spec_network_mode(&c->spec) != NETWORK_HOST ||
		gethostname(name, ETC_HOSTNAME_SIZE - 1) < 0)
		memcpy(name, c->id, SHORT_ID_LEN);
}

static int write_file(
	const struct container *c, const char *name, const struct strbuf *sb, struct err *e)
{
	cleanup_free char *path = run_path(c->id, name);

	return file_write(AT_FDCWD, path, sb->buf, sb->len, 0644, FILE_VOLATILE, e);
}

/* The host's file, if it has a readable one. */
static void copy_of_host(const char *path, struct strbuf *sb)
{
	struct err ignored;

	if (file_read(AT_FDCWD, path, ETC_FILE_MAX, sb, &ignored))
		sb_reset(sb);
	sb_adds(sb, "");
}

void etc_fill_hosts(const struct container *c, struct strbuf *sb)
{
	char name[ETC_HOSTNAME_SIZE];

	etc_hostname(c, name);
	if (spec_network_mode(&c->spec) == NETWORK_HOST)
		copy_of_host("/etc/hosts", sb);
	else
		sb_adds(sb, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	if (spec_network_mode(&c->spec) == NETWORK_NONE)
		sb_addf(sb, "127.0.1.1\t%s\n", name);
	if (ENABLE_FEATURE_NETWORK)
		etc_add_hosts(c, name, sb);
}

/* A link of the image leads to another place, or nowhere: a file of the container's own layer is to
 * be there instead, to mount on. If /etc itself is a link it is left to crun. */
static int replace_links(const struct container *c, struct err *e)
{
	static const char *const names[] = { "hosts", "hostname", "resolv.conf" };
	cleanup_free char *path = run_path(c->id, "rootfs/etc");
	cleanup_close int etc = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char link[1];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (readlinkat(etc, names[i], link, 1) > 0 &&
			(unlinkat(etc, names[i], 0) < 0 ||
				mknodat(etc, names[i], S_IFREG | 0644, 0) < 0))
			return err_set(e, errno, "/etc/%s in the container", names[i]);
	return 0;
}

int etc_up(struct container *c, struct err *e)
{
	cleanup_sb struct strbuf hosts = STRBUF_INIT, hostname = STRBUF_INIT, resolv = STRBUF_INIT;
	char name[ETC_HOSTNAME_SIZE];

	if (replace_links(c, e))
		return -1;
	if (ENABLE_FEATURE_NETWORK && spec_network_mode(&c->spec) == NETWORK_CONTAINER)
		return etc_link_peer(c, e);
	etc_hostname(c, name);
	etc_fill_hosts(c, &hosts);
	sb_addf(&hostname, "%s\n", name);
	if (!ENABLE_FEATURE_NETWORK || !etc_fill_resolv(c, &resolv))
		copy_of_host("/etc/resolv.conf", &resolv);
	return write_file(c, "hosts", &hosts, e) || write_file(c, "hostname", &hostname, e) ||
			write_file(c, "resolv.conf", &resolv, e)
		? -1
		: 0;
}
