/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of a daemon's things in the kernel. */
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "net/instance.h"

/* nft(8) takes a name without quotes only if it is made of letters, digits and '_'. */
static void add_char(struct strbuf *sb, char c)
{
	bool is_letter = (c | ' ') >= 'a' && (c | ' ') <= 'z';

	if (is_letter || (c >= '0' && c <= '9'))
		sb_addc(sb, c);
	else if (c == '/')
		sb_addc(sb, '_');
	else
		sb_addf(sb, "__%02x", (unsigned char)c);
}

char *instance_name(const char *run_dir)
{
	struct strbuf sb = STRBUF_INIT;

	sb_adds(&sb, "tcr");
	for (const char *c = strcmp(run_dir, CONFIG_RUN_DIR) ? run_dir : ""; *c; c++)
		add_char(&sb, *c);
	return sb.buf;
}

static char *make_alias(const char *instance, const char *kind, const char *what)
{
	return xasprintf("tcr:%s:%s:%s", instance, kind, what);
}

static const char *behind(const char *instance, const char *kind, const char *alias)
{
	cleanup_free char *prefix = make_alias(instance, kind, "");
	size_t len = strlen(prefix);

	return strncmp(alias, prefix, len) ? NULL : alias + len;
}

char *instance_network_alias(const char *instance, const char *name)
{
	return make_alias(instance, "network", name);
}

char *instance_container_alias(const char *instance, const char *id)
{
	return make_alias(instance, "container", id);
}

const char *instance_alias_network(const char *instance, const char *alias)
{
	return behind(instance, "network", alias);
}

const char *instance_alias_container(const char *instance, const char *alias)
{
	return behind(instance, "container", alias);
}
