/* SPDX-License-Identifier: GPL-2.0-or-later */
/* References of images, as docker writes them: [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST]. */
//kbuild:obj-y += reference.o
#include <string.h>

#include "base/mem.h"
#include "image.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum { TAG_MAX = 128, DIGEST_LEN = 64 };

static const char hub[] = "docker.io/";
static const char old_hub[] = "index.docker.io/";
static const char library[] = "library/";

/* The first component is a host if it could not be a name: it has a dot, a port, or is localhost.
 */
static bool has_host(const char *ref, const char *slash)
{
	size_t len = slash - ref;

	return memchr(ref, '.', len) || memchr(ref, ':', len) ||
		(len == 9 && !memcmp(ref, "localhost", 9));
}

/* Words of the characters ALLOWED with single separators between them, at the start of P. Returns
 * the length, 0 if there are none. Docker allows runs of '-' and a double '_', too. */
static size_t words(const char *p, const char *allowed, const char *separators)
{
	const char *start = p;

	for (;;) {
		size_t len = strspn(p, allowed);

		if (!len)
			return 0;
		p += len;
		if (!*p || !strchr(separators, *p))
			return p - start;
		if (*p == '-')
			p += strspn(p, "-");
		else
			p += 1 + (*p == '_' && p[1] == '_');
	}
}

static bool is_host(const char *ref, const char *slash)
{
	const char *p = ref + words(ref, LOWER UPPER DIGITS, ".-");

	if (p > ref && *p == ':' && p[1] != '/')
		p += 1 + strspn(p + 1, DIGITS);
	return p == slash;
}

/* Components of a path with a slash between them; returns what is behind it, NULL if it is none. */
static const char *skip_path(const char *p)
{
	for (;;) {
		size_t len = words(p, LOWER DIGITS, "._-");

		if (!len)
			return NULL;
		p += len;
		if (*p != '/')
			return p;
		p++;
	}
}

static const char *skip_tag(const char *p)
{
	size_t len;

	if (*p != ':')
		return p;
	len = strspn(++p, LOWER UPPER DIGITS "._-");
	return len && len <= TAG_MAX && *p != '.' && *p != '-' ? p + len : NULL;
}

static bool is_digest(const char *p)
{
	return !*p ||
		(!strncmp(p, "@sha256:", 8) && strspn(p + 8, DIGITS "abcdef") == DIGEST_LEN &&
			!p[8 + DIGEST_LEN]);
}

char *reference_normalise(const char *ref)
{
	const char *slash = strchr(ref, '/'), *path = ref, *name_end, *tag_end;
	bool host = slash && has_host(ref, slash), official;
	char *full;

	if (host && !is_host(ref, slash))
		return NULL;
	if (host)
		path = slash + 1;
	name_end = skip_path(path);
	tag_end = name_end ? skip_tag(name_end) : NULL;
	if (!tag_end || !is_digest(tag_end))
		return NULL;
	if (host &&
		(!strncmp(ref, hub, sizeof(hub) - 1) ||
			!strncmp(ref, old_hub, sizeof(old_hub) - 1)))
		host = false;
	official = !host && !memchr(path, '/', name_end - path);
	full = xasprintf("%s%s%s%s", host ? "" : hub, official ? library : "", host ? ref : path,
		*name_end ? "" : ":latest");
	if (strlen(full) > IMAGE_REFERENCE_MAX)
		free(steal_ptr(&full));
	return full;
}

const char *reference_familiar(const char *ref)
{
	const char *path, *slash;

	if (strncmp(ref, hub, sizeof(hub) - 1))
		return ref;
	path = ref + sizeof(hub) - 1;
	slash = strchr(path, '/');
	/* What would be taken for a host, or for a name of its own, is not shortened. */
	if (slash && has_host(path, slash))
		return ref;
	return slash && !strncmp(path, library, sizeof(library) - 1) && !strchr(slash + 1, '/')
		? slash + 1
		: path;
}
