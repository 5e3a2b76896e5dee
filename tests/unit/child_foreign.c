/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/child with processes that are not our children, as after a restart of the daemon.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "children.h"

enum { ROUNDS = 20 };

/* A process that is not our child, and of which the parent waits: tells its pid, waits for a byte,
 * ends with CODE. */
static pid_t start_foreign(int out, int in, int code)
{
	pid_t parent = fork(), pid;
	char byte;

	if (parent)
		return parent;
	pid = fork();
	if (!pid) {
		if (read(in, &byte, 1) < 0)
			_exit(1);
		_exit(code);
	}
	if (write(out, &pid, sizeof(pid)) < 0 || waitpid(pid, NULL, 0) < 0)
		_exit(1);
	_exit(0);
}

/* Linux 6.15 and later tell how a process ended that is not our child. */
static bool kernel_tells(void)
{
	char info[64] = { 8 };
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int rc = ioctl(pidfd, _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, sizeof(info)), info);
	int major = 0, minor = 0;
	FILE *f = fopen("/proc/sys/kernel/osrelease", "re");

	if (f && fscanf(f, "%d.%d", &major, &minor) != 2)
		major = 0;
	if (f)
		fclose(f);
	close(pidfd);
	return rc == 0 && major * 1000 + minor >= 6015;
}

static int foreign_status_of(int code)
{
	struct child c = { .ended = ended };
	struct err e = { 0 };
	int to[2], from[2];
	pid_t parent, pid;

	begin();
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		bail_out("pipe");
	parent = start_foreign(from[1], to[0], code);
	if (read(from[0], &pid, sizeof(pid)) != sizeof(pid) || child_watch(&c, pid, &e))
		bail_out("cannot watch");
	if (write(to[1], "x", 1) != 1)
		bail_out("write");
	run();
	waitpid(parent, NULL, 0);
	for (int i = 0; i < 2; i++) {
		close(to[i]);
		close(from[i]);
	}
	return last_status;
}

static void test_foreign(void)
{
	int unknown = 0, right = 0;

	for (int i = 0; i < ROUNDS; i++) {
		int status = foreign_status_of(9);

		unknown += status == STATUS_UNKNOWN;
		right += status_exit_code(status) == 9;
	}
	is_int(unknown + right, ROUNDS,
		"a process that is no child has its status or an unknown one");
	if (kernel_tells())
		is_int(right, ROUNDS, "the kernel's word on such a process is waited for");
	else
		skip("the status of such a process is the kernel's", "Linux before 6.15");
}

int main(void)
{
	alarm(60);
	test_foreign();
	return done_testing();
}
