/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The networking of a container: namespace, links, addresses (attach.c) and published ports
 * (publish.c). */
#ifndef TCRD_ATTACH_H
#define TCRD_ATTACH_H

#include <stdbool.h>

#include "base/err.h"
#include "net/record.h"

struct container;
struct net;
struct spec;

/* A link is called v<12 digits of the id><number>, the number below 100. */
enum { ENDPOINTS_MAX = 16 };

/* Checks all that can be checked before anything is built: addresses, ports, the other container.
 * In SPEC container:NAME becomes container:ID. */
int attach_check(struct spec *spec, struct err *e);

/* Makes the networks of SPEC that are missing. */
int attach_provide(const struct spec *spec, struct err *e);

/* The step of a start, and its undo; see steps.h. Networks that are missing are made. */
int attach_up(struct container *c, struct err *e);
int attach_down(const char *id, struct err *e);

/* It does not run any more: its ports and names are gone. */
void attach_ended(struct container *c);
/* All is taken down: its addresses are free. */
void attach_forget(struct container *c);
/* At start, for a container that runs on. */
int attach_adopt(struct container *c, struct err *e);

/* True if the container is attached to the network NAME, or will be when it starts. */
bool attach_uses(const struct container *c, const char *name);
/* The endpoint of C on the network NAME, or NULL. */
struct endpoint *attach_endpoint(const struct container *c, const char *name);

/* The first endpoint on a network that leads outside, or NULL: the default route, the name server
 * and published ports are its. */
const struct endpoint *attach_main_endpoint(const struct container *c);
/* For --network container: the other one, if it runs; NULL with E filled. */
struct container *attach_peer(const struct spec *spec, struct err *e);
/* True if others run in the container's network namespace. */
bool attach_is_shared(const struct container *c);
/* Deletes the container's links: others may keep its namespace, but not its addresses. Blocks for
 * some 50 ms. */
void attach_cut(const struct container *c);
/* The same at start, by the record of a container that does not run. */
void attach_clear(const char *id);

/* Joins a container to a network, or takes it out: at once if it runs, and whenever it is started
 * again. */
struct attach_wish {
	uint32_t addr;   /* 0: any */
	const char *mac; /* NULL: by the address */
	char *const *aliases;
};
int attach_join_net(struct container *c, struct net *n, const struct attach_wish *w, struct err *e);
int attach_leave_net(struct container *c, struct net *n, struct err *e);

/* The same for one that runs, without a record of it. */
int attach_connect(struct container *c, struct net *n, const struct attach_wish *w, struct err *e);
int attach_disconnect(struct container *c, struct net *n, struct err *e);

/* Where the network namespace of the container is mounted, owned by the caller. */
char *netns_path(const char *id);

/* Parts of the above, for each other. */

/* attach_plan.c: fills c->net with what the spec asks for. Addresses and ports are taken from here
 * on. */
int attach_plan(struct container *c, struct err *e);
/* Whether a container can have ADDR on the network, and no other one has it. */
int attach_check_address(const struct net *n, uint32_t addr, struct err *e);
/* The ports alone: they lead to attach_main_endpoint(). */
int attach_plan_ports(struct container *c, struct err *e);
int attach_plan_endpoint(
	struct container *c, struct net *n, const struct attach_wish *w, struct err *e);
/* attach_join.c: calls FN for each network that the container is to be on when it starts,
 * until it returns something but 0, which is the result. */
int attach_each_network(const struct container *c,
	int (*fn)(void *arg, const char *network, const struct attach_wish *w, struct err *e),
	void *arg, struct err *e);
/* The same for those that it is on, if it runs; they cannot fail. */
int attach_each_current(const struct container *c,
	int (*fn)(void *arg, const char *network, const struct attach_wish *w, struct err *e),
	void *arg);
/* attach.c: writes RUN/net/ID. */
int attach_save(const struct container *c, struct err *e);
/* Builds the endpoint EP of C in the namespace NETNS. */
int attach_make_link(
	const struct container *c, const struct endpoint *ep, int netns, struct err *e);
/* Marks the networks of C for dns_flush(). */
void attach_names_changed(const struct container *c);
/* Forgets the ports that lead to ADDR. */
void attach_drop_ports(struct container *c, uint32_t addr);

/* publish.c */

/* Fills A with the ports that C asks for; they lead to TO. EXPOSED: "80/tcp" of the image, or NULL.
 * Fails if one is taken. SELF: the container, NULL if it is none yet. */
int publish_plan(const struct spec *spec, char *const *exposed, uint32_t to,
	const struct container *self, struct attachment *a, struct err *e);

/* Adds the ports that C exposes, unless A has them: those of its image, and those that it is to
 * publish. Their port of the host is 0. */
void publish_add_exposed(const struct container *c, struct attachment *a);
/* Adds the ports that C has now: those that are published, and those that are only exposed. None if
 * it does not run, or on no network of ours. */
void publish_add_live(const struct container *c, struct attachment *a);

/* Appends the ports as `ps` shows them: "0.0.0.0:8080->80/tcp, 53/udp". */
struct strbuf;
void publish_format(const struct container *c, struct strbuf *out);

#endif
