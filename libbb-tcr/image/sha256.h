/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 (FIPS 180-4): the digest that names an image. */
#ifndef TCR_IMAGE_SHA256_H
#define TCR_IMAGE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum {
	SHA256_SIZE = 32,     /* bytes of a digest */
	SHA256_HEX_SIZE = 65, /* a digest in hexadecimal, with its NUL */
};

struct sha256 {
	uint32_t state[8];
	uint64_t len;      /* bytes hashed so far */
	uint8_t block[64]; /* the len % 64 bytes that do not fill a block yet */
};

/* Init, any number of updates, final. After sha256_final() S must be initialised again. Nothing can
 * fail. */
void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *data, size_t len);
void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE]);

/* Writes DIGEST as 64 lower-case hexadecimal digits and a NUL. */
void sha256_hex(const uint8_t digest[SHA256_SIZE], char hex[SHA256_HEX_SIZE]);

#endif
