/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The multicall binary: finds the applet by the name it was called by. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/mem.h"
#include "version.h"

struct applet {
	const char *name;
	const char *dir;
	const char *summary;
	const char *usage;
	int (*main)(int argc, char **argv);
};

#define APPLET(name, main, dir, summary, usage) int main(int argc, char **argv);
#include "generated/applets.h"
#undef APPLET

enum {
	APPLET_COUNT = 0
#define APPLET(name, main, dir, summary, usage) +1
#include "generated/applets.h"
#undef APPLET
};

/* The last row ends the table, so that it is one in a build without applets, too. */
static const struct applet applets[APPLET_COUNT + 1] = {
#define APPLET(name, main, dir, summary, usage) { #name, "usr/" #dir, summary, usage, main },
#include "generated/applets.h"
#undef APPLET
};

static const struct applet *find_applet(const char *name)
{
	for (const struct applet *a = applets; a->name; a++)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

/* The usage text begins with the synopsis; the summary goes between it and the rest. */
static int show_usage(const struct applet *a)
{
	size_t synopsis = strcspn(a->usage, "\n");

	printf("Usage: %s %.*s\n\n%s\n%s", a->name, (int)synopsis, a->usage, a->summary,
		a->usage + synopsis + (a->usage[synopsis] != '\0'));
	return 0;
}

/* An applet without a usage text answers --help itself. */
static int run_applet(const struct applet *a, int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--help") && a->usage[0])
		return show_usage(a);
	return a->main(argc, argv);
}

static int not_found(const char *name)
{
	fprintf(stderr, "%s: applet not found\n", name);
	return 127;
}

static int list(int argc, char **argv)
{
	(void)argc;
	for (const struct applet *a = applets; a->name; a++)
		if (!strcmp(argv[1], "--list"))
			puts(a->name);
		else
			printf("%s/%s\n", a->dir, a->name);
	return 0;
}

static int help(int argc, char **argv)
{
	const struct applet *a;

	if (argc > 2) {
		char *args[] = { argv[2], argv[1], NULL };

		a = find_applet(argv[2]);
		return a ? run_applet(a, 2, args) : not_found(argv[2]);
	}
	puts("tcrbox " TCR_VERSION ": a container runtime in one binary\n\n"
	     "Usage: tcrbox APPLET [ARGUMENTS]\n"
	     "   or: tcrbox --list | --list-full\n"
	     "   or: tcrbox --install [-s] [DIR]\n"
	     "   or: tcrbox --help [APPLET]\n\n"
	     "A link to tcrbox that is named after an applet runs this applet.\n\n"
	     "Applets:");
	for (a = applets; a->name; a++)
		printf("  %-10s %s\n", a->name, a->summary);
	return 0;
}

/* Links every applet into DIR, or without DIR into the place where it belongs. */
static int install(int argc, char **argv)
{
	int symbolic = argc > 2 && !strcmp(argv[2], "-s");
	const char *dir = argv[2 + symbolic];
	int status = 0;
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0) {
		fprintf(stderr, "tcrbox: /proc/self/exe: %s; mount /proc first\n", strerror(errno));
		return 1;
	}
	self[n] = '\0';
	for (const struct applet *a = applets; a->name; a++) {
		cleanup_free char *path = dir ? xasprintf("%s/%s", dir, a->name)
					      : xasprintf("/%s/%s", a->dir, a->name);

		if ((symbolic ? symlink : link)(self, path)) {
			fprintf(stderr, "tcrbox: %s: %s\n", path, strerror(errno));
			status = 1;
		}
	}
	return status;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} options[] = {
	{ "--help", help },
	{ "--install", install },
	{ "--list", list },
	{ "--list-full", list },
};

static int multicall(int argc, char **argv)
{
	const struct applet *a = find_applet(basename(argv[0]));

	if (a)
		return run_applet(a, argc, argv);
	if (strncmp(basename(argv[0]), "tcrbox", 6))
		return not_found(basename(argv[0]));
	if (argc < 2)
		return help(argc, argv);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcmp(argv[1], options[i].name))
			return options[i].run(argc, argv);
	a = find_applet(argv[1]);
	return a ? run_applet(a, argc - 1, argv + 1) : not_found(argv[1]);
}

/* A build with one applet is that applet, whatever its file is called. */
int main(int argc, char **argv)
{
	int rc;

	if (fds_open_stdio() < 0)
		return EXIT_ENGINE;
	rc = APPLET_COUNT == 1 ? run_applet(applets, argc, argv) : multicall(argc, argv);
	if (fflush(stdout) == 0)
		return rc;
	perror("tcrbox: write to standard output");
	return EXIT_ENGINE;
}
