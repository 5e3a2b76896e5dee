/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of Go's templates that people use with docker's --format: values by their path. */
#ifndef TCR_JSON_TEMPLATE_H
#define TCR_JSON_TEMPLATE_H

#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"

/* Text with any number of
 *
 *	{{.Name}} {{.State.Status}}	a value; the elements of an array are .Mounts.0, .Mounts.1,
 *...
 *	{{json .State}}			the same as JSON; {{json .}} is all
 *	{{index .Config.Labels "a.b"}}	a key that is no name; {{index .Args 0}}
 *
 * in it; \t and \n stand for a tab and a newline. */

/* Whether TEXT is such a template. Returns 0, or -1 with E filled. */
int template_check(const char *text, struct err *e);

/* Appends TEXT to OUT with the values from the LEN bytes of JSON, one object. Strings are as they
 * are; arrays and objects in Go's form, [a b] and map[k:v]. A value that is not there is an error,
 * but of what is in an object "Labels" Go's "<no value>".
 * Returns 0, or -1 with E filled. */
int template_expand(
	const char *text, const char *json, size_t len, struct strbuf *out, struct err *e);

#endif
