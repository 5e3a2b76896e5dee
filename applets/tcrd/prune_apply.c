/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removes what the child has found. */
//kbuild:obj-$(CONFIG_FEATURE_PRUNE) += prune_apply.o
#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "container.h"
#include "format.h"
#include "image.h"
#include "network.h"
#include "prune.h"
#include "rpc.h"
#include "volume.h"

/* A line, in its turn: those of containers come when their files are gone. */
static void __attribute__((format(printf, 2, 3))) say(struct client *cl, const char *fmt, ...)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	sb_addv(&sb, fmt, ap);
	va_end(ap);
	if (list_empty(&cl->waits))
		client_printf(cl, "%s\n", sb_str(&sb));
	else
		container_wait(NULL, WAIT_REMOVED, cl, sb_str(&sb));
}

/* Each returns 1 if it is gone, 0 if somebody needs it by now, -1 with E filled. */

static int remove_container(
	struct client *cl, const struct prune_options *o, const char *id, struct err *e)
{
	struct container *c = container_find(id, e);

	(void)o;
	if (!c || (c->state != ST_CREATED && c->state != ST_EXITED))
		return 0;
	container_wait(c, WAIT_REMOVED, cl, id);
	if (container_event(c, EV_REMOVE, e)) {
		container_notify(c, WAIT_REMOVED, e);
		return 0;
	}
	return 1;
}

static int prune_network(
	struct client *cl, const struct prune_options *o, const char *name, struct err *e)
{
	struct net *n = network_find(name, e);

	(void)o;
	if (!n || network_user(n))
		return 0;
	if (network_remove(n, e))
		return -1;
	say(cl, "%s", name);
	return 1;
}

static int prune_volume(
	struct client *cl, const struct prune_options *o, const char *name, struct err *e)
{
	(void)o;
	if (!volume_exists(name) || volume_user(name))
		return 0;
	if (volume_remove(name, e))
		return -1;
	say(cl, "%s", name);
	return 1;
}

static int prune_image(
	struct client *cl, const struct prune_options *o, const char *id, struct err *e)
{
	struct image *i = image_by_id(id);
	cleanup_free char *tag = i && i->reference ? xstrdup(reference_familiar(i->reference))
						   : NULL;

	if (!i || container_using(id) || (tag && !o->all))
		return 0;
	if (image_remove(i, e))
		return -1;
	if (tag)
		say(cl, "untagged: %s", tag);
	say(cl, "deleted: sha256:%s", id);
	return 1;
}

static const struct {
	const char *title;
	int (*remove)(struct client *cl, const struct prune_options *o, const char *name,
		struct err *e);
} kinds[PRUNE_KINDS] = {
	[PRUNE_CONTAINERS] = { "Containers", remove_container },
	[PRUNE_NETWORKS] = { "Networks", ENABLE_FEATURE_NETWORK ? prune_network : NULL },
	[PRUNE_VOLUMES] = { "Volumes", ENABLE_FEATURE_VOLUME ? prune_volume : NULL },
	[PRUNE_IMAGES] = { "Images", prune_image },
};

void prune_apply(struct client *cl, const struct prune_options *o, char *text, bool total)
{
	cleanup_sb struct strbuf size = STRBUF_INIT;
	unsigned long long sum = 0;
	char *save = NULL;
	int last = -1;
	struct err e;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		int kind = *line - '0', rc;
		char *name = line + 2, *bytes = strchr(name, ' ');

		*bytes++ = '\0';
		if (kind != last)
			say(cl, "%sDeleted %s:", last < 0 ? "" : "\n", kinds[kind].title);
		last = kind;
		rc = kinds[kind].remove(cl, o, name, &e);
		if (rc < 0)
			client_error(cl, &e);
		sum += rc > 0 ? strtoull(bytes, NULL, 10) : 0;
	}
	format_size(&size, sum);
	if (total)
		say(cl, "%sTotal reclaimed space: %s", last < 0 ? "" : "\n", sb_str(&size));
}
