/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any text as the record of a network, and of an attachment. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "net/record.h"

static void check_network(const char *text)
{
	cleanup_sb struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	struct err e = { 0 };
	struct network *n = network_parse("fuzz", text, &e), *again;

	require(n || (*e.text && !strchr(e.text, '\n')));
	if (!n)
		return;
	require(subnet_contains(&n->subnet, n->gateway) && n->gateway != n->subnet.base);
	network_emit(n, &once);
	again = network_parse("fuzz", sb_str(&once), &e);
	require(again);
	network_emit(again, &twice);
	require(!strcmp(sb_str(&once), sb_str(&twice)));
	network_free(again);
	network_free(n);
}

static void check_attachment(const char *text)
{
	cleanup_sb struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	struct attachment a, again;
	struct err e = { 0 };

	if (attachment_parse(&a, text, &e) == 0) {
		attachment_emit(&a, &once);
		require(attachment_parse(&again, sb_str(&once), &e) == 0);
		attachment_emit(&again, &twice);
		require(!strcmp(sb_str(&once), sb_str(&twice)));
		attachment_free(&again);
	}
	require(e.exit_code == 0 || (*e.text && !strchr(e.text, '\n')));
	attachment_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = xcalloc(1, size + 1);

	if (size)
		memcpy(text, data, size);
	check_network(text);
	check_attachment(text);
	return 0;
}
