/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tar archives (pax and ustar, IEEE Std 1003.1, "pax Interchange Format"): written from a tree,
 * read from anybody, extracted below a directory and nowhere else. */
#ifndef TCR_ARCHIVE_TAR_H
#define TCR_ARCHIVE_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"

struct tar_xattr {
	struct tar_xattr *next;
	size_t len;
	char *value;
	char name[];
};

/* One member. The names are owned. */
struct tar_entry {
	char type;   /* '0' file, '1' hard link, '2' symlink, '3' '4' devices, '5' directory,
			'6' FIFO */
	char *name;  /* as it is used: relative, without "." and "..", "." for the top */
	char *link;  /* of '1' as the name is, of '2' as it stands there; else NULL */
	mode_t mode; /* permissions, 07777 at the most */
	uint32_t uid, gid;
	uint32_t major, minor;
	uint64_t size; /* bytes of data that follow */
	int64_t mtime; /* seconds since 1970 */
	struct tar_xattr *xattrs;
};
void tar_entry_free(struct tar_entry *entry);

/* Reading. The bytes may be anybody's: all sizes are bounded, names are checked. */

struct tar_reader {
	int fd;
	uint64_t left;         /* data of the current member that was not read */
	unsigned padding;      /* bytes behind them */
	struct tar_entry next; /* what headers before that of a member said of it */
	int64_t numbers[4];    /* size, uid, gid, mtime: likewise */
	unsigned given;        /* bits: which of them are known */
	size_t extended;       /* bytes of such headers */
};

/* Reads from FD, which stays the caller's. */
void tar_open(struct tar_reader *r, int fd);
void tar_close(struct tar_reader *r);

/* The next member, into ENTRY, which is to be freed in any case. Data of the last one that nobody
 * has read is skipped. Returns 1, 0 at the end of the archive, or -1. */
int tar_next(struct tar_reader *r, struct tar_entry *entry, struct err *e);

/* Up to LEN bytes of the member's data, 0 at its end; -1 if the archive ends before. */
ssize_t tar_read(struct tar_reader *r, void *buf, size_t len, struct err *e);

/* Reads what follows the end of the archive, so that who writes it can end in peace. */
void tar_drain(struct tar_reader *r);

/* Writing. */

struct tar_writer {
	int fd;
	struct tar_link *links; /* files with several names: the first of them */
	size_t nlinks;
};

void tar_create(struct tar_writer *w, int fd);
void tar_writer_free(struct tar_writer *w);

/* Adds the header of a member; its data is for the caller to write, padded to 512 bytes. */
int tar_put(struct tar_writer *w, const struct tar_entry *entry, struct err *e);

/* Adds the tree TOP, a descriptor opened with O_PATH, under the name AS ("." for the content of a
 * directory alone). No symlink is followed, no FIFO or device opened, whoever changes the tree
 * meanwhile; sockets, and what is in /proc, /sys and cgroups, are left out. */
int tar_add_tree(struct tar_writer *w, int top, const char *as, struct err *e);

/* The end of the archive. */
int tar_finish(struct tar_writer *w, struct err *e);

/* Extracting. */

enum tar_flags {
	TAR_OWNERS = 1,  /* owners, setuid bits and capabilities as in the archive; else files are
			    whose the process is, and have none of those */
	TAR_DEVICES = 2, /* also devices; else they are left out */
};

struct tar_target {
	int root;        /* a directory; nothing is ever touched that is not below it */
	const char *dir; /* names are relative to this directory in it; NULL: to the root itself */
	bool symlinks;   /* directories on the way may be symlinks, for which root is "/"; else they
			    are refused */
	unsigned flags;
	unsigned left_out; /* result: devices that were */
};

/* Opens PATH below the target's dir, with the flags of openat2(2). -1 with errno. */
int tar_lookup(const struct tar_target *t, const char *path, int flags);

/* Extracts the whole archive. Directories that are there are kept as they are, other files are
 * replaced by files; a directory never takes the place of a file, nor a file that of a directory.
 * The umask of the process should be 0. */
int tar_extract(struct tar_reader *r, struct tar_target *t, struct err *e);

#endif
