/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries system calls in a container, as its root, and prints in TAP which did what they should. */
/* Link it statically: it must run in any image. The arguments of what is denied are such that
 * without a filter the kernel would, where it lets us, answer something else than EPERM, and do
 * nothing. */
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* In a 32-bit program there is none to set. */
#define HIGH_BIT ((long)(1ULL << 32))

/* One attempt, in a process of its own. */
struct attempt {
	const char *name;
	int want;         /* 0: success; an errno; a signal that kills it, negative */
	int (*try)(void); /* returns -1 and sets errno; NULL: call NR with ARGS */
	long nr;
	long args[6];
};

/* fork(2) of libc, and the child's end with 0. */
static int fork_and_wait(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

static void *thread(void *seen)
{
	*(int *)seen = 1;
	return NULL;
}

static int start_thread(void)
{
	int seen = 0;
	pthread_t t;

	errno = pthread_create(&t, NULL, thread, &seen);
	if (errno || pthread_join(t, NULL))
		return -1;
	return seen ? 0 : -1;
}

static int trace_own_child(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			raise(SIGSTOP);
		_exit(errno);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -1;
	return ptrace(PTRACE_CONT, pid, NULL, NULL);
}

/* The filter lets ptrace pass; without CAP_SYS_PTRACE a process of another user is out of reach. */
static int trace_other_user(void)
{
	int ready[2], saved;
	char c;
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (pid == 0) {
		if (setgid(1000) == 0 && setuid(1000) == 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		return 0;
	saved = ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 ? 0 : errno;
	kill(pid, SIGKILL);
	errno = saved;
	return saved ? -1 : 0;
}

static int make_and_own_fifo(void)
{
	static const char path[] = "/.syscalls-fifo";
	int saved;

	if (mknod(path, S_IFIFO | 0600, 0))
		return -1;
	saved = chown(path, 1000, 1000) == 0 ? 0 : errno;
	unlink(path);
	errno = saved;
	return saved ? -1 : 0;
}

static int become_user(void)
{
	return setgid(1000) == 0 && setuid(1000) == 0 && getuid() == 1000 ? 0 : -1;
}

static int window_size_of_pipe(void)
{
	struct winsize size;
	int fd[2];

	return pipe(fd) == 0 ? ioctl(fd[0], TIOCGWINSZ, &size) : 0;
}

/* Like fork, so that a child that should not be is harmless. */
static int clone_new_user(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

#ifdef __x86_64__
/* getpid(2) of the 386 instruction set: nothing in the list speaks of its numbers. */
static int int80(void)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(20L) : "memory");
	return ret > 0 ? 0 : -1;
}
#endif

#define ALLOWED(call, ...)                                                             \
	{                                                                              \
		.name = #call " is allowed", .nr = SYS_##call, .args = { __VA_ARGS__ } \
	}
#define DENIED(call, ...)                                                              \
	{                                                                              \
		.name = #call " is denied", .want = EPERM, .nr = SYS_##call, .args = { \
			__VA_ARGS__                                                    \
		}                                                                      \
	}

static const struct attempt attempts[] = {
	{ .name = "fork is allowed", .try = fork_and_wait },
	{ .name = "a thread starts", .try = start_thread },
	{ .name = "a process may trace its child", .try = trace_own_child },
	{ .name = "mknod of a fifo and chown are allowed", .try = make_and_own_fifo },
	{ .name = "root may become a user", .try = become_user },
	{ .name = "ioctl TIOCGWINSZ reaches the kernel",
		.want = ENOTTY,
		.try = window_size_of_pipe },
	{ "an AF_UNIX socket is allowed", 0, NULL, SYS_socket, { AF_UNIX, SOCK_STREAM } },
	{ "an AF_INET socket is allowed", 0, NULL, SYS_socket, { AF_INET, SOCK_STREAM } },
	{ "an AF_NETLINK socket is allowed", 0, NULL, SYS_socket, { AF_NETLINK, SOCK_RAW } },
	{ "a raw socket is allowed", 0, NULL, SYS_socket, { AF_INET, SOCK_RAW, 1 } },
	{ "personality(PER_LINUX) is allowed", 0, NULL, SYS_personality, { PER_LINUX } },
	{ "the personality can be asked for", 0, NULL, SYS_personality, { 0xffffffff } },
	ALLOWED(chroot, (long)"/"),
	ALLOWED(epoll_create1),
	ALLOWED(eventfd2),
	ALLOWED(getrandom),
	ALLOWED(inotify_init1),
	ALLOWED(memfd_create, (long)"x"),
	ALLOWED(mlock),
	ALLOWED(pidfd_open, 1),
	ALLOWED(sync),
	ALLOWED(timerfd_create),
#ifdef __ARM_NR_cacheflush
	{ .name = "cacheflush is allowed", .nr = __ARM_NR_cacheflush },
#endif
#ifdef SYS_arch_prctl
	{ "arch_prctl reaches the kernel", EINVAL, NULL, SYS_arch_prctl, { -1 } },
#endif

	{ .name = "ptrace of another user is denied", .want = EPERM, .try = trace_other_user },
	{ .name = "clone(CLONE_NEWUSER) is denied", .want = EPERM, .try = clone_new_user },
	{ "clone3 does not exist", ENOSYS, NULL, SYS_clone3, { 0 } },
	{ "unshare(CLONE_NEWUSER) is denied", EPERM, NULL, SYS_unshare, { CLONE_NEWUSER } },
	{ "TIOCSTI is denied", EPERM, NULL, SYS_ioctl, { -1, TIOCSTI } },
	{ "TIOCSTI is denied with high bits", EPERM, NULL, SYS_ioctl, { -1, HIGH_BIT | TIOCSTI } },
	{ "TIOCLINUX is denied", EPERM, NULL, SYS_ioctl, { -1, TIOCLINUX } },
	{ "TIOCLINUX is denied with high bits", EPERM, NULL, SYS_ioctl,
		{ -1, HIGH_BIT | TIOCLINUX } },
	{ "a neighbour of TIOCSTI is allowed", EBADF, NULL, SYS_ioctl, { -1, TIOCSTI + 1 } },
	{ "an AF_VSOCK socket is denied", EPERM, NULL, SYS_socket, { AF_VSOCK, SOCK_STREAM } },
	{ "AF_VSOCK is denied with high bits", EPERM, NULL, SYS_socket,
		{ HIGH_BIT | AF_VSOCK, SOCK_STREAM } },
	{ "an AF_ALG socket is denied", EPERM, NULL, SYS_socket, { AF_ALG, SOCK_SEQPACKET } },
	{ "personality(ADDR_NO_RANDOMIZE) is denied", EPERM, NULL, SYS_personality,
		{ ADDR_NO_RANDOMIZE } },
	{ "personality(0xffffff00) is denied", EPERM, NULL, SYS_personality, { 0xffffff00 } },
	DENIED(acct, 1),
	DENIED(add_key),
	DENIED(bpf, -1),
	DENIED(clock_settime, 9999),
	DENIED(delete_module, 1),
	DENIED(fanotify_init, -1),
	DENIED(finit_module, -1),
	DENIED(fsopen, 0, -1),
	DENIED(get_mempolicy),
	DENIED(init_module),
	DENIED(io_uring_enter, -1),
	DENIED(io_uring_register, -1),
	DENIED(io_uring_setup),
	DENIED(kcmp, 1, 1, -1),
	DENIED(kexec_load, -1, -1, 0, -1),
	DENIED(keyctl, 9999),
	DENIED(mbind, 1),
	DENIED(mount),
	DENIED(mount_setattr, -1, 0, -1),
	DENIED(move_mount, -1, 0, -1, 0, -1),
	DENIED(open_by_handle_at, -1),
	DENIED(open_tree, -1, 0, -1),
	DENIED(perf_event_open, 0, 0, -1, -1, -1),
	DENIED(pidfd_getfd, -1, -1, -1),
	DENIED(pivot_root),
	DENIED(process_madvise, -1, 0, 0, 0, -1),
	DENIED(quotactl, -1),
	DENIED(reboot),
	DENIED(request_key),
	DENIED(sethostname, 1, -1),
	DENIED(setns, -1),
	DENIED(settimeofday, 1),
	DENIED(swapoff),
	DENIED(swapon),
	DENIED(syslog, -1),
	DENIED(umount2, 0, -1),
	DENIED(userfaultfd, -1),
#ifdef __x86_64__
	{ .name = "int $0x80 kills", .want = -SIGSYS, .try = int80 },
	{ "an x32 call does not exist", ENOSYS, NULL, 0x40000000 + SYS_getpid, { 0 } },
	{ "a denied call does not exist in x32 either", ENOSYS, NULL, 0x40000000 + SYS_mount,
		{ 0 } },
#endif
	{ "a number above all known ones does not exist", ENOSYS, NULL, 4000, { 0 } },
	{ "the number -2 does not exist", ENOSYS, NULL, -2, { 0 } },
};

/* Ends the process with what the attempt came to: 0 or the errno. */
static void __attribute__((noreturn)) child(const struct attempt *a)
{
	const long *v = a->args;
	long ret;

	errno = 0;
	ret = a->try ? a->try() : syscall(a->nr, v[0], v[1], v[2], v[3], v[4], v[5]);
	_exit(ret == -1 ? errno : 0);
}

/* Returns 0, the errno, or the negative signal. */
static int result_of(const struct attempt *a)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		child(a);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int main(void)
{
	bool failed = false;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", ARRAY_SIZE(attempts));
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		const struct attempt *a = &attempts[i];
		int got = result_of(a);

		failed |= got != a->want;
		printf("%sok %zu - %s\n", got == a->want ? "" : "not ", i + 1, a->name);
		if (got != a->want)
			printf("# %d instead of %d (0: success, positive: errno, negative: "
			       "signal)\n",
				got, a->want);
	}
	return failed;
}
