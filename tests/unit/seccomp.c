/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the generated seccomp filter on every system call and compares with seccomp.list. */
/* usage: seccomp [LIST MACROS HEADER] */
#include <linux/filter.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "seccomp_list.h"

enum {
	INVALID = 0x12345, /* what the interpreter says of a program that the kernel would refuse */
};

static struct sock_filter program[BPF_MAXINSNS];
static size_t program_len;

static void decode_program(const char *base64)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char bytes[sizeof(program)];
	uint32_t bits = 0;
	size_t len = 0, n = 0;

	for (const char *p = base64, *d; *p && (d = strchr(digits, *p)); p++) {
		bits = bits << 6 | (uint32_t)(d - digits);
		if (++n % 4 != 1)
			bytes[len++] = bits >> (6 - 2 * ((n - 1) % 4));
	}
	program_len = len / 8;
	for (size_t i = 0; i < program_len; i++) {
		const unsigned char *b = bytes + 8 * i;
		uint32_t le = b[4] | b[5] << 8 | b[6] << 16 | (uint32_t)b[7] << 24;

		program[i].code = big_endian ? b[0] << 8 | b[1] : b[1] << 8 | b[0];
		program[i].jt = b[2];
		program[i].jf = b[3];
		program[i].k = big_endian ? __builtin_bswap32(le) : le;
	}
}

/* The 32 bits at OFFSET of struct seccomp_data on the target. */
static uint32_t load(uint32_t offset, uint32_t nr, uint32_t arch, const uint64_t *args)
{
	if (offset == 0)
		return nr;
	if (offset == 4)
		return arch;
	if (offset < 16 || offset >= 64 || offset % 4)
		return INVALID;
	return args[offset / 8 - 2] >> ((offset % 8 != 0) == big_endian ? 0 : 32);
}

/* The subset of BPF that the kernel can evaluate in advance, so that it runs no filter at all for a
 * call that is always allowed (Linux 5.11). */
static uint32_t run(uint32_t nr, uint32_t arch, const uint64_t *args)
{
	uint32_t a = 0;
	bool yes;

	for (size_t i = 0; i < program_len; i++) {
		const struct sock_filter *f = &program[i];

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load(f->k, nr, arch, args);
			continue;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= f->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = a & f->k;
			break;
		default:
			return INVALID;
		}
		i += yes ? f->jt : f->jf;
	}
	return INVALID;
}

static const struct rule *rule_of(uint32_t nr)
{
	for (size_t i = 0; i < n_calls; i++)
		if (calls[i].nr == (long)nr)
			return calls[i].rule;
	return NULL;
}

static bool agrees(uint32_t nr, uint32_t arch, const struct rule *r, uint64_t arg)
{
	/* what is not looked at must not matter */
	uint64_t args[6] = { arg ^ 38, arg ^ 40, arg ^ 8, ~arg, 0x5412, 0x5412 };
	uint32_t want, got;

	args[r ? r->arg : 0] = arg;
	want = expected(r, args);
	got = run(nr, arch, args);
	if (got != want)
		printf("# number %u, argument %#llx: %#x, should be %#x\n", nr,
			(unsigned long long)arg, got, want);
	return got == want;
}

/* The arguments on both sides of every comparison, and what a sloppy one would confuse with them.
 */
static bool call_agrees(uint32_t nr, uint32_t arch)
{
	static const uint64_t high[] = { 0, 1ULL << 32, 1ULL << 63, 0xffffffffULL << 32 };
	const struct rule *r = rule_of(nr);
	bool pass = agrees(nr, arch, r, 0);

	for (unsigned int i = 0; r && i < r->operands; i++)
		for (size_t h = 0; h < ARRAY_SIZE(high); h++)
			for (int d = -1; d <= 1; d++)
				pass &= agrees(
					nr, arch, r, high[h] ^ (uint32_t)(r->operand[i].value + d));
	for (int bit = 0; r && r->operands && bit < 64; bit++)
		pass &= agrees(nr, arch, r, 1ULL << bit) && agrees(nr, arch, r, ~(1ULL << bit));
	return pass;
}

static void check_calls(uint32_t arch)
{
	static const uint32_t starts[] = { 0, 0xf0000, 0x900000, 0x40000000, 0x80000000,
		0xfffff000 };
	bool pass = true;

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		for (uint32_t n = 0; n < 0x1000; n++)
			pass &= call_agrees(starts[i] + n, arch);
	ok(pass, "every system call gets what the list says");
}

