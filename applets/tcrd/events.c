/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `events`: what has happened, and what happens from now on. */
//kbuild:obj-$(CONFIG_FEATURE_EVENTS) += events.o
//verb:events verb_events Show what happens to containers, images, networks and volumes
//usage:[OPTIONS]
//usage:
//usage:  -f, --filter KEY=VALUE   container, event, image, label, network, type or volume
//usage:      --format json        One JSON object a line
//usage:      --since TIME         Begin with the events from then on that are still known
//usage:      --until TIME         End then
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/when.h"
#include "event.h"
#include "format.h"
#include "handover.h"
#include "json/json.h"
#include "match.h"
#include "names.h"
#include "rpc.h"

enum {
	CHUNK = 4096,        /* printed at a time, and a little more */
	ATTRIBUTES_MAX = 64, /* that are sorted; the others follow */
};

struct options {
	char *format, *since, *until;
	char **filters;
};

struct follower {
	struct list node;
	struct stream stream;
	struct timer end;
	struct options o;
	int64_t since_ms, until_ms; /* since 1970 */
	uint64_t cursor;
	int rc; /* not 0: it is done, or WHY */
	struct err why;
};

static struct list followers = LIST_INIT(followers);

static const char *attribute(const struct event_record *ev, const char *key)
{
	for (const char *k = ev->attributes; *k;) {
		const char *value = k + strlen(k) + 1;

		if (!strcmp(k, key))
			return value;
		k = value + strlen(value) + 1;
	}
	return "";
}

static bool is_type(const struct event_record *ev, const char *type, const char *value)
{
	return !strcmp(ev->type, type) &&
		(match_prefix(ev->id, value) || match_prefix(attribute(ev, "name"), value));
}

static bool match_container(const void *object, const char *value)
{
	return is_type(object, "container", value);
}

/* "exec_create: sh" is an exec_create. */
static bool match_event(const void *object, const char *value)
{
	const char *action = ((const struct event_record *)object)->action;
	size_t len = strlen(value);

	return !strncmp(action, value, len) && (!action[len] || action[len] == ':');
}

static bool match_image(const void *object, const char *value)
{
	const struct event_record *ev = object;

	return is_type(ev, "image", value) || match_prefix(attribute(ev, "image"), value);
}

static bool match_label(const void *object, const char *value)
{
	cleanup_free char *key = xstrndup(value, strcspn(value, "="));
	const char *wanted = value[strlen(key)] ? value + strlen(key) + 1 : NULL;

	for (const char *k = ((const struct event_record *)object)->attributes; *k;) {
		const char *v = k + strlen(k) + 1;

		if (!strcmp(k, key))
			return !wanted || !strcmp(v, wanted);
		k = v + strlen(v) + 1;
	}
	return false;
}

static bool match_network(const void *object, const char *value)
{
	return is_type(object, "network", value);
}

static bool match_type(const void *object, const char *value)
{
	return !strcmp(((const struct event_record *)object)->type, value);
}

static bool match_volume(const void *object, const char *value)
{
	return is_type(object, "volume", value);
}

static const struct match_key keys[] = {
	{ "container", false, match_container, NULL, NULL },
	{ "event", false, match_event, NULL, NULL },
	{ "image", false, match_image, NULL, NULL },
	{ "label", true, match_label, NULL, NULL },
	{ "network", false, match_network, NULL, NULL },
	{ "type", false, match_type, "container, image, network, volume", NULL },
	{ "volume", false, match_volume, NULL, NULL },
};

static char *check_filter(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	return match_check(value, keys, ARRAY_SIZE(keys), e);
}

