/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run --init: the reaper, which is part of this binary, as a file that containers mount. */
//config:config FEATURE_INIT
//config:	bool "run --init: a first process that reaps and hands on signals (2.3 kb)"
//config:	default y
//config:	help
//config:	  For x86, ARM, MIPS (32 bits), and RISC-V (64 bits).
//kbuild:obj-$(CONFIG_FEATURE_INIT) += init.o
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "init.h"
#include "spec.h"
#include "tcrd.h"

static const unsigned char program[] = {
#include "generated/reaper.h"
};

static const char name[] = "init";

char *init_source(void)
{
	return xasprintf("%s/%s", tcrd.run_dir, name);
}

/* Looked at each time: the file of another version, or one that was damaged, goes. Containers that
 * run have the old one open. */
int init_up(struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err ignored;

	if (file_read(tcrd.run_fd, name, sizeof(program), &sb, &ignored) == 0 &&
		sb.len == sizeof(program) && !memcmp(sb.buf, program, sizeof(program)))
		return 0;
	return file_write(tcrd.run_fd, name, program, sizeof(program), 0555, FILE_VOLATILE, e);
}

/* True if the mount SRC:DST:MODE or DST:OPTIONS covers the target. */
static bool covers(const char *mount, bool has_source)
{
	const char *target = has_source ? strchr(mount, ':') + 1 : mount;
	size_t len = strcspn(target, ":");

	return (len == 4 && !strncmp(target, "/dev", len)) ||
		(len == strlen(INIT_TARGET) && !strncmp(target, INIT_TARGET, len));
}

int init_check(const struct spec *spec, struct err *e)
{
	char *const *v;
	bool found = false;

	if (!spec->init)
		return 0;
	for (v = spec->volumes; v && *v; v++)
		found |= covers(*v, true);
	for (v = spec->tmpfs; v && *v; v++)
		found |= covers(*v, false);
	return found ? err_set(e, 0,
			       "--init has its program at " INIT_TARGET
			       ": mount nothing there, or at /dev, or leave out --init")
		     : 0;
}
