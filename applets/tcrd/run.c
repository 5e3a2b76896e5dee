/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs `run` and `create`. */
//kbuild:obj-y += run.o
//verb:create verb_create Create a container from an image
//verb:run verb_run Create a container from an image and run it
//usage:[OPTIONS] IMAGE [COMMAND] [ARG...]
//usage:
//usage-FEATURE_NETWORK:      --add-host NAME:IP   A line for /etc/hosts; IP may be host-gateway
//usage:      --cidfile FILE       Write the container's id to this new file
//usage:  -d, --detach             Only for run: in the background; prints the container's id
//usage-FEATURE_ATTACH:      --detach-keys KEYS   What is typed to leave it (ctrl-p,ctrl-q)
//usage-FEATURE_NETWORK:      --dns ADDRESS        Ask this name server instead of the host's
//usage-FEATURE_NETWORK:      --dns-search DOMAIN  Complete short names with it; "." with none
//usage:      --entrypoint CMD     Replace the entrypoint of the image
//usage:  -e, --env NAME[=VALUE]   Set a variable, or take it from your environment
//usage:      --env-file FILE      Read variables from a file, one a line
//usage:  -h, --hostname NAME      Name of the container for itself
//usage-FEATURE_INIT:      --init               Run a reaper as process 1, and the command as its child
//usage:  -i, --interactive        Connect standard input
//usage-FEATURE_NETWORK:      --ip ADDRESS         Address on the first network
//usage:  -l, --label KEY[=VALUE]  Note something about the container
//usage:      --label-file FILE    Read labels from a file, one a line
//usage-FEATURE_LOGS:      --log-dir DIR        Keep the log in this directory, on disk
//usage-FEATURE_LOGS:      --log-driver NAME    file (default), syslog or none
//usage-FEATURE_LOGS:      --log-opt K=V        max-size=64k of each of the two files; tag=NAME for syslog
//usage-FEATURE_NETWORK:      --mac-address MAC    Hardware address on the first network
//usage:      --name NAME          Name of the container for you
//usage:      --net NAME           The same as --network
//usage:      --network NAME       A network (tcr_default), none, host or container:NAME
//usage-FEATURE_NETWORK:      --network-alias A    One more name on its networks
//usage:      --no-network         The same as --network none
//usage-FEATURE_NETWORK:  -p, --publish PORTS      [IP:][HOST[-LAST]:]CONTAINER[-LAST][/udp]
//usage-FEATURE_NETWORK:  -P, --publish-all        Publish what the image exposes, on free ports
//usage:      --read-only          No writes to the root filesystem
//usage:      --restart POLICY     no, on-failure[:N], unless-stopped or always
//usage:      --rm                 Remove the container when it has ended
//usage:      --stop-signal SIG    What `stop` sends first
//usage:      --stop-timeout SECS  How long `stop` waits before it kills (10)
//usage:      --tmpfs DIR[:SIZE]   Mount a tmpfs, e.g. /tmp:16m or /tmp:size=16m,mode=1777
//usage:  -t, --tty                Give it a terminal
//usage:  -u, --user USER[:GROUP]  Names or numbers
//usage:  -v, --volume SRC:DST     Mount a directory or file of the host, or a volume; DST:ro is possible
//usage:  -w, --workdir DIR        Working directory
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/keys.h"
#include "base/log.h"
#include "container.h"
#include "event.h"
#include "image.h"
#include "keeper.h"
#include "log.h"
#include "record.h"
#include "rpc.h"
#include "run.h"
#include "signals.h"

int run_check_terminal(const struct client *cl, const struct spec *s, struct err *e)
{
	if (s->tty && s->interactive && !isatty(cl->fds[TCR_FD_STDIN]))
		return err_set(e, 0, "standard input is not a terminal: leave out -t, or -i");
	return 0;
}

static void front_signal(struct stream *s, int sig)
{
	struct container *c = container_of(s, struct container, front);

	if (c->init.pid)
		container_signal(c, sig);
	else
		c->early_signal = sig;
}

static void front_gone(struct stream *s)
{
	struct container *c = container_of(s, struct container, front);
	struct err e;

	if (c->init.pid)
		run_drain_terminal(c);
	/* Whoever was to see it went away before it ran. */
	else if (c->unborn && container_event(c, EV_REMOVE, &e))
		log_msg("%s", e.text);
}

static void front_detached(struct stream *s, int fd)
{
	/* The daemon has a copy. */
	if (fd >= 0)
		close(fd);
	event_container(container_of(s, struct container, front), "detach", NULL, NULL);
}

static bool front_store(struct stream *s, struct strbuf *out)
{
	const struct container *c = container_of(s, struct container, front);

	sb_addf(out, "front %d %s\n", s->client->watch.fd, c->id);
	return true;
}

void run_in_front(struct container *c, struct client *cl)
{
	c->front.store = front_store;
	c->front.signal = front_signal;
	if (ENABLE_FEATURE_ATTACH)
		c->front.detached = front_detached;
	c->front.gone = front_gone;
	c->early_signal = 0;
	client_join(cl, &c->front);
}

