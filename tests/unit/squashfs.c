/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of image/squashfs: every compressor of mksquashfs, and every field of the superblock wrong.
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "image.h"
#include "image/squashfs.h"

enum {
	SB_SIZE = 96,
};

static const struct {
	const char *name, *config;
} compressors[] = {
	{ "gzip", "CONFIG_SQUASHFS_ZLIB" },
	{ "lzo", "CONFIG_SQUASHFS_LZO" },
	{ "xz", "CONFIG_SQUASHFS_XZ" },
	{ "lz4", "CONFIG_SQUASHFS_LZ4" },
	{ "zstd", "CONFIG_SQUASHFS_ZSTD" },
};

/* One field of a good superblock replaced. */
static const struct {
	const char *field;
	int offset, size;
	uint64_t value;
	const char *text;
} faults[] = {
	{ "magic 0", 0, 4, 0, "is no squashfs image" },
	{ "magic of a big-endian image", 0, 4, 0x68737173, "is no squashfs image" },
	{ "magic with one bit wrong", 0, 4, 0x73717369, "is no squashfs image" },
	{ "no inodes", 4, 4, 0, "no inodes" },
	{ "block size 0", 12, 4, 0, "block size" },
	{ "block size all ones", 12, 4, UINT32_MAX, "block size" },
	{ "block size not a power of two", 12, 4, 131073, "block size" },
	{ "block size half of what the log says", 12, 4, 65536, "block size of 65536 is not 2^17" },
	{ "fragments that are not there", 16, 4, UINT32_MAX, NULL },
	{ "compressor 0", 20, 2, 0, "unknown compressor 0" },
	{ "compressor lzma", 20, 2, 2, "lzma" },
	{ "compressor 7", 20, 2, 7, "unknown compressor 7" },
	{ "compressor 65535", 20, 2, UINT16_MAX, "unknown compressor 65535" },
	{ "compressor 256 + zstd", 20, 2, 262, "unknown compressor 262" },
	{ "block log 0", 22, 2, 0, "block size" },
	{ "block log 16", 22, 2, 16, "block size" },
	{ "block log 32 + 17", 22, 2, 49, "block size" },
	{ "block log all ones", 22, 2, UINT16_MAX, "block size" },
	{ "no ids", 26, 2, 0, "no user ids" },
	{ "version 3", 28, 2, 3, "is squashfs 3.0" },
	{ "version 5", 28, 2, 5, "is squashfs 5.0" },
	{ "version 1024", 28, 2, 1024, "is squashfs 1024.0" },
	{ "version 4.1", 30, 2, 1, "is squashfs 4.1" },
	{ "root inode all ones", 32, 8, UINT64_MAX, "root inode" },
	{ "root inode behind the inode table", 32, 8, UINT64_C(1) << 60, "root inode" },
	{ "root inode behind its block", 32, 8, 8192, "root inode" },
	{ "length 0", 40, 8, 0, "a length of 0 bytes" },
	{ "length of a superblock less one", 40, 8, SB_SIZE - 1, "a length of 95 bytes" },
	{ "length of a superblock", 40, 8, SB_SIZE, "inode table is out of place" },
	{ "length of 1 TiB", 40, 8, UINT64_C(1) << 40, "bytes of 1099511627776" },
	{ "length all ones", 40, 8, UINT64_MAX, "bytes of 18446744073709551615" },
	{ "negative length", 40, 8, UINT64_C(1) << 63, "is truncated" },
	{ "id table 0", 48, 8, 0, "id table" },
	{ "id table all ones", 48, 8, UINT64_MAX, "id table" },
	{ "id table behind the end", 48, 8, UINT64_C(1) << 40, "id table" },
	{ "xattr table 0", 56, 8, 0, "xattr table" },
	{ "xattr table behind the end", 56, 8, UINT64_MAX - 1, "xattr table" },
	{ "inode table 0", 64, 8, 0, "inode table" },
	{ "inode table inside the superblock", 64, 8, SB_SIZE - 1, "inode table" },
	{ "inode table all ones", 64, 8, UINT64_MAX, "inode table" },
	{ "directory table 0", 72, 8, 0, "directory table" },
	{ "directory table before the inode table", 72, 8, SB_SIZE, "directory table" },
	{ "directory table all ones", 72, 8, UINT64_MAX, "directory table" },
	{ "fragment table 0", 80, 8, 0, "fragment table" },
	{ "fragment table all ones", 80, 8, UINT64_MAX, "fragment table" },
	{ "export table 0", 88, 8, 0, "export table" },
	{ "export table behind the end", 88, 8, UINT64_MAX - 1, "export table" },
	/* Fields that say nothing about being readable. */
	{ "another time", 8, 4, UINT32_MAX, NULL },
	{ "other flags", 24, 2, UINT16_MAX, NULL },
	{ "no xattr table", 56, 8, UINT64_MAX, NULL },
	{ "no export table", 88, 8, UINT64_MAX, NULL },
};

