/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `logs`, and all who read a log: each takes the next piece when its client has taken the
 * last one. */
//kbuild:obj-$(CONFIG_FEATURE_LOGS) += logs.o
//verb:logs verb_logs Show what a container has printed
//usage:[OPTIONS] CONTAINER
//usage:
//usage:  -f, --follow             Go on with what it prints from now on
//usage:      --since TIME         From then on: 2026-01-31T12:00:00Z, seconds since 1970, or 10m (ago)
//usage:  -n, --tail N             The last N lines only, or all
//usage:  -t, --timestamps         Begin each line with the time when it came
//usage:      --until TIME         Until then
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/when.h"
#include "container.h"
#include "log.h"
#include "log_filter.h"
#include "log_live.h"
#include "rpc.h"

enum {
	PIECE = 16 * 1024, /* bytes that are printed at once */
	SCAN = 256 * 1024, /* bytes that are looked at, until others have their turn */
};

struct follower {
	struct stream stream;
	struct list node;
	struct timer until; /* when view.until_ms comes */
	struct log *log; /* NULL: what follows is not of interest any more */
	char id[ID_LEN + 1];
	struct log_view view;
	struct log_store end; /* where it ends, then */
	struct log_cursor at;
	struct log_reader reader;
	struct log_filter filter;
	bool counting; /* how many lines there are, to find the last ones */
	int exit_code;
};

static void free_follower(struct follower *f)
{
	if (f->log)
		list_remove(&f->node);
	timer_cancel(&f->until);
	reader_rest(&f->reader);
	free(f);
}

/* Everything that there is now is the rest. It is read even if it is removed meanwhile. */
static void finish(struct follower *f)
{
	f->end = f->log->store;
	reader_rest(&f->reader);
	f->reader.store = &f->end;
	reader_pin(&f->reader);
	f->end.dir = NULL;
	list_remove(&f->node);
	f->log = NULL;
}

void log_tell(struct log *l, bool ended, bool last)
{
	struct follower *f;

	list_for_each (f, &l->followers, node) {
		client_wake(f->stream.client);
		if (!last && !(ended && f->view.attach))
			continue;
		f->exit_code = f->view.attach ? l->container->exit_code : 0;
		finish(f);
	}
}

static void gone(struct stream *s)
{
	free_follower(container_of(s, struct follower, stream));
}

static void pass_signal(struct stream *s, int sig)
{
	struct follower *f = container_of(s, struct follower, stream);

	if (f->log)
		container_signal(f->log->container, sig);
}

static void print(struct follower *f, enum log_stream stream, const char *text, size_t len)
{
	cleanup_sb struct strbuf out = STRBUF_INIT;

	filter_show(&f->filter, stream, text, len, &out);
	if (stream == LOG_STDERR)
		client_print_error(f->stream.client, out.buf, out.len);
	else
		client_print(f->stream.client, out.buf, out.len);
}

static void begin(struct follower *f)
{
	const struct log_store *s = f->reader.store;

	f->at = (struct log_cursor){ .segment = s->first };
	filter_begin(&f->filter, s->first > 1);
}

/* Reads on for a while. Returns bytes > 0 if there may be more, 0 at the end, -1 if it is lost. */
static ssize_t advance(struct follower *f)
{
	cleanup_sb struct strbuf out = STRBUF_INIT;
	struct log_entry entry;
	char buf[4096];
	ssize_t n = 0;

	for (size_t looked = 0, shown = 0; looked < SCAN && shown < PIECE; looked += n) {
		uint32_t segment = f->at.segment;

		n = reader_next(&f->reader, &f->at, &entry, buf, sizeof(buf));
		if (n <= 0)
			break;
		if (segment && f->at.segment != segment)
			filter_uncut(&f->filter);
		sb_reset(&out);
		filter_add(&f->filter, &entry, buf, n, f->counting ? NULL : &out);
		if (out.len)
			print(f, entry.stream, out.buf, out.len);
		shown += out.len;
	}
	return n;
}

/* The last lines are those behind all others. */
static void counted(struct follower *f)
{
	f->counting = false;
	if (f->filter.lines > f->view.tail)
		f->filter.skip = f->filter.lines - f->view.tail;
	begin(f);
}

