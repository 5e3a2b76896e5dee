/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of networks and of attachments: text out, checked text in. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "net/portspec.h"
#include "net/record.h"

enum {
	ALIAS_MAX = 253, /* RFC 1035: what 255 bytes of a message are as text */
	BRIDGE_NUMBER_MAX = 99999,
	FIRST_MULTICAST = 224, /* RFC 1112 */
};

/* One key of a record. PARSE takes words off *VALUE, which is NULL when none is left, and returns 0
 * or -1. */
struct field {
	const char *key;
	int (*parse)(void *target, char **value);
	enum { ONCE, MAY_BE_MISSING, ANY_NUMBER } times;
};

static const char *word(char **value)
{
	char *w = strsep(value, " ");

	return w ? w : "";
}

static bool name_is_valid(const char *s, size_t max)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return len > 0 && len <= max && !s[len];
}

bool network_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	/* A name is the name of a file, and a file that is being written has another one. */
	return name_is_valid(name, NETWORK_NAME_MAX) && !strchr("_.-", *name) &&
		(len < 4 || strcmp(name + len - 4, ".tmp"));
}

/* An address that a host can have. */
static int host_parse(const char *s, uint32_t *addr)
{
	if (addr_parse(s, addr))
		return -1;
	return *addr >> 24 && *addr >> 24 < FIRST_MULTICAST ? 0 : -1;
}

static int parse_id(void *target, char **value)
{
	struct network *n = target;
	const char *id = word(value);

	if (strlen(id) != sizeof(n->id) - 1 || id[strspn(id, "0123456789abcdef")])
		return -1;
	strcpy(n->id, id);
	return 0;
}

static int parse_subnet(void *target, char **value)
{
	struct network *n = target;
	char text[SUBNET_SIZE];
	const char *w = word(value);

	/* Only the normal form: bits behind the prefix would be lost silently. */
	if (subnet_parse(w, &n->subnet) || strcmp(subnet_format(&n->subnet, text), w))
		return -1;
	return n->subnet.prefix >= NETWORK_PREFIX_MIN && n->subnet.prefix <= NETWORK_PREFIX_MAX
		? 0
		: -1;
}

/* Stands behind the subnet. */
static int parse_gateway(void *target, char **value)
{
	struct network *n = target;

	if (!n->subnet.prefix || host_parse(word(value), &n->gateway))
		return -1;
	return subnet_contains(&n->subnet, n->gateway) && n->gateway != n->subnet.base &&
			n->gateway != subnet_last(&n->subnet)
		? 0
		: -1;
}

static int parse_mtu(void *target, char **value)
{
	long mtu;

	if (parse_int(word(value), NETWORK_MTU_MIN, NETWORK_MTU_MAX, &mtu))
		return -1;
	((struct network *)target)->mtu = mtu;
	return 0;
}

static int parse_link(void *target, char **value)
{
	long link;

	if (parse_int(word(value), 0, BRIDGE_NUMBER_MAX, &link))
		return -1;
	((struct network *)target)->link = link;
	return 0;
}

static int parse_internal(void *target, char **value)
{
	((struct network *)target)->internal = true;
	return *value ? -1 : 0;
}

/* Not parse_int(): a long ends in 2038 on small devices. */
static int parse_created(void *target, char **value)
{
	struct network *n = target;
	const char *w = word(value);
	size_t len = strspn(w, "0123456789");

	errno = 0;
	n->created = strtoll(w, NULL, 10);
	return len && !w[len] && !errno ? 0 : -1;
}

/* A label may have several lines; a record may not. */
static void emit_label(struct strbuf *out, const char *label)
{
	sb_adds(out, "label ");
	for (; *label; label++) {
		if (*label == '\n' || *label == '\\')
			sb_addc(out, '\\');
		sb_addc(out, *label == '\n' ? 'n' : *label);
	}
	sb_addc(out, '\n');
}

