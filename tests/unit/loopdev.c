/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of image/loop and image/mount, as root in a mount namespace of their own. */
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "image.h"
#include "image/loopdev.h"
#include "image/mount.h"

enum {
	PROCESSES = 8,
	MOUNTS = 25,
};

/* These stand in front of the C library's functions and play kernels that we do not have. */
static struct {
	bool no_configure; /* Linux before 5.8 */
	int busy;          /* so many times another process was faster */
	int again;         /* so many times LOOP_SET_STATUS64 has to be repeated */
	int status_errno;  /* LOOP_SET_STATUS64 fails */
	int mount_errno;   /* mount(2) fails */
	int attempts;
} fake;

#ifdef __GLIBC__
typedef unsigned long ioctl_request;
#else
typedef int ioctl_request;
#endif

int ioctl(int fd, ioctl_request request, ...)
{
	unsigned int r = (unsigned int)request;
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	errno = 0;
	if (r == LOOP_CONFIGURE || r == LOOP_SET_FD) {
		fake.attempts++;
		if (fake.no_configure && r == LOOP_CONFIGURE)
			errno = EINVAL;
		else if (fake.busy && fake.busy--)
			errno = EBUSY;
	} else if (r == LOOP_SET_STATUS64) {
		if (fake.again && fake.again--)
			errno = EAGAIN;
		else
			errno = fake.status_errno;
	}
	return errno ? -1 : (int)syscall(SYS_ioctl, fd, (unsigned long)r, arg);
}

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	const void *data)
{
	errno = fake.mount_errno;
	return errno ? -1 : (int)syscall(SYS_mount, source, target, type, flags, data);
}

static char target[100];

/* The device PATH does not hold the file IMAGE, at the latest after 5 s: detaching is not finished
 * when close(2) returns. Somebody else's file may be in it by then. */
static bool is_free(const char *path, int image)
{
	struct stat st = { 0 };

	fstat(image, &st);
	for (int i = 0; i < 500; i++) {
		struct loop_info64 info = { 0 };
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		bool attached = fd >= 0 && ioctl(fd, LOOP_GET_STATUS64, &info) == 0;

		/* Before the next look, because an open device stays attached. */
		if (fd >= 0)
			close(fd);
		if (!attached || info.lo_inode != st.st_ino)
			return true;
		usleep(10000);
	}
	return false;
}

static void test_attach(int image, const char *how)
{
	struct loopdev l = { .fd = -1 };
	struct loop_info64 info = { 0 };
	struct err e = { 0 };
	struct stat st;
	char hsqs[5] = "";
	int ro = 0;

	printf("# attach %s\n", how);
	if (!ok(loopdev_attach(image,
			"web:1 and a name of more than sixty-three bytes, which the kernel cuts",
			&l, &e) == 0,
		    "a file is attached")) {
		printf("# %s\n", e.text);
		return;
	}
	ok(strncmp(l.path, "/dev/loop", 9) == 0, "the path is that of a loop device");
	ok(fstat(l.fd, &st) == 0 && S_ISBLK(st.st_mode) && major(st.st_rdev) == 7,
		"fd is the device");
	is_int(fcntl(l.fd, F_GETFD), FD_CLOEXEC, "fd is close-on-exec");
	ok(pread(l.fd, hsqs, 4, 0) == 4 && !strcmp(hsqs, "hsqs"),
		"the device has the file's content");
	ok(ioctl(l.fd, BLKROGET, &ro) == 0 && ro == 1, "the device is read-only");
	ok(ioctl(l.fd, LOOP_GET_STATUS64, &info) == 0, "the device tells its status");
	is_int(info.lo_flags & (LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN),
		LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR, "the flags are read-only and autoclear");
	is_str((char *)info.lo_file_name,
		"web:1 and a name of more than sixty-three bytes, which the kern",
		"the name is cut to 63 bytes");
	close(l.fd);
	ok(is_free(l.path, image), "closing it frees the device");
}

