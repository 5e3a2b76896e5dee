/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any bytes through every function of the JSON reader. */
#include <string.h>

#include "base/mem.h"
#include "json/reader.h"
#include "fuzz.h"

/* Looks at the current token in every way there is. */
static void look(const struct jr *r)
{
	bool text = r->token == JR_KEY || r->token == JR_STRING;
	cleanup_free char *s = jr_strdup(r);
	int64_t n = 0;

	require(!s || text);
	require(!s || r->token != JR_KEY || jr_key_is(r, s));
	require(!s || strlen(s) <= r->val_len);
	require(jr_int64(r, &n) < 0 || r->token == JR_NUMBER);
	require(r->pos >= r->text && r->pos <= r->end && r->depth <= JR_DEPTH);
	require(jr_key_is(r, "args") ? s && !strcmp(s, "args") : true);
}

/* Reads token by token; returns whether it is a document. */
static bool walk(const char *text, size_t size)
{
	struct jr r;
	size_t count = 0;

	jr_init(&r, text, size);
	while (jr_next(&r) != JR_ERROR && r.token != JR_END) {
		look(&r);
		require(++count <= size);
	}
	return r.token == JR_END;
}

static bool skip(const char *text, size_t size)
{
	struct jr r;

	jr_init(&r, text, size);
	return jr_skip(&r) == 0 && jr_next(&r) == JR_END;
}

/* As a caller does it: two levels of keys, arrays of strings, and what is unknown is left unread.
 */
static void loop(const char *text, size_t size)
{
	struct jr r;

	jr_init(&r, text, size);
	jr_for_each_key (&r) {
		look(&r);
		if (jr_key_is(&r, "a"))
			strv_free(jr_strv(&r));
		else if (jr_key_is(&r, "b"))
			jr_for_each_key (&r)
				look(&r);
		else if (jr_key_is(&r, "c"))
			jr_next(&r);
		else if (jr_key_is(&r, "d"))
			jr_skip(&r);
	}
	jr_next(&r);
	require(r.token == JR_ERROR || r.token == JR_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct jr r;
	cleanup_strv char **v = NULL;

	require(walk(text, size) == skip(text, size));
	loop(text, size);
	jr_init(&r, text, size);
	v = jr_strv(&r);
	require(!v == jr_failed(&r));
	return 0;
}
