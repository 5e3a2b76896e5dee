/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client for the functions that check options: its directory is ours, its environment one
 * variable. */
#ifndef TCR_TESTS_UNIT_CLIENT_STUB_H
#define TCR_TESTS_UNIT_CLIENT_STUB_H

#include <fcntl.h>
#include <string.h>

#include "../../applets/tcrd/rpc.h"

int client_cwd(const struct client *cl)
{
	(void)cl;
	return AT_FDCWD;
}

const char *client_getenv(const struct client *cl, const char *name)
{
	(void)cl;
	return !strcmp(name, "HERE") ? "value = 1" : NULL;
}

bool client_expands(struct client *cl, size_t len)
{
	(void)cl;
	(void)len;
	return true;
}

#endif
