/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any text as the reference of an image. */
//link: applets/tcrd/reference.c
#include <string.h>

#include "../../applets/tcrd/image.h"
#include "base/mem.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *ref = xstrndup((const char *)data, size);
	cleanup_free char *full = reference_normalise(ref), *again = NULL, *back = NULL;
	const char *familiar;

	if (!full)
		return 0;
	require(strlen(full) <= IMAGE_REFERENCE_MAX);
	require(strspn(full,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@[]") ==
		strlen(full));
	require(*full != '-' && *full != '/' && strchr(full, '/') && !strstr(full, "/."));
	again = reference_normalise(full);
	require(again && !strcmp(again, full));
	/* What a listing shows can be typed. */
	familiar = reference_familiar(full);
	require(strlen(familiar) <= strlen(full));
	back = reference_normalise(familiar);
	require(back && !strcmp(back, full));
	return 0;
}
