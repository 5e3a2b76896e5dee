/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A 386 program for a container on amd64: prints which calls did not do what they should. */
/* Link it with -m32 -static -nostdlib: there need be no libc for 386. */

#define EPERM 1
#define ENOSYS 38

static long call(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

static const struct attempt {
	char name[32];
	long nr, a, b, want;
} attempts[] = {
	{ "getuid32\n", 199, 0, 0, 0 },
	{ "AF_UNIX socket\n", 359, 1, 1, 0 },
	{ "AF_VSOCK socket\n", 359, 40, 1, -EPERM },
	{ "mount\n", 21, 0, 0, -EPERM },
	{ "keyctl\n", 288, 9999, 0, -EPERM },
	{ "ioctl TIOCSTI\n", 54, -1, 0x5412, -EPERM },
	{ "clone(CLONE_NEWUSER)\n", 120, 0x10000000, 0, -EPERM },
	{ "unshare(CLONE_NEWUSER)\n", 310, 0x10000000, 0, -EPERM },
	{ "clone3\n", 435, 0, 0, -ENOSYS },
	{ "number 4000\n", 4000, 0, 0, -ENOSYS },
};

/* The name is the linker's. NOLINTNEXTLINE(bugprone-reserved-identifier) */
void _start(void);
void _start(void)
{
	int failed = 0;

	for (unsigned int i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *a = &attempts[i];
		long ret = call(a->nr, a->a, a->b, 0), len = 0;

		if (ret > 0)
			ret = 0;
		if (ret == a->want)
			continue;
		while (a->name[len])
			len++;
		call(4, 1, (long)a->name, len);
		failed = 1;
	}
	call(1, failed, 0, 0);
}
