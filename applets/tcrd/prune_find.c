/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nobody needs, in a child: so what it finds it can take out of the lists, and what only that
 * has used is found, too. */
//kbuild:obj-$(CONFIG_FEATURE_PRUNE) += prune_find.o
#include <fcntl.h>
#include <string.h>

#include "archive/copy.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "image.h"
#include "image_record.h"
#include "labels.h"
#include "network.h"
#include "prune.h"
#include "sizes.h"
#include "volume.h"

struct search {
	const struct prune_options *o;
	struct strbuf *out;
};

static void found(
	const struct search *s, enum prune_kind kind, const char *name, unsigned long long size)
{
	sb_addf(s->out, "%d %s %llu\n", kind, name, size);
}

static bool matches(const struct search *s, int64_t created, char *const *labels)
{
	for (char **f = s->o->filters; f && *f; f++) {
		const char *value = strchr(*f, '=') + 1;

		if (**f == 'u' ? created >= atoll(value)
			       : labels_match(labels, value) != (value[-2] != '!'))
			return false;
	}
	return true;
}

static void find_containers(const struct search *s)
{
	unsigned long long rw, all;
	struct container *c;

	list_for_each (c, &containers, node) {
		struct image_facts f = { 0 };
		cleanup_strv char **labels = NULL;
		struct err ignored;

		if (c->state != ST_CREATED && c->state != ST_EXITED)
			continue;
		image_read_all(c->spec.image_id, &f, &ignored);
		labels = labels_merge(c, &f);
		image_facts_free(&f);
		if (!matches(s, atoll(c->spec.created), labels))
			continue;
		container_sizes(c, &rw, &all);
		found(s, PRUNE_CONTAINERS, c->id, rw);
		list_remove(&c->node);
	}
}

static void find_networks(const struct search *s)
{
	struct net *n;

	list_for_each (n, &networks, node)
		if (!network_user(n) && strcmp(n->config->name, DEFAULT_NETWORK) &&
			matches(s, n->config->created, n->config->labels))
			found(s, PRUNE_NETWORKS, n->config->name, 0);
}

static int find_volume(int dirfd, const char *name, void *arg, struct err *e)
{
	const struct search *s = arg;
	cleanup_free char *data = xasprintf("%s/data", name);
	struct volume v;

	if (volume_read(name, &v, e) == 0 && !volume_user(name) &&
		(s->o->all || volume_label(&v, VOLUME_ANONYMOUS)) && matches(s, 0, v.labels))
		found(s, PRUNE_VOLUMES, name, tree_size(dirfd, data));
	volume_free(&v);
	return 0;
}

static char **image_labels(const struct image *i)
{
	struct image_facts f = { 0 };
	char **labels = NULL;
	struct err ignored;

	image_read_all(i->id, &f, &ignored);
	for (char **l = f.labels; l && l[0] && l[1]; l += 2) {
		cleanup_free char *label = xasprintf("%s=%s", l[0], l[1]);

		strv_append(&labels, label);
	}
	image_facts_free(&f);
	return labels;
}

/* The file of one that is linked stays where it is. */
static void find_images(const struct search *s)
{
	struct image *i;

	list_for_each (i, &images, node) {
		cleanup_free char *file = image_path(i->id, "image.sqfs");
		cleanup_strv char **labels = NULL;

		if (container_using(i->id) || (i->reference && !s->o->all))
			continue;
		labels = image_labels(i);
		if (matches(s, i->created, labels))
			found(s, PRUNE_IMAGES, i->id, tree_size(AT_FDCWD, file));
	}
}

void prune_find(unsigned kinds, const struct prune_options *o, struct strbuf *out)
{
	/* --all of `system prune` is about images. */
	struct prune_options some = *o;
	struct search s = { o, out }, volumes = { &some, out };
	struct err ignored;

	some.all = o->all && kinds == 1U << PRUNE_VOLUMES;
	if (kinds & 1U << PRUNE_CONTAINERS)
		find_containers(&s);
	if (ENABLE_FEATURE_NETWORK && (kinds & 1U << PRUNE_NETWORKS))
		find_networks(&s);
	if (ENABLE_FEATURE_VOLUME && (kinds & 1U << PRUNE_VOLUMES))
		volume_each(find_volume, &volumes, &ignored);
	if (kinds & 1U << PRUNE_IMAGES)
		find_images(&s);
}
