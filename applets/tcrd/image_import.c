/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Importing an image: copy, hash, mount where nobody sees it, read what it says of itself, keep
 * that. */
//kbuild:obj-y += image_import.o
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "image/mount.h"
#include "image/sha256.h"
#include "image/squashfs.h"
#include "image_import.h"
#include "image_record.h"

enum {
	CHUNK = 64 * 1024,
	HEAD = 4096, /* of a stream, looked at before the rest fills the disk */
};

/* Hashes at most MAX bytes of SOURCE, and writes what it reads to COPY unless that is -1. */
static int pump(int source, int copy, size_t max, struct sha256 *s, struct err *e)
{
	cleanup_free char *buf = xcalloc(1, CHUNK);
	ssize_t n;

	while (max && (n = fd_read_full(source, buf, max < CHUNK ? max : CHUNK)) != 0) {
		if (n < 0)
			return err_set(e, errno, "read the image");
		sha256_update(s, buf, n);
		if (copy >= 0 && fd_write_all(copy, buf, n) < 0)
			return err_set(e, errno, "write the image");
		max -= n;
	}
	return 0;
}

static int check_head(int copy, struct err *e)
{
	struct squashfs_info info;
	struct stat st;

	if (squashfs_check(copy, &info, e) == 0)
		return 0;
	/* It is cut, of course: the rest is still to come. */
	if (fstat(copy, &st) < 0 || st.st_size != HEAD || !strstr(e->text, "truncated"))
		return -1;
	*e = (struct err){ 0 };
	return 0;
}

/* Fills the empty file COPY. A filesystem that can shares the blocks of a source that is a file. */
static int copy_image(const struct import *job, int copy, struct sha256 *s, struct err *e)
{
	bool stream = !*job->path, shared = !stream && ioctl(copy, FICLONE, job->source) == 0;

	if (stream && (pump(job->source, copy, HEAD, s, e) || check_head(copy, e)))
		return -1;
	if (pump(shared ? copy : job->source, shared ? -1 : copy, SIZE_MAX, s, e))
		return -1;
	return fsync(copy) < 0 ? err_set(e, errno, "fsync the image") : 0;
}

/* Makes DIR/image.sqfs and returns it, open, or -1. */
static int place_image(const struct import *job, const char *dir, struct sha256 *s, struct err *e)
{
	cleanup_free char *path = xasprintf("%s/image.sqfs", dir);
	cleanup_close int copy = -1;

	if (job->link) {
		if (symlink(job->path, path) < 0)
			return err_set(e, errno, "symlink %s", path);
		return pump(job->source, -1, SIZE_MAX, s, e) ? -1 : dup(job->source);
	}
	copy = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (copy < 0)
		return err_set(e, errno, "%s", path);
	return copy_image(job, copy, s, e) ? -1 : steal_fd(&copy);
}

/* Mounts the image in a mount namespace of our own, which ends with us, and reads what it says. */
static int inspect(int image, const char *dir, struct image_facts *facts, struct err *e)
{
	cleanup_free char *mnt = xasprintf("%s/mnt", dir);
	cleanup_close int root = -1;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_set(e, errno, "a private mount namespace");
	if (mkdir(mnt, 0700) < 0)
		return err_set(e, errno, "mkdir %s", mnt);
	if (squashfs_mount(image, mnt, mnt, e))
		return -1;
	root = open(mnt, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_set(e, errno, "%s", mnt);
	if (image_read_facts(root, facts, e))
		return -1;
	close(steal_fd(&root));
	if (umount2(mnt, MNT_DETACH) < 0 || rmdir(mnt) < 0)
		return err_set(e, errno, "umount %s", mnt);
	return arch_check(facts->arch, e);
}

static int write_record(const struct import *job, int image, const char *dir,
	const struct image_facts *facts, struct err *e)
{
	cleanup_free char *path = xasprintf("%s/image.json", dir);
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct stat st;

	if (fstat(image, &st) < 0)
		return err_set(e, errno, "fstat");
	image_format_record(facts, &st, job->link ? job->path : NULL, &sb);
	return file_write(AT_FDCWD, path, sb.buf, sb.len, 0600, FILE_DURABLE, e);
}

static int import(const struct import *job, struct import_result *r, struct err *e)
{
	cleanup_free char *dir = image_path(job->tmp, NULL);
	cleanup_close int image = -1;
	uint8_t digest[SHA256_SIZE];
	struct squashfs_info info;
	struct image_facts facts;
	struct sha256 s;

	if (*job->path && squashfs_check(job->source, &info, e))
		return -1;
	if (mkdir(dir, 0700) < 0)
		return err_set(e, errno, "mkdir %s", dir);
	sha256_init(&s);
	image = place_image(job, dir, &s, e);
	if (image < 0 || inspect(image, dir, &facts, e) || write_record(job, image, dir, &facts, e))
		return -1;
	sha256_final(&s, digest);
	sha256_hex(digest, r->id);
	snprintf(r->reference, sizeof(r->reference), "%s", facts.reference);
	return 0;
}

int import_work(void *arg)
{
	const struct import *job = arg;
	struct import_result r = { 0 };

	if (import(job, &r, &r.err))
		err_prefix(&r.err, "%.600s", *job->path ? job->path : "standard input");
	return fd_write_all(job->result, &r, sizeof(r)) < 0;
}
