/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the sandbox of `tcr-net dns`: what works in it, what fails, what kills. */
//link: applets/tcr-net/dns_sandbox.c
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../applets/tcr-net/dns.h"
#include "base/log.h"
#include "tap.h"

static int devnull;

static long do_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long do_openat(void)
{
	return syscall(SYS_openat, AT_FDCWD, ".", O_RDONLY);
}

static long do_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

static long do_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long do_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long do_execve(void)
{
	char *argv[] = { NULL };

	return execve("/bin/true", argv, argv);
}

static long do_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long do_kill(void)
{
	return kill(getppid(), 0);
}

static long do_bind(void)
{
	return bind(devnull, NULL, 0);
}

static long do_mmap_exec(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		MAP_FAILED;
}

static long do_mprotect_exec(void)
{
	return syscall(SYS_mprotect, (uintptr_t)do_kill & ~4095UL, 4096, PROT_READ | PROT_EXEC);
}

static long do_mount(void)
{
	return syscall(SYS_mount, 0, 0, 0, 0, 0);
}

static long do_chroot(void)
{
	return syscall(SYS_chroot, ".");
}

static long do_setuid(void)
{
	return syscall(SYS_setuid, 0);
}

static long do_prctl(void)
{
	return prctl(PR_GET_DUMPABLE);
}

static long do_ptrace(void)
{
	return syscall(SYS_ptrace, 0, 0, 0, 0);
}

static long do_setown(void)
{
	return fcntl(devnull, F_SETOWN, getppid());
}

static long do_other_ioctl(void)
{
	return ioctl(devnull, SIOCGIFADDR, NULL);
}

#ifdef __x86_64__
/* Numbers that are allowed but for what they are meant by: write(2) as x32 has it, and 3, which is
 * close(2) here and read(2) in a 32-bit program. */
static long do_x32(void)
{
	return syscall(0x40000000 + SYS_write, devnull, "", 1);
}

static long do_i386(void)
{
	long rc;

	__asm__ volatile("int $0x80" : "=a"(rc) : "a"(3), "b"(-1) : "memory");
	return rc;
}
#endif

static const struct {
	const char *what;
	long (*call)(void);
} deadly[] = {
	{ "open", do_open },
	{ "openat of a relative path", do_openat },
	{ "a netlink socket", do_netlink },
	{ "a UNIX socket", do_unix },
	{ "a packet socket", do_packet },
	{ "execve", do_execve },
	{ "fork", do_fork },
	{ "kill", do_kill },
	{ "bind", do_bind },
	{ "executable memory", do_mmap_exec },
	{ "making memory executable", do_mprotect_exec },
	{ "mount", do_mount },
	{ "chroot", do_chroot },
	{ "setuid", do_setuid },
	{ "prctl", do_prctl },
	{ "ptrace", do_ptrace },
	{ "another ioctl", do_other_ioctl },
	{ "fcntl F_SETOWN", do_setown },
#ifdef __x86_64__
	{ "a call with an x32 number", do_x32 },
	{ "a call of the 32-bit ABI", do_i386 },
#endif
};

/* What the name server does. Returns 0, or the number of the step that failed. */
static int harmless(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ifreq ifr = { .ifr_name = "lo" };
	struct timer t = { .fire = NULL };
	uint16_t id;
	void *p;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0)
		return 1;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) || send(fd, "", 0, 0) < 0)
		return 2;
	if (ioctl(fd, SIOCGIFINDEX, &ifr) < 0 || getrandom(&id, sizeof(id), 0) != sizeof(id))
		return 3;
	p = xrealloc(NULL, 1 << 20);
	p = xrealloc(p, 2 << 20);
	free(p);
	timer_set(&t, 1000);
	timer_cancel(&t);
	log_msg("a message");
	return close(fd) ? 4 : 0;
}

/* In the child, before the filter: the rest of what was given up. Seen from the parent's side in
 * tests/dns-child.bats. */
static int in_sandbox(long (*call)(void))
{
	struct err e = { 0 };
	int status;
	pid_t pid = fork();

	if (pid) {
		waitpid(pid, &status, 0);
		return status;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(devnull, STDERR_FILENO);
	if (loop_init(&e) || dns_sandbox(&e)) {
		printf("# %s\n", e.text);
		fflush(stdout);
		_exit(99);
	}
	if (call)
		call();
	_exit(call ? 0 : harmless());
}

int main(void)
{
	if (geteuid())
		skip_all("it takes root to make a sandbox");
	devnull = open("/dev/null", O_RDWR | O_CLOEXEC);
	is_int(in_sandbox(NULL), 0, "what the name server does works");
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++) {
		int status = in_sandbox(deadly[i].call);

		ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s kills: status 0x%x",
			deadly[i].what, (unsigned)status);
	}
	return done_testing();
}