static void put_le(uint8_t *p, int size, uint64_t n)
{
	for (int i = 0; i < size; i++, n >>= 8)
		p[i] = (uint8_t)n;
}

static int check(int fd, struct err *e)
{
	struct squashfs_info info;

	*e = (struct err){ 0 };
	return squashfs_check(fd, &info, e);
}

static void test_compressor(const char *name, const char *config)
{
	cleanup_close int fd = image_make(name, "");
	struct squashfs_info info = { 0 };
	struct err e = { 0 };
	struct stat st;

	if (fd < 0) {
		skip(name, "this mksquashfs does not have it");
		return;
	}
	if (!ok(squashfs_check(fd, &info, &e) == 0, "an image of mksquashfs -comp %s is good",
		    name))
		printf("# %s\n", e.text);
	is_str(info.compressor, name, "its compressor is named");
	is_str(info.config, config, "its kernel option is named");
	is_int(info.block_size, 131072, "its block size is mksquashfs's default");
	fstat(fd, &st);
	ok(info.bytes_used > SB_SIZE && info.bytes_used <= (uint64_t)st.st_size &&
			info.bytes_used + 4096 > (uint64_t)st.st_size,
		"its length is that of the file without the padding");
}

static void test_variants(void)
{
	static const char *const options[] = { "-b 4096", "-b 1M", "-no-exports", "-no-xattrs",
		"-no-fragments", "-noI -noD -noF -noX", "-root-mode 0700 -all-root" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		cleanup_close int fd = image_make("gzip", options[i]);
		struct err e;

		if (!ok(fd >= 0 && check(fd, &e) == 0, "an image of mksquashfs %s is good",
			    options[i]))
			printf("# %s\n", e.text);
	}
}

/* The superblocks are those of a small image that has every table. */
static void test_faults(int fd)
{
	uint8_t good[SB_SIZE], bad[SB_SIZE];
	struct err e;

	if (pread(fd, good, SB_SIZE, 0) != SB_SIZE)
		bail_out("cannot read the image");
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		memcpy(bad, good, SB_SIZE);
		put_le(bad + faults[i].offset, faults[i].size, faults[i].value);
		if (pwrite(fd, bad, SB_SIZE, 0) != SB_SIZE)
			bail_out("cannot write the image");
		if (!faults[i].text)
			ok(check(fd, &e) == 0, "accepted: %s", faults[i].field);
		else if (!ok(check(fd, &e) == -1 && strstr(e.text, faults[i].text), "refused: %s",
				 faults[i].field))
			printf("# %s\n", e.text);
	}
	if (pwrite(fd, good, SB_SIZE, 0) != SB_SIZE || check(fd, &e) < 0)
		bail_out("the image did not get its superblock back");
}

/* No fragment was packed: then the place of their table means nothing. */
static void test_no_fragments(int fd)
{
	uint8_t sb[SB_SIZE];
	struct err e;

	if (pread(fd, sb, SB_SIZE, 0) != SB_SIZE)
		bail_out("cannot read the image");
	put_le(sb + 16, 4, 0);
	put_le(sb + 80, 8, UINT64_MAX);
	if (pwrite(fd, sb, SB_SIZE, 0) != SB_SIZE)
		bail_out("cannot write the image");
	is_int(check(fd, &e), 0, "without fragments there need not be a fragment table");
}

