/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers: frames are sent at once where the socket takes them, and queued where it does not. */
//kbuild:obj-y += reply.o
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/keys.h"
#include "base/sock.h"
#include "base/utf8.h"
#include "container.h"
#include "reply.h"
#include "rpc.h"

/* A client that does not read is dropped when so much waits for it. */
enum { QUEUE_MAX = 16 * 1024 * 1024 };

/* Whoever connects has something to say, and its descriptors are needed by others. */
enum { PATIENCE_MS = 10000 };

static void patience_ends(struct timer *t)
{
	reply_drop(container_of(t, struct client, patience));
}

struct list clients = LIST_INIT(clients);

struct client *reply_new_client(int fd)
{
	struct client *cl = xcalloc(1, sizeof(*cl));

	cl->watch.fd = fd;
	list_init(&cl->waits);
	for (int i = 0; i < TCR_FD_MAX; i++)
		cl->fds[i] = -1;
	list_append(&clients, &cl->node);
	cl->patience.fire = patience_ends;
	timer_set(&cl->patience, PATIENCE_MS);
	return cl;
}

void client_close_fds(struct client *cl)
{
	for (int i = 0; i < TCR_FD_MAX; i++)
		if (cl->fds[i] >= 0)
			close(steal_fd(&cl->fds[i]));
}

static void free_client(struct client *cl)
{
	list_remove(&cl->node);
	timer_cancel(&cl->patience);
	client_close_fds(cl);
	free(cl->strings);
	free(cl->argv);
	free(cl->env);
	sb_free(&cl->queue);
	sb_free(&cl->text);
	free(cl);
}

void reply_drop(struct client *cl)
{
	if (cl->watch.fd >= 0) {
		loop_del(&cl->watch);
		close(steal_fd(&cl->watch.fd));
	}
	if (cl->worker)
		child_kill(cl->worker, SIGKILL);
	cl->held++;
	container_wait_cancel(cl);
	cl->held--;
	if (cl->stream) {
		struct stream *s = steal_ptr(&cl->stream);

		s->client = NULL;
		cl->held--;
		s->gone(s);
	}
	if (!cl->held)
		free_client(cl);
}

bool reply_end_all(void)
{
	struct client *cl;

	list_for_each (cl, &clients, node) {
		if (cl->worker)
			child_kill(cl->worker, SIGKILL);
		else if (!cl->held)
			reply_drop(cl);
	}
	return list_empty(&clients);
}

bool client_is_there(const struct client *cl)
{
	struct pollfd p = { .fd = cl->watch.fd };

	/* Its end may be behind other events in the loop. */
	return cl->watch.fd >= 0 && (poll(&p, 1, 0) <= 0 || !(p.revents & (POLLHUP | POLLERR)));
}

static bool let_go(struct client *cl);

/* The socket has taken everything: the client is done, or gets the next piece. False if it is
 * freed. */
static bool drained(struct client *cl)
{
	bool more = false;

	if (cl->finished) {
		reply_drop(cl);
		return false;
	}
	cl->held++;
	if (cl->stream && cl->stream->more)
		more = cl->stream->more(cl->stream);
	reply_flush_text(cl);
	if (!more && !cl->queue.len && cl->watch.fd >= 0)
		loop_modify(&cl->watch, EPOLLIN);
	return let_go(cl);
}

bool reply_flush(struct client *cl)
{
	size_t at = 0;

	while (at < cl->queue.len) {
		uint32_t len;

		memcpy(&len, cl->queue.buf + at, sizeof(len));
		if (sock_send(cl->watch.fd, cl->queue.buf + at + sizeof(len), len, NULL, 0, NULL, 0,
			    MSG_DONTWAIT) < 0) {
			if (errno == EAGAIN)
				break;
			reply_drop(cl);
			return false;
		}
		at += sizeof(len) + len;
	}
	if (at) /* else there may be no buffer yet */
		memmove(cl->queue.buf, cl->queue.buf + at, cl->queue.len - at);
	cl->queue.len -= at;
	return cl->queue.len ? true : drained(cl);
}

static void enqueue(struct client *cl, const struct tcr_frame *f, const void *data, size_t len)
{
	uint32_t size = sizeof(*f) + len;

	if (cl->queue.len + size > QUEUE_MAX) {
		shutdown(cl->watch.fd, SHUT_RDWR); /* the loop will find it hung up */
		return;
	}
	if (!cl->queue.len)
		loop_modify(&cl->watch, EPOLLIN | EPOLLOUT);
	sb_add(&cl->queue, &size, sizeof(size));
	sb_add(&cl->queue, f, sizeof(*f));
	sb_add(&cl->queue, data, len);
}

