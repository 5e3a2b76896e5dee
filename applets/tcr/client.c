/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to the daemon: one request, then frames until the exit code. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sock.h"
#include "base/utf8.h"
#include "client.h"
#include "tcr_proto.h"

extern char **environ;

int client_fail(const struct err *e)
{
	cleanup_free char *text = xstrdup(e->text);

	utf8_make_printable(text, "");
	fprintf(stderr, "tcr: %s\n", text);
	return e->exit_code;
}

/* Whoever can bind that name gets our descriptors and our environment: it has to be root, or we
 * ourselves. */
static int check_peer(int fd, const char *path, struct err *e)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return err_set(e, errno, "%s", path);
	if (cred.uid != 0 && cred.uid != getuid())
		return err_set(
			e, 0, "%s belongs to uid %u, not to root: not trusted", path, cred.uid);
	return 0;
}

static int connect_daemon(const char *path, struct err *e)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr;

	if (fd < 0)
		return err_set(e, errno, "socket");
	if (sock_address(&addr, path, e))
		return -1;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			return err_set(e, errno, "cannot reach tcrd at %s (is it running?)", path);
		if (errno == EACCES)
			return err_set(e, errno, "cannot reach tcrd at %s (try it as root)", path);
		return err_set(e, errno, "cannot reach tcrd at %s", path);
	}
	if (check_peer(fd, path, e))
		return -1;
	return steal_fd(&fd);
}

static uint32_t add_strings(struct strbuf *sb, char *const *v)
{
	uint32_t n = 0;

	for (; v[n]; n++)
		sb_add(sb, v[n], strlen(v[n]) + 1);
	return n;
}

static int sealed_copy(const struct strbuf *sb, struct err *e)
{
	cleanup_close int fd = memfd_create("tcr", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || fd_write_all(fd, sb->buf, sb->len) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) <
			0)
		return err_set(e, errno, "memfd_create");
	return steal_fd(&fd);
}

static int send_request(int sock, const char *verb, char *const *argv, struct err *e)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	cleanup_close int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int memfd = -1;
	struct tcr_request req = { .magic = TCR_PROTO_MAGIC, .version = TCR_PROTO_VERSION };
	int fds[TCR_FD_MAX] = { cwd, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	struct winsize ws;
	bool inlined;

	/* It may be closed to us. What is no directory has no files, and most verbs want none. */
	if (cwd < 0)
		fds[TCR_FD_CWD] = cwd = open("/dev/null", O_PATH | O_CLOEXEC);
	sb_add(&sb, verb, strlen(verb) + 1);
	req.argc = 1 + add_strings(&sb, argv);
	req.envc = add_strings(&sb, environ);
	req.len = sb.len;
	if (req.argc > TCR_ARGS_MAX || req.envc > TCR_ARGS_MAX)
		return err_set(e, 0,
			"%u arguments and %u variables: at most %d are allowed of each", req.argc,
			req.envc, TCR_ARGS_MAX);
	if (sb.len > TCR_STRINGS_MAX)
		return err_set(e, 0, "arguments and environment have %zu bytes; %d are allowed",
			sb.len, TCR_STRINGS_MAX);
	if (attach_window_size(&ws)) {
		req.rows = ws.ws_row;
		req.cols = ws.ws_col;
	}
	inlined = sb.len <= TCR_INLINE_MAX;
	if (!inlined) {
		memfd = sealed_copy(&sb, e);
		if (memfd < 0)
			return -1;
		fds[TCR_FD_STRINGS] = memfd;
	}
	if (sock_send(sock, &req, sizeof(req), sb.buf, inlined ? sb.len : 0, fds,
		    inlined ? TCR_FD_STRINGS : TCR_FD_MAX, 0) < 0)
		return err_set(e, errno, "send to tcrd");
	return 0;
}

struct connection {
	struct attachment a;
	const struct verb *verb;
	bool done, reset;
	int exit_code, write_errno;
};

static void handle_frame(struct connection *c, const struct tcr_frame *f, size_t len, int fd)
{
	int to;

	switch (f->type) {
	case TCR_FRAME_STDOUT:
	case TCR_FRAME_STDERR:
		to = f->type == TCR_FRAME_STDOUT ? STDOUT_FILENO : STDERR_FILENO;
		if (fd_write_all(to, f->data, len) < 0)
			c->write_errno = errno;
		break;
	case TCR_FRAME_HELP:
		print_verb_usage(c->verb);
		break;
	case TCR_FRAME_ATTACHED:
		attach_begin(&c->a, fd, f->value, f->data, len);
		break;
	case TCR_FRAME_EXIT:
		c->done = true;
		c->exit_code = f->value;
		break;
	}
}

