/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of the options of logs. */
//kbuild:obj-$(CONFIG_FEATURE_LOGS) += check_log.o
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "log.h"
#include "spec.h"

enum {
	SIZE_DEFAULT = 64 << 10,
	SIZE_MIN = 1 << 10,
	SIZE_MAX_ = 64 << 20,
	DIR_MAX = 1024, /* bytes; an id and a name follow */
};

static const struct {
	const char *name;
	enum log_driver driver;
} drivers[] = {
	{ "file", LOG_FILE },
	{ "json-file", LOG_FILE }, /* docker's; what is asked for is the same, a bounded file, … */
	{ "local", LOG_FILE },     /* … not a format */
	{ "syslog", LOG_SYSLOG },
	{ "none", LOG_NONE },
};

char *check_log_driver(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (!strcmp(value, drivers[i].name))
			return xstrdup(drivers[drivers[i].driver == LOG_FILE ? 0 : i].name);
	err_set(e, 0,
		"--log-driver \"%.60s\" is not known; there are file, syslog and none (json-file and local mean file)",
		value);
	return NULL;
}

enum log_driver log_driver(const struct spec *s)
{
	for (size_t i = 0; s->log_driver && i < ARRAY_SIZE(drivers); i++)
		if (!strcmp(s->log_driver, drivers[i].name))
			return drivers[i].driver;
	return LOG_FILE;
}

/* "64k", "1M", "65536", "10mb"; 0 if it is no size. */
static uint64_t parse_size(const char *s)
{
	static const char units[] = "bkm";
	char *end;
	uint64_t n = *s >= '0' && *s <= '9' ? strtoull(s, &end, 10) : 0;
	const char *unit;

	if (!n || n > SIZE_MAX_)
		return 0;
	if (!*end)
		return n;
	unit = strchr(units, *end | 0x20);
	if (!unit || (end[1] && (*unit == 'b' || (end[1] | 0x20) != 'b' || end[2])))
		return 0;
	return n << (10 * (unit - units));
}

static int check_size(const char *value, struct err *e)
{
	uint64_t n = parse_size(value);

	if (n >= SIZE_MIN && n <= SIZE_MAX_)
		return 0;
	return err_set(e, 0, "--log-opt max-size=%.60s: a size from 1k to 64m is required", value);
}

/* A log has a file that is written to and one that was, whatever docker's scripts ask for. */
static int check_files(const char *value, struct err *e)
{
	long ignored;

	if (parse_int(value, 1, INT_MAX, &ignored) == 0)
		return 0;
	return err_set(e, 0, "--log-opt max-file=%.60s: a number from 1 is required", value);
}

static int check_tag(const char *value, struct err *e)
{
	if (is_word(value, "_.-/", 63))
		return 0;
	return err_set(e, 0,
		"--log-opt tag=%.80s: at most 63 of a-z, A-Z, 0-9 and \"_.-/\" are required, a letter or digit first",
		value);
}

static const struct log_opt {
	const char *name;
	enum log_driver driver;
	int (*check)(const char *value, struct err *e);
} log_opts[] = {
	{ "max-size=", LOG_FILE, check_size },
	{ "max-file=", LOG_FILE, check_files },
	{ "tag=", LOG_SYSLOG, check_tag },
};

static const struct log_opt *find_opt(const char *opt)
{
	for (size_t i = 0; i < ARRAY_SIZE(log_opts); i++)
		if (!strncmp(opt, log_opts[i].name, strlen(log_opts[i].name)))
			return &log_opts[i];
	return NULL;
}

char *check_log_opt(const char *value, void *ctx, struct err *e)
{
	const struct log_opt *opt = find_opt(value);

	(void)ctx;
	if (!opt)
		err_set(e, 0,
			"--log-opt \"%.80s\" is not known; there are max-size=, max-file= and tag=",
			value);
	else if (!opt->check(value + strlen(opt->name), e))
		return xstrdup(value);
	return NULL;
}

char *check_log_dir(const char *value, void *ctx, struct err *e)
{
	size_t len = strlen(value);
	struct stat st;

	if (*value != '/' || len > DIR_MAX) {
		err_set(e, 0,
			"--log-dir \"%.80s\": an absolute path of at most %d bytes is required",
			value, DIR_MAX);
		return NULL;
	}
	/* Later it may be there or not: that is no reason to lose the container. */
	if (ctx && (stat(value, &st) < 0 || !S_ISDIR(st.st_mode))) {
		err_set(e, 0, "--log-dir \"%.300s\": no such directory; make it first", value);
		return NULL;
	}
	while (len > 1 && value[len - 1] == '/')
		len--;
	return xstrndup(value, len);
}

int check_log(const struct spec *s, struct err *e)
{
	enum log_driver driver = log_driver(s);

	if (s->log_dir && driver != LOG_FILE)
		return err_set(
			e, 0, "--log-dir and --log-driver=%s exclude each other", s->log_driver);
	for (char **v = s->log_opts; v && *v; v++)
		if (find_opt(*v)->driver != driver)
			return err_set(e, 0, "--log-opt %.80s is not for the log driver \"%s\"", *v,
				s->log_driver ? s->log_driver : "file");
	return 0;
}

const char *log_option(const struct spec *s, const char *name)
{
	size_t len = strlen(name);
	const char *found = NULL;

	/* The last one wins. */
	for (char **v = s->log_opts; v && *v; v++)
		if (!strncmp(*v, name, len) && (*v)[len] == '=')
			found = *v + len + 1;
	return found;
}

uint32_t log_max_size(const struct spec *s)
{
	const char *size = log_option(s, "max-size");

	return size ? parse_size(size) : SIZE_DEFAULT;
}
