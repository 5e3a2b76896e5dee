/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of references of images. The grammar is that of the reference package of the distribution
 * project. */
//link: applets/tcrd/reference.c
#include "../../applets/tcrd/image.h"
#include "base/mem.h"
#include "tap.h"

#define HEX8 "01234567"
#define HEX64 HEX8 "89abcdef" HEX8 "89abcdef" HEX8 "89abcdef" HEX8 "89abcdef"

/* FULL NULL: no reference. FAMILIAR NULL: the same as FULL. */
static const struct {
	const char *ref, *full, *familiar;
} references[] = {
	{ "alpine", "docker.io/library/alpine:latest", "alpine:latest" },
	{ "alpine:3.18", "docker.io/library/alpine:3.18", "alpine:3.18" },
	{ "a", "docker.io/library/a:latest", "a:latest" },
	{ "7", "docker.io/library/7:latest", "7:latest" },
	{ "user/app", "docker.io/user/app:latest", "user/app:latest" },
	{ "user/app:v1", "docker.io/user/app:v1", "user/app:v1" },
	{ "user/a/b:v1", "docker.io/user/a/b:v1", "user/a/b:v1" },
	{ "docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest" },
	{ "docker.io/alpine:3", "docker.io/library/alpine:3", "alpine:3" },
	{ "docker.io/library/alpine:3", "docker.io/library/alpine:3", "alpine:3" },
	{ "docker.io/user/app", "docker.io/user/app:latest", "user/app:latest" },
	{ "index.docker.io/alpine:3", "docker.io/library/alpine:3", "alpine:3" },
	{ "index.docker.io/user/app", "docker.io/user/app:latest", "user/app:latest" },
	{ "library/alpine", "docker.io/library/alpine:latest", "alpine:latest" },
	{ "library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest" },
	{ "localhost/x", "localhost/x:latest", NULL },
	{ "localhost:5000/x", "localhost:5000/x:latest", NULL },
	{ "host:5000/x", "host:5000/x:latest", NULL },
	{ "host:5000/x:v1", "host:5000/x:v1", NULL },
	{ "host.example/a/b:v1", "host.example/a/b:v1", NULL },
	{ "Host.example/x:v1", "Host.example/x:v1", NULL },
	{ "127.0.0.1:5000/x", "127.0.0.1:5000/x:latest", NULL },
	{ "x@sha256:" HEX64, "docker.io/library/x@sha256:" HEX64, "x@sha256:" HEX64 },
	{ "x:v1@sha256:" HEX64, "docker.io/library/x:v1@sha256:" HEX64, "x:v1@sha256:" HEX64 },
	{ "host:5000/x@sha256:" HEX64, "host:5000/x@sha256:" HEX64, NULL },
	{ "a.b", "docker.io/library/a.b:latest", "a.b:latest" },
	{ "a__b", "docker.io/library/a__b:latest", "a__b:latest" },
	{ "a---b", "docker.io/library/a---b:latest", "a---b:latest" },
	{ "x:_Tag.1-2", "docker.io/library/x:_Tag.1-2", "x:_Tag.1-2" },
	{ "", NULL, NULL },
	{ "Alpine", NULL, NULL },
	{ "user/App", NULL, NULL },
	{ "host:5000/App", NULL, NULL },
	{ "/alpine", NULL, NULL },
	{ "alpine/", NULL, NULL },
	{ "a//b", NULL, NULL },
	{ "host:5000/", NULL, NULL },
	{ "host:5000//x", NULL, NULL },
	{ "alpine:", NULL, NULL },
	{ "alpine:a:b", NULL, NULL },
	{ "alpine:a b", NULL, NULL },
	{ "alpine:a/b", NULL, NULL },
	{ "alpine:.a", NULL, NULL },
	{ "alpine:-a", NULL, NULL },
	{ "al pine", NULL, NULL },
	{ "alpine\n", NULL, NULL },
	{ "alpine:3\n", NULL, NULL },
	{ "a\xc3\xa9", NULL, NULL },
	{ "-x", NULL, NULL },
	{ "x-", NULL, NULL },
	{ ".x", NULL, NULL },
	{ "..", NULL, NULL },
	{ "../x", NULL, NULL },
	{ "a/../b", NULL, NULL },
	{ "a/./b", NULL, NULL },
	{ "a..b", NULL, NULL },
	{ "a___b", NULL, NULL },
	{ "_a", NULL, NULL },
	{ "a._b", NULL, NULL },
	{ "x@", NULL, NULL },
	{ "x@sha256:", NULL, NULL },
	{ "x@sha256:" HEX8, NULL, NULL },
	{ "x@sha256:" HEX64 "0", NULL, NULL },
	{ "x@sha256:" HEX64 "x", NULL, NULL },
	{ "x@md5:" HEX64, NULL, NULL },
	{ "x@sha256:" HEX64 ":v1", NULL, NULL },
	{ "@sha256:" HEX64, NULL, NULL },
	{ "ho st:5000/x", NULL, NULL },
	{ "host:port/x", NULL, NULL },
	{ "host:/x", NULL, NULL },
	{ ":5000/x", NULL, NULL },
	{ "host..example/x", NULL, NULL },
	{ "-host.example/x", NULL, NULL },
	{ "host_a.example/x", NULL, NULL },
};

static void test_table(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(references); i++) {
		cleanup_free char *full = reference_normalise(references[i].ref);
		cleanup_free char *again = full ? reference_normalise(full) : NULL, *back = NULL;
		const char *want = references[i].familiar ? references[i].familiar
							  : references[i].full;
		cleanup_free char *name = xasprintf("\"%s\" %s a reference", references[i].ref,
			references[i].full ? "is" : "is not");

		is_str(full, references[i].full, name);
		if (!full || !references[i].full)
			continue;
		is_str(again, full, "a full reference is full");
		is_str(reference_familiar(full), want, "it has its familiar form");
		back = reference_normalise(reference_familiar(full));
		is_str(back, full, "the familiar form means the same");
	}
}

static void test_length(void)
{
	char ref[600];
	size_t longest = 0;
	bool same = true;

	for (size_t len = 1; len < sizeof(ref) - 1; len++) {
		cleanup_free char *full = NULL, *again = NULL;

		memset(ref, 'a', len);
		ref[len] = '\0';
		full = reference_normalise(ref);
		again = full ? reference_normalise(full) : NULL;
		if (full && strlen(full) > longest)
			longest = strlen(full);
		same = same && (!full || (again && !strcmp(full, again)));
	}
	ok(same, "the full form of a long reference is a reference");
	ok(longest > 200, "a long name is a reference");
	ok(longest <= IMAGE_REFERENCE_MAX, "no full reference is longer than %d",
		IMAGE_REFERENCE_MAX);
}

int main(void)
{
	test_table();
	test_length();
	return done_testing();
}
