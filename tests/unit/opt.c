/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/opt. */
#include <ctype.h>
#include <limits.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/strbuf.h"
#include "tap.h"

struct target {
	bool all, it, tty;
	char *name, *size, *id;
	char **env;
};

/* Lower case is the normal form; digits are wrong, and "ignore" is ignored. */
static char *check_size(const char *value, void *ctx, struct err *e)
{
	char *s = xstrdup(value);

	if (strpbrk(value, "0123456789") || !ctx)
		err_set(e, 0, "--size \"%s\" has a digit", value);
	if (e->exit_code || !strcmp(value, "ignore")) {
		free(s);
		return NULL;
	}
	for (char *c = s; *c; c++)
		*c = tolower((unsigned char)*c);
	return s;
}

#define FIELD(f) offsetof(struct target, f)

static const struct opt table[] = {
	{ "all", 'a', OPT_BOOL, false, FIELD(all), NULL },
	{ "interactive", 'i', OPT_BOOL, false, FIELD(it), NULL },
	{ "tty", 't', OPT_BOOL, false, FIELD(tty), NULL },
	{ "name", 'n', OPT_STRING, false, FIELD(name), NULL },
	{ "size", 's', OPT_STRING, false, FIELD(size), check_size },
	{ "env", 'e', OPT_LIST, false, FIELD(env), NULL },
	{ "id", 0, OPT_STRING, true, FIELD(id), NULL },
};

static void emit(const char *arg, void *out)
{
	sb_adds(out, arg);
	sb_adds(out, " ");
}

/* Parses LINE, whose words have one space between them; "\1" stands for a space in a word. OUT gets
 * what was set,
 * "|" and the other arguments, or the error. */
static int parse_line(const char *line, unsigned flags, struct strbuf *out)
{
	cleanup_free char *copy = xstrdup(line), **rest = NULL;
	struct target target = { 0 };
	char *argv[20] = { NULL }, *p = copy;
	struct err e;
	int rc, n = 0;

	while (*line && p)
		argv[n++] = strsep(&p, " ");
	for (int i = 0; i < n; i++)
		for (char *c = argv[i]; *c; c++)
			*c = *c == '\1' ? ' ' : *c;
	rc = opt_parse(table, ARRAY_SIZE(table), argv, flags, &target, &target, &rest, &e);
	if (rc < 0) {
		sb_adds(out, e.text);
	} else {
		opt_emit(table, ARRAY_SIZE(table), &target, emit, out);
		sb_adds(out, rc ? "help" : "|");
		for (char **r = rest; *r; r++)
			sb_addf(out, " %s", *r);
	}
	opt_free(table, ARRAY_SIZE(table), &target);
	ok(!target.name && !target.size && !target.env && !target.id,
		"everything of \"%s\" is freed", line);
	return rc;
}

static const struct {
	const char *line, *want;
	unsigned flags;
} forms[] = {
	{ "", "|", 0 },
	{ "a b c", "| a b c", 0 },
	{ "-a", "--all=true |", 0 },
	{ "--all", "--all=true |", 0 },
	{ "-it", "--interactive=true --tty=true |", 0 },
	{ "-ti x", "--interactive=true --tty=true | x", 0 },
	{ "--all=true", "--all=true |", 0 },
	{ "--all=1", "--all=true |", 0 },
	{ "--all=false", "|", 0 },
	{ "--all=0", "|", 0 },
	{ "-a=false", "|", 0 },
	{ "-ta=true", "--all=true --tty=true |", 0 },
	{ "--all false", "--all=true | false", 0 },
	{ "--name web", "--name=web |", 0 },
	{ "--name=web", "--name=web |", 0 },
	{ "--name=a=b", "--name=a=b |", 0 },
	{ "--name --all", "--name=--all |", 0 },
	{ "--name --help", "--name=--help |", 0 },
	{ "--name -- x", "--name=-- | x", 0 },
	{ "-n web", "--name=web |", 0 },
	{ "-nweb", "--name=web |", 0 },
	{ "-n=web", "--name=web |", 0 },
	{ "-n==web", "--name==web |", 0 },
	{ "-itn web", "--interactive=true --tty=true --name=web |", 0 },
	{ "-itnweb", "--interactive=true --tty=true --name=web |", 0 },
	{ "-e A=1 -eB=2 -e=C=3 --env D=4 --env=E=5",
		"--env=A=1 --env=B=2 --env=C=3 --env=D=4 --env=E=5 |", 0 },
	{ "-e X -e X", "--env=X --env=X |", 0 },
	{ "--size BIG", "--size=big |", 0 },
	{ "--size ignore", "|", 0 },
	{ "--name=two\1words", "--name=two words |", 0 },
	{ "x -a y", "--all=true | x y", 0 },
	{ "x -a y", "| x -a y", OPT_STOP },
	{ "-a x -t --help", "--all=true | x -t --help", OPT_STOP },
	{ "-a -- -t x", "--all=true | -t x", 0 },
	{ "-a -- -t -- x", "--all=true | -t -- x", OPT_STOP },
	{ "-- -- x", "| -- x", 0 },
	{ "-", "| -", 0 },
	{ "- -a", "| - -a", OPT_STOP },
	{ "-a --help --bad", "--all=true help", 0 },
	{ "--help", "help", OPT_STOP },
	{ "--id=7", "--id=7 |", OPT_TRUSTED },
	{ "--name=a --name=b", "--name=b |", OPT_TRUSTED },
	{ "--all --all=false", "|", OPT_TRUSTED },
	{ "--size=a --size=ignore", "--size=a |", OPT_TRUSTED },
	{ "--bad", "unknown flag: --bad", 0 },
	{ "--bad=1", "unknown flag: --bad", 0 },
	{ "--al", "unknown flag: --al", 0 },
	{ "--alles", "unknown flag: --alles", 0 },
	{ "--=x", "unknown flag: --", 0 },
	{ "---all", "unknown flag: ---all", 0 },
	{ "--help=1", "unknown flag: --help", 0 },
	{ "--id=7", "unknown flag: --id", 0 },
	{ "-x", "unknown shorthand flag: 'x' in -x", 0 },
	{ "-axt", "unknown shorthand flag: 'x' in -axt", 0 },
	{ "-a-", "unknown shorthand flag: '-' in -a-", 0 },
	{ "--name", "flag needs an argument: --name", 0 },
	{ "-n", "flag needs an argument: -n", 0 },
	{ "-itn", "flag needs an argument: -n", 0 },
	{ "-e", "flag needs an argument: -e", 0 },
	{ "--all=yes", "invalid value \"yes\" for --all: true or false", 0 },
	{ "--all=", "invalid value \"\" for --all: true or false", 0 },
	{ "-a=", "invalid value \"\" for --all: true or false", 0 },
	{ "--name=", "--name must not be empty", 0 },
	{ "-n=", "--name must not be empty", 0 },
	{ "--env=", "--env must not be empty", 0 },
	{ "--name= --name=x", "--name must not be empty", OPT_TRUSTED },
	{ "--size 7", "--size \"7\" has a digit", 0 },
	{ "-a --all", "--all is given twice", 0 },
	{ "--all --all=false", "--all is given twice", 0 },
	{ "--name a -n a", "--name is given twice", 0 },
	{ "--size ignore --size x", "--size is given twice", 0 },
};

