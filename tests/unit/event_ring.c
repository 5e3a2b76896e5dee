/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the ring of events: what is kept, what is forgotten, and that nothing is torn. */
//link: applets/tcrd/event.c
#include "../../applets/tcrd/container.h"
#include "../../applets/tcrd/event.h"
#include "../../applets/tcrd/handover.h"
#include "tap.h"

#if ENABLE_FEATURE_EVENTS

static unsigned happened;
static uint64_t forgotten;

void events_happened(void)
{
	happened++;
}

/* SIGHUP has tests of its own. */
void handover_put(struct strbuf *out, const char *data, size_t len)
{
	(void)out, (void)data, (void)len;
}

void handover_take(const char *word, struct strbuf *data)
{
	(void)word, (void)data;
}

void events_forget(uint64_t oldest)
{
	forgotten = oldest;
}

static const char *attribute(const struct event_record *ev, const char *key)
{
	for (const char *k = ev->attributes; *k;) {
		const char *value = k + strlen(k) + 1;

		if (!strcmp(k, key))
			return value;
		k = value + strlen(value) + 1;
	}
	return NULL;
}

static struct event_record last(void)
{
	struct event_record ev = { 0 };

	for (uint64_t at = event_oldest(); at < event_newest(); at = ev.next)
		event_read(at, &ev);
	return ev;
}

static unsigned count(void)
{
	struct event_record ev;
	unsigned n = 0;

	for (uint64_t at = event_oldest(); at < event_newest(); at = ev.next, n++)
		event_read(at, &ev);
	return n;
}

static char *labels[300];

static void fill(struct container *c)
{
	memset(c->id, 'a', ID_LEN);
	c->spec.name = (char *)"web";
	c->spec.image = (char *)"busybox:1";
	c->spec.labels = labels;
}

static void test_texts(struct container *c)
{
	char longest[2000];
	struct event_record ev;

	labels[0] = (char *)"tier=front=1";
	labels[1] = (char *)"bare";
	event_container_int(c, "die", "exitCode", 137, NULL);
	ev = last();
	is_str(ev.type, "container", "the type is kept");
	is_str(ev.action, "die", "the action is kept");
	is_str(ev.id, c->id, "the id is kept");
	is_str(attribute(&ev, "exitCode"), "137", "a number is an attribute");
	is_str(attribute(&ev, "name"), "web", "the name is an attribute");
	is_str(attribute(&ev, "image"), "busybox:1", "the image is an attribute");
	is_str(attribute(&ev, "tier"), "front=1", "a label is an attribute");
	is_str(attribute(&ev, "bare"), "", "a label without a value is an empty one");
	ok(ev.ms > 1600000000000, "the time is the wall clock's");
	event_emit("image", "load", "sha256:1", NULL);
	ev = last();
	ok(!strcmp(ev.id, "sha256:1") && !attribute(&ev, "name"), "no name is no attribute");
	memset(longest, 'x', sizeof(longest));
	memcpy(longest + 510, "\xe2\x82\xac", 3);
	longest[sizeof(longest) - 1] = '\0';
	event_emit("volume", "create", "v", longest);
	ev = last();
	is_int(strlen(attribute(&ev, "name")), 510, "a long text is cut, but not in a character");
	is_int(happened, 3, "each event is told");
}

static void test_overflow(struct container *c)
{
	uint64_t old = event_oldest(), torn = 0;
	struct event_record ev;

	for (int i = 0; i < 1000; i++) {
		char action[600];

		memset(action, 'a' + i % 26, i % 599);
		action[i % 599] = '\0';
		event_container(c, action, NULL, NULL);
		ev = last();
		torn += strncmp(ev.action, action, 512) || ev.next != event_newest();
	}
	is_int(torn, 0, "the newest event is whole, whatever was forgotten for it");
	ok(event_oldest() > old && forgotten == event_oldest(),
		"the oldest are forgotten, and told");
	ok(event_newest() - event_oldest() <= 16 * 1024, "the ring is bounded");
	ok(count() >= 16, "the ring has many events (%u)", count());
}

static void test_labels(struct container *c)
{
	struct event_record ev;
	char value[500];

	memset(value, 'v', sizeof(value));
	for (size_t i = 0; i < 299; i++) {
		labels[i] = malloc(sizeof(value) + 20);
		sprintf(labels[i], "l%zu=%.480s", i, value);
	}
	event_container(c, "start", NULL, NULL);
	ev = last();
	ok(attribute(&ev, "l0") && !attribute(&ev, "l298"), "labels that do not fit are left out");
	ok(ev.next - event_oldest() <= 16 * 1024, "and the event fits");
	for (size_t i = 0; i < 299; i++)
		free(labels[i]);
}

int main(void)
{
	static struct container c;

	fill(&c);
	is_int(event_newest() - event_oldest(), 0, "at first there is none");
	test_texts(&c);
	test_overflow(&c);
	test_labels(&c);
	return done_testing();
}

#else

int main(void)
{
	skip_all("built without FEATURE_EVENTS");
}

#endif
