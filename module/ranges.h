/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sorted, coalesced array of the address ranges that a heap owns, in two tiers:
 * leaves, and an index of them. What can be asked; how it is changed is in change.h.
 *
 * Readers are lockless, wait for nobody and take copies.
 */
#ifndef HR_RANGES_H
#define HR_RANGES_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "geometry.h"
#include "heapranges.h"
#include "leaf.h"

static inline unsigned long hr_range_pages(const struct heapranges_range *range)
{
	return hr_bytes_to_pages(range->limit - range->base);
}

struct hr_ranges_slot {
	/*
	 * Invariant: what the leaf's ranges hold lies in [key, the next slot's key), or
	 * up to the end. The first one's is 0.
	 */
	unsigned long		key;
	/*
	 * Replaced under writers. Invariant: NULL only if there are no ranges. It is the
	 * spare one while the leaf itself is overwritten.
	 */
	struct hr_leaf __rcu	*leaf;
};

/* Never changed once published, but for the leaves in its slots. */
struct hr_ranges_index {
	struct hr_block		block;		/* not of the one in hr_ranges */
	unsigned long		nr_leaves;	/* Invariant: at least 1 */
	struct hr_ranges_slot	*slot;		/* Invariant: keys ascend */
};

struct hr_ranges {
	/* Even, and other after each change; odd during one, for good at the end of all. */
	unsigned long			generation;
	/* Invariant: &single when there is one leaf or none. Written under writers. */
	struct hr_ranges_index __rcu	*index;
	struct mutex			*writers;	/* the caller's; excludes changes */
	/* See commit.c. Under writers. Invariant: not wide; NULL until it is needed. */
	struct hr_leaf			*spare;
	/* Written under writers, read anywhere. Invariant: each is the sum of all. */
	unsigned long			nr_ranges, nr_pages;
	size_t				bytes;		/* of leaves, spare, index */
	/* The index of a small array. */
	struct hr_ranges_index		single;
	struct hr_ranges_slot		single_slot;
};

/* @writers: the mutex under which the array is changed. */
void hr_ranges_init(struct hr_ranges *ranges, struct mutex *writers);

/*
 * Ends the array, with no reader and no writer left.
 * Return: the storage to free, a chain, or NULL.
 */
struct hr_block *hr_ranges_exit(struct hr_ranges *ranges);

/* For writers. Caller holds writers. */
static inline struct hr_ranges_index *hr_ranges_own_index(const struct hr_ranges *ranges)
{
	return rcu_dereference_protected(ranges->index, lockdep_is_held(ranges->writers));
}

/* NULL: there are no ranges. Caller holds writers. */
static inline struct hr_leaf *hr_ranges_own_leaf(const struct hr_ranges *ranges,
						 unsigned long slot_idx)
{
	return rcu_dereference_protected(hr_ranges_own_index(ranges)->slot[slot_idx].leaf,
					 lockdep_is_held(ranges->writers));
}

/* The slot of @index in which @addr would be. */
unsigned long hr_ranges_slot_idx(const struct hr_ranges_index *index, unsigned long addr);

/*
 * The questions. Context: any where RCU watches, NMI included. What one is told of a
 * single range is so at one moment during the call, even while the array changes. What
 * goes on from range to range, next and walk, finds each address that is owned
 * throughout, once, and none that was not owned at some moment during the call.
 */

/* The range that holds @addr. Return: false: none, @range untouched. */
bool hr_ranges_find(const struct hr_ranges *ranges, unsigned long addr,
		    struct heapranges_range *range);

/*
 * The first owned address >= @addr and the end of its range, as
 * [@part->base, @part->limit). Return: false: none, @part untouched.
 */
bool hr_ranges_next(const struct hr_ranges *ranges, unsigned long addr,
		    struct heapranges_range *part);

/* All of [addr, addr + nr_pages) is owned; false for 0 pages and for a wrap. */
bool hr_ranges_contains(const struct hr_ranges *ranges, unsigned long addr,
			unsigned long nr_pages);

/*
 * As hr_ranges_contains(), with the range of the last yes remembered in @memo
 * for as long as the array does not change. Callers with one memo exclude each
 * other, with interrupts off.
 */
struct hr_ranges_memo {
	unsigned long		generation;	/* odd or 0: empty */
	struct heapranges_range	range;
};

bool hr_ranges_contains_memo_slow(const struct hr_ranges *ranges, unsigned long addr,
				  unsigned long nr_pages, struct hr_ranges_memo *memo);

static inline bool hr_ranges_contains_memo(const struct hr_ranges *ranges,
					   unsigned long addr, unsigned long nr_pages,
					   struct hr_ranges_memo *memo)
{
	unsigned long bytes = hr_pages_to_bytes(nr_pages);

	/* What the range holds cannot wrap, nor then can its size in bytes. */
	if (likely(memo->generation == READ_ONCE(ranges->generation) && nr_pages &&
		   addr >= memo->range.base && addr < memo->range.limit &&
		   bytes <= memo->range.limit - addr && hr_bytes_to_pages(bytes) == nr_pages))
		return true;
	return hr_ranges_contains_memo_slow(ranges, addr, nr_pages, memo);
}

/* Any of [base, base + nr_pages), a sane span, is owned. */
bool hr_ranges_overlaps(const struct hr_ranges *ranges, unsigned long base,
			unsigned long nr_pages);

/* As heapranges_walk(). */
int hr_ranges_walk(const struct hr_ranges *ranges,
		   int (*fn)(const struct heapranges_range *range, void *data),
		   void *data);

unsigned long hr_ranges_nr_ranges(const struct hr_ranges *ranges);
unsigned long hr_ranges_nr_pages(const struct hr_ranges *ranges);

/* Bytes of storage in use. */
size_t hr_ranges_bytes(const struct hr_ranges *ranges);

#endif /* HR_RANGES_H */
