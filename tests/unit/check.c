/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the checks of option values: normal forms and refusals. */
//link: applets/tcrd/check.c applets/tcrd/check_mount.c applets/tcrd/check_net.c applets/tcrd/check_log.c applets/tcrd/spec.c applets/tcrd/signals.c
#include "../../applets/tcrd/check.h"
#include "base/mem.h"
#include "client_stub.h"
#include "tmpdir.h"

typedef char *check_fn(const char *value, void *ctx, struct err *e);

#define TEN "0123456789"
#define SAME "(same)"

/* WANT: the normal form, SAME, or behind "!" a part of the error; NULL: ignored. Whoever checks a
 * normal form again, as it is done with what is stored, gets the same. */
static const struct {
	check_fn *check;
	const char *value, *want;
} checks[] = {
	{ check_any, "", SAME },
	{ check_any, "a b\n", SAME },
	{ check_env, "A=1", SAME },
	{ check_env, "A=", SAME },
	{ check_env, "A=b=c\nd", SAME },
	{ check_env, "HERE", "HERE=value = 1" },
	{ check_env, "NOT_HERE", NULL },
	{ check_env, "", "!the variable has no name" },
	{ check_env, "=1", "!--env \"=1\": the variable has no name" },
	{ check_name, "a", SAME },
	{ check_name, "9_a.B-c", SAME },
	{ check_name, TEN TEN TEN TEN TEN TEN "123", SAME },
	{ check_name, TEN TEN TEN TEN TEN TEN "1234", "!at most 63 characters" },
	{ check_name, "", "!--name \"\" is not valid" },
	{ check_name, "_a", "!is not valid" },
	{ check_name, "-a", "!is not valid" },
	{ check_name, ".a", "!is not valid" },
	{ check_name, "a b", "!is not valid" },
	{ check_name, "a/b", "!is not valid" },
	{ check_name, "../a", "!is not valid" },
	{ check_name, "a\n127.0.0.1 b", "!is not valid" },
	{ check_name, "a\xc3\xa9", "!is not valid" },
	{ check_hostname, "web-1.example", SAME },
	{ check_hostname, TEN TEN TEN TEN TEN TEN "1234", SAME },
	{ check_hostname, TEN TEN TEN TEN TEN TEN "12345", "!at most 64" },
	{ check_hostname, "", "!is not valid" },
	{ check_hostname, "a_b", "!is not valid" },
	{ check_hostname, "a\nb", "!is not valid" },
	{ check_network, "none", SAME },
	{ check_network, "", "!--network \"\"" },
	{ check_network, "docker0", SAME },
	{ check_network, "Host", SAME },
	{ check_network, "a b", "!--network \"a b\"" },
	{ check_network, "../x", "!--network \"../x\"" },
	{ check_network, "a\nb", "!--network" },
	{ check_network, "container:web", SAME },
	{ check_network, "container:", "!is not valid" },
	{ check_network, "a:b", "!is not valid" },
	{ check_network, TEN TEN TEN TEN TEN TEN "123", SAME },
	{ check_network, TEN TEN TEN TEN TEN TEN "1234", "!at most 63" },
	{ check_ip, "10.211.0.7", SAME },
	{ check_ip, "10.211.0", "!--ip \"10.211.0\"" },
	{ check_ip, "::1", "!--ip" },
	{ check_ip, "", "!--ip" },
	{ check_mac, "02:42:0A:d3:00:07", "02:42:0a:d3:00:07" },
	{ check_mac, "01:42:0a:d3:00:07", "!one host" },
	{ check_mac, "02:42:0a:d3:00", "!--mac-address" },
	{ check_alias, "db.local", SAME },
	{ check_alias, "-db", "!the alias \"" },
	{ check_alias, "", "!the alias \"" },
	{ check_dns, "192.0.2.1", SAME },
	{ check_dns, "2001:db8::1", SAME },
	{ check_dns, "localhost", "!--dns \"localhost\"" },
	{ check_dns, "1.2.3.4\nnameserver 5.6.7.8", "!--dns" },
	{ check_dns_search, "example.org", SAME },
	{ check_dns_search, ".", SAME },
	{ check_dns_search, "a b", "!--dns-search" },
	{ check_add_host, "db:192.0.2.1", SAME },
	{ check_add_host, "db=192.0.2.1", "db:192.0.2.1" },
	{ check_add_host, "db:2001:db8::1", SAME },
	{ check_add_host, "db:host-gateway", SAME },
	{ check_add_host, "db", "!--add-host" },
	{ check_add_host, ":1.2.3.4", "!--add-host" },
	{ check_add_host, "a\nb:1.2.3.4", "!--add-host" },
	{ check_publish, "80", "80/tcp" },
	{ check_publish, "8080:80/udp", SAME },
	{ check_publish, "70000:80", "!70000" },
	{ check_log_driver, "file", SAME },
	{ check_log_driver, "json-file", "file" },
	{ check_log_driver, "local", "file" },
	{ check_log_driver, "syslog", SAME },
	{ check_log_driver, "none", SAME },
	{ check_log_driver, "journald", "!file, syslog and none" },
	{ check_log_driver, "", "!--log-driver" },
	{ check_log_opt, "max-size=64k", SAME },
	{ check_log_opt, "max-size=1K", SAME },
	{ check_log_opt, "max-size=10mb", SAME },
	{ check_log_opt, "max-size=64M", SAME },
	{ check_log_opt, "max-size=1024", SAME },
	{ check_log_opt, "max-size=1024b", SAME },
	{ check_log_opt, "max-size=1023", "!from 1k to 64m" },
	{ check_log_opt, "max-size=65m", "!from 1k to 64m" },
	{ check_log_opt, "max-size=67108865", "!from 1k to 64m" },
	{ check_log_opt, "max-size=1g", "!from 1k to 64m" },
	{ check_log_opt, "max-size=", "!from 1k to 64m" },
	{ check_log_opt, "max-size=-1", "!from 1k to 64m" },
	{ check_log_opt, "max-size=64kk", "!from 1k to 64m" },
	{ check_log_opt, "max-size=64bb", "!from 1k to 64m" },
	{ check_log_opt, "max-size=64kbb", "!from 1k to 64m" },
	{ check_log_opt, "max-size=18446744073709551617k", "!from 1k to 64m" },
	{ check_log_opt, "max-size=4398046511105k", "!from 1k to 64m" },
	{ check_log_opt, "max-file=2", SAME },
	{ check_log_opt, "max-file=5", SAME },
	{ check_log_opt, "max-file=0", "!a number from 1" },
	{ check_log_opt, "max-file=2x", "!a number from 1" },
	{ check_log_opt, "tag=web-1.x", SAME },
	{ check_log_opt, "tag={{.Name}}", "!tag={{.Name}}: at most" },
	{ check_log_opt, "tag=a b", "!tag=a b: at most" },
	{ check_log_opt, "tag=", "!tag=: at most" },
	{ check_log_opt, "labels=x", "!max-size=, max-file= and tag=" },
	{ check_log_opt, "max-size", "!max-size=, max-file= and tag=" },
	{ check_log_dir, "/var/log//", "/var/log" },
	{ check_log_dir, "/", SAME },
	{ check_log_dir, "logs", "!absolute" },
	{ check_log_dir, "", "!absolute" },
	{ check_restart, "no", SAME },
	{ check_restart, "always", SAME },
	{ check_restart, "unless-stopped", SAME },
	{ check_restart, "on-failure", SAME },
	{ check_restart, "on-failure:0", SAME },
	{ check_restart, "on-failure:1000000", SAME },
	{ check_restart, "on-failure:1000001", "!is not valid" },
	{ check_restart, "on-failure:", "!is not valid" },
	{ check_restart, "on-failure:-1", "!is not valid" },
	{ check_restart, "on-failure:3x", "!is not valid" },
	{ check_restart, "on-failure3", "!is not valid" },
	{ check_restart, "always:3", "!is not valid" },
	{ check_restart, "yes", "!--restart \"yes\" is not valid" },
	{ check_restart, "", "!is not valid" },
	{ check_timeout, "0", SAME },
	{ check_timeout, "-1", SAME },
	{ check_timeout, "86400", SAME },
	{ check_timeout, "86401", "!is not valid" },
	{ check_timeout, "-2", "!is not valid" },
	{ check_timeout, "10s", "!time-out \"10s\" is not valid" },
	{ check_timeout, "", "!is not valid" },
	{ check_user, "0", SAME },
	{ check_user, "1000:1000", SAME },
	{ check_user, "web", SAME },
	{ check_user, "_apt", SAME },
	{ check_user, "web:adm", SAME },
	{ check_user, "1000:adm", SAME },
	{ check_user, "machine$", SAME },
	{ check_user, "2147483647", SAME },
	{ check_user, "2147483648", "!is not valid" },
	{ check_user, "", NULL },
	{ check_user, "web:", SAME },
	{ check_user, ":adm", "!is not valid" },
	{ check_user, "-1", "!is not valid" },
	{ check_user, "1x", "!is not valid" },
	{ check_user, "0x0", "!is not valid" },
	{ check_user, "a b", "!is not valid" },
	{ check_user, "a\nb", "!is not valid" },
	{ check_user, "_a b", "!is not valid" },
	{ check_user, "_\nroot", "!is not valid" },
	{ check_user, "_/../etc", "!is not valid" },
	{ check_user, "a:b:c", "!is not valid" },
	{ check_user, "a:_b:c", "!is not valid" },
	{ check_user, "+1", "!is not valid" },
	{ check_workdir, "/", SAME },
	{ check_workdir, "/a/b", SAME },
	{ check_workdir, "//a/./b//", "/a/b" },
	{ check_workdir, "/.", "/" },
	{ check_workdir, "/...", SAME },
	{ check_workdir, "/a b\n", SAME },
	{ check_workdir, "a", "!--workdir \"a\": the path in the container must be absolute" },
	{ check_workdir, "", "!must be absolute" },
	{ check_workdir, "/a/../b", "!\"..\" is not allowed" },
	{ check_workdir, "/..", "!\"..\" is not allowed" },
	{ check_tmpfs, "/x", SAME },
	{ check_tmpfs, "/x/", "/x" },
	{ check_tmpfs, "/x:64", "/x:size=64" },
	{ check_tmpfs, "/x:64b", "/x:size=64" },
	{ check_tmpfs, "/x:64k", "/x:size=65536" },
	{ check_tmpfs, "/x:64m", "/x:size=67108864" },
	{ check_tmpfs, "/x:64M", "/x:size=67108864" },
	{ check_tmpfs, "/x:2g", "/x:size=2147483648" },
	{ check_tmpfs, "/x:size=64m", "/x:size=67108864" },
	{ check_tmpfs, "/x:size=64m,mode=1777", "/x:size=67108864,mode=1777" },
	{ check_tmpfs, "/x:ro,noexec,nosuid,nodev", SAME },
	{ check_tmpfs, "/x:mode=700,exec,16k", "/x:mode=700,exec,size=16384" },
	{ check_tmpfs, "/x:", "!options are missing behind ':'" },
	{ check_tmpfs, "", "!must be absolute" },
	{ check_tmpfs, "x", "!must be absolute" },
	{ check_tmpfs, "/", "!\"/\" is the image's" },
	{ check_tmpfs, "//.", "!\"/\" is the image's" },
	{ check_tmpfs, "/a/../b", "!\"..\" is not allowed" },
	{ check_tmpfs, "/x:0", "!\"0\" is neither" },
	{ check_tmpfs, "/x:-1", "!\"-1\" is neither" },
	{ check_tmpfs, "/x:64q", "!\"64q\" is neither" },
	{ check_tmpfs, "/x:64mm", "!is neither" },
	{ check_tmpfs, "/x:m", "!is neither" },
	{ check_tmpfs, "/x:size=", "!is neither" },
	{ check_tmpfs, "/x:size=size=1", "!is neither" },
	{ check_tmpfs, "/x:99999999999999999999", "!is neither" },
	{ check_tmpfs, "/x:99999999999g", "!is neither" },
	{ check_tmpfs, "/x:mode=", "!is neither" },
	{ check_tmpfs, "/x:mode=10000", "!is neither" },
	{ check_tmpfs, "/x:mode=8", "!is neither" },
	{ check_tmpfs, "/x:mode=-1", "!is neither" },
	{ check_tmpfs, "/x:mode= 777", "!is neither" },
	{ check_tmpfs, "/x:mode=777x", "!is neither" },
	{ check_tmpfs, "/x:uid=0", SAME },
	{ check_tmpfs, "/x:ro,upperdir=/", "!is neither" },
	{ check_tmpfs, "/x:RO", "!is neither" },
	{ check_volume, "/:/host", "/:/host:rw" },
	{ check_volume, "/:/host:ro", SAME },
	{ check_volume, "/:/host:rw", SAME },
	{ check_volume, "//.//:/host//x/:ro", "/:/host/x:ro" },
	{ check_volume, "/dev/null:/x", "/dev/null:/x:rw" },
	{ check_volume, "/", "!is not valid: SOURCE:TARGET[:ro]" },
	{ check_volume, "", "!is not valid: SOURCE:TARGET[:ro]" },
	{ check_volume, "name:/x", "name:/x:rw" },
	{ check_volume, "name:/x:nocopy,ro", "name:/x:ro,nocopy" },
	{ check_volume, "na me:/x", "!the name of a volume is" },
	{ check_volume, "name/x:/x", "!the name of a volume is" },
	{ check_volume, "..x:/x", "!No such file" },
	{ check_volume, "/:/x:nocopy", "!unknown mode \"nocopy\"" },
	{ check_volume, "/x", "!a volume without a name" },
	{ check_volume, ":/x", "!a path begins with" },
	{ check_volume, "/none:/x", "!--volume \"/none\": No such file" },
	{ check_volume, "/:x", "!must be absolute" },
	{ check_volume, "/:", "!must be absolute" },
	{ check_volume, "/:/", "!\"/\" is the image's" },
	{ check_volume, "/:/a/..", "!\"..\" is not allowed" },
	{ check_volume, "/:/x:", "!unknown mode \"\"" },
	{ check_volume, "/:/x:ro,z,Z", "/:/x:ro" },
	{ check_volume, "/:/x:ro,q", "!unknown mode \"q\"" },
	{ check_volume, "/:/x:ro:ro", "!unknown mode" },
};

