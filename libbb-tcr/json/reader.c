/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON reader: a pull tokenizer. */
#include <string.h>

#include "base/mem.h"
#include "json/reader.h"
#include "base/utf8.h"

enum {
	EXPECT_VALUE, /* the document, what follows a colon, or a comma in an array */
	EXPECT_FIRST, /* the first member, or the end of the level */
	EXPECT_MORE,  /* a comma, or the end of the level */
};

void jr_init(struct jr *r, const char *text, size_t len)
{
	*r = (struct jr){
		.text = text,
		.pos = text,
		.end = text + len,
		.val = text,
		.expect = EXPECT_VALUE,
		.token = JR_END,
	};
}

/* Skips white space; returns the next byte without taking it, or -1 at the end. */
static int peek(struct jr *r)
{
	while (r->pos < r->end && memchr(" \t\n\r", *r->pos, 4))
		r->pos++;
	return r->pos < r->end ? (unsigned char)*r->pos : -1;
}

/* Reads "\u" and four digits at P; -1 if that is not there. */
static int32_t hex4(const char *p, const char *end)
{
	int32_t c = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *d = memchr(digits, p[i] < 'A' ? p[i] : p[i] | 0x20, sizeof(digits) - 1);

		if (!d)
			return -1;
		c = c << 4 | (int32_t)(d - digits);
	}
	return c;
}

static size_t decode_hex(const char *p, const char *end, char out[4], size_t *out_len)
{
	int32_t c = hex4(p, end);
	size_t len = 6;

	if ((c & 0xfc00) == 0xd800) {
		int32_t low = hex4(p + len, end);

		if ((low & 0xfc00) != 0xdc00)
			return 0;
		c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
		len = 12;
	} else if (c < 0 || (c & 0xfc00) == 0xdc00) {
		return 0;
	}
	*out_len = utf8_put(out, (uint32_t)c);
	return len;
}

/* Decodes the character of a string at P < END, escaped or not. Returns the bytes it takes in the
 * text; 0 if it is not valid. Whoever reads a string decodes it again: that is cheaper than a
 * buffer. */
static size_t decode(const char *p, const char *end, char out[4], size_t *out_len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if ((unsigned char)*p < 0x20)
		return 0;
	if (*p != '\\') {
		*out_len = utf8_len(p, end - p);
		memcpy(out, p, *out_len);
		return *out_len;
	}
	if (end - p < 2)
		return 0;
	if (p[1] == 'u')
		return decode_hex(p, end, out, out_len);
	at = memchr(from, p[1], sizeof(from) - 1);
	if (!at)
		return 0;
	out[0] = to[at - from];
	*out_len = 1;
	return 2;
}

static enum jr_token string(struct jr *r, enum jr_token token)
{
	r->val = ++r->pos;
	while (r->pos < r->end && *r->pos != '"') {
		char out[4];
		size_t out_len, n = decode(r->pos, r->end, out, &out_len);

		if (!n)
			return JR_ERROR;
		r->pos += n;
	}
	if (r->pos == r->end)
		return JR_ERROR;
	r->val_len = r->pos++ - r->val;
	return token;
}

static enum jr_token literal(struct jr *r, const char *text, enum jr_token token)
{
	size_t len = strlen(text);

	if ((size_t)(r->end - r->pos) < len || memcmp(r->pos, text, len) != 0)
		return JR_ERROR;
	r->pos += len;
	return token;
}

static bool accept(struct jr *r, const char *set)
{
	bool ok = r->pos < r->end && memchr(set, *r->pos, strlen(set));

	r->pos += ok;
	return ok;
}

static bool digits(struct jr *r)
{
	if (!accept(r, "0123456789"))
		return false;
	while (accept(r, "0123456789"))
		;
	return true;
}

static enum jr_token number(struct jr *r)
{
	accept(r, "-");
	if (!accept(r, "0") && !digits(r))
		return JR_ERROR;
	if (accept(r, ".") && !digits(r))
		return JR_ERROR;
	if (accept(r, "eE")) {
		accept(r, "+-");
		if (!digits(r))
			return JR_ERROR;
	}
	r->val_len = r->pos - r->val;
	return JR_NUMBER;
}

static enum jr_token open_level(struct jr *r, enum jr_token token)
{
	uint64_t bit = UINT64_C(1) << (r->depth & (JR_DEPTH - 1));

	if (r->depth == JR_DEPTH)
		return JR_ERROR;
	r->object = token == JR_OBJECT ? r->object | bit : r->object & ~bit;
	r->depth++;
	r->pos++;
	r->expect = EXPECT_FIRST;
	return token;
}

static enum jr_token close_level(struct jr *r, enum jr_token token)
{
	r->depth--;
	r->pos++;
	r->expect = EXPECT_MORE;
	return token;
}