static void test_forms(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		cleanup_sb struct strbuf out = STRBUF_INIT;
		cleanup_free char *name = xasprintf(
			"\"%s\" with flags %u", forms[i].line, forms[i].flags);

		parse_line(forms[i].line, forms[i].flags, &out);
		is_str(sb_str(&out), forms[i].want, name);
	}
}

/* What was emitted parses to the same. */
static void test_round_trip(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		cleanup_sb struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
		char *bar;

		if (parse_line(forms[i].line, forms[i].flags, &once) ||
			strchr(forms[i].line, '\1') || !(bar = strstr(once.buf, " |")))
			continue;
		*bar = '\0';
		parse_line(once.buf, OPT_TRUSTED, &twice);
		*strstr(twice.buf, " |") = '\0';
		is_str(twice.buf, once.buf, "emitted options parse to themselves");
	}
}

static void test_long_arguments(void)
{
	cleanup_free char *big = xcalloc(1, 100001);
	char *argv[] = { "--name", big, NULL };
	struct target target = { 0 };
	cleanup_free char **rest = NULL, **rest2 = NULL;
	struct err e;

	memset(big, 'x', 100000);
	ok(opt_parse(table, ARRAY_SIZE(table), argv, 0, &target, NULL, &rest, &e) == 0 &&
			!strcmp(target.name, big),
		"a value may be long");
	opt_free(table, ARRAY_SIZE(table), &target);
	memcpy(big, "--", 2);
	argv[0] = big;
	ok(opt_parse(table, ARRAY_SIZE(table), argv, 0, &target, NULL, &rest2, &e) == -1 &&
			strlen(e.text) < 100,
		"a long unknown option gives a short message");
	is_int(e.exit_code, EXIT_ENGINE, "wrong options mean exit code 125");
}

static const struct {
	const char *text;
	long min, max, want; /* want LONG_MIN: refused */
} numbers[] = {
	{ "0", 0, 10, 0 },
	{ "10", 0, 10, 10 },
	{ "11", 0, 10, LONG_MIN },
	{ "-1", -1, 10, -1 },
	{ "-1", 0, 10, LONG_MIN },
	{ "-2", -1, 10, LONG_MIN },
	{ "", 0, 10, LONG_MIN },
	{ "-", -9, 10, LONG_MIN },
	{ "--1", -9, 10, LONG_MIN },
	{ "+1", 0, 10, LONG_MIN },
	{ " 1", 0, 10, LONG_MIN },
	{ "- 1", -9, 10, LONG_MIN },
	{ "1 ", 0, 10, LONG_MIN },
	{ "1\n", 0, 10, LONG_MIN },
	{ "1x", 0, 10, LONG_MIN },
	{ "0x1", 0, 10, LONG_MIN },
	{ "010", 0, 10, 10 },
	{ "1e1", 0, 10, LONG_MIN },
	{ "1.0", 0, 10, LONG_MIN },
	{ "9223372036854775808", 0, LONG_MAX, LONG_MIN },
	{ "99999999999999999999999", 0, LONG_MAX, LONG_MIN },
	{ "4294967297", 0, 10, LONG_MIN },
};

static void test_numbers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		long n;

		if (parse_int(numbers[i].text, numbers[i].min, numbers[i].max, &n))
			n = LONG_MIN;
		ok(n == numbers[i].want, "\"%s\" between %ld and %ld is %s", numbers[i].text,
			numbers[i].min, numbers[i].max,
			numbers[i].want == LONG_MIN ? "refused" : "a number");
	}
}

static void test_strv(void)
{
	cleanup_strv char **v = NULL;

	is_int((int64_t)strv_len(NULL), 0, "no array has no strings");
	for (int i = 0; i < 100; i++)
		strv_append(&v, i % 2 ? "odd" : "");
	ok(strv_len(v) == 100 && !strcmp(v[99], "odd") && !*v[98], "strings are appended");
}

int main(void)
{
	test_forms();
	test_round_trip();
	test_long_arguments();
	test_numbers();
	test_strv();
	return done_testing();
}
