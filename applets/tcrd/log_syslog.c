/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for the host's syslog, as RFC 3164 has them. */
//kbuild:obj-$(CONFIG_FEATURE_LOGS) += log_syslog.o
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "log_live.h"

enum {
	LINE = 900, /* what the header leaves of the 1024 bytes of a message (RFC 3164, 4.1) */
	/* facility daemon, severities informational and error (4.1.1) */
	PRI_INFO = 3 * 8 + 6,
	PRI_ERROR = 3 * 8 + 3,
};

static int sock = -1;

static int connect_syslog(void)
{
	static const struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	cleanup_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return steal_fd(&fd);
}

/* A syslogd that was started again is found at its new socket. */
static void send_message(const struct strbuf *sb)
{
	for (int tries = 0; tries < 2; tries++) {
		if (sock < 0)
			sock = connect_syslog();
		if (sock < 0 || send(sock, sb->buf, sb->len, MSG_NOSIGNAL) >= 0 || errno == EAGAIN)
			return;
		close(steal_fd(&sock));
	}
}

void syslog_rest(void)
{
	if (sock >= 0)
		close(steal_fd(&sock));
}

static void send_line(struct strbuf *line, const char *tag, enum log_stream stream)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	time_t now = time(NULL);
	char when[32];
	struct tm tm;

	if (!line->len)
		return;
	strftime(when, sizeof(when), "%b %e %H:%M:%S", localtime_r(&now, &tm));
	utf8_make_printable(line->buf, "\t");
	sb_addf(&sb, "<%d>%s %s: %s", stream == LOG_STDERR ? PRI_ERROR : PRI_INFO, when, tag,
		line->buf);
	send_message(&sb);
	sb_free(line);
}

void syslog_lines(struct strbuf *partial, const char *tag, enum log_stream stream, const char *data,
	size_t len)
{
	for (size_t n; len; data += n, len -= n) {
		size_t room = LINE - partial->len;
		const char *end = memchr(data, '\n', len < room ? len : room);

		n = end ? (size_t)(end - data) : len < room ? len : room;
		sb_add(partial, data, n);
		if (end || partial->len == LINE)
			send_line(partial, tag, stream);
		n += end != NULL;
	}
}
