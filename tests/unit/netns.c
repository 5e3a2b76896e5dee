/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/netns, as root in namespaces of their own. */
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "net/netns.h"
#include "tap.h"

/* These stand in front of the C library's functions and fail when they are told to. */
static struct {
	int setns, unshare, mount, lo_up; /* errno values */
} fake;

#ifdef __GLIBC__
typedef unsigned long ioctl_request;
#else
typedef int ioctl_request;
#endif

int ioctl(int fd, ioctl_request request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	errno = (unsigned)request == SIOCSIFFLAGS ? fake.lo_up : 0;
	return errno ? -1 : (int)syscall(SYS_ioctl, fd, (unsigned long)request, arg);
}

int setns(int fd, int type)
{
	errno = fake.setns;
	return errno ? -1 : (int)syscall(SYS_setns, fd, type);
}

int unshare(int flags)
{
	errno = fake.unshare;
	return errno ? -1 : (int)syscall(SYS_unshare, flags);
}

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	const void *data)
{
	errno = fake.mount;
	return errno ? -1 : (int)syscall(SYS_mount, source, target, type, flags, data);
}

static const char path[] = "/run/netns";

/* The inode number of what PATH leads to; namespaces are told apart by it. */
static int64_t inode(const char *name)
{
	struct stat st;

	return stat(name, &st) < 0 ? -1 : (int64_t)st.st_ino;
}

static int64_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? -1 : (int64_t)st.st_ino;
}

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (!d)
		bail_out("no /proc");
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static bool lo_is_up_in(int netns)
{
	struct ifreq lo = { .ifr_name = "lo" };
	struct err e;
	int own = netns_enter(netns, &e), fd;
	bool up;

	if (own < 0)
		bail_out(e.text);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	up = ioctl(fd, SIOCGIFFLAGS, &lo) == 0 && (lo.ifr_flags & IFF_UP);
	close(fd);
	netns_leave(own);
	return up;
}

static void test_create(void)
{
	int64_t own = inode("/proc/self/ns/net");
	struct err e = { 0 };
	int fd = netns_create(path, &e), again;

	if (!ok(fd >= 0, "a namespace is made"))
		bail_out(e.text);
	is_int(fcntl(fd, F_GETFD), FD_CLOEXEC, "its descriptor is close-on-exec");
	is_int(inode("/proc/self/ns/net"), own, "our own namespace is as before");
	ok(inode_of(fd) != own, "the new namespace is another one");
	is_int(inode(path), inode_of(fd), "it is mounted at the path");
	ok(lo_is_up_in(fd), "lo is up in it");
	is_int(inode("/proc/self/ns/net"), own, "who leaves a namespace is where he was");
	is_int(netns_create(path, &e), -1, "a path that exists is an error");
	has_str(e.text, "/run/netns for a network namespace: File exists", "the text says so");
	is_int(inode(path), inode_of(fd), "what is mounted there stays");
	again = netns_open(path, &e);
	is_int(inode_of(again), inode_of(fd), "it can be opened by its path");
	is_int(fcntl(again, F_GETFD), FD_CLOEXEC, "that descriptor is close-on-exec, too");
	close(again);
	close(fd);
	is_int(netns_remove(path, &e), 0, "it is removed");
	is_int(inode(path), -1, "the path is gone");
	is_int(netns_remove(path, &e), 0, "to remove it again is a success");
}

static void test_share(void)
{
	struct err e = { 0 };
	int pipefd[2], fd;
	char theirs[40];
	pid_t pid;

	if (pipe(pipefd) < 0)
		bail_out("pipe");
	pid = fork();
	if (pid == 0) {
		unshare(CLONE_NEWNET);
		close(pipefd[0]);
		close(pipefd[1]);
		pause();
		_exit(0);
	}
	close(pipefd[1]);
	if (read(pipefd[0], theirs, 1) != 0)
		bail_out("the child did not close its pipe");
	close(pipefd[0]);
	snprintf(theirs, sizeof(theirs), "/proc/%d/ns/net", pid);
	fd = netns_share(path, pid, &e);
	ok(fd >= 0 && inode_of(fd) == inode(theirs), "the namespace of a process is shared");
	is_int(inode(path), inode(theirs), "it is mounted at the path");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(inode(path), inode_of(fd), "it outlives the process");
	close(fd);
	netns_remove(path, &e);
	is_int(netns_share(path, pid, &e), -1, "a process that is gone has none to share");
	has_str(e.text, theirs, "the text names it");
	is_int(inode(path), -1, "nothing is left");
}

