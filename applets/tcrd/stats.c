/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `stats`. It works in a copy of the daemon, which may wait for the client and for the
 * kernel (memory.stat takes its time), and needs no timer of the daemon's; what comes and goes
 * meanwhile it sees where the daemon keeps its records. */
//config:config FEATURE_STATS
//config:	bool "stats, top: what containers use, their processes (9.4 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_STATS) += stats.o
//verb:stats verb_stats Show what containers use, once a second
//usage:[OPTIONS] [CONTAINER...]
//usage:
//usage:  -a, --all                Also those that do not run
//usage:      --format json        One JSON object a line
//usage:      --no-stream          Only once
//usage:      --no-trunc           Do not shorten ids
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/process.h"
#include "base/table.h"
#include "container.h"
#include "format.h"
#include "json/json.h"
#include "names.h"
#include "rpc.h"
#include "steps.h"
#include "tcrd.h"
#include "usage.h"

/* The first figures come sooner: they need the time of two looks. */
enum { FIRST_MS = 500, PERIOD_MS = 1000 };

struct row {
	char id[ID_LEN + 1];
	char *name;              /* owned */
	struct timespec changed; /* the record, when the name was read */
	pid_t pid;               /* 0: it does not run */
	uint64_t cpu_ns, at_ns;  /* at the last look; at_ns 0: there was none */
	unsigned cpu;            /* hundredths of a percent of one CPU, since then */
	struct usage usage;
};

struct stats {
	bool all, no_stream, no_trunc;
	char *format;
	bool named; /* these containers and no others */
	bool clear; /* the screen */
	struct row *rows;
	size_t n;
};

static const struct opt table[] = {
	{ "all", 'a', OPT_BOOL, false, offsetof(struct stats, all), NULL },
	{ "format", 0, OPT_STRING, false, offsetof(struct stats, format), check_format },
	{ "no-stream", 0, OPT_BOOL, false, offsetof(struct stats, no_stream), NULL },
	{ "no-trunc", 0, OPT_BOOL, false, offsetof(struct stats, no_trunc), NULL },
};

static struct row *add_row(struct stats *s, const char *id)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->rows[i].id, id))
			return &s->rows[i];
	s->rows = xrealloc(s->rows, (s->n + 1) * sizeof(*s->rows));
	s->rows[s->n] = (struct row){ 0 };
	memcpy(s->rows[s->n].id, id, ID_LEN);
	return &s->rows[s->n++];
}

static int add_entry(int dirfd, const char *name, void *s, struct err *e)
{
	(void)dirfd;
	(void)e;
	if (strlen(name) == ID_LEN)
		add_row(s, name);
	return 0;
}

/* Looks at the record of a container; false if it is gone. */
static bool read_name(struct row *r)
{
	cleanup_free char *on_disk = data_path(r->id, "spec"), *on_tmpfs = run_path(r->id, "spec");
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	const char *path = on_disk;
	struct spec spec = { 0 };
	struct err ignored;
	struct stat st;

	if (stat(path, &st) < 0 && stat(path = on_tmpfs, &st) < 0)
		return false;
	if (!memcmp(&st.st_mtim, &r->changed, sizeof(r->changed)))
		return true;
	r->changed = st.st_mtim;
	if (!file_read(AT_FDCWD, path, TCR_SPEC_MAX, &sb, &ignored) &&
		!spec_load(&spec, sb_str(&sb), &ignored)) {
		free(r->name);
		r->name = steal_ptr(&spec.name);
	}
	spec_free(&spec);
	return r->name != NULL;
}

static void refresh(struct stats *s)
{
	struct err ignored;
	size_t kept = 0;

	if (!s->named) {
		cleanup_free char *disk = xasprintf("%s/containers", tcrd.root);
		cleanup_free char *tmpfs = xasprintf("%s/containers", tcrd.run_dir);

		dir_each(AT_FDCWD, disk, add_entry, s, &ignored);
		dir_each(AT_FDCWD, tmpfs, add_entry, s, &ignored);
	}
	for (size_t i = 0; i < s->n; i++) {
		cleanup_free char *path = xasprintf("%s/state/%s", tcrd.run_dir, s->rows[i].id);
		struct run_state state;

		if (!read_name(&s->rows[i])) {
			free(s->rows[i].name);
			continue;
		}
		s->rows[i].pid = run_state_read(AT_FDCWD, path, &state) ? state.pid : 0;
		s->rows[kept++] = s->rows[i];
	}
	s->n = kept;
}

static void note(struct row *r, const struct usage *u)
{
	struct timespec t;
	uint64_t now, past;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = t.tv_sec * 1000000000ull + t.tv_nsec;
	past = r->at_ns ? now - r->at_ns : 0;
	/* A second start begins with zero again. */
	r->cpu = past && u->cpu_ns > r->cpu_ns
		? (u->cpu_ns - r->cpu_ns) / 1000 * 10000 / (past / 1000)
		: 0;
	r->cpu_ns = u->cpu_ns;
	r->at_ns = r->pid ? now : 0;
	r->usage = *u;
}

static void measure(struct stats *s)
{
	cleanup_free struct meter *m = NULL;

	refresh(s);
	m = xcalloc(s->n + 1, sizeof(*m));
	for (size_t i = 0; i < s->n; i++)
		m[i] = (struct meter){ .id = s->rows[i].id, .pid = s->rows[i].pid };
	usage_measure(m, s->n);
	for (size_t i = 0; i < s->n; i++)
		note(&s->rows[i], &m[i].usage);
}

