/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcrd: the daemon. */
//config:config TCRD
//config:	bool "tcrd: the container daemon (250 kb)"
//config:	default y
//config:	help
//config:	  Runs containers with crun and keeps them. One process, no helper per container.
//applet:tcrd tcrd_main sbin The container daemon
//kbuild:obj-y += main.o
//usage:[OPTIONS]
//usage:
//usage:      --root DIR     Images and containers, what survives a reboot (/var/lib/tcr)
//usage:      --run-dir DIR  What does not; on tmpfs (/run/tcr)
//usage:      --socket PATH  Where tcr connects (RUN-DIR/tcrd.sock)
//usage:      --group NAME   Let this group use the socket; that is as good as root
//usage:      --crun PATH    The runtime (crun)
//usage-FEATURE_NETWORK:      --pool CIDR    Where networks take their subnets from (10.211.0.0/16)
//usage:  -f, --foreground   Stay in the foreground (it always does)
//usage:  -v, --verbose      Tell more
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/opt.h"
#include "container.h"
#include "event.h"
#include "image.h"
#include "keeper.h"
#include "network.h"
#include "notify.h"
#include "reexec.h"
#include "reply.h"
#include "rpc.h"
#include "run.h"
#include "setup.h"
#include "start.h"
#include "tcrd.h"
#include "volume.h"

struct tcrd tcrd = { .root_fd = -1, .run_fd = -1 };

static struct watch signals = { .fd = -1 };
static struct timer shutdown_check;

/* What "for ever" is when the machine goes down, and how long the kernel may take to end what was
 * killed: something that hangs in a driver never does. Behind that a client has a moment to take what
 * there is for it. */
enum {
	SHUTDOWN_PATIENCE_MS = 10000,
	KILL_PATIENCE_MS = 10000,
	CLIENT_PATIENCE_MS = 2000,
	PAUSE_MS = 20,
};

static uint64_t shutdown_limit_ms;
static bool only_clients; /* are still there */

static const struct container *find_busy(void)
{
	struct container *c;

	list_for_each (c, &containers, node)
		if (c->init.pid || c->helper.pid)
			return c;
	return NULL;
}

/* False as long as some are to be told something. */
static bool end_clients(void)
{
	if (ENABLE_FEATURE_EVENTS)
		events_end();
	return reply_end_all();
}

/* Ends the loop once nothing runs any more; asked for again until then. */
static void check_shutdown(struct timer *t)
{
	const struct container *busy = find_busy();
	bool late;

	if (!busy && !only_clients) {
		only_clients = true;
		shutdown_limit_ms = now_ms() + CLIENT_PATIENCE_MS;
	}
	late = now_ms() >= shutdown_limit_ms;
	if (busy && late)
		log_msg("container \"%s\" does not end: left behind", busy->spec.name);
	else if (busy || (!end_clients() && !late)) {
		timer_set(t, PAUSE_MS);
		return;
	}
	loop_quit();
}

void tcrd_shutdown(void)
{
	struct container *c;
	long longest = 0;
	struct err e;

	tcrd.stopping = true;
	notify("STOPPING=1");
	rpc_close();
	list_for_each (c, &containers, node) {
		long patience = spec_stop_timeout_ms(&c->spec);

		if (patience < 0)
			patience = SHUTDOWN_PATIENCE_MS;
		if (patience > longest)
			longest = patience;
		/* The signal of a `stop -s` that waits may not be one that ends it. */
		if (c->stop_signal) {
			c->stop_signal = 0;
			if (c->state == ST_STOPPING)
				container_signal(c, run_stop_signal(c));
		}
		if (container_stop(c, patience, &e))
			log_msg("%s", e.text);
	}
	shutdown_limit_ms = now_ms() + longest + KILL_PATIENCE_MS;
	shutdown_check.fire = check_shutdown;
	timer_set(&shutdown_check, 0);
}

static void signals_ready(struct watch *w, uint32_t events)
{
	struct signalfd_siginfo si;

	(void)events;
	while (read(w->fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			child_reap_all(start_pending);
		else if (si.ssi_signo == SIGHUP && ENABLE_FEATURE_RELOAD)
			reexec_request();
		else if (si.ssi_signo == SIGHUP)
			log_msg("SIGHUP is ignored: this tcrd is built without FEATURE_RELOAD");
		else if (tcrd.stopping)
			loop_quit();
		else
			tcrd_shutdown();
	}
}

static int watch_signals(struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	signals.ready = signals_ready;
	return loop_add(&signals, EPOLLIN, e);
}

static int begin(char **argv, struct err *e)
{
	return setup_options(argv, e) || setup_host(e) || loop_init(e) || watch_signals(e) ||
		images_load(e) || (ENABLE_FEATURE_VOLUME && volumes_load(e)) ||
		(ENABLE_FEATURE_NETWORK && networks_load(e)) || containers_load(e) ||
		rpc_listen(e);
}

int tcrd_main(int argc, char **argv)
{
	struct err e = { 0 };
	int rc;

	(void)argc;
	umask(022);
	notify_init();
	reexec_init(argv);
	rc = begin(argv + 1, &e);
	if (rc) {
		setup_undo();
	} else {
		reexec_restore();
		keeper_settle();
		notify("READY=1");
		log_msg("ready at %s", tcrd.socket_path);
		rc = loop_run(&e);
	}
	if (rc) {
		log_msg("%s", e.text);
		return e.exit_code;
	}
	rpc_close();
	return 0;
}
