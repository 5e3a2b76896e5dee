/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `image ls`. */
//kbuild:obj-y += image_ls.o
//verb:image-ls verb_image_ls List images
//usage:[OPTIONS] [REPOSITORY[:TAG]]
//usage:
//usage:  -a, --all                Accepted for docker's sake: all are listed
//usage:      --format json        One JSON object a line
//usage:      --no-trunc           Do not shorten ids
//usage:  -q, --quiet              Only ids
#include <string.h>

#include "base/mem.h"
#include "format.h"
#include "image.h"
#include "image_record.h"
#include "json/json.h"
#include "listing.h"

enum { SHORT_LEN = 12 };

/* "localhost:5000/a/b:1" is repository localhost:5000/a/b and tag 1. */
static void split_reference(const struct image *i, char **repository, char **tag)
{
	const char *ref = i->reference ? reference_familiar(i->reference) : "<none>:<none>";
	const char *slash = strrchr(ref, '/'), *name = slash ? slash : ref;
	const char *colon = strchr(name, ':'), *at = strchr(name, '@');
	size_t len = at && (!colon || at < colon) ? (size_t)(at - ref)
		: colon                           ? (size_t)(colon - ref)
						  : strlen(ref);

	*repository = xstrndup(ref, len);
	*tag = colon && (!at || colon < at) ? xstrndup(colon + 1, strcspn(colon + 1, "@"))
					    : xstrdup("<none>");
}

static char *shown_id(const struct image *i, const struct listing *l)
{
	return l->no_trunc ? xasprintf("sha256:%s", i->id) : xstrndup(i->id, SHORT_LEN);
}

/* Whether it is what was asked for, by its name with or without a tag. */
static bool is_wanted(const struct image *i, const struct listing *l)
{
	const char *name = l->names[0] ? reference_familiar(l->names[0]) : NULL;
	cleanup_free char *repository = NULL, *tag = NULL, *both = NULL;

	split_reference(i, &repository, &tag);
	both = xasprintf("%s:%s", repository, tag);
	return !name || !strcmp(name, repository) || !strcmp(name, both);
}

static void add_row(const struct image *i, const struct listing *l, struct strbuf *sb)
{
	cleanup_free char *repository = NULL, *tag = NULL, *id = shown_id(i, l);

	split_reference(i, &repository, &tag);
	sb_addf(sb, "%s\t%s\t%s\t", repository, tag, id);
	format_ago(sb, i->created);
	sb_addc(sb, '\t');
	format_size(sb, i->size);
	sb_addc(sb, '\n');
}

static void add_object(const struct image *i, const struct listing *l, struct strbuf *sb)
{
	cleanup_free char *repository = NULL, *tag = NULL, *id = shown_id(i, l),
			  *created = format_created(i->created);
	cleanup_sb struct strbuf ago = STRBUF_INIT, size = STRBUF_INIT;
	struct json j;

	split_reference(i, &repository, &tag);
	format_ago(&ago, i->created);
	format_size(&size, i->size);
	json_init(&j, sb);
	json_object(&j, NULL);
	json_string(&j, "CreatedAt", created);
	json_string(&j, "CreatedSince", sb_str(&ago));
	json_string(&j, "ID", id);
	json_string(&j, "Repository", repository);
	json_string(&j, "Size", sb_str(&size));
	json_string(&j, "Tag", tag);
	json_end(&j);
}

int verb_image_ls(struct client *cl, struct err *e)
{
	struct listing l;
	int rc = listing_begin(
		&l, cl, LISTING_IMAGES, "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE\n",
		"CreatedAt CreatedSince ID Repository Size Tag", NULL, 0, e);
	struct image *i;

	list_for_each (i, &images, node) {
		struct strbuf object = STRBUF_INIT;

		if (rc)
			break;
		if (!is_wanted(i, &l))
			continue;
		if (l.format) {
			add_object(i, &l, &object);
			listing_add(&l, &object, e);
		} else if (l.quiet) {
			cleanup_free char *id = shown_id(i, &l);

			sb_addf(&l.out, "%s\n", id);
		} else {
			add_row(i, &l, &l.rows);
		}
	}
	return listing_end(&l, cl, rc);
}
