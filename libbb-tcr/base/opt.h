/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines in Docker's grammar: -it, -eK=V, -e K=V, --name=web, --name web, --rm=false, "--"
 * ends the options. */
#ifndef TCR_BASE_OPT_H
#define TCR_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum opt_kind {
	OPT_BOOL,   /* field: bool */
	OPT_STRING, /* field: char *, owned */
	OPT_LIST,   /* field: char **, NULL-terminated, owned; the option may be repeated */
};

struct opt {
	const char *name;
	char letter;    /* 0: has none */
	uint8_t kind;   /* enum opt_kind */
	bool internal;  /* only in files that the daemon wrote itself */
	uint16_t field; /* offset in the structure that is filled */
	/* Checks VALUE and returns it in its normal form, as memory of its own; NULL with E filled
	 * if it is wrong; NULL with E->exit_code == 0 to ignore the option. CTX is the caller's. A
	 * NULL function takes every non-empty value as it is. */
	char *(*check)(const char *value, void *ctx, struct err *e);
};

enum opt_flags {
	OPT_STOP = 1,    /* the first argument that is no option ends the options (run, exec) */
	OPT_TRUSTED = 2, /* internal options are known, and a later value replaces an earlier one */
};

/* Parses ARGV (NULL-terminated, without the verb) by the N options of TABLE into TARGET, which the
 * caller has initialised. *REST is set to the arguments that are no options, in order, as a
 * NULL-terminated array of pointers into ARGV that the caller frees (the array only). Returns 0; 1
 * if --help was met; -1 with E filled. TARGET must be freed by the caller in any case. */
int opt_parse(const struct opt *table, size_t n, char *const *argv, unsigned flags, void *target,
	void *ctx, char ***rest, struct err *e);

/* Frees every field of TARGET that TABLE names. */
void opt_free(const struct opt *table, size_t n, void *target);

/* Calls EMIT with "--name" or "--name=value" for everything set in TARGET, in the order of the
 * table. Of options with the same field, which stand side by side, the first has the name. */
void opt_emit(const struct opt *table, size_t n, const void *target,
	void (*emit)(const char *arg, void *ctx), void *ctx);

/* Appends a copy of S to the NULL-terminated array *V. */
void strv_append(char ***v, const char *s);

/* Number of strings; V may be NULL. */
size_t strv_len(char *const *v);

/* Frees the string V[I] and takes it out of the list. */
void strv_remove(char **v, size_t i);

/* Parses a decimal number from MIN to MAX, nothing before or behind it. Returns 0 or -1 (without a
 * message). */
int parse_int(const char *s, long min, long max, long *out);

#endif
