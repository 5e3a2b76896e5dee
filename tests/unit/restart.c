/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the restart policies: runs under a clock that stands still until it is told. */
//link: applets/tcrd/restart.c
#include "../../applets/tcrd/restart.h"
#include "tap.h"

static const struct restart_policy no = { RESTART_NO, 0 }, always = { RESTART_ALWAYS, 0 },
				   unless_stopped = { RESTART_UNLESS_STOPPED, 0 },
				   on_failure = { RESTART_ON_FAILURE, 0 };

static void parses(const char *text, enum restart_kind kind, unsigned max)
{
	struct restart_policy p = restart_parse(text);

	ok(p.kind == kind && p.max == max, "\"%s\" is understood", text ? text : "(none)");
}

static void test_parse(void)
{
	parses(NULL, RESTART_NO, 0);
	parses("no", RESTART_NO, 0);
	parses("always", RESTART_ALWAYS, 0);
	parses("unless-stopped", RESTART_UNLESS_STOPPED, 0);
	parses("on-failure", RESTART_ON_FAILURE, 0);
	parses("on-failure:0", RESTART_ON_FAILURE, 0);
	parses("on-failure:1", RESTART_ON_FAILURE, 1);
	parses("on-failure:1000000", RESTART_ON_FAILURE, 1000000);
}

static void test_who_restarts(void)
{
	static const struct {
		const struct restart_policy *policy;
		int exit_code;
		bool again;
		const char *name;
	} cases[] = {
		{ &no, 0, false, "no: a success is the end" },
		{ &no, 1, false, "no: a failure is the end, too" },
		{ &always, 0, true, "always: a success is followed by another run" },
		{ &always, 1, true, "always: so is a failure" },
		{ &unless_stopped, 0, true, "unless-stopped: a success is followed by another run" },
		{ &unless_stopped, 137, true, "unless-stopped: so is a failure" },
		{ &on_failure, 0, false, "on-failure: a success is the end" },
		{ &on_failure, 1, true, "on-failure: a failure is followed by another run" },
		{ &on_failure, 137, true, "on-failure: a signal is a failure" },
		{ &on_failure, 255, true, "on-failure: so is an end that nobody saw" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct restart r = { 0 };
		bool again = restart_next(&r, *cases[i].policy, cases[i].exit_code, 0);

		ok(again == cases[i].again && r.count == again &&
				r.delay_ms == (again ? RESTART_FIRST_MS : 0),
			"%s", cases[i].name);
	}
}

/* Runs of RUN_MS each until the clock shows UNTIL_MS; how many there were. */
static unsigned runs_until(uint64_t until_ms, uint64_t run_ms)
{
	struct restart r = { 0 };
	uint64_t now = 0;
	unsigned n = 0;

	while (now < until_ms) {
		now += run_ms;
		n++;
		if (!restart_next(&r, always, 1, run_ms))
			return 0;
		now += r.delay_ms;
	}
	return n;
}

static void test_back_off(void)
{
	struct restart r = { 0 };
	unsigned want = RESTART_FIRST_MS;

	for (int i = 0; i < 20; i++) {
		restart_next(&r, always, 1, 0);
		if (r.delay_ms != want)
			break;
		want = want * 2 < RESTART_LAST_MS ? want * 2 : RESTART_LAST_MS;
	}
	is_int(r.count, 20, "the delay doubles up to its limit and stays there");
	is_int(r.delay_ms, 60000, "the limit is a minute");
	/* 0.1 + 0.2 + ... + 51.2 s are ten delays: the eleventh run ends after 102.3 s. */
	is_int(runs_until(102300, 0), 10, "a command that cannot run is tried 10 times in 102.3 s");
	is_int(runs_until(3600 * 1000, 0), 69, "and 69 times in an hour");
}

static void test_reset(void)
{
	struct restart r = { .count = 8, .delay_ms = 12800 };

	restart_next(&r, always, 1, RESTART_RESET_MS - 1);
	is_int(r.delay_ms, 25600, "less than 10 s of uptime do not count");
	restart_next(&r, always, 1, RESTART_RESET_MS);
	is_int(r.delay_ms, RESTART_FIRST_MS, "after 10 s of uptime the delays start anew");
	is_int(r.count, 10, "the restarts are counted on");
	restart_next(&r, always, 1, 0);
	is_int(r.delay_ms, 2 * RESTART_FIRST_MS, "then they double again");
	is_int(runs_until(3600 * 1000, RESTART_RESET_MS), 357,
		"a run of 10 s is followed by the next after 0.1 s");
}

/* How many runs there are if all fail after UPTIME_MS. */
static unsigned runs_in_all(unsigned max, uint64_t uptime_ms)
{
	struct restart_policy policy = { RESTART_ON_FAILURE, max };
	struct restart r = { 0 };
	unsigned n = 1;

	while (n < 1000 && restart_next(&r, policy, 1, uptime_ms))
		n++;
	return n;
}

static void test_count(void)
{
	struct restart_policy three = { RESTART_ON_FAILURE, 3 };
	struct restart r = { .count = 3, .delay_ms = 400 };

	is_int(runs_in_all(1, 0), 2, "on-failure:1 makes two runs");
	is_int(runs_in_all(3, 0), 4, "on-failure:3 makes four");
	is_int(runs_in_all(3, RESTART_RESET_MS), 4, "uptime does not renew the count");
	is_int(runs_in_all(0, 0), 1000, "on-failure:0 has no limit");
	ok(!restart_next(&r, three, 1, 0) && r.count == 3 && r.delay_ms == 400,
		"what is not restarted leaves the past as it is");
	r = (struct restart){ .count = 5 };
	ok(!restart_next(&r, three, 1, 0), "a limit that was lowered holds");
	r = (struct restart){ .count = UINT32_MAX - 1, .delay_ms = RESTART_LAST_MS };
	ok(restart_next(&r, always, 1, 0) && r.delay_ms == RESTART_LAST_MS,
		"after very many restarts there is another");
}

int main(void)
{
	test_parse();
	test_who_restarts();
	test_back_off();
	test_reset();
	test_count();
	return done_testing();
}