static void leave(struct follower *f, const struct err *e)
{
	struct client *cl = f->stream.client;

	for (int i = 0; i < LOG_STREAMS; i++)
		print(f, i, NULL, 0);
	if (e)
		client_error(cl, e);
	else
		cl->exit_code = f->exit_code;
	client_leave(&f->stream);
	free_follower(f);
}

static bool more(struct stream *s)
{
	struct follower *f = container_of(s, struct follower, stream);
	ssize_t n = advance(f);
	int reason = errno;
	struct err e;

	if (f->log)
		reader_rest(&f->reader);
	if (n < 0) {
		if (reason == ENOENT)
			err_set(&e, 0,
				"too slow for this log: what was to come next is overwritten");
		else
			err_set(&e, reason, "read the log");
		leave(f, &e);
		return false;
	}
	if (n == 0 && f->counting) {
		counted(f);
		return true;
	}
	if (n == 0 && !f->log)
		leave(f, NULL);
	return n > 0;
}

/* Neither runs, nor will do so by itself. */
static bool is_stopped(const struct container *c)
{
	return c->state == ST_CREATED || c->state == ST_EXITED || c->state == ST_REMOVING;
}

static bool store(struct stream *s, struct strbuf *out)
{
	const struct follower *f = container_of(s, struct follower, stream);

	sb_addf(out, "logs %d %s %d %d %d %d %ld %lld %lld %u %u %u %ld %ld", s->client->watch.fd,
		f->id, f->log != NULL, f->view.attach, f->view.timestamps, f->counting,
		f->view.tail, (long long)f->view.since_ms, (long long)f->view.until_ms,
		f->at.segment, f->at.entry, f->at.at, f->filter.skip, f->filter.lines);
	for (int i = 0; i < LOG_STREAMS; i++) {
		uint32_t rest;

		memcpy(&rest, f->filter.stream[i].rest, sizeof(rest));
		sb_addf(out, " %d %d %d %d %d %u", f->filter.stream[i].inside,
			f->filter.stream[i].skipped, f->filter.stream[i].cut,
			f->filter.stream[i].visible, f->filter.stream[i].nrest, rest);
	}
	sb_addc(out, '\n');
	return true;
}

static struct follower *new_follower(struct container *c, const struct log_view *view)
{
	struct follower *f = xcalloc(1, sizeof(*f));

	f->stream.gone = gone;
	f->stream.more = more;
	f->stream.store = store;
	f->stream.signal = view->attach ? pass_signal : NULL;
	f->view = *view;
	f->filter.timestamps = view->timestamps;
	f->filter.since_ms = view->since_ms;
	f->filter.until_ms = view->until_ms;
	memcpy(f->id, c->id, sizeof(f->id));
	f->log = log_of(c);
	list_append(&f->log->followers, &f->node);
	reader_open(&f->reader, &f->log->store);
	begin(f);
	return f;
}

/* The wall clock may have been set meanwhile. */
static void until_due(struct timer *t)
{
	struct follower *f = container_of(t, struct follower, until);
	int64_t rest = f->view.until_ms - when_now();

	if (!f->log)
		return;
	if (rest > 0) {
		timer_set(t, rest);
		return;
	}
	finish(f);
	client_wake(f->stream.client);
}

static void start(struct follower *f, struct client *cl)
{
	/* One that was attached may have the rest still to come, after SIGHUP. */
	if (f->view.attach)
		f->exit_code = f->log->container->exit_code;
	if (!f->view.follow || is_stopped(f->log->container))
		finish(f);
	client_join(cl, &f->stream);
	client_wake(cl);
	f->until.fire = until_due;
	if (f->view.until_ms != INT64_MAX)
		until_due(&f->until);
}

int log_send(struct client *cl, struct container *c, const struct log_view *view, struct err *e)
{
	struct follower *f;

	if (log_driver(&c->spec) != LOG_FILE)
		return err_set(e, 0,
			"the log driver \"%s\" of container \"%s\" does not support reading",
			c->spec.log_driver, c->spec.name);
	f = new_follower(c, view);
	for (int i = 0; i < LOG_STREAMS; i++)
		f->filter.stream[i].visible =
			!view->attach && isatty(cl->fds[TCR_FD_STDOUT + i]);
	if (view->from_now) {
		f->at = store_end(&f->log->store);
		filter_begin(&f->filter, false);
	}
	f->counting = view->tail >= 0;
	client_close_fds(cl);
	start(f, cl);
	return 0;
}

