/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs `volume ls` and `volume inspect`. */
//kbuild:obj-$(CONFIG_FEATURE_VOLUME) += volume_ls.o
//verb:volume-ls verb_volume_ls List volumes
//usage:[OPTIONS]
//usage:
//usage:  -f, --filter KEY=VALUE   dangling=true|false, driver=, label=NAME[=VALUE], name=
//usage:      --format json        One JSON object a line
//usage:  -q, --quiet              Only names
//verb:volume-inspect verb_volume_inspect Show what is known of volumes, as JSON
//usage:VOLUME...
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/table.h"
#include "container.h"
#include "format.h"
#include "image_record.h"
#include "json/json.h"
#include "names.h"
#include "rpc.h"
#include "volume.h"

struct options {
	bool quiet;
	char *format;
	char **filters;
	struct strbuf rows, out;
};

static char *check_filter(const char *value, void *ctx, struct err *e)
{
	static const char *const keys[] = { "dangling=", "driver=", "label=", "name=" };

	(void)ctx;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strncmp(value, keys[i], strlen(keys[i])) && value[strlen(keys[i])])
			return xstrdup(value);
	err_set(e, 0,
		"--filter \"%.60s\" is not valid: dangling=true|false, driver=NAME, label=NAME[=VALUE] or name=TEXT",
		value);
	return NULL;
}

static const struct opt table[] = {
	{ "filter", 'f', OPT_LIST, false, offsetof(struct options, filters), check_filter },
	{ "format", 0, OPT_STRING, false, offsetof(struct options, format), check_format },
	{ "quiet", 'q', OPT_BOOL, false, offsetof(struct options, quiet), NULL },
};

static bool has_label(const struct volume *v, const char *wanted)
{
	cleanup_free char *key = xstrndup(wanted, strcspn(wanted, "="));
	const char *value = volume_label(v, key);

	return value && (!wanted[strlen(key)] || !strcmp(value, wanted + strlen(key) + 1));
}

static bool matches(const char *name, const struct volume *v, const char *filter)
{
	const char *value = strchr(filter, '=') + 1;

	switch (*filter == 'd' ? filter[1] : *filter) {
	case 'a': /* dangling */
		return (*value == 't' || *value == '1') == !volume_user(name);
	case 'r': /* driver */
		return !strcmp(value, "local");
	case 'l':
		return has_label(v, value);
	default:
		return strstr(name, value) != NULL;
	}
}

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
	sb_addc(sb, '\n');
}

static int add_volume(int dirfd, const char *name, void *arg, struct err *e)
{
	struct options *o = arg;
	struct volume v;
	bool wanted = volume_read(name, &v, e) == 0;

	(void)dirfd;
	for (char **f = o->filters; wanted && f && *f; f++)
		wanted = matches(name, &v, *f);
	if (wanted && o->format)
		add_object(name, &v, &o->out);
	else if (wanted && o->quiet)
		sb_addf(&o->out, "%s\n", name);
	else if (wanted)
		sb_addf(&o->rows, "local\t%s\n", name);
	volume_free(&v);
	return 0;
}

int verb_volume_ls(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	int rc = only_options(cl, table, ARRAY_SIZE(table), &o, e);

	if (!rc && !o.quiet && !o.format)
		sb_adds(&o.rows, "DRIVER\tVOLUME NAME\n");
	if (!rc)
		rc = volume_each(add_volume, &o, e);
	table_format(&o.out, sb_str(&o.rows));
	if (!rc)
		client_print(cl, o.out.buf, o.out.len);
	sb_free(&o.rows);
	sb_free(&o.out);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}

static int inspect(struct json *j, const char *name, struct err *e)
{
	cleanup_free char *data = volume_path(name, "data"), *created = NULL;
	struct volume v;
	int rc = volume_read(name, &v, e);

	if (rc)
		return rc;
	created = format_rfc3339(v.created);
	json_object(j, NULL);
	json_string(j, "CreatedAt", created);
	json_string(j, "Driver", "local");
	json_object(j, "Labels");
	for (char **l = v.labels; l && *l; l++) {
		cleanup_free char *key = xstrndup(*l, strcspn(*l, "="));

		json_string(j, key, *l + strlen(key) + 1);
	}
	json_end(j);
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
	cleanup_free char **names = NULL;
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct json j;
	int rc = opt_parse(NULL, 0, cl->argv + 1, 0, NULL, cl, &names, e);

	if (rc)
		return rc;
	if (!names[0])
		return err_set(
			e, 0, "at least one volume is required; see 'tcr volume inspect --help'");
	json_init(&j, &sb);
	json_array(&j, NULL);
	for (char **name = names; *name; name++)
		if (inspect(&j, *name, e))
			client_error(cl, e);
	json_end(&j);
	sb_addc(&sb, '\n');
	client_print(cl, sb.buf, sb.len);
	return 0;
}
