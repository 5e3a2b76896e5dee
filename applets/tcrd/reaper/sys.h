/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls and the start of a program without a C library: what stands in syscall(2), under
 * "Architecture calling conventions". */
#ifndef REAPER_SYS_H
#define REAPER_SYS_H

/* The first instructions call start(SP); at SP the kernel has put argc, argv, envp, and has aligned
 * it as calls demand. */
#define START(code) __asm__(".text\n.globl start_here\nstart_here:\n" code "\n")
/* One instruction enters the kernel, with everything in the registers that it looks into. */
#define ENTER(instruction, clobbered...)                      \
	__asm__ volatile(instruction                          \
			 : "+r"(a), "+r"(b), "+r"(c), "+r"(d) \
			 : "r"(n)                             \
			 : "memory", ##clobbered)

void start(const long *sp) __attribute__((noreturn, used));

/* Returns what the kernel does: errors are -errno. */
static inline long sys(long number, long a1, long a2, long a3, long a4);

#if defined(__x86_64__) && defined(__LP64__)

START("mov %rsp, %rdi\n call start");

static inline long sys(long number, long a1, long a2, long a3, long a4)
{
	register long d __asm__("r10") = a4;

	__asm__ volatile("syscall"
			 : "+a"(number)
			 : "D"(a1), "S"(a2), "d"(a3), "r"(d)
			 : "rcx", "r11", "memory");
	return number;
}

#elif defined(__i386__)

START("mov %esp, %eax\n sub $12, %esp\n push %eax\n call start");

static inline long sys(long number, long a1, long a2, long a3, long a4)
{
	__asm__ volatile("int $0x80"
			 : "+a"(number)
			 : "b"(a1), "c"(a2), "d"(a3), "S"(a4)
			 : "memory");
	return number;
}

#elif defined(__aarch64__)

START("mov x0, sp\n bl start");

static inline long sys(long number, long a1, long a2, long a3, long a4)
{
	register long n __asm__("x8") = number;
	register long a __asm__("x0") = a1, b __asm__("x1") = a2, c __asm__("x2") = a3,
			d __asm__("x3") = a4;

	ENTER("svc #0");
	return a;
}

#elif defined(__arm__) && defined(__ARM_EABI__)

/* The type makes the linker remember whether this is Thumb code. */
START(".type start_here, %function\n mov r0, sp\n bl start");

/* The number belongs into r7, which Thumb code has as frame pointer. */
static inline long sys(long number, long a1, long a2, long a3, long a4)
{
	register long a __asm__("r0") = a1, b __asm__("r1") = a2, c __asm__("r2") = a3,
			d __asm__("r3") = a4;
	register long n __asm__("r4") = number;

	ENTER("mov ip, r7\n mov r7, r4\n svc #0\n mov r7, ip", "ip");
	return a;
}

#elif defined(__riscv) && __riscv_xlen == 64

/* The linker shortens accesses to data that are near gp. */
START(".option push\n .option norelax\n lla gp, __global_pointer$\n .option pop\n"
      "mv a0, sp\n call start");

static inline long sys(long number, long a1, long a2, long a3, long a4)
{
	register long n __asm__("a7") = number;
	register long a __asm__("a0") = a1, b __asm__("a1") = a2, c __asm__("a2") = a3,
			d __asm__("a3") = a4;

	ENTER("ecall");
	return a;
}

#elif defined(__mips__) && _MIPS_SIM == _ABIO32

/* A callee may store its four arguments above the stack pointer. */
START(".set push\n .set noreorder\n move $4, $29\n addiu $29, $29, -16\n jal start\n nop\n"
      ".set pop");

#if __mips_isa_rev >= 6
#define MULTIPLIER
#else
#define MULTIPLIER , "hi", "lo"
#endif

/* An error is a positive number, and d tells that it is one. */
static inline long sys(long number, long a1, long a2, long a3, long a4)
{
	register long n __asm__("$2") = number;
	register long a __asm__("$4") = a1, b __asm__("$5") = a2, c __asm__("$6") = a3,
			d __asm__("$7") = a4;

	__asm__ volatile("syscall"
			 : "+r"(n), "+r"(d)
			 : "r"(a), "r"(b), "r"(c)
			 : "memory", "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14",
			 "$15", "$24", "$25" MULTIPLIER);
	return d ? -n : n;
}

#else
#error "FEATURE_INIT is not possible: system calls of this architecture are not in reaper/sys.h"
#endif

#endif
