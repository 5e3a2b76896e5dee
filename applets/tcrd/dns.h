/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name server of all networks: a child, `tcr-net dns`, and what it is told (tcr_dns.h). */
#ifndef TCRD_DNS_H
#define TCRD_DNS_H

#include <stdbool.h>

struct net;
struct strbuf;

/* Binds port 53 of the gateway and hands it to the child. That this can fail, since somebody else
 * has the port, is only logged: see dns_serves(). */
void dns_open(struct net *n);
void dns_close(struct net *n);
bool dns_serves(const struct net *n);

/* The names of N have changed; dns_flush() tells it. */
void dns_changed(struct net *n);
void dns_flush(void);

/* The resolvers of the host have changed; resolv.c. */
void dns_servers_changed(void);

/* resolv.c */

/* The resolvers of the host, one a line; and the lines "search" and "options". Either may be NULL.
 */
void resolv_read(struct strbuf *servers, struct strbuf *others);
/* From now on dns_servers_changed() is called when they change. */
void resolv_watch(void);
void resolv_unwatch(void);

#endif
