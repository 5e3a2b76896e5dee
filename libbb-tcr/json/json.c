/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON encoder. */
#include <inttypes.h>
#include <string.h>

#include "json/json.h"
#include "base/utf8.h"

static void escape(struct strbuf *out, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = memchr(from, c, sizeof(from) - 1);

	if (at)
		sb_addf(out, "\\%c", to[at - from]);
	else if (c < 0x20)
		sb_addf(out, "\\u%04x", c);
	else
		sb_adds(out, "\xef\xbf\xbd"); /* U+FFFD */
}

static void quote(struct strbuf *out, const char *s)
{
	const char *run = s, *end = s + strlen(s);

	sb_addc(out, '"');
	while (s < end) {
		size_t n = utf8_len(s, end - s);

		if (n && (unsigned char)*s >= 0x20 && *s != '"' && *s != '\\') {
			s += n;
			continue;
		}
		sb_add(out, run, s - run);
		escape(out, (unsigned char)*s++);
		run = s;
	}
	sb_add(out, run, s - run);
	sb_addc(out, '"');
}

static uint32_t level_bit(const struct json *j)
{
	return UINT32_C(1) << j->depth;
}

/* Writes what comes before a value; false if there must be none here. */
static bool begin(struct json *j, const char *key)
{
	bool first = !(j->filled & level_bit(j));
	bool in_object = j->object & level_bit(j);

	if (in_object != (key != NULL) || (j->depth == 0 && !first))
		j->failed = true;
	if (j->failed)
		return false;
	j->filled |= level_bit(j);
	if (!first)
		sb_addc(j->out, ',');
	if (key) {
		quote(j->out, key);
		sb_addc(j->out, ':');
	}
	return true;
}

static void value(struct json *j, const char *key, const char *text)
{
	if (begin(j, key))
		sb_adds(j->out, text);
}

static void open_level(struct json *j, const char *key, char brace)
{
	if (j->depth == JSON_DEPTH)
		j->failed = true;
	if (!begin(j, key))
		return;
	sb_addc(j->out, brace);
	j->depth++;
	j->filled &= ~level_bit(j);
	j->object &= ~level_bit(j);
	if (brace == '{')
		j->object |= level_bit(j);
}

void json_init(struct json *j, struct strbuf *out)
{
	*j = (struct json){ .out = out };
}

void json_object(struct json *j, const char *key)
{
	open_level(j, key, '{');
}

void json_array(struct json *j, const char *key)
{
	open_level(j, key, '[');
}

void json_end(struct json *j)
{
	if (j->depth == 0)
		j->failed = true;
	if (j->failed)
		return;
	sb_addc(j->out, j->object & level_bit(j) ? '}' : ']');
	j->depth--;
}

void json_string(struct json *j, const char *key, const char *s)
{
	if (!s)
		json_null(j, key);
	else if (begin(j, key))
		quote(j->out, s);
}

void json_int(struct json *j, const char *key, int64_t n)
{
	if (begin(j, key))
		sb_addf(j->out, "%" PRId64, n);
}

void json_uint(struct json *j, const char *key, uint64_t n)
{
	if (begin(j, key))
		sb_addf(j->out, "%" PRIu64, n);
}

void json_bool(struct json *j, const char *key, bool b)
{
	value(j, key, b ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	value(j, key, "null");
}

void json_strv(struct json *j, const char *key, char *const *v)
{
	json_array(j, key);
	for (; v && *v; v++)
		json_string(j, NULL, *v);
	json_end(j);
}

int json_finish(struct json *j)
{
	return j->failed || j->depth || !j->filled ? -1 : 0;
}