/* Undoes that, in place. */
static int unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		char c = *s;

		if (c == '\\') {
			c = *++s;
			if (c != '\\' && c != 'n')
				return -1;
			c = c == 'n' ? '\n' : c;
		}
		*to++ = c;
	}
	*to = '\0';
	return 0;
}

static int parse_label(void *target, char **value)
{
	struct network *n = target;
	char *label = steal_ptr(value);

	if (!label || unescape(label) || *label == '=' || !strchr(label, '='))
		return -1;
	strv_append(&n->labels, label);
	return 0;
}

/* dev_valid_name() of the kernel takes more; what we make has none of it. */
static int parse_ifname(const char *s, char ifname[IFNAMSIZ])
{
	if (!name_is_valid(s, IFNAMSIZ - 1) || *s == '.')
		return -1;
	strcpy(ifname, s);
	return 0;
}

static int parse_endpoint(void *target, char **value)
{
	struct endpoint *p = attachment_add_endpoint(target);
	const char *w = word(value);

	if (!network_name_is_valid(w))
		return -1;
	p->network = xstrdup(w);
	if (host_parse(word(value), &p->addr) || mac_parse(word(value), p->mac) ||
		parse_ifname(word(value), p->link) || parse_ifname(word(value), p->ifname))
		return -1;
	while (*value) {
		w = word(value);
		if (!name_is_valid(w, ALIAS_MAX))
			return -1;
		strv_append(&p->aliases, w);
	}
	return 0;
}

static int parse_port(const char *s, uint16_t *port)
{
	long n;

	if (parse_int(s, 1, 65535, &n))
		return -1;
	*port = n;
	return 0;
}

static int parse_published(void *target, char **value)
{
	struct attachment *a = target;
	struct published *p;

	if (a->n_ports == ATTACHMENT_PORTS_MAX)
		return -1;
	p = attachment_add_port(a);
	if (addr_parse(word(value), &p->ip))
		return -1;
	p->proto = proto_by_name(word(value));
	return p->proto && parse_port(word(value), &p->port) == 0 &&
			host_parse(word(value), &p->to_addr) == 0 &&
			parse_port(word(value), &p->to_port) == 0
		? 0
		: -1;
}

static const struct field network_fields[] = {
	{ "id", parse_id, ONCE },
	{ "subnet", parse_subnet, ONCE },
	{ "gateway", parse_gateway, ONCE },
	{ "link", parse_link, ONCE },
	{ "created", parse_created, ONCE },
	{ "mtu", parse_mtu, MAY_BE_MISSING },
	{ "internal", parse_internal, MAY_BE_MISSING },
	{ "label", parse_label, ANY_NUMBER },
};

static const struct field attachment_fields[] = {
	{ "endpoint", parse_endpoint, ANY_NUMBER },
	{ "port", parse_published, ANY_NUMBER },
};

struct parser {
	const struct field *fields;
	size_t n;
	unsigned seen; /* a bit for each field */
	void *target;
};

static int parse_line(struct parser *p, char *line)
{
	const char *key = word(&line);

	for (size_t i = 0; i < p->n; i++) {
		const struct field *f = &p->fields[i];

		if (strcmp(f->key, key))
			continue;
		if (f->times != ANY_NUMBER && (p->seen & 1U << i))
			return -1;
		p->seen |= 1U << i;
		return f->parse(p->target, &line) || line ? -1 : 0;
	}
	return -1;
}

/* The last line ends as the others do: else it was cut off. */
static int parse_text(struct parser *p, const char *text, struct err *e)
{
	for (int number = 1; *text; number++) {
		size_t len = strcspn(text, "\n");
		cleanup_free char *line = xstrndup(text, len);

		if (!text[len] || parse_line(p, line)) {
			cleanup_free char *shown = xstrndup(text, len < 60 ? len : 60);

			for (char *c = shown; *c; c++)
				*c = *c < ' ' || *c > '~' ? '?' : *c;
			return err_set(e, 0, "line %d is damaged: \"%s\"", number, shown);
		}
		text += len + 1;
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->fields[i].times == ONCE && !(p->seen & 1U << i))
			return err_set(e, 0, "the line \"%s\" is missing", p->fields[i].key);
	return 0;
}

