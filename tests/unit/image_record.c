/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of image.json, and of times as images have them. */
//link: applets/tcrd/image_record.c applets/tcrd/image_facts.c applets/tcrd/reference.c
#include "../../applets/tcrd/image_record.h"
#include "base/mem.h"
#include "base/opt.h"
#include "tmpdir.h"

char *image_path(const char *id, const char *name)
{
	return xasprintf("%s.%s", id, name ? name : "");
}

static const struct {
	const char *text;
	int64_t seconds;
} times[] = {
	{ "1970-01-01T00:00:01Z", 1 },
	{ "2000-01-01T00:00:00Z", 946684800 },
	{ "2024-02-29T12:34:56Z", 1709210096 },
	{ "2024-02-29t12:34:56z", 1709210096 },
	{ "2024-02-29 12:34:56Z", 1709210096 },
	{ "2024-02-29T12:34:56.5Z", 1709210096 },
	{ "2024-02-29T12:34:56.123456789Z", 1709210096 },
	{ "2024-02-29T12:34:56+00:00", 1709210096 },
	{ "2024-02-29T12:34:56-00:00", 1709210096 },
	{ "2024-02-29T14:34:56+02:00", 1709210096 },
	{ "2024-02-29T07:04:56-05:30", 1709210096 },
	{ "2024-02-29T12:04:56-00:30", 1709210096 },
	{ "2024-02-29T13:04:56.999+00:30", 1709210096 },
	{ "2024-02-29T18:19:56.1+05:45", 1709210096 },
	{ "1969-12-31T23:59:59Z", -1 },
	{ "9999-12-31T23:59:59Z", 253402300799 },
	{ "2016-12-31T23:59:60Z", 1483228800 }, /* a leap second */
	{ NULL, 0 },
	{ "", 0 },
	{ "yesterday", 0 },
	{ "2024", 0 },
	{ "2024-02-29", 0 },
	{ "2024-02-29T12:34Z", 0 },
	{ "2024-02-29T12:34:56", 0 },
	{ "2024-02-29T12:34:56x", 0 },
	{ "2024-02-29T12:34:56Zx", 0 },
	{ "2024-02-29T12:34:56+", 0 },
	{ "2024-02-29T12:34:56+02", 0 },
	{ "2024-02-29T12:34:56+0200", 0 },
	{ "2024-02-29T12:34:56+02:00x", 0 },
	{ "2024-02-29T12:34:56.Z", 0 },
	{ "2024-02-29T12:34:56789Z", 0 },
	{ "2024-02-29T12:34:56.1.2Z", 0 },
	{ "2024-13-01T00:00:00Z", 0 },
	{ "2024-00-01T00:00:00Z", 0 },
	{ "2024-01-32T00:00:00Z", 0 },
	{ "2024-01-00T00:00:00Z", 0 },
	{ "2024-01-01T24:00:00Z", 0 },
	{ "2024-01-01T00:60:00Z", 0 },
	{ "2024-01-01T00:00:61Z", 0 },
	{ "2024-01-01T00:00:00+99:00", 0 },
	{ "2024-1-1T0:0:0Z", 0 },
	{ "-024-01-01T00:00:00Z", 0 },
	{ " 2024-01-01T00:00:00Z", 0 },
	{ "2024- 1-01T00:00:00Z", 0 },
	{ "99999-01-01T00:00:00Z", 0 },
};

static void test_times(void)
{
	cleanup_free char *text = format_rfc3339(1709210096), *far = format_rfc3339(INT64_MAX);

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		cleanup_free char *name = xasprintf("\"%s\" is %s",
			times[i].text ? times[i].text : "", times[i].seconds ? "a time" : "none");

		is_int(parse_rfc3339(times[i].text), times[i].seconds, name);
	}
	is_str(text, "2024-02-29T12:34:56Z", "a time is written");
	ok(far != NULL, "a time that is too far away does no harm");
}

/* Random bytes of the alphabet of times: none may do harm. */
static void test_garbage(void)
{
	static const char alphabet[] = "0123456789-:.TZ+ ";
	unsigned seed = 1;
	char text[33] = "";

	for (int i = 0; i < 100000; i++) {
		for (size_t j = 0; j < sizeof(text) - 1; j++) {
			seed = seed * 1103515245 + 12345;
			text[j] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		parse_rfc3339(text);
	}
	ok(true, "100000 texts like times do no harm");
}

static struct image_facts facts(void)
{
	struct image_facts f = {
		.reference = xstrdup("docker.io/library/web:1"),
		.arch = xstrdup("amd64"),
		.created = xstrdup("2024-02-29T12:34:56Z"),
		.digest = xstrdup("sha256:abc"),
		.config.workdir = xstrdup("/a\n\"b\""),
		.config.user = xstrdup("web"),
		.config.stop_signal = xstrdup("SIGINT"),
	};

	strv_append(&f.config.entrypoint, "");
	strv_append(&f.config.env, "A=\\1\n");
	strv_append(&f.config.env, "B=2");
	strv_append(&f.labels, "key");
	strv_append(&f.labels, "value");
	strv_append(&f.exposed_ports, "80/tcp");
	return f;
}

static void same_strv(char **got, char **want, const char *field)
{
	bool same = strv_len(got) == strv_len(want);

	for (size_t i = 0; same && i < strv_len(want); i++)
		same = !strcmp(got[i], want[i]);
	ok(same, "%s is read as it was written", field);
}

/* Writes the record of the image "id", of which the file is as ST says. */
static void write_record(const char *link, const struct stat *st)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct image_facts f = facts();

	image_format_record(&f, st, link, &sb);
	tmpdir_file("id.image.json", sb.buf);
	image_facts_free(&f);
}

