/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of keys_parse(): docker's --detach-keys, and nothing else. */
#include "base/keys.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

enum { MAX = 4 };

/* The bytes in hexadecimal, or "-". */
static void is_keys(const char *text, const char *want, const char *assertion)
{
	char keys[MAX], got[3 * MAX + 1] = "";
	struct err e = { 0 };
	int n = keys_parse(text, keys, MAX, &e);

	for (int i = 0; i < n; i++)
		sprintf(got + strlen(got), "%s%02x", i ? " " : "", (unsigned char)keys[i]);
	is_str(n < 0 ? "-" : got, want, assertion);
}

int main(void)
{
	struct err e = { 0 };
	char keys[MAX];

	is_keys(KEYS_DEFAULT, "10 11", "the default is what docker has");
	is_keys("ctrl-a,d", "01 64", "a control key, then a letter");
	is_keys("q", "71", "one key is a sequence");
	is_keys("ctrl-z,ctrl-@,ctrl-[,ctrl-\\", "1a 00 1b 1c", "control keys have their codes");
	is_keys("ctrl-],ctrl-^,ctrl-_,DEL", "1d 1e 1f 7f", "also those that are no letters");
	is_keys("A,~,!", "41 7e 21", "any printable character is a key");
	is_keys("ctrl-p,,", "10 2c", "so is a comma");
	is_keys(",", "2c", "and a comma alone");
	is_keys("a,b,c,d", "61 62 63 64", "as many as there is room for");
	is_keys("a,b,c,d,e", "-", "one more is an error");
	is_keys("", "-", "no key is an error");
	is_keys("a,", "-", "a comma at the end is an error");
	is_keys("ctrl-", "-", "so is ctrl- without a key");
	is_keys("ctrl-A", "-", "and with a capital");
	is_keys("ctrl-1", "-", "and with a digit");
	is_keys("Ctrl-a", "-", "and in another case");
	is_keys("ctrl-ab", "-", "and with two letters");
	is_keys("ctrl-a, d", "-", "a space is no part of a sequence");
	is_keys(" ", "-", "a space is no key");
	is_keys("ab", "-", "two letters are no key");
	is_keys("\x1b", "-", "a control byte as such is none");
	is_keys("\xc3\xa4", "-", "nor is what is not ASCII");
	is_int(keys_parse("nope", keys, MAX, &e), -1, "the message names what is wrong");
	is_str(e.text, "\"nope\" is no sequence of keys: such as ctrl-p,ctrl-q, or ctrl-a,d",
		"and how it is written");
	return done_testing();
}
