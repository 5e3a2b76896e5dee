/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events: what happened to containers, images, networks and volumes, for `events`. The last ones
 * are kept in memory, and nothing is done for those that nobody asks for. */
#ifndef TCRD_EVENT_H
#define TCRD_EVENT_H

#include <stdint.h>

struct container;
struct network;

#if ENABLE_FEATURE_EVENTS

/* ACTION in docker's words ("start", "die", "exec_create: sh"). ATTR: one attribute more
 * ("exitCode") with VALUE, or NULL. All texts are copied. */
void event_container(
	const struct container *c, const char *action, const char *attr, const char *value);

/* The same with a number. EXEC_ID: one more attribute, or NULL. */
void event_container_int(const struct container *c, const char *action, const char *attr, int value,
	const char *exec_id);

/* TYPE: "image", "network" or "volume". NAME may be NULL. */
void event_emit(const char *type, const char *action, const char *id, const char *name);

/* The container CONTAINER_ID and a network: "connect", "disconnect". */
void event_network(const struct network *n, const char *action, const char *container_id);

#else

static inline void event_container(
	const struct container *c, const char *action, const char *attr, const char *value)
{
	(void)c, (void)action, (void)attr, (void)value;
}

static inline void event_container_int(const struct container *c, const char *action,
	const char *attr, int value, const char *exec_id)
{
	(void)c, (void)action, (void)attr, (void)value, (void)exec_id;
}

static inline void event_emit(
	const char *type, const char *action, const char *id, const char *name)
{
	(void)type, (void)action, (void)id, (void)name;
}

static inline void event_network(
	const struct network *n, const char *action, const char *container_id)
{
	(void)n, (void)action, (void)container_id;
}

#endif

/* For the verb `events`. */

/* An event as it is kept. Valid until the next one happens. */
struct event_record {
	uint64_t next; /* the cursor behind it */
	int64_t ms;    /* since 1970 */
	const char *type, *action, *id;
	const char *attributes; /* key, value, key, value ..., each with its NUL, then an empty key
				 */
};

/* Where the events that are kept begin, and where the next one will be. */
uint64_t event_oldest(void);
uint64_t event_newest(void);

/* The event at the cursor AT, which must not be overtaken or at the end: event_oldest() <= AT <
 * event_newest(). */
void event_read(uint64_t at, struct event_record *ev);

/* An event has happened. */
void events_happened(void);

/* Those before the cursor OLDEST are about to be forgotten: a follower that has taken all it got
 * until now gets them, for it may have had no chance; another is told that it is too slow. */
void events_forget(uint64_t oldest);

/* SIGHUP, see handover.h: the events that are kept. Events of this daemon have cursors from
 * EVENT_FIRST on, those of the last one come before it. */
enum { EVENT_FIRST = 16 * 1024 };
struct strbuf;
void event_store(struct strbuf *out);
void event_restore(const char *word);

/* The daemon ends: so do those who follow. */
void events_end(void);

/* After SIGHUP: LINE is what the follower's store() has told. */
struct client;
void events_restore(struct client *cl, char *line);

#endif
