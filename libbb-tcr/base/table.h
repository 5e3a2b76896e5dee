/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables for people: columns as wide as their widest cell. */
#ifndef TCR_BASE_TABLE_H
#define TCR_BASE_TABLE_H

#include "base/strbuf.h"

/* Appends TEXT to OUT, where cells are separated by tabs and rows end with a newline, with the
 * cells padded to columns that are three spaces apart, as docker's listings are. Control bytes in
 * it become '?'. */
void table_format(struct strbuf *out, const char *text);

#endif
