/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all listings share. */
//kbuild:obj-y += listing.o
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/table.h"
#include "format.h"
#include "json/json.h"
#include "listing.h"
#include "match.h"
#include "rpc.h"

#define FIELD(f) offsetof(struct listing, f)

/* In the order of enum listing_options. */
static const struct opt table[] = {
	{ "format", 0, OPT_STRING, false, FIELD(format), check_format },
	{ "no-trunc", 0, OPT_BOOL, false, FIELD(no_trunc), NULL },
	{ "quiet", 'q', OPT_BOOL, false, FIELD(quiet), NULL },
	{ "filter", 'f', OPT_LIST, false, FIELD(filters), NULL },
	{ "all", 'a', OPT_BOOL, false, FIELD(all), NULL },
	{ "last", 'n', OPT_STRING, false, FIELD(last), NULL },
	{ "latest", 'l', OPT_BOOL, false, FIELD(latest), NULL },
	{ "size", 's', OPT_BOOL, false, FIELD(size), NULL },
};

/* A template may name what there is not, and no row to tell. */
static int check_fields(const struct listing *l, const char *fields, struct err *e)
{
	cleanup_sb struct strbuf row = STRBUF_INIT;
	struct json j;

	if (!ENABLE_FEATURE_INSPECT || !l->format)
		return 0;
	json_init(&j, &row);
	json_object(&j, NULL);
	for (size_t len; *fields; fields += len, fields += *fields == ' ') {
		cleanup_free char *key = NULL;

		len = strcspn(fields, " ");
		key = xstrndup(fields, len);
		json_string(&j, key, "");
	}
	json_end(&j);
	return format_object(l->format, &row, e);
}

int listing_begin(struct listing *l, struct client *cl, enum listing_options options,
	const char *head, const char *fields, const struct match_key *keys, size_t n, struct err *e)
{
	int rc;

	*l = (struct listing){ 0 };
	rc = opt_parse(table, options, cl->argv + 1, 0, l, cl, &l->names, e);
	if (!rc && l->names[0] && (l->names[1] || options != LISTING_IMAGES))
		rc = err_set(e, 0, "%s takes %s: \"%.60s\"", cl->argv[0],
			options == LISTING_IMAGES ? "one argument" : "no arguments",
			l->names[options == LISTING_IMAGES]);
	rc = rc ? rc : check_fields(l, fields, e);
	for (char **f = l->filters; !rc && f && *f; f++) {
		cleanup_free char *same = match_check(*f, keys, n, e);

		rc = same ? 0 : -1;
	}
	if (!l->quiet && !l->format)
		sb_adds(&l->rows, head);
	return rc;
}

void listing_add(struct listing *l, struct strbuf *object, struct err *e)
{
	if (l->failed || format_object(l->format, object, e))
		l->failed = true;
	else
		sb_add(&l->out, object->buf, object->len);
	sb_free(object);
}

int listing_end(struct listing *l, struct client *cl, int rc)
{
	if (!rc && l->failed)
		rc = -1;
	if (!rc) {
		table_format(&l->out, sb_str(&l->rows));
		client_print(cl, l->out.buf, l->out.len);
	}
	sb_free(&l->rows);
	sb_free(&l->out);
	free(l->names);
	opt_free(table, ARRAY_SIZE(table), l);
	return rc;
}
