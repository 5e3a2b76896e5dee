/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The superblock of squashfs 4.0. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "image/squashfs.h"

/* Offsets of the superblock's fields, all little-endian (Documentation/filesystems/squashfs.rst,
 * section 3). */
enum {
	SB_MAGIC = 0,
	SB_INODES = 4,
	SB_BLOCK_SIZE = 12,
	SB_FRAGMENTS = 16,
	SB_COMPRESSOR = 20,
	SB_BLOCK_LOG = 22,
	SB_IDS = 26,
	SB_MAJOR = 28,
	SB_MINOR = 30,
	SB_ROOT_INODE = 32,
	SB_BYTES_USED = 40,
	SB_ID_TABLE = 48,
	SB_XATTR_TABLE = 56,
	SB_INODE_TABLE = 64,
	SB_DIRECTORY_TABLE = 72,
	SB_FRAGMENT_TABLE = 80,
	SB_EXPORT_TABLE = 88,
	SB_SIZE = 96,

	MAGIC = 0x73717368,   /* "hsqs" */
	METADATA_SIZE = 8192, /* bytes of a metadata block, unpacked */
	MIN_BLOCK_LOG = 12,
	MAX_BLOCK_LOG = 20,
	SECTOR = 512,
};

static const struct compressor {
	const char *name, *config;
} compressors[] = {
	[1] = { "gzip", "CONFIG_SQUASHFS_ZLIB" },
	[3] = { "lzo", "CONFIG_SQUASHFS_LZO" },
	[4] = { "xz", "CONFIG_SQUASHFS_XZ" },
	[5] = { "lz4", "CONFIG_SQUASHFS_LZ4" },
	[6] = { "zstd", "CONFIG_SQUASHFS_ZSTD" },
};

enum {
	COMPRESSOR_LZMA = 2, /* has an id, but no Linux ever had the code */
};

/* In the order in which they stand in the file; the kernel insists on it. */
static const struct table {
	const char *name;
	unsigned char field;
	bool optional; /* all ones stand for "there is none" */
} tables[] = {
	{ "inode", SB_INODE_TABLE, false },
	{ "directory", SB_DIRECTORY_TABLE, false },
	{ "fragment", SB_FRAGMENT_TABLE, false },
	{ "export", SB_EXPORT_TABLE, true },
	{ "id", SB_ID_TABLE, false },
	{ "xattr", SB_XATTR_TABLE, true },
};

/* Read a byte at a time: that is right on every CPU. */
static uint64_t le(const uint8_t *p, int bytes)
{
	uint64_t n = 0;

	while (bytes--)
		n = n << 8 | p[bytes];
	return n;
}

#define LE16(sb, field) ((unsigned int)le((sb) + (field), 2))
#define LE32(sb, field) ((uint32_t)le((sb) + (field), 4))
#define LE64(sb, field) le((sb) + (field), 8)

static int check_version(const uint8_t *sb, struct err *e)
{
	unsigned int major = LE16(sb, SB_MAJOR), minor = LE16(sb, SB_MINOR);

	if (major != 4 || minor != 0)
		return err_set(e, 0,
			"is squashfs %u.%u instead of 4.0: pack it again with mksquashfs 4", major,
			minor);
	return 0;
}

static int check_compressor(const uint8_t *sb, struct squashfs_info *info, struct err *e)
{
	unsigned int id = LE16(sb, SB_COMPRESSOR);

	if (id == COMPRESSOR_LZMA)
		return err_set(e, 0, "uses lzma, which Linux cannot read: pack it again with zstd");
	if (id >= ARRAY_SIZE(compressors) || !compressors[id].name)
		return err_set(e, 0, "uses the unknown compressor %u: pack it again with zstd", id);
	info->compressor = compressors[id].name;
	info->config = compressors[id].config;
	return 0;
}