static const struct opt table[] = {
	{ "filter", 'f', OPT_LIST, false, offsetof(struct options, filters), check_filter },
	{ "format", 0, OPT_STRING, false, offsetof(struct options, format), check_format },
	{ "since", 0, OPT_STRING, false, offsetof(struct options, since), NULL },
	{ "until", 0, OPT_STRING, false, offsetof(struct options, until), NULL },
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys of the attributes in docker's order. */
static size_t sort_attributes(const struct event_record *ev, const char *sorted[ATTRIBUTES_MAX])
{
	size_t n = 0;

	for (const char *k = ev->attributes; *k && n < ATTRIBUTES_MAX;) {
		sorted[n++] = k;
		k += strlen(k) + 1;
		k += strlen(k) + 1;
	}
	qsort(sorted, n, sizeof(*sorted), compare);
	return n;
}

static void format_line(const struct event_record *ev, struct strbuf *sb)
{
	const char *sorted[ATTRIBUTES_MAX];
	size_t n = sort_attributes(ev, sorted);

	when_format(sb, ev->ms);
	sb_addf(sb, " %s %s %s (", ev->type, ev->action, ev->id);
	for (size_t i = 0; i < n; i++)
		sb_addf(sb, "%s%s=%s", i ? ", " : "", sorted[i], sorted[i] + strlen(sorted[i]) + 1);
	sb_adds(sb, ")");
}

static void format_event(const struct event_record *ev, struct strbuf *sb)
{
	const char *sorted[ATTRIBUTES_MAX];
	size_t n = sort_attributes(ev, sorted);
	bool is_container = match_type(ev, "container");
	struct json j;

	json_init(&j, sb);
	json_object(&j, NULL);
	if (is_container || match_type(ev, "image")) {
		json_string(&j, "status", ev->action);
		json_string(&j, "id", ev->id);
	}
	if (is_container)
		json_string(&j, "from", attribute(ev, "image"));
	json_string(&j, "Type", ev->type);
	json_string(&j, "Action", ev->action);
	json_object(&j, "Actor");
	json_string(&j, "ID", ev->id);
	json_object(&j, "Attributes");
	for (size_t i = 0; i < n; i++)
		json_string(&j, sorted[i], sorted[i] + strlen(sorted[i]) + 1);
	json_end(&j);
	json_end(&j);
	json_string(&j, "scope", "local");
	json_int(&j, "time", ev->ms / 1000);
	json_int(&j, "timeNano", ev->ms * 1000000);
	json_end(&j);
}

static int print(struct follower *f, const struct event_record *ev, struct err *e)
{
	cleanup_sb struct strbuf line = STRBUF_INIT;

	if (!f->o.format)
		format_line(ev, &line);
	else
		format_event(ev, &line);
	if (format_object(f->o.format, &line, e))
		return -1;
	client_print(f->stream.client, line.buf, line.len);
	return 0;
}

static void free_follower(struct follower *f)
{
	timer_cancel(&f->end);
	list_remove(&f->node);
	opt_free(table, ARRAY_SIZE(table), &f->o);
	free(f);
}

static void gone(struct stream *s)
{
	free_follower(container_of(s, struct follower, stream));
}

static void leave(struct follower *f)
{
	if (f->rc < 0)
		client_error(f->stream.client, &f->why);
	client_leave(&f->stream);
	free_follower(f);
}

/* Returns 0, 1 if it is done, or -1 with E filled. */
static int try_print(struct follower *f, struct err *e)
{
	for (size_t n = 0; f->cursor < event_newest() && n < CHUNK;) {
		struct event_record ev;

		event_read(f->cursor, &ev);
		if (ev.ms > f->until_ms)
			return 1;
		n += ev.next - f->cursor;
		f->cursor = ev.next;
		if (ev.ms >= f->since_ms && match_all(f->o.filters, keys, ARRAY_SIZE(keys), &ev) &&
			print(f, &ev, e))
			return -1;
	}
	return f->cursor == event_newest() && when_now() >= f->until_ms;
}

/* Prints a piece of what there is; false if there is no more. */
static bool print_some(struct follower *f)
{
	if (!f->rc)
		f->rc = try_print(f, &f->why);
	return !f->rc && f->cursor < event_newest();
}

static bool more(struct stream *s)
{
	struct follower *f = container_of(s, struct follower, stream);
	bool rest = print_some(f);

	if (f->rc)
		leave(f);
	return rest;
}

void events_forget(uint64_t oldest)
{
	struct follower *f;

	list_for_each (f, &followers, node) {
		while (f->cursor < oldest && !f->stream.client->queue.len && print_some(f))
			;
		if (f->cursor < oldest && !f->rc)
			f->rc = err_set(&f->why, 0,
				"events: this reader is too slow: some events are lost");
		if (f->rc)
			leave(f);
	}
}

/* The wall clock may have been set meanwhile. */
static void end_due(struct timer *t)
{
	struct follower *f = container_of(t, struct follower, end);
	int64_t rest = f->until_ms - when_now();

	if (rest > 0)
		timer_set(t, rest);
	client_wake(f->stream.client);
}

void events_happened(void)
{
	struct follower *f;

	list_for_each (f, &followers, node)
		client_wake(f->stream.client);
}

void events_end(void)
{
	struct follower *f;

	list_for_each (f, &followers, node) {
		while (print_some(f))
			;
		if (!f->rc)
			f->rc = err_set(&f->why, 0, "events: tcrd ends");
		leave(f);
	}
}

static int parse(struct client *cl, struct follower *f, struct err *e)
{
	int64_t now = when_now();
	int rc = only_options(cl, table, ARRAY_SIZE(table), &f->o, e);

	f->since_ms = INT64_MIN;
	f->until_ms = INT64_MAX;
	if (rc)
		return rc;
	f->cursor = f->o.since ? event_oldest() : event_newest();
	return (f->o.since && when_parse(f->o.since, now, &f->since_ms, e)) ||
			(f->o.until && when_parse(f->o.until, now, &f->until_ms, e))
		? -1
		: 0;
}

static void emit_word(const char *arg, void *out)
{
	sb_addc(out, ' ');
	handover_put(out, arg, strlen(arg));
}

/* Its options, and what their times mean. All that has happened is queued, even for one that reads
 * slowly. */
static bool store(struct stream *s, struct strbuf *out)
{
	struct follower *f = container_of(s, struct follower, stream);

	while (print_some(f))
		;
	if (f->rc)
		return false;
	sb_addf(out, "events %d %lld %lld", s->client->watch.fd, (long long)f->since_ms,
		(long long)f->until_ms);
	opt_emit(table, ARRAY_SIZE(table), &f->o, emit_word, out);
	sb_addc(out, '\n');
	return true;
}

static int follow(struct client *cl, struct err *e)
{
	struct follower *f = xcalloc(1, sizeof(*f));
	int rc;

	list_init(&f->node);
	rc = parse(cl, f, e);
	if (rc) {
		free_follower(f);
		return rc;
	}
	list_append(&followers, &f->node);
	f->stream.gone = gone;
	f->stream.more = more;
	f->stream.store = ENABLE_FEATURE_RELOAD ? store : NULL;
	f->end.fire = end_due;
	client_join(cl, &f->stream);
	if (f->o.until)
		end_due(&f->end);
	else
		client_wake(cl);
	return 0;
}

void events_restore(struct client *cl, char *line)
{
	cleanup_strv char **argv = NULL;
	char **own = cl->argv;
	struct follower *f;
	int64_t since, until;
	bool told; /* an older program has not */
	int n = 0;
	struct err e;

	told = sscanf(line, "%" SCNd64 " %" SCNd64 "%n", &since, &until, &n) == 2;
	line += n;
	strv_append(&argv, "events");
	for (char *word; (word = strsep(&line, " "));) {
		cleanup_sb struct strbuf arg = STRBUF_INIT;

		handover_take(word, &arg);
		if (arg.len)
			strv_append(&argv, arg.buf);
	}
	cl->argv = argv;
	if (follow(cl, &e)) {
		client_error(cl, &e);
	} else {
		f = container_of(cl->stream, struct follower, stream);
		if (told) {
			f->since_ms = since;
			f->until_ms = until;
		}
		f->cursor = event_oldest() > EVENT_FIRST ? event_oldest() : EVENT_FIRST;
		if (f->o.until)
			end_due(&f->end);
	}
	cl->argv = own;
}

int verb_events(struct client *cl, struct err *e)
{
	return follow(cl, e);
}
