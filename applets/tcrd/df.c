/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `system df`. */
//kbuild:obj-$(CONFIG_FEATURE_PRUNE) += df.o
//verb:system-df verb_system_df Show what images, containers and volumes take of the disk
//usage:[OPTIONS]
//usage:
//usage:      --format json        One JSON object a line
//usage:  -v, --verbose            Each of them
#include <fcntl.h>
#include <string.h>

#include "archive/copy.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/table.h"
#include "container.h"
#include "format.h"
#include "image.h"
#include "json/json.h"
#include "names.h"
#include "ps.h"
#include "rpc.h"
#include "sizes.h"
#include "volume.h"

struct options {
	bool verbose;
	char *format;
};

static const struct opt table[] = {
	{ "format", 0, OPT_STRING, false, offsetof(struct options, format), check_format },
	{ "verbose", 'v', OPT_BOOL, false, offsetof(struct options, verbose), NULL },
};

/* What is added up of a kind, and the rows of --verbose. */
struct sum {
	const char *type, *key, *columns;
	unsigned total, active;
	unsigned long long size, reclaimable;
	struct strbuf rows, objects;
};

static void count(struct sum *s, bool active, unsigned long long size)
{
	s->total++;
	s->active += active;
	s->size += size;
	s->reclaimable += active ? 0 : size;
}

static unsigned count_users(const char *image_id)
{
	struct container *c;
	unsigned n = 0;

	list_for_each (c, &containers, node)
		n += !strcmp(c->spec.image_id, image_id);
	return n;
}

static unsigned count_links(const char *volume)
{
	size_t len = strlen(volume);
	struct container *c;
	unsigned n = 0;

	list_for_each (c, &containers, node)
		for (char *const *v = c->spec.volumes; v && *v; v++)
			n += !strncmp(*v, volume, len) && (*v)[len] == ':';
	return n;
}

static struct json *open_object(struct sum *s, struct json *j)
{
	if (s->objects.len)
		sb_addc(&s->objects, ',');
	json_init(j, &s->objects);
	json_object(j, NULL);
	return j;
}

static void add_image(struct sum *s, const struct image *i)
{
	cleanup_free char *file = image_path(i->id, "image.sqfs"), *id = xstrndup(i->id, SHORT_ID_LEN);
	const char *name = i->reference ? reference_familiar(i->reference) : "<none>";
	unsigned long long size = tree_size(AT_FDCWD, file);
	cleanup_sb struct strbuf text = STRBUF_INIT;
	unsigned users = count_users(i->id);
	struct json j;

	count(s, users, size);
	format_size(&text, size);
	sb_addf(&s->rows, "%s\t%s\t", name, id);
	format_ago(&s->rows, i->created);
	sb_addf(&s->rows, "\t%s\t%u\n", sb_str(&text), users);
	open_object(s, &j);
	json_string(&j, "ID", id);
	json_string(&j, "Name", name);
	json_string(&j, "Size", sb_str(&text));
	json_uint(&j, "Containers", users);
	json_end(&j);
}

static void add_container(struct sum *s, struct ps_row *r)
{
	const struct container *c = r->c;
	cleanup_free char *id = xstrndup(c->id, SHORT_ID_LEN);
	cleanup_sb struct strbuf text = STRBUF_INIT, command = STRBUF_INIT, status = STRBUF_INIT;
	unsigned long long rw, all;
	unsigned volumes = 0;
	struct json j;

	for (char *const *v = c->spec.volumes; v && *v; v++)
		volumes += volume_is_named(*v);
	container_sizes(c, &rw, &all);
	count(s, state_is_up(c->state), rw);
	format_size(&text, rw);
	ps_add_command(r, true, &command);
	ps_add_status(c, &status);
	sb_addf(&s->rows, "%s\t%s\t%s\t%u\t%s\t", id, c->spec.image, sb_str(&command), volumes,
		sb_str(&text));
	format_ago(&s->rows, atoll(c->spec.created));
	sb_addf(&s->rows, "\t%s\t%s\n", sb_str(&status), c->spec.name);
	open_object(s, &j);
	json_string(&j, "Command", sb_str(&command));
	json_string(&j, "ID", id);
	json_string(&j, "Image", c->spec.image);
	json_uint(&j, "LocalVolumes", volumes);
	json_string(&j, "Names", c->spec.name);
	json_string(&j, "Size", sb_str(&text));
	json_string(&j, "State", state_name(container_shown_state(c)));
	json_string(&j, "Status", sb_str(&status));
	json_end(&j);
}

