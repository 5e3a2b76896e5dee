/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was asked of a container: the arguments of `run`, in normal form. They are checked once,
 * when the client sends them; what is stored is the same list, one argument a line, and the same
 * parser reads it back. */
#ifndef TCRD_SPEC_H
#define TCRD_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "tcr_proto.h"

struct client;

/* Bytes that a stored spec has at the most: what a request can carry, with every byte escaped. */
enum { TCR_SPEC_MAX = 2 * TCR_STRINGS_MAX };

struct spec {
	char *name;
	bool detach, rm, read_only, tty, interactive, no_network, publish_all, init;
	char **env;       /* K=V */
	char **volumes;   /* SRC:DST:ro|rw, both absolute; or NAME:DST:ro|rw[,nocopy] */
	char **tmpfs;     /* DST:OPTIONS, as mount(8) takes them */
	char *entrypoint; /* "" removes that of the image */
	char *workdir;
	char *user;
	char *hostname;
	char **networks;        /* names, or one of none, host, container:ID; see network_mode() */
	char **network_aliases; /* more names on all of them */
	char **joined;          /* by `network connect`: "NAME ADDRESS ALIAS..."; internal */
	char **left;            /* by `network disconnect`: names; internal */
	char *ip, *mac_address; /* on the first of them */
	char **publish;         /* as portspec_format() writes them */
	char **dns, **dns_search;
	char **add_hosts;   /* NAME:ADDRESS, or NAME:host-gateway */
	char **labels;      /* K=V */
	char *log_driver;   /* file, syslog, none; NULL: file */
	char **log_opts;    /* K=V */
	char *log_dir;      /* where the log is kept on disk; NULL: on tmpfs */
	char *restart;      /* no, on-failure[:N], unless-stopped, always; NULL: no */
	char *stop_signal;  /* name or number; NULL: what the image wants */
	char *stop_timeout; /* seconds; NULL: 10; -1: for ever */
	char *cidfile;      /* absolute; not stored */
	char *detach_keys; /* of the client that runs it; not stored */
	char **env_files, **label_files; /* their content is in env and labels; not stored */
	char *image_id;     /* 64 hex digits; internal */
	char *created;      /* seconds since 1970, and a fraction with 9 digits; internal */
	char *image;        /* as the user gave it */
	char **command;
};

/* Parses the arguments of `run` or `create` as the client sent them, and reads the files that they
 * name. Returns 0, 1 for --help, or -1. SPEC is to be freed in any case. */
int spec_parse(struct spec *spec, char *const *argv, struct client *cl, struct err *e);

/* Appends the stored form to OUT. */
void spec_store(const struct spec *spec, struct strbuf *out);

/* Reads the stored form. SPEC is to be freed in any case. */
int spec_load(struct spec *spec, const char *text, struct err *e);

/* Adds the lines of FILES to *V, each as CHECK makes it: what options say comes behind, and wins. */
int spec_read_files(char *const *files, char ***v,
	char *(*check)(const char *, void *, struct err *), struct client *cl, struct err *e);

void spec_free(struct spec *spec);

/* The time that a stop waits before it kills, in milliseconds; -1: for ever. */
long spec_stop_timeout_ms(const struct spec *spec);

#define DEFAULT_NETWORK "tcr_default"

enum network_mode {
	NETWORK_NONE,      /* loopback only */
	NETWORK_HOST,      /* the host's */
	NETWORK_CONTAINER, /* another container's; spec_peer() says whose */
	NETWORK_BRIDGE,    /* the networks of spec_networks() */
};
enum network_mode spec_wanted_mode(const struct spec *spec);
static inline enum network_mode spec_network_mode(const struct spec *spec)
{
	return ENABLE_FEATURE_NETWORK ? spec_wanted_mode(spec) : NETWORK_NONE;
}
/* Names, NULL-terminated; only in the mode NETWORK_BRIDGE. */
char *const *spec_networks(const struct spec *spec);
/* What follows "container:"; only in the mode NETWORK_CONTAINER. */
const char *spec_peer(const struct spec *spec);

#endif
