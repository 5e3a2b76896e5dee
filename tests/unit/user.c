/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of user_resolve(): passwd(5) and group(5) of an image, which may hold anything. */
//link: applets/tcrd/user.c
#include "../../applets/tcrd/steps.h"
#include "base/mem.h"
#include "tmpdir.h"

/* "UID:GID HOME+GROUP,GROUP" or the error. The own group is the last one, as docker has it. */
static char *resolve(const char *name)
{
	struct strbuf sb = STRBUF_INIT;
	struct user u;
	struct err e = { 0 };

	if (user_resolve(name, "root", &u, &e)) {
		sb_adds(&sb, e.text);
	} else {
		sb_addf(&sb, "%u:%u %s", u.uid, u.gid, u.home);
		for (size_t i = 0; i < u.ngroups; i++)
			sb_addf(&sb, "%c%u", i ? ',' : '+', u.groups[i]);
	}
	free(u.home);
	return sb.buf;
}

static void is_user(const char *name, const char *want, const char *assertion)
{
	cleanup_free char *got = resolve(name);

	is_str(got, want, assertion);
}

static const char no_user[] =
	"unable to find user web: no matching entry in the image's /etc/passwd";
static const char no_group[] =
	"unable to find group adm: no matching entry in the image's /etc/group";

static void test_no_files(void)
{
	is_user(NULL, "0:0 /+0", "without files the default is root");
	is_user("", "0:0 /+0", "an empty name is root");
	is_user("7", "7:0 /+0", "a number needs no files");
	is_user("7:8", "7:8 /+8", "nor do two");
	is_user(":8", "0:8 /+8", "a group alone is root's");
	is_user("7:", "7:0 /+0", "a colon alone says nothing");
	is_user("2147483647:2147483647", "2147483647:2147483647 /+2147483647",
		"the highest number is one");
	is_user("web", no_user, "a name needs a file");
	is_user("7:adm", no_group, "so does a group's");
	is_user("2147483648",
		"unable to find user 2147483648: no matching entry in the image's /etc/passwd",
		"a number that is too high is none");
}

static void test_forms(void)
{
	mkdir("root/etc", 0755);
	tmpdir_file("root/etc/passwd",
		"root:x:0:0:root:/root:/bin/sh\n"
		"\n"
		"# comment\n"
		"broken\n"
		"broken:x\n"
		"broken:x:12\n"
		"broken:x:12:x:::\n"
		"broken:x:-1:5:::\n"
		"broken:x:99999999999:5:::\n"
		":x:66:66::/empty:\n"
		"nohome:x:20:21\n"
		"relative:x:22:22::home:\n"
		"web:x:10:11:a:/srv/web:/bin/sh:and:more\n"
		"web:x:98:99::/second:\n"
		"other:x:10:77::/other:\n"
		"123:x:45:46::/digits:\n"
		"last:x:30:31::/last:/bin/sh");
	tmpdir_file("root/etc/group",
		"root:x:0:\n"
		"adm:x:4:web,other\n"
		"adm:x:5:\n"
		"broken:x:y:web\n"
		"spaces:x:6: web,web \n"
		"twice:x:7:web,web\n"
		"commas:x:8:,,web,,\n"
		"prefix:x:9:webx,we\n"
		"88:x:89:\n"
		"end:x:12:last,web");
	is_user(NULL, "0:0 /root+0", "root has its home");
	is_user("0", "0:0 /root+0", "so has its number");
	is_user("web", "10:11 /srv/web+4,7,8,12,11", "a user has group, home and further groups");
	is_user("10", "10:11 /srv/web+4,7,8,12,11",
		"its number means the same, the first entry counts");
	is_user("web:adm", "10:4 /srv/web+4", "a group is the only one");
	is_user("web:77", "10:77 /srv/web+77", "it may be a number");
	is_user("web:88", "10:88 /srv/web+88", "a number is a number, not a name");
	is_user("123", "123:0 /+0", "so is a user's");
	is_user("web:", "10:11 /srv/web+4,7,8,12,11", "an empty group is none");
	is_user("last", "30:31 /last+12,31", "a file may end without a newline");
	is_user("nohome", "20:21 /+21", "without a home it is /");
	is_user("relative", "22:22 /+22", "a relative home is none");
	is_user("4242", "4242:0 /+0", "an unknown number has group 0 and no home");
	is_user("broken",
		"unable to find user broken: no matching entry in the image's /etc/passwd",
		"broken entries are none");
	is_user("web:broken",
		"unable to find group broken: no matching entry in the image's /etc/group",
		"nor are those of groups");
	is_user("66", "66:66 /empty+66", "an entry without a name has a number");
	is_user("root\n",
		"unable to find user root\n: no matching entry in the image's /etc/passwd",
		"a newline is part of no name");
}

