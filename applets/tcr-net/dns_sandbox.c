/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reads hostile bytes has no rights: an empty root, no user, no capabilities, few calls. */
//config:config DNS_UID
//config:	int "tcr-net dns: user and group that it runs as"
//config:	default 65530
//config:	depends on FEATURE_DNS
//config:	help
//config:	  A number that no other process uses: who runs as the same user can kill the name
//config:	  server. 65520 to 65533 are given to nobody by Debian's policy and by systemd.
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns_sandbox.o
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns.h"

/* The numbers of system calls are those of one architecture. */
#if defined(__x86_64__)
enum { ARCH = (int)AUDIT_ARCH_X86_64 };
#elif defined(__i386__)
enum { ARCH = (int)AUDIT_ARCH_I386 };
#elif defined(__aarch64__)
enum { ARCH = (int)AUDIT_ARCH_AARCH64 };
#elif defined(__arm__)
enum { ARCH = (int)AUDIT_ARCH_ARM };
#elif defined(__riscv) && __riscv_xlen == 64
enum { ARCH = (int)AUDIT_ARCH_RISCV64 };
#else
#error "name the AUDIT_ARCH_ of this architecture here"
#endif

enum test {
	ALWAYS,
	IS,     /* the argument is the value */
	HAS_NO, /* the argument has no bit of the value */
};

/* What this process may call, with glibc and with musl, the most frequent first. A call with two
 * lines is allowed by either. Everything else ends the process; a number of x32 is no number here.
 */
static const struct rule {
	uint16_t call;
	uint8_t test, arg;
	uint32_t value;
} rules[] = {
#ifdef __NR_epoll_wait
	{ __NR_epoll_wait, ALWAYS, 0, 0 },
	{ __NR_poll, ALWAYS, 0, 0 },
#endif
	{ __NR_epoll_pwait, ALWAYS, 0, 0 },
	{ __NR_recvfrom, ALWAYS, 0, 0 },
	{ __NR_sendto, ALWAYS, 0, 0 },
	{ __NR_recvmsg, ALWAYS, 0, 0 },
	{ __NR_epoll_ctl, ALWAYS, 0, 0 },
	{ __NR_timerfd_settime, ALWAYS, 0, 0 },
	{ __NR_clock_gettime, ALWAYS, 0, 0 },
	{ __NR_socket, IS, 0, AF_INET },
	{ __NR_socket, IS, 0, AF_INET6 },
	{ __NR_connect, ALWAYS, 0, 0 },
	{ __NR_accept4, ALWAYS, 0, 0 },
	{ __NR_getrandom, ALWAYS, 0, 0 },
	{ __NR_close, ALWAYS, 0, 0 },
	{ __NR_read, ALWAYS, 0, 0 },
	{ __NR_write, ALWAYS, 0, 0 },
	{ __NR_ppoll, ALWAYS, 0, 0 },
	{ __NR_ioctl, IS, 1, SIOCGIFINDEX },
	{ __NR_lseek, ALWAYS, 0, 0 },
	{ __NR_brk, ALWAYS, 0, 0 },
	{ __NR_munmap, ALWAYS, 0, 0 },
	{ __NR_mremap, ALWAYS, 0, 0 },
	{ __NR_madvise, ALWAYS, 0, 0 },
	{ __NR_mprotect, HAS_NO, 2, PROT_EXEC },
#ifdef __NR_mmap2
	{ __NR_mmap2, HAS_NO, 2, PROT_EXEC },
	{ __NR_fcntl64, IS, 1, F_SETFL },
	{ __NR_fcntl64, IS, 1, F_GET_SEALS },
	{ __NR__llseek, ALWAYS, 0, 0 },
	{ __NR_clock_gettime64, ALWAYS, 0, 0 },
	{ __NR_timerfd_settime64, ALWAYS, 0, 0 },
	{ __NR_ppoll_time64, ALWAYS, 0, 0 },
#else
	{ __NR_mmap, HAS_NO, 2, PROT_EXEC },
#endif
#ifdef __arm__
	{ __NR_recv, ALWAYS, 0, 0 },
	{ __NR_send, ALWAYS, 0, 0 },
#endif
#ifdef __SANITIZE_ADDRESS__ /* asks for the bounds of the stack */
	{ __NR_sigaltstack, ALWAYS, 0, 0 },
#endif
	{ __NR_fcntl, IS, 1, F_SETFL }, /* not F_SETOWN, which sends signals */
	{ __NR_fcntl, IS, 1, F_GET_SEALS },
	{ __NR_exit_group, ALWAYS, 0, 0 },
	{ __NR_exit, ALWAYS, 0, 0 },
};

