/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `ps`. */
//kbuild:obj-y += ps.o
//verb:ps verb_ps List containers
//usage:[OPTIONS]
//usage:
//usage:  -a, --all                Also those that do not run
//usage:      --format json        One JSON object a line
//usage:      --no-trunc           Do not shorten ids and commands
//usage:  -q, --quiet              Only ids
#include <string.h>

#include "attach.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/table.h"
#include "container.h"
#include "format.h"
#include "image.h"
#include "image_record.h"
#include "json/json.h"
#include "names.h"
#include "rpc.h"

enum { COMMAND_WIDTH = 20 };

struct options {
	bool all, quiet, no_trunc;
	char *format;
};

static const struct opt table[] = {
	{ "all", 'a', OPT_BOOL, false, offsetof(struct options, all), NULL },
	{ "format", 0, OPT_STRING, false, offsetof(struct options, format), check_format },
	{ "no-trunc", 0, OPT_BOOL, false, offsetof(struct options, no_trunc), NULL },
	{ "quiet", 'q', OPT_BOOL, false, offsetof(struct options, quiet), NULL },
};

static bool is_up(const struct container *c)
{
	return c->state == ST_RUNNING || c->state == ST_STOPPING;
}

static void format_status(const struct container *c, struct strbuf *sb)
{
	if (is_up(c)) {
		sb_adds(sb, "Up ");
		format_duration(sb, (now_ms() - c->started_ms) / 1000);
	} else if (c->state == ST_EXITED || c->state == ST_CLEANING) {
		sb_addf(sb, "Exited (%d) ", c->exit_code);
		format_duration(sb, (now_ms() - c->finished_ms) / 1000);
		sb_adds(sb, " ago");
	} else {
		sb_adds(sb, c->state == ST_REMOVING ? "Removal In Progress" : "Created");
	}
}

/* What the container runs, in quotes: without arguments of its own, what the image wants. */
static void format_command(const struct container *c, bool trunc, struct strbuf *sb)
{
	struct image_config config = { 0 };
	struct err ignored;
	char *const *v = c->spec.command;
	size_t start;

	if (!v && !c->spec.entrypoint && !image_read_config(c->spec.image_id, &config, &ignored))
		v = config.entrypoint && *config.entrypoint ? config.entrypoint : config.command;
	sb_addc(sb, '"');
	start = sb->len;
	if (c->spec.entrypoint)
		sb_adds(sb, c->spec.entrypoint);
	for (; v && *v; v++)
		sb_addf(sb, "%s%s", sb->len > start ? " " : "", *v);
	for (char *p = sb->buf + start; *p; p++)
		if (*p == '\t' || *p == '\n')
			*p = ' ';
	if (trunc && sb->len - start > COMMAND_WIDTH) {
		sb->len = start + COMMAND_WIDTH - 1;
		while ((sb->buf[sb->len] & 0xc0) == 0x80) /* not inside a character */
			sb->len--;
		sb_adds(sb, "…");
	}
	sb_addc(sb, '"');
	image_config_free(&config);
}

static void add_row(const struct container *c, const struct options *o, struct strbuf *sb)
{
	sb_addf(sb, "%.*s\t%s\t", o->no_trunc ? ID_LEN : SHORT_ID_LEN, c->id, c->spec.image);
	format_command(c, !o->no_trunc, sb);
	sb_addc(sb, '\t');
	format_ago(sb, atoll(c->spec.created));
	sb_addc(sb, '\t');
	format_status(c, sb);
	sb_addc(sb, '\t');
	if (ENABLE_FEATURE_NETWORK) {
		publish_format(c, sb);
		sb_addc(sb, '\t');
	}
	sb_addf(sb, "%s\n", c->spec.name);
}

/* Docker's field names. */
static void add_object(const struct container *c, const struct options *o, struct strbuf *sb)
{
	cleanup_sb struct strbuf command = STRBUF_INIT, status = STRBUF_INIT, ago = STRBUF_INIT,
				 ports = STRBUF_INIT;
	cleanup_free char *created = format_rfc3339(atoll(c->spec.created));
	cleanup_free char *id = xstrndup(c->id, o->no_trunc ? ID_LEN : SHORT_ID_LEN);
	struct json j;

	format_command(c, !o->no_trunc, &command);
	format_status(c, &status);
	format_ago(&ago, atoll(c->spec.created));
	json_init(&j, sb);
	json_object(&j, NULL);
	json_string(&j, "Command", sb_str(&command));
	json_string(&j, "CreatedAt", created);
	json_string(&j, "ID", id);
	json_string(&j, "Image", c->spec.image);
	json_string(&j, "Names", c->spec.name);
	if (ENABLE_FEATURE_NETWORK) {
		publish_format(c, &ports);
		json_string(&j, "Ports", sb_str(&ports));
	}
	json_string(&j, "RunningFor", sb_str(&ago));
	json_string(&j, "State", state_name(c->state));
	json_string(&j, "Status", sb_str(&status));
	json_end(&j);
	sb_addc(sb, '\n');
}

static void list(struct client *cl, const struct options *o)
{
	cleanup_sb struct strbuf rows = STRBUF_INIT, out = STRBUF_INIT;
	struct container *c;

	if (!o->quiet && !o->format)
		sb_adds(&rows,
			ENABLE_FEATURE_NETWORK
				? "CONTAINER ID\tIMAGE\tCOMMAND\tCREATED\tSTATUS\tPORTS\tNAMES\n"
				: "CONTAINER ID\tIMAGE\tCOMMAND\tCREATED\tSTATUS\tNAMES\n");
	list_for_each (c, &containers, node) {
		if (!o->all && !is_up(c))
			continue;
		if (o->format)
			add_object(c, o, &out);
		else if (o->quiet)
			sb_addf(&out, "%.*s\n", o->no_trunc ? ID_LEN : SHORT_ID_LEN, c->id);
		else
			add_row(c, o, &rows);
	}
	table_format(&out, sb_str(&rows));
	client_print(cl, out.buf, out.len);
}

int verb_ps(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	int rc = only_options(cl, table, ARRAY_SIZE(table), &o, e);

	if (!rc)
		list(cl, &o);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