static const struct stat some_file = { .st_size = 4096, .st_ctim.tv_sec = 1, .st_ino = 2 };

static void test_record(void)
{
	struct image_facts want = facts(), got;
	struct image i = { .id = "id" };
	struct err e = { 0 };

	write_record(NULL, &some_file);
	is_int(image_read_all("id", &got, &e), 0, "a record is read");
	is_str(got.digest, want.digest, "it has the digest");
	is_str(got.config.workdir, want.config.workdir, "it has the directory");
	is_str(got.config.user, want.config.user, "it has the user");
	is_str(got.config.stop_signal, want.config.stop_signal, "it has the signal");
	same_strv(got.config.entrypoint, want.config.entrypoint, "the entrypoint");
	same_strv(got.config.command, want.config.command, "a missing command");
	same_strv(got.config.env, want.config.env, "the environment");
	same_strv(got.labels, want.labels, "the labels");
	same_strv(got.exposed_ports, want.exposed_ports, "the ports");
	image_facts_free(&got);
	image_facts_free(&want);
	is_int(image_read_record(&i, &e), 0, "its short form is read");
	ok(!strcmp(i.arch, "amd64") && i.size == 4096 && i.created == 1709210096,
		"it has architecture, size and time");
	ok(strv_len(i.exposed_ports) == 1 && !strcmp(i.exposed_ports[0], "80/tcp"),
		"and the ports");
	free(i.arch);
	strv_free(i.exposed_ports);
}

static void test_damaged(void)
{
	cleanup_free char *text = NULL;
	bool refused = true, said = true;
	size_t len;

	write_record(NULL, &some_file);
	text = xstrdup(tmpdir_text("id.image.json"));
	len = strlen(text);
	for (size_t i = 0; i < len - 1; i++) {
		struct image image = { .id = "id" };
		struct image_facts f;
		struct err e = { 0 };
		char byte = text[i];

		text[i] = '\0';
		tmpdir_file("id.image.json", text);
		refused = refused && image_read_record(&image, &e) == -1 && *e.text;
		free(image.arch);
		strv_free(image.exposed_ports);
		text[i] = (char)(byte ^ 4);
		tmpdir_file("id.image.json", text);
		text[i] = byte;
		e = (struct err){ 0 };
		said = said && (image_read_all("id", &f, &e) == 0 || *e.text);
		image_facts_free(&f);
	}
	ok(refused, "a record that is cut anywhere is refused");
	ok(said, "a flipped bit anywhere gives facts, or an error");
}

static void test_incomplete(void)
{
	struct image i = { .id = "id" };
	struct image_config config;
	struct err e = { 0 };

	tmpdir_file("id.image.json", "{}");
	is_int(image_read_record(&i, &e), -1, "a record without an architecture is refused");
	is_str(e.text, "image.json is incomplete", "the error says so");
	unlink("id.image.json");
	is_int(image_read_record(&i, &e), -1, "a missing record is an error");
	is_int(image_read_config("id", &config, &e), -1,
		"so it is for who needs the configuration");
	image_config_free(&config);
}

/* What a key said first is freed: seen by AddressSanitizer. */
static void test_duplicates(void)
{
	struct image i = { .id = "id" };
	struct image_facts f;
	struct err e = { 0 };

	tmpdir_file("id.image.json",
		"{\"architecture\":\"a\",\"architecture\":\"b\",\"digest\":\"c\","
		"\"digest\":\"d\",\"env\":[\"e\"],\"env\":[\"f\"]}");
	is_int(image_read_record(&i, &e), 0, "of duplicate keys one counts");
	is_str(i.arch, "b", "it is the last one");
	free(i.arch);
	image_read_all("id", &f, &e);
	ok(!strcmp(f.digest, "d") && !strcmp(f.config.env[0], "f"), "so it is for every key");
	image_facts_free(&f);
}

static void test_link(void)
{
	cleanup_close int fd = -1;
	struct err e = { 0 };
	struct stat st = { 0 }, other;
	char bytes[4096] = "";

	fd = open("linked", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (write(fd, bytes, sizeof(bytes)) != sizeof(bytes) || fstat(fd, &st) < 0)
		bail_out("linked");
	write_record("/linked", &st);
	is_int(image_check_link("id", fd, &e), 0, "a linked file that did not change is good");
	other = st;
	other.st_ctim.tv_nsec ^= 1;
	write_record("/linked", &other);
	is_int(image_check_link("id", fd, &e), -1, "one with another time is not");
	has_str(e.text, "has changed since it was loaded", "the error says why");
	other = st;
	other.st_size++;
	write_record("/linked", &other);
	is_int(image_check_link("id", fd, &e), -1, "nor is one with another size");
	other = st;
	other.st_ino++;
	write_record("/linked", &other);
	is_int(image_check_link("id", fd, &e), -1, "nor is another file of that size and time");
	errno = ENOENT;
	is_int(image_check_link("id", -1, &e), -1, "nor is a missing one");
	has_str(e.text, "/linked", "that error names it");
	write_record(NULL, &some_file);
	is_int(image_check_link("id", fd, &e), 0, "a file of our own is not compared");
}

int main(void)
{
	tmpdir_enter();
	alarm(30);
	test_times();
	test_garbage();
	test_record();
	test_damaged();
	test_incomplete();
	test_duplicates();
	test_link();
	return done_testing();
}
