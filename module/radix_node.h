/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nodes of the tree in radix.h: where they come from, and what part of the
 * address space each one covers.
 */
#ifndef HR_RADIX_NODE_H
#define HR_RADIX_NODE_H

#include <linux/gfp.h>

#include "geometry.h"
#include "sum.h"

#define HR_RADIX_SHIFT		3
#define HR_RADIX_FANOUT		BIT(HR_RADIX_SHIFT)

/* Of a tree over the whole address space. */
#define HR_RADIX_LEVELS_MAX	\
	DIV_ROUND_UP(BITS_PER_LONG - HR_CHUNK_SHIFT, HR_RADIX_SHIFT)

/* So much is a chunk index shifted at most. */
static_assert(HR_RADIX_LEVELS_MAX * HR_RADIX_SHIFT < BITS_PER_LONG);

struct hr_radix_node {
	/* NULL: the root. Of a node that is in no tree: the next of its chain. */
	struct hr_radix_node	*parent;
	/* Of its chunks, without the HR_RADIX_SHIFT * level bits that differ. */
	unsigned long		idx;
	unsigned int		level;		/* 1: its children are chunks */
	unsigned int		nr_children;
	/* Invariant: bit i is set when sum[i].max is not 0. */
	unsigned long		free_mask;
	/*
	 * Invariant: sum[i] is the summary of child i, zero where there is none,
	 * but on the stale path: see radix.c.
	 */
	struct hr_sum		sum[HR_RADIX_FANOUT];
	void			*child[HR_RADIX_FANOUT];
};

/* The slab cache that nodes come from, one for all heaps. */
int hr_radix_node_setup(void);
void hr_radix_node_teardown(void);

/* Puts one more node, all zero, before *@chain. Return: false: shortage. */
bool hr_radix_node_alloc(struct hr_radix_node **chain, gfp_t gfp);
void hr_radix_node_free(struct hr_radix_node *node);
void hr_radix_node_free_chain(struct hr_radix_node *chain);

/* Bytes of one. */
size_t hr_radix_node_bytes(void);

static inline unsigned int hr_radix_node_shift(const struct hr_radix_node *node)
{
	return HR_RADIX_SHIFT * node->level;
}

static inline bool hr_radix_node_covers(const struct hr_radix_node *node,
					unsigned long chunk_idx)
{
	return chunk_idx >> hr_radix_node_shift(node) == node->idx;
}

/* The pages that one child of @node covers. */
static inline unsigned long hr_radix_node_child_pages(const struct hr_radix_node *node)
{
	return HR_CHUNK_PAGES << (hr_radix_node_shift(node) - HR_RADIX_SHIFT);
}

/* The first chunk that child @slot of @node covers, or the one behind @node. */
static inline unsigned long hr_radix_node_child_idx(const struct hr_radix_node *node,
						    unsigned int slot)
{
	return ((node->idx << HR_RADIX_SHIFT) + slot) <<
	       (hr_radix_node_shift(node) - HR_RADIX_SHIFT);
}

static inline unsigned long hr_radix_node_child_addr(const struct hr_radix_node *node,
						     unsigned int slot)
{
	return hr_chunk_idx_to_addr(hr_radix_node_child_idx(node, slot));
}

/* Which child of its parent @node is. */
static inline unsigned int hr_radix_node_slot(const struct hr_radix_node *node)
{
	return node->idx & (HR_RADIX_FANOUT - 1);
}

/* The child of @node that leads to a chunk, which @node covers. */
static inline unsigned int hr_radix_node_slot_of_chunk(const struct hr_radix_node *node,
						       unsigned long chunk_idx)
{
	return (chunk_idx >> (hr_radix_node_shift(node) - HR_RADIX_SHIFT)) &
	       (HR_RADIX_FANOUT - 1);
}

#endif /* HR_RADIX_NODE_H */
