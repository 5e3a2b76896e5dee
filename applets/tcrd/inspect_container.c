/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `inspect` shows of a container: what is. inspect_config.c shows what was asked. */
#include <string.h>

#include "base/loop.h"
#include "base/mem.h"
#include "base/when.h"
#include "container.h"
#include "image_record.h"
#include "inspect.h"
#include "inspect_container.h"
#include "log.h"
#include "sizes.h"
#include "steps.h"
#include "volume.h"

/* Docker shows what has not happened yet so. */
static const char never[] = "0001-01-01T00:00:00Z";

/* When this machine was booted, by the wall clock. Both clocks are read one after the other: what
 * is told of the same moment must not differ by that. */
static int64_t boot_ms(void)
{
	enum { JITTER_MS = 50 };
	static int64_t boot;
	int64_t now = when_now() - (int64_t)now_ms();

	if (now < boot - JITTER_MS || now > boot + JITTER_MS)
		boot = now;
	return boot;
}

static void add_time(struct json *j, const char *key, uint64_t since_boot)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	if (since_boot)
		when_format(&sb, boot_ms() + (int64_t)since_boot);
	json_string(j, key, since_boot ? sb_str(&sb) : never);
}

static void add_state(struct json *j, const struct container *c)
{
	enum state state = container_shown_state(c);
	bool up = state_is_up(state), waits = state == ST_WAITING;

	json_object(j, "State");
	json_string(j, "Status", state_name(state));
	json_bool(j, "Running", up || waits);
	json_bool(j, "Paused", state == ST_PAUSED);
	json_bool(j, "Restarting", waits);
	json_bool(j, "OOMKilled", c->oom_killed);
	json_bool(j, "Dead", false);
	json_int(j, "Pid", up ? c->init.pid : 0);
	json_int(j, "ExitCode", up ? 0 : c->exit_code);
	json_string(j, "Error", c->failure ? c->failure->text : "");
	add_time(j, "StartedAt", c->started_ms);
	add_time(j, "FinishedAt", c->finished_ms);
	json_end(j);
}

static void add_file(struct json *j, const struct container *c, const char *key, const char *name)
{
	cleanup_free char *path = run_path(c->id, name);

	json_string(j, key, path);
}

/* NAME: of a volume, or NULL. SOURCE: "" for a tmpfs. */
static void add_mount(
	struct json *j, const char *name, const char *source, const char *target, const char *mode)
{
	json_object(j, NULL);
	json_string(j, "Type", name ? "volume" : *source ? "bind" : "tmpfs");
	if (name)
		json_string(j, "Name", name);
	json_string(j, "Source", source);
	json_string(j, "Destination", target);
	if (name)
		json_string(j, "Driver", "local");
	json_string(j, "Mode", mode);
	json_bool(j, "RW", strncmp(mode, "ro", 2) != 0);
	json_string(j, "Propagation", !name && *source ? "rprivate" : "");
	json_end(j);
}

/* VOLUME: SRC:DST:MODE, as in struct spec. */
static void add_volume(struct json *j, const char *volume)
{
	bool named = volume_is_named(volume);
	cleanup_free char *from = ENABLE_FEATURE_VOLUME ? volume_resolve(volume) : xstrdup(volume);
	char *to = strchr(from, ':'), *mode = strchr(to + 1, ':');
	cleanup_free char *name = named ? xstrndup(volume, strcspn(volume, ":")) : NULL;

	*to = *mode = '\0';
	add_mount(j, name, from, to + 1, mode + 1);
}

static void add_mounts(struct json *j, const struct spec *s)
{
	json_array(j, "Mounts");
	for (char *const *v = s->volumes; v && *v; v++)
		add_volume(j, *v);
	for (char *const *v = s->tmpfs; v && *v; v++) {
		cleanup_free char *to = xstrndup(*v, strcspn(*v, ":"));

		add_mount(j, NULL, "", to, "");
	}
	json_end(j);
}

static void add_sizes(struct json *j, const struct container *c)
{
	unsigned long long rw, virtual;

	container_sizes(c, &rw, &virtual);
	json_uint(j, "SizeRw", rw);
	json_uint(j, "SizeRootFs", virtual);
}

int inspect_container(
	struct json *j, const char *ref, const struct inspect_options *o, struct err *e)
{
	const struct container *c = container_find(ref, e);
	cleanup_free char *created = c ? format_rfc3339(atoll(c->spec.created)) : NULL,
			  *name = c ? xasprintf("/%s", c->spec.name) : NULL,
			  *image = c ? xasprintf("sha256:%s", c->spec.image_id) : NULL,
			  *log = c && ENABLE_FEATURE_LOGS ? log_path(c) : NULL;
	struct image_facts f;

	if (!c)
		return 1;
	/* An image that is damaged does not hide what is known of the container. */
	image_read_all(c->spec.image_id, &f, e);
	json_object(j, NULL);
	json_string(j, "Id", c->id);
	json_string(j, "Created", created);
	inspect_process(j, c, &f);
	add_state(j, c);
	json_string(j, "Image", image);
	add_file(j, c, "ResolvConfPath", "resolv.conf");
	add_file(j, c, "HostnamePath", "hostname");
	add_file(j, c, "HostsPath", "hosts");
	json_string(j, "LogPath", log);
	json_string(j, "Name", name);
	json_int(j, "RestartCount", c->restart.count);
	json_string(j, "Driver", "overlay2");
	json_string(j, "Platform", "linux");
	if (o->size)
		add_sizes(j, c);
	inspect_host_config(j, c);
	add_mounts(j, &c->spec);
	inspect_config(j, c, &f);
	inspect_networks(j, c);
	json_end(j);
	image_facts_free(&f);
	return 0;
}
