/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `info`. */
//config:config FEATURE_INFO
//config:	bool "info: show what this host and this daemon are (1.5 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_INFO) += info.o
//verb:info verb_info Show what this host and this daemon are
//usage:[OPTIONS]
//usage:
//usage:  -f, --format json        As a JSON object
#include <stdio.h>
#include <sys/utsname.h>

#include "base/mem.h"
#include "base/opt.h"
#include "container.h"
#include "format.h"
#include "image.h"
#include "json/json.h"
#include "names.h"
#include "rpc.h"
#include "steps.h"
#include "tcrd.h"
#include "version.h"

struct options {
	char *format;
};

static const struct opt table[] = {
	{ "format", 'f', OPT_STRING, false, offsetof(struct options, format), check_format },
};

static unsigned count_images(void)
{
	struct image *i;
	unsigned n = 0;

	list_for_each (i, &images, node)
		n++;
	return n;
}

static void count_containers(unsigned *all, unsigned *running)
{
	struct container *c;

	*all = *running = 0;
	list_for_each (c, &containers, node) {
		++*all;
		*running += c->init.pid != 0;
	}
}

static int tell(struct client *cl, const char *format, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	unsigned all, running;
	struct utsname u;
	struct json j;

	uname(&u);
	count_containers(&all, &running);
	const struct {
		const char *name, *text;
		unsigned number;
	} rows[] = {
		{ "Containers", NULL, all },
		{ "ContainersRunning", NULL, running },
		{ "ContainersStopped", NULL, all - running },
		{ "Images", NULL, count_images() },
		{ "ServerVersion", TCR_VERSION, 0 },
		{ "RuntimeVersion", tcrd.crun_version, 0 },
		{ "RuntimePath", tcrd.crun, 0 },
		{ "TcrRootDir", tcrd.root, 0 },
		{ "TcrRunDir", tcrd.run_dir, 0 },
		{ "CgroupVersion", cgroup_mode_name(), 0 },
		{ "SeccompProfile",
			ENABLE_FEATURE_SECCOMP ? "default" : "none: built without FEATURE_SECCOMP",
			0 },
		{ "KernelVersion", u.release, 0 },
		{ "Architecture", u.machine, 0 },
		{ "Name", u.nodename, 0 },
	};

	json_init(&j, &sb);
	json_object(&j, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (format && rows[i].text)
			json_string(&j, rows[i].name, rows[i].text);
		else if (format)
			json_uint(&j, rows[i].name, rows[i].number);
		else if (rows[i].text)
			client_printf(cl, "%s: %s\n", rows[i].name, rows[i].text);
		else
			client_printf(cl, "%s: %u\n", rows[i].name, rows[i].number);
	}
	json_end(&j);
	if (!format)
		return 0;
	if (format_object(format, &sb, e))
		return -1;
	client_print(cl, sb.buf, sb.len);
	return 0;
}

int verb_info(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	int rc = only_options(cl, table, ARRAY_SIZE(table), &o, e);

	if (!rc)
		rc = tell(cl, o.format, e);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
