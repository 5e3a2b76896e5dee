/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of cgroup_service_path(): which service's cgroup we are in, by cgroups(7). */
//link: applets/tcrd/cgroup_service.c
#include "../../applets/tcrd/steps.h"
#include "base/mem.h"
#include "tap.h"

static const struct {
	const char *self, *service;
} texts[] = {
	{ "0::/system.slice/tcrd.service\n", "system.slice/tcrd.service" },
	{ "0::/system.slice/tcrd.service/tcrd\n", "system.slice/tcrd.service" },
	{ "0::/tcrd.service", "tcrd.service" },
	{ "0::/other.service/tcrd\n", "other.service" },
	{ "1:name=systemd:/x\n0::/a.slice/a-b.slice/t@1.service\n", "a.slice/a-b.slice/t@1.service" },
	/* v1 alone, no service, something below a service, nothing at all */
	{ "4:memory:/system.slice/tcrd.service\n1:name=systemd:/system.slice/tcrd.service\n", NULL },
	{ "0::/\n", NULL },
	{ "0::/user.slice/user-0.slice/session-1.scope\n", NULL },
	{ "0::/user.slice/user@0.service/app.slice\n", NULL },
	{ "0::/system.slice/tcrd.service/tcrd/tcrd\n", NULL },
	{ "0::/system.slice/tcrd.service/other\n", NULL },
	{ "0::/tcrd\n", NULL },
	{ "0::/.service\n", NULL },
	{ "0::/../tcrd.service\n", NULL },
	{ "0:", NULL },
	{ "\n\n", NULL },
	{ "", NULL },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_free char *got = cgroup_service_path(texts[i].self);

		is_str(got ? got : "(none)", texts[i].service ? texts[i].service : "(none)",
			texts[i].service ? "the service is found" : "this is no service");
	}
	return done_testing();
}
