/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the segments of a log: what is written is read, whatever happened in between. */
//link: applets/tcrd/log_store.c applets/tcrd/log_read.c
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../applets/tcrd/log_store.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "tap.h"
#include "tmpdir.h"

enum { MAX = 4096 };

static struct log_store *open_store(struct log_store *s, const char *dir)
{
	store_open(s, xstrdup(dir), MAX);
	return s;
}

static void add(struct log_store *s, enum log_stream stream, const char *text)
{
	if (store_append(s, stream, text, strlen(text)))
		bail_out("store_append");
	store_rest(s);
}

/* "o:" and "e:" in front of what came on each stream, at each change of it; "!" at an error. */
static const char *read_from(const struct log_store *s, struct log_cursor *c, struct strbuf *out)
{
	struct log_reader r;
	struct log_entry entry;
	char buf[7]; /* pieces have to fit together again */
	int last = -1;
	ssize_t n;

	sb_reset(out);
	reader_open(&r, s);
	while ((n = reader_next(&r, c, &entry, buf, sizeof(buf))) > 0) {
		if ((int)entry.stream != last)
			sb_adds(out, entry.stream == LOG_STDERR ? "e:" : "o:");
		last = entry.stream;
		sb_add(out, buf, n);
	}
	if (n < 0)
		sb_adds(out, "!");
	reader_rest(&r);
	return sb_str(out);
}

static const char *read_all(const struct log_store *s, struct strbuf *out)
{
	struct log_cursor c = { 0 };

	return read_from(s, &c, out);
}

static off_t bytes_in(const char *dir)
{
	cleanup_free char *command = xasprintf("cat %s/* | wc -c", dir);
	FILE *f = popen(command, "r");
	long n = -1;

	if (!f || fscanf(f, "%ld", &n) != 1)
		bail_out("popen");
	pclose(f);
	return n;
}

static void test_order(const char *dir)
{
	cleanup_sb struct strbuf out = STRBUF_INIT;
	struct log_cursor c = { 0 };
	struct log_store s;

	is_str(read_all(open_store(&s, dir), &out), "", "a log that is not there is empty");
	add(&s, LOG_STDOUT, "one\n");
	add(&s, LOG_STDOUT, "two\n");
	add(&s, LOG_STDERR, "bad\n");
	add(&s, LOG_STDOUT, "three\n");
	is_str(read_from(&s, &c, &out), "o:one\ntwo\ne:bad\no:three\n",
		"what two streams wrote is read in order");
	is_str(read_from(&s, &c, &out), "", "at the end there is nothing");
	add(&s, LOG_STDERR, "more\n");
	is_str(read_from(&s, &c, &out), "e:more\n", "what comes later is read from where it ended");
	c = store_end(&s);
	add(&s, LOG_STDERR, "last\n");
	is_str(read_from(&s, &c, &out), "e:last\n", "the end is a place to read from");
	store_free(&s);
	open_store(&s, dir);
	add(&s, LOG_STDOUT, "again\n");
	is_str(read_all(&s, &out), "o:one\ntwo\ne:bad\no:three\ne:more\nlast\no:again\n",
		"the next daemon goes on where the last one ended");
	store_free(&s);
}

static void test_bound(const char *dir)
{
	cleanup_sb struct strbuf out = STRBUF_INIT;
	struct log_cursor c = { 0 }, behind;
	struct log_store s;
	off_t most = 0;

	open_store(&s, dir);
	add(&s, LOG_STDOUT, "first\n");
	read_from(&s, &c, &out);
	behind = c;
	for (int i = 0; i < 4000; i++) {
		cleanup_free char *line = xasprintf("%d\n", i);
		off_t now;

		add(&s, i % 2, line);
		if (!strstr(read_from(&s, &c, &out), line))
			ok(false, "a reader that keeps up sees line %d", i);
		now = i % 100 ? 0 : bytes_in(dir);
		if (now > most)
			most = now;
	}
	ok(most > MAX && most <= 2 * MAX, "%ld bytes: two segments are full, their index counts",
		(long)most);
	has_str(read_all(&s, &out), "o:3998\ne:3999\n", "the last lines are there");
	is_str(read_from(&s, &behind, &out), "!", "a reader that was overtaken is told");
	store_free(&s);
}

