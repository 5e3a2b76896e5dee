/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `inspect` shows of a container: what was asked of it. */
#include <string.h>

#include "attach.h"
#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "etc.h"
#include "image_record.h"
#include "inspect.h"
#include "inspect_container.h"
#include "labels.h"
#include "network.h"
#include "spec.h"

/* Docker's null for what nobody has given. */
static void add_strv(struct json *j, const char *key, char *const *v)
{
	if (v)
		json_strv(j, key, v);
	else
		json_null(j, key);
}

static void append_all(char ***v, char *const *more)
{
	for (; more && *more; more++)
		strv_append(v, *more);
}

/* What the image has counts where the container has nothing; a new entrypoint drops the image's
 * command. */
static char *const *command_of(const struct spec *s, const struct image_facts *f)
{
	return s->command || s->entrypoint ? s->command : f->config.command;
}

static char **entrypoint_of(const struct spec *s, const struct image_facts *f)
{
	char **v = NULL;

	if (!s->entrypoint)
		append_all(&v, f->config.entrypoint);
	else if (*s->entrypoint)
		strv_append(&v, s->entrypoint);
	return v;
}

void inspect_process(struct json *j, const struct container *c, const struct image_facts *f)
{
	cleanup_strv char **args = entrypoint_of(&c->spec, f);

	append_all(&args, command_of(&c->spec, f));
	json_string(j, "Path", args ? args[0] : "");
	json_strv(j, "Args", args ? args + 1 : NULL);
}

static char **env_of(const struct spec *s, const struct image_facts *f)
{
	char **v = NULL;

	append_all(&v, s->env);
	for (char **image = f->config.env; image && *image; image++) {
		size_t len = strcspn(*image, "=") + 1;
		char *const *own = s->env;

		while (own && *own && strncmp(*own, *image, len))
			own++;
		if (!own || !*own)
			strv_append(&v, *image);
	}
	return v;
}

static void add_exposed(struct json *j, char *const *ports)
{
	json_object(j, "ExposedPorts");
	for (; ports && *ports; ports++) {
		json_object(j, *ports);
		json_end(j);
	}
	json_end(j);
}

static const char *first_of(const char *own, const char *image)
{
	return own ? own : image ? image : "";
}

void inspect_config(struct json *j, const struct container *c, const struct image_facts *f)
{
	const struct spec *s = &c->spec;
	cleanup_strv char **env = env_of(s, f), **entrypoint = entrypoint_of(s, f),
			  **labels = labels_merge(c, f);
	char hostname[ETC_HOSTNAME_SIZE];

	etc_hostname(c, hostname);
	json_object(j, "Config");
	json_string(j, "Hostname", hostname);
	json_string(j, "User", first_of(s->user, f->config.user));
	if (ENABLE_FEATURE_NETWORK)
		inspect_ports(j, "ExposedPorts", c, PORTS_EXPOSED);
	else
		add_exposed(j, f->exposed_ports);
	json_bool(j, "Tty", s->tty);
	json_bool(j, "OpenStdin", s->interactive);
	json_strv(j, "Env", env);
	add_strv(j, "Cmd", command_of(s, f));
	json_string(j, "Image", s->image);
	json_string(j, "WorkingDir", first_of(s->workdir, f->config.workdir));
	add_strv(j, "Entrypoint", entrypoint);
	inspect_labels(j, "Labels", labels);
	json_string(j, "StopSignal", first_of(s->stop_signal, f->config.stop_signal));
	if (s->stop_timeout)
		json_int(j, "StopTimeout", spec_stop_timeout_ms(s) / 1000);
	json_end(j);
}

static void add_log(struct json *j, const struct spec *s)
{
	json_object(j, "LogConfig");
	json_string(j, "Type", s->log_driver ? s->log_driver : "file");
	inspect_labels(j, "Config", s->log_opts);
	json_end(j);
}

