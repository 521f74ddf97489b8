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
 * A flat array is copied, or moved, whole at each change. Here a change overwrites one
 * leaf, of a page at most; once in a few hundred changes leaves are split or merged,
 * and then the index, too, is made anew and published. A heap of some hundred ranges has
 * one leaf, and an index of one slot that is part of struct hr_ranges.
 *
 * Readers wait for nobody. While a leaf is overwritten, a copy of what it is going to
 * hold stands in its slot; who reads the leaf meanwhile finds out by its version, and
 * begins anew, with the index, so that he finds the copy. That copy is the same storage
 * for all leaves: who has fetched it looks whether it still stands where he fetched it
 * from. So a reader who interrupts a writer does not have to wait for him, in an NMI, say.
 * What has been replaced for good is freed after a grace period.
 *
 * No reader misses an address that stays owned, or sees it twice. He goes through the
 * array by addresses, upwards, a leaf at most at a time, and what he is told of a leaf
 * is all that is owned of its slot's part of the address space, as of a moment during
 * the call: when he read it, or, if it had been replaced by then, when that happened,
 * which is not before he fetched the index. A leaf's part may grow after he fetched the
 * index, and new ranges be put into it there; but it grows only over such parts as had
 * nothing left that was owned, so nothing is passed over that has stayed.
 *
 * Barriers: rcu_assign_pointer() in commit.c, of leaves and indices, pairs with
 * rcu_dereference() in every reader. Leaves have their own, see leaf.h; and the
 * generation: see hr_ranges_contains_memo_slow().
 *
 * Limits never wrap, since the last page of the address space is refused.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/minmax.h>

#include "geometry.h"
#include "ranges.h"

/* So many are copied out at a time, and then shown. */
#define HR_RANGES_BATCH		8

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

	if (ranges->spare) {
		ranges->spare->block.next = NULL;
		chain = &ranges->spare->block;
	}
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

/*
 * The leaf in @slot, for hr_leaf_read_ends(). Caller is in an RCU read section.
 * Return: NULL: there are no ranges; -EAGAIN: it was being overwritten.
 */
static __always_inline const struct hr_leaf *
hr_ranges_read_begins(const struct hr_ranges_slot *slot, u32 *version)
{
	const struct hr_leaf *leaf = rcu_dereference(slot->leaf);

	if (unlikely(!leaf))
		return NULL;
	/*
	 * The spare leaf, fetched a while ago, may hold another slot's ranges by now. It has
	 * left this slot before that, so whoever reads the version of then sees that, too.
	 */
	if (unlikely(!hr_leaf_read_begins(leaf, version) ||
		     rcu_access_pointer(slot->leaf) != leaf))
		return ERR_PTR(-EAGAIN);
	return leaf;
}

/* Return: false: the leaf was being overwritten. Caller is in an RCU read section. */
static bool hr_ranges_try_find(const struct hr_ranges *ranges, unsigned long addr,
			       struct heapranges_range *range, bool *found)
{
	const struct hr_ranges_index *index = rcu_dereference(ranges->index);
	const struct hr_leaf *leaf;
	u32 version;

	leaf = hr_ranges_read_begins(&index->slot[hr_ranges_slot_idx(index, addr)], &version);
	*found = false;
	if (IS_ERR_OR_NULL(leaf))
		return !leaf;
	*found = hr_leaf_find(leaf, addr, range);
	return hr_leaf_read_ends(leaf, version);
}

bool hr_ranges_find(const struct hr_ranges *ranges, unsigned long addr,
		    struct heapranges_range *range)
{
	struct heapranges_range copy;
	bool found;

	rcu_read_lock();
	while (unlikely(!hr_ranges_try_find(ranges, addr, &copy, &found)))
		;
	rcu_read_unlock();
	if (found)
		*range = copy;
	return found;
}

/*
 * The ranges of one leaf, the first that has any, that hold an address >= @addr; @most at
 * most. Caller is in an RCU read section.
 * Return: how many; -EAGAIN: a leaf was being overwritten.
 */
static int hr_ranges_try_read(const struct hr_ranges *ranges, unsigned long addr,
			      struct heapranges_range *range, unsigned int most)
{
	const struct hr_ranges_index *index = rcu_dereference(ranges->index);
	unsigned long i = hr_ranges_slot_idx(index, addr);
	const struct hr_leaf *leaf;
	int nr_ranges = 0;
	u32 version;

	/* No leaf is empty, so the second one has the answer if the first has not. */
	for (; i < index->nr_leaves && !nr_ranges; i++) {
		leaf = hr_ranges_read_begins(&index->slot[i], &version);
		if (!leaf)
			continue;
		if (IS_ERR(leaf))
			return PTR_ERR(leaf);
		nr_ranges = hr_leaf_read(leaf, addr, range, most);
		if (!hr_leaf_read_ends(leaf, version))
			return -EAGAIN;
	}
	return nr_ranges;
}

/* As hr_ranges_try_read(), the first one cut off at @addr. Return: how many. */
static int hr_ranges_read(const struct hr_ranges *ranges, unsigned long addr,
			  struct heapranges_range *range, unsigned int most)
{
	int nr_ranges;

	do {
		nr_ranges = hr_ranges_try_read(ranges, addr, range, most);
	} while (unlikely(nr_ranges < 0));
	if (nr_ranges)
		range->base = max(range->base, addr);
	return nr_ranges;
}

bool hr_ranges_next(const struct hr_ranges *ranges, unsigned long addr,
		    struct heapranges_range *part)
{
	struct heapranges_range copy;
	bool found;

	rcu_read_lock();
	found = hr_ranges_read(ranges, addr, &copy, 1);
	rcu_read_unlock();
	if (found)
		*part = copy;
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

/* What is read in two pieces, of two moments, may touch: such are shown as one. */
int hr_ranges_walk(const struct hr_ranges *ranges,
		   int (*fn)(const struct heapranges_range *range, void *data),
		   void *data)
{
	struct heapranges_range range[HR_RANGES_BATCH], last = { };
	int i, nr_ranges, ret = 0;

	rcu_read_lock();
	do {
		nr_ranges = hr_ranges_read(ranges, last.limit, range, HR_RANGES_BATCH);
		for (i = 0; i < nr_ranges && !ret; i++) {
			if (last.limit && range[i].base > last.limit)
				ret = fn(&last, data);
			else if (last.limit)
				range[i].base = last.base;
			last = range[i];
		}
	} while (nr_ranges && !ret);
	if (last.limit && !ret)
		ret = fn(&last, data);
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
