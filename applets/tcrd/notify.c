/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service manager's socket. */
//kbuild:obj-y += notify.o
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/loop.h"
#include "base/mem.h"
#include "notify.h"

enum { AGAIN_MS = 100 };

static char *address;       /* owned; NULL: nobody wants to know */
static const char *pending; /* what the timer sends */
static struct timer again;

static int send_text(const char *text)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = strlen(address);
	cleanup_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(sun.sun_path, address, len);
	/* An abstract name begins with NUL, and has none at its end. */
	if (*address == '@')
		sun.sun_path[0] = '\0';
	return fd < 0 ? -1
		      : sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
				(struct sockaddr *)&sun, offsetof(struct sockaddr_un, sun_path) + len);
}

static void send_pending(struct timer *t)
{
	if (send_text(pending) < 0 && (errno == EAGAIN || errno == ENOBUFS))
		timer_set(t, AGAIN_MS);
}

void notify_init(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (name && (*name == '/' || *name == '@') && name[1] &&
		strlen(name) < sizeof(((struct sockaddr_un *)0)->sun_path))
		address = xstrdup(name);
	unsetenv("NOTIFY_SOCKET");
	again.fire = send_pending;
}

void notify(const char *state)
{
	if (!address)
		return;
	pending = state;
	timer_cancel(&again);
	send_pending(&again);
}

void notify_reloading(void)
{
	cleanup_free char *text = NULL;
	struct timespec now;

	if (!address)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	text = xasprintf("RELOADING=1\nMONOTONIC_USEC=%llu",
		now.tv_sec * 1000000ULL + now.tv_nsec / 1000);
	timer_cancel(&again);
	send_text(text);
	setenv("NOTIFY_SOCKET", address, 1);
}