struct network *network_parse(const char *name, const char *text, struct err *e)
{
	struct network *n = xcalloc(1, sizeof(*n));
	struct parser p = { network_fields, ARRAY_SIZE(network_fields), 0, n };
	int rc;

	list_init(&n->node);
	n->name = xstrdup(name);
	if (network_name_is_valid(name))
		rc = parse_text(&p, text, e);
	else
		rc = err_set(e, 0, "\"%.80s\" is no name of a network", name);
	if (rc == 0)
		return n;
	network_free(n);
	return NULL;
}

void network_free(struct network *n)
{
	if (!n)
		return;
	free(n->name);
	strv_free(n->labels);
	free(n);
}

void network_emit(const struct network *n, struct strbuf *out)
{
	char subnet[SUBNET_SIZE], gateway[ADDR_SIZE];

	sb_addf(out, "id %s\nsubnet %s\ngateway %s\nlink %u\ncreated %lld\n", n->id,
		subnet_format(&n->subnet, subnet), addr_format(n->gateway, gateway), n->link,
		n->created);
	if (n->mtu)
		sb_addf(out, "mtu %u\n", n->mtu);
	if (n->internal)
		sb_adds(out, "internal\n");
	for (char **l = n->labels; l && *l; l++)
		emit_label(out, *l);
}

const char *network_bridge(const struct network *n, char buf[IFNAMSIZ])
{
	snprintf(buf, IFNAMSIZ, "tcr%u", n->link);
	return buf;
}

int attachment_parse(struct attachment *a, const char *text, struct err *e)
{
	struct parser p = { attachment_fields, ARRAY_SIZE(attachment_fields), 0, a };

	*a = (struct attachment){ 0 };
	return parse_text(&p, text, e);
}

void attachment_emit(const struct attachment *a, struct strbuf *out)
{
	char addr[ADDR_SIZE], to[ADDR_SIZE], mac[MAC_SIZE];

	for (size_t i = 0; i < a->n_endpoints; i++) {
		const struct endpoint *p = &a->endpoints[i];

		sb_addf(out, "endpoint %s %s %s %s %s", p->network, addr_format(p->addr, addr),
			mac_format(p->mac, mac), p->link, p->ifname);
		for (char **alias = p->aliases; alias && *alias; alias++)
			sb_addf(out, " %s", *alias);
		sb_addc(out, '\n');
	}
	for (size_t i = 0; i < a->n_ports; i++) {
		const struct published *p = &a->ports[i];

		sb_addf(out, "port %s %s %u %s %u\n", addr_format(p->ip, addr),
			proto_name(p->proto), p->port, addr_format(p->to_addr, to), p->to_port);
	}
}

struct endpoint *attachment_add_endpoint(struct attachment *a)
{
	a->endpoints = xrealloc(a->endpoints, (a->n_endpoints + 1) * sizeof(*a->endpoints));
	a->endpoints[a->n_endpoints] = (struct endpoint){ 0 };
	return &a->endpoints[a->n_endpoints++];
}

struct published *attachment_add_port(struct attachment *a)
{
	a->ports = xrealloc(a->ports, (a->n_ports + 1) * sizeof(*a->ports));
	a->ports[a->n_ports] = (struct published){ 0 };
	return &a->ports[a->n_ports++];
}

void attachment_drop_endpoint(struct attachment *a, size_t i)
{
	free(a->endpoints[i].network);
	strv_free(a->endpoints[i].aliases);
	a->n_endpoints--;
	memmove(&a->endpoints[i], &a->endpoints[i + 1],
		(a->n_endpoints - i) * sizeof(*a->endpoints));
}

void attachment_free(struct attachment *a)
{
	while (a->n_endpoints)
		attachment_drop_endpoint(a, a->n_endpoints - 1);
	free(a->endpoints);
	free(a->ports);
	*a = (struct attachment){ 0 };
}
