/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory and scope-bound resources. Running out of memory ends the process: there is no remedy in
 * it. */
#ifndef TCR_BASE_MEM_H
#define TCR_BASE_MEM_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* These return memory that the caller frees, and never NULL. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Frees every string of the NULL-terminated array V and V itself; NULL is allowed. */
void strv_free(char **v);

static inline void cleanup_freep(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_strvp(char ***v)
{
	strv_free(*v);
}

/* `cleanup_close int fd = -1;` closes the descriptor when its scope ends, `cleanup_free char *s =
 * NULL;` frees. */
#define cleanup_free __attribute__((cleanup(cleanup_freep)))
#define cleanup_close __attribute__((cleanup(cleanup_closep)))
#define cleanup_strv __attribute__((cleanup(cleanup_strvp)))

/* Takes the descriptor out of *FD, which becomes -1: `return steal_fd(&fd);`. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* Takes the pointer out of *P, which becomes NULL. */
#define steal_ptr(p)                            \
	({                                      \
		__typeof__(*(p)) taken_ = *(p); \
		*(p) = NULL;                    \
		taken_;                         \
	})

#endif
