/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers: creation, look-up, waiters. The records are in record.c. */
//kbuild:obj-y += container.o
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "attach.h"
#include "base/log.h"
#include "base/opt.h"
#include "container.h"
#include "event.h"
#include "image.h"
#include "log.h"
#include "record.h"
#include "rpc.h"
#include "run.h"
#include "start.h"
#include "volume.h"

struct list containers = LIST_INIT(containers);

static const struct container *find_name(const char *name)
{
	struct container *c;

	list_for_each (c, &containers, node)
		if (!strcmp(c->spec.name, name))
			return c;
	return NULL;
}

struct container *container_find(const char *ref, struct err *e)
{
	struct container *c = (struct container *)find_name(ref), *found = NULL;
	size_t len = strlen(ref);
	unsigned n = 0;

	if (c)
		return c;
	list_for_each (c, &containers, node) {
		if (len && len <= ID_LEN && !strncmp(c->id, ref, len)) {
			found = c;
			n++;
		}
	}
	if (n == 1)
		return found;
	err_set(e, 0,
		n ? "the id \"%.70s\" fits more than one container; give more digits"
		  : "no such container: \"%.70s\"",
		ref);
	return NULL;
}

const struct container *container_using(const char *image_id)
{
	struct container *c;

	list_for_each (c, &containers, node)
		if (c->state != ST_REMOVING && !strcmp(c->spec.image_id, image_id))
			return c;
	return NULL;
}

