/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/mem. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "tap.h"

/* AddressSanitizer would end the program where the C library returns NULL. */
const char *sanitizer_options(void) __asm__("__asan_default_options");

const char *sanitizer_options(void)
{
	return "allocator_may_return_null=1";
}

static void test_strings(void)
{
	cleanup_free char *a = xstrdup("text"), *b = xstrndup("text", 2), *c = xstrndup("text", 99);
	cleanup_free char *d = xasprintf("%s %d%0*d", "a", 1, 5000, 2), *e = xcalloc(10, 10);
	int sum = 0;

	is_str(a, "text", "a string is copied");
	is_str(b, "te", "a part is copied");
	is_str(c, "text", "no more than there is");
	ok(strlen(d) == 5003 && !strncmp(d, "a 10", 4) && d[5002] == '2', "a text is formatted");
	for (int i = 0; i < 100; i++)
		sum += e[i];
	is_int(sum, 0, "memory is zero");
	a = xrealloc(a, 100000);
	is_str(a, "text", "memory grows with its content");
	strv_free(NULL);
	strv_free(xcalloc(1, sizeof(char *)));
}

static int closed;

static void scope(void)
{
	cleanup_close int fd = open("/", O_RDONLY | O_CLOEXEC), none = -1;
	cleanup_strv char **v = xcalloc(2, sizeof(char *)), **no_v = NULL;
	cleanup_free char *no_s = NULL;

	v[0] = xstrdup("freed");
	closed = fd;
	ok(none == -1 && !no_v && !no_s, "nothing is needed to be cleaned up");
}

static void test_scopes(void)
{
	cleanup_close int fd = open("/", O_RDONLY | O_CLOEXEC), taken = steal_fd(&fd);
	cleanup_free char *s = xstrdup("text"), *t = steal_ptr(&s);

	ok(fd == -1 && fcntl(taken, F_GETFD) >= 0, "a taken descriptor is still open");
	ok(!s && !strcmp(t, "text"), "a taken pointer is still good");
	scope();
	ok(fcntl(closed, F_GETFD) < 0, "a descriptor is closed with its scope");
}

/* What a child says and how it ends that asks for more than there is. */
static void exhausted(int which, const char *name)
{
	char text[200] = "";
	int fds[2], status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		bail_out("fork");
	if (!pid) {
		volatile size_t huge = SIZE_MAX / 4;

		dup2(fds[1], STDERR_FILENO);
		free(which == 0              ? xcalloc(huge, 1)
				: which == 1 ? xcalloc(huge, 16)
					     : xrealloc(NULL, huge));
		_exit(0);
	}
	close(fds[1]);
	for (ssize_t n, len = 0; (n = read(fds[0], text + len, sizeof(text) - 1 - len)) > 0;
		len += n)
		;
	close(fds[0]);
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 125, "%s ends the process with 125", name);
	if (!getenv("ASAN_OPTIONS") && !strstr(text, "AddressSanitizer"))
		is_str(text, "tcr: out of memory\n", "it says why");
}

int main(void)
{
	test_strings();
	test_scopes();
	exhausted(0, "memory that is not there");
	exhausted(1, "a product that overflows");
	exhausted(2, "growth that is not possible");
	return done_testing();
}
