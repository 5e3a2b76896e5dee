/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an image says of itself. An image is data: only the fields below are taken, and hooks,
 * mounts, devices or capabilities in its config.json mean nothing here. */
//kbuild:obj-y += image_facts.o
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "image_record.h"
#include "json/reader.h"

/* STRINGS_MAX is more than any image has; what works on them takes time that grows with the square.
 */
enum { STRINGS_MAX = 1024, FILE_MAX_SIZE = 1024 * 1024, INFO_VERSION = 1 };

static void take_string(struct jr *r, char **field)
{
	if (jr_next(r) != JR_STRING)
		return;
	free(*field);
	*field = jr_strdup(r);
}

static void take_strv(struct jr *r, char ***field)
{
	strv_free(*field);
	*field = jr_strv(r);
}

static int read_json(int rootfd, const char *name, struct strbuf *sb, struct jr *r, struct err *e)
{
	cleanup_close int fd = file_open_in_root(rootfd, name, e);

	if (fd < 0 || fd_read_all(fd, FILE_MAX_SIZE, sb) < 0)
		return err_set(
			e, 0, "has no readable %s: not an image of tcr-create-image.sh", name);
	jr_init(r, sb_str(sb), sb->len);
	return 0;
}

static int end_json(struct jr *r, const char *name, struct err *e)
{
	if (jr_next(r) != JR_END)
		return err_set(e, 0,
			"%s is not valid JSON, or has a value of the wrong type, near byte %zu",
			name, jr_offset(r));
	return 0;
}

static int read_info(int rootfd, struct image_facts *f, struct err *e)
{
	static const char name[] = "image-info.json";
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	int64_t version = 0;
	struct jr r;

	if (read_json(rootfd, name, &sb, &r, e))
		return -1;
	jr_for_each_key (&r) {
		if (jr_key_is(&r, "version")) {
			jr_next(&r);
			jr_int64(&r, &version);
		} else if (jr_key_is(&r, "reference"))
			take_string(&r, &f->reference);
		else if (jr_key_is(&r, "digest"))
			take_string(&r, &f->digest);
		else if (jr_key_is(&r, "architecture"))
			take_string(&r, &f->arch);
		else if (jr_key_is(&r, "created"))
			take_string(&r, &f->created);
		else if (jr_key_is(&r, "user"))
			take_string(&r, &f->config.user);
		else if (jr_key_is(&r, "env"))
			take_strv(&r, &f->config.env);
		else if (jr_key_is(&r, "entrypoint"))
			take_strv(&r, &f->config.entrypoint);
		else if (jr_key_is(&r, "cmd"))
			take_strv(&r, &f->config.command);
	}
	if (end_json(&r, name, e))
		return -1;
	if (version != INFO_VERSION)
		return err_set(e, 0,
			"has format version %lld; this tcrd knows version %d: use its own tcr-create-image.sh",
			(long long)version, INFO_VERSION);
	return 0;
}

static void split_ports(struct image_facts *f, char *list)
{
	char *save = NULL;

	for (char *p = list ? strtok_r(list, ",", &save) : NULL;
		p && strv_len(f->exposed_ports) <= STRINGS_MAX; p = strtok_r(NULL, ",", &save))
		strv_append(&f->exposed_ports, p);
}

/* umoci keeps there what the runtime specification has no field for, beside the labels. */
static void read_annotations(struct jr *r, struct image_facts *f)
{
	static const char prefix[] = "org.opencontainers.image.";
	static const char *const not_labels[] = { "author", "created", "os", "architecture" };

	jr_for_each_key (r) {
		cleanup_free char *key = jr_strdup(r), *value = NULL;
		const char *known = key && !strncmp(key, prefix, sizeof(prefix) - 1)
			? key + sizeof(prefix) - 1
			: "";
		bool is_label = key != NULL && strv_len(f->labels) < STRINGS_MAX;

		take_string(r, &value);
		for (size_t i = 0; i < ARRAY_SIZE(not_labels); i++)
			is_label = is_label && strcmp(known, not_labels[i]);
		if (!strcmp(known, "stopSignal")) {
			free(f->config.stop_signal);
			f->config.stop_signal = steal_ptr(&value);
		}
		if (!strcmp(known, "exposedPorts"))
			split_ports(f, value);
		if (is_label && value && strcmp(known, "stopSignal") &&
			strcmp(known, "exposedPorts")) {
			strv_append(&f->labels, key);
			strv_append(&f->labels, value);
		}
	}
}

