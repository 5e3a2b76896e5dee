/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions of nf_tables, and expressions of its rules: linux/netfilter/nf_tables.h. */
#ifndef TCR_NET_NFT_H
#define TCR_NET_NFT_H

#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/nl.h"

/* Messages that the kernel takes all or none. TABLE, of the family inet, has less than
 * NFT_TABLE_MAXNAMELEN characters. */
struct nft_batch {
	struct nl *nl;
	const char *table;
	char *buf;
	size_t len, size; /* bytes; the message being written is not in LEN */
	size_t last;      /* offset of the last complete message */
	uint32_t first;   /* sequence number */
};

/* What a rule does first to last. ARG are the arguments of OP in the order of its row in nft.c;
 * then comes LEN bytes of data, if it takes any: a name with its NUL, or a value to compare with.
 */
struct nft_expr {
	uint8_t op;
	int8_t arg[4];
	uint8_t len;
	union {
		char bytes[16];
		uint16_t u16;
		uint32_t u32;
	};
} __attribute__((packed)); /* there are tables of them */

enum nft_op {
	NFT_META,    /* key, register */
	NFT_CT,      /* key, register */
	NFT_FIB,     /* result, flags, register */
	NFT_PAYLOAD, /* header, offset, length, register */
	NFT_CMP,     /* register, operator; value */
	NFT_MASK,    /* register, the same, length; mask */
	NFT_LOOKUP,  /* register, flags; set */
	NFT_MAP,     /* register, register of the result; map */
	NFT_VERDICT, /* register, verdict; chain */
	NFT_NAT,     /* kind, family, register of the address, register of the port */
	NFT_MASQ,
};

struct nft_set {
	const char *name;
	uint32_t key_type, key_len, data_type, data_len; /* as nft(8) counts; bytes; 0: no map */
	bool is_text;     /* for nft(8): the key is not in network byte order */
	bool is_interval; /* elements begin and end ranges */
};

struct nft_chain {
	const char *name, *type; /* TYPE NULL: only jumped to */
	uint8_t hook;
	int16_t priority;
};

struct nft_batch nft_begin(struct nl *nl, const char *table);
/* Sends the batch and frees it. Returns 0; or a negative errno value with E filled, and nothing has
 * changed. */
int nft_commit(struct nft_batch *b, struct err *e);
/* Whether that value says that the kernel lacks something: what the batch speaks of, or all of
 * nf_tables. */
bool nft_is_unknown(int error);

/* TYPE is NFT_MSG_NEWTABLE or NFT_MSG_DELTABLE. */
void nft_table(struct nft_batch *b, uint16_t type);
void nft_add_set(struct nft_batch *b, const struct nft_set *set);
void nft_add_chain(struct nft_batch *b, const struct nft_chain *chain);
/* TYPE is NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM; DATA NULL: not of a map, or not needed. */
void nft_element(struct nft_batch *b, uint16_t type, const char *set, const void *key,
	uint16_t key_len, const void *data, uint16_t data_len);
/* The range that an element has begun ends before KEY. */
void nft_interval_end(struct nft_batch *b, const char *set, const void *key, uint16_t key_len);

/* A rule is begun, gets its expressions, and is added at the end of CHAIN. */
struct nftnl_rule *nft_rule(const struct nft_batch *b, const char *chain);
void nft_rule_expr(struct nftnl_rule *rule, const struct nft_expr *x);
void nft_add_rule(struct nft_batch *b, struct nftnl_rule *rule);

#endif
