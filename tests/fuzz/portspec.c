/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any text as the value of `run -p`. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "net/portspec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = xcalloc(1, size + 1);
	char once[PORTSPEC_SIZE], twice[PORTSPEC_SIZE];
	struct portspec p, q;
	struct err e = { 0 };

	if (size)
		memcpy(text, data, size);
	if (portspec_parse(text, &p, &e)) {
		require(!strncmp(e.text, "-p \"", 4) && !strchr(e.text, '\n'));
		return 0;
	}
	require(p.container && p.count && p.container + p.count <= 65536);
	require(!p.host == !p.host_count && p.host + p.host_count <= 65536);
	require(!p.host || p.count == 1 || p.host_count == p.count);
	portspec_format(&p, once);
	require(portspec_parse(once, &q, &e) == 0);
	require(!strcmp(portspec_format(&q, twice), once));
	return 0;
}
