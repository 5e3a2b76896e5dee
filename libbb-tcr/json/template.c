/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of Go's templates that people use with docker's --format. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "json/reader.h"
#include "json/template.h"

enum { KEYS_MAX = 16 };

/* What is between {{ and }}. */
struct expr {
	bool json;
	size_t n, fields;     /* the first keys are of the path, the others of index */
	char *keys[KEYS_MAX]; /* from the outside to the inside; owned */
};

static void free_expr(struct expr *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->keys[i]);
}

#define cleanup_expr __attribute__((cleanup(free_expr)))

static bool add_key(struct expr *x, const char *key, size_t len)
{
	if (x->n == KEYS_MAX || !len)
		return false;
	x->keys[x->n++] = xstrndup(key, len);
	return true;
}

static size_t name_len(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == '-')
		n++;
	return n;
}

static void skip_spaces(const char **p)
{
	*p += strspn(*p, " ");
}

/* ".", or ".State.Status" */
static bool take_path(struct expr *x, const char **p)
{
	bool first = true;

	if (**p != '.')
		return false;
	for (; **p == '.'; first = false) {
		size_t len = name_len(++*p);

		if (!len)
			return first;
		if (!add_key(x, *p, len))
			return false;
		*p += len;
	}
	return true;
}

/* The further words of index: "key", `key` or a number. */
static bool take_indices(struct expr *x, const char **p)
{
	for (skip_spaces(p); **p && **p != '}'; skip_spaces(p)) {
		const char *quote = **p == '"' || **p == '`' ? (*p)++ : NULL;
		size_t len = quote ? strcspn(*p, **p ? (char[]){ *quote, '\0' } : "")
				   : strspn(*p, "0123456789");

		if (!add_key(x, *p, len) || (quote && (*p)[len] != *quote))
			return false;
		*p += len + (quote != NULL);
	}
	return true;
}

static bool take_word(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len) || (*p)[len] != ' ')
		return false;
	*p += len;
	skip_spaces(p);
	return true;
}

/* Reads the expression behind "{{" at *P up to and including "}}". */
static int take_expr(const char **p, struct expr *x, struct err *e)
{
	const char *start = *p;
	bool index;

	skip_spaces(p);
	x->json = take_word(p, "json");
	index = !x->json && take_word(p, "index");
	if (take_path(x, p) && (x->fields = x->n, !index || take_indices(x, p))) {
		skip_spaces(p);
		if (!strncmp(*p, "}}", 2)) {
			*p += 2;
			return 0;
		}
	}
	if (!strstr(start, "}}"))
		return err_set(e, 0,
			"--format: \"{{%.60s\" is not known here: the \"}}\" at its end is missing",
			start);
	return err_set(e, 0,
		"--format: \"{{%.*s}}\" is not known here; there are {{.A.B}}, {{json .A}} and {{index .A \"B\"}}",
		(int)strcspn(start, "}\n") > 60 ? 60 : (int)strcspn(start, "}\n"), start);
}

/* Moves R to before the value that X names. Returns 1; -1 if it is not there; 0 if index asks an
 * object for a key that it has not got, of which Go prints nothing; 2 if that is a label by its
 * path, of which Go says so. */
static int seek(struct jr *r, const struct expr *x)
{
	for (size_t i = 0; i < x->n; i++) {
		enum jr_token t = jr_next(r);

		if (t == JR_ARRAY) {
			char *end;
			unsigned long at = strtoul(x->keys[i], &end, 10);

			if (*end)
				return -1;
			while (at--)
				if (jr_skip(r))
					return -1;
			continue;
		}
		if (t != JR_OBJECT)
			return -1;
		while (jr_next(r) == JR_KEY && !jr_key_is(r, x->keys[i]))
			jr_skip(r);
		if (r->token != JR_KEY)
			return i >= x->fields                                             ? 0
				: i && i + 1 == x->n && !strcmp(x->keys[i - 1], "Labels") ? 2
											  : -1;
	}
	return 1;
}

static bool print_json(struct jr *r, struct strbuf *out)
{
	const char *start = r->pos;

	if (jr_skip(r))
		return false;
	start += strspn(start, ":, \n");
	sb_add(out, start, r->pos - start);
	return true;
}

static void print_token(const struct jr *r, struct strbuf *out)
{
	cleanup_free char *s = jr_strdup(r);

	if (s)
		sb_adds(out, s);
	else if (r->token == JR_NUMBER)
		sb_add(out, r->val, r->val_len);
	else
		sb_adds(out,
			r->token == JR_TRUE            ? "true"
				: r->token == JR_FALSE ? "false"
						       : "<no value>");
}

/* The value that comes next, as Go prints it. */
static bool print_value(struct jr *r, struct strbuf *out)
{
	unsigned depth = 0;
	bool first = true;

	do {
		enum jr_token t = jr_next(r);
		bool end = t == JR_OBJECT_END || t == JR_ARRAY_END;

		if (t == JR_ERROR || t == JR_END || (end && !depth))
			return false;
		if (!first && !end)
			sb_addc(out, ' ');
		first = t == JR_OBJECT || t == JR_ARRAY || t == JR_KEY;
		depth += t == JR_OBJECT || t == JR_ARRAY;
		depth -= end;
		if (t == JR_OBJECT || t == JR_ARRAY)
			sb_adds(out, t == JR_OBJECT ? "map[" : "[");
		else if (end)
			sb_addc(out, ']');
		else
			print_token(r, out);
		if (t == JR_KEY)
			sb_addc(out, ':');
	} while (depth);
	return true;
}

static int expand_expr(
	const struct expr *x, const char *json, size_t len, struct strbuf *out, struct err *e)
{
	cleanup_sb struct strbuf path = STRBUF_INIT;
	struct jr r;
	int found;

	jr_init(&r, json, len);
	found = seek(&r, x);
	if (found == 2)
		sb_adds(out, x->json ? "null" : "<no value>");
	/* Behind the last element of an array there is no value. */
	if (!found || found == 2 || (found > 0 && (x->json ? print_json : print_value)(&r, out)))
		return 0;
	for (size_t i = 0; i < x->n; i++)
		sb_addf(&path, ".%s", x->keys[i]);
	return err_set(e, 0, "--format: there is no \"%.100s\"", sb_str(&path));
}

/* Without JSON the template is checked only. */
static int expand(const char *p, const char *json, size_t len, struct strbuf *out, struct err *e)
{
	while (*p) {
		cleanup_expr struct expr x = { 0 };

		if (!strncmp(p, "{{", 2)) {
			p += 2;
			if (take_expr(&p, &x, e) || (json && expand_expr(&x, json, len, out, e)))
				return -1;
		} else if (*p == '\\' && (p[1] == 't' || p[1] == 'n')) {
			sb_addc(out, p[1] == 't' ? '\t' : '\n');
			p += 2;
		} else {
			sb_addc(out, *p++);
		}
	}
	return 0;
}

int template_check(const char *text, struct err *e)
{
	cleanup_sb struct strbuf ignored = STRBUF_INIT;

	return expand(text, NULL, 0, &ignored, e);
}

int template_expand(
	const char *text, const char *json, size_t len, struct strbuf *out, struct err *e)
{
	return expand(text, json, len, out, e);
}