static enum jr_token value(struct jr *r, int c)
{
	r->expect = EXPECT_MORE;
	switch (c) {
	case '{':
		return open_level(r, JR_OBJECT);
	case '[':
		return open_level(r, JR_ARRAY);
	case '"':
		return string(r, JR_STRING);
	case 't':
		return literal(r, "true", JR_TRUE);
	case 'f':
		return literal(r, "false", JR_FALSE);
	case 'n':
		return literal(r, "null", JR_NULL);
	default:
		return number(r);
	}
}

static enum jr_token key(struct jr *r, int c)
{
	if (c != '"' || string(r, JR_KEY) != JR_KEY || peek(r) != ':')
		return JR_ERROR;
	r->pos++;
	r->expect = EXPECT_VALUE;
	return JR_KEY;
}

static enum jr_token next(struct jr *r)
{
	int c = peek(r);
	bool object;

	r->val = r->pos;
	r->val_len = 0;
	if (r->expect == EXPECT_VALUE)
		return value(r, c);
	if (r->depth == 0)
		return c < 0 ? JR_END : JR_ERROR;
	object = r->object >> (r->depth - 1) & 1;
	if (c == (object ? '}' : ']'))
		return close_level(r, object ? JR_OBJECT_END : JR_ARRAY_END);
	if (r->expect == EXPECT_MORE) {
		if (c != ',')
			return JR_ERROR;
		r->pos++;
		c = peek(r);
		r->val = r->pos;
	}
	return object ? key(r, c) : value(r, c);
}

enum jr_token jr_next(struct jr *r)
{
	if (r->token != JR_ERROR)
		r->token = next(r);
	return r->token;
}

/* Decodes the character of the current token at *P and moves *P behind it. False at the end of the
 * token, and before the end at a \u0000. */
static bool next_char(const struct jr *r, const char **p, char out[4], size_t *out_len)
{
	const char *end = r->val + r->val_len;
	size_t n = *p < end ? decode(*p, end, out, out_len) : 0;

	if (!n || !out[0])
		return false;
	*p += n;
	return true;
}

bool jr_key_is(const struct jr *r, const char *key)
{
	const char *p = r->val;
	char out[4];
	size_t n;

	if (r->token != JR_KEY)
		return false;
	while (next_char(r, &p, out, &n)) {
		if (strncmp(key, out, n) != 0) /* KEY may end earlier */
			return false;
		key += n;
	}
	return p == r->val + r->val_len && *key == '\0';
}

char *jr_strdup(const struct jr *r)
{
	const char *p = r->val;
	char *s, *to;
	size_t n;

	if (r->token != JR_KEY && r->token != JR_STRING)
		return NULL;
	/* No character is longer than the text that stands for it. */
	to = s = xcalloc(1, r->val_len + 1);
	while (next_char(r, &p, to, &n))
		to += n;
	if (p == r->val + r->val_len)
		return s;
	free(s);
	return NULL;
}

int jr_int64(const struct jr *r, int64_t *out)
{
	const char *p = r->val, *end = r->val + r->val_len;
	int64_t n = 0;

	if (r->token != JR_NUMBER)
		return -1;
	/* Counted downwards, because there is one negative number more than positive ones. */
	for (p += *p == '-'; p < end; p++) {
		int digit = *p - '0';

		if (digit < 0 || digit > 9 || n < (INT64_MIN + digit) / 10)
			return -1;
		n = n * 10 - digit;
	}
	if (*r->val != '-' && n == INT64_MIN)
		return -1;
	*out = *r->val == '-' ? n : -n;
	return 0;
}

int jr_skip(struct jr *r)
{
	unsigned int level = r->depth;

	switch (jr_next(r)) {
	case JR_ERROR:
	case JR_END:
	case JR_OBJECT_END:
	case JR_ARRAY_END:
	case JR_KEY:
		return -1;
	default:
		break;
	}
	while (r->depth > level)
		if (jr_next(r) == JR_ERROR)
			return -1;
	return 0;
}

/* Makes the current token, which is of the wrong kind, the error. */
static void fail(struct jr *r)
{
	if (r->token != JR_ERROR)
		r->pos = r->val;
	r->token = JR_ERROR;
}

char **jr_strv(struct jr *r)
{
	cleanup_strv char **v = xcalloc(1, sizeof(*v));
	size_t n = 0;

	if (jr_next(r) == JR_NULL)
		return steal_ptr(&v);
	if (r->token == JR_ARRAY) {
		while (jr_next(r) == JR_STRING) {
			v[n] = jr_strdup(r);
			if (!v[n])
				break;
			v = xrealloc(v, (++n + 1) * sizeof(*v));
			v[n] = NULL;
		}
		if (r->token == JR_ARRAY_END)
			return steal_ptr(&v);
	}
	fail(r);
	return NULL;
}

unsigned int jr_enter_object(struct jr *r)
{
	enum jr_token token = jr_next(r);

	if (token == JR_OBJECT)
		return r->depth;
	if (token != JR_NULL)
		fail(r);
	return 0;
}

bool jr_next_key(struct jr *r, unsigned int level)
{
	while (level && r->depth >= level && jr_next(r) != JR_ERROR)
		if (r->token == JR_KEY && r->depth == level)
			return true;
	return false;
}
