/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doubly linked lists with the links inside the elements. */
#ifndef TCR_BASE_LIST_H
#define TCR_BASE_LIST_H

#include <stdbool.h>

#include "base/mem.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(head)          \
	{                        \
		&(head), &(head) \
	}

static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Inserts NODE at the end of the list HEAD. */
static inline void list_append(struct list *head, struct list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

/* Takes NODE out of its list; doing so twice is harmless. */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* Visits every element; the current one may be removed, its neighbours may not. */
#define list_for_each(pos, head, member)                                                     \
	for (struct list *it_ = (head)->next, *next_ = it_->next;                            \
		it_ != (head) && ((pos) = container_of(it_, __typeof__(*(pos)), member), 1); \
		it_ = next_, next_ = it_->next)

#endif