static void restore_stream(struct log_filter *f, int i, const int v[5], uint32_t rest)
{
	f->stream[i].inside = v[0];
	f->stream[i].skipped = v[1];
	f->stream[i].cut = v[2];
	f->stream[i].visible = v[3];
	f->stream[i].nrest = v[4] & 3;
	memcpy(f->stream[i].rest, &rest, sizeof(rest));
}

void log_restore(struct client *cl, char *line)
{
	struct log_view view = { 0 };
	struct log_cursor at;
	char id[ID_LEN + 1];
	int b[4], v[5], n;
	long skip, lines;
	uint32_t rest;
	struct follower *f;
	struct container *c;
	struct err e;

	if (sscanf(line, "%64s %d %d %d %d %ld %" SCNd64 " %" SCNd64 " %u %u %u %ld %ld%n", id,
		    &b[0], &b[1], &b[2], &b[3], &view.tail, &view.since_ms, &view.until_ms,
		    &at.segment, &at.entry, &at.at, &skip, &lines, &n) != 13 ||
		!(c = container_find(id, &e)))
		return;
	view.follow = b[0];
	view.attach = b[1];
	view.timestamps = b[2];
	f = new_follower(c, &view);
	f->counting = b[3];
	f->at = at;
	f->filter.skip = skip;
	f->filter.lines = lines;
	for (int i = 0; i < LOG_STREAMS; i++) {
		line += n;
		if (sscanf(line, "%d %d %d %d %d %u%n", v, v + 1, v + 2, v + 3, v + 4, &rest, &n) ==
			6)
			restore_stream(&f->filter, i, v, rest);
	}
	start(f, cl);
}

struct options {
	bool follow, timestamps;
	char *since, *until, *tail;
};

#define FIELD(f) offsetof(struct options, f)

static const struct opt options[] = {
	{ "follow", 'f', OPT_BOOL, false, FIELD(follow), NULL },
	{ "since", 0, OPT_STRING, false, FIELD(since), NULL },
	{ "tail", 'n', OPT_STRING, false, FIELD(tail), NULL },
	{ "timestamps", 't', OPT_BOOL, false, FIELD(timestamps), NULL },
	{ "until", 0, OPT_STRING, false, FIELD(until), NULL },
};

/* As docker does, what is below zero is all. */
static int parse_tail(const char *s, long *tail, struct err *e)
{
	*tail = -1;
	if (!s || !strcmp(s, "all") || !parse_int(s, INT32_MIN, INT32_MAX, tail))
		return 0;
	return err_set(e, 0, "--tail \"%.60s\": a number of lines, or all, is required", s);
}

static int parse_view(const struct options *o, struct log_view *view, struct err *e)
{
	int64_t now = when_now();

	*view = (struct log_view){
		.follow = o->follow,
		.timestamps = o->timestamps,
		.since_ms = INT64_MIN,
		.until_ms = INT64_MAX,
	};
	return parse_tail(o->tail, &view->tail, e) ||
			(o->since && when_parse(o->since, now, &view->since_ms, e)) ||
			(o->until && when_parse(o->until, now, &view->until_ms, e))
		? -1
		: 0;
}

/* Nothing is printed then, and nobody would know why. */
static void tell_if_none(struct client *cl, struct container *c)
{
	cleanup_free char *dir = log_path(c), *text = NULL;

	if (c->state == ST_CREATED || c->state == ST_STARTING || file_exists(AT_FDCWD, dir))
		return;
	text = xasprintf("tcr: container \"%s\" has no log: it has not run detached (-d) since "
			 "the host started\n",
		c->spec.name);
	client_print_error(cl, text, strlen(text));
}

int verb_logs(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	struct options o = { 0 };
	struct container *c;
	struct log_view view;
	int rc = opt_parse(options, ARRAY_SIZE(options), cl->argv + 1, 0, &o, NULL, &rest, e);

	if (!rc && (!rest[0] || rest[1]))
		rc = err_set(e, 0, "one container is required; see 'tcr logs --help'");
	if (!rc)
		rc = parse_view(&o, &view, e);
	opt_free(options, ARRAY_SIZE(options), &o);
	if (rc)
		return rc;
	c = container_find(rest[0], e);
	if (!c || log_send(cl, c, &view, e))
		return -1;
	tell_if_none(cl, c);
	return 0;
}
