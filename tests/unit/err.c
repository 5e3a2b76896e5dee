/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/err. */
#include "base/err.h"
#include "tap.h"

static void test_texts(void)
{
	struct err e = { 0 };

	is_int(err_set(&e, 0, "no such image: %s", "web"), -1, "err_set returns -1");
	is_str(e.text, "no such image: web", "without an errno the text is the format's");
	is_int(e.exit_code, EXIT_ENGINE, "err_set means exit code 125");
	err_set(&e, ENOENT, "open %s", "/x");
	is_str(e.text, "open /x: No such file or directory", "an errno is spelled out");
	is_int(err_exit(&e, EXIT_NOT_FOUND, 0, "%s: not found", "sh"), -1, "err_exit returns -1");
	is_int(e.exit_code, 127, "err_exit sets its exit code");
	is_int(err_prefix(&e, "web %d", 1), -1, "err_prefix returns -1");
	is_str(e.text, "web 1: sh: not found", "a prefix comes in front");
	is_int(e.exit_code, 127, "a prefix keeps the exit code");
	err_append(&e, "; try %s", "ash");
	is_str(e.text, "web 1: sh: not found; try ash", "what is appended comes behind");
	is_int(e.exit_code, 127, "it keeps the exit code, too");
}

static void test_long_texts(void)
{
	struct err e = { 0 };
	char big[2000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	err_set(&e, EPERM, "%s", big);
	is_int((int64_t)strlen(e.text), sizeof(e.text) - 1, "a text that is too long is cut");
	err_prefix(&e, "web");
	is_int((int64_t)strlen(e.text), sizeof(e.text) - 1, "a cut text takes a prefix");
	ok(strncmp(e.text, "web: xxx", 8) == 0, "the prefix of a cut text is whole");
	err_prefix(&e, "%s", big);
	is_int((int64_t)strlen(e.text), sizeof(e.text) - 1, "a prefix that is too long is cut");
	is_int(err_append(&e, "%s", big), -1, "err_append returns -1");
	is_int((int64_t)strlen(e.text), sizeof(e.text) - 1, "what is appended to a cut text is lost");
	err_set(&e, EPERM, "%.*s", (int)sizeof(e.text) - 4, big);
	is_int((int64_t)strlen(e.text), sizeof(e.text) - 1, "an errno that does not fit is cut");
}

int main(void)
{
	test_texts();
	test_long_texts();
	return done_testing();
}
