/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients: accepts connections, reads requests, finds the verb. The answers are in reply.c. */
//kbuild:obj-y += rpc.o
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/sock.h"
#include "reexec.h"
#include "reply.h"
#include "rpc.h"
#include "tcrd.h"

#define VERB(func, name, summary, usage) verb_fn func;
#include "generated/verbs.h"
#undef VERB

static const struct verb {
	const char *name;
	verb_fn *run;
} verbs[] = {
#define VERB(func, name, summary, usage) { name, func },
#include "generated/verbs.h"
#undef VERB
};

static struct watch listener = { .fd = -1 };

static void run_verb(struct client *cl)
{
	struct err e = { 0 };
	int rc = -1;

	client_hold(cl);
	err_set(&e, 0, "unknown command \"%.60s\"", cl->argv[0]);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(verbs[i].name, cl->argv[0])) {
			e = (struct err){ 0 };
			rc = verbs[i].run(cl, &e);
			break;
		}
	}
	if (rc > 0)
		reply_help(cl);
	else if (rc < 0)
		client_error(cl, &e);
	client_release(cl);
}

/* The client cannot change what is sealed while we read it. */
static int read_sealed(int fd, char *buf, size_t len)
{
	const int want = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & want) == want && pread(fd, buf, len, 0) == (ssize_t)len;
}

/* Points V at the N strings that start at *P; false if there are fewer before END. */
static bool split(char **v, uint32_t n, char **p, char *end)
{
	for (uint32_t i = 0; i < n; i++) {
		char *nul = memchr(*p, '\0', end - *p);

		if (!nul)
			return false;
		v[i] = *p;
		*p = nul + 1;
	}
	return true;
}

static int check_header(const struct tcr_request *r, size_t got, size_t nfds, struct err *e)
{
	bool inlined = r->len <= TCR_INLINE_MAX;

	if (got < sizeof(*r) || r->magic != TCR_PROTO_MAGIC)
		return err_set(e, 0, "this is no request of tcr");
	if (r->version != TCR_PROTO_VERSION)
		return err_set(e, 0,
			"tcr speaks protocol %u and tcrd %d: install the same version of both",
			r->version, TCR_PROTO_VERSION);
	if (!r->argc || r->argc > TCR_ARGS_MAX || r->envc > TCR_ARGS_MAX ||
		r->len > TCR_STRINGS_MAX || nfds != (inlined ? TCR_FD_STRINGS : TCR_FD_MAX) ||
		got != sizeof(*r) + (inlined ? r->len : 0))
		return err_set(e, 0, "the request is malformed or too large");
	return 0;
}

static int take_request(
	struct client *cl, const struct tcr_request *r, const char *inlined, struct err *e)
{
	char *p;

	cl->rows = r->rows;
	cl->cols = r->cols;
	cl->strings = p = xcalloc(1, r->len + 1);
	if (r->len <= TCR_INLINE_MAX)
		memcpy(p, inlined, r->len);
	else if (!read_sealed(cl->fds[TCR_FD_STRINGS], p, r->len))
		return err_set(
			e, 0, "the request's strings are not sealed, or fewer than announced");
	timer_cancel(&cl->patience);
	cl->argv = xcalloc(r->argc + 1, sizeof(char *));
	cl->env = xcalloc(r->envc + 1, sizeof(char *));
	if (!split(cl->argv, r->argc, &p, cl->strings + r->len) ||
		!split(cl->env, r->envc, &p, cl->strings + r->len))
		return err_set(e, 0, "the request is malformed");
	return 0;
}

