/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/file: reading, atomic writing, directories. Trees are in tree.c. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/mem.h"
#include "tmpdir.h"

static int write_text(const char *name, const char *text, struct err *e)
{
	*e = (struct err){ 0 };
	return file_write(AT_FDCWD, name, text, strlen(text), 0640, FILE_DURABLE, e);
}

static void test_write(void)
{
	cleanup_close int old = -1;
	struct stat st = { 0 };
	char buf[10] = "";
	struct err e;

	umask(077);
	is_int(write_text("a", "first", &e), 0, "a new file is written");
	is_str(tmpdir_text("a"), "first", "it has the content");
	stat("a", &st);
	is_int(st.st_mode & 07777, 0640, "it has its mode whatever the umask is");
	umask(022);
	old = open("a", O_RDONLY | O_CLOEXEC);
	is_int(write_text("a", "2nd", &e), 0, "a file is replaced");
	is_str(tmpdir_text("a"), "2nd", "a shorter content replaces a longer one");
	ok(read(old, buf, sizeof(buf)) == 5 && !strcmp(buf, "first"),
		"who has it open keeps on reading the old content");
	is_int(file_write(AT_FDCWD, "a", NULL, 0, 0600, FILE_VOLATILE, &e), 0,
		"nothing can be written");
	is_str(tmpdir_text("a"), "", "the content is empty then");
	mkdir("dir", 0755);
	is_int(write_text("dir/b", "in dir", &e), 0, "a name may have a directory");
	is_str(tmpdir_text("dir/b"), "in dir", "the file is in that directory");
	is_int(tmpdir_count("."), 2, "no temporary file is left");
	is_int(tmpdir_count("dir"), 1, "nor is one in the directory");
}

static void test_write_fails(void)
{
	struct rlimit limit, small;
	struct err e;
	int rc;

	is_int(write_text("dir", "x", &e), -1, "a directory is not replaced");
	is_str(e.text, "write dir: Is a directory", "the error names it");
	is_int(write_text("missing/b", "x", &e), -1, "a directory that is missing is an error");
	is_str(e.text, "write missing/b: No such file or directory", "that error names the file");
	write_text("a", "keep me", &e);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 4;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	rc = write_text("a", "does not fit", &e);
	setrlimit(RLIMIT_FSIZE, &limit);
	is_int(rc, -1, "a write that is cut short is an error");
	is_str(e.text, "write a: File too large", "that error has the reason");
	is_str(tmpdir_text("a"), "keep me", "the old content stays then");
	is_int(tmpdir_count("."), 2, "no temporary file is left behind an error");
}

static void test_left_over(void)
{
	struct err e;

	tmpdir_file("a.tmp", "half a file from before the power cut");
	is_int(write_text("a", "new", &e), 0, "a left-over temporary file does no harm");
	is_str(tmpdir_text("a"), "new", "nothing of it is in the content");
	tmpdir_file("victim", "precious");
	if (symlink("victim", "a.tmp") < 0)
		bail_out("symlink");
	write_text("a", "evil", &e);
	is_str(tmpdir_text("victim"), "precious", "a symlink as temporary file is not followed");
	unlink("a.tmp");
	unlink("victim");
}

static void test_sweep(void)
{
	struct err e;

	if (mkdir("sweep", 0700) < 0 || mkdir("sweep/dir.tmp", 0700) < 0 ||
		symlink("../a", "sweep/link.tmp") < 0)
		bail_out("sweep");
	tmpdir_file("sweep/a.tmp", "half");
	tmpdir_file("sweep/.tmp", "a name");
	tmpdir_file("sweep/a.tmp2", "another name");
	is_int(dir_sweep(AT_FDCWD, "sweep", &e), 0, "what was cut off is swept away");
	is_int(tmpdir_count("sweep"), 3, "files of other names and directories stay");
	ok(!file_exists(AT_FDCWD, "sweep/link.tmp") && file_exists(AT_FDCWD, "a"),
		"of a symlink only the link goes");
	is_int(dir_sweep(AT_FDCWD, "nowhere", &e), 0, "where there is nothing, nothing is swept");
	tree_remove(AT_FDCWD, "sweep", &e);
}

