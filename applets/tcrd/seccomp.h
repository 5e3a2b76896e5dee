/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The default seccomp profile in the forms that crun takes. The decisions are in seccomp.list. */
#ifndef TCRD_SECCOMP_H
#define TCRD_SECCOMP_H

#include <stdbool.h>

#include "json/json.h"

/* Call these only `if (ENABLE_FEATURE_SECCOMP)`: else a container has no filter, which the daemon
 * must say. A container needs one of the two forms:
 *
 *	if (seccomp_is_native(arch))			in "annotations"
 *		seccomp_emit_annotation(j);
 *	else if (ENABLE_FEATURE_SECCOMP_JSON)		in "linux"
 *		seccomp_json(j, arch);
 *
 * and where neither applies it must not start: the native filter kills a foreign program at its
 * first system call. */

/* True if GOARCH, the "architecture" of an image in the OCI image specification ("amd64", "arm",
 * ...), is what this binary was built for. An empty or NULL name counts as native. */
bool seccomp_is_native(const char *goarch);

/* The filter, an array of struct sock_filter in the target's byte order, as base64 (RFC 4648,
 * section 4). It is static. */
const char *seccomp_bpf_base64(void);

/* Adds the filter as a member of the open object "annotations"; crun(1), run.oci.seccomp_bpf_data.
 * crun then needs no "seccomp" in "linux". */
void seccomp_emit_annotation(struct json *j);

/* Adds the member "seccomp" to the open object "linux" (OCI runtime specification, config-linux.md)
 * for programs of GOARCH and of this machine's own architecture. An architecture that is not known
 * here is left out; its programs are then killed. */
void seccomp_json(struct json *j, const char *goarch);

#endif
