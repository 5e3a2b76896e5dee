/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the freezer against files that say what a kernel would. */
//link: applets/tcrd/freezer.c
#include "../../applets/tcrd/freezer.h"
#include "../../applets/tcrd/steps.h"
#include "base/mem.h"
#include "tap.h"
#include "tmpdir.h"

static enum cgroup_mode mode;

enum cgroup_mode cgroup_mode(void)
{
	return mode;
}

const char *cgroup_mode_name(void)
{
	return "no such thing";
}

char *cgroup_path(const char *id, const char *controller, const char *file)
{
	(void)id;
	is_str(controller, "freezer", "the controller is the freezer");
	return xstrdup(file);
}

static void test_v2(void)
{
	struct err e;

	mode = CGROUP_V2;
	is_int(cgroup_freeze("x", true, &e), -1, "a cgroup without freezer is an error");
	has_str(e.text, "cgroup.freeze", "it names the file");
	tmpdir_file("cgroup.freeze", "0\n");
	tmpdir_file("cgroup.events", "populated 1\nfrozen 0\n");
	ok(!cgroup_is_frozen("x"), "v2: what is not to freeze is not frozen");
	is_int(cgroup_freeze("x", false, &e), 0, "v2: thawing what is thawed succeeds");
	is_int(cgroup_freeze("x", true, &e), 1, "v2: a process that still runs means not yet");
	is_str(tmpdir_text("cgroup.freeze"), "1\n", "v2: it is asked to freeze");
	ok(cgroup_is_frozen("x"), "v2: what is on its way counts as frozen");
	tmpdir_file("cgroup.events", "populated 1\nfrozen 1\n");
	is_int(cgroup_freeze("x", true, &e), 0, "v2: it is done when the kernel says so");
	is_int(cgroup_freeze("x", false, &e), 1, "v2: thawing waits, too");
	is_str(tmpdir_text("cgroup.freeze"), "0\n", "v2: it is asked to thaw");
}

static void test_v1(void)
{
	struct err e;

	mode = CGROUP_V1;
	is_int(cgroup_freeze("x", true, &e), -1, "a kernel without freezer is an error");
	has_str(e.text, "freezer", "it says what is missing");
	tmpdir_file("freezer.state", "FREEZING\n");
	ok(cgroup_is_frozen("x"), "v1: what is on its way counts as frozen");
	tmpdir_file("freezer.state", "FROZEN\n");
	ok(cgroup_is_frozen("x"), "v1: FROZEN is frozen");
	is_int(cgroup_freeze("x", true, &e), 0, "v1: freezing what is frozen succeeds");
	tmpdir_file("freezer.state", "THAWED\n");
	ok(!cgroup_is_frozen("x"), "v1: THAWED is not frozen");
	is_int(cgroup_freeze("x", false, &e), 0, "v1: thawing what is thawed succeeds");
}

int main(void)
{
	struct err e;

	tmpdir_enter();
	mode = CGROUP_NONE;
	is_int(cgroup_freeze("x", true, &e), -1, "without control groups nothing can be frozen");
	has_str(e.text, "no such thing", "it says what the host has");
	ok(!cgroup_is_frozen("x"), "without control groups nothing is frozen");
	test_v2();
	test_v1();
	return done_testing();
}
