/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all verbs that inspect share. */
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "inspect.h"
#include "json/template.h"
#include "rpc.h"

static char *check_template(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	return ENABLE_FEATURE_INSPECT && template_check(value, e) ? NULL : xstrdup(value);
}

#define FIELD(f) offsetof(struct inspect_options, f)

static const struct opt table[] = {
	{ "format", 'f', OPT_STRING, false, FIELD(format), check_template },
	{ "size", 's', OPT_BOOL, false, FIELD(size), NULL },
	{ "type", 0, OPT_STRING, false, FIELD(type), NULL },
};

static int unknown_type(const struct inspect_kind *kinds, size_t n, const char *type, struct err *e)
{
	cleanup_sb struct strbuf known = STRBUF_INIT;

	for (size_t i = 0; i < n; i++)
		sb_addf(&known, "%s%s", i ? ", " : "", kinds[i].name);
	return err_set(e, 0, "--type \"%.60s\" is not known; there are %s", type, sb_str(&known));
}

/* Makes the object about REF. */
static int find_one(const struct inspect_kind *kinds, size_t n, const char *ref,
	const struct inspect_options *o, struct strbuf *object, struct err *e)
{
	int rc = 1;

	for (size_t i = 0; i < n && rc > 0; i++) {
		struct json j;

		sb_reset(object);
		json_init(&j, object);
		rc = kinds[i].add(&j, ref, o, e);
	}
	if (rc > 0 && n > 1)
		err_set(e, 0, "no such object: \"%.70s\"", ref);
	return rc ? -1 : 0;
}

/* Appends it to OUT: what the format makes of it, or it itself as an element of an array. */
static int show_one(const struct inspect_kind *kinds, size_t n, const char *ref,
	const struct inspect_options *o, struct strbuf *out, struct err *e)
{
	cleanup_sb struct strbuf object = STRBUF_INIT, text = STRBUF_INIT;

	if (find_one(kinds, n, ref, o, &object, e))
		return -1;
	if (!ENABLE_FEATURE_INSPECT || !o->format || !strcmp(o->format, "json"))
		sb_addf(out, "%s%s", out->len > 1 ? "," : "", sb_str(&object));
	else if (template_expand(o->format, object.buf, object.len, &text, e) == 0)
		sb_addf(out, "%s\n", sb_str(&text));
	else
		return -1;
	return 0;
}

static void show_all(struct client *cl, const struct inspect_kind *kinds, size_t n,
	char *const *refs, const struct inspect_options *o, struct err *e)
{
	cleanup_sb struct strbuf out = STRBUF_INIT, indented = STRBUF_INIT;
	bool is_template = o->format && strcmp(o->format, "json") != 0;

	if (!is_template)
		sb_addc(&out, '[');
	for (; *refs; refs++)
		if (show_one(kinds, n, *refs, o, &out, e))
			client_error(cl, e);
	if (!is_template)
		sb_addc(&out, ']');
	if (!o->format)
		json_indent(out.buf, &indented);
	else
		sb_adds(&indented, sb_str(&out));
	if (!is_template)
		sb_addc(&indented, '\n');
	client_print(cl, indented.buf, indented.len);
}

/* To count bytes takes long. */
struct job {
	const struct inspect_kind *kinds;
	size_t n;
	char *const *refs;
	const struct inspect_options *o;
};

static int show_in_child(struct client *cl, void *arg)
{
	const struct job *job = arg;
	struct err e;

	show_all(cl, job->kinds, job->n, job->refs, job->o, &e);
	return cl->exit_code;
}

static int run(struct client *cl, const struct inspect_kind *kinds, size_t n, char *const *refs,
	const struct inspect_options *o, struct err *e)
{
	if (!refs[0])
		return err_set(e, 0, "at least one %s is required; see 'tcr %s --help'",
			n > 1 ? "name" : kinds->name, cl->argv[0]);
	if (o->type) {
		const struct inspect_kind *all = kinds, *end = kinds + n;

		while (kinds < end && strcmp(kinds->name, o->type))
			kinds++;
		if (kinds == end)
			return unknown_type(all, n, o->type, e);
		n = 1;
	}
	if (ENABLE_FEATURE_INSPECT && o->size)
		return client_fork(cl, show_in_child, &(struct job){ kinds, n, refs, o }, e);
	show_all(cl, kinds, n, refs, o, e);
	return 0;
}

int inspect_verb(struct client *cl, const struct inspect_kind *kinds, size_t n, size_t options,
	struct err *e)
{
	cleanup_free char **refs = NULL;
	struct inspect_options o = { 0 };
	int rc;

	options = ENABLE_FEATURE_INSPECT ? options : 0;
	rc = opt_parse(table, options, cl->argv + 1, 0, &o, cl, &refs, e);
	if (!rc)
		rc = run(cl, kinds, n, refs, &o, e);
	opt_free(table, options, &o);
	return rc;
}

void inspect_labels(struct json *j, const char *key, char *const *v)
{
	json_object(j, key);
	for (; v && *v; v++) {
		cleanup_free char *name = xstrndup(*v, strcspn(*v, "="));
		const char *value = *v + strlen(name);

		json_string(j, name, value + (*value == '='));
	}
	json_end(j);
}
