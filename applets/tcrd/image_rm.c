/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `image rm`. */
//kbuild:obj-y += image_rm.o
//verb:image-rm verb_image_rm Remove images
//usage:[OPTIONS] IMAGE...
//usage:
//usage:  -f, --force              Accepted for docker's sake: an image in use stays
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "image.h"
#include "rpc.h"

struct options {
	bool force;
};

static const struct opt table[] = {
	{ "force", 'f', OPT_BOOL, false, offsetof(struct options, force), NULL },
};

static int remove_one(struct client *cl, const char *ref, struct err *e)
{
	struct image *i = image_find(ref, e);
	const struct container *c = i ? container_using(i->id) : NULL;
	cleanup_free char *id = i ? xstrdup(i->id) : NULL;
	cleanup_free char *tag = i && i->reference ? xstrdup(reference_familiar(i->reference))
						   : NULL;

	if (!i)
		return -1;
	if (c)
		return err_set(e, 0,
			"image \"%.80s\" is used by container \"%s\"; remove that one first", ref,
			c->spec.name);
	if (image_remove(i, e))
		return -1;
	if (tag)
		client_printf(cl, "Untagged: %s\n", tag);
	client_printf(cl, "Deleted: sha256:%s\n", id);
	return 0;
}

int verb_image_rm(struct client *cl, struct err *e)
{
	cleanup_free char **refs = NULL;
	struct options o = { 0 };
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &refs, e);

	if (rc)
		return rc;
	if (!refs[0])
		return err_set(e, 0, "at least one image is required; see 'tcr image rm --help'");
	for (char **ref = refs; *ref; ref++)
		if (remove_one(cl, *ref, e))
			client_error(cl, e);
	return 0;
}