int random_id(char id[ID_LEN + 1], struct err *e)
{
	uint8_t bytes[ID_LEN / 2];

	/* All bits are there from boot on where the kernel has a source; else this says so instead
	 * of waiting. */
	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != sizeof(bytes))
		return err_set(e, 0, "the kernel has no random numbers yet; try again");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		id[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		id[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	id[ID_LEN] = '\0';
	return 0;
}

/* stop's patience is over. */
static void kill_due(struct timer *t)
{
	struct container *c = container_of(t, struct container, kill_timer);
	struct err e;

	if (container_event(c, EV_KILL, &e))
		log_msg("%s", e.text);
}

/* Records of older daemons have seconds only. */
static bool is_older(const char *a, const char *b)
{
	const char *x = strchr(a, '.'), *y = strchr(b, '.');
	long long s = atoll(a), t = atoll(b);

	return s != t ? s < t : strcmp(x ? x : "", y ? y : "") < 0;
}

/* The newest comes first, as docker lists them. */
static struct list *place_in_list(const char *created)
{
	struct container *c;

	list_for_each (c, &containers, node)
		if (!is_older(created, c->spec.created))
			return &c->node;
	return &containers;
}

/* With nanoseconds: several may come within a second, and keep their order over restarts. */
static char *now_as_text(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return xasprintf("%lld.%09ld", (long long)now.tv_sec, now.tv_nsec);
}

struct container *container_alloc(const char *id, struct spec *spec)
{
	struct container *c = xcalloc(1, sizeof(*c));

	memcpy(c->id, id, ID_LEN + 1);
	c->spec = *spec;
	*spec = (struct spec){ 0 };
	c->master.fd = c->console = -1;
	c->kill_timer.fire = kill_due;
	c->retry.fire = start_due;
	list_init(&c->execs);
	list_init(&c->waiters);
	list_append(place_in_list(c->spec.created), &c->node);
	return c;
}

int container_name_is_free(const char *name, struct err *e)
{
	const struct container *other = find_name(name);

	return other ? err_set(e, 0,
			       "the name \"%s\" is taken by container %.12s; remove that one with `tcr rm`",
			       name, other->id)
		     : 0;
}

struct container *container_create(struct spec *spec, struct err *e)
{
	char id[ID_LEN + 1];
	const struct image *image = image_find(spec->image, e);
	struct container *c;

	if (!image || (spec->name && container_name_is_free(spec->name, e)))
		return NULL;
	spec->image_id = xstrdup(image->id);
	if ((ENABLE_FEATURE_NETWORK && attach_check(spec, e)) || random_id(id, e))
		return NULL;
	if (!spec->name)
		spec->name = xstrndup(id, SHORT_ID_LEN);
	spec->created = now_as_text();
	if ((ENABLE_FEATURE_VOLUME && volumes_provide(spec, e)) ||
		(ENABLE_FEATURE_NETWORK && attach_provide(spec, e)) || record_prepare(id, spec, e))
		return NULL;
	c = container_alloc(id, spec);
	event_container(c, "create", NULL, NULL);
	return c;
}

void container_discard(struct container *c)
{
	struct err e;

	if (record_remove(c->id, &c->spec, &e))
		log_msg("%s", e.text);
	container_free(c);
}

void container_signal(struct container *c, int sig)
{
	if (c->init.pid)
		event_container_int(c, "kill", "signal", sig, NULL);
	child_kill(&c->init, sig);
}

static bool is_met(const struct container *c, enum wait_for what)
{
	bool still = c->state == ST_CREATED || c->state == ST_EXITED;

	return what == WAIT_STARTED ? c->state == ST_RUNNING
		: what == WAIT_ENDED || what == WAIT_STOPPED ? still
							      : false;
}

static void drop(struct waiter *w)
{
	struct client *cl = w->client;

	if (w->container)
		list_remove(&w->node);
	list_remove(&w->order);
	free(w->text);
	free(w);
	client_release(cl);
}

void container_wait(struct container *c, enum wait_for what, struct client *cl, const char *text)
{
	struct waiter *w = xcalloc(1, sizeof(*w));

	w->what = what;
	w->client = cl;
	w->container = c;
	w->text = text ? xstrdup(text) : NULL;
	list_append(&cl->waits, &w->order);
	client_hold(cl);
	if (!c)
		return;
	list_append(&c->waiters, &w->node);
	if (is_met(c, what))
		container_notify(c, what, NULL);
}

/* The answers that need not wait for one before them. */
static void answer(struct client *cl)
{
	struct waiter *w;

	client_hold(cl);
	list_for_each (w, &cl->waits, order) {
		if (w->container)
			break;
		if (w->text)
			client_printf(cl, "%s\n", w->text);
		drop(w);
	}
	client_release(cl);
}

void container_wait_cancel(struct client *cl)
{
	struct waiter *w;

	list_for_each (w, &cl->waits, order)
		drop(w);
}

static void tell(const struct container *c, struct waiter *w, const struct err *why)
{
	list_remove(&w->node);
	w->container = NULL;
	if (why) {
		client_error(w->client, why);
		free(steal_ptr(&w->text));
	} else if (!w->text) {
		w->text = xasprintf("%d", c->exit_code);
	}
	answer(w->client);
}

void container_notify(struct container *c, enum wait_for what, const struct err *why)
{
	struct waiter *w;

	list_for_each (w, &c->waiters, node)
		if (w->what == what)
			tell(c, w, why);
}

static void tell_all(struct container *c)
{
	struct waiter *w;
	struct err gone;

	err_set(&gone, 0, "container \"%s\" was removed", c->spec.name);
	list_for_each (w, &c->waiters, node)
		tell(c, w, w->what != WAIT_STARTED ? NULL : c->failure ? c->failure : &gone);
}

void container_free(struct container *c)
{
	tell_all(c);
	list_remove(&c->node);
	timer_cancel(&c->kill_timer);
	timer_cancel(&c->retry);
	record_clear_state(c->id);
	if (ENABLE_FEATURE_NETWORK)
		attach_forget(c);
	run_close_terminal(c);
	if (ENABLE_FEATURE_LOGS)
		log_forget(c);
	spec_free(&c->spec);
	free(c->cidfile);
	free(c->detach_keys);
	free(c->failure);
	free(c);
}
