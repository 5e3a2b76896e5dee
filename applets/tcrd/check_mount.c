/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of option values: paths and mounts. */
//kbuild:obj-y += check_mount.o
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "rpc.h"
#include "volume.h"

/* Removes double slashes, "." and a slash at the end; ".." is refused: it would mean different
 * things before and after symlinks. */
static char *clean_path(const char *option, const char *path, struct err *e)
{
	char *out = xcalloc(1, strlen(path) + 2), *o = out;

	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/");

		if (len == 2 && p[0] == '.' && p[1] == '.') {
			err_set(e, 0, "%s \"%.600s\": \"..\" is not allowed here", option, path);
			free(out);
			return NULL;
		}
		if (len && !(len == 1 && *p == '.')) {
			*o++ = '/';
			o = mempcpy(o, p, len);
		}
		p += len + (p[len] == '/');
	}
	if (o == out)
		*o = '/';
	return out;
}

/* A place inside the container. */
static char *clean_target(const char *option, const char *path, bool root_allowed, struct err *e)
{
	char *clean;

	if (*path != '/' || strlen(path) >= PATH_MAX) {
		err_set(e, 0, "%s \"%.600s\": the path in the container must be absolute", option,
			path);
		return NULL;
	}
	clean = clean_path(option, path, e);
	if (clean && !root_allowed && !clean[1]) {
		err_set(e, 0, "%s \"%.600s\": \"/\" is the image's", option, path);
		free(steal_ptr(&clean));
	}
	return clean;
}

char *check_workdir(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	return clean_target("--workdir", value, true, e);
}

/* The absolute path of a directory or file of the host that exists. It is only looked at, never
 * opened: it may be a FIFO. */
static char *resolve_source(const char *src, struct client *cl, struct err *e)
{
	cleanup_close int fd = -1;
	char link[64], path[PATH_MAX];
	ssize_t n;

	fd = openat(cl ? client_cwd(cl) : AT_FDCWD, src, O_PATH | O_CLOEXEC);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = fd < 0 ? -1 : readlink(link, path, sizeof(path) - 1);
	if (n < 0) {
		err_set(e, 0, "--volume \"%.600s\": %s%s", src, strerror(errno),
			errno == ENOENT ? "; make it first" : "");
		return NULL;
	}
	path[n] = '\0';
	if (strchr(path, ':')) {
		err_set(e, 0, "--volume \"%.600s\": a path with ':' cannot be given", path);
		return NULL;
	}
	return xstrdup(path);
}

/* The absolute path of a file that may still be to come. */
char *check_file(const char *value, void *ctx, struct err *e)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (ctx && (!strncmp(value, "/dev/fd/", 8) || !strncmp(value, "/dev/std", 8) ||
			   !strncmp(value, "/proc/self/", 11))) {
		err_set(e, 0,
			"file \"%.600s\": it is tcrd that opens it, where this is another one; name a regular file",
			value);
		return NULL;
	}
	if (*value == '/' || !ctx)
		return xstrdup(value);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", client_cwd(ctx));
	n = readlink(link, path, sizeof(path) - 1);
	if (*value && n > 0)
		return xasprintf("%.*s/%s", (int)n, path, value);
	err_set(e, *value ? errno : ENOENT, "file \"%.600s\"", value);
	return NULL;
}

char *check_volume_name(const char *value, const char *option, struct err *e)
{
	if (ENABLE_FEATURE_VOLUME && is_word(value, "_.-", VOLUME_NAME_MAX))
		return xstrdup(value);
	err_set(e, 0, "%s \"%.600s\": %s%s", option, value,
		ENABLE_FEATURE_VOLUME
			? "the name of a volume is [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 128 characters"
			: "this tcrd is built without volumes; give a path that begins with '/' or './'",
		ENABLE_FEATURE_VOLUME && *option == '-' ? "; a path begins with '/' or './'" : "");
	return NULL;
}

/* Reads "ro", "rw" and, for a volume with a name, "nocopy", separated by commas. Docker's labels
 * of SELinux are for nobody here. Returns what it does not know, or NULL. */
static const char *read_modes(char *modes, bool named, bool *ro, bool *nocopy)
{
	char *save = NULL;
	bool rw = false;

	for (char *m = strtok_r(modes, ",", &save); m; m = strtok_r(NULL, ",", &save)) {
		if (!strcmp(m, "ro"))
			*ro = true;
		else if (!strcmp(m, "rw"))
			rw = true;
		else if (named && !strcmp(m, "nocopy"))
			*nocopy = true;
		else if (strcmp(m, "z") && strcmp(m, "Z"))
			return m;
	}
	return *ro && rw ? "ro,rw" : *modes ? NULL : modes;
}

/* SRC:DST[:MODES]. A stored volume is not looked up again: its source may come later, with a disk.
 */
