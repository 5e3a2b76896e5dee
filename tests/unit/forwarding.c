/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of net/forwarding with the kernel's own switch, as root in namespaces of their own. */
#include <linux/netlink.h>
#include <sys/mount.h>

#include "base/file.h"
#include "base/mem.h"
#include "net/forwarding.h"
#include "tmpdir.h"

#define SYSCTL "/proc/sys/net/ipv4/ip_forward"

static struct nl nl;

/* The first byte of a file; 0 if there is none. */
static char first_byte(const char *path)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c = 0;

	return fd >= 0 && read(fd, &c, 1) == 1 ? c : 0;
}

static void ip(const char *args)
{
	cleanup_free char *command = xasprintf("ip %s", args);

	if (system(command) != 0)
		bail_out(command);
}

static void is_noted(const char *want, const char *name)
{
	cleanup_strv char **names = forwarding_guarded(AT_FDCWD);
	cleanup_sb struct strbuf sb = STRBUF_INIT;

	for (char **n = names; n && *n; n++)
		sb_addf(&sb, "%s ", *n);
	is_str(names ? sb_str(&sb) : NULL, want, name);
}

static void note_and_on(void)
{
	struct err e = { 0 };

	if (forwarding_note(&nl, AT_FDCWD, &e) || forwarding_on(&e))
		bail_out(e.text);
}

static void test_on(void)
{
	struct err e = { 0 };

	is_noted(NULL, "there is no note at first");
	is_int(forwarding_off(&nl, AT_FDCWD, &e), 0, "without one there is nothing to switch off");
	note_and_on();
	ok(first_byte(SYSCTL) == '1', "forwarding is on");
	is_noted("wan0 wan1 ", "the note has the links of then, without lo and those of ours");
	ip("link add later0 type bridge");
	note_and_on();
	is_noted("wan0 wan1 ", "it stays as it is");
}

static void test_off(void)
{
	struct err e = { 0 };

	is_int(forwarding_off(&nl, AT_FDCWD, &e), 1, "for a link that came later forwarding stays");
	ok(first_byte(SYSCTL) == '1', "it is on");
	is_noted(NULL, "the note is gone");
	note_and_on();
	is_noted(NULL, "a host that forwards gets no note");
	ip("link del later0");
	is_int(forwarding_off(&nl, AT_FDCWD, &e), 0, "nothing is done about it");
	ok(first_byte(SYSCTL) == '1', "it forwards");
}

static void set_off(void)
{
	cleanup_close int fd = open(SYSCTL, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0", 1) != 1)
		bail_out(SYSCTL);
}

static void test_of_ours(void)
{
	struct err e = { 0 };

	set_off();
	note_and_on();
	ip("link add tcr0 type bridge");
	ip("link set tcr0 alias tcr:tcr_other:network:web");
	is_int(forwarding_off(&nl, AT_FDCWD, &e), 1, "for a bridge of another daemon it stays");
	ip("link del tcr0");
	set_off();
	note_and_on();
	is_int(forwarding_off(&nl, AT_FDCWD, &e), 0, "nobody but an end of a container is left");
	ok(first_byte(SYSCTL) == '0', "forwarding is off");
	is_noted(NULL, "the note is gone");
	ip("link del wan0");
	ip("link del wan1");
	note_and_on();
	is_noted("", "a note may be empty");
	is_int(forwarding_off(&nl, AT_FDCWD, &e), 0, "it is one all the same");
	ok(first_byte(SYSCTL) == '0', "forwarding is off");
}

static void test_read_only(void)
{
	struct err e = { 0 };

	if (mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) < 0 ||
		mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
		bail_out("mount /proc/sys");
	is_int(forwarding_on(&e), -1, "a switch that is read-only is an error");
	has_str(e.text, SYSCTL " cannot be set to 1: Read-only", "the text says so");
	tmpdir_file("ip_forward", "wan0\n");
	is_int(forwarding_off(&nl, AT_FDCWD, &e), -1, "so it is for the way back");
	is_noted("wan0 ", "the note stays");
}

int main(void)
{
	struct err e = { 0 };

	if (geteuid() != 0)
		skip_all("needs root");
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		skip_all("may not make namespaces (CAP_SYS_ADMIN)");
	if (nl_open(&nl, NETLINK_ROUTE, &e) < 0)
		bail_out(e.text);
	tmpdir_enter();
	set_off();
	ip("link add wan0 type bridge");
	ip("link add wan1 type veth peer name vfedcba0");
	ip("link set vfedcba0 alias tcr:tcr:container:fedcba");
	ip("link add tcr0 type bridge");
	ip("link set tcr0 alias tcr:tcr:network:web");
	test_on();
	ip("link del tcr0");
	test_off();
	test_of_ours();
	test_read_only();
	nl_close(&nl);
	return done_testing();
}
