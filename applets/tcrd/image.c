/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images: the store. image_mount.c mounts them, image_load.c adds them. */
//kbuild:obj-y += image.o
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "event.h"
#include "image.h"
#include "image_record.h"
#include "tcrd.h"

struct list images = LIST_INIT(images);

char *image_path(const char *id, const char *name)
{
	return xasprintf("%s/images_root/%s%s%s", tcrd.root, id, name ? "/" : "", name ? name : "");
}

struct image *image_by_id(const char *id)
{
	struct image *i;

	list_for_each (i, &images, node)
		if (!strcmp(i->id, id))
			return i;
	return NULL;
}

static struct image *by_reference(const char *reference)
{
	struct image *i;

	list_for_each (i, &images, node)
		if (i->reference && !strcmp(i->reference, reference))
			return i;
	return NULL;
}

static struct image *by_prefix(const char *prefix, unsigned *n)
{
	struct image *i, *found = NULL;
	size_t len = strlen(prefix);

	*n = 0;
	if (!len || len > IMAGE_ID_LEN)
		return NULL;
	list_for_each (i, &images, node) {
		if (!strncmp(i->id, prefix, len)) {
			found = i;
			++*n;
		}
	}
	return found;
}

struct image *image_find(const char *ref, struct err *e)
{
	cleanup_free char *full = reference_normalise(ref);
	struct image *found = full ? by_reference(full) : NULL;
	unsigned n;

	if (found)
		return found;
	found = by_prefix(strncmp(ref, "sha256:", 7) ? ref : ref + 7, &n);
	if (n == 1)
		return found;
	err_set(e, 0,
		n ? "the id \"%.80s\" fits more than one image; give more digits"
		  : "no such image: \"%.80s\"; `tcr image load` adds one that host_tools/tcr-create-image.sh has made on a workstation",
		ref);
	return NULL;
}

static void tell(const struct image *i, const char *action)
{
	cleanup_free char *id = NULL;

	if (!ENABLE_FEATURE_EVENTS)
		return;
	id = xasprintf("sha256:%s", i->id);
	event_emit("image", action, id, i->reference ? reference_familiar(i->reference) : NULL);
}

static void free_image(struct image *i)
{
	list_remove(&i->node);
	free(i->reference);
	free(i->arch);
	strv_free(i->exposed_ports);
	free(i);
}

/* Takes the reference away from whoever has it. A power cut in between leaves two with it: the
 * sequence decides, see load_one(). */
static void untag(struct image *i)
{
	cleanup_free char *file = image_path(i->id, "tag");
	cleanup_free char *dir = image_path(i->id, NULL);
	struct err e;

	free(steal_ptr(&i->reference));
	if ((unlink(file) < 0 && errno != ENOENT) || dir_sync(AT_FDCWD, dir, &e))
		log_msg("cannot remove %s", file);
}

/* The tag of the image in the directory NAME, which is that of an image, or one that becomes it. */
static int write_tag(const char *name, const char *reference, uint64_t *sequence, struct err *e)
{
	cleanup_free char *file = image_path(name, "tag"), *text = NULL;
	struct image *each;

	*sequence = 1;
	list_for_each (each, &images, node)
		if (each->sequence >= *sequence)
			*sequence = each->sequence + 1;
	text = xasprintf("%llu %s\n", (unsigned long long)*sequence, reference);
	return file_write(AT_FDCWD, file, text, strlen(text), 0600, FILE_DURABLE, e);
}

static void set_tag(struct image *i, const char *reference, uint64_t sequence)
{
	struct image *other = by_reference(reference);

	i->sequence = sequence;
	if (other && other != i)
		untag(other);
	free(i->reference);
	i->reference = xstrdup(reference);
}

static void read_tag(struct image *i)
{
	cleanup_free char *file = image_path(i->id, "tag");
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	char reference[IMAGE_REFERENCE_MAX + 1];
	unsigned long long sequence;
	struct err e;

	if (file_read(AT_FDCWD, file, sizeof(reference) + 32, &sb, &e) ||
		sscanf(sb_str(&sb), "%llu %255[^\n]", &sequence, reference) != 2)
		return;
	i->sequence = sequence;
	i->reference = xstrdup(reference);
}

