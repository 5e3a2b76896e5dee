/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: any text as the stored spec of a container. */
//link: applets/tcrd/spec.c applets/tcrd/check.c applets/tcrd/check_mount.c applets/tcrd/check_net.c applets/tcrd/check_log.c applets/tcrd/signals.c applets/tcrd/init.c
#include <string.h>

#include "../../applets/tcrd/rpc.h"
#include "../../applets/tcrd/spec.h"
#include "../../applets/tcrd/tcrd.h"
#include "base/mem.h"
#include "base/opt.h"
#include "fuzz.h"

/* Of init.c only a pure function is called, but libFuzzer's build keeps the others, too. */
struct tcrd tcrd;

/* Stored specs are read without a client. */
int client_cwd(const struct client *cl)
{
	(void)cl;
	abort();
}

const char *client_getenv(const struct client *cl, const char *name)
{
	(void)cl;
	(void)name;
	abort();
}

bool client_expands(struct client *cl, size_t len)
{
	(void)cl;
	(void)len;
	abort();
}

static void check_loaded(const struct spec *s)
{
	require(s->image && s->name && s->image_id && s->created);
	require(!(s->networks && s->no_network));
	require(spec_stop_timeout_ms(s) >= -1 && spec_stop_timeout_ms(s) <= 86400000);
	require(strlen(s->name) <= 63 && !strpbrk(s->name, "/\n ="));
	require(!s->workdir || *s->workdir == '/');
	for (char **v = s->env; v && *v; v++)
		require(strchr(*v, '=') > *v);
	for (char **v = s->tmpfs; v && *v; v++)
		require(**v == '/' && !strstr(*v, "//") && (*v)[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = xstrndup((const char *)data, size);
	cleanup_sb struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	struct spec first, second;
	struct err e = { 0 };

	if (spec_load(&first, text, &e)) {
		require(e.exit_code == EXIT_ENGINE && *e.text);
	} else {
		check_loaded(&first);
		spec_store(&first, &once);
		require(once.len <= 2 * size + 64);
		require(spec_load(&second, once.buf, &e) == 0);
		require(strv_len(first.command) == strv_len(second.command));
		spec_store(&second, &twice);
		require(once.len == twice.len && !memcmp(once.buf, twice.buf, once.len));
		spec_free(&second);
	}
	spec_free(&first);
	return 0;
}
