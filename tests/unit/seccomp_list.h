/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of the seccomp filter: reads what gen-seccomp.awk reads, in another way. */
#ifndef TCR_TESTS_UNIT_SECCOMP_LIST_H
#define TCR_TESTS_UNIT_SECCOMP_LIST_H

#include <ctype.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdint.h>

#include "base/mem.h"
#include "tap.h"

enum {
	EPERM_RET = SECCOMP_RET_ERRNO | EPERM,
	ENOSYS_RET = SECCOMP_RET_ERRNO | ENOSYS,
};

struct operand {
	char name[32];
	uint32_t value;
};

struct rule {
	uint32_t ret;
	char test[16]; /* "", "if is", "unless is", "unless has" */
	unsigned int arg, operands;
	struct operand operand[16];
};

static struct rule rules[64];
static struct call {
	char name[40];
	const struct rule *rule;
	long nr; /* -1: this target has no such call */
} calls[1000];
static size_t n_rules, n_calls;
static char *list, *macros, *header;
static bool big_endian; /* the target */

static char *read_file(const char *path)
{
	size_t len, size = 1 << 20;
	char *text = xcalloc(1, size + 1);
	FILE *f = fopen(path, "r");

	if (!f)
		bail_out(path);
	len = fread(text, 1, size, f);
	fclose(f);
	if (len == 0 || len == size)
		bail_out(path);
	return text;
}

/* The text behind "#define NAME ", up to the end of the line, in a static buffer; NULL if there is
 * none. */
static const char *definition(const char *text, const char *name)
{
	static char value[1 << 16];
	size_t len = strlen(name);

	for (const char *p = text; (p = strstr(p, "#define ")); p++)
		if (!strncmp(p + 8, name, len) && p[8 + len] == ' ') {
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(p + 9 + len, "\n"),
				p + 9 + len);
			return value;
		}
	return NULL;
}

/* A sum of numbers and of other macros. */
static long evaluate(const char *text)
{
	cleanup_free char *copy = xstrdup(text);
	long sum = 0;
	char *save = NULL;

	for (char *t = strtok_r(copy, "()+ ", &save); t; t = strtok_r(NULL, "()+ ", &save)) {
		const char *next = isdigit((unsigned char)*t) ? NULL : definition(macros, t);

		if (!isdigit((unsigned char)*t) && !next)
			bail_out(t);
		sum += next ? evaluate(next) : strtol(t, NULL, 0);
	}
	return sum;
}

static long number_of(const char *name)
{
	static const char *const prefixes[] = { "__NR_", "__ARM_NR_" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		cleanup_free char *macro = xasprintf("%s%s", prefixes[i], name);
		const char *text = definition(macros, macro);

		if (text)
			return evaluate(text);
	}
	return -1;
}

static void begin_rule(const char *line)
{
	char verdict[8], kind[8] = "", how[8] = "";
	struct rule *r = &rules[n_rules++];

	if (sscanf(line, "%7s %7s arg%u %7s", verdict, kind, &r->arg, how) < 1)
		bail_out(line);
	r->ret = verdict[0] == 'a' ? SECCOMP_RET_ALLOW : verdict[0] == 'd' ? EPERM_RET : ENOSYS_RET;
	if (*kind && *kind != '#')
		snprintf(r->test, sizeof(r->test), "%s %s", kind, how);
}

static void add_word(const char *word)
{
	struct rule *r = &rules[n_rules - 1];
	const char *value = strchr(word, '=');
	struct operand *o;

	if (!value) {
		snprintf(calls[n_calls].name, sizeof(calls[0].name), "%s", word);
		calls[n_calls].rule = r;
		calls[n_calls++].nr = number_of(word);
		return;
	}
	o = &r->operand[r->operands++];
	o->value = strtoul(value + 1, NULL, 0);
	snprintf(o->name, sizeof(o->name), "%.*s", (int)(value - word), word);
}

static void parse_list(char *text)
{
	char *save = NULL, *save_word = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		line[strcspn(line, "#")] = '\0';
		bool is_header = islower((unsigned char)*line);

		if (is_header)
			begin_rule(line);
		for (char *w = strtok_r(line, "\t ", &save_word); w;
			w = strtok_r(NULL, "\t ", &save_word))
			if (!is_header || strchr(w, '='))
				add_word(w);
	}
}

static uint32_t expected(const struct rule *r, const uint64_t *args)
{
	uint32_t a;
	bool named = false;

	if (!r)
		return ENOSYS_RET;
	if (!*r->test)
		return r->ret;
	a = (uint32_t)args[r->arg];
	for (unsigned int i = 0; i < r->operands; i++)
		named |= strstr(r->test, "has") ? (a & r->operand[i].value) != 0
						: a == r->operand[i].value;
	return named == (r->test[0] == 'i') ? SECCOMP_RET_ALLOW : EPERM_RET;
}

/* Opens the files of the arguments "LIST MACROS HEADER": the inputs of the generator and its
 * output, of any target. Without arguments they are those of this build, and the current directory
 * is the source's. */
static void read_inputs(int argc, char **argv)
{
	const char *o = getenv("O"), *order;
	cleanup_free char *macros_path = xasprintf("%s/include/generated/macros", o ? o : ".");
	cleanup_free char *header_path = xasprintf(
		"%s/include/generated/seccomp_bpf.h", o ? o : ".");
	bool given = argc == 4;

	if (!given && access(header_path, F_OK) != 0)
		skip_all("this configuration has no seccomp filter");
	list = read_file(given ? argv[1] : "applets/tcrd/seccomp.list");
	macros = read_file(given ? argv[2] : macros_path);
	header = read_file(given ? argv[3] : header_path);
	order = definition(macros, "__BYTE_ORDER__");
	big_endian = order && !strcmp(order, "__ORDER_BIG_ENDIAN__");
	parse_list(list);
}

static void free_inputs(void)
{
	free(list);
	free(macros);
	free(header);
}

#endif