char *check_volume(const char *value, void *ctx, struct err *e)
{
	cleanup_free char *copy = xstrdup(value), *source = NULL, *target = NULL;
	char *dst = strchr(copy, ':'), *modes = dst ? strchr(dst + 1, ':') : NULL;
	bool named = *copy != '/' && *copy != '.', ro = false, nocopy = false;
	const char *unknown;

	if (!dst) {
		err_set(e, 0, "--volume \"%.600s\" is not valid: SOURCE:TARGET[:ro]%s", value,
			*copy == '/' ? "; a volume without a name is not supported" : "");
		return NULL;
	}
	*dst++ = '\0';
	if (modes)
		*modes++ = '\0';
	unknown = modes ? read_modes(modes, named, &ro, &nocopy) : NULL;
	if (unknown) {
		err_set(e, 0,
			"--volume \"%.600s\": unknown mode \"%.20s\"; there are ro or rw, z or Z%s",
			value, unknown, named ? ", and nocopy" : "");
		return NULL;
	}
	target = clean_target("--volume", dst, false, e);
	if (!target)
		return NULL;
	source = named ? check_volume_name(copy, "--volume", e)
		: ctx  ? resolve_source(copy, ctx, e)
		       : xstrdup(copy);
	if (!source)
		return NULL;
	return xasprintf("%s:%s:%s%s", source, target, ro ? "ro" : "rw", nocopy ? ",nocopy" : "");
}

/* BYTES with an optional k, m or g; 0 if it is not valid. */
static unsigned long long parse_size(const char *s)
{
	static const char units[] = "bkmg";
	char *end;
	const char *unit;
	unsigned long long n;

	errno = 0;
	n = *s >= '0' && *s <= '9' ? strtoull(s, &end, 10) : 0;
	if (!n || errno)
		return 0;
	if (!*end)
		return n;
	unit = strchr(units, *end | 0x20);
	if (!unit || end[1] || n > (~0ULL >> 30) >> 1)
		return 0;
	return n << (10 * (unit - units));
}

/* mode=, uid=, gid= and nr_inodes=, as tmpfs(5) has them. */
static bool is_tmpfs_number(const char *option)
{
	static const struct {
		const char *name;
		int base;
		unsigned long max;
	} numbers[] = { { "mode=", 8, 07777 }, { "uid=", 10, 0x7fffffff },
		{ "gid=", 10, 0x7fffffff }, { "nr_inodes=", 10, 0x7fffffff } };
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		size_t len = strlen(numbers[i].name);

		if (!strncmp(option, numbers[i].name, len) && option[len] >= '0' &&
			option[len] <= '9')
			return strtoul(option + len, &end, numbers[i].base) <= numbers[i].max &&
				!*end;
	}
	return false;
}

static bool add_tmpfs_option(const char *option, char separator, struct strbuf *out)
{
	static const char *const flags[] = { "rw", "ro", "exec", "noexec", "suid", "nosuid", "dev",
		"nodev" };
	unsigned long long size = parse_size(strncmp(option, "size=", 5) ? option : option + 5);

	if (size)
		sb_addf(out, "%csize=%llu", separator, size);
	else if (is_tmpfs_number(option))
		sb_addf(out, "%c%s", separator, option);
	else {
		for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
			if (!strcmp(option, flags[i])) {
				sb_addf(out, "%c%s", separator, option);
				return true;
			}
		return false;
	}
	return true;
}

/* DST[:SIZE][,OPTION...]; docker's size=64m and a bare 64m mean the same. */
char *check_tmpfs(const char *value, void *ctx, struct err *e)
{
	cleanup_free char *copy = xstrdup(value), *target = NULL;
	cleanup_sb struct strbuf out = STRBUF_INIT;
	char *options = strchr(copy, ':'), *save = NULL;

	(void)ctx;
	if (options)
		*options++ = '\0';
	target = clean_target("--tmpfs", copy, false, e);
	if (!target)
		return NULL;
	sb_adds(&out, target);
	if (options && !*options) {
		err_set(e, 0, "--tmpfs \"%.600s\": options are missing behind ':'", value);
		return NULL;
	}
	for (char *o = options ? strtok_r(options, ",", &save) : NULL; o;
		o = strtok_r(NULL, ",", &save)) {
		if (!add_tmpfs_option(o, strchr(sb_str(&out), ':') ? ',' : ':', &out)) {
			err_set(e, 0,
				"--tmpfs \"%.600s\": \"%.20s\" is neither a size such as 64m nor an option",
				value, o);
			return NULL;
		}
	}
	return steal_ptr(&out.buf);
}

static int compare_targets(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *target_of(const char *mount, bool volume)
{
	const char *start = volume ? strchr(mount, ':') + 1 : mount;

	return xstrndup(start, strcspn(start, ":"));
}

int check_mount_points(char *const *volumes, char *const *tmpfs, struct err *e)
{
	cleanup_strv char **targets = xcalloc(
		strv_len(volumes) + strv_len(tmpfs) + 1, sizeof(char *));
	size_t n = 0;

	for (; volumes && *volumes; volumes++)
		targets[n++] = target_of(*volumes, true);
	for (; tmpfs && *tmpfs; tmpfs++)
		targets[n++] = target_of(*tmpfs, false);
	qsort(targets, n, sizeof(char *), compare_targets);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(targets[i - 1], targets[i]))
			return err_set(e, 0, "two mounts at %.80s", targets[i]);
	return 0;
}
