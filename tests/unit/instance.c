/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/instance. */
#include <string.h>

#include "base/mem.h"
#include "net/instance.h"
#include "tap.h"

static const struct {
	const char *run_dir, *name;
} names[] = {
	{ CONFIG_RUN_DIR, "tcr" },
	{ "/", "tcr_" },
	{ "/run/x", "tcr_run_x" },
	{ "/run/Tcr9", "tcr_run_Tcr9" },
	{ "/run/x-y", "tcr_run_x__2dy" },
	{ "/run/x_y", "tcr_run_x__5fy" },
	{ "/run/x/y", "tcr_run_x_y" },
	{ "/run/x__2dy", "tcr_run_x__5f__5f2dy" },
	{ "/run/x/_2dy", "tcr_run_x___5f2dy" },
	{ "/run/x/-y", "tcr_run_x___2dy" },
	{ "/run/x-/y", "tcr_run_x__2d_y" },
	{ "/run/\xc3\xa4\n", "tcr_run___c3__a4__0a" },
};

/* The path that a name stands for: the way back, which shows that there is only one. */
static void decode(const char *name, char *path)
{
	unsigned byte;

	for (const char *c = name + strlen("tcr"); *c; c++) {
		if (sscanf(c, "__%2x", &byte) == 1 && strspn(c + 2, "0123456789abcdef") >= 2) {
			*path++ = (char)byte;
			c += 3;
		} else {
			*path++ = *c == '_' ? '/' : *c;
		}
	}
	*path = '\0';
}

static void test_names(void)
{
	char path[256];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cleanup_free char *name = instance_name(names[i].run_dir);

		is_str(name, names[i].name, "the name of a run directory");
		decode(name, path);
		is_str(path, i ? names[i].run_dir : "", "it leads back to that");
	}
}

static void test_aliases(void)
{
	cleanup_free char *network = instance_network_alias("tcr", "web");
	cleanup_free char *container = instance_container_alias("tcr_run_x", "0123");

	is_str(network, "tcr:tcr:network:web", "the alias of a bridge");
	is_str(instance_alias_network("tcr", network), "web", "it names the network");
	ok(!instance_alias_network("tcr_run_x", network), "but not to another instance");
	ok(!instance_alias_container("tcr", network), "nor a container");
	is_str(instance_alias_container("tcr_run_x", container), "0123",
		"the alias of a veth names the container");
	ok(!instance_alias_container("tcr_run", container), "a shorter name is another");
}

int main(void)
{
	test_names();
	test_aliases();
	return done_testing();
}
