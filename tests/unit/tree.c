/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of tree_remove() in base/file. */
#include <sys/resource.h>

#include "base/file.h"
#include "base/mem.h"
#include "tmpdir.h"

enum { NESTED = 5000 };

static bool removes(const char *name, const char *assertion)
{
	struct err e = { 0 };
	int rc = tree_remove(AT_FDCWD, name, &e);
	bool pass = ok(rc == 0 && !file_exists(AT_FDCWD, name), "%s", assertion);

	if (!pass)
		printf("# %s\n", rc ? e.text : "it is still there");
	return pass;
}

static void test_simple(void)
{
	int bad = 0;

	removes("missing", "a missing name is success");
	removes("missing/below", "a name in a missing directory is success");
	tmpdir_file("file", "");
	removes("file", "a file is removed");
	mkdir("kept", 0755);
	tmpdir_file("kept/file", "keep me");
	bad |= symlink("kept", "link");
	removes("link", "a symlink is removed");
	mkdir("tree", 0755);
	mkdir("tree/a", 0755);
	mkdir("tree/a/b", 0755);
	mkdir("tree/.hidden", 0755);
	tmpdir_file("tree/a/b/file", "");
	tmpdir_file("tree/a/new\nline", "");
	bad |= symlink("../kept", "tree/link");
	bad |= symlink("../../kept/file", "tree/a/link");
	bad |= symlink("/", "tree/slash");
	bad |= mkfifo("tree/fifo", 0600);
	if (bad)
		bail_out("cannot make a tree");
	removes("tree", "a tree with symlinks and a FIFO is removed");
	is_str(tmpdir_text("kept/file"), "keep me", "what its symlinks lead to stays");
	mkdir("empty", 0755);
	removes("empty/", "a slash at the end does no harm");
}

static void test_read_only(void)
{
	if (geteuid() != 0) {
		skip("read-only directories are removed", "not root");
		return;
	}
	mkdir("ro", 0755);
	mkdir("ro/sub", 0755);
	tmpdir_file("ro/sub/file", "");
	chmod("ro/sub", 0);
	chmod("ro", 0555);
	removes("ro", "read-only directories are removed");
}

/* Makes directories below NAME, DEPTH inside each other, each with a file beside it. */
static void make_deep(const char *name, int depth)
{
	int fd = AT_FDCWD;

	for (int i = 0; i <= depth; i++) {
		const char *sub = i ? "d" : name;
		int bad = mkdirat(fd, sub, 0755);
		int below = openat(fd, sub, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0)
			close(fd);
		fd = below;
		if (bad < 0 || fd < 0 || mknodat(fd, "file", S_IFREG | 0644, 0) < 0)
			bail_out("cannot make a deep tree");
	}
	close(fd);
}

static void test_deep(void)
{
	struct rlimit limit, small;

	make_deep("deep", NESTED);
	make_deep("deep/second", 100);
	make_deep("deep/d/d/d/third", 100);
	getrlimit(RLIMIT_NOFILE, &limit);
	small = limit;
	small.rlim_cur = 64;
	setrlimit(RLIMIT_NOFILE, &small);
	removes("deep", "5000 directories inside each other are removed with 64 descriptors");
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* A container can make files of any name. */
static void test_collisions(void)
{
	char name[64];

	make_deep("trap", 200);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "trap/.tcr-deep-%d", i);
		if (i % 2)
			tmpdir_file(name, "");
		else
			make_deep(name, 40 * (i % 3));
	}
	make_deep("trap/d/.tcr-deep-1", 100);
	removes("trap", "names that look like temporary ones of the removal do no harm");
	make_deep(".tcr-deep-1", 100);
	removes(".tcr-deep-1", "a tree of such a name is removed");
}

static void test_many(void)
{
	char name[300];

	mkdir("many", 0755);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "many/%0255d", i);
		if (i % 10 == 0 ? mkdir(name, 0755) : mknod(name, S_IFREG | 0644, 0))
			bail_out("cannot make many files");
	}
	removes("many", "3000 names of 255 bytes are removed");
}

/* NAME holds the mount SUB with a file in it. */
static void stays(const char *name, const char *sub, const char *what)
{
	cleanup_free char *path = xasprintf("%s/%s", name, sub);
	cleanup_free char *file = xasprintf("%s/file", path);
	struct err e = { 0 };

	ok(tree_remove(AT_FDCWD, name, &e) == -1, "a tree with %s is not removed", what);
	ok(strstr(e.text, sub), "the error names where %s is", what);
	ok(access(path, F_OK) == 0 &&
			(access(file, F_OK) == 0 || !strcmp(tmpdir_text(path), "keep me")),
		"%s is not entered", what);
	umount2(path, MNT_DETACH);
	ok(tree_remove(AT_FDCWD, name, &e) == 0, "without %s it is removed", what);
}

static void test_mounts(void)
{
	int bad = 0;

	if (geteuid() != 0 || !tmpdir_own_mounts()) {
		skip("mounts are not entered", "not allowed to mount");
		return;
	}
	mkdir("one", 0755);
	mkdir("one/tmpfs", 0755);
	bad |= mount("tmpfs", "one/tmpfs", "tmpfs", 0, "");
	tmpdir_file("one/tmpfs/file", "keep me");
	stays("one", "tmpfs", "another filesystem");
	mkdir("two", 0755);
	mkdir("two/bound", 0755);
	bad |= mount("kept", "two/bound", "", MS_BIND, NULL);
	stays("two", "bound", "a bind mount of the same filesystem");
	is_str(tmpdir_text("kept/file"), "keep me", "what was bound there stays");
	tmpdir_file("kept/file", "keep me");
	mkdir("three", 0755);
	tmpdir_file("three/onto", "");
	bad |= mount("kept/file", "three/onto", "", MS_BIND, NULL);
	stays("three", "onto", "a file that is a mount point");
	is_int(bad, 0, "the mounts of this test were made");
}

int main(void)
{
	tmpdir_enter();
	alarm(60);
	test_simple();
	test_read_only();
	test_deep();
	test_collisions();
	test_many();
	test_mounts();
	return done_testing();
}
