/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `version`. */
//kbuild:obj-y += version.o
//verb:version verb_version Show the versions of tcrd and crun
//usage:
#include "base/mem.h"
#include "base/opt.h"
#include "names.h"
#include "rpc.h"
#include "tcrd.h"
#include "version.h"

int verb_version(struct client *cl, struct err *e)
{
	int rc = only_options(cl, NULL, 0, NULL, e);

	if (rc)
		return rc;
	client_printf(cl, "tcrd %s (protocol %d)\ncrun %s\n", TCR_VERSION, TCR_PROTO_VERSION,
		tcrd.crun_version);
	return 0;
}
