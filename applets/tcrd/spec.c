/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was asked of a container. */
//kbuild:obj-y += spec.o
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "init.h"
#include "rpc.h"
#include "spec.h"

#define FIELD(f) offsetof(struct spec, f)

static const struct opt options[] = {
	IF_FEATURE_NETWORK({ "add-host", 0, OPT_LIST, false, FIELD(add_hosts), check_add_host }, ){
		"cidfile", 0, OPT_STRING, false, FIELD(cidfile), check_file },
	{ "detach", 'd', OPT_BOOL, false, FIELD(detach), NULL },
	IF_FEATURE_ATTACH({ "detach-keys", 0, OPT_STRING, false, FIELD(detach_keys),
				  check_detach_keys }, )
	IF_FEATURE_NETWORK({ "dns", 0, OPT_LIST, false, FIELD(dns), check_dns }, )
		IF_FEATURE_NETWORK({ "dns-search", 0, OPT_LIST, false, FIELD(dns_search),
					   check_dns_search }, ){
			"entrypoint", 0, OPT_STRING, false, FIELD(entrypoint), check_any },
	{ "env", 'e', OPT_LIST, false, FIELD(env), check_env },
	{ "env-file", 0, OPT_LIST, false, FIELD(env_files), check_file },
	{ "hostname", 'h', OPT_STRING, false, FIELD(hostname), check_hostname },
	IF_FEATURE_INIT({ "init", 0, OPT_BOOL, false, FIELD(init), NULL }, ){
		"interactive", 'i', OPT_BOOL, false, FIELD(interactive), NULL },
	IF_FEATURE_NETWORK({ "ip", 0, OPT_STRING, false, FIELD(ip), check_ip }, )
		IF_FEATURE_NETWORK(
			{ "mac-address", 0, OPT_STRING, false, FIELD(mac_address), check_mac }, ){
			"label", 'l', OPT_LIST, false, FIELD(labels), check_label },
	{ "label-file", 0, OPT_LIST, false, FIELD(label_files), check_file },
	IF_FEATURE_LOGS({ "log-dir", 0, OPT_STRING, false, FIELD(log_dir), check_log_dir }, )
		IF_FEATURE_LOGS({ "log-driver", 0, OPT_STRING, false, FIELD(log_driver),
					check_log_driver }, )
			IF_FEATURE_LOGS({ "log-opt", 0, OPT_LIST, false, FIELD(log_opts),
						check_log_opt }, )
	{
			"name", 0, OPT_STRING, false, FIELD(name), check_name },
	{ "network", 0, OPT_LIST, false, FIELD(networks), check_network },
	{ "net", 0, OPT_LIST, false, FIELD(networks), check_network },
	IF_FEATURE_NETWORK(
		{ "network-alias", 0, OPT_LIST, false, FIELD(network_aliases), check_alias }, ){
		"no-network", 0, OPT_BOOL, false, FIELD(no_network), NULL },
	IF_FEATURE_NETWORK({ "publish", 'p', OPT_LIST, false, FIELD(publish), check_publish }, )
		IF_FEATURE_NETWORK(
			{ "publish-all", 'P', OPT_BOOL, false, FIELD(publish_all), NULL }, ){
			"read-only", 0, OPT_BOOL, false, FIELD(read_only), NULL },
	{ "restart", 0, OPT_STRING, false, FIELD(restart), check_restart },
	{ "rm", 0, OPT_BOOL, false, FIELD(rm), NULL },
	{ "stop-signal", 0, OPT_STRING, false, FIELD(stop_signal), check_signal },
	{ "stop-timeout", 0, OPT_STRING, false, FIELD(stop_timeout), check_timeout },
	{ "tmpfs", 0, OPT_LIST, false, FIELD(tmpfs), check_tmpfs },
	{ "tty", 't', OPT_BOOL, false, FIELD(tty), NULL },
	{ "user", 'u', OPT_STRING, false, FIELD(user), check_user },
	{ "volume", 'v', OPT_LIST, false, FIELD(volumes), check_volume },
	{ "workdir", 'w', OPT_STRING, false, FIELD(workdir), check_workdir },
	{ "created", 0, OPT_STRING, true, FIELD(created), NULL },
	{ "image-id", 0, OPT_STRING, true, FIELD(image_id), NULL },
	IF_FEATURE_NETWORK({ "joined", 0, OPT_LIST, true, FIELD(joined), check_any }, )
		IF_FEATURE_NETWORK({ "left", 0, OPT_LIST, true, FIELD(left), check_any }, )
};

/* What no single option can tell. */
static int check_together(const struct spec *s, struct err *e)
{
	if (s->networks && s->no_network)
		return err_set(e, 0, "--network and --no-network exclude each other");
	if (ENABLE_FEATURE_LOGS && check_log(s, e))
		return -1;
	if (ENABLE_FEATURE_NETWORK && check_networks(s, e))
		return -1;
	if (s->rm && s->restart && strcmp(s->restart, "no"))
		return err_set(e, 0, "--rm and --restart=%s exclude each other", s->restart);
	if (ENABLE_FEATURE_INIT && init_check(s, e))
		return -1;
	return check_mount_points(s->volumes, s->tmpfs, e);
}

static int add_line(char *line, char ***v, char *(*check)(const char *, void *, struct err *),
	struct client *cl, struct err *e)
{
	cleanup_free char *value = NULL;
	size_t len = strlen(line);

