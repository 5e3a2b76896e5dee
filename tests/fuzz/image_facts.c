/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any bytes as image-info.json and bundle/config.json, and the record made of them. */
//link: applets/tcrd/image_facts.c applets/tcrd/image_record.c applets/tcrd/reference.c
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../applets/tcrd/image_record.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/opt.h"
#include "fuzz.h"

enum {
	INFO,
	CONFIG,
	RECORD,
	FILES,
};

static char dir[] = "/dev/shm/fuzz-image.XXXXXX";
static const char *const names[FILES] = { "image-info.json", "bundle/config.json", "image.json" };
static int files[FILES], root;

char *image_path(const char *id, const char *name)
{
	(void)id;
	return xasprintf("%s/%s", dir, name);
}

/* Files are made once, and only filled each time. */
static void make_files(void)
{
	require(mkdtemp(dir) || mkdtemp(strcpy(dir, "/tmp/fuzz-image.XXXXXX")));
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	require(mkdirat(root, "bundle", 0700) == 0 && mkdirat(root, "bundle/rootfs", 0700) == 0);
	for (int i = 0; i < FILES; i++) {
		files[i] = openat(root, names[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		require(files[i] >= 0);
	}
}

static void remove_files(void)
{
	for (int i = 0; i < FILES; i++)
		unlinkat(root, names[i], 0);
	unlinkat(root, "bundle/rootfs", AT_REMOVEDIR);
	unlinkat(root, "bundle", AT_REMOVEDIR);
	rmdir(dir);
}

static void fill(int file, const void *data, size_t size)
{
	require(ftruncate(files[file], 0) == 0 && lseek(files[file], 0, SEEK_SET) == 0);
	require(fd_write_all(files[file], data, size) == 0);
}

static bool same_strv(char **a, char **b)
{
	size_t n = strv_len(a);

	if (n != strv_len(b))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(a[i], b[i]))
			return false;
	return true;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The daemon's record has what was taken from the image, and is always one that it can read. */
static void check_record(const struct image_facts *f)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct image_facts g;
	struct image i = { .id = "x" };
	struct err e = { 0 };

	image_format_record(f, &(struct stat){ .st_size = 1 }, NULL, &sb);
	fill(RECORD, sb.buf, sb.len);
	require(image_read_all("x", &g, &e) == 0);
	require(same(f->digest, g.digest) && same(f->config.user, g.config.user));
	require(same(f->config.workdir, g.config.workdir) &&
		same(f->config.stop_signal, g.config.stop_signal));
	require(same_strv(f->config.env, g.config.env) &&
		same_strv(f->config.command, g.config.command));
	require(same_strv(f->config.entrypoint, g.config.entrypoint) &&
		same_strv(f->labels, g.labels));
	image_facts_free(&g);
	require(image_read_record(&i, &e) == 0 && same(i.arch, f->arch));
	free(i.arch);
	strv_free(i.exposed_ports);
}

/* The two files, with a NUL between them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t info = nul ? (size_t)(nul - data) : size;
	struct image_facts f;
	struct err e = { 0 };

	if (!root) {
		make_files();
		atexit(remove_files);
	}
	fill(INFO, data, info);
	fill(CONFIG, data + info + (nul != NULL), size - info - (nul != NULL));
	if (image_read_facts(root, &f, &e)) {
		require(e.exit_code == EXIT_ENGINE && *e.text);
	} else {
		require(f.reference && f.arch && *f.arch && strv_len(f.labels) % 2 == 0);
		check_record(&f);
	}
	image_facts_free(&f);
	return 0;
}
