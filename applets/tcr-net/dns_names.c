/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding words in a text from the daemon. */
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns_names.o
#include <string.h>

#include "base/mem.h"
#include "dns_names.h"
#include "tcr_dns.h"

/* A slot is a place in the text, and what is left of 32 bits tells most other words apart. */
enum {
	PLACE_BITS = 22,
	PLACE = (1 << PLACE_BITS) - 1,
};
_Static_assert(TCR_DNS_TEXT_MAX <= PLACE + 1, "a place does not fit");

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* FNV-1a. */
static uint32_t hash_word(const char *word, size_t len)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)fold(word[i])) * 16777619U;
	return h ^ h >> 15;
}

static bool same_word(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

static uint32_t first_slot(const struct dns_text *t, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * t->count >> 32);
}

/* Tables are never full, so that an empty slot ends the search; SEEN is for those without one. */
struct dns_find dns_find_begin(const struct dns_text *t, const char *word, size_t len, bool address)
{
	uint32_t hash = hash_word(word, len);

	return (struct dns_find){ t, word, len, hash, first_slot(t, hash), 0, address };
}

/* "host " and "search " stand before the address; before a name there is an address, too. */
static bool is_address(const char *word)
{
	return word[-6] == '\n' || word[-8] == '\n';
}

const char *dns_find_next(struct dns_find *f)
{
	const struct dns_text *t = f->t;

	while (f->seen++ < t->count) {
		uint32_t slot = t->slots[f->slot];
		const char *word = t->text + (slot & PLACE);

		if (!slot)
			return NULL;
		f->slot = f->slot + 1 == t->count ? 0 : f->slot + 1;
		if ((slot ^ f->hash << PLACE_BITS) & ~(uint32_t)PLACE)
			continue;
		if (f->len < (size_t)(t->text + t->len - word) && dns_ends_word(word[f->len]) &&
			is_address(word) == f->address && same_word(word, f->word, f->len))
			return word;
	}
	return NULL;
}

static const char *line_of(const struct dns_text *t, const char *p)
{
	const char *newline = memrchr(t->text, '\n', (size_t)(p - t->text));

	return newline ? newline + 1 : t->text;
}

const char *dns_next_word(const char *p, size_t *len)
{
	while (!dns_ends_word(*p))
		p++;
	if (*p == '\n')
		return NULL;
	for (*len = 0, p++; !dns_ends_word(p[*len]);)
		++*len;
	return p;
}

/* The text was checked: an address follows. */
uint32_t dns_addr_of(const struct dns_text *t, const char *word)
{
	const char *p = line_of(t, word) + strlen("host ");
	uint32_t addr = 0, n = 0;

	for (; *p != ' '; p++) {
		if (*p != '.') {
			n = n * 10 + (uint32_t)(*p - '0');
			continue;
		}
		addr = addr << 8 | n;
		n = 0;
	}
	return addr << 8 | n;
}

const char *dns_words_of(const struct dns_text *t, const char *kind, uint32_t addr)
{
	char buf[ADDR_SIZE];
	size_t len = strlen(kind);
	const char *word;
	struct dns_find f;

	addr_format(addr, buf);
	f = dns_find_begin(t, buf, strlen(buf), true);
	while ((word = dns_find_next(&f))) {
		const char *line = line_of(t, word);

		if (line + len == word && !memcmp(line, kind, len))
			return word;
	}
	return NULL;
}

/* A host that has a name twice has one record for it. */
void dns_index(struct dns_text *t, const char *word, size_t len, bool address)
{
	struct dns_find f = dns_find_begin(t, word, len, address);
	const char *line = line_of(t, word), *other;

	while ((other = dns_find_next(&f)))
		if (other >= line)
			return;
	f.slot = first_slot(t, f.hash);
	while (t->slots[f.slot])
		f.slot = f.slot + 1 == t->count ? 0 : f.slot + 1;
	t->slots[f.slot] = f.hash << PLACE_BITS | (uint32_t)(word - t->text);
}
