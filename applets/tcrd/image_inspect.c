/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `image inspect`. */
//config:config FEATURE_IMAGE_INSPECT
//config:	bool "image inspect: show all about an image (1 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_IMAGE_INSPECT) += image_inspect.o inspect_verb.o
//verb:image-inspect verb_image_inspect Show what is known of images, as JSON
//usage:[OPTIONS] IMAGE...
//usage-FEATURE_INSPECT:
//usage-FEATURE_INSPECT:  -f, --format TEXT        json on one line, or text with {{.A.B}} or {{json .A}} in it
#include "base/mem.h"
#include "image.h"
#include "image_record.h"
#include "inspect.h"
#include "rpc.h"

static void add_config(struct json *j, const struct image_facts *f)
{
	json_object(j, "Config");
	json_strv(j, "Cmd", f->config.command);
	json_strv(j, "Entrypoint", f->config.entrypoint);
	json_strv(j, "Env", f->config.env);
	json_object(j, "ExposedPorts");
	for (char **p = f->exposed_ports; p && *p; p++) {
		json_object(j, *p);
		json_end(j);
	}
	json_end(j);
	json_object(j, "Labels");
	for (char **l = f->labels; l && l[0] && l[1]; l += 2)
		json_string(j, l[0], l[1]);
	json_end(j);
	json_string(j, "StopSignal", f->config.stop_signal);
	json_string(j, "User", f->config.user ? f->config.user : "");
	json_string(j, "WorkingDir", f->config.workdir ? f->config.workdir : "");
	json_end(j);
}

int inspect_image(struct json *j, const char *ref, const struct inspect_options *o, struct err *e)
{
	const struct image *i = image_find(ref, e);
	cleanup_free char *id = i ? xasprintf("sha256:%s", i->id) : NULL, *created = NULL;
	struct image_facts f = { 0 };
	int rc;

	(void)o;
	if (!i)
		return 1;
	created = format_rfc3339(i->created);
	rc = image_read_all(i->id, &f, e);
	json_object(j, NULL);
	json_string(j, "Id", id);
	json_array(j, "RepoTags");
	if (i->reference)
		json_string(j, NULL, reference_familiar(i->reference));
	json_end(j);
	json_string(j, "Digest", f.digest);
	json_string(j, "Created", created);
	json_string(j, "Architecture", i->arch);
	json_string(j, "Os", "linux");
	json_uint(j, "Size", i->size);
	add_config(j, &f);
	json_end(j);
	image_facts_free(&f);
	return rc;
}

int verb_image_inspect(struct client *cl, struct err *e)
{
	static const struct inspect_kind image = { "image", inspect_image };

	return inspect_verb(cl, &image, 1, 1, e);
}
