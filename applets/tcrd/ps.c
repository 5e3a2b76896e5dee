/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `ps`. The filters are in ps_filter.c. */
//kbuild:obj-y += ps.o ps_filter.o
//verb:ps verb_ps List containers
//usage:[OPTIONS]
//usage:
//usage:  -a, --all                Also those that do not run
//usage:  -f, --filter KEY=VALUE   ancestor, before, exited, expose, id, label, name, network,
//usage:                           publish, since, status or volume
//usage:      --format json        One JSON object a line
//usage:  -n, --last N             The N newest, in any state
//usage:  -l, --latest             The newest
//usage:      --no-trunc           Do not shorten ids and commands
//usage:  -q, --quiet              Only ids
//usage:  -s, --size               Count the bytes of their files
#include <string.h>

#include "attach.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "format.h"
#include "image_record.h"
#include "json/json.h"
#include "labels.h"
#include "listing.h"
#include "match.h"
#include "ps.h"
#include "rpc.h"
#include "sizes.h"
#include "volume.h"

enum { COMMAND_WIDTH = 20 };

const struct image_facts *ps_facts(struct ps_row *r)
{
	struct ps_cache *cache = r->cache;
	struct err ignored;

	if (!cache->id || strcmp(cache->id, r->c->spec.image_id)) {
		image_facts_free(&cache->facts);
		image_read_all(r->c->spec.image_id, &cache->facts, &ignored);
		cache->id = r->c->spec.image_id;
	}
	return &cache->facts;
}

static void add_since(struct strbuf *sb, uint64_t when, const char *behind)
{
	format_duration(sb, (int64_t)(now_ms() - when) / 1000);
	sb_adds(sb, behind);
}

void ps_add_status(const struct container *c, struct strbuf *sb)
{
	enum state state = container_shown_state(c);

	if (state_is_up(state)) {
		sb_adds(sb, "Up ");
		add_since(sb, c->started_ms, state == ST_PAUSED ? " (Paused)" : "");
	} else if (state == ST_EXITED || state == ST_WAITING) {
		sb_addf(sb, "%s (%d) ", state == ST_WAITING ? "Restarting" : "Exited",
			c->exit_code);
		add_since(sb, c->finished_ms, " ago");
	} else {
		sb_adds(sb, state == ST_REMOVING ? "Removal In Progress" : "Created");
	}
}

void ps_add_command(struct ps_row *r, bool trunc, struct strbuf *sb)
{
	const struct spec *s = &r->c->spec;
	char *const *v = s->command;
	size_t start;

	if (!v && !s->entrypoint) {
		const struct image_config *i = &ps_facts(r)->config;

		v = i->entrypoint && *i->entrypoint ? i->entrypoint : i->command;
	}
	sb_addc(sb, '"');
	start = sb->len;
	if (s->entrypoint)
		sb_adds(sb, s->entrypoint);
	/* Nobody sees more. */
	for (; v && *v && (!trunc || sb->len - start <= COMMAND_WIDTH); v++) {
		if (sb->len > start)
			sb_addc(sb, ' ');
		sb_adds(sb, *v);
	}
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
}

static void add_size(const struct container *c, const struct listing *l, struct strbuf *sb)
{
	unsigned long long rw = 0, virtual = 0;

	if (l->size)
		container_sizes(c, &rw, &virtual);
	format_size(sb, rw);
	if (!l->size)
		return;
	sb_adds(sb, " (virtual ");
	format_size(sb, virtual);
	sb_addc(sb, ')');
}

static size_t id_len(const struct listing *l)
{
	return l->no_trunc ? ID_LEN : SHORT_ID_LEN;
}

static void add_row(struct ps_row *r, const struct listing *l, struct strbuf *sb)
{
	const struct container *c = r->c;

	sb_add(sb, c->id, id_len(l));
	sb_addc(sb, '\t');
	sb_adds(sb, c->spec.image);
	sb_addc(sb, '\t');
	ps_add_command(r, !l->no_trunc, sb);
	sb_addc(sb, '\t');
	format_ago(sb, atoll(c->spec.created));
	sb_addc(sb, '\t');
	ps_add_status(c, sb);
	sb_addc(sb, '\t');
	if (ENABLE_FEATURE_NETWORK) {
		publish_format(c, sb);
		sb_addc(sb, '\t');
	}
	sb_adds(sb, c->spec.name);
	if (l->size) {
		sb_addc(sb, '\t');
		add_size(c, l, sb);
	}
	sb_addc(sb, '\n');
}

/* Appends S to a list with commas. */
static void add_item(struct strbuf *sb, const char *s, size_t len)
{
	if (sb->len)
		sb_addc(sb, ',');
	sb_add(sb, s, len);
}

static void add_labels(struct ps_row *r, struct strbuf *sb)
{
	cleanup_strv char **labels = labels_merge(r->c, ps_facts(r));

	for (char **v = labels; *v; v++)
		add_item(sb, *v, strlen(*v));
}