static void read_request(struct client *cl)
{
	struct {
		struct tcr_request head;
		char data[TCR_INLINE_MAX];
	} buf;
	int fds[SOCK_FDS_MAX];
	struct err e;
	size_t n;
	ssize_t got = sock_recv(cl->watch.fd, &buf, sizeof(buf), fds, &n, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	for (size_t i = 0; i < n; i++) {
		if (i < TCR_FD_MAX)
			cl->fds[i] = fds[i];
		else
			close(fds[i]);
	}
	if (got <= 0) {
		reply_drop(cl);
		return;
	}
	if (check_header(&buf.head, got, n, &e) || take_request(cl, &buf.head, buf.data, &e)) {
		client_hold(cl);
		client_error(cl, &e);
		client_release(cl);
		return;
	}
	log_debug("%s", cl->argv[0]);
	run_verb(cl);
}

/* After the request only signals come in, and that the user detaches. */
static void read_frame(struct client *cl)
{
	struct tcr_frame f;
	int fds[SOCK_FDS_MAX];
	size_t n;
	ssize_t got = sock_recv(cl->watch.fd, &f, sizeof(f), fds, &n, MSG_DONTWAIT);

	if (got == sizeof(f) && f.type == TCR_FRAME_DETACH && cl->stream && cl->stream->detached)
		cl->stream->detached(cl->stream, n ? fds[--n] : -1);
	while (n)
		close(fds[--n]);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got != sizeof(f))
		reply_drop(cl);
	else if (f.type == TCR_FRAME_SIGNAL && cl->stream && cl->stream->signal)
		cl->stream->signal(cl->stream, f.value);
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct client *cl = container_of(w, struct client, watch);

	if ((events & EPOLLOUT) && !reply_flush(cl))
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		(cl->argv ? read_frame : read_request)(cl);
}

static void resume_listening(struct timer *t)
{
	(void)t;
	if (!reexec_is_pending())
		loop_modify(&listener, EPOLLIN);
}

static struct timer listen_again = { .fire = resume_listening };

static void listener_ready(struct watch *w, uint32_t events)
{
	struct client *cl;
	struct err e;
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0) {
		/* Out of descriptors, perhaps: to be told of it again at once would help nobody. */
		loop_modify(w, 0);
		timer_set(&listen_again, 100);
		return;
	}
	cl = reply_new_client(fd);
	if (rpc_adopt(cl, &e)) {
		log_msg("%s", e.text);
		reply_drop(cl);
	}
}

static int give_to_group(const char *path, const char *name, struct err *e)
{
	struct group *g = getgrnam(name);

	/* It was there when the options were read. */
	if (!g || chown(path, 0, g->gr_gid) < 0 || chmod(path, 0660) < 0)
		return err_set(e, errno, "%s", path);
	/* The way to it, and no more: what else is in there is closed. */
	if (fchown(tcrd.run_fd, 0, g->gr_gid) < 0 || fchmod(tcrd.run_fd, 0710) < 0)
		return err_set(e, errno, "%s", tcrd.run_dir);
	return 0;
}

/* The last daemon may have let go of its locks, but not of its socket yet: the kernel closes one
 * after the other when it is killed. */
static int listen_patiently(struct err *e)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int fd = -1;

	for (int tries = 0; tries < 20; tries++) {
		fd = sock_listen(tcrd.socket_path, SOCK_SEQPACKET, 0600, e);
		if (fd >= 0)
			break;
		nanosleep(&pause, NULL);
	}
	return fd;
}

void rpc_pause(bool pause)
{
	struct client *cl;

	if (listener.fd >= 0)
		loop_modify(&listener, pause ? 0 : EPOLLIN);
	list_for_each (cl, &clients, node)
		if (!cl->argv && cl->watch.fd >= 0)
			loop_modify(&cl->watch, pause ? 0 : EPOLLIN);
}

int rpc_listener(void)
{
	return listener.fd;
}

int rpc_adopt(struct client *cl, struct err *e)
{
	cl->watch.ready = client_ready;
	return loop_add(&cl->watch, EPOLLIN, e);
}

int rpc_listen(struct err *e)
{
	listener.fd = reexec_listener() >= 0 ? reexec_listener() : listen_patiently(e);
	listener.ready = listener_ready;
	if (listener.fd < 0)
		return -1;
	if ((tcrd.group && give_to_group(tcrd.socket_path, tcrd.group, e)) ||
		loop_add(&listener, EPOLLIN, e)) {
		rpc_close();
		return -1;
	}
	return 0;
}

void rpc_close(void)
{
	if (listener.fd < 0)
		return;
	timer_cancel(&listen_again);
	loop_del(&listener);
	close(steal_fd(&listener.fd));
	unlink(tcrd.socket_path);
}
