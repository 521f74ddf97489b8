// SPDX-License-Identifier: GPL-2.0
/*
 * The sorted, coalesced array of the address ranges that a heap owns.
 *
 *	index -> | 0, leaf | key, leaf | key, leaf |	a search here, and one there
 *	             |          |           |
 *	        [ ) [ ) [ ) [ ) [ ) [ ) [ ) [ ) [ )	ascending, never touching
 *
 * The idea of asking such an array about every address, and of coalescing it
 * eagerly, is that of addrRanges in Go's runtime. The tiers, removal, refusals and
 * lockless readers are this module's own.
 *
 * A flat array is copied, or moved, whole at each change. Here a change copies one
 * leaf, of a page at most, and publishes it in its slot with one pointer store; once in
 * a few hundred changes leaves are split or merged, and then the index, too, is made
 * anew and published. A heap of some hundred ranges has one leaf, and an index of one
 * slot that is part of struct hr_ranges.
 *
 * What is published never changes, but for the slots, and what has been replaced is
 * freed after a grace period. So a reader, from whatever context, sees whole leaves and
 * waits for nobody: it cannot even see that there is a writer.
 *
 * No reader misses an address that stays owned, or sees it twice. He has one index, in
 * which each address belongs to one slot. A leaf in it says what is owned of the slot's
 * part of the address space, all of it, as of a moment: when the reader fetched it, or,
 * if the index had been replaced by then, when that happened, which is not before he
 * fetched the index. That a range reaches from one slot's part into the next one's
 * cannot be, since a change that would make it so makes a new index.
 *
 * Barriers: rcu_assign_pointer() in commit.c, of leaves and indices, pairs with
 * rcu_dereference() in every reader. The generation has its own: see
 * hr_ranges_contains_memo_slow().
 *
 * Limits never wrap, since the last page of the address space is refused.
 */
#include <linux/minmax.h>

#include "geometry.h"
#include "ranges.h"

void hr_ranges_init(struct hr_ranges *ranges, struct mutex *writers)
{
	*ranges = (struct hr_ranges){
		.generation = 2,
		.writers = writers,
		.single = { .nr_leaves = 1, .slot = &ranges->single_slot },
	};
	RCU_INIT_POINTER(ranges->index, &ranges->single);
}

struct hr_block *hr_ranges_exit(struct hr_ranges *ranges)
{
	struct hr_ranges_index *index = rcu_dereference_protected(ranges->index, true);
	struct hr_block *chain = NULL;
	struct hr_leaf *leaf;
	unsigned long i;

	for (i = 0; i < index->nr_leaves; i++) {
		leaf = rcu_dereference_protected(index->slot[i].leaf, true);
		if (!leaf)
			continue;
		leaf->block.next = chain;
		chain = &leaf->block;
	}
	if (index != &ranges->single) {
		index->block.next = chain;
		chain = &index->block;
	}
	hr_ranges_init(ranges, ranges->writers);
	return chain;
}

unsigned long hr_ranges_slot_idx(const struct hr_ranges_index *index, unsigned long addr)
{
	const struct hr_ranges_slot *slot = index->slot;
	unsigned long at = 0, nr = index->nr_leaves, half;

	/* The first key is not above any address. No branches: as in leaf.c. */
	while (nr > 1) {
		half = nr / 2;
		at += half & -(unsigned long)(slot[at + half].key <= addr);
		nr -= half;
	}
	return at;
}

bool hr_ranges_find(const struct hr_ranges *ranges, unsigned long addr,
		    struct heapranges_range *range)
{
	const struct hr_ranges_index *index;
	const struct hr_leaf *leaf;
	bool found;

	rcu_read_lock();
	index = rcu_dereference(ranges->index);
	leaf = rcu_dereference(index->slot[hr_ranges_slot_idx(index, addr)].leaf);
	found = leaf && hr_leaf_find(leaf, addr, range);
	rcu_read_unlock();
	return found;
}

