/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcr-net: a look at the networks of tcrd, and their repair, without the daemon. */
//config:config TCR_NET
//config:	bool "tcr-net: look at and repair networks without a daemon, and the name server (35 kb)"
//config:	default y
//config:	depends on FEATURE_NETWORK
//config:	help
//config:	  Tells what the kernel lacks for networks, and removes what is left of them.
//config:	  Also the home of the name server for containers.
//applet:tcr-net tcr_net_main sbin Networks: look, check, clean up
//kbuild:obj-$(CONFIG_TCR_NET) += main.o ls.o inspect.o state.o check.o check_host.o
//kbuild:obj-$(CONFIG_TCR_NET) += gc.o nuke.o remove.o
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/utf8.h"
#include "net/instance.h"
#include "tcr_net.h"

struct settings settings;

/* Options that not every verb has. */
enum { LIST = 1, FORCE = 2 };

static const struct verb {
	const char *name;
	int (*run)(char **names, struct err *e);
	const char *help;
	unsigned options;
	bool names;
} verbs[] = {
	{ "ls", net_ls, "List networks", LIST, false },
	{ "inspect", net_inspect, "Show all about networks, as JSON", 0, true },
	{ "check", net_check, "Try whether the kernel and the host can do networks", 0, false },
	{ "gc", net_gc, "Remove what no running container owns", 0, false },
	{ "nuke", net_nuke, "Remove all of ours from the kernel", FORCE, false },
};

#define FIELD(f) offsetof(struct settings, f)

static char *check_dir(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (*value == '/')
		return xstrdup(value);
	err_set(e, 0, "directory \"%.80s\": an absolute path is required", value);
	return NULL;
}

static char *check_format(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (!strcmp(value, "json"))
		return xstrdup(value);
	err_set(e, 0, "--format \"%.60s\": json is the only one", value);
	return NULL;
}

static const struct opt table[] = {
	{ "root", 0, OPT_STRING, false, FIELD(root), check_dir },
	{ "run-dir", 0, OPT_STRING, false, FIELD(run_dir), check_dir },
	{ "quiet", 'q', OPT_BOOL, false, FIELD(quiet), NULL },
	{ "format", 0, OPT_STRING, false, FIELD(format), check_format },
	{ "force", 'f', OPT_BOOL, false, FIELD(force), NULL },
};

static const char common_options[] = "      --root DIR           Of the daemon (" CONFIG_ROOT_DIR
				     ")\n"
				     "      --run-dir DIR        Of the daemon (" CONFIG_RUN_DIR
				     ")\n";

void warn(const struct err *e)
{
	cleanup_free char *text = xstrdup(e->text);

	fflush(stdout);
	utf8_make_printable(text, "");
	fprintf(stderr, "tcr-net: %s\n", text);
}

static int fail(const struct err *e)
{
	warn(e);
	return e->exit_code;
}

static const struct verb *find_verb(const char *name)
{
	for (const struct verb *v = verbs; name && v < verbs + ARRAY_SIZE(verbs); v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

static void print_verb(const struct verb *v)
{
	printf("Usage: tcr-net %s [OPTIONS]%s\n\n%s\n\n", v->name, v->names ? " NETWORK..." : "",
		v->help);
	if (v->options & LIST)
		puts("      --format json        One JSON object a line\n"
		     "  -q, --quiet              Only names");
	if (v->options & FORCE)
		puts("  -f, --force              Even if containers run");
	fputs(common_options, stdout);
}

static void print_usage(FILE *out)
{
	fputs("Usage: tcr-net [OPTIONS] COMMAND\n\n"
	      "Looks at the networks of tcrd, and repairs them, without the daemon.\n\nCommands:\n",
		out);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(out, "  %-10s%s\n", verbs[i].name, verbs[i].help);
	fprintf(out, "\nOptions:\n%s\n`tcr-net COMMAND --help` tells more.\n", common_options);
}

static int check_use(const struct verb *v, char **names, struct err *e)
{
	bool list = settings.quiet || settings.format;

	if ((list && !(v->options & LIST)) || (settings.force && !(v->options & FORCE)))
		err_set(e, 0, "%s has no such option", v->name);
	else if (v->names && !*names)
		err_set(e, 0, "%s: at least one network is required", v->name);
	else if (!v->names && *names)
		err_set(e, 0, "%s takes no arguments: \"%.60s\"", v->name, *names);
	else
		return 0;
	return err_append(e, "; see 'tcr-net %s --help'", v->name);
}

/* The daemon has gone by its real path, too. */
static char *real_dir(char *given, const char *other)
{
	char *real = realpath(given ? given : other, NULL);

	if (real)
		free(given);
	return real ? real : given ? given : xstrdup(other);
}

static int run(const struct verb *v, char **names, struct err *e)
{
	if (check_use(v, names, e))
		return -1;
	if (geteuid() != 0)
		return err_set(e, 0, "only root can do this");
	settings.root = real_dir(settings.root, CONFIG_ROOT_DIR);
	settings.run_dir = real_dir(settings.run_dir, CONFIG_RUN_DIR);
	settings.instance = instance_name(settings.run_dir);
	return v->run(names, e);
}

int tcr_net_main(int argc, char **argv)
{
	cleanup_free char **rest = NULL;
	const struct verb *v;
	struct err e;
	int rc;

	if (ENABLE_FEATURE_DNS && argc > 1 && !strcmp(argv[1], "dns"))
		return dns_main(argc - 1, argv + 1);
	if (argc > 1 && (!strcmp(argv[1], "help") || !strcmp(argv[1], "-h")))
		argv[1] = (char *)"--help";
	rc = opt_parse(table, ARRAY_SIZE(table), argv + 1, 0, &settings, NULL, &rest, &e);
	if (rc < 0)
		return fail(&e);
	v = find_verb(rest[0]);
	if (!v && rest[0]) {
		err_set(&e, 0, "unknown command \"%.60s\"; see 'tcr-net --help'", rest[0]);
		return fail(&e);
	}
	if (!v) {
		print_usage(rc ? stdout : stderr);
		return rc ? 0 : EXIT_ENGINE;
	}
	if (rc) {
		print_verb(v);
		return 0;
	}
	rc = run(v, rest + 1, &e);
	return rc < 0 ? fail(&e) : rc;
}
