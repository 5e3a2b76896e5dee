/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The blocks of a tar archive; for the files in here. */
#ifndef TCR_ARCHIVE_FORMAT_H
#define TCR_ARCHIVE_FORMAT_H

enum {
	TAR_BLOCK = 512,
	TAR_EXTENDED_MAX = 1024 * 1024, /* bytes of a pax header or a long name */
	TAR_COPY = 64 * 1024,           /* bytes at a time */
};

#define TAR_XATTR_KEY "SCHILY.xattr."

/* Numbers are octal digits, text ends with NUL unless it fills its field. */
struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[8]; /* "ustar" NUL "00", or GNU's "ustar  " NUL */
	char uname[32];
	char gname[32];
	char major[8];
	char minor[8];
	char prefix[155];
	char pad[12];
};
_Static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is a block");

/* The sum of all bytes, those of the sum itself taken as spaces. */
static inline unsigned tar_checksum(const struct tar_header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	unsigned sum = 8 * ' ';

	for (unsigned i = 0; i < TAR_BLOCK; i++)
		sum += p[i];
	for (unsigned i = 0; i < sizeof(h->checksum); i++)
		sum -= (unsigned char)h->checksum[i];
	return sum;
}

static inline unsigned tar_padding(unsigned long long size)
{
	return -size % TAR_BLOCK;
}

#endif
