/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/process. */
#include <sys/wait.h>

#include "base/mem.h"
#include "base/process.h"
#include "tap.h"
#include "tmpdir.h"

static void test_start_time(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	ok(process_start_time(getpid()) > 0, "a process has a start time");
	is_int(process_start_time(getpid()), process_start_time(getpid()), "which stays");
	ok(process_start_time(child) >= process_start_time(getpid()), "its child begins later");
	waitpid(child, NULL, 0);
	is_int(process_start_time(child), 0, "what is gone has none");
	is_int(process_start_time(0), 0, "nor has 0");
}

static void test_round_trip(void)
{
	struct run_state s = { getpid(), 1ULL << 40, (1ULL << 40) + 1, 137, 7, 800, 1 }, got;
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	run_state_emit(&s, &sb);
	tmpdir_file("state", sb.buf);
	ok(run_state_read(AT_FDCWD, "state", &got) && got.pid == s.pid &&
			got.started_ms == s.started_ms && got.finished_ms == s.finished_ms &&
			got.exit_code == s.exit_code && got.restarts == 7 && got.delay_ms == 800 && got.oom_killed == 1,
		"what was written is read the same");
	s.pid = 0;
	sb_reset(&sb);
	run_state_emit(&s, &sb);
	tmpdir_file("state", sb.buf);
	ok(run_state_read(AT_FDCWD, "state", &got) && got.pid == 0 && got.exit_code == 137,
		"a container that has ended has no process");
}

static const struct {
	const char *text;
	bool readable;
} files[] = {
	{ "", false },
	{ "\n", false },
	{ "1 2 3 4", false },
	{ "x 2 3 4 5\n", false },
	{ "1 1 3 4 5\n", true },
	{ "-1 1 3 4 5\n", true },
	{ "1 1 3 4 5 6 7\n", true },
	{ "0 0 3 4 5\n", true },
	{ "99999999 0 3 4 5\n", true },
};

static void test_files(void)
{
	struct run_state s;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		tmpdir_file("state", files[i].text);
		ok(run_state_read(AT_FDCWD, "state", &s) == files[i].readable, "\"%s\" is %s",
			files[i].text, files[i].readable ? "read" : "damaged");
		is_int(s.pid, 0, "and names no process that lives");
	}
	ok(!run_state_read(AT_FDCWD, "missing", &s), "there is no state without a file");
}

int main(void)
{
	tmpdir_enter();
	test_start_time();
	test_round_trip();
	test_files();
	return done_testing();
}
