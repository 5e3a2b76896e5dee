/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of the options of logs. */
//kbuild:obj-$(CONFIG_FEATURE_LOGS) += check_log.o
#include "base/mem.h"
#include "check.h"
#include "log.h"

char *check_log_dir(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	(void)e;
	return xstrdup(value);
}

char *check_log_driver(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	(void)e;
	return xstrdup(value);
}

char *check_log_opt(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	(void)e;
	return xstrdup(value);
}

int check_log(const struct spec *s, struct err *e)
{
	(void)s;
	(void)e;
	return 0;
}