static void reads(const char *name, size_t max, const char *want, const char *assertion)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err e = { 0 };
	int rc = file_read(AT_FDCWD, name, max, &sb, &e);

	is_str(rc ? e.text : sb_str(&sb), want, assertion);
}

static void test_read(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "socket" };
	cleanup_close int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cleanup_free char *big = xcalloc(1, 100001);

	tmpdir_file("ten", "0123456789");
	if (mkfifo("fifo", 0666) < 0 || symlink("ten", "link") < 0 || symlink("loop", "loop") < 0 ||
		bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		bail_out("cannot make special files");
	reads("ten", 10, "0123456789", "a file of the maximal size is read");
	reads("ten", 9, "read ten: File too large", "a file of one byte more is too large");
	reads("a", 0, "read a: File too large",
		"with a maximum of 0 a file with content is too large");
	reads("missing", 9, "missing: No such file or directory", "a missing file is an error");
	reads("fifo", 9, "fifo: not a regular file", "a FIFO is refused, and does not block");
	reads("dir", 9, "dir: Is a directory", "a directory is refused");
	reads("/dev/zero", 9, "/dev/zero: not a regular file", "a device is refused");
	reads("/dev/tty", 9,
		access("/dev/tty", F_OK) ? "/dev/tty: No such file or directory"
			: open("/dev/tty", O_RDONLY | O_CLOEXEC) < 0
			? "/dev/tty: No such device or address"
			: "/dev/tty: not a regular file",
		"a terminal is refused");
	reads("socket", 9, "socket: No such device or address", "a socket is refused");
	reads("link", 10, "0123456789", "a symlink is followed");
	reads("loop", 10, "loop: Too many levels of symbolic links",
		"a loop of symlinks is refused");
	memset(big, 'x', 100000);
	tmpdir_file("big", big);
	reads("big", 100000, big, "a file larger than any buffer is read");
}

/* What a process whose root is ROOTFD reads at PATH, or the error. */
static void opens(int rootfd, const char *path, const char *want, const char *assertion)
{
	char text[200] = "";
	struct err e = { 0 };
	cleanup_close int fd = file_open_in_root(rootfd, path, &e);

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		strcpy(text, "cannot be read");
	is_str(fd < 0 ? e.text : text, want, assertion);
	if (fd >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		ok(false, "the descriptor of %s is close-on-exec", path);
}

static void make_root(void)
{
	char name[20], next[20];
	int bad = 0;

	mkdir("root", 0755);
	mkdir("root/etc", 0755);
	tmpdir_file("root/etc/passwd", "inside");
	tmpdir_file("secret", "outside");
	tmpdir_file("root/secret", "inside, too");
	bad |= symlink("/etc/passwd", "root/absolute");
	bad |= symlink("../secret", "root/up");
	bad |= symlink("../../../../../../../../secret", "root/etc/far-up");
	bad |= symlink(tmpdir, "root/host");
	bad |= symlink("/", "root/slash");
	bad |= symlink("turn", "root/turn");
	bad |= mkfifo("root/fifo", 0666);
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "root/c%d", i);
		snprintf(next, sizeof(next), i < 29 ? "c%d" : "/../absolute", i + 1);
		bad |= symlink(next, name);
	}
	if (bad)
		bail_out("cannot make a root");
}

