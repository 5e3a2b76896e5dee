/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filters of `ps`. */
#include <string.h>

#include "attach.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "image.h"
#include "labels.h"
#include "net/portspec.h"
#include "network.h"
#include "ps.h"

static const struct container *of(const void *object)
{
	return ((const struct ps_row *)object)->c;
}

static bool match_ancestor(const void *object, const char *value)
{
	struct err ignored;
	const struct image *i = image_find(value, &ignored);

	return i && !strcmp(i->id, of(object)->spec.image_id);
}

static int check_exited(const char *value, struct err *e)
{
	long code;

	return parse_int(value, 0, 255, &code) ? err_set(e, 0, "a number from 0 to 255 is required")
					       : 0;
}

static bool match_exited(const void *object, const char *value)
{
	const struct container *c = of(object);
	enum state state = container_shown_state(c);
	long code;

	return (state == ST_EXITED || state == ST_WAITING) &&
		parse_int(value, 0, 255, &code) == 0 && code == c->exit_code;
}

/* "80", "80/udp" or "8000-8100" */
static bool parse_ports(const char *value, struct portspec *s)
{
	struct err ignored;

	return !strchr(value, ':') && portspec_parse(value, s, &ignored) == 0;
}

static int check_ports(const char *value, struct err *e)
{
	struct portspec s;

	return !ENABLE_FEATURE_NETWORK || parse_ports(value, &s)
		? 0
		: err_set(e, 0, "PORT[-PORT][/tcp|/udp] is required");
}

static bool is_in(const struct portspec *s, unsigned port)
{
	return port >= s->container && port < (unsigned)s->container + s->count;
}

/* By the port of the host, too, which docker does not look at. */
static bool match_ports(const struct published *p, size_t n, const char *value)
{
	struct portspec s;

	parse_ports(value, &s);
	for (; n--; p++)
		if (p->proto == s.proto && (is_in(&s, p->to_port) || is_in(&s, p->port)))
			return true;
	return false;
}

/* Of two containers the newer one is listed first. */
static bool is_newer(const struct container *c, const struct container *than)
{
	struct container *each;

	list_for_each (each, &containers, node)
		if (each == c || each == than)
			return each == c && c != than;
	return false;
}

static int check_container(const char *value, struct err *e)
{
	return container_find(value, e) ? 0 : -1;
}

static bool match_since(const void *object, const char *value)
{
	struct err ignored;
	const struct container *c = container_find(value, &ignored);

	return c && is_newer(of(object), c);
}

static bool match_before(const void *object, const char *value)
{
	struct err ignored;
	const struct container *c = container_find(value, &ignored);

	return c && is_newer(c, of(object));
}

static bool match_expose(const void *object, const char *value)
{
	struct attachment a = { 0 };
	bool hit;

	if (!ENABLE_FEATURE_NETWORK)
		return false;
	publish_add_exposed(of(object), &a);
	hit = match_ports(a.ports, a.n_ports, value);
	attachment_free(&a);
	return hit;
}

static bool match_publish(const void *object, const char *value)
{
	const struct container *c = of(object);

	return ENABLE_FEATURE_NETWORK && c->published &&
		match_ports(c->net.ports, c->net.n_ports, value);
}

static bool match_id(const void *object, const char *value)
{
	return strstr(of(object)->id, value) != NULL;
}

static bool match_label(const void *object, const char *value)
{
	struct ps_row r = *(const struct ps_row *)object;
	cleanup_strv char **labels = labels_merge(r.c, ps_facts(&r));

	return labels_match(labels, value);
}

static bool match_own_name(const void *object, const char *value)
{
	return match_name(of(object)->spec.name, value);
}

static bool match_network(const void *object, const char *value)
{
	const struct container *c = of(object);
	struct err ignored;
	const struct net *n;

	if (spec_network_mode(&c->spec) != NETWORK_BRIDGE)
		return !strcmp(value, c->spec.networks ? c->spec.networks[0] : "none");
	n = ENABLE_FEATURE_NETWORK ? network_find(value, &ignored) : NULL;
	return n && attach_uses(c, n->config->name);
}

static bool match_status(const void *object, const char *value)
{
	return !strcmp(state_name(container_shown_state(of(object))), value);
}

/* The name or path, or where it is mounted. */
static bool match_volume(const void *object, const char *value)
{
	size_t len = strlen(value);

	for (char *const *v = of(object)->spec.volumes; v && *v; v++) {
		const char *target = strchr(*v, ':') + 1;

		if ((match_prefix(*v, value) && (*v)[len] == ':') ||
			(match_prefix(target, value) && target[len] == ':'))
			return true;
	}
	return false;
}

const struct match_key ps_keys[PS_KEYS] = {
	{ "ancestor", false, match_ancestor, NULL, NULL },
	{ "exited", false, match_exited, NULL, check_exited },
	{ "expose", false, match_expose, NULL, check_ports },
	{ "id", false, match_id, NULL, NULL },
	{ "label", true, match_label, NULL, NULL },
	{ "name", false, match_own_name, NULL, match_check_name },
	{ "network", false, match_network, NULL, NULL },
	{ "publish", false, match_publish, NULL, check_ports },
	{ "status", false, match_status,
		"created, dead, exited, paused, removing, restarting, running", NULL },
	{ "since", false, match_since, NULL, check_container },
	{ "before", false, match_before, NULL, check_container },
	{ "volume", false, match_volume, NULL, NULL },
};