/* Each state that a rotation can be killed in. */
static void test_rotation(const char *dir)
{
	static const struct {
		const char *command, *want, *name;
	} cases[] = {
		{ "rm 1.log", "2", "the older data is gone" },
		{ "rm 1.log 1.idx", "2", "the older segment is gone" },
		{ "rm 1.log 1.idx; : >3.idx", "2", "the new index is there" },
		{ "rm 1.log 1.idx; : >3.idx; : >3.log", "2", "the new data is there" },
		{ "rm 2.log 2.idx; : >junk; mkdir 7.log.d", "1",
			"something else is in the directory" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_sb struct strbuf out = STRBUF_INIT;
		cleanup_free char *sub = xasprintf("%s/%zu", dir, i);
		cleanup_free char *command = xasprintf("cd %s; %s", sub, cases[i].command);
		cleanup_free char *list = xasprintf("cd %s; [ `ls *.idx | wc -l` -le 2 ]", sub);
		struct log_store s;

		open_store(&s, sub);
		for (int n = 0; s.last < 2; n++)
			add(&s, LOG_STDOUT, "1");
		add(&s, LOG_STDOUT, "2");
		store_free(&s);
		ok(system(command) == 0, "prepared: %s", cases[i].name);
		open_store(&s, sub);
		has_str(read_all(&s, &out), cases[i].want, cases[i].name);
		for (int n = 0; n < 3 * MAX / 4; n++)
			add(&s, n & 1, "next");
		has_str(read_all(&s, &out), "nexte:next", "and it goes on");
		ok(system(list) == 0, "and nothing is left behind: %s", cases[i].name);
		store_free(&s);
	}
}

/* After a power cut the two files may not fit together. */
static void test_damage(const char *dir)
{
	static const char *const damages[] = {
		": >1.idx",
		": >1.log",
		"rm 1.idx",
		"head -c 3 1.log >x; mv x 1.log",
		"head -c 17 1.idx >x; mv x 1.idx",
		"head -c 4000 /dev/urandom >1.idx",
		"head -c 4000 /dev/zero >1.idx",
		"head -c 4000 /dev/urandom >1.log",
		"head -c 100000 /dev/zero >1.log",
		"rm *; echo x >99999999999999.log",
	};

	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		cleanup_sb struct strbuf out = STRBUF_INIT;
		cleanup_free char *sub = xasprintf("%s/d%zu", dir, i);
		cleanup_free char *command = xasprintf("cd %s; %s", sub, damages[i]);
		struct log_store s;

		open_store(&s, sub);
		add(&s, LOG_STDOUT, "before\n");
		add(&s, LOG_STDERR, "more\n");
		store_free(&s);
		ok(system(command) == 0, "prepared: %s", damages[i]);
		open_store(&s, sub);
		read_all(&s, &out);
		add(&s, LOG_STDERR, "after\n");
		read_all(&s, &out);
		ok(memmem(out.buf, out.len, "after\n", 6), "what follows is kept after `%s`",
			damages[i]);
		store_free(&s);
	}
}

static void test_pin(const char *dir)
{
	struct log_cursor c = { 0 };
	struct log_entry entry;
	struct log_reader r;
	struct log_store s, end;
	size_t total = 0;
	char buf[64];
	struct err e;
	ssize_t n;

	open_store(&s, dir);
	for (int i = 0; i < 1000; i++)
		add(&s, LOG_STDOUT, "line\n");
	end = s;
	reader_open(&r, &end);
	reader_pin(&r);
	end.dir = NULL;
	for (int i = 0; i < 5000; i++)
		add(&s, LOG_STDERR, "later\n");
	ok(tree_remove(AT_FDCWD, dir, &e) == 0, "the log is removed");
	while ((n = reader_next(&r, &c, &entry, buf, sizeof(buf))) > 0) {
		total += n;
		if (entry.stream != LOG_STDOUT || buf[n - 1] == 'r')
			ok(false, "no later bytes are read");
	}
	ok(n == 0 && total > MAX / 2 && total <= 5000,
		"a log that is held is read to its end: %zu bytes", total);
	reader_rest(&r);
	store_free(&s);
}

/* A writer that is killed at any time: what it had taken from the pipe is in the log, and the next
 * one goes on. */
static void test_kill(const char *dir)
{
	cleanup_sb struct strbuf out = STRBUF_INIT, want = STRBUF_INIT;
	struct log_store s;
	int pipefd[2], n = 0;

	if (pipe2(pipefd, O_NONBLOCK) < 0)
		bail_out("pipe2");
	sb_adds(&want, "o:");
	for (int round = 0; round < 200; round++) {
		pid_t pid = fork();

		if (pid == 0) {
			store_open(&s, xstrdup(dir), 1 << 20);
			for (;;)
				store_splice(&s, LOG_STDOUT, pipefd[0], 100);
		}
		for (int i = 0; i < 50; i++) {
			char line[16];
			int len = snprintf(line, sizeof(line), "%d\n", n++);

			sb_add(&want, line, len);
			/* A pipe that is full waits for the next one. */
			if (write(pipefd[1], line, len) != len)
				bail_out("the pipe is full");
		}
		usleep(round * 3);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	store_open(&s, xstrdup(dir), 1 << 20);
	while (store_splice(&s, LOG_STDOUT, pipefd[0], 1000) > 0)
		;
	read_all(&s, &out);
	ok(out.len == want.len && !memcmp(out.buf, want.buf, want.len),
		"a writer that is killed 200 times loses nothing and writes nothing twice");
	ok(s.last == 1 && s.entries > 1, "%u entries in segment %u", s.entries, s.last);
	store_free(&s);
	close(pipefd[0]);
	close(pipefd[1]);
}

int main(void)
{
	tmpdir_enter();
	test_order("order");
	test_bound("bound");
	mkdir("rotation", 0700);
	test_rotation("rotation");
	test_damage("rotation");
	test_pin("pin");
	test_kill("kill");
	return done_testing();
}
