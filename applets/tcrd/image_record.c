/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image.json: the daemon's own record of an image. */
//kbuild:obj-y += image_record.o
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/when.h"
#include "image_record.h"
#include "json/json.h"
#include "json/reader.h"

enum { RECORD_MAX = 4 * 1024 * 1024 };

/* Every '0' stands for a digit. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++)
		if (*form == '0' ? *text < '0' || *text > '9'
				 : *text != *form && *text != tolower(*form))
			return false;
	return true;
}

/* What when_parse() takes is more. */
static bool has_offset(const char *text)
{
	const char *end = text + strlen(text);

	return tolower(end[-1]) == 'z' ||
		((end[-6] == '+' || end[-6] == '-') && has_form(end - 5, "00:00"));
}

int64_t parse_rfc3339(const char *text)
{
	cleanup_free char *copy = NULL;
	struct err ignored;
	int64_t ms;

	if (!text ||
		!(has_form(text, "0000-00-00T00:00:00") || has_form(text, "0000-00-00 00:00:00")) ||
		!has_offset(text))
		return 0;
	copy = xstrdup(text);
	copy[10] = 'T';
	return when_parse(copy, 0, &ms, &ignored) ? 0 : (ms - (ms % 1000 < 0 ? 999 : 0)) / 1000;
}

static char *format_time(int64_t seconds, const char *form)
{
	time_t t = seconds;
	char text[50] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), form, &tm);
	return xstrdup(text);
}

char *format_rfc3339(int64_t seconds)
{
	return format_time(seconds, "%Y-%m-%dT%H:%M:%SZ");
}

char *format_created(int64_t seconds)
{
	return format_time(seconds, "%Y-%m-%d %H:%M:%S +0000 UTC");
}

/* Nanoseconds since 1970 of the last change of the file or its inode, which nobody can set at will.
 */
static int64_t change_time(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

void image_format_record(
	const struct image_facts *f, const struct stat *st, const char *link, struct strbuf *out)
{
	struct json j;

	json_init(&j, out);
	json_object(&j, NULL);
	json_string(&j, "reference", f->reference);
	json_string(&j, "digest", f->digest);
	json_string(&j, "architecture", f->arch);
	json_int(&j, "created", parse_rfc3339(f->created));
	json_uint(&j, "size", st->st_size);
	json_int(&j, "inode", st->st_ino);
	json_int(&j, "ctime", change_time(st));
	json_string(&j, "link", link);
	json_strv(&j, "entrypoint", f->config.entrypoint);
	json_strv(&j, "cmd", f->config.command);
	json_strv(&j, "env", f->config.env);
	json_string(&j, "workdir", f->config.workdir);
	json_string(&j, "user", f->config.user);
	json_string(&j, "stop_signal", f->config.stop_signal);
	json_strv(&j, "labels", f->labels);
	json_strv(&j, "exposed_ports", f->exposed_ports);
	json_end(&j);
	sb_addc(out, '\n');
}

static int open_record(const char *id, struct strbuf *sb, struct jr *r, struct err *e)
{
	cleanup_free char *path = image_path(id, "image.json");

	if (file_read(AT_FDCWD, path, RECORD_MAX, sb, e))
		return -1;
	jr_init(r, sb_str(sb), sb->len);
	return 0;
}

static int close_record(struct jr *r, struct err *e)
{
	return jr_next(r) == JR_END
		? 0
		: err_set(e, 0, "image.json is damaged near byte %zu", jr_offset(r));
}

static char *next_string(struct jr *r)
{
	return jr_next(r) == JR_STRING ? jr_strdup(r) : NULL;
}

static int64_t next_int(struct jr *r)
{
	int64_t n = 0;

	jr_next(r);
	jr_int64(r, &n);
	return n;
}

int image_read_record(struct image *i, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct jr r;

	if (open_record(i->id, &sb, &r, e))
		return -1;
	jr_for_each_key (&r) {
		if (jr_key_is(&r, "architecture")) {
			free(i->arch);
			i->arch = next_string(&r);
		} else if (jr_key_is(&r, "created"))
			i->created = next_int(&r);
		else if (jr_key_is(&r, "size"))
			i->size = next_int(&r);
		else if (jr_key_is(&r, "exposed_ports")) {
			strv_free(i->exposed_ports);
			i->exposed_ports = jr_strv(&r);
		}
	}
	if (close_record(&r, e))
		return -1;
	return i->arch ? 0 : err_set(e, 0, "image.json is incomplete");
}

/* Fills the field that the current key names. */
static void read_field(struct jr *r, struct image_facts *f)
{
	const struct {
		const char *key;
		char **string;
		char ***strv;
	} fields[] = {
		{ "digest", &f->digest, NULL },
		{ "workdir", &f->config.workdir, NULL },
		{ "user", &f->config.user, NULL },
		{ "stop_signal", &f->config.stop_signal, NULL },
		{ "entrypoint", NULL, &f->config.entrypoint },
		{ "cmd", NULL, &f->config.command },
		{ "env", NULL, &f->config.env },
		{ "labels", NULL, &f->labels },
		{ "exposed_ports", NULL, &f->exposed_ports },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!jr_key_is(r, fields[i].key))
			continue;
		if (fields[i].string) {
			free(*fields[i].string);
			*fields[i].string = next_string(r);
		} else {
			strv_free(*fields[i].strv);
			*fields[i].strv = jr_strv(r);
		}
		return;
	}
}

int image_read_all(const char *id, struct image_facts *f, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct jr r;

	*f = (struct image_facts){ 0 };
	if (open_record(id, &sb, &r, e))
		return -1;
	jr_for_each_key (&r)
		read_field(&r, f);
	return close_record(&r, e);
}

int image_read_config(const char *id, struct image_config *config, struct err *e)
{
	struct image_facts f;
	int rc = image_read_all(id, &f, e);

	*config = f.config;
	f.config = (struct image_config){ 0 };
	image_facts_free(&f);
	return rc;
}

void image_config_free(struct image_config *c)
{
	strv_free(c->entrypoint);
	strv_free(c->command);
	strv_free(c->env);
	free(c->workdir);
	free(c->user);
	free(c->stop_signal);
	*c = (struct image_config){ 0 };
}

int image_check_link(const char *id, int fd, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	cleanup_free char *link = NULL;
	int64_t size = 0, ctime = 0, inode = 0;
	struct stat st;
	struct jr r;

	if (open_record(id, &sb, &r, e))
		return -1;
	jr_for_each_key (&r) {
		if (jr_key_is(&r, "link"))
			link = next_string(&r);
		else if (jr_key_is(&r, "size"))
			size = next_int(&r);
		else if (jr_key_is(&r, "ctime"))
			ctime = next_int(&r);
		else if (jr_key_is(&r, "inode"))
			inode = next_int(&r);
	}
	if (close_record(&r, e))
		return -1;
	if (!link)
		return fd < 0 ? err_set(e, errno, "the file of image %.12s", id) : 0;
	if (fd < 0)
		return err_set(e, errno,
			"image %.12s is linked to %.500s; put the file back, or load the image again",
			id, link);
	if (fstat(fd, &st) < 0 || st.st_size != size || change_time(&st) != ctime ||
		(int64_t)st.st_ino != inode)
		return err_set(e, 0,
			"image %.12s: the linked file %.500s has changed since it was loaded; load it again",
			id, link);
	return 0;
}
