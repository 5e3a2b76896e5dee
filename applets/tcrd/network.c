/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks: their records, and what a new one may look like. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += network.o
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "attach.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "container.h"
#include "net/link.h"
#include "net/nl.h"
#include "event.h"
#include "labels.h"
#include "network.h"
#include "tcrd.h"

struct list networks = LIST_INIT(networks);

bool network_name_is_reserved(const char *name)
{
	static const char *const reserved[] = { "none", "host", "default", "bridge", "container" };

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (!strcmp(name, reserved[i]))
			return true;
	return false;
}

struct net *network_by_name(const char *name)
{
	struct net *n;

	list_for_each (n, &networks, node)
		if (!strcmp(n->config->name, name))
			return n;
	return NULL;
}

struct net *network_find(const char *ref, struct err *e)
{
	struct net *n, *found = NULL;
	unsigned count = 0;
	size_t len;

	ref = real_network(ref);
	len = strlen(ref);
	n = network_by_name(ref);
	if (n)
		return n;
	list_for_each (n, &networks, node) {
		if (len && !strncmp(n->config->id, ref, len)) {
			found = n;
			count++;
		}
	}
	if (count == 1)
		return found;
	err_set(e, 0,
		count ? "the id \"%.70s\" fits more than one network; give more digits"
		      : "no such network: \"%.70s\"",
		ref);
	return NULL;
}

const struct container *network_user(const struct net *n)
{
	struct container *c;

	list_for_each (c, &containers, node)
		if (c->state != ST_REMOVING && attach_uses(c, n->config->name))
			return c;
	return NULL;
}

static char *record_path(const char *name)
{
	return xasprintf("networks/%s", name);
}

int network_save(const struct network *config, struct err *e)
{
	cleanup_free char *path = record_path(config->name);
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	network_emit(config, &sb);
	if (sb.len > NETWORK_RECORD_MAX)
		return err_set(e, 0, "network \"%s\": its labels have more than %d bytes",
			config->name, NETWORK_RECORD_MAX);
	return file_write(tcrd.root_fd, path, sb.buf, sb.len, 0600, FILE_DURABLE, e);
}

static struct net *add(struct network *config)
{
	static uint32_t numbers;
	struct net *n = xcalloc(1, sizeof(*n));

	n->config = config;
	n->number = ++numbers;
	n->udp = n->tcp = -1;
	list_append(&networks, &n->node);
	return n;
}

/* Moves a record that cannot be read out of the way. */
static void put_aside(const char *name, const struct err *why)
{
	cleanup_free char *from = record_path(name);
	cleanup_free char *to = xasprintf("quarantine/network-%s", name);

	if (mkdirat(tcrd.root_fd, "quarantine", 0700) < 0 && errno != EEXIST)
		log_msg("mkdir %s/quarantine: %s", tcrd.root, strerror(errno));
	if (renameat(tcrd.root_fd, from, tcrd.root_fd, to) < 0)
		log_msg("network \"%s\": %s", name, why->text);
	else
		log_msg("network \"%s\": %s; its record is %s/%s now", name, why->text, tcrd.root,
			to);
}

static int load_record(int dirfd, const char *name, void *arg, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct network *config = NULL;
	struct err why;

	(void)arg;
	(void)e;
	/* Not ours, or what a power cut has left of a write. */
	if (!network_name_is_valid(name))
		return 0;
	if (!file_read(dirfd, name, NETWORK_RECORD_MAX, &sb, &why))
		config = network_parse(name, sb_str(&sb), &why);
	if (config)
		add(config);
	else
		put_aside(name, &why);
	return 0;
}

int networks_load(struct err *e)
{
	return dir_each(tcrd.root_fd, "networks", load_record, NULL, e);
}

/* Subnets that a new one has to keep away from. */
struct taken {
	struct subnet *v; /* owned */
	size_t n;
};

static void take(struct taken *t, const struct subnet *s)
{
	t->v = xrealloc(t->v, (t->n + 1) * sizeof(*t->v));
	t->v[t->n++] = *s;
}

/* What is wider than a subnet can be is a default route by another name, as VPNs have it. */
static int take_route(const struct route *r, void *arg, struct err *e)
{
	(void)e;
	if (r->dst.prefix >= NETWORK_PREFIX_MIN)
		take(arg, &r->dst);
	return 0;
}

static int pick_subnet(struct subnet *out, struct err *e)
{
	struct taken t = { NULL, 0 };
	char pool[SUBNET_SIZE];
	struct net *n;
	bool found;

	if (route_each(net_socket(), take_route, &t, e)) {
		free(t.v);
		return -1;
	}
	list_for_each (n, &networks, node)
		take(&t, &n->config->subnet);
	found = subnet_pick(&tcrd.pool, POOL_PREFIX, t.v, t.n, out);
	free(t.v);
	if (found)
		return 0;
	return err_set(e, 0,
		"the pool %s has no free /%d left: remove networks, or start tcrd with another --pool",
		subnet_format(&tcrd.pool, pool), POOL_PREFIX);
}

struct route_check {
	const struct subnet *subnet;
	unsigned own;
};