static void test_remove(void)
{
	struct err e = { 0 };

	close(netns_create(path, &e));
	if (mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) < 0)
		bail_out("mount");
	is_int(netns_remove(path, &e), 0, "what is mounted twice is removed");
	is_int(inode(path), -1, "nothing is left of it");
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	is_int(netns_remove(path, &e), 0, "a file without a mount is removed");
	is_int(inode(path), -1, "nothing is left of that");
	is_int(netns_remove("/run/no/such", &e), 0, "a missing directory is a success");
	is_int(netns_remove("/run", &e), -1, "a directory is an error");
	has_str(e.text, "remove the network namespace /run: ", "the text names it");
}

static void test_open(void)
{
	struct err e = { 0 };

	is_int(netns_open("/run/none", &e), -1, "nothing cannot be opened");
	is_str(e.text, "open the network namespace /run/none: No such file or directory",
		"the text says why");
	mkfifo("/run/fifo", 0600);
	is_int(netns_open("/run/fifo", &e), -1, "a FIFO is no namespace, and nobody waits");
	is_str(e.text, "/run/fifo is no network namespace", "the text says so");
	is_int(netns_open("/proc/self/ns/mnt", &e), -1, "another kind of namespace is an error");
	is_int(netns_open("/dev/null", &e), -1, "so is a device");
}

static const struct {
	const char *name;
	int *errnum;
	int value;
	const char *text;
} failures[] = {
	{ "a kernel without namespaces", &fake.unshare, EINVAL, "CONFIG_NET_NS" },
	{ "too many namespaces", &fake.unshare, ENOSPC, "max_net_namespaces" },
	{ "a lo that stays down", &fake.lo_up, EPERM, "set lo up" },
	{ "a mount that fails", &fake.mount, ENOMEM, "mount a network namespace on /run/netns" },
};

static void test_failures(void)
{
	int64_t own = inode("/proc/self/ns/net");

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct err e = { 0 };

		*failures[i].errnum = failures[i].value;
		is_int(netns_create(path, &e), -1, failures[i].name);
		has_str(e.text, failures[i].text, "the text says what is wrong");
		*failures[i].errnum = 0;
		is_int(inode(path), -1, "nothing is left of it");
		is_int(inode("/proc/self/ns/net"), own, "and we are where we were");
	}
}

/* A process that stayed in the wrong namespace would do all it does there. */
static void test_no_way_back(void)
{
	char text[200] = "";
	int pipefd[2], status = 0;

	if (pipe(pipefd) < 0)
		bail_out("pipe");
	if (fork() == 0) {
		const struct rlimit none = { 0, 0 };
		struct err e;

		setrlimit(RLIMIT_CORE, &none);
		dup2(pipefd[1], 2);
		fake.setns = EPERM;
		netns_create("/run/lost", &e);
		_exit(0);
	}
	close(pipefd[1]);
	if (read(pipefd[0], text, sizeof(text) - 1) < 0)
		bail_out("read");
	close(pipefd[0]);
	wait(&status);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
		"without a way back the process ends");
	has_str(text, "cannot return to my own network namespace: Operation not permitted",
		"it says why");
}

int main(void)
{
	struct err e = { 0 };
	int fds;

	if (geteuid() != 0)
		skip_all("needs root");
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
		skip_all("may not make a mount namespace (CAP_SYS_ADMIN)");
	fds = count_fds();
	test_create();
	test_share();
	test_remove();
	test_open();
	is_int(netns_enter(-1, &e), -1, "nobody enters a bad descriptor");
	is_str(e.text, "enter a network namespace: Bad file descriptor", "the text says why");
	test_failures();
	test_no_way_back();
	is_int(count_fds(), fds, "no descriptor is left open");
	return done_testing();
}