static void test_many_groups(void)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct user u = { 0 };
	struct err e;

	for (int i = 0; i < 200; i++)
		sb_addf(&sb, "g%d:x:%d:a,web,b\n", i, 1000 + i);
	tmpdir_file("root/etc/group", sb.buf);
	is_int(user_resolve("web", "root", &u, &e), 0, "a user may be in 200 groups");
	ok(u.ngroups == GROUPS_MAX && u.groups[0] == 1000 && u.groups[GROUPS_MAX - 1] == 11,
		"the first %d count, and the own one", GROUPS_MAX - 1);
	free(u.home);
	is_user("web:g199", "10:1199 /srv/web+1199", "a group behind them can be named");
}

static void test_long_lines(void)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	sb_adds(&sb, "long:x:50:");
	for (int i = 0; i < 20000; i++)
		sb_addf(&sb, "member%d,", i);
	sb_adds(&sb, "web\n");
	tmpdir_file("root/etc/group", sb.buf);
	is_user("web", "10:11 /srv/web+50,11", "a group may have 20000 members");
	sb_reset(&sb);
	for (int i = 0; i < 60000; i++)
		sb_adds(&sb, ":");
	sb_adds(&sb, "\nweb:x:10:11:");
	for (int i = 0; i < 60000; i++)
		sb_adds(&sb, "x");
	sb_adds(&sb, ":/far\n");
	tmpdir_file("root/etc/passwd", sb.buf);
	is_user("web:", "10:11 /far+50,11", "long fields and many of them do no harm");
	while (sb.len <= 1024 * 1024)
		sb_adds(&sb, "filler:x:1:1:::                                              \n");
	tmpdir_file("root/etc/passwd", sb.buf);
	is_user("web", no_user, "a file of more than a megabyte is not read");
	is_user("5", "5:0 /+0", "then a number still is one");
}

static void test_hostile_files(void)
{
	static const char bytes[] = "a\0b:x:1:1::/:\nweb:x:10:11::/nul:\n";
	int fd;

	tmpdir_file("secret", "web:x:0:0::/host:\n");
	unlink("root/etc/passwd");
	if (symlink("../../secret", "root/etc/passwd") < 0)
		bail_out("symlink");
	is_user("web", no_user, "a symlink does not lead out of the image");
	unlink("root/etc/passwd");
	if (mkfifo("root/etc/passwd", 0644) < 0)
		bail_out("mkfifo");
	is_user("web", no_user, "a FIFO is no file");
	unlink("root/etc/passwd");
	fd = open("root/etc/passwd", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (write(fd, bytes, sizeof(bytes) - 1) < 0)
		bail_out("write");
	close(fd);
	is_user("1", "1:0 /+0", "a NUL in the file does no harm");
}

int main(void)
{
	struct user u;
	struct err e = { 0 };

	tmpdir_enter();
	alarm(30);
	is_int(user_resolve("0", "root", &u, &e), -1, "without a root filesystem nobody is found");
	is_str(e.text, "root: No such file or directory", "the error names it");
	mkdir("root", 0755);
	test_no_files();
	test_forms();
	test_many_groups();
	test_long_lines();
	test_hostile_files();
	return done_testing();
}
