/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The networks of a container's spec: those it was made with, without those that it has left, and
 * those that it has joined. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += attach_join.o
#include <string.h>

#include "attach.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "event.h"
#include "network.h"
#include "record.h"

/* Where NAME is in V, whose strings begin with a name; -1 if it is not. */
static long find(char *const *v, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; v && v[i]; i++)
		if (!strncmp(v[i], name, len) && strchr(" ", v[i][len]))
			return i;
	return -1;
}

/* LINE: "NAME ADDRESS ALIAS...", cut in place. */
static int call_for_line(char *line,
	int (*fn)(void *arg, const char *network, const struct attach_wish *w, struct err *e),
	void *arg, struct err *e)
{
	cleanup_strv char **words = xcalloc(1, sizeof(char *));
	struct attach_wish w = { 0 };

	for (char *word; (word = strsep(&line, " "));)
		strv_append(&words, word);
	if (words[1])
		addr_parse(words[1], &w.addr);
	w.aliases = words[1] && words[2] ? words + 2 : NULL;
	return fn(arg, words[0], &w, e);
}

int attach_each_network(const struct container *c,
	int (*fn)(void *arg, const char *network, const struct attach_wish *w, struct err *e),
	void *arg, struct err *e)
{
	const struct spec *s = &c->spec;
	char *const *names = spec_networks(s);
	int rc = 0;

	for (char *const *name = names; *name && !rc; name++) {
		struct attach_wish w = { .aliases = s->network_aliases };

		if (s->ip && name == names)
			addr_parse(s->ip, &w.addr);
		w.mac = name == names ? s->mac_address : NULL;
		if (find(s->left, *name) < 0)
			rc = fn(arg, *name, &w, e);
	}
	for (char *const *line = s->joined; line && *line && !rc; line++) {
		cleanup_free char *copy = xstrdup(*line);

		rc = call_for_line(copy, fn, arg, e);
	}
	return rc;
}

int attach_each_current(const struct container *c,
	int (*fn)(void *arg, const char *network, const struct attach_wish *w, struct err *e),
	void *arg)
{
	struct err ignored;
	int rc = 0;

	if (spec_network_mode(&c->spec) != NETWORK_BRIDGE)
		return 0;
	if (!c->net.n_endpoints && !state_is_up(c->state))
		return attach_each_network(c, fn, arg, &ignored);
	for (size_t i = 0; i < c->net.n_endpoints && !rc; i++) {
		const struct endpoint *ep = &c->net.endpoints[i];
		const struct attach_wish w = { .addr = ep->addr, .aliases = ep->aliases };

		rc = fn(arg, ep->network, &w, &ignored);
	}
	return rc;
}

static char *format_line(const char *name, const struct attach_wish *w)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	char addr[ADDR_SIZE];

	addr_format(w->addr, addr);
	sb_addf(&sb, "%s %s", name, addr);
	for (char *const *a = w->aliases; a && *a; a++)
		sb_addf(&sb, " %s", *a);
	return steal_ptr(&sb.buf);
}

static void note_join(struct spec *s, const char *name, const struct attach_wish *w)
{
	cleanup_free char *line = format_line(name, w);
	long left = find(s->left, name);

	if (left >= 0)
		strv_remove(s->left, left);
	if (left < 0 || w->addr || w->aliases)
		strv_append(&s->joined, line);
	/* With wishes of its own it is no longer the one it was made with. */
	if (left >= 0 && (w->addr || w->aliases))
		strv_append(&s->left, name);
}

static void note_leave(struct spec *s, const char *name)
{
	long joined = find(s->joined, name);

	if (joined >= 0)
		strv_remove(s->joined, joined);
	else
		strv_append(&s->left, name);
}

static int check(const struct container *c, struct err *e)
{
	if (spec_network_mode(&c->spec) != NETWORK_BRIDGE)
		return err_set(e, 0,
			"container \"%s\" has --network %s, which goes with no other network",
			c->spec.name, c->spec.networks ? c->spec.networks[0] : "none");
	if (c->state == ST_RUNNING || c->state == ST_PAUSED || c->state == ST_CREATED ||
		c->state == ST_EXITED || c->state == ST_WAITING)
		return 0;
	return err_set(e, 0, "container \"%s\" is being started or stopped; try again",
		c->spec.name);
}

static bool is_live(const struct container *c)
{
	return state_is_up(c->state);
}

int attach_join_net(struct container *c, struct net *n, const struct attach_wish *w, struct err *e)
{
	const char *name = n->config->name;

	if (check(c, e))
		return -1;
	if (attach_uses(c, name))
		return err_set(e, 0, "container \"%s\" is on the network \"%s\" already",
			c->spec.name, name);
	if (is_live(c) ? attach_connect(c, n, w, e)
		       : w->addr && attach_check_address(n, w->addr, e))
		return -1;
	note_join(&c->spec, name, w);
	if (record_update(c->id, &c->spec, e) == 0)
		return 0;
	note_leave(&c->spec, name);
	if (is_live(c) && attach_disconnect(c, n, &(struct err){ 0 }))
		log_msg("container \"%s\" stays on the network \"%s\"", c->spec.name, name);
	return -1;
}

int attach_leave_net(struct container *c, struct net *n, struct err *e)
{
	const char *name = n->config->name;

	if (check(c, e))
		return -1;
	if (!attach_uses(c, name))
		return err_set(e, 0, "container \"%s\" is not on the network \"%s\"", c->spec.name,
			name);
	if (is_live(c) && attach_disconnect(c, n, e))
		return -1;
	note_leave(&c->spec, name);
	return record_update(c->id, &c->spec, e);
}
