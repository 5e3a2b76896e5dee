/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filters of `ps`. */
#include <netinet/in.h>
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

static bool match_exited(const void *object, const char *value)
{
	const struct container *c = of(object);
	enum state state = container_shown_state(c);
	long code;

	return (state == ST_EXITED || state == ST_WAITING) &&
		parse_int(value, 0, 255, &code) == 0 && code == c->exit_code;
}

/* "80" or "80/udp"; PORT is one of the host, or of the container. */
static bool is_port(const char *value, unsigned port, uint8_t proto)
{
	cleanup_free char *number = xstrndup(value, strcspn(value, "/"));
	const char *name = value + strlen(number);
	long n;

	return parse_int(number, 0, 65535, &n) == 0 && (unsigned)n == port &&
		proto == (*name ? proto_by_name(name + 1) : IPPROTO_TCP);
}

static bool match_port(const struct container *c, const char *value, bool exposed)
{
	for (size_t i = 0; c->published && i < c->net.n_ports; i++) {
		const struct published *p = &c->net.ports[i];

		if (is_port(value, exposed ? p->to_port : p->port, p->proto))
			return true;
	}
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

/* ps has seen that it is there. */
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
	return ENABLE_FEATURE_NETWORK && match_port(of(object), value, true);
}

static bool match_publish(const void *object, const char *value)
{
	return ENABLE_FEATURE_NETWORK && match_port(of(object), value, false);
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

/* A part of the name; of docker's regular expressions "^" and "$" at its ends. */
static bool match_name(const void *object, const char *value)
{
	const char *name = of(object)->spec.name, *at;
	bool begins = *value == '^', ends;
	cleanup_free char *part = NULL;

	value += begins;
	value += *value == '/';
	part = xstrdup(value);
	ends = *part && part[strlen(part) - 1] == '$';
	if (ends)
		part[strlen(part) - 1] = '\0';
	if (ends && strlen(part) <= strlen(name))
		at = name + strlen(name) - strlen(part);
	else
		at = name;
	if (ends || begins)
		return match_prefix(at, part) && (!begins || at == name);
	return strstr(name, part) != NULL;
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
	{ "ancestor", false, match_ancestor, NULL },
	{ "exited", false, match_exited, NULL },
	{ "expose", false, match_expose, NULL },
	{ "id", false, match_id, NULL },
	{ "label", true, match_label, NULL },
	{ "name", false, match_name, NULL },
	{ "network", false, match_network, NULL },
	{ "publish", false, match_publish, NULL },
	{ "status", false, match_status,
		"created, dead, exited, paused, removing, restarting, running" },
	{ "since", false, match_since, NULL },
	{ "before", false, match_before, NULL },
	{ "volume", false, match_volume, NULL },
};
