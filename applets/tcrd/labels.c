/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The labels of a container. */
//kbuild:obj-y += labels.o
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "image_record.h"
#include "labels.h"

/* A label that V has already gets the new value. */
static void set_label(char ***v, char *label)
{
	size_t len = strcspn(label, "=") + 1;

	for (char **each = *v; *each; each++) {
		if (!strncmp(*each, label, len)) {
			free(*each);
			*each = label;
			return;
		}
	}
	strv_append(v, label);
	free(label);
}

static void set_labels(char ***v, char *const *labels)
{
	for (; labels && *labels; labels++)
		set_label(v, xstrdup(*labels));
}

char **labels_unique(char *const *labels)
{
	char **v = xcalloc(1, sizeof(*v));

	set_labels(&v, labels);
	return v;
}

char **labels_merge(const struct container *c, const struct image_facts *f)
{
	char **v = xcalloc(1, sizeof(*v));

	for (char **l = f->labels; l && l[0] && l[1]; l += 2)
		set_label(&v, xasprintf("%s=%s", l[0], l[1]));
	set_labels(&v, c->spec.labels);
	return v;
}

bool labels_match(char *const *v, const char *filter)
{
	size_t len = strlen(filter);

	for (; v && *v; v++)
		if (!strncmp(*v, filter, len) &&
			(!(*v)[len] || ((*v)[len] == '=' && !strchr(filter, '='))))
			return true;
	return false;
}