/* The cells of a row, in docker's order. */
enum { ID, NAME, CPU, MEMORY, MEMORY_PERCENT, NET, IO, PIDS, CELLS };
static const char titles[] =
	"CONTAINER ID\tNAME\tCPU %\tMEM USAGE / LIMIT\tMEM %\tNET I/O\tBLOCK I/O\tPIDS\n";
static const struct {
	const char *key;
	int cell;
} keys[] = { { "BlockIO", IO }, { "CPUPerc", CPU }, { "Container", ID }, { "ID", ID },
	{ "MemPerc", MEMORY_PERCENT }, { "MemUsage", MEMORY }, { "Name", NAME }, { "NetIO", NET },
	{ "PIDs", PIDS } };

static void add_pair(struct strbuf *sb, void (*format)(struct strbuf *sb, uint64_t bytes),
	uint64_t a, uint64_t b)
{
	format(sb, a);
	sb_adds(sb, " / ");
	format(sb, b);
}

static void fill_cells(const struct stats *s, const struct row *r, struct strbuf cells[CELLS])
{
	const struct usage *u = &r->usage;
	/* kibibytes, so that nothing overflows; rounded as docker does */
	uint64_t limit = (u->memory_limit >> 10) + !u->memory_limit;
	unsigned part = ((u->memory >> 10) * 10000 + limit / 2) / limit;

	sb_addf(&cells[ID], "%.*s", s->no_trunc ? ID_LEN : SHORT_ID_LEN, r->id);
	sb_adds(&cells[NAME], r->name);
	sb_addf(&cells[CPU], "%u.%02u%%", r->cpu / 100, r->cpu % 100);
	add_pair(&cells[MEMORY], format_memory, u->memory, u->memory_limit);
	sb_addf(&cells[MEMORY_PERCENT], "%u.%02u%%", part / 100, part % 100);
	add_pair(&cells[NET], format_size, u->net_rx, u->net_tx);
	add_pair(&cells[IO], format_size, u->io_read, u->io_write);
	sb_addf(&cells[PIDS], "%llu", (unsigned long long)u->pids);
}

static int add_text(const struct stats *s, const struct row *r, struct strbuf *rows,
	struct strbuf *objects, struct err *e)
{
	cleanup_sb struct strbuf object = STRBUF_INIT;
	struct strbuf cells[CELLS] = { 0 };
	struct json j;
	int rc = 0;

	fill_cells(s, r, cells);
	if (s->format) {
		json_init(&j, &object);
		json_object(&j, NULL);
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			json_string(&j, keys[i].key, sb_str(&cells[keys[i].cell]));
		json_end(&j);
		rc = format_object(s->format, &object, e);
		sb_adds(objects, sb_str(&object));
	}
	for (int i = 0; i < CELLS; i++) {
		sb_addf(rows, "%s%c", sb_str(&cells[i]), i == CELLS - 1 ? '\n' : '\t');
		sb_free(&cells[i]);
	}
	return rc;
}

/* Overwrites the last table, so that nothing flickers. */
static void over_screen(const char *text, struct strbuf *out)
{
	sb_adds(out, "\033[H");
	for (size_t len; *text; text += len + 1) {
		len = strcspn(text, "\n");
		sb_addf(out, "%.*s\033[K\n", (int)len, text);
	}
	sb_adds(out, "\033[J");
}

static int print(struct client *cl, const struct stats *s)
{
	cleanup_sb struct strbuf rows = STRBUF_INIT, out = STRBUF_INIT, screen = STRBUF_INIT;
	const struct strbuf *what = &out;
	struct err e;

	sb_adds(&rows, titles);
	for (size_t i = 0; i < s->n; i++)
		if ((s->rows[i].pid || s->all || s->named) &&
			add_text(s, &s->rows[i], &rows, &out, &e)) {
			client_error(cl, &e);
			return -1;
		}
	if (!s->format)
		table_format(&out, sb_str(&rows));
	if (s->clear && !s->format) {
		over_screen(sb_str(&out), &screen);
		what = &screen;
	}
	return fd_write_all(cl->fds[TCR_FD_STDOUT], sb_str(what), what->len);
}

static void advance(struct timespec *t, long ms)
{
	t->tv_nsec += ms * 1000000;
	t->tv_sec += t->tv_nsec / 1000000000;
	t->tv_nsec %= 1000000000;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, t, NULL) == EINTR)
		;
}

/* In the copy. */
static int stats_work(struct client *cl, void *arg)
{
	struct stats *s = arg;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	measure(s);
	for (long pause = FIRST_MS;; pause = PERIOD_MS) {
		advance(&next, pause);
		measure(s);
		if (print(cl, s) || s->no_stream || (s->named && !s->n))
			return cl->exit_code;
	}
}

static int take_names(struct stats *s, char *const *names, struct err *e)
{
	struct container *c;

	s->named = *names != NULL;
	for (; *names; names++) {
		if (!(c = container_find(*names, e)))
			return -1;
		add_row(s, c->id);
	}
	/* Others that come later go behind them. */
	if (!s->named)
		list_for_each (c, &containers, node)
			add_row(s, c->id);
	return 0;
}

int verb_stats(struct client *cl, struct err *e)
{
	cleanup_free char **names = NULL;
	struct stats s = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &s, cl, &names, e);

	if (!rc)
		rc = take_names(&s, names, e);
	s.clear = !s.no_stream && isatty(cl->fds[TCR_FD_STDOUT]);
	if (!rc)
		rc = client_fork(cl, stats_work, &s, e);
	free(s.rows);
	opt_free(table, ARRAY_SIZE(table), &s);
	return rc;
}
