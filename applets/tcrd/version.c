/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `version`. */
//kbuild:obj-y += version.o
//verb:version verb_version Show the versions of tcrd and crun
//usage:[OPTIONS]
//usage:
//usage:  -f, --format json        As a JSON object
#include "base/mem.h"
#include "base/opt.h"
#include "format.h"
#include "json/json.h"
#include "names.h"
#include "rpc.h"
#include "tcrd.h"
#include "version.h"

struct options {
	char *format;
};

static const struct opt table[] = {
	{ "format", 'f', OPT_STRING, false, offsetof(struct options, format), check_format },
};

static void add_object(struct strbuf *sb)
{
	struct json j;

	json_init(&j, sb);
	json_object(&j, NULL);
	json_object(&j, "Server");
	json_string(&j, "Version", TCR_VERSION);
	json_uint(&j, "ProtocolVersion", TCR_PROTO_VERSION);
	json_string(&j, "RuntimeVersion", tcrd.crun_version);
	json_end(&j);
	json_end(&j);
}

static int tell(struct client *cl, const char *format, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	if (format)
		add_object(&sb);
	else
		sb_addf(&sb, "tcrd %s (protocol %d)\ncrun %s\n", TCR_VERSION, TCR_PROTO_VERSION,
			tcrd.crun_version);
	if (format && format_object(format, &sb, e))
		return -1;
	client_print(cl, sb.buf, sb.len);
	return 0;
}

int verb_version(struct client *cl, struct err *e)
{
	struct options o = { 0 };
	int rc = only_options(cl, table, ARRAY_SIZE(table), &o, e);

	if (!rc)
		rc = tell(cl, o.format, e);
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
