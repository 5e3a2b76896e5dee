/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that wait until their connections are forgotten. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += quarantine.o
#include <linux/netlink.h>
#include <string.h>

#include "base/child.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/conntrack.h"
#include "net/nl.h"
#include "quarantine.h"

enum { DELAY_MS = 500 };

static struct {
	uint32_t *addrs; /* owned */
	size_t n;
	size_t at_work; /* the child works on so many of them, the first ones */
	struct child child;
	struct timer timer;
} q;

bool quarantine_has(uint32_t addr)
{
	for (size_t i = 0; i < q.n; i++)
		if (q.addrs[i] == addr)
			return true;
	return false;
}

static int forget(void *arg)
{
	struct nl nl;
	struct err e;
	int rc;

	(void)arg;
	if (nl_open(&nl, NETLINK_NETFILTER, &e))
		return 1;
	rc = conntrack_forget_addresses(&nl, q.addrs, q.n, &e);
	if (rc)
		log_debug("%s", e.text); /* a kernel without CONFIG_NF_CT_NETLINK */
	nl_close(&nl);
	return rc != 0;
}

static void drop_first(size_t n)
{
	memmove(q.addrs, q.addrs + n, (q.n - n) * sizeof(*q.addrs));
	q.n -= n;
}

/* Whether it could be done or not, to wait longer would not help. */
static void forgotten(struct child *child, int status)
{
	(void)child;
	(void)status;
	drop_first(q.at_work);
	q.at_work = 0;
	if (q.n)
		timer_set(&q.timer, DELAY_MS);
}

static void due(struct timer *t)
{
	struct err e;

	(void)t;
	q.at_work = q.n;
	q.child.ended = forgotten;
	if (child_fork(&q.child, forget, NULL, NULL, 0, &e) == 0)
		return;
	log_msg("%s", e.text);
	forgotten(&q.child, 0);
}

void quarantine_add(uint32_t addr)
{
	q.addrs = xrealloc(q.addrs, (q.n + 1) * sizeof(*q.addrs));
	q.addrs[q.n++] = addr;
	q.timer.fire = due;
	if (!q.child.pid)
		timer_set(&q.timer, DELAY_MS);
}

void quarantine_end(void)
{
	if (!q.n)
		return;
	forget(NULL);
	/* A child that is at work gives back what is given back then. */
	drop_first(q.n);
	q.at_work = 0;
	timer_cancel(&q.timer);
}
