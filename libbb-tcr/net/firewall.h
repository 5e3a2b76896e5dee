/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our table of nftables: nft(8). One transaction builds it, one element publishes a port. */
#ifndef TCR_NET_FIREWALL_H
#define TCR_NET_FIREWALL_H

#include <stdbool.h>
#include <stddef.h>

#include "net/addr.h"
#include "net/nl.h"
#include "net/record.h"

struct firewall_network {
	const char *bridge;
	struct subnet subnet;
	bool internal; /* reaches nothing but itself, and the name server at its gateway */
	bool dns;      /* our name server listens at its gateway */
};

struct firewall {
	const char *table; /* its name, of the family inet */
	const struct firewall_network *networks;
	size_t n_networks;
	const struct published *ports;
	size_t n_ports;
	/* Names of interfaces between which nothing is forwarded, as before we switched that on;
	 * NULL, or ends with NULL: net/forwarding.h. */
	const char *const *guarded;
};

/* Replaces the table, or makes it, in one transaction: traffic never meets half of it, and
 * connections live on. Returns 0; -1 with E filled, and the table as it was. */
int firewall_rebuild(struct nl *nl, const struct firewall *f, struct err *e);

/* Adds N ports to the table; all or none. */
int firewall_publish(
	struct nl *nl, const char *table, const struct published *ports, size_t n, struct err *e);
/* Takes them out; those that are not there are no error, nor is a missing table. */
int firewall_unpublish(
	struct nl *nl, const char *table, const struct published *ports, size_t n, struct err *e);

/* Removes the table; a missing one is a success, and so is a kernel without nf_tables. */
int firewall_remove(struct nl *nl, const char *table, struct err *e);

/* Opens a socket that hears of every change to nftables (NFNLGRP_NFTABLES) but those that the
 * socket OURS makes. */
int firewall_watch(struct nl *watch, const struct nl *ours, struct err *e);
/* Reads what there is to read, and waits for nothing. Returns true if anything of the table TABLE
 * was taken away, or if messages were lost, so that nobody knows. */
bool firewall_was_disturbed(struct nl *watch, const char *table);

#endif
