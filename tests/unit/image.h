/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Squashfs images of a few files for unit tests, made by the real mksquashfs(1). */
#ifndef TCR_TESTS_UNIT_IMAGE_H
#define TCR_TESTS_UNIT_IMAGE_H

#include <fcntl.h>
#include <unistd.h>

#include "tap.h"

static char image_dir[] = "/tmp/unit-image.XXXXXX";

static inline void image_cleanup(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", image_dir);
	if (system(command) != 0)
		fprintf(stderr, "%s is left behind\n", image_dir);
}

/* Makes the directory and the tree that is packed. Ends the program if there is no mksquashfs. */
static inline void image_setup(void)
{
	char command[300];

	if (system("command -v mksquashfs >/dev/null") != 0)
		skip_all("mksquashfs is not installed (package squashfs-tools)");
	if (!mkdtemp(image_dir))
		bail_out("cannot make a directory in /tmp");
	snprintf(command, sizeof(command),
		"cd %s && mkdir -p tree/bin && echo hello >tree/hello && seq 99999 "
		">tree/bin/numbers",
		image_dir);
	if (system(command) != 0)
		bail_out("cannot make a tree");
}

/* Packs the tree with COMPRESSOR and other OPTIONS; returns the image's descriptor, or -1. */
static inline int image_make(const char *compressor, const char *options)
{
	char command[400], path[100];

	snprintf(path, sizeof(path), "%s/%s.sqfs", image_dir, compressor);
	snprintf(command, sizeof(command),
		"mksquashfs %s/tree %s -comp %s %s -noappend -quiet -no-progress >/dev/null 2>&1",
		image_dir, path, compressor, options);
	return system(command) == 0 ? open(path, O_RDWR | O_CLOEXEC) : -1;
}

#endif