static void test_busy(int image)
{
	struct loopdev l;
	struct err e = { 0 };

	fake.attempts = 0;
	fake.busy = 7;
	ok(loopdev_attach(image, "busy", &l, &e) == 0,
		"a device that another process takes is tried again");
	is_int(fake.attempts, 8, "there are as many attempts as it takes");
	close(l.fd);
	ok(is_free(l.path, image), "the device that was won in the end is freed");
	fake.attempts = 0;
	fake.busy = 1000000;
	is_int(loopdev_attach(image, "busy", &l, &e), -1, "attempts have an end");
	ok(fake.attempts > 10 && fake.attempts <= 1000, "the end comes after %d attempts",
		fake.attempts);
	has_str(e.text, "other processes", "the text says what happened");
	fake.busy = 0;
}

static void test_attach_errors(int image)
{
	cleanup_close int dir = open("/", O_RDONLY | O_CLOEXEC);
	struct loopdev l = { .fd = -1 };
	struct err e = { 0 };

	is_int(loopdev_attach(-1, "none", &l, &e), -1, "no descriptor is an error");
	has_str(e.text, "Bad file descriptor", "the text has the reason");
	ok(is_free(l.path, image), "nothing is attached after an error");
	is_int(loopdev_attach(dir, "dir", &l, &e), -1, "a directory cannot be attached");
	has_str(e.text, "attach to /dev/loop", "the text names the device");
	ok(is_free(l.path, image), "nothing is attached after a second error");
	fake.no_configure = true;
	fake.status_errno = EPERM;
	is_int(loopdev_attach(image, "status", &l, &e), -1,
		"an old kernel that refuses the flags is an error");
	has_str(e.text, "Operation not permitted", "its text has the reason");
	ok(is_free(l.path, image), "the device that was half ready is freed");
	memset(&fake, 0, sizeof(fake));
}

static char *read_file(const char *dir, const char *name)
{
	static char text[100];
	char path[200];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* The device that is mounted on TARGET. */
static void mounted_device(char path[40])
{
	struct stat st = { 0 };

	stat(target, &st);
	snprintf(path, 40, "/dev/loop%u", minor(st.st_dev));
}

static void test_mount(const char *compressor)
{
	cleanup_close int image = image_make(compressor, "");
	struct err e = { 0 };
	struct statvfs fs = { 0 };
	char device[40];

	if (image < 0) {
		skip(compressor, "this mksquashfs does not have it");
		return;
	}
	if (!ok(squashfs_mount(image, compressor, target, &e) == 0, "an image of %s is mounted",
		    compressor)) {
		printf("# %s\n", e.text);
		return;
	}
	is_str(read_file(target, "hello"), "hello\n", "its files can be read");
	statvfs(target, &fs);
	is_int((int64_t)(fs.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC)),
		ST_RDONLY | ST_NOSUID | ST_NODEV, "it is mounted ro,nosuid,nodev");
	mounted_device(device);
	is_int(umount2(target, 0), 0, "it is unmounted: nothing else holds it");
	ok(is_free(device, image), "unmounting frees the device");
}

static const struct {
	const char *name;
	int errnum;
	const char *text;
} mount_errors[] = {
	{ "a kernel without the compressor", EINVAL, "it lacks CONFIG_SQUASHFS_ZLIB" },
	{ "a kernel without squashfs", ENODEV, "CONFIG_SQUASHFS " },
	{ "another error", EPERM, ": Operation not permitted" },
};

