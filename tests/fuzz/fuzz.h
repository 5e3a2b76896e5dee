/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share: the entry point of libFuzzer, and an assertion that no build turns
 * off. */
#ifndef TCR_TESTS_FUZZ_FUZZ_H
#define TCR_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(what)                                                                      \
	do {                                                                               \
		if (!(what)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                           \
		}                                                                          \
	} while (0)

#endif
