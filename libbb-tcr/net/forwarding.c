/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 forwarding of the host. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "net/forwarding.h"
#include "net/link.h"

#define SYSCTL "/proc/sys/net/ipv4/ip_forward"
#define NOTE "ip_forward"

enum { NOTE_MAX = 1 << 20 };

/* Returns 1, 0 or -1. */
static int is_on(struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	if (file_read(AT_FDCWD, SYSCTL, 16, &sb, e))
		return -1;
	return *sb_str(&sb) != '0';
}

static int set(const char *value, struct err *e)
{
	cleanup_close int fd = open(SYSCTL, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, 1) != 1)
		return err_set(e, errno, "%s cannot be set to %s", SYSCTL, value);
	return 0;
}

static bool is_of_tcr(const struct link *link)
{
	return !strncmp(link->alias, "tcr:", 4);
}

static int add_name(const struct link *link, void *arg, struct err *e)
{
	(void)e;
	if (strcmp(link->name, "lo") && !is_of_tcr(link))
		sb_addf(arg, "%s\n", link->name);
	return 0;
}

int forwarding_note(struct nl *nl, int run_dirfd, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	int on = is_on(e);

	if (on < 0)
		return -1;
	if (on || file_exists(run_dirfd, NOTE))
		return 0;
	return link_each(nl, add_name, &sb, e) ||
			file_write(run_dirfd, NOTE, sb_str(&sb), sb.len, 0600, FILE_VOLATILE, e)
		? -1
		: 0;
}

int forwarding_on(struct err *e)
{
	int on = is_on(e);

	return on ? on < 0 ? -1 : 0 : set("1", e);
}

/* An interface's name has no blanks in it: it is a word in the note. */
char **forwarding_guarded(int run_dirfd)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	char **names, *save = NULL;
	size_t n = 0;
	struct err ignored;

	if (file_read(run_dirfd, NOTE, NOTE_MAX, &sb, &ignored))
		return NULL;
	names = xcalloc(sb.len / 2 + 2, sizeof(*names));
	if (!sb.buf)
		return names;
	for (char *l = strtok_r(sb.buf, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		names[n++] = xstrdup(l);
	return names;
}

/* Returns 1 if LINK came when the host forwarded. Ends of containers may take a moment to vanish;
 * those of another tcrd are on its bridges. */
static int came_later(const struct link *link, void *arg, struct err *e)
{
	(void)e;
	if (is_of_tcr(link))
		return !strcmp(link->kind, "bridge");
	if (!strcmp(link->name, "lo"))
		return 0;
	for (char **name = arg; *name; name++)
		if (!strcmp(*name, link->name))
			return 0;
	return 1;
}

int forwarding_off(struct nl *nl, int run_dirfd, struct err *e)
{
	cleanup_strv char **names = forwarding_guarded(run_dirfd);
	int stays;

	if (!names)
		return 0;
	stays = link_each(nl, came_later, names, e);
	if (stays < 0 || (!stays && set("0", e)))
		return -1;
	if (unlinkat(run_dirfd, NOTE, 0) < 0)
		return err_set(e, errno, "remove the note %s", NOTE);
	return stays;
}