static void add_restart(struct json *j, const char *policy)
{
	const char *count = policy ? strchr(policy, ':') : NULL;
	cleanup_free char *name = policy ? xstrndup(policy, strcspn(policy, ":")) : NULL;

	json_object(j, "RestartPolicy");
	json_string(j, "Name", name ? name : "no");
	json_int(j, "MaximumRetryCount", count ? atoi(count + 1) : 0);
	json_end(j);
}

static void add_tmpfs(struct json *j, char *const *v)
{
	json_object(j, "Tmpfs");
	for (; v && *v; v++) {
		cleanup_free char *dir = xstrndup(*v, strcspn(*v, ":"));
		const char *options = *v + strlen(dir);

		json_string(j, dir, options + (*options == ':'));
	}
	json_end(j);
}

static const char *network_mode(const struct spec *s)
{
	if (spec_network_mode(s) == NETWORK_NONE)
		return "none";
	return s->networks ? s->networks[0] : DEFAULT_NETWORK;
}

void inspect_host_config(struct json *j, const struct container *c)
{
	const struct spec *s = &c->spec;

	json_object(j, "HostConfig");
	add_strv(j, "Binds", s->volumes);
	add_log(j, s);
	json_string(j, "NetworkMode", network_mode(s));
	if (ENABLE_FEATURE_NETWORK)
		inspect_ports(j, "PortBindings", c, PORTS_WANTED);
	add_restart(j, s->restart);
	json_bool(j, "AutoRemove", s->rm);
	json_strv(j, "Dns", s->dns);
	json_strv(j, "DnsSearch", s->dns_search);
	add_strv(j, "ExtraHosts", s->add_hosts);
	json_bool(j, "PublishAllPorts", s->publish_all);
	json_bool(j, "ReadonlyRootfs", s->read_only);
	add_tmpfs(j, s->tmpfs);
	json_bool(j, "Init", s->init);
	json_end(j);
}

struct endpoints {
	struct json *j;
	const struct container *c;
};

static int add_endpoint(void *arg, const char *name, const struct attach_wish *w, struct err *e)
{
	const struct endpoints *all = arg;
	const struct endpoint *ep = attach_endpoint(all->c, name);
	const struct net *n = network_by_name(name);
	char addr[ADDR_SIZE], mac[MAC_SIZE];
	struct json *j = all->j;

	(void)e;
	json_object(j, name);
	add_strv(j, "Aliases", w->aliases);
	json_string(j, "MacAddress", ep ? mac_format(ep->mac, mac) : "");
	json_string(j, "NetworkID", n ? n->config->id : "");
	json_string(j, "Gateway", ep && n ? addr_format(n->config->gateway, addr) : "");
	json_string(j, "IPAddress", ep ? addr_format(ep->addr, addr) : "");
	json_int(j, "IPPrefixLen", ep && n ? n->config->subnet.prefix : 0);
	json_end(j);
	return 0;
}

void inspect_networks(struct json *j, const struct container *c)
{
	const struct endpoint *ep = ENABLE_FEATURE_NETWORK ? attach_main_endpoint(c) : NULL;
	const struct net *n = ep ? network_by_name(ep->network) : NULL;
	char addr[ADDR_SIZE], mac[MAC_SIZE];

	json_object(j, "NetworkSettings");
	if (ENABLE_FEATURE_NETWORK)
		inspect_ports(j, "Ports", c, PORTS_LIVE);
	json_string(j, "Gateway", n ? addr_format(n->config->gateway, addr) : "");
	json_string(j, "IPAddress", ep ? addr_format(ep->addr, addr) : "");
	json_int(j, "IPPrefixLen", n ? n->config->subnet.prefix : 0);
	json_string(j, "MacAddress", ep ? mac_format(ep->mac, mac) : "");
	json_object(j, "Networks");
	if (ENABLE_FEATURE_NETWORK)
		attach_each_current(c, add_endpoint, &(struct endpoints){ j, c });
	json_end(j);
	json_end(j);
}