static void test_table(void)
{
	struct client cl;

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		const char *value = checks[i].value, *want = checks[i].want;
		struct err e = { 0 };
		cleanup_free char *got = checks[i].check(value, &cl, &e), *again = NULL;
		cleanup_free char *name = xasprintf("row %zu: \"%s\"", i, value);

		if (want && *want == '!') {
			ok(!got && e.exit_code == EXIT_ENGINE, "%s is refused", name);
			has_str(e.text, want + 1, "the error says why");
			continue;
		}
		is_str(got, want && !strcmp(want, SAME) ? value : want, name);
		ok(!e.exit_code, "%s is no error", name);
		again = got ? checks[i].check(got, NULL, &e) : NULL;
		is_str(again, got, "its normal form is the same when it is loaded");
	}
}

static char *long_text(size_t len, const char *start)
{
	char *s = xcalloc(1, len + 1);

	memset(s, 'x', len);
	memcpy(s, start, strlen(start));
	return s;
}

static void test_long(void)
{
	static check_fn *const all[] = { check_name, check_hostname, check_network, check_restart,
		check_timeout, check_user, check_workdir, check_tmpfs, check_volume, check_ip,
		check_mac, check_alias, check_dns, check_dns_search, check_add_host,
		check_publish };
	static const char *const starts[] = { "a", "_", "/", "/:/", "/x:", "1",
		"on-failure:", "." };
	struct client cl;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		bool refused = true, shown = true;

		for (size_t j = 0; j < ARRAY_SIZE(starts); j++) {
			cleanup_free char *text = long_text(5000, starts[j]), *got = NULL;
			struct err e = { 0 };

			got = all[i](text, &cl, &e);
			refused = refused && !got && e.exit_code;
			shown = shown && strlen(e.text) < sizeof(e.text) - 1;
		}
		ok(refused, "check %zu refuses 5000 bytes", i);
		ok(shown, "check %zu shows only a part of them, and why", i);
	}
}

