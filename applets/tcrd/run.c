/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `run`. */
//kbuild:obj-y += run.o
//verb:run verb_run Create a container from an image and run it
//usage:[OPTIONS] IMAGE [COMMAND] [ARG...]
//usage:
//usage-FEATURE_NETWORK:      --add-host NAME:IP   A line for /etc/hosts; host-gateway stands for
//the host
//usage:  -d, --detach             Run in the background and print the container's id
//usage-FEATURE_NETWORK:      --dns ADDRESS        Ask this name server instead of the host's
//usage-FEATURE_NETWORK:      --dns-search DOMAIN  Complete short names with it; "." with none
//usage:      --entrypoint CMD     Replace the entrypoint of the image
//usage:  -e, --env NAME[=VALUE]   Set a variable, or take it from your environment
//usage:  -h, --hostname NAME      Name of the container for itself
//usage:  -i, --interactive        Connect standard input
//usage-FEATURE_NETWORK:      --ip ADDRESS         Address on the first network
//usage-FEATURE_NETWORK:      --mac-address MAC    Hardware address on the first network
//usage:      --name NAME          Name of the container for you
//usage:      --network NAME       A network (tcr_default), none, host or container:NAME
//usage-FEATURE_NETWORK:      --network-alias NAME  One more name on its networks
//usage:      --no-network         The same as --network none
//usage-FEATURE_NETWORK:  -p, --publish PORTS      [IP:][HOST[-LAST]:]CONTAINER[-LAST][/udp]
//usage-FEATURE_NETWORK:  -P, --publish-all        Publish what the image exposes, on free ports
//usage:      --read-only          No writes to the root filesystem
//usage:      --restart POLICY     no, on-failure[:N], unless-stopped or always (kept, not acted upon yet)
//usage:      --rm                 Remove the container when it has ended
//usage:      --stop-timeout SECS  How long `stop` waits before it kills (10)
//usage:      --tmpfs DIR[:SIZE]   Mount a tmpfs, e.g. /tmp:16m or /tmp:size=16m,mode=1777
//usage:  -t, --tty                Give it a terminal
//usage:  -u, --user USER[:GROUP]  Names or numbers
//usage:  -v, --volume SRC:DST[:ro]  Mount a directory or file of the host
//usage:  -w, --workdir DIR        Working directory
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "container.h"
#include "image.h"
#include "rpc.h"
#include "run.h"
#include "signals.h"

static int check_terminal(const struct client *cl, const struct spec *s, struct err *e)
{
	if (s->tty && s->interactive && !s->detach && !isatty(cl->fds[TCR_FD_STDIN]))
		return err_set(e, 0, "standard input is not a terminal: leave out -t, or -i");
	return 0;
}

int verb_run(struct client *cl, struct err *e)
{
	struct container *c = NULL;
	struct spec spec;
	int rc = spec_parse(&spec, cl->argv + 1, cl, e);

	if (!rc)
		rc = check_terminal(cl, &spec, e);
	if (!rc && !(c = container_create(&spec, e)))
		rc = -1;
	spec_free(&spec);
	if (rc)
		return rc;
	c->client = cl;
	client_hold(cl);
	c->unborn = true;
	/* From here on the container tells the client how it went. */
	return container_event(c, EV_START, e);
}

/* Lets go of the client. */
static void dismiss(struct container *c)
{
	struct client *cl = c->client;

	c->client = NULL;
	cl->attached = NULL;
	client_release(cl);
}

void run_started(struct container *c)
{
	struct client *cl = c->client;

	c->unborn = false;
	if (!cl) {
		run_drain_terminal(c);
		return;
	}
	if (c->spec.detach) {
		client_printf(cl, "%s\n", c->id);
		dismiss(c);
		run_drain_terminal(c);
		return;
	}
	if (client_is_there(cl)) {
		client_attach(cl, c, c->master.fd, c->spec.interactive);
		if (cl->early_signal)
			container_signal(c, cl->early_signal);
		return;
	}
	/* Whoever was to see it went away before it ran. */
	dismiss(c);
	c->stop_wanted = true;
	c->stop_ms = 0;
}

void run_ended(struct container *c)
{
	if (c->client)
		c->client->attached = NULL;
	run_close_terminal(c);
}

void run_finished(struct container *c)
{
	if (!c->client)
		return;
	if (c->failure)
		client_error(c->client, c->failure);
	else
		c->client->exit_code = c->exit_code;
	dismiss(c);
}

int run_stop_signal(const struct container *c)
{
	struct image_config config;
	struct err ignored;
	int sig = 0;

	if (image_read_config(c->spec.image_id, &config, &ignored) == 0 && config.stop_signal)
		sig = signal_by_name(config.stop_signal);
	image_config_free(&config);
	return sig ? sig : SIGTERM;
}

static void discard(struct watch *w, uint32_t events)
{
	struct container *c = container_of(w, struct container, master);
	char buf[4096];
	ssize_t n = read(w->fd, buf, sizeof(buf));

	(void)events;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		run_close_terminal(c);
}

void run_drain_terminal(struct container *c)
{
	struct err e;

	if (c->master.fd < 0)
		return;
	fcntl(c->master.fd, F_SETFL, O_NONBLOCK | O_RDWR);
	c->master.ready = discard;
	if (loop_add(&c->master, EPOLLIN, &e))
		log_msg("container \"%s\": %s", c->spec.name, e.text);
}

void run_close_terminal(struct container *c)
{
	loop_del(&c->master);
	if (c->master.fd >= 0)
		close(steal_fd(&c->master.fd));
	if (c->console >= 0)
		close(steal_fd(&c->console));
}
