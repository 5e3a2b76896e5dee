/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines in Docker's grammar. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"

struct parser {
	const struct opt *table;
	size_t n;
	unsigned flags;
	void *target, *ctx;
	uint64_t seen; /* a bit for each option that was given */
	struct err *e;
};

size_t strv_len(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

static void append_owned(char ***v, char *s)
{
	size_t n = strv_len(*v);

	*v = xrealloc(*v, (n + 2) * sizeof(char *));
	(*v)[n] = s;
	(*v)[n + 1] = NULL;
}

void strv_append(char ***v, const char *s)
{
	append_owned(v, xstrdup(s));
}

void strv_remove(char **v, size_t i)
{
	free(v[i]);
	memmove(v + i, v + i + 1, (strv_len(v + i + 1) + 1) * sizeof(*v));
}

int parse_int(const char *s, long min, long max, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(s, &end, 10);
	if ((*s != '-' && (*s < '0' || *s > '9')) || *end || errno || *out < min || *out > max)
		return -1;
	return 0;
}

static const struct opt *find_long(const struct parser *p, const char *name, size_t len)
{
	for (const struct opt *o = p->table; o < p->table + p->n; o++)
		if (!strncmp(o->name, name, len) && !o->name[len] &&
			(!o->internal || (p->flags & OPT_TRUSTED)))
			return o;
	return NULL;
}

static const struct opt *find_letter(const struct parser *p, char letter)
{
	for (const struct opt *o = p->table; o < p->table + p->n; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int set_bool(struct parser *p, const struct opt *o, const char *value)
{
	bool *field = (bool *)((char *)p->target + o->field);

	if (!value || !strcmp(value, "true") || !strcmp(value, "1"))
		*field = true;
	else if (!strcmp(value, "false") || !strcmp(value, "0"))
		*field = false;
	else
		return err_set(
			p->e, 0, "invalid value \"%.60s\" for --%s: true or false", value, o->name);
	return 0;
}

static int set_value(struct parser *p, const struct opt *o, const char *value)
{
	void *field = (char *)p->target + o->field;
	char *normal;

	if (!o->check && !*value)
		return err_set(p->e, 0, "--%s must not be empty", o->name);
	normal = o->check ? o->check(value, p->ctx, p->e) : xstrdup(value);
	if (!normal)
		return p->e->exit_code ? -1 : 0;
	if (o->kind == OPT_LIST) {
		append_owned(field, normal);
		return 0;
	}
	free(*(char **)field);
	*(char **)field = normal;
	return 0;
}

static int apply(struct parser *p, const struct opt *o, const char *value)
{
	uint64_t bit = 1ULL << (o - p->table);

	if (o->kind != OPT_LIST && (p->seen & bit) && !(p->flags & OPT_TRUSTED))
		return err_set(p->e, 0, "--%s is given twice", o->name);
	p->seen |= bit;
	return o->kind == OPT_BOOL ? set_bool(p, o, value) : set_value(p, o, value);
}

/* "--name", "--name=value" or "--name" with NEXT as value. Returns how many arguments were used. */
static int parse_long(struct parser *p, const char *arg, const char *next)
{
	const char *name = arg + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct opt *o = find_long(p, name, len);

	if (!o)
		return err_set(p->e, 0, "unknown flag: --%.*s", len > 60 ? 60 : (int)len, name);
	if (equals)
		return apply(p, o, equals + 1) ? -1 : 1;
	if (o->kind == OPT_BOOL)
		return apply(p, o, NULL) ? -1 : 1;
	if (!next)
		return err_set(p->e, 0, "flag needs an argument: --%s", o->name);
	return apply(p, o, next) ? -1 : 2;
}

/* "-it", "-eK=V", "-e K=V", "-e=K=V" as pflag has them. */
static int parse_letters(struct parser *p, const char *arg, const char *next)
{
	for (const char *c = arg + 1; *c; c++) {
		const struct opt *o = find_letter(p, *c);

		if (!o)
			return err_set(p->e, 0, "unknown shorthand flag: '%c' in %.60s", *c, arg);
		if (o->kind == OPT_BOOL) {
			if (c[1] == '=')
				return apply(p, o, c + 2) ? -1 : 1;
			if (apply(p, o, NULL))
				return -1;
			continue;
		}
		if (c[1])
			return apply(p, o, c + 1 + (c[1] == '=')) ? -1 : 1;
		if (!next)
			return err_set(p->e, 0, "flag needs an argument: -%c", *c);
		return apply(p, o, next) ? -1 : 2;
	}
	return 1;
}

int opt_parse(const struct opt *table, size_t n, char *const *argv, unsigned flags, void *target,
	void *ctx, char ***rest, struct err *e)
{
	struct parser p = { table, n, flags, target, ctx, 0, e };
	size_t nrest = 0;
	bool options = true;

	*e = (struct err){ 0 };
	*rest = xcalloc(strv_len(argv) + 1, sizeof(char *));
	for (int used = 1; *argv; argv += used, used = 1) {
		if (!options || argv[0][0] != '-' || !argv[0][1]) {
			(*rest)[nrest++] = argv[0];
			options = options && !(flags & OPT_STOP);
		} else if (!strcmp(argv[0], "--")) {
			options = false;
		} else if (!strcmp(argv[0], "--help")) {
			return 1;
		} else {
			used = (argv[0][1] == '-' ? parse_long : parse_letters)(
				&p, argv[0], argv[1]);
			if (used < 0)
				return -1;
		}
	}
	return 0;
}

void opt_free(const struct opt *table, size_t n, void *target)
{
	for (const struct opt *o = table; o < table + n; o++) {
		void *field = (char *)target + o->field;

		if (o->kind == OPT_STRING)
			free(steal_ptr((char **)field));
		else if (o->kind == OPT_LIST)
			strv_free(steal_ptr((char ***)field));
	}
}

static void emit_value(
	const struct opt *o, const char *value, void (*emit)(const char *arg, void *ctx), void *ctx)
{
	cleanup_free char *arg = xasprintf("--%s=%s", o->name, value);

	emit(arg, ctx);
}

void opt_emit(const struct opt *table, size_t n, const void *target,
	void (*emit)(const char *arg, void *ctx), void *ctx)
{
	for (const struct opt *o = table; o < table + n; o++) {
		const void *field = (const char *)target + o->field;

		if (o > table && o->field == o[-1].field)
			continue;
		if (o->kind == OPT_BOOL && *(const bool *)field)
			emit_value(o, "true", emit, ctx);
		else if (o->kind == OPT_STRING && *(char *const *)field)
			emit_value(o, *(char *const *)field, emit, ctx);
		else if (o->kind == OPT_LIST)
			for (char *const *v = *(char **const *)field; v && *v; v++)
				emit_value(o, *v, emit, ctx);
	}
}