static int add_volume(int dirfd, const char *name, void *arg, struct err *e)
{
	cleanup_free char *data = xasprintf("%s/data", name);
	unsigned long long size = tree_size(dirfd, data);
	cleanup_sb struct strbuf text = STRBUF_INIT;
	unsigned links = count_links(name);
	struct sum *s = arg;
	struct json j;

	(void)e;
	count(s, links, size);
	format_size(&text, size);
	sb_addf(&s->rows, "%s\t%u\t%s\n", name, links, sb_str(&text));
	open_object(s, &j);
	json_uint(&j, "Links", links);
	json_string(&j, "Name", name);
	json_string(&j, "Size", sb_str(&text));
	json_end(&j);
	return 0;
}

static void format_reclaimable(const struct sum *s, struct strbuf *sb)
{
	format_size(sb, s->reclaimable);
	if (s->size)
		sb_addf(sb, " (%u%%)", (unsigned)(s->reclaimable * 100 / s->size));
}

static int add_summary(
	const struct sum *s, const char *format, struct strbuf *out, struct err *e)
{
	cleanup_sb struct strbuf size = STRBUF_INIT, reclaimable = STRBUF_INIT, object = STRBUF_INIT;
	cleanup_free char *total = xasprintf("%u", s->total), *active = xasprintf("%u", s->active);
	struct json j;

	format_size(&size, s->size);
	format_reclaimable(s, &reclaimable);
	if (!format) {
		sb_addf(out, "%s\t%s\t%s\t%s\t%s\n", s->type, total, active, sb_str(&size),
			sb_str(&reclaimable));
		return 0;
	}
	json_init(&j, &object);
	json_object(&j, NULL);
	json_string(&j, "Active", active);
	json_string(&j, "Reclaimable", sb_str(&reclaimable));
	json_string(&j, "Size", sb_str(&size));
	json_string(&j, "TotalCount", total);
	json_string(&j, "Type", s->type);
	json_end(&j);
	if (format_object(format, &object, e))
		return -1;
	sb_add(out, object.buf, object.len);
	return 0;
}

static void add_details(const struct sum *s, bool json, bool first, struct strbuf *out)
{
	cleanup_sb struct strbuf rows = STRBUF_INIT;

	if (json) {
		sb_addf(out, "%s\"%s\":[%s]", first ? "{" : ",", s->key, sb_str(&s->objects));
		return;
	}
	sb_addf(&rows, "%s%s", s->columns, sb_str(&s->rows));
	sb_addf(out, "%s%s space usage:\n\n", first ? "" : "\n", s->type);
	table_format(out, sb_str(&rows));
}

static int show(
	struct client *cl, const struct options *o, const struct sum *const *sums, struct err *e)
{
	cleanup_sb struct strbuf rows = STRBUF_INIT, out = STRBUF_INIT;
	bool table = !o->verbose && !o->format;

	if (table)
		sb_adds(&rows, "TYPE\tTOTAL\tACTIVE\tSIZE\tRECLAIMABLE\n");
	for (const struct sum *const *s = sums; *s; s++) {
		if (o->verbose)
			add_details(*s, o->format, s == sums, &out);
		else if (add_summary(*s, o->format, table ? &rows : &out, e))
			return -1;
	}
	if (o->verbose && o->format) {
		sb_addc(&out, '}');
		if (format_object(o->format, &out, e))
			return -1;
	}
	table_format(&out, sb_str(&rows));
	client_print(cl, out.buf, out.len);
	return 0;
}

/* In the child. */
static int df(struct client *cl, void *arg)
{
	struct sum
		i = { .type = "Images",
			.key = "Images",
			.columns = "NAME\tIMAGE ID\tCREATED\tSIZE\tCONTAINERS\n" },
		c = { .type = "Containers",
			.key = "Containers",
			.columns =
				"CONTAINER ID\tIMAGE\tCOMMAND\tLOCAL VOLUMES\tSIZE\tCREATED\tSTATUS\tNAMES\n" },
		v = { .type = "Local Volumes",
			.key = "Volumes",
			.columns = "VOLUME NAME\tLINKS\tSIZE\n" };
	const struct sum *sums[] = { &i, &c, ENABLE_FEATURE_VOLUME ? &v : NULL, NULL };
	struct ps_cache cache = { 0 };
	struct container *container;
	struct image *image;
	struct err e;

	list_for_each (image, &images, node)
		add_image(&i, image);
	list_for_each (container, &containers, node)
		add_container(&c, &(struct ps_row){ container, &cache });
	image_facts_free(&cache.facts);
	if ((ENABLE_FEATURE_VOLUME && volume_each(add_volume, &v, &e)) ||
		show(cl, arg, sums, &e)) {
		client_error(cl, &e);
		return e.exit_code;
	}
	return 0;
}

int verb_system_df(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	int rc = only_options(cl, table, ARRAY_SIZE(table), &o, e);

	if (!rc)
		rc = client_fork(cl, df, &o, e);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
