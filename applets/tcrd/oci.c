/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.json for crun: OCI runtime specification, config.md and config-linux.md. The process is in
 * oci_process.c. */
//kbuild:obj-y += oci.o
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "attach.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "etc.h"
#include "image.h"
#include "init.h"
#include "json/json.h"
#include "oci_process.h"
#include "runtime.h"
#include "seccomp.h"
#include "steps.h"
#include "tcrd.h"
#include "volume.h"

/* What every container mounts, in this order. Options are separated by commas, as in fstab(5). */
static const struct mount {
	const char *target, *type, *options;
} standard_mounts[] = {
	{ "/proc", "proc", "nosuid,noexec,nodev" },
	{ "/dev", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" },
	{ "/dev/pts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5" },
	{ "/dev/shm", "tmpfs", "nosuid,noexec,nodev,mode=1777,size=65536k" },
	{ "/dev/mqueue", "mqueue", "nosuid,noexec,nodev" },
	{ "/sys", "sysfs", "nosuid,noexec,nodev,ro" },
};

/* Files of the container's directory on tmpfs that it sees in /etc. */
static const struct {
	const char *target, *file;
} etc_mounts[] = {
	{ "/etc/hosts", "hosts" },
	{ "/etc/hostname", "hostname" },
	{ "/etc/resolv.conf", "resolv.conf" },
};

/* What docker hides: kernel memory, keys, timers and firmware tell, or change, too much of the
 * host. */
static const char *const masked_paths[] = { "/proc/asound", "/proc/acpi", "/proc/interrupts",
	"/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	"/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap", NULL };
static const char *const readonly_paths[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
	"/proc/sysrq-trigger", NULL };

static void emit_mount(struct json *j, const char *target, const char *type, const char *source,
	const char *options)
{
	cleanup_free char *copy = xstrdup(options);
	char *save = NULL;

	json_object(j, NULL);
	json_string(j, "destination", target);
	json_string(j, "type", type);
	json_string(j, "source", source);
	json_array(j, "options");
	for (char *o = strtok_r(copy, ",", &save); o; o = strtok_r(NULL, ",", &save))
		json_string(j, NULL, o);
	json_end(j);
	json_end(j);
}

/* A mount that the user asked for, or one that may lie on such a one. */
struct user_mount {
	char *target, *source; /* source NULL: tmpfs */
	const char *options;
};

static int compare_depth(const void *a, const void *b)
{
	const char *x = ((const struct user_mount *)a)->target,
		   *y = ((const struct user_mount *)b)->target;
	int depth = 0;

	for (; *x; x++)
		depth += *x == '/';
	for (; *y; y++)
		depth -= *y == '/';
	return depth;
}

/* Read-only means all of it, but crun knows that of directories only. */
static const char *volume_options(const char *source, const char *mode)
{
	static const char *const options[2][3] = {
		{ "rbind,rprivate", "rbind,rprivate,ro", "rbind,rprivate,rro" },
		{ "rbind,rprivate,nodev", "rbind,rprivate,nodev,ro", "rbind,rprivate,nodev,rro" },
	};
	size_t len = strlen(tcrd.root);
	/* What the image has put into a volume of ours is no way to the host's devices. */
	bool ours = !strncmp(source, tcrd.root, len) && !strncmp(source + len, "/volumes/", 9);
	struct stat st;

	if (strncmp(mode, "ro", 2))
		return options[ours][0];
	if (runtime_has_recursive_ro() && stat(source, &st) == 0 && S_ISDIR(st.st_mode))
		return options[ours][2];
	return options[ours][1];
}

/* Cuts the stored forms SRC:DST:MODE and DST[:OPTIONS] in place. */
static size_t cut_mounts(char **volumes, char **tmpfs, struct user_mount *m)
{
	size_t n = 0;

	for (; volumes && *volumes; volumes++, n++) {
		char *target = strchr(*volumes, ':'), *mode = strchr(target + 1, ':');

		*target = *mode = '\0';
		m[n] = (struct user_mount){ target + 1, *volumes,
			volume_options(*volumes, mode + 1) };
	}
	for (; tmpfs && *tmpfs; tmpfs++, n++) {
		char *options = strchr(*tmpfs, ':');

		if (options)
			*options++ = '\0';
		m[n] = (struct user_mount){ *tmpfs, NULL, options ? options : "" };
	}
	return n;
}

static char **strv_copy(char *const *v)
{
	char **copy = NULL;

	for (; v && *v; v++)
		strv_append(&copy, *v);
	return copy;
}

/* A volume with a name is a directory like others. */
static char **resolve_volumes(char *const *v)
{
	char **copy = NULL;

	for (; v && *v; v++) {
		cleanup_free char *resolved = ENABLE_FEATURE_VOLUME ? volume_resolve(*v)
								    : xstrdup(*v);

		strv_append(&copy, resolved);
	}
	return copy;
}

static bool is_target(const struct user_mount *m, size_t n, const char *target)
{
	while (n--)
		if (!strcmp(m[n].target, target))
			return true;
	return false;
}

static bool has_option(const char *list, const char *option)
{
	size_t len = strlen(option);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (!strncmp(list, option, len) && strchr(",", list[len]))
			return true;
	return false;
}

/* What a tmpfs is unless the user says the contrary; docker's defaults. */
static void emit_tmpfs(struct json *j, const struct user_mount *m)
{
	cleanup_free char *options = xasprintf("%s%s%smode=1777,%s",
		has_option(m->options, "exec") ? "" : "noexec,",
		has_option(m->options, "suid") ? "" : "nosuid,",
		has_option(m->options, "dev") ? "" : "nodev,", m->options);

	emit_mount(j, m->target, "tmpfs", "tmpfs", options);
}

/* crun cannot make the file in what is read-only. */
static bool has_no_place(const struct user_mount *m, size_t n, const char *file)
{
	for (; n--; m++) {
		cleanup_free char *path = m->source ? xasprintf("%s/%s", m->source, file) : NULL;

		if (path && !strcmp(m->target, "/etc") &&
			(has_option(m->options, "ro") || has_option(m->options, "rro")))
			return !file_exists(AT_FDCWD, path);
	}
	return false;
}

/* Adds the files of /etc to the N of M, which has room for them; ETC owns the names. Returns how
 * many there are then. */
static size_t add_etc(struct user_mount *m, size_t n, const struct container *c, char ***etc)
{
	size_t all = n;

	for (size_t i = 0; i < ARRAY_SIZE(etc_mounts); i++) {
		cleanup_free char *source = run_path(c->id, etc_mounts[i].file);
		const char *options = c->spec.read_only ? "bind,rprivate,ro" : "bind,rprivate";

		if (is_target(m, n, etc_mounts[i].target) ||
			has_no_place(m, n, etc_mounts[i].file))
			continue;
		strv_append(etc, source);
		m[all++] = (struct user_mount){ (char *)etc_mounts[i].target, NULL, options };
	}
	for (size_t i = n; i < all; i++)
		m[i].source = (*etc)[i - n];
	return all;
}

static void emit_user_mounts(struct json *j, const struct user_mount *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (m[i].source)
			emit_mount(j, m[i].target, "bind", m[i].source, m[i].options);
		else
			emit_tmpfs(j, &m[i]);
	}
}

/* It is executable even where the run directory is not. */
static void emit_init(struct json *j)
{
	cleanup_free char *source = init_source();

	emit_mount(j, INIT_TARGET, "bind", source, "bind,rprivate,ro,nosuid,nodev,exec");
}

static void emit_mounts(struct json *j, const struct container *c)
{
	cleanup_strv char **volumes = resolve_volumes(c->spec.volumes),
			  **tmpfs = strv_copy(c->spec.tmpfs), **etc = NULL;
	cleanup_free struct user_mount *m = xcalloc(
		strv_len(volumes) + strv_len(tmpfs) + ARRAY_SIZE(etc_mounts), sizeof(*m));
	size_t n = add_etc(m, cut_mounts(volumes, tmpfs, m), c, &etc);

	/* What lies deeper is mounted later: else it would be hidden. */
	qsort(m, n, sizeof(*m), compare_depth);
	json_array(j, "mounts");
	for (size_t i = 0; i < ARRAY_SIZE(standard_mounts); i++) {
		const struct mount *s = &standard_mounts[i];

		if (!is_target(m, n, s->target))
			emit_mount(j, s->target, s->type, s->type, s->options);
	}
	if (cgroup_mode() == CGROUP_V2)
		emit_mount(
			j, "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro");
	if (ENABLE_FEATURE_INIT && c->spec.init)
		emit_init(j);
	emit_user_mounts(j, m, n);
	json_end(j);
}

static void emit_namespaces(struct json *j, const struct container *c)
{
	static const char *const types[] = { "pid", "ipc", "uts", "mount", "cgroup", "network" };
	enum network_mode mode = spec_network_mode(&c->spec);
	cleanup_free char *netns = ENABLE_FEATURE_NETWORK ? netns_path(c->id) : NULL;

	json_array(j, "namespaces");
	for (size_t i = 0; i < ARRAY_SIZE(types) - (mode == NETWORK_HOST); i++) {
		if (!strcmp(types[i], "cgroup") && cgroup_mode() != CGROUP_V2)
			continue;
		json_object(j, NULL);
		json_string(j, "type", types[i]);
		/* The last one. Where nothing is mounted, crun makes a new one. */
		if (ENABLE_FEATURE_NETWORK && i == ARRAY_SIZE(types) - 1 && mode != NETWORK_NONE)
			json_string(j, "path", netns);
		json_end(j);
	}
	json_end(j);
}

/* As docker has it: without new privileges nothing is risked in a network namespace of one's own,
 * and an unprivileged server may have port 80, and ping works. */
static void emit_sysctls(struct json *j, const struct container *c)
{
	enum network_mode mode = spec_network_mode(&c->spec);

	if (!ENABLE_FEATURE_NETWORK || mode == NETWORK_HOST || mode == NETWORK_CONTAINER)
		return;
	json_object(j, "sysctl");
	json_string(j, "net.ipv4.ip_unprivileged_port_start", "0");
	json_string(j, "net.ipv4.ping_group_range", "0 2147483647");
	json_end(j);
}

/* No device but those that the specification demands (config-linux.md, "Default Devices"): crun
 * adds them to the list. */
static void emit_devices(struct json *j)
{
	json_object(j, "resources");
	json_array(j, "devices");
	json_object(j, NULL);
	json_bool(j, "allow", false);
	json_string(j, "access", "rwm");
	json_end(j);
	json_end(j);
	json_end(j);
}

static void emit_linux(struct json *j, const struct container *c)
{
	cleanup_free char *cgroup = xasprintf("/%s/%s", cgroup_parent(), c->id);

	json_object(j, "linux");
	json_string(j, "cgroupsPath", cgroup);
	if (cgroup_mode() != CGROUP_NONE)
		emit_devices(j);
	emit_namespaces(j, c);
	emit_sysctls(j, c);
	json_strv(j, "maskedPaths", (char *const *)masked_paths);
	json_strv(j, "readonlyPaths", (char *const *)readonly_paths);
	if (ENABLE_FEATURE_SECCOMP_JSON && !seccomp_is_native(c->image->arch))
		seccomp_json(j, c->image->arch);
	json_end(j);
}

static void emit_config(struct json *j, const struct container *c, const struct process *p)
{
	cleanup_free char *rootfs = run_path(c->id, "rootfs");
	char hostname[ETC_HOSTNAME_SIZE];

	etc_hostname(c, hostname);
	json_object(j, NULL);
	json_string(j, "ociVersion", "1.0.2");
	oci_emit_process(j, "process", p);
	json_object(j, "root");
	json_string(j, "path", rootfs);
	json_bool(j, "readonly", c->spec.read_only);
	json_end(j);
	json_string(j, "hostname", hostname);
	emit_mounts(j, c);
	emit_linux(j, c);
	json_object(j, "annotations");
	/* Without the JSON form a foreign program is killed by the native filter: better than to
	 * run without one. */
	if (ENABLE_FEATURE_SECCOMP &&
		(!ENABLE_FEATURE_SECCOMP_JSON || seccomp_is_native(c->image->arch)))
		seccomp_emit_annotation(j);
	json_end(j);
	json_end(j);
}

int oci_up(struct container *c, struct err *e)
{
	cleanup_free char *path = run_path(c->id, "config.json");
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct process p;
	struct json j;
	int rc = oci_resolve_process(c, &p, e);

	if (ENABLE_FEATURE_INIT && rc == 0 && c->spec.init)
		rc = init_up(e);
	if (rc == 0) {
		json_init(&j, &sb);
		emit_config(&j, c, &p);
		rc = json_finish(&j)
			? err_set(e, 0, "config.json cannot be encoded")
			: file_write(AT_FDCWD, path, sb.buf, sb.len, 0600, FILE_VOLATILE, e);
	}
	oci_free_process(&p);
	return rc;
}
