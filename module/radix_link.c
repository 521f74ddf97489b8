// SPDX-License-Identifier: GPL-2.0
/*
 * Which nodes the tree of radix.h has: those on the way from the root to a chunk,
 * and no others. The root is as high as it takes to reach all chunks, and no higher,
 * so that a heap pays for how far apart its ranges lie, and not for where.
 *
 * Nodes come from a chain that the caller has allocated before it took the lock, and
 * go into one that it frees when it holds the lock no more.
 *
 * Locking: the heap's lock, for everything but hr_radix_exit().
 */
#include "radix.h"

static struct hr_radix_node *hr_radix_take_spare(struct hr_radix *radix,
						 struct hr_radix_node **spares)
{
	struct hr_radix_node *node = *spares;

	*spares = node->parent;
	node->parent = NULL;
	WRITE_ONCE(radix->nr_nodes, radix->nr_nodes + 1);
	return node;
}

/* Puts @root over the root, so that the tree covers 8 times as much. */
static void hr_radix_raise_root(struct hr_radix *radix, struct hr_radix_node *root)
{
	struct hr_radix_node *old = radix->root;

	root->level = old->level + 1;
	root->idx = old->idx >> HR_RADIX_SHIFT;
	root->child[hr_radix_node_slot(old)] = old;
	root->nr_children = 1;
	old->parent = root;
	radix->root = root;
	/* Up to the new root, which so learns of the old one. */
	hr_radix_settle(radix);
}

static void hr_radix_add_child(struct hr_radix_node *node, unsigned int slot,
			       struct hr_radix_node *child)
{
	child->parent = node;
	child->level = node->level - 1;
	child->idx = node->idx << HR_RADIX_SHIFT | slot;
	node->child[slot] = child;
	node->nr_children++;
}

/* How many nodes it takes to link the chunk. */
static unsigned int hr_radix_nr_missing(const struct hr_radix *radix, unsigned long chunk_idx)
{
	const struct hr_radix_node *child, *node = radix->root;
	unsigned int level, nr_above;
	unsigned long idx;

	if (!node)
		return 1;
	level = node->level;
	for (idx = node->idx; chunk_idx >> (HR_RADIX_SHIFT * level) != idx; level++)
		idx >>= HR_RADIX_SHIFT;
	nr_above = level - node->level;
	/* The chunk and the tree as it is meet at the new root, and not below. */
	if (nr_above)
		return nr_above + level - 1;
	for (; node->level > 1; node = child) {
		child = node->child[hr_radix_node_slot_of_chunk(node, chunk_idx)];
		if (!child)
			break;
	}
	return node->level - 1;
}

bool hr_radix_link(struct hr_radix *radix, struct hr_chunk *chunk,
		   struct hr_radix_node **spares)
{
	unsigned int slot, nr_missing = hr_radix_nr_missing(radix, chunk->chunk_idx);
	struct hr_radix_node *node;

	for (node = *spares; node && nr_missing; node = node->parent)
		nr_missing--;
	if (nr_missing)
		return false;

	if (!radix->root) {
		radix->root = hr_radix_take_spare(radix, spares);
		radix->root->level = 1;
		radix->root->idx = chunk->chunk_idx >> HR_RADIX_SHIFT;
		radix->stale_node = radix->root;
	}
	while (!hr_radix_node_covers(radix->root, chunk->chunk_idx))
		hr_radix_raise_root(radix, hr_radix_take_spare(radix, spares));
	for (node = radix->root; node->level > 1; node = node->child[slot]) {
		slot = hr_radix_node_slot_of_chunk(node, chunk->chunk_idx);
		if (!node->child[slot])
			hr_radix_add_child(node, slot, hr_radix_take_spare(radix, spares));
	}
	node->child[hr_radix_slot_of(chunk)] = chunk;
	node->nr_children++;
	chunk->parent = node;
	return true;
}

/* @node, not in the tree any more, becomes the first of @chain. */
static void hr_radix_discard(struct hr_radix *radix, struct hr_radix_node *node,
			     struct hr_radix_node **chain)
{
	node->parent = *chain;
	*chain = node;
	WRITE_ONCE(radix->nr_nodes, radix->nr_nodes - 1);
}

/* Makes the tree no higher than it must be. */
static void hr_radix_lower_root(struct hr_radix *radix, struct hr_radix_node **chain)
{
	struct hr_radix_node *root = radix->root;
	unsigned int slot;

	while (root && root->level > 1 && root->nr_children == 1) {
		for (slot = 0; !root->child[slot]; slot++)
			;
		radix->root = root->child[slot];
		radix->root->parent = NULL;
		hr_radix_discard(radix, root, chain);
		root = radix->root;
	}
}

struct hr_radix_node *hr_radix_unlink(struct hr_radix *radix, struct hr_chunk *chunk)
{
	struct hr_radix_node *node = chunk->parent, *parent, *empty = NULL;

	hr_radix_settle(radix);
	if (radix->hint_chunk == chunk)
		radix->hint_chunk = NULL;
	node->child[hr_radix_slot_of(chunk)] = NULL;
	node->nr_children--;
	chunk->parent = NULL;
	while (node && !node->nr_children) {
		parent = node->parent;
		if (parent) {
			parent->child[hr_radix_node_slot(node)] = NULL;
			parent->nr_children--;
		} else {
			radix->root = NULL;
		}
		hr_radix_discard(radix, node, &empty);
		node = parent;
	}
	hr_radix_lower_root(radix, &empty);
	/* Settled: any path may be held for stale. */
	radix->stale_node = radix->root;
	return empty;
}

void hr_radix_exit(struct hr_radix *radix)
{
	struct hr_radix_node *node = radix->root, *parent;
	unsigned int slot = 0;

	/* In post-order: down to the first child that is left, up when none is. */
	while (node) {
		while (node->level > 1 && slot < HR_RADIX_FANOUT && !node->child[slot])
			slot++;
		if (node->level > 1 && slot < HR_RADIX_FANOUT) {
			node = node->child[slot];
			slot = 0;
			continue;
		}
		parent = node->parent;
		slot = hr_radix_node_slot(node) + 1;
		hr_radix_node_free(node);
		node = parent;
	}
}
