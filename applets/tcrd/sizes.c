/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much space containers take. */
//kbuild:obj-y += sizes.o
#include <fcntl.h>

#include "archive/copy.h"
#include "base/mem.h"
#include "container.h"
#include "image.h"
#include "sizes.h"
#include "steps.h"

void container_sizes(const struct container *c, unsigned long long *rw, unsigned long long *virtual)
{
	cleanup_free char *upper = rootfs_upper(c);
	const struct image *i = image_by_id(c->spec.image_id);

	*rw = tree_size(AT_FDCWD, upper);
	*virtual = *rw + (i ? i->size : 0);
}