/* The mount namespace has an empty directory and nothing else. Without pivot_root(2), which an
 * initramfs does not allow, the host's mounts stay out of reach below it; as slaves they end when
 * the host's do. */
static int empty_root(struct err *e)
{
	if (unshare(CLONE_NEWNS) < 0)
		return err_set(e, errno, "unshare the mount namespace");
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return err_set(e, errno, "make mounts slaves");
	if (mount("none", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		    "size=4k,nr_inodes=1,mode=555") < 0)
		return err_set(e, errno, "mount an empty tmpfs on /proc");
	if (chdir("/proc") < 0)
		return err_set(e, errno, "chdir /proc");
	if (syscall(SYS_pivot_root, ".", ".") == 0)
		umount2(".", MNT_DETACH);
	else if (chroot(".") < 0)
		return err_set(e, errno, "chroot");
	return chdir("/") < 0 ? err_set(e, errno, "chdir /") : 0;
}

static int drop_user(struct err *e)
{
	if (setgroups(0, NULL) < 0)
		return err_set(e, errno, "setgroups");
	if (setresgid(CONFIG_DNS_UID, CONFIG_DNS_UID, CONFIG_DNS_UID) < 0)
		return err_set(e, errno, "setresgid");
	if (setresuid(CONFIG_DNS_UID, CONFIG_DNS_UID, CONFIG_DNS_UID) < 0)
		return err_set(e, errno, "setresuid");
	return 0;
}

/* The bounding set goes while there still is CAP_SETPCAP, the others whatever setresuid(2) left. */
static int drop_bounding(struct err *e)
{
	for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap) < 0)
			return err_set(e, errno, "PR_CAPBSET_DROP %u", cap);
	return 0;
}

static int drop_capabilities(struct err *e)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_set(e, errno, "PR_CAP_AMBIENT");
	if (syscall(SYS_capset, &head, none) < 0)
		return err_set(e, errno, "capset");
	return 0;
}

/* As many descriptors as are allowed anyhow: to allow more takes a capability that a container
 * host may lack. Messages may go to a file, and so its size has no limit. */
static int set_limits(struct err *e)
{
	const struct rlimit zero = { 0, 0 };
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_set(e, errno, "getrlimit");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0 || setrlimit(RLIMIT_CORE, &zero) < 0 ||
		setrlimit(RLIMIT_NPROC, &zero) < 0)
		return err_set(e, errno, "setrlimit");
	return 0;
}

static size_t emit_rule(struct sock_filter *f, const struct rule *r)
{
	const uint32_t arg = offsetof(struct seccomp_data, args) + r->arg * 8U +
		(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);
	size_t n = 0;

	f[n++] = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, r->call, 0, r->test == ALWAYS ? 1 : 4);
	if (r->test != ALWAYS) {
		f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, arg);
		f[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | (r->test == IS ? BPF_JEQ : BPF_JSET) | BPF_K, r->value,
			r->test == IS ? 0 : 1, r->test == IS ? 1 : 0);
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (r->test != ALWAYS)
		f[n++] = (struct sock_filter)BPF_STMT(
			BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	return n;
}

static int filter_calls(struct err *e)
{
	struct sock_filter f[5 + ARRAY_SIZE(rules) * 5] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog prog = { .filter = f };
	size_t n = 4;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		n += emit_rule(f + n, &rules[i]);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	prog.len = (unsigned short)n;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return err_set(e, errno, "install the seccomp filter (CONFIG_SECCOMP_FILTER)");
	return 0;
}

int dns_sandbox(struct err *e)
{
	if (empty_root(e) || drop_bounding(e) || set_limits(e) || drop_user(e) ||
		drop_capabilities(e))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(e, errno, "prctl");
	return filter_calls(e);
}
