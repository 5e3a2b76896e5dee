/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8: validity and encoding. */
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

size_t utf8_len(const char *s, size_t avail)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = u[0] < 0x80 ? 1 : u[0] < 0xc2 ? 0 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;

	if (u[0] > 0xf4 || len > avail)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	/* These four leads do not allow every second byte (RFC 3629, section 4). */
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
		(u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return len;
}

size_t utf8_put(char out[4], uint32_t c)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[len] | c);
	return len;
}

void utf8_make_printable(char *text, const char *keep)
{
	for (size_t left = strlen(text), n; left; text += n, left -= n) {
		const unsigned char *u = (unsigned char *)text;
		bool c1;

		/* Nearly all characters of nearly all texts. */
		if (*u >= ' ' && *u < 0x7f) {
			n = 1;
			continue;
		}
		n = utf8_len(text, left);
		c1 = n == 2 && u[0] == 0xc2 && u[1] < 0xa0;
		if (!n || c1 || ((u[0] < ' ' || u[0] == 0x7f) && !strchr(keep, u[0]))) {
			text[n > 1] = '?';
			*text = '?';
			n = n ? n : 1;
		}
	}
}