static void read_user(struct jr *r, struct image_facts *f)
{
	int64_t uid = 0, gid = 0;

	jr_for_each_key (r) {
		int64_t *field = jr_key_is(r, "uid") ? &uid : jr_key_is(r, "gid") ? &gid : NULL;

		if (field) {
			jr_next(r);
			jr_int64(r, field);
		}
	}
	if ((f->config.user && *f->config.user) || (!uid && !gid))
		return;
	free(f->config.user);
	f->config.user = xasprintf("%lld:%lld", (long long)uid, (long long)gid);
}

/* What image-info.json has said already is better: umoci merges entrypoint and command, and adds
 * HOME and TERM for root to the environment. */
static void read_process(struct jr *r, struct image_facts *f, char ***args)
{
	jr_for_each_key (r) {
		if (jr_key_is(r, "args"))
			take_strv(r, args);
		else if (!f->config.env && jr_key_is(r, "env"))
			take_strv(r, &f->config.env);
		else if (jr_key_is(r, "cwd"))
			take_string(r, &f->config.workdir);
		else if (jr_key_is(r, "user"))
			read_user(r, f);
	}
}

static int read_runtime_config(int rootfd, struct image_facts *f, struct err *e)
{
	static const char name[] = "bundle/config.json";
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	cleanup_strv char **args = NULL;
	struct jr r;

	if (read_json(rootfd, name, &sb, &r, e))
		return -1;
	jr_for_each_key (&r) {
		if (jr_key_is(&r, "process"))
			read_process(&r, f, &args);
		else if (jr_key_is(&r, "annotations"))
			read_annotations(&r, f);
	}
	/* The maker did not tell entrypoint and command apart. */
	if (!f->config.entrypoint && !f->config.command)
		f->config.command = steal_ptr(&args);
	return end_json(&r, name, e);
}

static int check_counts(const struct image_facts *f, struct err *e)
{
	char *const *const lists[] = { f->config.env, f->config.entrypoint, f->config.command,
		f->labels, f->exposed_ports };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (strv_len(lists[i]) > STRINGS_MAX)
			return err_set(e, 0,
				"has more than %d variables, arguments, labels or ports",
				STRINGS_MAX);
	return 0;
}

static int check_facts(struct image_facts *f, struct err *e)
{
	char *full = f->reference ? reference_normalise(f->reference) : NULL;

	if (!full)
		return err_set(e, 0, "image-info.json: \"%.80s\" is no reference of an image",
			f->reference ? f->reference : "");
	free(f->reference);
	f->reference = full;
	if (!f->arch || !*f->arch)
		return err_set(e, 0, "image-info.json names no architecture");
	return 0;
}

/* The lower layer of the overlay: were it a symlink, it would show the host's files. */
int image_check_rootfs(int rootfd, struct err *e)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS };
	cleanup_close int fd = syscall(SYS_openat2, rootfd, "bundle/rootfs", &how, sizeof(how));

	return fd < 0
		? err_set(e, 0,
			  "has no directory bundle/rootfs: not an image of tcr-create-image.sh")
		: 0;
}

int image_read_facts(int rootfd, struct image_facts *f, struct err *e)
{
	*f = (struct image_facts){ 0 };
	if (image_check_rootfs(rootfd, e) || read_info(rootfd, f, e) ||
		read_runtime_config(rootfd, f, e))
		return -1;
	return check_counts(f, e) || check_facts(f, e) ? -1 : 0;
}

void image_facts_free(struct image_facts *f)
{
	free(f->reference);
	free(f->arch);
	free(f->created);
	free(f->digest);
	image_config_free(&f->config);
	strv_free(f->labels);
	strv_free(f->exposed_ports);
}
