/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcr: the command line client. It finds the verb, and hands everything else to the daemon. */
//config:config TCR
//config:	bool "tcr: the command line client (20 kb)"
//config:	default y
//config:	help
//config:	  Sends commands to tcrd and connects the terminal to containers.
//applet:tcr tcr_main bin Run and manage containers
//kbuild:obj-$(CONFIG_TCR) += main.o verbs.o client.o attach.o
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "client.h"
#include "tcr_proto.h"
#include "version.h"

/* What docker does and we leave to a workstation. */
static bool makes_images(const char *word)
{
	static const char *const words[] = { "build", "commit", "import", "login", "pull", "push",
		"save", "tag" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

int fail(const char *reason, const char *one, const char *two)
{
	const char *hint = makes_images(two ? two : one)
		? "images are made with host_tools/tcr-create-image.sh on a workstation, and `tcr image load` adds them"
		: two ? "see 'tcr help %.60s'"
		      : "see 'tcr --help'";
	char see[160];
	struct err e;

	snprintf(see, sizeof(see), hint, one);
	err_set(&e, 0, "%s \"%.60s%s%.60s\"; %s", reason, one, two ? " " : "", two ? two : "", see);
	return client_fail(&e);
}

static int run_verb(const char *socket_path, char **argv)
{
	char **first = argv;
	const struct verb *v = take_verb(&argv);
	struct err e;
	int rc;

	if (!v)
		return help_group(first);
	if (!strcmp(v->name, "help"))
		return help(argv);
	rc = check_flags(v->usage, argv, &e);
	if (rc == 0)
		return client_run(socket_path, v, argv);
	if (rc > 0) {
		print_verb_usage(v);
		return 0;
	}
	err_append(&e, "; see 'tcr %s --help'", v->name);
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
			return fail("unknown flag", *argv, NULL);
	}
	if (!*socket_path)
		return fail("--socket needs a path, not", socket_path, NULL);
	if (!*argv)
		return help(argv);
	return run_verb(socket_path, argv);
}
