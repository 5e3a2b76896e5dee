/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of archive/tar: what is written is read again, what is hostile stays outside of nothing. */
#include <sys/mman.h>
#include <sys/xattr.h>

#include "archive/format.h"
#include "archive/tar.h"
#include "base/mem.h"
#include "tmpdir.h"

static void shell(const char *command)
{
	if (system(command))
		bail_out(command);
}

static int archive(void)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	if (fd < 0)
		bail_out("memfd_create");
	return fd;
}

static int pack(const char *tree, const char *as, struct err *e)
{
	cleanup_close int top = open(tree, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int fd = archive();
	struct tar_writer w;

	tar_create(&w, fd);
	if (tar_add_tree(&w, top, as, e) || tar_finish(&w, e))
		printf("# %s\n", e->text);
	tar_writer_free(&w);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static int unpack_with(int fd, const char *dir, unsigned flags, bool symlinks, struct err *e)
{
	struct tar_target t = { .flags = flags, .symlinks = symlinks };
	struct tar_reader r;
	int rc;

	*e = (struct err){ 0 };
	mkdir(dir, 0755);
	t.root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	lseek(fd, 0, SEEK_SET);
	tar_open(&r, fd);
	rc = tar_extract(&r, &t, e);
	tar_close(&r);
	close(t.root);
	return rc ? rc : (int)t.left_out;
}

static int unpack(int fd, const char *dir, struct err *e)
{
	return unpack_with(fd, dir, 0, false, e);
}

/* An archive of members that are given as they are. */
static int members(const struct tar_entry *entries, size_t n)
{
	int fd = archive();
	struct tar_writer w;
	struct err e;

	tar_create(&w, fd);
	for (size_t i = 0; i < n; i++)
		if (tar_put(&w, &entries[i], &e))
			bail_out(e.text);
	if (tar_finish(&w, &e))
		bail_out(e.text);
	tar_writer_free(&w);
	return fd;
}

#define MEMBERS(...)                                       \
	members((const struct tar_entry[]){ __VA_ARGS__ }, \
		sizeof((const struct tar_entry[]){ __VA_ARGS__ }) / sizeof(struct tar_entry))

#define DIRECTORY(n)                                   \
	{                                              \
		.type = '5', .name = (n), .mode = 0755 \
	}
#define EMPTY(n)                                       \
	{                                              \
		.type = '0', .name = (n), .mode = 0644 \
	}
#define SYMLINK(n, l)                                               \
	{                                                           \
		.type = '2', .name = (n), .link = (l), .mode = 0777 \
	}
#define LINK(n, l)                                                  \
	{                                                           \
		.type = '1', .name = (n), .link = (l), .mode = 0644 \
	}

static void make_tree(void)
{
	const struct timespec then[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

	mkdir("tree", 0750);
	mkdir("tree/empty", 01777);
	tmpdir_file("tree/file", "hello\n");
	tmpdir_file("tree/nothing", "");
	chmod("tree/file", 04751);
	shell("cd tree && ln file 'second name' && ln -s /etc/passwd symlink");
	mkfifo("tree/fifo", 0600);
	setxattr("tree/file", "user.colour", "blue\0green", 10, 0);
	utimensat(AT_FDCWD, "tree/file", then, 0);
	utimensat(AT_FDCWD, "tree/symlink", then, AT_SYMLINK_NOFOLLOW);
	utimensat(AT_FDCWD, "tree", then, 0);
}

static mode_t mode_of(const char *name)
{
	struct stat st = { 0 };

	lstat(name, &st);
	return st.st_mode;
}

static void test_round_trip(void)
{
	struct err e = { 0 };
	cleanup_close int fd = -1;
	char link[64] = "", value[20] = "";
	struct stat a = { 0 }, b = { 0 };

	make_tree();
	fd = pack("tree", "tree", &e);
	is_int(unpack_with(fd, "copy", TAR_OWNERS, false, &e), 0, "a tree is packed and unpacked");
	is_str(tmpdir_text("copy/tree/file"), "hello\n", "a file has its content");
	is_int(mode_of("copy/tree/file"), S_IFREG | 04751, "it has its mode, setuid too");
	is_int(mode_of("copy/tree"), S_IFDIR | 0750, "a directory has its mode");
	is_int(mode_of("copy/tree/empty"), S_IFDIR | 01777, "an empty directory is there");
	is_int(mode_of("copy/tree/fifo"), S_IFIFO | 0600, "a FIFO is one");
	stat("copy/tree/file", &a);
	stat("copy/tree/second name", &b);
	ok(a.st_ino == b.st_ino && a.st_nlink == 2, "two names of a file stay one file");
	is_int(a.st_mtime, 1000000000, "a file has its time");
	stat("copy/tree", &a);
	is_int(a.st_mtime, 1000000000, "a directory has its time, whatever was put into it");
	ok(readlink("copy/tree/symlink", link, sizeof(link)) == 11 && !strcmp(link, "/etc/passwd"),
		"a symlink has its target");
	if (getxattr("tree/file", "user.colour", value, sizeof(value)) == 10)
		ok(getxattr("copy/tree/file", "user.colour", value, sizeof(value)) == 10 &&
				!memcmp(value, "blue\0green", 10),
			"a user's attribute goes along");
	else
		skip("a user's attribute goes along", "this filesystem has none");
	unpack(fd, "plain", &e);
	is_int(mode_of("plain/tree/file"), S_IFREG | 0751, "without owners nothing is setuid");
}

static void test_content(void)
{
	struct err e = { 0 };
	cleanup_close int fd = pack("tree", ".", &e);

	mkdir("into", 0700);
	is_int(unpack(fd, "into", &e), 0, "the content alone is unpacked");
	is_str(tmpdir_text("into/file"), "hello\n", "it is at the top");
	is_int(mode_of("into"), S_IFDIR | 0700, "a directory that was there keeps its mode");
	is_int(unpack(fd, "into", &e), 0, "it is unpacked over itself");
	is_str(tmpdir_text("into/file"), "hello\n", "and is the same");
}

/* Names and numbers for which a header has no room. */
static void test_long(void)
{
	cleanup_sb struct strbuf name = STRBUF_INIT;
	struct tar_entry entry = { .type = '0',
		.uid = 3000000000U,
		.size = 1ULL << 40,
		.mtime = -5 },
			 got;
	struct tar_reader r;
	struct tar_writer w;
	struct err e = { 0 };
	cleanup_close int fd = archive();

	for (int i = 0; i < 40; i++)
		sb_addf(&name, "%sdirectory-%d", i ? "/" : "", i);
	entry.name = name.buf;
	tar_create(&w, fd);
	is_int(tar_put(&w, &entry, &e), 0, "a member with long values is written");
	tar_writer_free(&w);
	lseek(fd, 0, SEEK_SET);
	tar_open(&r, fd);
	is_int(tar_next(&r, &got, &e), 1, "it is read");
	is_str(got.name, name.buf, "its name is as long as it was");
	is_int(got.uid, 3000000000U, "its owner is the same");
	is_int(got.size, 1LL << 40, "its size is the same");
	is_int(got.mtime, -5, "its time is before 1970");
	tar_entry_free(&got);
	is_int(tar_next(&r, &got, &e), -1, "its data is missed");
	has_str(e.text, "too early", "and that is said");
	tar_entry_free(&got);
	tar_close(&r);
}

/* Extracts into "box", beside which is "outside". */
static void refused(int fd, const char *why, const char *assertion)
{
	struct err e;
	bool pass;

	shell("rm -rf box outside; mkdir box outside; ln -s ../outside box/out");
	pass = unpack(fd, "box", &e) == -1 && strstr(e.text, why);
	ok(pass && tmpdir_count("outside") == 0, "%s", assertion);
	if (!pass)
		printf("# %s\n", e.text);
	close(fd);
}

static void test_hostile(void)
{
	refused(MEMBERS(EMPTY("../outside/x")), "no name", "a name that leads upwards is refused");
	refused(MEMBERS(EMPTY("a/../../outside/x")), "no name", "also from further down");
	refused(MEMBERS(EMPTY("out/x")), "symbolic link",
		"a symlink that is there is not followed");
	refused(MEMBERS(SYMLINK("l", "../outside"), EMPTY("l/x")), "symbolic link",
		"nor is one of the archive");
	refused(MEMBERS(SYMLINK("l", "../outside"), DIRECTORY("l")), "none there",
		"a directory does not take the place of a symlink");
	refused(MEMBERS(SYMLINK("l", "../outside"), DIRECTORY("l/d")), "symbolic link",
		"no directory is made behind one");
	refused(MEMBERS(LINK("x", "../../etc/passwd")), "nowhere", "a link leads nowhere outside");
	refused(MEMBERS(LINK("x", "out/file")), "symbolic link", "nor through a symlink");
	refused(MEMBERS(DIRECTORY("d"), EMPTY("d")), "is a directory",
		"a file does not take the place of a directory");
}

static void test_in_root(void)
{
	cleanup_close int fd = MEMBERS(SYMLINK("l", "/../outside/deep"), EMPTY("l/x"));
	cleanup_close int absolute = MEMBERS(EMPTY("/etc/x"), EMPTY("new/dir/y"));
	struct err e;

	shell("rm -rf box outside; mkdir -p box/outside/deep outside");
	is_int(unpack_with(fd, "box", 0, true, &e), 0,
		"in a root of its own a symlink is followed");
	ok(access("box/outside/deep/x", F_OK) == 0 && tmpdir_count("outside") == 0,
		"and does not leave it");
	is_int(unpack(absolute, "box", &e), 0, "an absolute name is a relative one");
	ok(access("box/etc/x", F_OK) == 0, "it is below the target");
	is_int(mode_of("box/new/dir"), S_IFDIR | 0755, "a directory without an entry is made");
}

static void test_replace(void)
{
	cleanup_close int fd = MEMBERS(EMPTY("a"));
	cleanup_close int devices = MEMBERS(
		{ .type = '3', .name = "null", .mode = 0666, .major = 1, .minor = 3 }, EMPTY("b"));
	struct err e;

	shell("rm -rf box outside; mkdir box; echo old >outside; ln -s ../outside box/a");
	is_int(unpack(fd, "box", &e), 0, "a file takes the place of a symlink");
	ok(S_ISREG(mode_of("box/a")), "which is gone");
	is_str(tmpdir_text("outside"), "old\n", "what it led to is untouched");
	is_int(unpack(devices, "box", &e), 1, "a device is left out, and counted");
	ok(access("box/b", F_OK) == 0 && access("box/null", F_OK) < 0, "what follows is not");
}

/* Changes BYTE of the first header, and corrects the sum. */
static int patched(size_t at, const char *bytes, size_t len)
{
	struct tar_header h = { 0 };
	int fd = MEMBERS(EMPTY("name"));

	if (pread(fd, &h, sizeof(h), 0) != sizeof(h))
		bail_out("pread");
	memcpy((char *)&h + at, bytes, len);
	snprintf(h.checksum, sizeof(h.checksum), "%06o", tar_checksum(&h));
	if (pwrite(fd, &h, sizeof(h), 0) != sizeof(h))
		bail_out("pwrite");
	return fd;
}

#define PATCHED(field, text) patched(offsetof(struct tar_header, field), text, sizeof(text) - 1)

static void test_damaged(void)
{
	cleanup_close int short_one = MEMBERS(EMPTY("a"));
	cleanup_close int nonsense = archive();

	refused(PATCHED(type, "S"), "sparse", "a sparse file is refused");
	refused(PATCHED(type, "Z"), "type 'Z'", "a type that is not known is refused");
	refused(PATCHED(size, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "damaged",
		"a negative size is refused");
	refused(PATCHED(size, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "damaged",
		"a size that is no number is refused");
	refused(PATCHED(size, "00000x00000"), "damaged", "so is one with a letter");
	refused(PATCHED(size, "77777777777"), "too early", "one that promises too much ends early");
	if (pwrite(short_one, "x", 1, 0) != 1 || pwrite(nonsense, "hello", 5, 0) != 5)
		bail_out("pwrite");
	refused(steal_fd(&short_one), "no tar archive", "the sum is checked");
	refused(steal_fd(&nonsense), "early", "half a header is none");
	is_int(unpack(MEMBERS(EMPTY("a")), "box", &(struct err){ 0 }), 0, "the rest is good");
}

int main(void)
{
	tmpdir_enter();
	umask(0);
	test_round_trip();
	test_content();
	test_long();
	test_hostile();
	test_in_root();
	test_replace();
	test_damaged();
	return done_testing();
}
