/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volumes: the store. volume_fill.c puts the image's files into a new one. */
//config:config FEATURE_VOLUME
//config:	bool "volume: named volumes (10 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_VOLUME) += volume.o
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/child.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "event.h"
#include "json/json.h"
#include "json/reader.h"
#include "labels.h"
#include "tcrd.h"
#include "volume.h"

enum { RECORD_MAX = 256 * 1024 };

/* Names of volumes do not begin with a dot. */
#define NEW_PREFIX ".new-"
#define OLD_PREFIX ".old-"

char *volume_path(const char *name, const char *file)
{
	return xasprintf("%s/volumes/%s%s%s", tcrd.root, name, file ? "/" : "", file ? file : "");
}

bool volume_exists(const char *name)
{
	cleanup_free char *path = volume_path(name, "data");

	return file_exists(AT_FDCWD, path);
}

static void read_record(const char *text, size_t len, struct volume *v)
{
	struct jr r;

	jr_init(&r, text, len);
	jr_for_each_key (&r) {
		if (jr_key_is(&r, "created")) {
			jr_next(&r);
			jr_int64(&r, &v->created);
		} else if (jr_key_is(&r, "labels")) {
			strv_free(v->labels);
			v->labels = jr_strv(&r);
		}
	}
}

int volume_read(const char *name, struct volume *v, struct err *e)
{
	cleanup_free char *path = volume_path(name, "volume.json");
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct err why;

	*v = (struct volume){ 0 };
	if (*name == '.' || strchr(name, '/') || !volume_exists(name))
		return err_set(e, 0, "no such volume: \"%.130s\"", name);
	/* The data is worth more than what is written about it. */
	if (file_read(AT_FDCWD, path, RECORD_MAX, &sb, &why) == 0)
		read_record(sb_str(&sb), sb.len, v);
	return 0;
}

void volume_free(struct volume *v)
{
	strv_free(v->labels);
	*v = (struct volume){ 0 };
}

const char *volume_label(const struct volume *v, const char *key)
{
	size_t len = strlen(key);

	for (char *const *l = v->labels; l && *l; l++)
		if (!strncmp(*l, key, len) && (*l)[len] == '=')
			return *l + len + 1;
	return NULL;
}

static int write_record(const char *dir, char *const *labels, struct err *e)
{
	cleanup_free char *file = xasprintf("%s/volume.json", dir);
	cleanup_strv char **unique = labels_unique(labels);
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct json j;

	json_init(&j, &sb);
	json_object(&j, NULL);
	json_int(&j, "created", time(NULL));
	json_strv(&j, "labels", unique);
	json_end(&j);
	sb_addc(&sb, '\n');
	if (sb.len > RECORD_MAX)
		return err_set(e, 0, "the labels have more than %d bytes", RECORD_MAX);
	return file_write(tcrd.root_fd, file, sb.buf, sb.len, 0600, FILE_DURABLE, e);
}

/* Under a name that is not its own yet. */
static int make(const char *dir, char *const *labels, struct err *e)
{
	cleanup_free char *data = xasprintf("%s/data", dir);

	if (mkdirat(tcrd.root_fd, dir, 0700) < 0 || mkdirat(tcrd.root_fd, data, 0755) < 0)
		return err_set(e, errno, "mkdir %s/%s", tcrd.root, data);
	return write_record(dir, labels, e);
}

int volume_create(const char *name, char *const *labels, struct err *e)
{
	cleanup_free char *dir = xasprintf("volumes/%s", name),
			  *new = xasprintf("volumes/" NEW_PREFIX "%s", name);
	struct err ignored;

	if (volume_exists(name))
		return 0;
	if (tree_remove(tcrd.root_fd, new, e))
		return -1;
	if (make(new, labels, e)) {
		tree_remove(tcrd.root_fd, new, &ignored);
		return -1;
	}
	if (renameat(tcrd.root_fd, new, tcrd.root_fd, dir) < 0)
		return err_set(e, errno, "rename %s/%s", tcrd.root, new);
	if (dir_sync(tcrd.root_fd, "volumes", e))
		return -1;
	event_emit("volume", "create", name, NULL);
	return 0;
}

