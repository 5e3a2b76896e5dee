/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the bytes of a log to what is shown. */
//kbuild:obj-$(CONFIG_FEATURE_LOGS) += log_filter.o
#include <string.h>

#include "base/utf8.h"
#include "base/when.h"
#include "log_filter.h"

void filter_begin(struct log_filter *f, bool cut)
{
	f->lines = 0;
	for (int i = 0; i < LOG_STREAMS; i++)
		f->stream[i].inside = f->stream[i].skipped = f->stream[i].cut = cut;
}

void filter_uncut(struct log_filter *f)
{
	for (int i = 0; i < LOG_STREAMS; i++) {
		if (f->stream[i].cut)
			f->stream[i].inside = false;
		f->stream[i].cut = false;
	}
}

static bool is_wanted(const struct log_filter *f, int64_t ms)
{
	return f->lines > f->skip && ms >= f->since_ms && ms <= f->until_ms;
}

void filter_add(struct log_filter *f, const struct log_entry *entry, const char *data, size_t len,
	struct strbuf *out)
{
	for (size_t n; len; data += n, len -= n) {
		const char *end = memchr(data, '\n', len);

		n = end ? (size_t)(end - data) + 1 : len;
		if (!f->stream[entry->stream].inside) {
			f->lines++;
			f->stream[entry->stream].skipped = !is_wanted(f, entry->ms);
			if (out && f->timestamps && !f->stream[entry->stream].skipped) {
				when_format(out, entry->ms);
				sb_addc(out, ' ');
			}
		}
		if (out && !f->stream[entry->stream].skipped)
			sb_add(out, data, n);
		f->stream[entry->stream].inside = !end;
		if (end)
			f->stream[entry->stream].cut = false;
	}
}

/* What follows could complete it: a part of a character, or of the end of a line. */
static bool is_begun(const char *s, size_t avail)
{
	unsigned char lead = *s;
	size_t want = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;

	if (lead == '\r')
		return avail == 1;
	for (size_t i = 1; i < avail; i++)
		if ((s[i] & 0xc0) != 0x80)
			return false;
	return avail < want;
}

/* Appends one character, or one byte that is none; returns how many bytes it was. */
static size_t show_one(const char *s, size_t avail, struct strbuf *out)
{
	unsigned char c = *s;
	size_t n = utf8_len(s, avail);
	/* U+0080 to U+009F are control characters, too. */
	bool plain = n > 1 && (c != 0xc2 || (unsigned char)s[1] >= 0xa0);

	if (plain)
		sb_add(out, s, n);
	else if (c >= 0x80)
		sb_addf(out, "\\x%02x", c);
	else if ((c >= ' ' && c != 0x7f) || c == '\n' || c == '\t' ||
		(c == '\r' && avail > 1 && s[1] == '\n'))
		sb_addc(out, c);
	else
		sb_addf(out, "^%c", c ^ 0x40);
	return plain ? n : 1;
}

void filter_show(struct log_filter *f, enum log_stream stream, const char *text, size_t len,
	struct strbuf *out)
{
	cleanup_sb struct strbuf in = STRBUF_INIT;
	size_t at = 0;

	if (!f->stream[stream].visible) {
		sb_add(out, text, len);
		return;
	}
	sb_add(&in, f->stream[stream].rest, f->stream[stream].nrest);
	sb_add(&in, text, len);
	f->stream[stream].nrest = 0;
	while (at < in.len && !(len && is_begun(in.buf + at, in.len - at)))
		at += show_one(in.buf + at, in.len - at, out);
	f->stream[stream].nrest = in.len - at;
	memcpy(f->stream[stream].rest, in.buf + at, in.len - at);
}
