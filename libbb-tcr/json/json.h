/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON encoder: appends compact JSON (RFC 8259) to a strbuf, one call a value. */
#ifndef TCR_JSON_JSON_H
#define TCR_JSON_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

enum {
	JSON_DEPTH = 31, /* objects and arrays inside each other */
};

/* The error is sticky: after a mistake nothing is appended any more, and json_finish() tells. So no
 * call but the last needs a check. Mistakes are: a key inside an array or at the top level, no key
 * inside an object, more than one value at the top level, a json_end() too many, more than
 * JSON_DEPTH levels. */
struct json {
	struct strbuf *out;
	uint32_t filled; /* bit n: level n has a value already, so the next one needs a comma */
	uint32_t object; /* bit n: level n is an object, else an array; level 0 is the document */
	unsigned char depth;
	bool failed;
};

/* Starts a document that is appended to OUT, which stays the caller's. */
void json_init(struct json *j, struct strbuf *out);

/* Everything below appends one value; KEY is its name inside an object and NULL everywhere else. */

/* Open an object or an array, which json_end() closes. */
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j);

/* S may hold any bytes: those that are not UTF-8 become U+FFFD. A NULL becomes null. */
void json_string(struct json *j, const char *key, const char *s);

/* Numbers are exact: readers that keep them in a double lose digits above 2^53 (RFC 8259, section
 * 6). */
void json_int(struct json *j, const char *key, int64_t n);
void json_uint(struct json *j, const char *key, uint64_t n);
void json_bool(struct json *j, const char *key, bool b);
void json_null(struct json *j, const char *key);

/* An array of the strings of V, which ends with NULL. If V itself is NULL the array is empty. */
void json_strv(struct json *j, const char *key, char *const *v);

/* Returns 0 when exactly one complete value was appended, -1 after a mistake: then OUT holds an
 * unusable part of it. */
int json_finish(struct json *j);

/* Appends TEXT, compact JSON as the above makes it, to OUT with a line for each value, and four
 * spaces a level. */
void json_indent(const char *text, struct strbuf *out);

#endif