	if (len && line[len - 1] == '\r')
		line[len - 1] = '\0';
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	if (line[strcspn(line, " \t=")] != '=' && line[strcspn(line, " \t")])
		return err_set(e, 0, "\"%.60s\": there is a blank in the name", line);
	value = check(line, cl, e);
	if (value)
		strv_append(v, value);
	return value || !e->exit_code ? 0 : -1;
}

int spec_read_files(char *const *files, char ***v,
	char *(*check)(const char *, void *, struct err *), struct client *cl, struct err *e)
{
	cleanup_strv char **options = steal_ptr(v);

	for (; files && *files; files++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		char *line, *rest;

		if (file_read(AT_FDCWD, *files, TCR_STRINGS_MAX, &sb, e))
			return -1;
		if (strlen(sb_str(&sb)) != sb.len)
			return err_set(e, 0, "%.300s has a NUL byte: it is no text", *files);
		/* A byte order mark is no part of the first name. */
		rest = sb.buf;
		if (!strncmp(sb_str(&sb), "\xef\xbb\xbf", 3))
			rest += 3;
		while ((line = strsep(&rest, "\n")))
			if (add_line(line, v, check, cl, e))
				return err_prefix(e, "%.300s", *files);
	}
	for (char **o = options; o && *o; o++)
		strv_append(v, *o);
	return 0;
}

static int parse(
	struct spec *spec, char *const *argv, unsigned flags, struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	int rc;

	*spec = (struct spec){ 0 };
	rc = opt_parse(options, ARRAY_SIZE(options), argv, flags | OPT_STOP, spec, cl, &rest, e);
	if (rc)
		return rc;
	if (!rest[0])
		return err_set(e, 0, "an image is required; see 'tcr %s --help'",
			cl ? cl->argv[0] : "run");
	if (*rest[0] == '-')
		return err_set(e, 0, "\"%.80s\" is no reference of an image", rest[0]);
	spec->image = xstrdup(rest[0]);
	for (char **arg = rest + 1; *arg; arg++)
		strv_append(&spec->command, *arg);
	return check_together(spec, e);
}

int spec_parse(struct spec *spec, char *const *argv, struct client *cl, struct err *e)
{
	int rc = parse(spec, argv, 0, cl, e);

	if (rc)
		return rc;
	if (spec_read_files(spec->env_files, &spec->env, check_env, cl, e) ||
		spec_read_files(spec->label_files, &spec->labels, check_label, cl, e))
		return -1;
	/* Where they came from is not stored. */
	strv_free(steal_ptr(&spec->env_files));
	strv_free(steal_ptr(&spec->label_files));
	return 0;
}

static void emit_line(const char *arg, void *out)
{
	for (; *arg; arg++) {
		if (*arg == '\n')
			sb_adds(out, "\\n");
		else if (*arg == '\\')
			sb_adds(out, "\\\\");
		else
			sb_addc(out, *arg);
	}
	sb_addc(out, '\n');
}

void spec_store(const struct spec *spec, struct strbuf *out)
{
	opt_emit(options, ARRAY_SIZE(options), spec, emit_line, out);
	emit_line(spec->image, out);
	for (char **arg = spec->command; arg && *arg; arg++)
		emit_line(*arg, out);
}

/* Undoes emit_line(): takes one line from *TEXT. */
static char *take_line(const char **text)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	sb_adds(&sb, "");
	for (; **text && **text != '\n'; ++*text) {
		if (**text == '\\' && (*text)[1])
			sb_addc(&sb, *++*text == 'n' ? '\n' : **text);
		else
			sb_addc(&sb, **text);
	}
	*text += **text == '\n';
	return steal_ptr(&sb.buf);
}

int spec_load(struct spec *spec, const char *text, struct err *e)
{
	cleanup_strv char **argv = xcalloc(1, sizeof(char *));
	int rc;

	*spec = (struct spec){ 0 };
	if (!*text || text[strlen(text) - 1] != '\n')
		return err_set(e, 0, "the record is incomplete");
	while (*text) {
		cleanup_free char *line = take_line(&text);

		strv_append(&argv, line);
	}
	rc = parse(spec, argv, OPT_TRUSTED, NULL, e);
	if (rc < 0)
		return -1;
	if (rc || !spec->name || !spec->image_id || !spec->created)
		return err_set(e, 0, "the record is incomplete");
	return 0;
}

void spec_free(struct spec *spec)
{
	opt_free(options, ARRAY_SIZE(options), spec);
	free(spec->image);
	strv_free(spec->command);
	*spec = (struct spec){ 0 };
}

long spec_stop_timeout_ms(const struct spec *spec)
{
	long seconds = 10;

	if (spec->stop_timeout)
		parse_int(spec->stop_timeout, -1, CHECK_TIMEOUT_MAX, &seconds);
	return seconds < 0 ? -1 : seconds * 1000;
}

static bool is_peer(const char *network)
{
	return !strncmp(network, "container:", 10);
}

enum network_mode spec_wanted_mode(const struct spec *spec)
{
	const char *first = spec->networks ? spec->networks[0] : NULL;

	if (spec->no_network || (first && !strcmp(first, "none")))
		return NETWORK_NONE;
	if (first && !strcmp(first, "host"))
		return NETWORK_HOST;
	return first && is_peer(first) ? NETWORK_CONTAINER : NETWORK_BRIDGE;
}

char *const *spec_networks(const struct spec *spec)
{
	static char *const standard[] = { (char *)DEFAULT_NETWORK, NULL };

	return spec->networks ? spec->networks : standard;
}

const char *spec_peer(const struct spec *spec)
{
	return spec->networks[0] + 10;
}
