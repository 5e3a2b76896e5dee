/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of option values. Each returns the value in its normal form, owned by the caller, or NULL
 * with E filled; see opt.h. CTX is the client, whose directory and environment give relative paths
 * and `-e K` their meaning; NULL when a stored spec is read. */
#ifndef TCRD_CHECK_H
#define TCRD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	CHECK_NAME_MAX = 63,       /* a name is a DNS label too (RFC 1035, 2.3.4) */
	CHECK_TIMEOUT_MAX = 86400, /* seconds */
};

char *check_any(const char *value, void *ctx, struct err *e);
char *check_detach_keys(const char *value, void *ctx, struct err *e);
char *check_env(const char *value, void *ctx, struct err *e);
char *check_file(const char *value, void *ctx, struct err *e);
char *check_hostname(const char *value, void *ctx, struct err *e);
char *check_label(const char *value, void *ctx, struct err *e);
char *check_name(const char *value, void *ctx, struct err *e);
char *check_network(const char *value, void *ctx, struct err *e);
char *check_restart(const char *value, void *ctx, struct err *e);
char *check_signal(const char *value, void *ctx, struct err *e);
char *check_timeout(const char *value, void *ctx, struct err *e);
char *check_tmpfs(const char *value, void *ctx, struct err *e);
char *check_user(const char *value, void *ctx, struct err *e);
char *check_volume(const char *value, void *ctx, struct err *e);
/* The name of a volume; OPTION is said in the error. */
char *check_volume_name(const char *value, const char *option, struct err *e);
char *check_workdir(const char *value, void *ctx, struct err *e);

/* What NAME stands for: docker calls the network that needs no name "bridge", or "default". */
const char *real_network(const char *name);

/* check_net.c */
char *check_add_host(const char *value, void *ctx, struct err *e);
char *check_alias(const char *value, void *ctx, struct err *e);
char *check_dns(const char *value, void *ctx, struct err *e);
char *check_dns_search(const char *value, void *ctx, struct err *e);
char *check_ip(const char *value, void *ctx, struct err *e);
char *check_mac(const char *value, void *ctx, struct err *e);
char *check_publish(const char *value, void *ctx, struct err *e);

/* check_log.c */
char *check_log_dir(const char *value, void *ctx, struct err *e);
char *check_log_driver(const char *value, void *ctx, struct err *e);
char *check_log_opt(const char *value, void *ctx, struct err *e);

/* What the options of networks, and of logs, make of each other. */
struct spec;
int check_log(const struct spec *s, struct err *e);
int check_networks(const struct spec *s, struct err *e);

/* [a-zA-Z0-9][a-zA-Z0-9EXTRA]* of at most MAX characters */
bool is_word(const char *s, const char *extra, size_t max);

/* No two mounts at the same place. */
int check_mount_points(char *const *volumes, char *const *tmpfs, struct err *e);

#endif