static int check_route(const struct route *r, void *arg, struct err *e)
{
	const struct route_check *c = arg;
	char mine[SUBNET_SIZE], theirs[SUBNET_SIZE], name[IFNAMSIZ] = "?";

	if (r->dst.prefix < NETWORK_PREFIX_MIN || (c->own && r->oif == c->own) ||
		!subnet_overlaps(&r->dst, c->subnet))
		return 0;
	if (r->oif)
		if_indextoname(r->oif, name);
	return err_set(e, 0, "the subnet %s overlaps %s, which the host has a route to (%s)",
		subnet_format(c->subnet, mine), subnet_format(&r->dst, theirs), name);
}

int network_check_routes(const struct subnet *subnet, unsigned own, struct err *e)
{
	struct route_check c = { subnet, own };

	return route_each(net_socket(), check_route, &c, e);
}

bool network_subnet_is_usable(const struct subnet *s)
{
	static const struct subnet special[] = {
		{ 0x00000000, 8 }, /* "this network", RFC 6890 */
		{ 0x7f000000, 8 }, /* loopback */
		{ 0xe0000000, 3 }, /* multicast and reserved */
	};

	for (size_t i = 0; i < ARRAY_SIZE(special); i++)
		if (subnet_overlaps(s, &special[i]))
			return false;
	return s->prefix >= NETWORK_PREFIX_MIN && s->prefix <= NETWORK_PREFIX_MAX;
}

char *check_pool(const char *value, void *ctx, struct err *e)
{
	struct subnet pool;

	(void)ctx;
	if (subnet_parse(value, &pool) == 0 && network_subnet_is_usable(&pool) &&
		pool.prefix <= POOL_PREFIX)
		return xstrdup(value);
	err_set(e, 0,
		"--pool \"%.60s\" is not valid: a subnet of hosts from /%d to /%d is required",
		value, NETWORK_PREFIX_MIN, POOL_PREFIX);
	return NULL;
}

static int check_subnet(const struct subnet *s, struct err *e)
{
	char mine[SUBNET_SIZE], theirs[SUBNET_SIZE];
	struct net *n;

	list_for_each (n, &networks, node)
		if (subnet_overlaps(s, &n->config->subnet))
			return err_set(e, 0, "the subnet %s overlaps %s of the network \"%s\"",
				subnet_format(s, mine), subnet_format(&n->config->subnet, theirs),
				n->config->name);
	return network_check_routes(s, 0, e);
}

static int check_gateway(const struct subnet *s, uint32_t gateway, struct err *e)
{
	char addr[ADDR_SIZE], subnet[SUBNET_SIZE];

	if (subnet_contains(s, gateway) && gateway != s->base && gateway != subnet_last(s))
		return 0;
	return err_set(e, 0, "--gateway %s is no address of a host in %s",
		addr_format(gateway, addr), subnet_format(s, subnet));
}

static int check_new_name(const char *name, struct err *e)
{
	struct net *n = network_by_name(name);

	if (!network_name_is_valid(name))
		return err_set(e, 0,
			"network \"%.70s\": a name is [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most %d characters, without .tmp at its end",
			name, NETWORK_NAME_MAX);
	if (network_name_is_reserved(name))
		return err_set(
			e, 0, "network \"%s\": the name is reserved; take another one", name);
	if (n)
		return err_set(
			e, 0, "the network \"%s\" exists already (%.12s)", name, n->config->id);
	return 0;
}

static unsigned count(void)
{
	unsigned count = 0;
	struct net *n;

	list_for_each (n, &networks, node)
		count++;
	return count;
}

/* Fills what the wish leaves open. */
static int complete(struct network *c, const struct network_wish *wish, struct err *e)
{
	c->subnet = wish->subnet;
	if (wish->subnet.prefix ? check_subnet(&wish->subnet, e) : pick_subnet(&c->subnet, e))
		return -1;
	c->gateway = wish->gateway ? wish->gateway : c->subnet.base + 1;
	if (check_gateway(&c->subnet, c->gateway, e) || bridge_new_number(&c->link, e) ||
		random_id(c->id, e))
		return -1;
	c->name = xstrdup(wish->name);
	c->mtu = wish->mtu;
	c->internal = wish->internal;
	c->created = time(NULL);
	c->labels = labels_unique(wish->labels);
	return 0;
}

struct net *network_create(const struct network_wish *wish, struct err *e)
{
	struct network *config;

	if (check_new_name(wish->name, e))
		return NULL;
	if (count() >= NETWORKS_MAX) {
		err_set(e, 0, "there are %d networks already: remove some", NETWORKS_MAX);
		return NULL;
	}
	config = xcalloc(1, sizeof(*config));
	if (complete(config, wish, e) || network_save(config, e)) {
		network_free(config);
		return NULL;
	}
	event_network(config, "create", NULL);
	return add(config);
}

int network_remove(struct net *n, struct err *e)
{
	cleanup_free char *path = record_path(n->config->name);

	if (unlinkat(tcrd.root_fd, path, 0) < 0 && errno != ENOENT)
		return err_set(e, errno, "unlink %s/%s", tcrd.root, path);
	if (dir_sync(tcrd.root_fd, "networks", e))
		return -1;
	list_remove(&n->node);
	/* Should the bridge stay, the next start removes it: it belongs to no network. */
	bridge_down(n);
	event_network(n->config, "destroy", NULL);
	network_free(n->config);
	free(n);
	return 0;
}
