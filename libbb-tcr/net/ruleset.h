/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of our table, as data. */
#ifndef TCR_NET_RULESET_H
#define TCR_NET_RULESET_H

#include <stdint.h>

#include "net/firewall.h"
#include "net/nft.h"

/* Appends everything to B: sets, chains and rules, and what is known of F. */
void ruleset_emit(struct nft_batch *b, const struct firewall *f);
/* Adds the port P (TYPE NFT_MSG_NEWSETELEM) or takes it out (NFT_MSG_DELSETELEM). */
void ruleset_port(struct nft_batch *b, uint16_t type, const struct published *p);

#endif