/* A child that removes what nobody wants any more. */
struct removal {
	struct child child;
	char name[]; /* in volumes/ */
};

static int remove_work(void *arg)
{
	const struct removal *r = arg;
	cleanup_free char *path = volume_path(r->name, NULL);
	struct err e;

	if (tree_remove(AT_FDCWD, path, &e) == 0)
		return 0;
	log_msg("%s; the next start of tcrd tries again", e.text);
	return 1;
}

static void removed(struct child *child, int status)
{
	(void)status;
	free(container_of(child, struct removal, child));
}

static void remove_files(const char *name)
{
	struct removal *r = xcalloc(1, sizeof(*r) + strlen(name) + 1);
	struct err e;

	strcpy(r->name, name);
	r->child.ended = removed;
	if (child_fork(&r->child, remove_work, r, NULL, 0, &e)) {
		log_msg("%s", e.text);
		free(r);
	}
}

int volume_remove(const char *name, struct err *e)
{
	cleanup_free char *dir = xasprintf("volumes/%s", name), *old = NULL, *to = NULL;
	char id[ID_LEN + 1];

	/* No other removal's, of this daemon or the last one, that may still be under way. */
	if (random_id(id, e))
		return -1;
	old = xasprintf(OLD_PREFIX "%s", id);
	to = xasprintf("volumes/%s", old);
	if (renameat(tcrd.root_fd, dir, tcrd.root_fd, to) < 0)
		return err_set(e, errno, "rename %s/%s", tcrd.root, dir);
	if (dir_sync(tcrd.root_fd, "volumes", e))
		return -1;
	event_emit("volume", "destroy", name, NULL);
	remove_files(old);
	return 0;
}

static int clear_leftover(int dirfd, const char *name, void *arg, struct err *e)
{
	(void)arg;
	/* At once, since a container may want the name; there is hardly anything in it. */
	if (!strncmp(name, NEW_PREFIX, strlen(NEW_PREFIX)) && tree_remove(dirfd, name, e) == 0)
		return 0;
	if (*name == '.')
		remove_files(name);
	return 0;
}

int volumes_load(struct err *e)
{
	if (mkdirat(tcrd.root_fd, "volumes", 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "mkdir %s/volumes", tcrd.root);
	return dir_sync(tcrd.root_fd, ".", e) ||
			dir_each(tcrd.root_fd, "volumes", clear_leftover, NULL, e)
		? -1
		: 0;
}

static int add_name(int dirfd, const char *name, void *names, struct err *e)
{
	(void)dirfd;
	(void)e;
	if (*name != '.' && volume_exists(name))
		strv_append(names, name);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int volume_each(
	int (*fn)(int dirfd, const char *name, void *arg, struct err *e), void *arg, struct err *e)
{
	/* Also in children, which have not got our descriptor of the root. */
	cleanup_free char *path = xasprintf("%s/volumes", tcrd.root);
	cleanup_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_strv char **names = xcalloc(1, sizeof(char *));
	int rc = dir_each(AT_FDCWD, path, add_name, &names, e);

	qsort(names, strv_len(names), sizeof(char *), compare_names);
	for (char **name = names; !rc && *name; name++)
		rc = fn(fd, *name, arg, e);
	return rc;
}

const struct container *volume_user(const char *name)
{
	size_t len = strlen(name);
	struct container *c;

	list_for_each (c, &containers, node)
		for (char *const *v = c->spec.volumes; v && *v; v++)
			if (c->state != ST_REMOVING && !strncmp(*v, name, len) && (*v)[len] == ':')
				return c;
	return NULL;
}

char *volume_resolve(const char *volume)
{
	size_t len = strcspn(volume, ":");

	if (!volume_is_named(volume))
		return xstrdup(volume);
	return xasprintf("%s/volumes/%.*s/data%s", tcrd.root, (int)len, volume, volume + len);
}

int volumes_provide(const struct spec *spec, struct err *e)
{
	for (char *const *v = spec->volumes; v && *v; v++) {
		cleanup_free char *name = xstrndup(*v, strcspn(*v, ":"));

		if (volume_is_named(*v) && volume_create(name, NULL, e))
			return -1;
	}
	return 0;
}
