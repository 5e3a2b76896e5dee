/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 as RFC 3629 defines it; JSON and messages share it. */
#ifndef TCR_BASE_UTF8_H
#define TCR_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Returns the bytes (1 to 4) of the character at S, of which AVAIL > 0 bytes may be read; 0 if it
 * is not valid: cut off, longer than need be, half of a surrogate pair, or above U+10FFFF. */
size_t utf8_len(const char *s, size_t avail);

/* Writes the character C (at most 0x10ffff) to OUT and returns the bytes it took. */
size_t utf8_put(char out[4], uint32_t c);

/* Makes TEXT harmless for a terminal, in place: control characters (C0, C1, DEL) and bytes that are
 * no UTF-8, such as the rest of a character that was cut, become '?'; but for the characters in
 * KEEP. */
void utf8_make_printable(char *text, const char *keep);

#endif