/* Takes what the terminal has, a piece at a time. False at its end. */
static bool read_terminal(struct container *c)
{
	char buf[4096];
	ssize_t n = read(c->master.fd, buf, sizeof(buf));

	if (n > 0 && ENABLE_FEATURE_LOGS)
		log_write(c, buf, n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* What its last process has written is still there. */
static void drain(struct container *c)
{
	while (c->master.fd >= 0 && read_terminal(c))
		;
}

static void terminal_ready(struct watch *w, uint32_t events)
{
	struct container *c = container_of(w, struct container, master);

	(void)events;
	/* EIO, as long as nobody has the other end open: that may change. */
	if (read_terminal(c))
		loop_modify(w, EPOLLIN | EPOLLET);
}

/* The file must not be there yet: two containers would think that it is theirs. */
static int open_cidfile(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST)
		return err_set(e, 0,
			"--cidfile %.500s: File exists; remove it, or name another file", path);
	return fd >= 0 ? fd : err_set(e, errno, "--cidfile %.500s", path);
}

static int write_cidfile(int fd, const struct container *c, const char *path, struct err *e)
{
	if (fd_write_all(fd, c->id, ID_LEN) < 0 || fsync(fd) < 0)
		return err_set(e, errno, "--cidfile %.500s", path);
	return 0;
}

struct container *run_create(struct spec *spec, struct err *e)
{
	cleanup_free char *cidfile = steal_ptr(&spec->cidfile);
	cleanup_free char *keys = steal_ptr(&spec->detach_keys);
	cleanup_close int fd = cidfile ? open_cidfile(cidfile, e) : -1;
	struct container *c = NULL;

	if (!cidfile || fd >= 0)
		c = container_create(spec, e);
	if (c && cidfile && write_cidfile(fd, c, cidfile, e)) {
		container_discard(c);
		c = NULL;
	}
	if (!c && fd >= 0)
		unlink(cidfile);
	if (c) {
		c->cidfile = steal_ptr(&cidfile);
		c->detach_keys = steal_ptr(&keys);
	}
	return c;
}

int verb_create(struct client *cl, struct err *e)
{
	struct container *c = NULL;
	struct spec spec;
	int rc = spec_parse(&spec, cl->argv + 1, cl, e);

	if (!rc && spec.detach)
		rc = err_set(e, 0, "-d is for `tcr run`: what is created is started with `tcr start`");
	if (!rc && !(c = run_create(&spec, e)))
		rc = -1;
	spec_free(&spec);
	if (rc)
		return rc;
	if (record_mark(c->id, &c->spec, MARK_CREATED, 0, e) || record_commit(c->id, &c->spec, e)) {
		if (c->cidfile)
			unlink(c->cidfile);
		container_discard(c);
		return -1;
	}
	free(steal_ptr(&c->cidfile));
	client_printf(cl, "%s\n", c->id);
	return 0;
}

int verb_run(struct client *cl, struct err *e)
{
	struct container *c = NULL;
	struct spec spec;
	bool detach;
	int rc = spec_parse(&spec, cl->argv + 1, cl, e);

	if (!rc && !spec.detach)
		rc = run_check_terminal(cl, &spec, e);
	detach = spec.detach;
	spec.detach = false; /* of this start alone */
	if (!rc && !(c = run_create(&spec, e)))
		rc = -1;
	spec_free(&spec);
	if (rc)
		return rc;
	/* From here on the container tells the client how it went. */
	if (detach)
		container_wait(c, WAIT_STARTED, cl, c->id);
	else
		run_in_front(c, cl);
	c->front_types = c->spec.interactive;
	c->unborn = true;
	return container_event(c, EV_START, e);
}

void run_attach(struct container *c, int how)
{
	const char *keys = c->detach_keys ? c->detach_keys : KEYS_DEFAULT;

	client_attach(c->front.client, how | (c->spec.tty ? TCR_ATTACHED_TERMINAL : 0),
		c->master.fd, ENABLE_FEATURE_ATTACH && c->spec.tty ? keys : NULL);
}

bool run_has_lost_client(const struct container *c)
{
	return c->front.client && !client_is_there(c->front.client);
}

void run_started(struct container *c)
{
	if (!c->front.client) {
		run_drain_terminal(c);
		return;
	}
	run_attach(c, c->spec.tty && c->front_types ? TCR_ATTACHED_INPUT : 0);
	if (c->early_signal)
		container_signal(c, c->early_signal);
}

void run_ended(struct container *c)
{
	if (!c->front.client)
		drain(c);
	run_close_terminal(c);
	if (ENABLE_FEATURE_LOGS)
		log_ended(c);
}

void run_finished(struct container *c)
{
	struct client *cl = c->front.client;

	/* It came when this run was over already. */
	if (c->front_is_next && c->start_wanted)
		return;
	if (cl && c->failure)
		client_error(cl, c->failure);
	else if (cl)
		cl->exit_code = c->exit_code;
	client_leave(&c->front);
}

int run_stop_signal(const struct container *c)
{
	struct image_config config;
	struct err ignored;
	int sig = c->stop_signal;

	if (!sig && c->spec.stop_signal)
		sig = signal_by_name(c->spec.stop_signal);
	if (sig)
		return sig;
	if (image_read_config(c->spec.image_id, &config, &ignored) == 0 && config.stop_signal)
		sig = signal_by_name(config.stop_signal);
	image_config_free(&config);
	return sig ? sig : SIGTERM;
}

void run_leave_terminal(struct container *c)
{
	loop_del(&c->master);
}

void run_drain_terminal(struct container *c)
{
	struct err e;

	if (c->master.fd < 0)
		return;
	fcntl(c->master.fd, F_SETFL, O_NONBLOCK | O_RDWR);
	c->master.ready = terminal_ready;
	/* Else that nobody has it open would be told for ever. */
	if (loop_add(&c->master, EPOLLIN | EPOLLET, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
}

void run_close_terminal(struct container *c)
{
	loop_del(&c->master);
	if (c->master.fd >= 0) {
		close(steal_fd(&c->master.fd));
		keeper_end();
	}
	if (c->console >= 0)
		close(steal_fd(&c->console));
}