/* A source is looked up where the client is, and stored as what it is now. */
static void test_sources(void)
{
	struct client cl;
	struct err e = { 0 };
	cleanup_free char *want = xasprintf("%s/dir:/x:rw", tmpdir), *a = NULL, *b = NULL,
			  *c = NULL, *d = NULL;
	cleanup_free char *stored = NULL, *fifo = NULL,
			  *fifo_want = xasprintf("%s/fifo:/x:rw", tmpdir);

	mkdir("dir", 0755);
	if (symlink("dir", "link") < 0 || mkfifo("fifo", 0600) < 0 || mkdir("co:lon", 0755) < 0 ||
		symlink("co:lon", "hidden") < 0)
		bail_out("cannot make files");
	a = check_volume("./dir:/x", &cl, &e);
	is_str(a, want, "a relative source becomes absolute");
	b = check_volume("./link/../link/.:/x", &cl, &e);
	is_str(b, want, "a symlink becomes what it leads to");
	fifo = check_volume("./fifo:/x", &cl, &e);
	is_str(fifo, fifo_want, "a FIFO is not opened");
	c = check_volume("./hidden:/x", &cl, &e);
	is_str(c, NULL, "a source whose path has a colon is refused");
	has_str(e.text, "a path with ':' cannot be given", "the error says so");
	d = check_volume("./none:/x", &cl, &e);
	is_str(d, NULL, "a source that does not exist is refused");
	stored = check_volume("/not/there/yet:/x:ro", NULL, &e);
	is_str(stored, "/not/there/yet:/x:ro", "a stored source is not looked up");
}

static void test_mount_points(void)
{
	char *volumes[] = { "/a:/x:ro", "/a:/y:rw", NULL }, *tmpfs[] = { "/z:size=1", "/xx", NULL };
	char *same[] = { "/y", NULL }, *twice[] = { "/b", "/b:ro", NULL };
	struct err e = { 0 };

	is_int(check_mount_points(NULL, NULL, &e), 0, "no mounts do not collide");
	is_int(check_mount_points(volumes, tmpfs, &e), 0, "nor do mounts at several places");
	is_int(check_mount_points(volumes, same, &e), -1, "a volume and a tmpfs at one place do");
	is_str(e.text, "two mounts at /y", "the error says where");
	is_int(check_mount_points(NULL, twice, &e), -1, "so do two tmpfs");
}

int main(void)
{
	tmpdir_enter();
	alarm(30);
	test_table();
	test_long();
	test_sources();
	test_mount_points();
	return done_testing();
}
