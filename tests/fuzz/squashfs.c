/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any bytes as a squashfs image. */
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "image/squashfs.h"
#include "fuzz.h"

/* The file is the first 96 bytes and holes up to the size that the next four give: real images need
 * not fit. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct squashfs_info info;
	struct err e = { 0 };
	size_t head = size < 96 ? size : 96;
	uint32_t length = (uint32_t)size;

	if (fd < 0)
		fd = memfd_create("image", MFD_CLOEXEC);
	if (size >= 100)
		memcpy(&length, data + 96, 4);
	if (length < head)
		length = (uint32_t)head;
	require(ftruncate(fd, 0) == 0 && pwrite(fd, data, head, 0) == (ssize_t)head);
	require(ftruncate(fd, length) == 0);
	if (squashfs_check(fd, &info, &e) == 0) {
		require(info.compressor && !strncmp(info.config, "CONFIG_SQUASHFS_", 16));
		require(info.block_size >= 4096 && info.block_size <= 1 << 20);
		require(info.bytes_used >= 96 && info.bytes_used <= length);
		require(!e.exit_code);
	} else {
		require(e.exit_code == EXIT_ENGINE && e.text[0] && !strchr(e.text, '\n'));
	}
	return 0;
}
