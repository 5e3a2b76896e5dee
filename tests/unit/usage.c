/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what containers use, with files that say what a kernel would. */
//link: applets/tcrd/usage.c applets/tcrd/procs.c
#include <unistd.h>

#include "../../applets/tcrd/steps.h"
#include "../../applets/tcrd/usage.h"
#include "base/mem.h"
#include "tap.h"
#include "tmpdir.h"

static enum cgroup_mode mode;

enum cgroup_mode cgroup_mode(void)
{
	return mode;
}

char *cgroup_path(const char *id, const char *controller, const char *file)
{
	(void)id;
	(void)controller;
	return xstrdup(file);
}

static void test_parsers(void)
{
	uint64_t n = 0, r = 0, w = 0;

	ok(usage_find("cache 5\nxinactive 6\ninactive 7\n", "inactive", &n) && n == 7,
		"a key is a whole word");
	ok(usage_find("18446744073709551615\n", "", &n) && n == UINT64_MAX,
		"a number alone is found, however large");
	ok(!usage_find("max\n", "", &n), "\"max\" is no number");
	ok(!usage_find("a 1\n", "b", &n), "what is not there is not found");
	ok(!usage_find("\n5\n", "a", &n), "nor is it behind an empty line");
	usage_add_io("8:0 Read 1000\n8:0 Write 200\n8:0 Sync 9\n8:0 Total 1200\n"
		     "7:0 Read 11\nTotal 1211\n",
		&r, &w);
	is_int(r, 1011, "v1: bytes read, of all devices");
	is_int(w, 200, "v1: bytes written");
	r = w = 0;
	usage_add_io(
		"8:0 rbytes=5 wbytes=6 rios=7 wios=8 dbytes=9 dios=0\n7:1 \n8:16 rbytes=1", &r, &w);
	is_int(r, 6, "v2: bytes read, of all devices");
	is_int(w, 6, "v2: bytes written");
	r = w = 0;
	usage_add_net("Inter-|   Receive          |  Transmit\n"
		      " face |bytes    packets errs |bytes\n"
		      "    lo: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n"
		      "  eth0:1000 1 0 0 0 0 0 0 300 4 0 0 0 0 0 0\n"
		      "lo2: 1 1 0 0 0 0 0 0 2 4 0 0 0 0 0 0\n  eth1: 5",
		&r, &w);
	is_int(r, 1001, "bytes received, without loopback");
	is_int(w, 302, "bytes sent");
}

static void test_v1(void)
{
	struct meter m = { .id = "x", .pid = getpid() };

	mode = CGROUP_V1;
	tmpdir_file("cpuacct.usage", "123456789\n");
	tmpdir_file("memory.usage_in_bytes", "1000000\n");
	tmpdir_file("memory.limit_in_bytes", "2000000\n");
	tmpdir_file("memory.stat", "inactive_file 7\ntotal_inactive_file 300000\n");
	tmpdir_file("blkio.throttle.io_service_bytes", "8:0 Read 4096\nTotal 4096\n");
	tmpdir_file("pids.current", "3\n");
	usage_measure(&m, 1);
	is_int(m.usage.cpu_ns, 123456789, "v1: processor time");
	is_int(m.usage.memory, 700000, "v1: memory, without the cache that can go");
	is_int(m.usage.memory_limit, 2000000, "v1: its limit");
	is_int(m.usage.io_read, 4096, "v1: bytes read");
	is_int(m.usage.pids, 3, "v1: processes");
	tmpdir_file("memory.limit_in_bytes", "9223372036854771712\n");
	usage_measure(&m, 1);
	ok(m.usage.memory_limit > 2000000 && m.usage.memory_limit < 1ull << 62,
		"v1: without a limit it is the memory that the machine has");
}

static void test_v2(void)
{
	struct meter m = { .id = "x", .pid = getpid() };

	mode = CGROUP_V2;
	tmpdir_file("cpu.stat", "usage_usec 1234\nuser_usec 1000\n");
	tmpdir_file("memory.current", "1000000\n");
	tmpdir_file("memory.max", "max\n");
	tmpdir_file("memory.stat", "anon 5\ninactive_file 2000000\n");
	tmpdir_file("io.stat", "8:0 rbytes=5 wbytes=6 rios=7\n");
	tmpdir_file("pids.current", "17\n");
	usage_measure(&m, 1);
	is_int(m.usage.cpu_ns, 1234000, "v2: processor time");
	is_int(m.usage.memory, 0, "v2: never less memory than none");
	ok(m.usage.memory_limit > 1 << 20, "v2: no limit is the memory of the machine");
	is_int(m.usage.io_write, 6, "v2: bytes written");
	is_int(m.usage.pids, 17, "v2: processes");
	tmpdir_file("memory.max", "65536\n");
	usage_measure(&m, 1);
	is_int(m.usage.memory_limit, 65536, "v2: the limit");
	unlink("cpu.stat");
	unlink("pids.current");
	unlink("memory.current");
	usage_measure(&m, 1);
	ok(m.usage.memory > 100000, "v2: without a controller processes are asked");
	ok(m.usage.pids >= 1 && m.usage.pids != 17, "v2: and counted");
}

static void test_none(void)
{
	struct meter m[] = { { .id = "a", .pid = getpid() }, { .id = "b" } };
	volatile unsigned long spin = 0;

	mode = CGROUP_NONE;
	/* Enough for a tick of the clock that processes are measured with. */
	for (usage_measure(m, 2); !m[0].usage.cpu_ns; usage_measure(m, 2))
		for (int i = 0; i < 1000000; i++)
			spin++;
	ok(m[0].usage.cpu_ns < 1ull << 60, "without cgroups: processor time");
	ok(m[0].usage.memory > 100000, "without cgroups: memory");
	ok(m[0].usage.memory_limit > m[0].usage.memory, "without cgroups: that of the machine");
	ok(m[0].usage.pids >= 1, "without cgroups: processes");
	is_int(m[0].usage.net_rx, 0, "the host's own network is nobody's");
	is_int(m[1].usage.memory_limit + m[1].usage.pids, 0, "what does not run uses nothing");
}

int main(void)
{
	tmpdir_enter();
	test_parsers();
	test_v1();
	test_v2();
	test_none();
	return done_testing();
}
