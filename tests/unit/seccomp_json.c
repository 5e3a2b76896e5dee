/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Evaluates the tables of the JSON profile as libseccomp would, and compares with seccomp.list. */
/* usage: seccomp_json [LIST MACROS HEADER] */
#include "seccomp_list.h"

/* Whether the strings of macro NAME, each with a NUL behind, are the calls with verdict RET. */
static bool same_names(const char *name, uint32_t ret)
{
	const char *text = definition(header, name);
	size_t len = strlen("\"\"");

	for (size_t i = 0; i < n_calls; i++) {
		cleanup_free char *entry = xasprintf("%s\\0", calls[i].name);
		const char *at = strstr(text, entry);

		if (calls[i].rule->ret != ret || *calls[i].rule->test)
			continue;
		while (at && at[-1] != '"' && at[-1] != '0')
			at = strstr(at + 1, entry);
		if (!at)
			return false;
		len += strlen(entry);
	}
	return len == strlen(text);
}

/* What the rules at TEXT, ALLOW and then DENY pairs of mask and value, say of an argument; 0 if
 * they contradict each other. */
static uint32_t evaluate_rules(const char *text, int allow, int deny, uint64_t arg)
{
	bool allowed = false, denied = false;
	unsigned int mask, value;

	for (int i = 0; i < allow + deny; i++) {
		if (sscanf(text, " { %uu, %uu }", &mask, &value) != 2)
			bail_out("SECCOMP_MATCHES is too short");
		if ((arg & mask) == value)
			*(i < allow ? &allowed : &denied) = true;
		text = strchr(text, '}') + 2;
	}
	return allowed && denied ? 0
		: allowed        ? SECCOMP_RET_ALLOW
		: denied         ? EPERM_RET
				 : ENOSYS_RET;
}

/* "if is" is the one condition whose other side has no rules, so that the default applies. */
static bool agrees(const struct rule *r, const char *text, int allow, int deny, uint64_t arg)
{
	uint64_t args[6] = { 0 };
	uint32_t want, got = evaluate_rules(text, allow, deny, arg);

	args[r->arg] = arg;
	want = expected(r, args);
	if (want == EPERM_RET && r->test[0] == 'i')
		want = ENOSYS_RET;
	if (got != want)
		printf("# argument %#" PRIx64 ": %#x, should be %#x\n", arg, got, want);
	return got == want;
}

static bool rules_agree(const struct rule *r, const char *text, int allow, int deny)
{
	bool pass = true;

	for (unsigned int i = 0; i < r->operands; i++)
		for (int bit = 0; bit < 64; bit++) {
			uint64_t v = r->operand[i].value;

			pass &= agrees(r, text, allow, deny, v) &&
				agrees(r, text, allow, deny, ~v) &&
				agrees(r, text, allow, deny, v ^ 1ULL << bit) &&
				agrees(r, text, allow, deny, v + bit) &&
				agrees(r, text, allow, deny, v - bit);
		}
	return pass;
}

static const struct rule *rule_named(const char *name)
{
	for (size_t i = 0; i < n_calls; i++)
		if (!strcmp(calls[i].name, name) && *calls[i].rule->test)
			return calls[i].rule;
	bail_out(name);
}

static void check_conditional(void)
{
	cleanup_free char *text = xstrdup(definition(header, "SECCOMP_CONDITIONAL"));
	cleanup_free char *matches = xstrdup(definition(header, "SECCOMP_MATCHES"));
	const char *rows = matches;
	size_t conditional = 0, seen = 0;
	unsigned int arg, allow, deny;
	char name[12];

	for (size_t i = 0; i < n_calls; i++)
		conditional += *calls[i].rule->test != '\0';
	for (char *p = text;
		p && sscanf(p, " { \"%11[^\"]\", %u, %u, %u }", name, &arg, &allow, &deny) == 4;
		p = strchr(p, '}') + 2, seen++) {
		const struct rule *r = rule_named(name);

		ok(arg == r->arg && rules_agree(r, rows, allow, deny),
			"the rules of %s decide as the list does", name);
		for (unsigned int i = 0; i < allow + deny; i++)
			rows = strchr(rows, '}') + 2;
	}
	ok(seen == conditional, "every conditional call has its rules");
}

int main(int argc, char **argv)
{
	read_inputs(argc, argv);
	ok(same_names("SECCOMP_ALLOW", SECCOMP_RET_ALLOW),
		"the allowed names are those of the list");
	ok(same_names("SECCOMP_DENY", EPERM_RET), "the denied names are those of the list");
	check_conditional();
	free_inputs();
	return done_testing();
}
