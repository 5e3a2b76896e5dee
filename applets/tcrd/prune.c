/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs that prune. */
//config:config FEATURE_PRUNE
//config:	bool "prune, system df: remove what nobody needs, show what takes space (9 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_PRUNE) += prune.o
//verb:container-prune verb_container_prune Remove all stopped containers
//usage:[OPTIONS]
//usage:
//usage:      --filter KEY=VALUE   until=TIME, label=NAME[=VALUE], label!=NAME[=VALUE]
//usage:  -f, --force              Do not ask
//verb:image-prune verb_image_prune Remove images that have no name and no container
//usage:[OPTIONS]
//usage:
//usage:  -a, --all                Also those with a name
//usage:      --filter KEY=VALUE   until=TIME, label=NAME[=VALUE], label!=NAME[=VALUE]
//usage:  -f, --force              Do not ask
//verb:volume-prune verb_volume_prune Remove volumes that were made without a name and have no container
//usage:[OPTIONS]
//usage:
//usage:  -a, --all                Also those with a name
//usage:      --filter KEY=VALUE   label=NAME[=VALUE], label!=NAME[=VALUE]
//usage:  -f, --force              Do not ask
//verb:system-prune verb_system_prune Remove stopped containers, and the networks and images nobody needs
//usage:[OPTIONS]
//usage:
//usage:  -a, --all                All images without a container, not only those without a name
//usage:      --filter KEY=VALUE   until=TIME, label=NAME[=VALUE], label!=NAME[=VALUE]
//usage:  -f, --force              Do not ask
//usage:      --volumes            Also volumes that were made without a name
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/when.h"
#include "names.h"
#include "prune.h"
#include "rpc.h"

#define FIELD(f) offsetof(struct prune_options, f)

/* What is older than a point in time is pruned: that is found out now. */
static char *check_filter(const char *value, void *ctx, struct err *e)
{
	int64_t ms;

	(void)ctx;
	if ((!strncmp(value, "label=", 6) && value[6]) ||
		(!strncmp(value, "label!=", 7) && value[7]))
		return xstrdup(value);
	if (!strncmp(value, "until=", 6))
		return when_parse(value + 6, when_now(), &ms, e)
			? NULL
			: xasprintf("until=%lld", (long long)(ms / 1000));
	err_set(e, 0,
		"--filter \"%.60s\" is not valid: until=TIME, label=NAME[=VALUE] or label!=...",
		value);
	return NULL;
}

/* Each verb knows a few of them. */
static const struct opt table[] = {
	{ "filter", 0, OPT_LIST, false, FIELD(filters), check_filter },
	{ "force", 'f', OPT_BOOL, false, FIELD(force), NULL },
	{ "all", 'a', OPT_BOOL, false, FIELD(all), NULL },
	{ "volumes", 0, OPT_BOOL, false, FIELD(volumes), NULL },
};

static const size_t options_of[PRUNE_KINDS + 1] = { [PRUNE_CONTAINERS] = 2,
	[PRUNE_NETWORKS] = 2,
	[PRUNE_VOLUMES] = 3,
	[PRUNE_IMAGES] = 3,
	[PRUNE_KINDS] = 4 };

/* Docker's words; the second ones with --all. */
static const char *const warnings[PRUNE_KINDS][2] = {
	[PRUNE_CONTAINERS] = { "all stopped containers" },
	[PRUNE_NETWORKS] = { "all networks not used by at least one container" },
	[PRUNE_VOLUMES] = { "anonymous volumes not used by at least one container",
		"all volumes not used by at least one container" },
	[PRUNE_IMAGES] = { "all dangling images",
		"all images without at least one container associated to them" },
};

struct prune {
	struct child child;
	struct client *client;
	struct prune_options o;
	enum prune_kind kind;
	unsigned kinds; /* bits */
	int found;      /* memfd: what the child has found */
};

static void write_warning(const struct prune *p, struct strbuf *sb)
{
	bool system = p->kind == PRUNE_KINDS;

	sb_adds(sb, system ? "WARNING! This will remove:\n" : "WARNING! This will remove ");
	for (int k = 0; k < PRUNE_KINDS; k++) {
		bool all = p->o.all && (k == PRUNE_IMAGES || !system);
		const char *text = warnings[k][all && warnings[k][1] ? 1 : 0];

		if (p->kinds & 1U << k)
			sb_addf(sb, system ? "  - %s\n" : "%s.\n", text);
	}
	sb_adds(sb,
		system ? "\nAre you sure you want to continue? [y/N] "
		       : "Are you sure you want to continue? [y/N] ");
}

enum answer { YES, NO, NOBODY };

