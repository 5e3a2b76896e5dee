/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `version`. */
//kbuild:obj-y += version.o
//verb:version verb_version Show the versions of tcrd and crun
//usage:
#include "base/mem.h"
#include "base/opt.h"
#include "rpc.h"
#include "tcrd.h"
#include "version.h"

int verb_version(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	int rc = opt_parse(NULL, 0, cl->argv + 1, 0, NULL, cl, &rest, e);

	if (rc)
		return rc;
	if (rest[0])
		return err_set(e, 0, "version takes no arguments: \"%.60s\"", rest[0]);
	client_printf(cl, "tcrd %s (protocol %d)\ncrun %s\n", TCR_VERSION, TCR_PROTO_VERSION,
		tcrd.crun_version);
	return 0;
}