static void receive_frame(struct connection *c)
{
	union {
		struct tcr_frame frame;
		char bytes[sizeof(struct tcr_frame) + TCR_FRAME_MAX];
	} buf;
	int fds[SOCK_FDS_MAX];
	size_t n;
	ssize_t len = sock_recv(c->a.sock, &buf, sizeof(buf), fds, &n, 0);

	if (len < 0 && errno == EINTR)
		return;
	/* The daemon has closed without reading our last frame: its own are still to be read. */
	if (len < 0 && errno == ECONNRESET && !c->reset) {
		c->reset = true;
		return;
	}
	if (len < (ssize_t)sizeof(struct tcr_frame)) {
		struct err e;

		err_set(&e, 0, "lost the connection to tcrd");
		c->exit_code = client_fail(&e);
		c->done = true;
		/* The process may go on, but not with this terminal. */
		if (c->a.master >= 0)
			close(steal_fd(&c->a.master));
		c->a.input = false;
		return;
	}
	handle_frame(c, &buf.frame, len - sizeof(struct tcr_frame), n ? fds[0] : -1);
}

/* Typed input is written where it goes, and only as much is read as is taken. */
static struct pollfd poll_pipe(const struct attachment *a)
{
	return (struct pollfd){ .fd = a->in_len ? a->pipe : -1, .events = POLLOUT };
}

/* Somebody may open the terminal again, which poll(2) does not tell: so often we look. */
enum { HUNG_MS = 100 };

/* Serves the connection until the daemon has told the exit code and the terminal has told all that
 * it had. */
static int serve(struct connection *c)
{
	struct attachment *a = &c->a;

	while (!c->done || a->master >= 0 || a->out_len) {
		bool read_input = a->input && !a->in_len && !c->done;
		struct pollfd p[] = {
			{ .fd = c->done ? -1 : a->sock, .events = POLLIN },
			{ .fd = a->signals, .events = POLLIN },
			{ .fd = a->hung || (a->out_len && !a->in_len) ? -1 : a->master,
				.events = (a->out_len ? 0 : POLLIN) | (a->in_len ? POLLOUT : 0) },
			{ .fd = read_input ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = a->out_len ? STDOUT_FILENO : -1, .events = POLLOUT },
			poll_pipe(a),
		};

		if (poll(p, ARRAY_SIZE(p), a->hung ? HUNG_MS : -1) < 0)
			continue;
		a->hung = false;
		if (p[0].revents)
			receive_frame(c);
		if (p[1].revents)
			attach_signal(a);
		if (p[3].revents || (p[2].revents & POLLOUT) || p[5].revents)
			attach_input(a);
		if (a->detached) {
			attach_leave(a);
			return 0;
		}
		if ((p[2].revents & (POLLIN | POLLHUP | POLLERR)) && !a->out_len)
			attach_output(a);
		if (a->hung && c->done)
			close(steal_fd(&a->master));
		if (p[4].revents)
			attach_flush(a);
	}
	return c->exit_code;
}

static int report_write(struct connection *c, int exit_code)
{
	struct err e;

	if (!c->write_errno)
		return exit_code;
	err_set(&e, c->write_errno, "write to standard output");
	return client_fail(&e);
}

/* Signals are the container's with these: before the request, so that none is lost. */
static bool attaches(const char *verb)
{
	static const char *const verbs[] = { "run", "start", "attach", "exec" };

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verb, verbs[i]))
			return true;
	return false;
}

int client_run(const char *socket_path, const struct verb *v, char *const *argv)
{
	struct connection c = { .a = { .signals = -1, .master = -1, .pipe = -1 }, .verb = v };
	struct err e;

	c.a.sock = connect_daemon(socket_path, &e);
	if (c.a.sock < 0 || (attaches(v->name) && attach_signals(&c.a, &e)) ||
		send_request(c.a.sock, v->name, argv, &e))
		return client_fail(&e);
	return report_write(&c, serve(&c));
}
