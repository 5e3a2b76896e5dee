/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcrd: the daemon. */
//config:config TCRD
//config:	bool "tcrd: the container daemon (130 kb)"
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
#include "image.h"
#include "network.h"
#include "notify.h"
#include "reply.h"
#include "rpc.h"
#include "setup.h"
#include "start.h"
#include "tcrd.h"
#include "volume.h"

struct tcrd tcrd = { .root_fd = -1, .run_fd = -1 };

static struct watch signals = { .fd = -1 };
static struct timer shutdown_check;

/* Ends the loop once nothing runs any more; asked for again until then. */
static void check_shutdown(struct timer *t)
{
	struct container *c;

	list_for_each (c, &containers, node) {
		if (c->init.pid || c->helper.pid) {
			timer_set(t, 20);
			return;
		}
	}
	if (reply_end_all())
		loop_quit();
	else
		timer_set(t, 20);
}

void tcrd_shutdown(void)
{
	struct container *c;
	struct err e;

	tcrd.stopping = true;
	notify("STOPPING=1");
	rpc_close();
	list_for_each (c, &containers, node) {
		if (container_stop(c, spec_stop_timeout_ms(&c->spec), &e))
			log_msg("%s", e.text);
	}
	shutdown_check.fire = check_shutdown;
	timer_set(&shutdown_check, 0);
}

static void signals_ready(struct watch *w, uint32_t events)
{
	struct signalfd_siginfo si;

	(void)events;
	while (read(w->fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			child_reap_orphans(start_pending());
		else if (si.ssi_signo == SIGHUP)
			log_msg("SIGHUP: there is nothing to read again");
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

int tcrd_main(int argc, char **argv)
{
	struct err e = { 0 };

	(void)argc;
	umask(022);
	notify_init();
	if (setup_options(argv + 1, &e) || setup_host(&e) || loop_init(&e) || watch_signals(&e) ||
		images_load(&e) || (ENABLE_FEATURE_VOLUME && volumes_load(&e)) ||
		(ENABLE_FEATURE_NETWORK && networks_load(&e)) ||
		containers_load(&e) || rpc_listen(&e) ||
		(notify("READY=1"), log_msg("ready at %s", tcrd.socket_path), loop_run(&e))) {
		log_msg("%s", e.text);
		return e.exit_code;
	}
	rpc_close();
	return 0;
}