static void check_other_architectures(uint32_t arch)
{
	static const uint64_t args[6];
	bool pass = true;

	for (uint32_t nr = 0; nr < 1000; nr++)
		for (int bit = 0; bit < 32; bit++)
			pass &= run(nr, arch ^ 1U << bit, args) == SECCOMP_RET_KILL_PROCESS;
	ok(pass, "a call of another architecture kills");
}

/* A profile without one of these was shipped before, and nothing ran. */
static void check_needed(void)
{
	static const char *const needed[] = { "arch_prctl", "brk", "cacheflush", "execve",
		"exit_group", "fstatat64", "futex", "futex_time64", "getrandom", "mmap", "mmap2",
		"newfstatat", "openat", "read", "riscv_flush_icache", "rt_sigreturn", "set_tls",
		"set_tid_address", "write" };
	static const uint64_t no_flags[6];
	bool pass = number_of("socket") >= 0 && number_of("clone") >= 0;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (number_of(needed[i]) >= 0)
			pass &= expected(rule_of(number_of(needed[i])), no_flags) ==
				SECCOMP_RET_ALLOW;
	ok(pass, "what a C library cannot do without is allowed");
}

/* The list writes values beside their names: the headers know better. */
static void check_values(void)
{
#define V(name)             \
	{                   \
#name, name \
	}
	static const struct operand known[] = { V(AF_ALG), V(AF_VSOCK), V(TIOCSTI), V(TIOCLINUX),
		V(CLONE_NEWNS), V(CLONE_NEWCGROUP), V(CLONE_NEWUTS), V(CLONE_NEWIPC),
		V(CLONE_NEWUSER), V(CLONE_NEWPID), V(CLONE_NEWNET), V(PER_LINUX), V(PER_LINUX32),
		V(UNAME26), { "UNAME26_LINUX32", UNAME26 | PER_LINUX32 }, { "QUERY", 0xffffffff } };
#undef V
	size_t named = 0, right = 0;

	for (size_t r = 0; r < n_rules; r++)
		for (unsigned int i = 0; i < rules[r].operands; i++, named++)
			for (size_t k = 0; k < ARRAY_SIZE(known); k++)
				right += !strcmp(known[k].name, rules[r].operand[i].name) &&
					known[k].value == rules[r].operand[i].value;
	ok(named == right && named == ARRAY_SIZE(known),
		"the constants in the list are the kernel's");
}

static void check_kernel(void)
{
	struct sock_fprog prog = { .len = program_len, .filter = program };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
			syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
			_exit(1);
		_exit(mount(NULL, "", NULL, 0, NULL) == 0 || errno != EPERM);
	}
	ok(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0,
		"the kernel takes the filter");
}

static uint32_t audit_arch(const char *goarch)
{
	static const struct operand archs[] = { { "amd64", AUDIT_ARCH_X86_64 },
		{ "386", AUDIT_ARCH_I386 }, { "arm64", AUDIT_ARCH_AARCH64 },
		{ "arm", AUDIT_ARCH_ARM }, { "riscv64", AUDIT_ARCH_RISCV64 } };

	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (!strncmp(goarch, archs[i].name, strlen(archs[i].name)) &&
			goarch[strlen(archs[i].name)] == '"')
			return archs[i].value;
	bail_out(goarch);
}

/* True if the filter is for the machine that this test runs on. */
static bool is_native(uint32_t arch)
{
#ifdef __x86_64__
	return arch == AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
	return arch == AUDIT_ARCH_AARCH64;
#elif defined(__arm__)
	return arch == AUDIT_ARCH_ARM;
#elif defined(__i386__)
	return arch == AUDIT_ARCH_I386;
#else
	return arch == AUDIT_ARCH_RISCV64;
#endif
}

int main(int argc, char **argv)
{
	uint32_t arch;

	read_inputs(argc, argv);
	decode_program(definition(header, "SECCOMP_BPF_BASE64") + 1);
	arch = audit_arch(definition(header, "SECCOMP_GOARCH") + 1);
	check_calls(arch);
	check_other_architectures(arch);
	check_needed();
	check_values();
	if (is_native(arch) && !big_endian)
		check_kernel();
	free_inputs();
	return done_testing();
}
