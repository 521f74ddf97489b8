/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sorted, coalesced array of the address ranges that a heap owns.
 *
 * Readers are lockless and take copies; writers exclude each other by a mutex
 * of the caller's and hand in the storage, so that nothing here allocates:
 *
 *	mutex_lock(&m);
 *	spare = hr_ranges_spare_alloc_of_yours(hr_ranges_spare_bytes(ranges));
 *	err = hr_ranges_add(ranges, base, nr_pages, &spare);
 *	mutex_unlock(&m);
 *	free spare after an RCU grace period
 */
#ifndef HR_RANGES_H
#define HR_RANGES_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "geometry.h"
#include "heapranges.h"

/*
 * Storage for one generation of the array. Made by the caller of at least
 * hr_ranges_spare_bytes(), freed by the caller.
 */
struct hr_ranges_block {
	struct rcu_head		rcu;		/* for the caller's use */
	u64			generation;	/* of the array, from 1 */
	size_t			bytes;		/* set by the caller: its whole size */
	unsigned long		nr_ranges;
	unsigned long		nr_pages;	/* Invariant: the sum of all ranges */
	/*
	 * Invariant: range[i].base < range[i].limit < range[i + 1].base; all
	 * page-aligned and in [HR_ADDR_MIN, HR_ADDR_END).
	 */
	struct heapranges_range	range[];
};

struct hr_ranges {
	/* Never changed once published. NULL: no ranges. Written under writers. */
	struct hr_ranges_block __rcu	*block;
	struct mutex			*writers;	/* the caller's; excludes changes */
};

/* @writers: the mutex under which add, remove and spare_bytes are called. */
void hr_ranges_init(struct hr_ranges *ranges, struct mutex *writers);

/*
 * Ends the array, with no reader and no writer left.
 * Return: the storage to free, or NULL.
 */
struct hr_ranges_block *hr_ranges_exit(struct hr_ranges *ranges);

/* Bytes of storage that the next add or remove needs. Caller holds writers. */
size_t hr_ranges_spare_bytes(const struct hr_ranges *ranges);

/*
 * Owns [base, base + nr_pages), coalesced with the ranges that it abuts.
 * Caller holds writers.
 *
 * @spare: in: storage of hr_ranges_spare_bytes() or more, its @bytes set. Out,
 *	on success: storage no longer in use, which readers may still look at
 *	until a grace period has passed, or NULL
 *
 * Return: 0, or with everything as before, @spare included: -EINVAL: unaligned,
 * empty, wraps, holds page 0 or the last page; -EEXIST: overlaps; -ENOMEM:
 * *@spare is NULL or too small.
 */
int hr_ranges_add(struct hr_ranges *ranges, unsigned long base,
		  unsigned long nr_pages, struct hr_ranges_block **spare);

/*
 * Disowns [base, base + nr_pages), splitting a range if need be. Otherwise as
 * hr_ranges_add(), with -ENOENT: a page of it is not owned.
 */
int hr_ranges_remove(struct hr_ranges *ranges, unsigned long base,
		     unsigned long nr_pages, struct hr_ranges_block **spare);

/*
 * The questions. Context: any where RCU watches, NMI included. Each is answered
 * from one generation of the array; two of them may see two.
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
	u64			generation;	/* 0: empty */
	struct heapranges_range	range;
};

bool hr_ranges_contains_memo_slow(const struct hr_ranges *ranges, unsigned long addr,
				  unsigned long nr_pages, struct hr_ranges_memo *memo);

static inline bool hr_ranges_contains_memo(const struct hr_ranges *ranges,
					   unsigned long addr, unsigned long nr_pages,
					   struct hr_ranges_memo *memo)
{
	const struct hr_ranges_block *block = rcu_dereference_sched(ranges->block);
	unsigned long bytes = hr_pages_to_bytes(nr_pages);

	/* What the range holds cannot wrap, nor then can its size in bytes. */
	if (likely(block && memo->generation == block->generation && nr_pages &&
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
