/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs: their names, docker's other names for them, and their help. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "client.h"

static const struct verb verbs[] = {
#define VERB(func, name, summary, usage) { name, summary, usage },
#include "generated/verbs.h"
#undef VERB
	{ "help", "Show the help of a command", "[COMMAND]\n" },
};

/* As docker has them. The second word of two is on its own. */
static const struct {
	const char *alias, *name;
} synonyms[] = {
	{ "images", "image ls" },
	{ "load", "image load" },
	{ "rmi", "image rm" },
	{ " list", " ls" },
	{ " remove", " rm" },
	{ "container ls", "container ps" },
};

/* Verbs of one word are those of containers, but for these. */
static const struct {
	const char *name, *group;
} general[] = {
	{ "events", "system" },
	{ "help", "" },
	{ "info", "system" },
	{ "inspect", "" },
	{ "version", "" },
};

static const char *without_synonym(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(synonyms); i++)
		if (!strcmp(synonyms[i].alias, name))
			return synonyms[i].name;
	return name;
}

/* The group of a verb: `image` of `image ls`, `container` of `run`. Returns its length. */
static int group_of(const struct verb *v, const char **group)
{
	const char *space = strchr(v->name, ' ');

	*group = v->name;
	if (space)
		return space - v->name;
	*group = "container";
	for (size_t i = 0; i < ARRAY_SIZE(general); i++)
		if (!strcmp(general[i].name, v->name))
			*group = general[i].group;
	return strlen(*group);
}

static bool is_in_group(const struct verb *v, const char *name)
{
	const char *group;
	int len = group_of(v, &group);

	return len && !strncmp(group, name, len) && !name[len];
}

/* The last word of its name. */
static const char *last_word(const struct verb *v)
{
	const char *space = strchr(v->name, ' ');

	return space ? space + 1 : v->name;
}

static const struct verb *find_one(const char *name)
{
	name = without_synonym(name);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static const struct verb *find_two(const char *group, const char *word)
{
	cleanup_free char *second = xasprintf(" %s", word), *both = NULL;

	both = xasprintf("%s%s", group, without_synonym(second));
	word = strchr(without_synonym(both), ' ') + 1;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (is_in_group(&verbs[i], group) && !strcmp(last_word(&verbs[i]), word))
			return &verbs[i];
	return NULL;
}

const struct verb *take_verb(char ***argv)
{
	char **a = *argv;
	const struct verb *v = a[1] ? find_two(a[0], a[1]) : NULL;

	*argv = a + (v ? 2 : 1);
	return v ? v : find_one(a[0]);
}

/* By name, the one after LAST (NULL: the first) in a group; GROUP NULL: of those of one word. */
static const struct verb *next_verb(const struct verb *last, const char *group)
{
	const struct verb *next = NULL;

	for (const struct verb *v = verbs; v < verbs + ARRAY_SIZE(verbs); v++) {
		if (group ? !is_in_group(v, group) : strchr(v->name, ' ') != NULL)
			continue;
		if ((!last || strcmp(last_word(v), last_word(last)) > 0) &&
			(!next || strcmp(last_word(v), last_word(next)) < 0))
			next = v;
	}
	return next;
}

int help_group(char **argv)
{
	const struct verb *v = next_verb(NULL, argv[0]);

	if (!v)
		return fail("unknown command", argv[0], NULL);
	if (argv[1] && strcmp(argv[1], "--help"))
		return fail("unknown command", argv[0], argv[1]);
	printf("Usage: tcr %s COMMAND\n\nCommands:\n", argv[0]);
	for (; v; v = next_verb(v, argv[0]))
		printf("  %s %-*s%s\n", argv[0], 19 - (int)strlen(argv[0]), last_word(v),
			v->summary);
	return 0;
}

void print_verb_usage(const struct verb *v)
{
	int synopsis = (int)strcspn(v->usage, "\n");

	printf("Usage: tcr %s %.*s\n\n%s\n%s", v->name, synopsis, v->usage, v->summary,
		v->usage + synopsis + 1);
}

static bool is_first_of_group(const struct verb *v)
{
	const char *group;
	int len = group_of(v, &group);
	cleanup_free char *name = xstrndup(group, len);

	for (const struct verb *earlier = verbs; earlier < v; earlier++)
		if (is_in_group(earlier, name))
			return false;
	return len;
}

void print_usage(void)
{
	const char *group, *separator = "";
	const struct verb *v;

	puts("Usage: tcr [--socket PATH] COMMAND [ARG...]\n\n"
	     "Runs containers from squashfs images; tcrd does the work.\n\nCommands:");
	for (v = next_verb(NULL, NULL); v; v = next_verb(v, NULL))
		printf("  %-20s%s\n", v->name, v->summary);
	fputs("\nGroups of commands: ", stdout);
	for (v = verbs; v < verbs + ARRAY_SIZE(verbs); v++) {
		int len = group_of(v, &group);

		if (!is_first_of_group(v))
			continue;
		printf("%s%.*s", separator, len, group);
		separator = ", ";
	}
	puts("\n\n`tcr help COMMAND`, or `tcr help GROUP`, tells more.");
}

int help(char **argv)
{
	char **first = argv;
	const struct verb *v;

	if (!argv[0]) {
		print_usage();
		return 0;
	}
	v = take_verb(&argv);
	if (!v)
		return help_group(first);
	if (argv[0])
		return fail("no help for", v->name, argv[0]);
	print_verb_usage(v);
	return 0;
}