static void test_open_in_root(void)
{
	cleanup_close int root = -1, self = -1, dev = -1;

	make_root();
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	opens(root, "/etc/passwd", "inside", "an absolute path starts at the root");
	opens(root, "etc/passwd", "inside", "so does a relative path");
	opens(root, "../../../etc/passwd", "inside", ".. stops at the root");
	opens(root, "/absolute", "inside", "an absolute symlink starts at the root");
	opens(root, "/up", "inside, too", "a symlink with .. stops at the root");
	opens(root, "/etc/far-up", "inside, too", "a symlink with many .. stops at the root");
	opens(root, "/slash/../slash/../secret", "inside, too", "a symlink to / is the root");
	opens(root, "/host/secret", "/host/secret: No such file or directory",
		"a symlink to a directory of the host does not lead there");
	opens(root, "/c0", "inside", "a chain of symlinks stays inside");
	opens(root, "/turn", "/turn: Too many levels of symbolic links",
		"a loop of symlinks inside is refused");
	opens(root, "/fifo", "/fifo: not a regular file", "a FIFO inside is refused at once");
	opens(root, "/etc", "/etc: Is a directory", "a directory inside is refused");
	opens(root, "/none", "/none: No such file or directory",
		"a missing file inside is an error");
	self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	opens(self, "/root/etc/passwd", "/root/etc/passwd: Too many levels of symbolic links",
		"a magic link of /proc is not followed");
	opens(self, "/cwd/secret", "/cwd/secret: Too many levels of symbolic links",
		"nor is the one to the working directory");
	dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	opens(dev, "/zero", "/zero: not a regular file", "a device inside is refused");
}

static int mode_of(const char *name)
{
	struct stat st = { 0 };

	return stat(name, &st) < 0 ? -1 : (int)(st.st_mode & 07777);
}

static void test_dir_make(void)
{
	struct err e = { 0 };

	is_int(dir_make("m/n/o", 0700, &e), 0, "directories are made with those above them");
	is_int(mode_of("m/n/o"), 0700, "the last one has the mode");
	is_int(mode_of("m/n"), 0755, "those above can be entered");
	is_int(dir_make("m/n/o", 0755, &e), 0, "one that is there is success");
	is_int(mode_of("m/n/o"), 0700, "and keeps its mode");
	is_int(dir_make("m/p/", 0700, &e), 0, "a slash at the end does no harm");
	is_int(dir_make("ten/below", 0700, &e), -1, "a file cannot be a directory above");
	is_str(e.text, "mkdir ten/below: Not a directory", "the error says so");
	e = (struct err){ 0 };
	is_int(dir_make("ten", 0700, &e), -1, "a file in its place is an error");
	has_str(e.text, "ten: ", "that error names the file");
}

static int count_names(int dirfd, const char *name, void *arg, struct err *e)
{
	int *left = arg;

	(void)e;
	if (!file_exists(dirfd, name) || !strcmp(name, ".") || !strcmp(name, ".."))
		return -7;
	return --*left ? 0 : 5;
}

static void test_dir_each(void)
{
	struct err e = { 0 };
	int left = 100;

	is_int(dir_each(AT_FDCWD, "m", count_names, &left, &e), 0, "a directory is walked");
	is_int(left, 98, "each name in it is told once");
	left = 1;
	is_int(dir_each(AT_FDCWD, "m", count_names, &left, &e), 5, "a result ends the walk");
	is_int(dir_each(AT_FDCWD, "none", count_names, &left, &e), -1, "a missing one is an error");
	has_str(e.text, "none: No such file", "the error of the walk names it");
	is_int(dir_each(AT_FDCWD, "root/slash", count_names, &left, &e), -1,
		"a symlink to a directory is not walked");
	is_int(dir_sync(AT_FDCWD, "m", &e), 0, "a directory is synced");
	is_int(dir_sync(AT_FDCWD, "ten", &e), -1, "a file is not synced as a directory");
	ok(file_exists(AT_FDCWD, "turn") == false && file_exists(AT_FDCWD, "root/turn"),
		"a symlink that leads nowhere exists");
}

int main(void)
{
	tmpdir_enter();
	alarm(30); /* what blocks is killed */
	test_write();
	test_write_fails();
	test_left_over();
	test_sweep();
	test_read();
	test_open_in_root();
	test_dir_make();
	test_dir_each();
	return done_testing();
}
