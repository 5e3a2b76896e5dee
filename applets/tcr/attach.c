/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attached to a container: signals, window size and terminal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sock.h"
#include "client.h"
#include "tcr_proto.h"

static struct termios saved;
static bool is_raw;

/* Our own terminal, or what the kernel tells us about our own children and job control, is not the
 * container's business. */
static const int not_forwarded[] = { SIGKILL, SIGSTOP, SIGCHLD, SIGPIPE, SIGURG, SIGTSTP, SIGTTIN,
	SIGTTOU, SIGCONT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };

static void restore_terminal(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	is_raw = false;
}

static void make_raw(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &saved) < 0)
		return;
	raw = saved;
	cfmakeraw(&raw);
	is_raw = true;
	atexit(restore_terminal);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

bool attach_window_size(struct winsize *ws)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (ioctl(fd, TIOCGWINSZ, ws) == 0 && ws->ws_row && ws->ws_col)
			return true;
	return false;
}

static void copy_window_size(int master, int more)
{
	struct winsize ws;

	if (!attach_window_size(&ws))
		return;
	ws.ws_row += more;
	ioctl(master, TIOCSWINSZ, &ws);
}

static void container_signals(sigset_t *set)
{
	struct sigaction sa;

	sigfillset(set);
	for (size_t i = 0; i < ARRAY_SIZE(not_forwarded); i++)
		sigdelset(set, not_forwarded[i]);
	/* What was ignored when we were started, by nohup(1) or for a background job, stays so. */
	for (int sig = 1; sig < NSIG; sig++)
		if (sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			sigdelset(set, sig);
}

int attach_signals(struct attachment *a, struct err *e)
{
	sigset_t set;

	container_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	a->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return a->signals < 0 ? err_set(e, errno, "signalfd") : 0;
}

static void begin_terminal(struct attachment *a, int how)
{
	/* Death by it would leave the terminal as it is. */
	signal(SIGPIPE, SIG_IGN);
	/* The daemon reads its copy only when no client does, and expects EAGAIN. */
	fcntl(a->master, F_SETFL, O_NONBLOCK | O_RDWR);
	/* The kernel tells of changes only. */
	if (how & TCR_ATTACHED_REDRAW)
		copy_window_size(a->master, 1);
	copy_window_size(a->master, 0);
	if (a->input)
		make_raw();
}

void attach_begin(struct attachment *a, int fd, int how, const char *keys, size_t len)
{
	sigset_t set;

	container_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	a->attached = true;
	a->own_signals = how & TCR_ATTACHED_OWN_SIGNALS;
	a->input = (how & TCR_ATTACHED_INPUT) && fd >= 0;
	a->nkeys = len < sizeof(a->keys) ? len : sizeof(a->keys);
	memcpy(a->keys, keys, a->nkeys);
	if (how & TCR_ATTACHED_TERMINAL && fd >= 0) {
		a->master = fd;
		begin_terminal(a, how);
	} else if (fd >= 0) {
		a->pipe = fd;
		/* The container may end before all is written. */
		signal(SIGPIPE, SIG_IGN);
	}
}

void attach_signal(struct attachment *a)
{
	struct signalfd_siginfo si;
	struct tcr_frame f = { .type = TCR_FRAME_SIGNAL };
	sigset_t set;

	while (read(a->signals, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGWINCH) {
			if (a->master >= 0)
				copy_window_size(a->master, 0);
			continue;
		}
		if (a->own_signals)
			exit(EXIT_SIGNAL_BASE + si.ssi_signo);
		f.value = si.ssi_signo;
		sock_send(a->sock, &f, sizeof(f), NULL, 0, NULL, 0, 0);
		if (a->attached)
			continue;
		/* The daemon keeps it for the container; should there never be one, the next signal
		 * is for us. */
		container_signals(&set);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
}

void attach_output(struct attachment *a)
{
	ssize_t n = read(a->master, a->out, sizeof(a->out));

	if (n > 0)
		a->out_len = n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		a->hung = true; /* EIO: nobody has the other end open */
}

/* Not all at once: a terminal or a pipe that nobody reads must not keep us from signals. */
void attach_flush(struct attachment *a)
{
	ssize_t n = write(STDOUT_FILENO, a->out, a->out_len);

	/* Whoever read our output is gone. The daemon sees that we are, too, and reads the
	 * terminal. */
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		exit(errno == EPIPE ? EXIT_SIGNAL_BASE + SIGPIPE : EXIT_ENGINE);
	if (n <= 0)
		return;
	a->out_len -= n;
	memmove(a->out, a->out + n, a->out_len);
}

/* Takes one byte that was typed. What may become the sequence of keys is held back until it is it,
 * or is not. */
static void take_key(struct attachment *a, char key)
{
	while (a->nkeys && key != a->keys[a->matched] && a->matched) {
		int had = a->matched, gone;

		/* The end of what was typed may be the beginning of the sequence. */
		do
			gone = had - --a->matched;
		while (memcmp(a->keys, a->keys + gone, a->matched) != 0);
		memcpy(a->in + a->in_len, a->keys, gone);
		a->in_len += gone;
	}
	if (a->nkeys && key == a->keys[a->matched])
		a->detached = ++a->matched == a->nkeys;
	else
		a->in[a->in_len++] = key;
}

/* False at the end of standard input. */
static bool read_keys(struct attachment *a)
{
	char typed[sizeof(a->in) - TCR_KEYS_MAX];
	ssize_t n = read(STDIN_FILENO, typed, sizeof(typed));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	for (ssize_t i = 0; i < n && !a->detached; i++)
		take_key(a, typed[i]);
	if (n > 0)
		return true;
	memcpy(a->in, a->keys, a->matched);
	a->in_len = a->matched;
	a->matched = 0;
	return false;
}

void attach_input(struct attachment *a)
{
	int *to = a->pipe >= 0 ? &a->pipe : &a->master;
	ssize_t n;

	if (!a->in_len && a->input)
		a->input = read_keys(a);
	n = write(*to, a->in, a->in_len);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		n = a->in_len; /* nobody reads it any more: so is what was typed */
	if (n > 0) {
		a->in_len -= n;
		memmove(a->in, a->in + n, a->in_len);
	}
	if (!a->input && !a->in_len && a->pipe >= 0)
		close(steal_fd(&a->pipe));
}

void attach_leave(struct attachment *a)
{
	const struct tcr_frame f = { .type = TCR_FRAME_DETACH };
	int fd = a->master >= 0 ? a->master : a->pipe;

	sock_send(a->sock, &f, sizeof(f), NULL, 0, &fd, fd >= 0, 0);
	restore_terminal();
	fputs("read escape sequence\n", stderr);
}