static void test_mount_errors(void)
{
	cleanup_close int image = image_make("gzip", "");
	struct err e = { 0 };
	char hole[4096] = "";

	for (size_t i = 0; i < ARRAY_SIZE(mount_errors); i++) {
		fake.mount_errno = mount_errors[i].errnum;
		is_int(squashfs_mount(image, "x", target, &e), -1, mount_errors[i].name);
		has_str(e.text, mount_errors[i].text, "the text says so");
	}
	fake.mount_errno = 0;
	is_int(squashfs_mount(image, "x", "/no/such/dir", &e), -1, "a target that is missing");
	is_str(e.text, "mount on /no/such/dir: No such file or directory",
		"the text names the target");
	/* Everything behind the superblock is lost: the kernel finds tables that make no sense. */
	for (off_t at = 96; pwrite(image, hole, sizeof(hole), at) > 0 && at < 400000;
		at += sizeof(hole))
		;
	is_int(squashfs_mount(image, "x", target, &e), -1,
		"an image of zeros behind its superblock");
	printf("# %s\n", e.text);
	ok(!strchr(e.text, '\n') && e.exit_code == EXIT_ENGINE, "the text is one line");
	if (ftruncate(image, 200) < 0)
		bail_out("cannot truncate the image");
	is_int(squashfs_mount(image, "x", target, &e), -1, "a truncated image");
	has_str(e.text, "is truncated: 200 bytes of ", "the text says that it is truncated");
	is_str(read_file(target, "hello"), NULL, "nothing is mounted after the errors");
}

/* Several processes mount at once: each gets a device of its own, and none is left. */
static void test_parallel(void)
{
	cleanup_close int image = image_make("gzip", "");
	int failed = 0;

	fflush(stdout);
	for (int p = 0; p < PROCESSES; p++) {
		if (fork() != 0)
			continue;
		for (int i = 0; i < MOUNTS; i++) {
			char dir[150];
			struct err e;

			snprintf(dir, sizeof(dir), "%s/%d", image_dir, p);
			mkdir(dir, 0700);
			if (squashfs_mount(image, "parallel", dir, &e) < 0) {
				fprintf(stderr, "# %s\n", e.text);
				_exit(1);
			}
			const char *text = read_file(dir, "hello");

			if (!text || strcmp(text, "hello\n") != 0 || umount2(dir, 0) < 0)
				_exit(2);
		}
		_exit(0);
	}
	for (int p = 0; p < PROCESSES; p++) {
		int status;

		failed += wait(&status) < 0 || status != 0;
	}
	is_int(failed, 0, "8 processes mount and unmount 25 times at once");
}

/* Replaces /dev, in our namespace only. */
static void test_missing_devices(int image)
{
	struct loopdev l;
	struct err e = { 0 };

	if (mount("tmpfs", "/dev", "tmpfs", 0, NULL) < 0)
		bail_out("cannot mount on /dev");
	is_int(loopdev_attach(image, "x", &l, &e), -1,
		"without /dev/loop-control nothing is attached");
	has_str(e.text, "CONFIG_BLK_DEV_LOOP", "the text names the kernel's option");
	has_str(e.text, "modprobe loop", "the text names the module");
	mknod("/dev/loop-control", S_IFCHR | 0600, makedev(10, 237));
	is_int(loopdev_attach(image, "x", &l, &e), -1, "without /dev/loopN nothing is attached");
	has_str(e.text, "CONFIG_DEVTMPFS", "the text tells who makes it");
	umount2("/dev", MNT_DETACH);
}

static void setup(void)
{
	if (geteuid() != 0)
		skip_all("needs root");
	if (access("/dev/loop-control", F_OK) != 0)
		skip_all("no /dev/loop-control: no loop devices here");
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
		skip_all("may not make a mount namespace (CAP_SYS_ADMIN)");
	image_setup();
	atexit(image_cleanup);
	snprintf(target, sizeof(target), "%s/mnt", image_dir);
	mkdir(target, 0700);
}

int main(void)
{
	static const char *const compressors[] = { "gzip", "lzo", "xz", "lz4", "zstd" };
	cleanup_close int image = -1;

	setup();
	image = image_make("gzip", "");
	if (image < 0)
		bail_out("mksquashfs does not work");
	test_attach(image, "with LOOP_CONFIGURE");
	fake.no_configure = true;
	fake.again = 3;
	test_attach(image, "as Linux before 5.8 does it");
	fake.no_configure = false;
	test_busy(image);
	test_attach_errors(image);
	for (size_t i = 0; i < ARRAY_SIZE(compressors); i++)
		test_mount(compressors[i]);
	test_mount_errors();
	test_parallel();
	test_missing_devices(image);
	return done_testing();
}