static int add_mounts(const struct container *c, struct strbuf *sb)
{
	int named = 0;

	for (char *const *v = c->spec.volumes; v && *v; v++) {
		add_item(sb, *v, strcspn(*v, ":"));
		named += volume_is_named(*v);
	}
	return named;
}

static int add_network(void *sb, const char *name, const struct attach_wish *w, struct err *e)
{
	(void)w;
	(void)e;
	add_item(sb, name, strlen(name));
	return 0;
}

static void add_networks(const struct container *c, struct strbuf *sb)
{
	const struct spec *s = &c->spec;

	if (spec_network_mode(s) != NETWORK_BRIDGE)
		sb_adds(sb, s->networks ? s->networks[0] : "none");
	else
		attach_each_current(c, add_network, sb);
}

/* A string member, whose text is forgotten. */
static void flush(struct json *j, const char *key, struct strbuf *text)
{
	json_string(j, key, sb_str(text));
	sb_reset(text);
}

/* Docker's field names. */
static void add_object(struct ps_row *r, const struct listing *l, struct strbuf *out)
{
	const struct container *c = r->c;
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	cleanup_free char *created = format_created(atoll(c->spec.created)), *named = NULL;
	struct json j;

	json_init(&j, out);
	json_object(&j, NULL);
	ps_add_command(r, !l->no_trunc, &sb);
	flush(&j, "Command", &sb);
	json_string(&j, "CreatedAt", created);
	sb_add(&sb, c->id, id_len(l));
	flush(&j, "ID", &sb);
	json_string(&j, "Image", c->spec.image);
	add_labels(r, &sb);
	flush(&j, "Labels", &sb);
	named = xasprintf("%d", add_mounts(c, &sb));
	json_string(&j, "LocalVolumes", named);
	flush(&j, "Mounts", &sb);
	json_string(&j, "Names", c->spec.name);
	add_networks(c, &sb);
	flush(&j, "Networks", &sb);
	if (ENABLE_FEATURE_NETWORK)
		publish_format(c, &sb);
	flush(&j, "Ports", &sb);
	format_ago(&sb, atoll(c->spec.created));
	flush(&j, "RunningFor", &sb);
	add_size(c, l, &sb);
	flush(&j, "Size", &sb);
	json_string(&j, "State", state_name(container_shown_state(c)));
	ps_add_status(c, &sb);
	flush(&j, "Status", &sb);
	json_end(&j);
}

static void list(struct listing *l, long limit, struct err *e)
{
	struct ps_cache cache = { 0 };
	struct container *c;

	list_for_each (c, &containers, node) {
		struct ps_row r = { c, &cache };
		struct strbuf object = STRBUF_INIT;
		enum state state = container_shown_state(c);

		if ((!l->all && !state_is_up(state) && state != ST_WAITING) ||
			!match_all(l->filters, ps_keys, PS_KEYS, &r))
			continue;
		if (l->format) {
			add_object(&r, l, &object);
			listing_add(l, &object, e);
		} else if (l->quiet) {
			sb_add(&l->out, c->id, id_len(l));
			sb_addc(&l->out, '\n');
		} else {
			add_row(&r, l, &l->rows);
		}
		if (--limit == 0)
			break;
	}
	image_facts_free(&cache.facts);
}

/* With --size this runs in a child. */
struct job {
	struct listing *l;
	long limit;
};

static int list_in_child(struct client *cl, void *arg)
{
	struct job *job = arg;
	struct err e;

	list(job->l, job->limit, &e);
	if (listing_end(job->l, cl, 0))
		client_error(cl, &e);
	return cl->exit_code;
}

static int start(struct client *cl, struct listing *l, struct err *e)
{
	struct job job = { l, l->latest ? 1 : -1 };

	if (l->last && parse_int(l->last, -1, 1000000, &job.limit))
		return err_set(
			e, 0, "--last \"%.60s\" is not valid: a number is required", l->last);
	/* To ask for a state is to ask for those that do not run, too. */
	for (char *const *f = l->filters; f && *f; f++)
		l->all = l->all || match_prefix(*f, "status=");
	l->all = l->all || job.limit > 0;
	if (l->size && !l->quiet)
		return client_fork(cl, list_in_child, &job, e);
	list(l, job.limit, e);
	return 0;
}

int verb_ps(struct client *cl, struct err *e)
{
	struct listing l;
	int rc = listing_begin(&l, cl, LISTING_PS,
		ENABLE_FEATURE_NETWORK
			? "CONTAINER ID\tIMAGE\tCOMMAND\tCREATED\tSTATUS\tPORTS\tNAMES\n"
			: "CONTAINER ID\tIMAGE\tCOMMAND\tCREATED\tSTATUS\tNAMES\n",
		"Command CreatedAt ID Image Labels LocalVolumes Mounts Names Networks Ports RunningFor Size State Status",
		ps_keys, PS_KEYS, e);
	bool in_child = l.size && !l.quiet;

	if (in_child && l.rows.len) {
		l.rows.len--;
		sb_adds(&l.rows, "\tSIZE\n");
	}
	if (!rc)
		rc = start(cl, &l, e);
	if (in_child)
		sb_reset(&l.rows);
	return listing_end(&l, cl, rc);
}