/* Whoever answers may be a program; who has nothing to say has not been asked. */
static enum answer ask(const struct prune *p)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	const int *fds = p->client->fds;
	char first = 0, c = 0;
	bool answered;

	write_warning(p, &sb);
	fd_write_all(fds[TCR_FD_STDOUT], sb.buf, sb.len);
	answered = fd_read_full(fds[TCR_FD_STDIN], &first, 1) == 1;
	for (c = first; answered && c != '\n' && fd_read_full(fds[TCR_FD_STDIN], &c, 1) == 1;)
		;
	/* A terminal shows the line break that was typed. */
	if (!answered || !isatty(fds[TCR_FD_STDIN]))
		fd_write_all(fds[TCR_FD_STDOUT], "\n", 1);
	if (!answered)
		return NOBODY;
	return first == 'y' || first == 'Y' ? YES : NO;
}

/* In the child. */
static int look(void *arg)
{
	struct prune *p = arg;
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	enum answer answer = p->o.force ? YES : ask(p);

	if (answer != YES)
		return answer;
	prune_find(p->kinds, &p->o, &sb);
	return fd_write_all(p->found, sb.buf, sb.len) < 0 ? NOBODY + 1 : YES;
}

static void free_prune(struct prune *p)
{
	if (p->found >= 0)
		close(p->found);
	opt_free(table, ARRAY_SIZE(table), &p->o);
	free(p);
}

static void looked(struct child *child, int status)
{
	struct prune *p = container_of(child, struct prune, child);
	cleanup_sb struct strbuf text = STRBUF_INIT;
	struct client *cl = p->client;
	struct err e;

	cl->worker = NULL;
	if (status_exit_code(status) == NOBODY)
		err_set(&e, 0, "nobody has answered: use --force where nobody can");
	else if (status_exit_code(status) > NOBODY)
		client_worker_died(cl, status, &e);
	else if (lseek(p->found, 0, SEEK_SET) < 0 || fd_read_all(p->found, 1 << 30, &text) < 0)
		err_set(&e, errno, "read what was found");
	else
		e.exit_code = 0;
	if (e.exit_code)
		client_error(cl, &e);
	else
		prune_apply(cl, &p->o, text.len ? text.buf : (char[]){ "" },
			p->kind != PRUNE_NETWORKS);
	free_prune(p);
	client_release(cl);
}

static int start(struct client *cl, struct prune *p, struct err *e)
{
	const int *fds = cl->fds;

	if (p->kind != PRUNE_KINDS)
		p->kinds = 1U << p->kind;
	else
		p->kinds = 1U << PRUNE_CONTAINERS | 1U << PRUNE_IMAGES |
			(ENABLE_FEATURE_NETWORK ? 1U << PRUNE_NETWORKS : 0) |
			(p->o.volumes ? 1U << PRUNE_VOLUMES : 0);
	if ((p->kinds & 1U << PRUNE_VOLUMES) && !ENABLE_FEATURE_VOLUME)
		return err_set(e, 0, "this tcrd is built without volumes");
	for (char **f = p->o.filters; f && *f; f++)
		if (**f == 'u' && (p->kinds & 1U << PRUNE_VOLUMES))
			return err_set(e, 0, "the filter until is not for volumes");
	p->found = memfd_create("prune", MFD_CLOEXEC);
	if (p->found < 0)
		return err_set(e, errno, "memfd_create");
	p->child.ended = looked;
	p->client = cl;
	if (child_fork(&p->child, look, p,
		    (int[]){ fds[TCR_FD_STDIN], fds[TCR_FD_STDOUT], p->found }, 3, e))
		return -1;
	client_hold(cl);
	cl->worker = &p->child;
	client_close_fds(cl);
	return 0;
}

int prune_verb(struct client *cl, enum prune_kind kind, struct err *e)
{
	struct prune *p = xcalloc(1, sizeof(*p));
	int rc = only_options(cl, table, options_of[kind], &p->o, e);

	p->kind = kind;
	p->found = -1;
	if (!rc)
		rc = start(cl, p, e);
	if (rc)
		free_prune(p);
	return rc;
}

int verb_container_prune(struct client *cl, struct err *e)
{
	return prune_verb(cl, PRUNE_CONTAINERS, e);
}

int verb_image_prune(struct client *cl, struct err *e)
{
	return prune_verb(cl, PRUNE_IMAGES, e);
}

int verb_volume_prune(struct client *cl, struct err *e)
{
	return prune_verb(cl, PRUNE_VOLUMES, e);
}

int verb_system_prune(struct client *cl, struct err *e)
{
	return prune_verb(cl, PRUNE_KINDS, e);
}
