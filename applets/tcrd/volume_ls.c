/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs `volume ls` and `volume inspect`. */
//kbuild:obj-$(CONFIG_FEATURE_VOLUME) += volume_ls.o inspect_verb.o
//verb:volume-ls verb_volume_ls List volumes
//usage:[OPTIONS]
//usage:
//usage:  -f, --filter KEY=VALUE   dangling=true|false, driver, label=NAME[=VALUE] or name
//usage:      --format json        One JSON object a line
//usage:  -q, --quiet              Only names
//verb:volume-inspect verb_volume_inspect Show what is known of volumes, as JSON
//usage:[OPTIONS] VOLUME...
//usage-FEATURE_INSPECT:
//usage-FEATURE_INSPECT:  -f, --format TEXT        json on one line, or text with {{.A.B}} or {{json .A}} in it
#include <string.h>

#include "base/mem.h"
#include "container.h"
#include "image_record.h"
#include "inspect.h"
#include "json/json.h"
#include "labels.h"
#include "listing.h"
#include "match.h"
#include "rpc.h"
#include "volume.h"

struct named_volume {
	const char *name;
	struct volume v;
};

static bool match_dangling(const void *object, const char *value)
{
	const struct named_volume *n = object;

	return (*value == 't' || *value == '1') == !volume_user(n->name);
}

static bool match_driver(const void *object, const char *value)
{
	(void)object;
	return !strcmp(value, "local");
}

static bool match_label(const void *object, const char *value)
{
	return labels_match(((const struct named_volume *)object)->v.labels, value);
}

static bool match_own_name(const void *object, const char *value)
{
	return match_name(((const struct named_volume *)object)->name, value);
}

static const struct match_key keys[] = {
	{ "dangling", false, match_dangling, "true, false, 1, 0", NULL },
	{ "driver", false, match_driver, NULL, NULL },
	{ "label", true, match_label, NULL, NULL },
	{ "name", false, match_own_name, NULL, match_check_name },
};

/* Docker's field names. */
static void add_object(const char *name, const struct volume *v, struct strbuf *sb)
{
	cleanup_free char *data = volume_path(name, "data");
	cleanup_sb struct strbuf labels = STRBUF_INIT;
	struct json j;

	for (char **l = v->labels; l && *l; l++)
		sb_addf(&labels, "%s%s", labels.len ? "," : "", *l);
	json_init(&j, sb);
	json_object(&j, NULL);
	json_string(&j, "Driver", "local");
	json_string(&j, "Labels", sb_str(&labels));
	json_string(&j, "Mountpoint", data);
	json_string(&j, "Name", name);
	json_string(&j, "Scope", "local");
	json_end(&j);
}

static int add_volume(int dirfd, const char *name, void *arg, struct err *e)
{
	struct strbuf object = STRBUF_INIT;
	struct named_volume n = { .name = name };
	struct listing *l = arg;
	bool wanted = volume_read(name, &n.v, e) == 0 &&
		match_all(l->filters, keys, ARRAY_SIZE(keys), &n);

	(void)dirfd;
	if (wanted && l->format) {
		add_object(name, &n.v, &object);
		listing_add(l, &object, e);
	} else if (wanted && l->quiet) {
		sb_addf(&l->out, "%s\n", name);
	} else if (wanted) {
		sb_addf(&l->rows, "local\t%s\n", name);
	}
	volume_free(&n.v);
	return l->failed ? -1 : 0;
}

int verb_volume_ls(struct client *cl, struct err *e)
{
	struct listing l;
	int rc = listing_begin(
		&l, cl, LISTING_FILTER, "DRIVER\tVOLUME NAME\n",
		"Driver Labels Mountpoint Name Scope", keys, ARRAY_SIZE(keys), e);

	if (!rc)
		rc = volume_each(add_volume, &l, e);
	return listing_end(&l, cl, rc);
}

int inspect_volume(struct json *j, const char *name, const struct inspect_options *o, struct err *e)
{
	cleanup_free char *data = volume_path(name, "data"), *created = NULL;
	struct volume v;

	(void)o;
	if (volume_read(name, &v, e)) {
		volume_free(&v);
		return 1;
	}
	created = format_rfc3339(v.created);
	json_object(j, NULL);
	json_string(j, "CreatedAt", created);
	json_string(j, "Driver", "local");
	inspect_labels(j, "Labels", v.labels);
	json_string(j, "Mountpoint", data);
	json_string(j, "Name", name);
	json_null(j, "Options");
	json_string(j, "Scope", "local");
	json_end(j);
	volume_free(&v);
	return 0;
}

int verb_volume_inspect(struct client *cl, struct err *e)
{
	static const struct inspect_kind volume = { "volume", inspect_volume };

	return inspect_verb(cl, &volume, 1, 1, e);
}
