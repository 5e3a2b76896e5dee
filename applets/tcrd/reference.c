/* SPDX-License-Identifier: GPL-2.0-or-later */
/* References of images, as docker writes them: [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST]. */
//kbuild:obj-y += reference.o
#include <string.h>

#include "base/mem.h"
#include "image.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char hub[] = "docker.io/";
static const char library[] = "library/";

/* The first component is a host if it could not be a name: it has a dot, a port, or is localhost.
 */
static bool has_host(const char *ref, const char *slash)
{
	size_t len = slash - ref;

	return memchr(ref, '.', len) || memchr(ref, ':', len) ||
		(len == 9 && !memcmp(ref, "localhost", 9));
}

char *reference_normalise(const char *ref)
{
	const char *slash = strchr(ref, '/'), *path = ref, *tail;
	bool host = slash && has_host(ref, slash);
	size_t len;

	if (host)
		path = slash + 1;
	len = strspn(path, LOWER "._-/");
	tail = path + len;
	if (!len || path[0] == '/' || path[len - 1] == '/' || strstr(path, "//") ||
		strlen(ref) > IMAGE_REFERENCE_MAX - 32)
		return NULL;
	if (host && strspn(ref, LOWER UPPER ".:-") < (size_t)(slash - ref))
		return NULL;
	if (*tail == ':' && tail[1])
		tail += 1 + strspn(tail + 1, LOWER UPPER "._-");
	if (!strncmp(tail, "@sha256:", 8))
		tail += 8 + strspn(tail + 8, "0123456789abcdef");
	if (*tail)
		return NULL;
	return xasprintf("%s%s%s%s", host ? "" : hub, host || slash ? "" : library, ref,
		path[len] ? "" : ":latest");
}

const char *reference_familiar(const char *ref)
{
	if (strncmp(ref, hub, sizeof(hub) - 1))
		return ref;
	ref += sizeof(hub) - 1;
	return strncmp(ref, library, sizeof(library) - 1) ? ref : ref + sizeof(library) - 1;
}