/* In a copy of the daemon that works for CL alone. */
static void write_directly(const struct client *cl, enum tcr_frame_type type, const void *data, size_t len)
{
	int fd = cl->fds[type == TCR_FRAME_STDERR ? TCR_FD_STDERR : TCR_FD_STDOUT];

	if (fd_write_all(fd, data, len) < 0)
		_exit(errno == EPIPE ? EXIT_SIGNAL_BASE + SIGPIPE : EXIT_ENGINE);
}

static void send_frame(struct client *cl, enum tcr_frame_type type, int value, const void *data,
	size_t len, int fd)
{
	struct tcr_frame f = { .type = type, .value = value };

	if (cl->direct)
		write_directly(cl, type, data, len);
	if (cl->direct || cl->watch.fd < 0)
		return;
	/* A descriptor is only ever sent first, when nothing can be queued yet. */
	if (!cl->queue.len &&
		!sock_send(cl->watch.fd, &f, sizeof(f), data, len, &fd, fd >= 0, MSG_DONTWAIT))
		return;
	if (cl->queue.len || errno == EAGAIN)
		enqueue(cl, &f, data, len);
	else
		shutdown(cl->watch.fd, SHUT_RDWR); /* better no answer than one with a hole */
}

static void send_text(struct client *cl, enum tcr_frame_type type, const char *text, size_t len)
{
	for (size_t n; len; text += n, len -= n) {
		n = len < TCR_FRAME_MAX ? len : TCR_FRAME_MAX;
		send_frame(cl, type, 0, text, n, -1);
	}
}

void reply_flush_text(struct client *cl)
{
	send_text(cl, TCR_FRAME_STDOUT, cl->text.buf, cl->text.len);
	sb_reset(&cl->text);
}

void client_print(struct client *cl, const void *text, size_t len)
{
	sb_add(&cl->text, text, len);
	if (cl->text.len >= TCR_FRAME_MAX)
		reply_flush_text(cl);
}

void client_print_error(struct client *cl, const void *text, size_t len)
{
	reply_flush_text(cl);
	send_text(cl, TCR_FRAME_STDERR, text, len);
}

void client_printf(struct client *cl, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sb_addv(&cl->text, fmt, ap);
	va_end(ap);
	if (cl->text.len >= TCR_FRAME_MAX)
		reply_flush_text(cl);
}

void client_error(struct client *cl, const struct err *e)
{
	cleanup_sb struct strbuf line = STRBUF_INIT;

	if (!cl->exit_code)
		cl->exit_code = e->exit_code;
	/* Somebody else has told already. */
	if (!*e->text)
		return;
	sb_addf(&line, "tcr: %s", e->text);
	utf8_make_printable(line.buf, "");
	sb_addc(&line, '\n');
	reply_flush_text(cl);
	send_text(cl, TCR_FRAME_STDERR, line.buf, line.len);
}

void reply_help(struct client *cl)
{
	send_frame(cl, TCR_FRAME_HELP, 0, NULL, 0, -1);
}

void client_hold(struct client *cl)
{
	cl->held++;
}

/* False if the client is freed. */
static bool let_go(struct client *cl)
{
	if (--cl->held)
		return true;
	if (cl->watch.fd >= 0) {
		reply_flush_text(cl);
		send_frame(cl, TCR_FRAME_EXIT, cl->exit_code, NULL, 0, -1);
		cl->finished = true;
	}
	if (cl->queue.len && cl->watch.fd >= 0)
		return true;
	reply_drop(cl);
	return false;
}

void client_release(struct client *cl)
{
	let_go(cl);
}

void client_join(struct client *cl, struct stream *s)
{
	s->client = cl;
	cl->stream = s;
	client_hold(cl);
}

void client_leave(struct stream *s)
{
	struct client *cl = steal_ptr(&s->client);

	if (!cl)
		return;
	cl->stream = NULL;
	client_release(cl);
}

void client_wake(struct client *cl)
{
	if (cl->watch.fd >= 0)
		loop_modify(&cl->watch, EPOLLIN | EPOLLOUT);
}

void client_attach(struct client *cl, int how, int fd, const char *text)
{
	char keys[TCR_KEYS_MAX];
	struct err ignored;
	int n = text ? keys_parse(text, keys, sizeof(keys), &ignored) : 0;

	send_frame(cl, TCR_FRAME_ATTACHED, how, keys, n > 0 ? n : 0, fd);
}

bool client_expands(struct client *cl, size_t len)
{
	cl->expanded += len;
	return cl->expanded <= TCR_STRINGS_MAX;
}

int client_cwd(const struct client *cl)
{
	return cl->fds[TCR_FD_CWD];
}

const char *client_getenv(const struct client *cl, const char *name)
{
	size_t len = strlen(name);

	for (char **v = cl->env; *v; v++)
		if (!strncmp(*v, name, len) && (*v)[len] == '=')
			return *v + len + 1;
	return NULL;
}
