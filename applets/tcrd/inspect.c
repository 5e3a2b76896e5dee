/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs `inspect` and `container inspect`. */
//config:config FEATURE_INSPECT
//config:	bool "inspect: show all about containers, and --format of all inspects (9.2 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_INSPECT) += inspect.o inspect_verb.o inspect_container.o inspect_config.o
//verb:inspect verb_inspect Show what is known of containers, images, networks and volumes, as JSON
//usage:[OPTIONS] NAME...
//usage:
//usage:  -f, --format TEXT        json on one line, or text with {{.A.B}} or {{json .A}} in it
//usage:  -s, --size               Of containers: count the bytes of their files, too
//usage:      --type KIND          Only container, image, network or volume
//verb:container-inspect verb_container_inspect Show what is known of containers, as JSON
//usage:[OPTIONS] CONTAINER...
//usage:
//usage:  -f, --format TEXT        json on one line, or text with {{.A.B}} or {{json .A}} in it
//usage:  -s, --size               Count the bytes of their files, too
#include "base/mem.h"
#include "inspect.h"
#include "rpc.h"

static const struct inspect_kind kinds[] = { { "container", inspect_container },
	IF_FEATURE_IMAGE_INSPECT({ "image", inspect_image }, )
		IF_FEATURE_NETWORK({ "network", inspect_network }, )
			IF_FEATURE_VOLUME({ "volume", inspect_volume }, ) };

int verb_inspect(struct client *cl, struct err *e)
{
	return inspect_verb(cl, kinds, ARRAY_SIZE(kinds), 3, e);
}

int verb_container_inspect(struct client *cl, struct err *e)
{
	return inspect_verb(cl, kinds, 1, 2, e);
}
