/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as people read them. */
//kbuild:obj-y += format.o
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "format.h"
#include "json/template.h"

/* Up to LIMIT seconds the text with SECONDS / UNIT in it. */
static const struct {
	int64_t limit;
	int unit;
	const char *text;
} durations[] = {
	{ 1, 1, "Less than a second" },
	{ 2, 1, "1 second" },
	{ 60, 1, "%d seconds" },
	{ 120, 1, "About a minute" },
	{ 3600, 60, "%d minutes" },
	{ 7200, 3600, "About an hour" },
	{ 48 * 3600, 3600, "%d hours" },
	{ 14 * 86400, 86400, "%d days" },
	{ 60 * 86400, 7 * 86400, "%d weeks" },
	{ 730 * 86400, 30 * 86400, "%d months" },
	{ INT64_MAX, 365 * 86400, "%d years" },
};

void format_duration(struct strbuf *sb, int64_t seconds)
{
	size_t i = 0;

	/* Like docker, round to hours. */
	if (seconds >= 3600)
		seconds = (seconds + 1800) / 3600 * 3600;
	while (i < ARRAY_SIZE(durations) - 1 && seconds >= durations[i].limit)
		i++;
	sb_addf(sb, durations[i].text, (int)(seconds / durations[i].unit));
}

void format_ago(struct strbuf *sb, int64_t when)
{
	int64_t seconds = time(NULL) - when;

	/* A device without a clock may live before its images were made. */
	format_duration(sb, seconds < 0 ? 0 : seconds);
	sb_adds(sb, " ago");
}

void format_size(struct strbuf *sb, uint64_t bytes)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P", "E" };
	uint64_t unit = 1, last = 1;
	unsigned u = 0, rest;

	for (; bytes / unit >= 1000; unit *= 1000)
		u++;
	/* The third digit is the last one. */
	for (last = unit; last > 1 && bytes / last < 100; last /= 10)
		;
	bytes = bytes / last + (bytes % last >= last - last / 2);
	sb_addf(sb, "%u", (unsigned)(bytes / (unit / last)));
	rest = bytes % (unit / last);
	if (rest)
		sb_addf(sb, unit / last == 100 && rest % 10 ? ".%02u" : ".%u",
			unit / last == 100 && rest % 10 == 0 ? rest / 10 : rest);
	sb_addf(sb, "%sB", units[u]);
}

void format_memory(struct strbuf *sb, uint64_t bytes)
{
	static const char *const units[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
	unsigned u = 0, scale = 1000, n;
	uint64_t unit = 1;

	for (; bytes / unit >= 1024; unit *= 1024)
		u++;
	/* Larger ones would overflow below. */
	for (; unit >> 40; unit /= 1024)
		bytes /= 1024;
	/* The fourth digit is the last one. */
	for (n = bytes / unit; n >= 10; n /= 10)
		scale /= 10;
	n = (bytes * scale + unit / 2) / unit;
	for (; scale > 1 && n % 10 == 0; scale /= 10)
		n /= 10;
	sb_addf(sb, "%u", n / scale);
	if (scale > 1)
		sb_addf(sb, ".%0*u", scale == 1000 ? 3 : scale == 100 ? 2 : 1, n % scale);
	sb_addf(sb, "%sB", units[u]);
}

char *check_format(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (!strcmp(value, "json"))
		return xstrdup(value);
	if (!ENABLE_FEATURE_INSPECT || !strstr(value, "{{") || !strncmp(value, "table ", 6))
		err_set(e, 0, "--format \"%.60s\" is not known; there is json%s", value,
			!ENABLE_FEATURE_INSPECT                 ? ""
				: strncmp(value, "table ", 6) ? ", or text with {{.NAME}} in it"
							      : "; leave out \"table\"");
	else if (template_check(value, e) == 0)
		return xstrdup(value);
	return NULL;
}

int format_object(const char *format, struct strbuf *object, struct err *e)
{
	if (ENABLE_FEATURE_INSPECT && format && strcmp(format, "json")) {
		struct strbuf text = STRBUF_INIT;
		int rc = template_expand(format, object->buf, object->len, &text, e);

		sb_free(object);
		*object = text;
		if (rc)
			return -1;
	}
	sb_addc(object, '\n');
	return 0;
}