static int load_one(int dirfd, const char *name, void *arg, struct err *e)
{
	struct image *i, *other;
	struct err why;

	(void)arg;
	(void)e;
	if (!strncmp(name, "tmp-", 4)) { /* a load that did not come to its end */
		if (tree_remove(dirfd, name, &why))
			log_msg("%s", why.text);
		return 0;
	}
	if (strlen(name) != IMAGE_ID_LEN || strspn(name, "0123456789abcdef") != IMAGE_ID_LEN)
		return 0;
	if (dir_sweep(dirfd, name, &why))
		log_msg("image %.12s: %s", name, why.text);
	i = xcalloc(1, sizeof(*i));
	memcpy(i->id, name, IMAGE_ID_LEN + 1);
	list_append(&images, &i->node);
	if (image_read_record(i, &why)) {
		log_msg("image %.12s: %s; load it again", name, why.text);
		free_image(i);
		return 0;
	}
	read_tag(i);
	list_for_each (other, &images, node)
		if (other != i && other->reference && i->reference &&
			!strcmp(other->reference, i->reference))
			untag(other->sequence < i->sequence ? other : i);
	return 0;
}

int images_load(struct err *e)
{
	return dir_each(tcrd.root_fd, "images_root", load_one, NULL, e);
}

/* Moves the directory to its name; one of that name that has no readable record is replaced. */
static int place(const char *tmp, const char *id, struct err *e)
{
	cleanup_free char *from = image_path(tmp, NULL), *to = image_path(id, NULL);

	if (tree_remove(AT_FDCWD, to, e))
		return -1;
	if (rename(from, to) < 0)
		return err_set(e, errno, "rename %s", from);
	return dir_sync(tcrd.root_fd, "images_root", e);
}

/* What was loaded now replaces what is there: that may have been damaged, or linked to a file that
 * has gone. But a link does not replace a copy. */
static int renew(const struct image *i, const char *tmp, struct err *e)
{
	/* In between, the record does not fit the file: that is noticed when it is mounted. */
	static const char *const names[] = { "image.sqfs", "image.json" };
	cleanup_free char *dir = image_path(i->id, NULL), *old = image_path(i->id, "image.sqfs");
	cleanup_free char *new = image_path(tmp, "image.sqfs");
	struct stat is, was;

	if (lstat(new, &is) == 0 && S_ISLNK(is.st_mode) && lstat(old, &was) == 0 &&
		!S_ISLNK(was.st_mode))
		return 0;
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		cleanup_free char *from = image_path(tmp, names[n]),
				  *to = image_path(i->id, names[n]);

		if (rename(from, to) < 0)
			return err_set(e, errno, "rename %s", from);
	}
	return dir_sync(AT_FDCWD, dir, e);
}

struct image *image_commit(const char *tmp, const char *id, const char *reference, struct err *e)
{
	cleanup_free char *from = image_path(tmp, NULL);
	struct image *i = image_by_id(id);
	uint64_t sequence;

	if (i) {
		if (renew(i, tmp, e) || tree_remove(AT_FDCWD, from, e) ||
			write_tag(i->id, reference, &sequence, e))
			return NULL;
		set_tag(i, reference, sequence);
		tell(i, "load");
		return i;
	}
	/* With its name or not at all, whatever comes in between. */
	if (write_tag(tmp, reference, &sequence, e) || place(tmp, id, e))
		return NULL;
	i = xcalloc(1, sizeof(*i));
	memcpy(i->id, id, IMAGE_ID_LEN + 1);
	list_append(&images, &i->node);
	if (image_read_record(i, e)) {
		image_remove(i, &(struct err){ 0 });
		return NULL;
	}
	set_tag(i, reference, sequence);
	tell(i, "load");
	return i;
}

int image_remove(struct image *i, struct err *e)
{
	cleanup_free char *dir = image_path(i->id, NULL);
	cleanup_free char *tmp = xasprintf("%s/images_root/tmp-%s", tcrd.root, i->id);

	/* Under a temporary name it is forgotten, whatever comes in between. */
	if (rename(dir, tmp) < 0)
		return err_set(e, errno, "rename %s", dir);
	if (i->reference)
		tell(i, "untag");
	tell(i, "delete");
	free_image(i);
	if (dir_sync(tcrd.root_fd, "images_root", e))
		return -1;
	if (tree_remove(AT_FDCWD, tmp, e))
		log_msg("%s; the next start of tcrd tries again", e->text);
	return 0;
}
