/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree of summaries over the chunks of a heap: finds the lowest run of free
 * pages that is long enough, wherever in the address space it lies.
 *
 * Everything here is called with the heap's lock held, but for hr_radix_exit() and
 * hr_radix_bytes().
 */
#ifndef HR_RADIX_H
#define HR_RADIX_H

#include "chunks.h"
#include "radix_node.h"

struct hr_radix {
	struct hr_radix_node	*root;		/* NULL: no chunks */
	/* See radix.c. */
	struct hr_radix_node	*stale_node;
	struct hr_chunk		*stale_chunk;
	/* All that has changed in it, if it is one thing; stale_end is 0: it is not. */
	unsigned int		stale_begin, stale_end;
	/*
	 * Invariant: no page below page hint_page of hint_chunk is free, nor any
	 * in a chunk before it. NULL: nothing is known.
	 */
	struct hr_chunk		*hint_chunk;
	unsigned int		hint_page;	/* up to HR_CHUNK_PAGES */
	/* Invariant: as many are in the tree. Read anywhere, as a figure. */
	unsigned long		nr_nodes;
};

/* Frees all nodes. The chunks are the caller's. */
void hr_radix_exit(struct hr_radix *radix);

/*
 * Links @chunk, all of whose pages are busy, into the tree, with nodes of the chain
 * *@spares.
 *
 * Return: true: it is linked, and *@spares is what is left of them. false: nothing
 * has changed, and it takes more of them.
 */
bool hr_radix_link(struct hr_radix *radix, struct hr_chunk *chunk,
		   struct hr_radix_node **spares);

/*
 * Unlinks @chunk, all of whose pages are busy.
 *
 * Return: a chain of the nodes that the tree does without now.
 */
struct hr_radix_node *hr_radix_unlink(struct hr_radix *radix,
				      struct hr_chunk *chunk);

/* Which child of its parent @chunk is. */
static inline unsigned int hr_radix_slot_of(const struct hr_chunk *chunk)
{
	return chunk->chunk_idx & (HR_RADIX_FANOUT - 1);
}

/* What the tree knows of @chunk. */
static inline const struct hr_sum *hr_radix_chunk_sum(const struct hr_chunk *chunk)
{
	return &chunk->parent->sum[hr_radix_slot_of(chunk)];
}

/* The chunk behind @chunk, where both have one parent; NULL: elsewhere, or none. */
static inline struct hr_chunk *hr_radix_sibling(const struct hr_chunk *chunk)
{
	unsigned int slot = hr_radix_slot_of(chunk) + 1;

	return slot < HR_RADIX_FANOUT ? chunk->parent->child[slot] : NULL;
}

/* What changes next is of @chunk_idx: no other path stays stale. */
void hr_radix_move(struct hr_radix *radix, unsigned long chunk_idx);

/* Called before pages [begin, end) of @chunk, all busy or all free, change. */
static inline void hr_radix_touch(struct hr_radix *radix, struct hr_chunk *chunk,
				  unsigned int begin, unsigned int end)
{
	if (likely(radix->stale_chunk == chunk)) {
		radix->stale_end = 0;
		return;
	}
	hr_radix_move(radix, chunk->chunk_idx);
	radix->stale_chunk = chunk;
	radix->stale_begin = begin;
	radix->stale_end = end;
}

/* All pages of chunks [begin, end) of @node, of level 1, become free or busy. */
static inline void hr_radix_set_wholes(struct hr_radix *radix, struct hr_radix_node *node,
				       unsigned int begin, unsigned int end, bool free)
{
	unsigned long mask = GENMASK(end - 1, begin);
	unsigned long pages = free ? HR_CHUNK_PAGES : 0;

	if (radix->stale_chunk || radix->stale_node != node)
		hr_radix_move(radix, node->idx << HR_RADIX_SHIFT);
	radix->stale_node = node;
	node->free_mask = free ? node->free_mask | mask : node->free_mask & ~mask;
	for (; begin < end; begin++)
		node->sum[begin] = (struct hr_sum){ pages, pages, pages };
}

/* The page has become free. */
static inline void hr_radix_freed(struct hr_radix *radix, struct hr_chunk *chunk,
				  unsigned int page_idx)
{
	const struct hr_chunk *hint = radix->hint_chunk;

	if (chunk == hint) {
		radix->hint_page = min(radix->hint_page, page_idx);
	} else if (hint && chunk->chunk_idx < hint->chunk_idx) {
		radix->hint_chunk = chunk;
		radix->hint_page = page_idx;
	}
}

/* The pages of [base, limit), the last of them in @chunk, have become busy. */
void hr_radix_taken(struct hr_radix *radix, unsigned long base,
		    struct hr_chunk *chunk, unsigned long limit);

/* The address of the hint. There is one. */
static inline unsigned long hr_radix_hint_addr(const struct hr_radix *radix)
{
	return hr_chunk_idx_to_addr(radix->hint_chunk->chunk_idx) +
	       hr_pages_to_bytes(radix->hint_page);
}

/* The lowest run of @nr_pages, at least 1, that is free; 0: there is none. */
unsigned long hr_radix_find(struct hr_radix *radix, unsigned long nr_pages);

/* The same from @addr on, whatever the hint. */
unsigned long hr_radix_find_from(struct hr_radix *radix, unsigned long addr,
				 unsigned long nr_pages);

/* The longest run of free pages. */
unsigned long hr_radix_max_pages(struct hr_radix *radix);

/* Bytes of all nodes. Needs no lock. */
size_t hr_radix_bytes(const struct hr_radix *radix);

/* Makes every summary right. */
void hr_radix_settle(struct hr_radix *radix);

#endif /* HR_RADIX_H */