static void test_sizes(int fd)
{
	uint8_t sb[SB_SIZE];
	struct squashfs_info info;
	struct err e = { 0 };
	char text[100];

	if (squashfs_check(fd, &info, &e) < 0 || pread(fd, sb, SB_SIZE, 0) != SB_SIZE)
		bail_out("cannot read the image");
	if (ftruncate(fd, (off_t)(info.bytes_used - 1)) < 0)
		bail_out("cannot truncate the image");
	is_int(check(fd, &e), -1, "an image without its last byte is refused");
	snprintf(text, sizeof(text), "is truncated: %" PRIu64 " bytes of %" PRIu64,
		info.bytes_used - 1, info.bytes_used);
	is_str(e.text, text, "the text tells both sizes");
	if (ftruncate(fd, (off_t)info.bytes_used) < 0)
		bail_out("cannot truncate the image");
	if (info.bytes_used % 512) {
		is_int(check(fd, &e), -1, "an image that is not padded is refused");
		has_str(e.text, "-nopad", "the text names the option that did it");
	}
	if (ftruncate(fd, (off_t)(info.bytes_used + 511) / 512 * 512) < 0)
		bail_out("cannot truncate the image");
	is_int(check(fd, &e), 0, "padding to a sector is enough");
	if (ftruncate(fd, SB_SIZE - 1) < 0)
		bail_out("cannot truncate the image");
	check(fd, &e);
	is_str(e.text, "is truncated: 95 bytes of at least 96",
		"half a superblock is not looked into");
	for (off_t size = SB_SIZE; size >= 0; size--) {
		if (ftruncate(fd, size) < 0)
			bail_out("cannot truncate the image");
		ok(check(fd, &e) == -1 &&
				strstr(e.text,
					size >= 4      ? "is truncated"
						: size ? "is no squashfs image"
						       : "is empty"),
			"an image of %d bytes is refused", (int)size);
	}
}

static void test_other_files(void)
{
	cleanup_close int dir = open("/", O_RDONLY | O_CLOEXEC);
	cleanup_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	cleanup_close int path = open("/etc/passwd", O_PATH | O_CLOEXEC);
	cleanup_close int text = memfd_create("text", MFD_CLOEXEC);
	cleanup_close int write_only = open(image_dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	int pipe_fds[2];
	struct err e;

	if (write(text, "#!/bin/sh\n", 10) != 10 || pipe(pipe_fds) < 0)
		bail_out("cannot make the files");
	is_int(check(text, &e), -1, "a text is refused");
	is_str(e.text, "is no squashfs image", "a text is no squashfs image");
	check(dir, &e);
	is_str(e.text, "is not a regular file", "a directory is refused");
	check(null, &e);
	is_str(e.text, "is not a regular file", "a device is refused");
	check(pipe_fds[0], &e);
	is_str(e.text, "is not a regular file", "a pipe is refused and not waited for");
	check(-1, &e);
	is_str(e.text, "cannot be read: Bad file descriptor", "no descriptor is an error");
	check(path, &e);
	is_str(e.text, "cannot be read: Bad file descriptor",
		"a descriptor without access is an error");
	check(write_only, &e);
	is_str(e.text, "cannot be read: Bad file descriptor",
		"a write-only descriptor is an error");
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

int main(void)
{
	cleanup_close int fd = -1;
	struct err e;

	image_setup();
	atexit(image_cleanup);
	for (size_t i = 0; i < ARRAY_SIZE(compressors); i++)
		test_compressor(compressors[i].name, compressors[i].config);
	test_variants();
	fd = image_make("lzma", "");
	if (fd < 0) {
		skip("an image of mksquashfs -comp lzma is refused", "this mksquashfs has no lzma");
	} else {
		check(fd, &e);
		has_str(e.text, "uses lzma", "an image of mksquashfs -comp lzma is refused");
		close(fd);
	}
	fd = image_make("gzip", "");
	if (fd < 0)
		bail_out("mksquashfs does not work");
	lseek(fd, 1000, SEEK_SET);
	is_int(check(fd, &e), 0, "the offset of the descriptor does not matter");
	is_int(lseek(fd, 0, SEEK_CUR), 1000, "the offset of the descriptor stays");
	test_faults(fd);
	test_sizes(fd);
	close(fd);
	fd = image_make("gzip", "");
	test_no_fragments(fd);
	test_other_files();
	return done_testing();
}