static int check_block_size(const uint8_t *sb, struct squashfs_info *info, struct err *e)
{
	unsigned int log = LE16(sb, SB_BLOCK_LOG);

	info->block_size = LE32(sb, SB_BLOCK_SIZE);
	if (log < MIN_BLOCK_LOG || log > MAX_BLOCK_LOG || info->block_size != UINT32_C(1) << log)
		return err_set(e, 0, "is damaged: a block size of %" PRIu32 " is not 2^%u",
			info->block_size, log);
	return 0;
}

static int check_length(
	const uint8_t *sb, uint64_t file_size, struct squashfs_info *info, struct err *e)
{
	uint64_t used = info->bytes_used = LE64(sb, SB_BYTES_USED);

	if (used < SB_SIZE)
		return err_set(e, 0, "is damaged: a length of %" PRIu64 " bytes", used);
	if (used > file_size)
		return err_set(
			e, 0, "is truncated: %" PRIu64 " bytes of %" PRIu64, file_size, used);
	/* A loop device has whole sectors only, so the kernel would miss the last bytes. */
	if (used > file_size / SECTOR * SECTOR)
		return err_set(
			e, 0, "is not padded to %d bytes: pack it again without -nopad", SECTOR);
	return 0;
}

static int check_counts(const uint8_t *sb, struct err *e)
{
	uint64_t root = LE64(sb, SB_ROOT_INODE);
	uint64_t inode_bytes = LE64(sb, SB_DIRECTORY_TABLE) - LE64(sb, SB_INODE_TABLE);

	if (LE32(sb, SB_INODES) == 0)
		return err_set(e, 0, "is damaged: it has no inodes");
	if (LE16(sb, SB_IDS) == 0)
		return err_set(e, 0, "is damaged: it has no user ids");
	if (root >> 16 >= inode_bytes || (root & 0xffff) >= METADATA_SIZE)
		return err_set(e, 0, "is damaged: the root inode is not in the inode table");
	return 0;
}

static int check_tables(const uint8_t *sb, uint64_t bytes_used, struct err *e)
{
	uint64_t least = SB_SIZE;

	for (const struct table *t = tables; t < tables + ARRAY_SIZE(tables); t++) {
		uint64_t start = LE64(sb, t->field);

		if (t->optional && start == UINT64_MAX)
			continue;
		if (t->field == SB_FRAGMENT_TABLE && LE32(sb, SB_FRAGMENTS) == 0)
			continue; /* nobody reads it then, and mksquashfs leaves anything there */
		if (start < least || start >= bytes_used)
			return err_set(e, 0, "is damaged: its %s table is out of place", t->name);
		least = start;
	}
	return 0;
}

/* Reads the superblock and the size of the file. */
static int read_superblock(int fd, uint8_t sb[SB_SIZE], uint64_t *file_size, struct err *e)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "cannot be read");
	if (!S_ISREG(st.st_mode))
		return err_set(e, 0, "is not a regular file");
	*file_size = (uint64_t)st.st_size;
	do
		n = pread(fd, sb, SB_SIZE, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(e, errno, "cannot be read");
	if (n < 4 || LE32(sb, SB_MAGIC) != MAGIC)
		return err_set(e, 0, n ? "is no squashfs image" : "is empty");
	if (n < SB_SIZE)
		return err_set(e, 0, "is truncated: %zd bytes of at least %d", n, SB_SIZE);
	return 0;
}

int squashfs_check(int fd, struct squashfs_info *info, struct err *e)
{
	uint8_t sb[SB_SIZE] = { 0 };
	uint64_t file_size = 0;

	*info = (struct squashfs_info){ 0 };
	if (read_superblock(fd, sb, &file_size, e) < 0 || check_version(sb, e) < 0 ||
		check_compressor(sb, info, e) < 0 || check_block_size(sb, info, e) < 0 ||
		check_length(sb, file_size, info, e) < 0 ||
		check_tables(sb, info->bytes_used, e) < 0)
		return -1;
	return check_counts(sb, e);
}
