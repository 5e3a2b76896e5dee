/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: what the JSON encoder wrote, the reader reads, and it is the same. The input is a
 * program of one letter a call; letters for strings are followed by the string and a NUL. */
#include <string.h>

#include "base/mem.h"
#include "json/json.h"
#include "json/reader.h"
#include "fuzz.h"

struct input {
	const uint8_t *pos, *end;
};

/* Takes the bytes up to a NUL, or to the end. */
static char *take_string(struct input *in)
{
	size_t len = strnlen((const char *)in->pos, (size_t)(in->end - in->pos));
	char *s = xstrndup((const char *)in->pos, len);

	in->pos += len;
	in->pos += in->pos < in->end;
	return s;
}

static int64_t take_int(struct input *in)
{
	uint64_t n = 0;

	for (int i = 0; i < 8 && in->pos < in->end; i++)
		n = n << 8 | *in->pos++;
	return (int64_t)n;
}

/* One call; capital letters have a key. */
static void encode(struct json *j, struct input *in)
{
	char op = (char)*in->pos++;
	cleanup_free char *key = op >= 'A' && op <= 'Z' ? take_string(in) : NULL;
	cleanup_free char *s = NULL;
	char *v[3] = { NULL };

	switch (op | 0x20) {
	case 'o':
		json_object(j, key);
		break;
	case 'a':
		json_array(j, key);
		break;
	case 'e':
		json_end(j);
		break;
	case 's':
		s = take_string(in);
		json_string(j, key, s);
		break;
	case 'i':
		json_int(j, key, take_int(in));
		break;
	case 'u':
		json_uint(j, key, (uint64_t)take_int(in));
		break;
	case 't':
		json_bool(j, key, true);
		break;
	case 'n':
		json_null(j, key);
		break;
	case 'v':
		v[0] = s = take_string(in);
		v[1] = s;
		json_strv(j, key, v);
		break;
	}
}

/* Encodes again what the reader reads. Of numbers only those of int64_t: the rest is left to uint.
 */
static void copy(struct jr *r, struct json *j)
{
	cleanup_free char *key = NULL;

	while (jr_next(r) != JR_ERROR && r->token != JR_END) {
		cleanup_free char *s = jr_strdup(r);
		int64_t n;

		switch (r->token) {
		case JR_OBJECT:
			json_object(j, key);
			break;
		case JR_ARRAY:
			json_array(j, key);
			break;
		case JR_OBJECT_END:
		case JR_ARRAY_END:
			json_end(j);
			break;
		case JR_KEY:
			require(s && !key);
			key = steal_ptr(&s);
			continue;
		case JR_STRING:
			require(s);
			json_string(j, key, s);
			break;
		case JR_NUMBER:
			if (jr_int64(r, &n) == 0)
				json_int(j, key, n);
			else
				json_uint(j, key, strtoull(r->val, NULL, 10));
			break;
		case JR_NULL:
			json_null(j, key);
			break;
		default:
			json_bool(j, key, r->token == JR_TRUE);
		}
		free(steal_ptr(&key));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_sb struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
	struct input in = { data, data + size };
	struct json j;
	struct jr r;

	json_init(&j, &first);
	while (in.pos < in.end)
		encode(&j, &in);
	jr_init(&r, sb_str(&first), first.len);
	if (json_finish(&j) < 0) {
		/* Whatever was written before the mistake is a beginning, never a document with
		 * garbage behind it. */
		while (jr_next(&r) != JR_ERROR && r.token != JR_END)
			;
		require(r.token == JR_END || r.pos == r.end || first.buf[first.len - 1] == ':');
		return 0;
	}
	json_init(&j, &second);
	copy(&r, &j);
	require(r.token == JR_END);
	require(json_finish(&j) == 0);
	require(first.len == second.len && !memcmp(first.buf, second.buf, first.len));
	return 0;
}
