/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `attach`: a client joins a container that runs already. */
//config:config FEATURE_ATTACH
//config:	bool "attach: connect to a running container, and detach (2 kb)"
//config:	default y
//kbuild:obj-$(CONFIG_FEATURE_ATTACH) += attach_client.o
//verb:attach verb_attach Connect to a running container
//usage:[OPTIONS] CONTAINER
//usage:
//usage:      --detach-keys KEYS   What is typed to leave it again (ctrl-p,ctrl-q)
//usage:      --no-stdin           Do not connect standard input
//usage:      --sig-proxy          Signals go to the container (true)
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/keys.h"
#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "container.h"
#include "event.h"
#include "log.h"
#include "run.h"
#include "steps.h"

struct options {
	char *keys;
	bool no_stdin, sig_proxy;
};

#define FIELD(f) offsetof(struct options, f)

static const struct opt table[] = {
	{ "detach-keys", 0, OPT_STRING, false, FIELD(keys), check_detach_keys },
	{ "no-stdin", 0, OPT_BOOL, false, FIELD(no_stdin), NULL },
	{ "sig-proxy", 0, OPT_BOOL, false, FIELD(sig_proxy), NULL },
};

static int check_container(const struct container *c, struct err *e)
{
	static const char *const reasons[ST_STATES] = {
		[ST_STARTING] = "is being started, wait until it runs",
		[ST_PAUSED] = "is paused, unpause it first",
		[ST_WAITING] = "is restarting, wait until it runs",
	};

	if (c->state != ST_RUNNING && c->state != ST_STOPPING)
		return err_set(e, 0, "container \"%s\" %s", c->spec.name,
			reasons[c->state] ? reasons[c->state] : "is not running, start it first");
	if (c->front.client && c->spec.tty)
		return err_set(e, 0,
			"the terminal of container \"%s\" has another client, which must detach first",
			c->spec.name);
	if (c->front.client)
		return err_set(e, 0,
			"container \"%s\" runs in the foreground of another client, which has its output",
			c->spec.name);
	if (c->spec.tty && c->master.fd < 0)
		return err_set(e, 0, "container \"%s\" has lost its terminal", c->spec.name);
	return 0;
}

/* Until it goes, the client reads the terminal in the daemon's place. */
static int attach_terminal(
	struct client *cl, struct container *c, const struct options *o, int how, struct err *e)
{
	bool input = c->spec.interactive && !o->no_stdin;

	if (input && !isatty(cl->fds[TCR_FD_STDIN]))
		return err_set(e, 0, "standard input is not a terminal: give --no-stdin");
	run_leave_terminal(c);
	free(c->detach_keys);
	c->detach_keys = o->keys ? xstrdup(o->keys) : NULL;
	run_in_front(c, cl);
	run_attach(c, how | TCR_ATTACHED_REDRAW | (input ? TCR_ATTACHED_INPUT : 0));
	return 0;
}

/* The output is that which goes to the log. */
static int attach_log(
	struct client *cl, struct container *c, const struct options *o, int how, struct err *e)
{
	const struct log_view view = { .follow = true,
		.from_now = true,
		.attach = true,
		.tail = -1,
		.since_ms = INT64_MIN,
		.until_ms = INT64_MAX };
	cleanup_free char *path = run_path(c->id, "stdin");
	cleanup_close int pipe = -1;

	if (!ENABLE_FEATURE_LOGS)
		return err_set(e, 0, "this tcrd is built without logs: only terminals can be attached");
	if (log_driver(&c->spec) != LOG_FILE)
		return err_set(e, 0, "container \"%s\" has --log-driver %s: its output goes there only",
			c->spec.name, c->spec.log_driver);
	/* It has one if nobody was to give it standard input at its start. */
	if (c->spec.interactive && !o->no_stdin)
		pipe = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	client_attach(cl, how | (pipe >= 0 ? TCR_ATTACHED_INPUT : 0), pipe,
		o->keys ? o->keys : KEYS_DEFAULT);
	return log_send(cl, c, &view, e);
}

static int attach(struct client *cl, struct container *c, const struct options *o, struct err *e)
{
	int how = o->sig_proxy ? 0 : TCR_ATTACHED_OWN_SIGNALS;

	if (check_container(c, e) || (c->spec.tty ? attach_terminal : attach_log)(cl, c, o, how, e))
		return -1;
	client_close_fds(cl);
	event_container(c, "attach", NULL, NULL);
	return 0;
}

int run_join(struct client *cl, struct container *c, const char *keys, bool input, struct err *e)
{
	const struct options o = { .keys = (char *)keys, .no_stdin = !input, .sig_proxy = true };

	return attach(cl, c, &o, e);
}

int verb_attach(struct client *cl, struct err *e)
{
	cleanup_free char **rest = NULL;
	struct options o = { .sig_proxy = true };
	struct container *c = NULL;
	int rc = opt_parse(table, ARRAY_SIZE(table), cl->argv + 1, 0, &o, cl, &rest, e);

	if (!rc && (!rest[0] || rest[1]))
		rc = err_set(e, 0, "one container is required; see 'tcr attach --help'");
	if (!rc)
		rc = (c = container_find(rest[0], e)) ? attach(cl, c, &o, e) : -1;
	opt_free(table, ARRAY_SIZE(table), &o);
	return rc;
}