/* Caller is in an RCU read section. */
static bool hr_ranges_next_in(const struct hr_ranges_index *index, unsigned long addr,
			      struct heapranges_range *part)
{
	unsigned long i = hr_ranges_slot_idx(index, addr);
	const struct hr_leaf *leaf;
	unsigned int at;

	/* No leaf is empty, so the second one has the answer if the first has not. */
	for (; i < index->nr_leaves; i++) {
		leaf = rcu_dereference(index->slot[i].leaf);
		at = leaf ? hr_leaf_nr_below(leaf, addr) : 0;
		if (!leaf || at == leaf->nr_ranges)
			continue;
		*part = hr_leaf_get(leaf, at);
		part->base = max(part->base, addr);
		return true;
	}
	return false;
}

bool hr_ranges_next(const struct hr_ranges *ranges, unsigned long addr,
		    struct heapranges_range *part)
{
	bool found;

	rcu_read_lock();
	found = hr_ranges_next_in(rcu_dereference(ranges->index), addr, part);
	rcu_read_unlock();
	return found;
}

bool hr_ranges_contains(const struct hr_ranges *ranges, unsigned long addr,
			unsigned long nr_pages)
{
	struct heapranges_range range;

	/* As sizes, not as limits: addr + size may wrap. */
	return nr_pages && hr_ranges_find(ranges, addr, &range) &&
	       nr_pages <= hr_bytes_to_pages(range.limit - addr);
}

/*
 * A change makes the generation odd before it publishes anything, and even again, but
 * other, behind it. So what is found after an even one has been read is as new as that
 * or newer, and if newer, then nobody will find the memo to be of this generation.
 */
bool hr_ranges_contains_memo_slow(const struct hr_ranges *ranges, unsigned long addr,
				  unsigned long nr_pages, struct hr_ranges_memo *memo)
{
	/* Pairs with hr_commit_end(). */
	unsigned long generation = smp_load_acquire(&ranges->generation);

	if (!hr_ranges_find(ranges, addr, &memo->range))
		return false;
	memo->generation = generation & 1 ? 0 : generation;
	return nr_pages && nr_pages <= hr_bytes_to_pages(memo->range.limit - addr);
}

bool hr_ranges_overlaps(const struct hr_ranges *ranges, unsigned long base,
			unsigned long nr_pages)
{
	struct heapranges_range part;

	return hr_ranges_next(ranges, base, &part) &&
	       part.base - base < hr_pages_to_bytes(nr_pages);
}

/* Caller is in an RCU read section. */
static int hr_ranges_walk_leaf(const struct hr_leaf *leaf,
			       int (*fn)(const struct heapranges_range *range, void *data),
			       void *data)
{
	struct heapranges_range range;
	unsigned int i;
	int ret = 0;

	for (i = 0; leaf && i < leaf->nr_ranges && !ret; i++) {
		range = hr_leaf_get(leaf, i);
		ret = fn(&range, data);
	}
	return ret;
}

int hr_ranges_walk(const struct hr_ranges *ranges,
		   int (*fn)(const struct heapranges_range *range, void *data),
		   void *data)
{
	const struct hr_ranges_index *index;
	unsigned long i;
	int ret = 0;

	rcu_read_lock();
	index = rcu_dereference(ranges->index);
	for (i = 0; i < index->nr_leaves && !ret; i++)
		ret = hr_ranges_walk_leaf(rcu_dereference(index->slot[i].leaf), fn, data);
	rcu_read_unlock();
	return ret;
}

unsigned long hr_ranges_nr_ranges(const struct hr_ranges *ranges)
{
	return READ_ONCE(ranges->nr_ranges);
}

unsigned long hr_ranges_nr_pages(const struct hr_ranges *ranges)
{
	return READ_ONCE(ranges->nr_pages);
}

size_t hr_ranges_bytes(const struct hr_ranges *ranges)
{
	return READ_ONCE(ranges->bytes);
}
