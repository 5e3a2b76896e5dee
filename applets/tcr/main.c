/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcr: the command line client. It finds the verb, and hands everything else to the daemon. */
//config:config TCR
//config:	bool "tcr: the command line client (12 kb)"
//config:	default y
//config:	help
//config:	  Sends commands to tcrd and connects the terminal to containers.
//applet:tcr tcr_main bin Run and manage containers
//kbuild:obj-$(CONFIG_TCR) += main.o client.o attach.o
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "client.h"
#include "tcr_proto.h"
#include "version.h"

static const struct verb {
	const char *name, *summary, *usage;
} verbs[] = {
#define VERB(func, name, summary, usage) { name, summary, usage },
#include "generated/verbs.h"
#undef VERB
	{ "help", "Show the help of a command", "[COMMAND]\n" },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

/* The number of verbs that begin with "WORD ", as `image` has `image ls`. */
static int print_group(const char *word, FILE *out)
{
	size_t len = strlen(word);
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strncmp(verbs[i].name, word, len) && verbs[i].name[len] == ' ' && ++n && out)
			fprintf(out, "  %-20s%s\n", verbs[i].name, verbs[i].summary);
	return n;
}

void print_verb_usage(const char *name)
{
	const struct verb *v = find_verb(name);
	int synopsis = v ? (int)strcspn(v->usage, "\n") : 0;

	if (v)
		printf("Usage: tcr %s %.*s\n\n%s\n%s", v->name, synopsis, v->usage, v->summary,
			v->usage + synopsis + 1);
}

static void print_usage(void)
{
	puts("Usage: tcr [--socket PATH] COMMAND [ARG...]\n\n"
	     "Runs containers from squashfs images; tcrd does the work.\n\nCommands:");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("  %-20s%s\n", verbs[i].name, verbs[i].summary);
	puts("\n`tcr help COMMAND` tells more about one.");
}

static int fail(const char *reason, const char *what)
{
	struct err e;

	err_set(&e, 0, "%s \"%.60s\"; see 'tcr --help'", reason, what);
	return client_fail(&e);
}

static int fail_two(const char *reason, const char *one, const char *two)
{
	cleanup_free char *what = xasprintf("%s %s", one, two);

	return fail(reason, what);
}

/* Takes the verb, one word or two, from the front of *ARGV. */
static const struct verb *take_verb(char ***argv)
{
	char **a = *argv;
	cleanup_free char *two = a[1] ? xasprintf("%s %s", a[0], a[1]) : NULL;
	const struct verb *v = two ? find_verb(two) : NULL;

	*argv = a + 2;
	if (v)
		return v;
	*argv = a + 1;
	return find_verb(a[0]);
}

/* What there is to say of a group: `tcr image`, `tcr image --help`, `tcr help image`. */
static int help_group(char **argv, FILE *out)
{
	if (!print_group(argv[0], NULL))
		return fail("unknown command", argv[0]);
	if (argv[1] && strcmp(argv[1], "--help"))
		return fail_two("unknown command", argv[0], argv[1]);
	fprintf(out, "Usage: tcr %s COMMAND\n\nCommands:\n", argv[0]);
	print_group(argv[0], out);
	return out == stdout ? 0 : EXIT_ENGINE;
}

static int help(char **argv)
{
	char **first = argv;
	const struct verb *v;

	if (!argv[0]) {
		print_usage();
		return 0;
	}
	v = take_verb(&argv);
	if (!v)
		return help_group(first, stdout);
	if (argv[0])
		return fail_two("no help for", v->name, argv[0]);
	print_verb_usage(v->name);
	return 0;
}

static int run_verb(const char *socket_path, char **argv)
{
	char **first = argv;
	const struct verb *v = take_verb(&argv);
	struct err e;
	int rc;

	if (!v)
		return help_group(first, first[1] ? stdout : stderr);
	if (!strcmp(v->name, "help"))
		return help(argv);
	rc = check_flags(v->usage, argv, &e);
	if (rc == 0)
		return client_run(socket_path, v->name, argv);
	if (rc > 0) {
		print_verb_usage(v->name);
		return 0;
	}
	snprintf(e.text + strlen(e.text), sizeof(e.text) - strlen(e.text), "; see 'tcr %s --help'",
		v->name);
	return client_fail(&e);
}

int tcr_main(int argc, char **argv)
{
	const char *socket_path = getenv("TCR_SOCKET");

	if (!socket_path || !*socket_path)
		socket_path = CONFIG_RUN_DIR "/" TCR_SOCKET_NAME;
	for (argv++, argc--; *argv && **argv == '-'; argv++) {
		if (!strcmp(*argv, "--socket"))
			socket_path = argv[1] ? *++argv : "";
		else if (!strncmp(*argv, "--socket=", 9))
			socket_path = *argv + 9;
		else if (!strcmp(*argv, "--help") || !strcmp(*argv, "-h"))
			return help((char *[]){ NULL });
		else if (!strcmp(*argv, "--version") || !strcmp(*argv, "-v"))
			return puts("tcr version " TCR_VERSION) < 0;
		else
			return fail("unknown flag", *argv);
	}
	if (!*socket_path)
		return fail("--socket needs a path, not", socket_path);
	if (!*argv) {
		print_usage();
		return EXIT_ENGINE;
	}
	return run_verb(socket_path, argv);
}
