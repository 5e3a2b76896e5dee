/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of what `inspect` shows of a container, for inspect_container.c. */
#ifndef TCRD_INSPECT_CONTAINER_H
#define TCRD_INSPECT_CONTAINER_H

#include <stdbool.h>

#include "json/json.h"

struct container;
struct image_facts;

/* Path and Args: what it runs. */
void inspect_process(struct json *j, const struct container *c, const struct image_facts *f);
/* HostConfig */
void inspect_host_config(struct json *j, const struct container *c);
/* Config */
void inspect_config(struct json *j, const struct container *c, const struct image_facts *f);
/* NetworkSettings */
void inspect_networks(struct json *j, const struct container *c);

/* inspect_ports.c: adds an object, from "80/tcp" to where that is published. */
enum inspect_ports {
	PORTS_LIVE,    /* what is; null: nowhere */
	PORTS_WANTED,  /* what was asked for */
	PORTS_EXPOSED, /* nowhere: always an empty object */
};
void inspect_ports(
	struct json *j, const char *key, const struct container *c, enum inspect_ports which);

#endif
