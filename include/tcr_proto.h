/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol between tcr and tcrd: SOCK_SEQPACKET, one request a connection, frames as answers.
 */
#ifndef TCR_PROTO_H
#define TCR_PROTO_H

#include <stdint.h>

#define TCR_PROTO_MAGIC 0x54435221u /* "TCR!" */
#define TCR_PROTO_VERSION 2

#define TCR_SOCKET_NAME "tcrd.sock" /* in the run directory, 0600 in a 0700 directory */

/* The first packet of a client. argv and environ follow as NUL-terminated strings, LEN bytes in
 * all; if that is more than TCR_INLINE_MAX they are in a sealed memfd (F_SEAL_SHRINK | F_SEAL_WRITE
 * | …) that is the last descriptor. */
struct tcr_request {
	uint32_t magic;
	uint32_t version;
	uint16_t rows, cols; /* size of the terminal; 0 if there is none */
	uint32_t argc;       /* the verb is argv[0] */
	uint32_t envc;
	uint32_t len;
};

enum {
	TCR_INLINE_MAX = 8 * 1024,
	TCR_STRINGS_MAX = 2 * 1024 * 1024, /* as execve(2) allows */
	TCR_ARGS_MAX = 16 * 1024,          /* argc, and envc */
};

/* Descriptors that travel with a request (SCM_RIGHTS), in this order. */
enum tcr_request_fd {
	TCR_FD_CWD, /* O_PATH */
	TCR_FD_STDIN,
	TCR_FD_STDOUT,
	TCR_FD_STDERR,
	TCR_FD_STRINGS, /* only if len > TCR_INLINE_MAX */
	TCR_FD_MAX,
};

/* All later packets, in both directions: a frame with up to TCR_FRAME_MAX bytes of data. */
struct tcr_frame {
	uint32_t type; /* enum tcr_frame_type */
	int32_t value;
	char data[];
};

enum { TCR_FRAME_MAX = 16 * 1024 };

enum tcr_frame_type {
	/* from the daemon */
	TCR_FRAME_STDOUT,   /* data: text for standard output */
	TCR_FRAME_STDERR,   /* data: text for standard error */
	TCR_FRAME_HELP,     /* print the usage of the verb */
	TCR_FRAME_ATTACHED, /* the process runs; value: enum tcr_attached; data: the keys that
			       detach, none if that cannot be done */
	TCR_FRAME_EXIT,     /* value: exit code; the last frame */
	/* from the client, once attached */
	TCR_FRAME_SIGNAL, /* value: number of the signal for the process */
	TCR_FRAME_DETACH, /* the user typed the keys; with the descriptor that the client had */
	TCR_FRAME_TYPES,
};

enum { TCR_KEYS_MAX = 16 };

/* What a client that is attached does. */
enum tcr_attached {
	TCR_ATTACHED_TERMINAL = 1,    /* the descriptor is the master of the process's terminal */
	TCR_ATTACHED_INPUT = 2,       /* standard input goes to the descriptor, master or pipe */
	TCR_ATTACHED_REDRAW = 4,      /* who is on the terminal already has to draw it again */
	TCR_ATTACHED_OWN_SIGNALS = 8, /* signals are the client's own business */
};

#endif
