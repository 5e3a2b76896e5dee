/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last events, in a ring of fixed size. */
//config:config FEATURE_EVENTS
//config:	bool "events: tell what happens to containers, images and networks (5.5 kb)"
//config:	default y
//config:	help
//config:	  The last events, some 80 of them, are kept in 16 KiB of memory.
//kbuild:obj-$(CONFIG_FEATURE_EVENTS) += event.o
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/when.h"
#include "container.h"
#include "event.h"
#include "handover.h"
#include "net/record.h"

enum {
	RING_SIZE = EVENT_FIRST,
	EVENT_MAX = RING_SIZE / 4, /* labels that do not fit any more are left out */
	VALUE_MAX = 512,           /* bytes of a text */
};

/* Before the strings of each event. */
struct header {
	uint32_t size; /* with itself */
	int64_t ms;
} __attribute__((packed));

/* The oldest one is at the start; a cursor counts all bytes that there ever were. */
static struct {
	char bytes[RING_SIZE];
	size_t used;
	uint64_t start; /* the cursor of bytes[0], less EVENT_FIRST */
} ring;

void event_store(struct strbuf *out)
{
	sb_adds(out, "ring ");
	handover_put(out, ring.bytes, ring.used);
	sb_addc(out, '\n');
}

void event_restore(const char *word)
{
	cleanup_sb struct strbuf old = STRBUF_INIT;

	handover_take(word, &old);
	if (ring.start || old.len > RING_SIZE - ring.used)
		return;
	memmove(ring.bytes + old.len, ring.bytes, ring.used);
	memcpy(ring.bytes, sb_str(&old), old.len);
	ring.used += old.len;
	ring.start = -old.len;
}

uint64_t event_oldest(void)
{
	return EVENT_FIRST + ring.start;
}

uint64_t event_newest(void)
{
	return event_oldest() + ring.used;
}

void event_read(uint64_t at, struct event_record *ev)
{
	const char *p = ring.bytes + (at - event_oldest());
	struct header h;

	memcpy(&h, p, sizeof(h));
	ev->next = at + h.size;
	ev->ms = h.ms;
	ev->type = p + sizeof(h);
	ev->action = ev->type + strlen(ev->type) + 1;
	ev->id = ev->action + strlen(ev->action) + 1;
	ev->attributes = ev->id + strlen(ev->id) + 1;
}

static void drop_oldest(size_t wanted)
{
	size_t gone = 0;

	while (RING_SIZE - ring.used + gone < wanted) {
		struct header h;

		memcpy(&h, ring.bytes + gone, sizeof(h));
		gone += h.size;
	}
	if (!gone)
		return;
	events_forget(event_oldest() + gone);
	memmove(ring.bytes, ring.bytes + gone, ring.used - gone);
	ring.used -= gone;
	ring.start += gone;
}

/* Adds S with its NUL. Not inside a character does it end. */
static void add(struct strbuf *sb, const char *s)
{
	size_t len = strnlen(s, VALUE_MAX);

	while (len && s[len] && ((unsigned char)s[len] & 0xc0) == 0x80)
		len--;
	sb_add(sb, s, len);
	sb_addc(sb, '\0');
}

static void begin(struct strbuf *sb, const char *type, const char *action, const char *id)
{
	const struct header h = { .ms = when_now() };

	sb_add(sb, &h, sizeof(h));
	add(sb, type);
	add(sb, action);
	add(sb, id);
}

static void add_attribute(struct strbuf *sb, const char *key, const char *value)
{
	size_t before = sb->len;

	if (!value || !*key)
		return;
	add(sb, key);
	add(sb, value);
	if (sb->len < EVENT_MAX)
		return;
	sb->len = before;
}

static void commit(struct strbuf *sb)
{
	uint32_t size;

	sb_addc(sb, '\0');
	size = sb->len;
	memcpy(sb->buf + offsetof(struct header, size), &size, sizeof(size));
	drop_oldest(sb->len);
	memcpy(ring.bytes + ring.used, sb->buf, sb->len);
	ring.used += sb->len;
	events_happened();
}

static void tell(const struct container *c, const char *action, const char *attr,
	const char *value, const char *exec_id)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	begin(&sb, "container", action, c->id);
	if (attr)
		add_attribute(&sb, attr, value);
	add_attribute(&sb, "execID", exec_id);
	add_attribute(&sb, "image", c->spec.image);
	add_attribute(&sb, "name", c->spec.name);
	for (char *const *l = c->spec.labels; l && *l; l++) {
		cleanup_free char *key = xstrndup(*l, strcspn(*l, "="));

		const char *value = *l + strlen(key);

		add_attribute(&sb, key, value + (*value == '='));
	}
	commit(&sb);
}

void event_container(
	const struct container *c, const char *action, const char *attr, const char *value)
{
	tell(c, action, attr, value, NULL);
}

void event_container_int(const struct container *c, const char *action, const char *attr, int value,
	const char *exec_id)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	tell(c, action, attr, text, exec_id);
}

void event_emit(const char *type, const char *action, const char *id, const char *name)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	begin(&sb, type, action, id);
	add_attribute(&sb, "name", name);
	commit(&sb);
}

void event_network(const struct network *n, const char *action, const char *container_id)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	begin(&sb, "network", action, n->id);
	add_attribute(&sb, "container", container_id);
	add_attribute(&sb, "name", n->name);
	add_attribute(&sb, "type", "bridge");
	commit(&sb);
}
