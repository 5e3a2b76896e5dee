/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON reader: a pull tokenizer for hostile text. It allocates nothing and recurses nowhere. */
#ifndef TCR_JSON_READER_H
#define TCR_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JR_DEPTH = 64, /* objects and arrays inside each other */
};

enum jr_token {
	JR_ERROR,
	JR_END,
	JR_OBJECT,
	JR_OBJECT_END,
	JR_ARRAY,
	JR_ARRAY_END,
	JR_KEY,
	JR_STRING,
	JR_NUMBER,
	JR_TRUE,
	JR_FALSE,
	JR_NULL,
};

/* Reads as strictly as RFC 8259 is written; and on top of it text that is not UTF-8 (section 8.1),
 * an escaped half of a surrogate pair, and more than JR_DEPTH levels are errors. Duplicate keys are
 * not noticed: who takes the last one does as most parsers do. */
struct jr {
	const char *text; /* the caller's; need not end with NUL */
	const char *pos;  /* what jr_next() reads next; after an error: where it is */
	const char *end;
	const char *val; /* the current token as it is written, strings without their quotes */
	size_t val_len;
	uint64_t object; /* bit n: level n + 1 is an object, else an array */
	unsigned char depth;
	unsigned char expect; /* what the grammar allows next; private to reader.c */
	enum jr_token token;  /* the current one */
};

/* Starts to read LEN bytes at TEXT, which must stay in place as long as R is used. */
void jr_init(struct jr *r, const char *text, size_t len);

/* Returns the next token: JR_END after the one value of the document, JR_ERROR from an error on. */
enum jr_token jr_next(struct jr *r);

/* Whether the current token is the key KEY, however it is escaped in the text. */
bool jr_key_is(const struct jr *r, const char *key);

/* Returns the decoded current key or string, which the caller frees; NULL if the current token is
 * none, or if it holds \u0000, which a C string cannot. */
char *jr_strdup(const struct jr *r);

/* Stores the current number and returns 0, or returns -1 if the current token is no number, has a
 * fraction or an exponent, or does not fit. */
int jr_int64(const struct jr *r, int64_t *out);

/* Skips the value that comes next. Returns 0, or -1 after an error or if no value comes next. */
int jr_skip(struct jr *r);

/* Reads the array of strings that comes next. Returns them with a NULL behind, to be freed with
 * strv_free(). null reads as an empty array, because Go writes an empty slice so. For any other
 * value, or a string with \u0000 in it, it returns NULL, and the reader has failed. */
char **jr_strv(struct jr *r);

/* Loops over the keys of the object that comes next; null reads as an empty one, the rest fails.
 *
 *	jr_for_each_key(&r) {
 *		if (jr_key_is(&r, "args"))
 *			args = jr_strv(&r);
 *		else if (jr_key_is(&r, "tty"))
 *			tty = jr_next(&r) == JR_TRUE;
 *	}
 *	if (jr_next(&r) != JR_END)
 *		return err_set(e, 0, "%s is not valid JSON at byte %zu", path, jr_offset(&r));
 *
 * What the body does not read of a key's value is skipped, so unknown keys need no branch.
 * Loops nest; the body must not break. An error ends the loop, and every loop around it. */
#define jr_for_each_key(r) \
	for (unsigned int jr_level_ = jr_enter_object(r); jr_next_key((r), jr_level_);)

unsigned int jr_enter_object(struct jr *r);
bool jr_next_key(struct jr *r, unsigned int level);

/* Where the reader is, in bytes from the start; after an error, the offending byte. */
static inline size_t jr_offset(const struct jr *r)
{
	return r->pos - r->text;
}

/* Whether anything was wrong so far; jr_next() returns JR_ERROR from then on. */
static inline bool jr_failed(const struct jr *r)
{
	return r->token == JR_ERROR;
}

#endif
