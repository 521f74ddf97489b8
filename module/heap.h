/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A heap: its state, its locks, and the taking and giving of runs of pages.
 *
 * Lock order: hr_heaps_rwsem (heaps.h), change, a cache's owner bit (cache.h), lock.
 * The lock of rejects.h is taken with none of these but the first two held.
 */
#ifndef HR_HEAP_H
#define HR_HEAP_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "count.h"
#include "heapranges.h"
#include "poison.h"
#include "ranges.h"
#include "rejects.h"
#include "reports.h"
#include "runs.h"
#include "store.h"

#define HR_HEAP_NAME_MAX	63

/* Of flags, besides those of callers: free pages hold a pattern, see poison.h. */
#define HR_HEAP_POISONS		BIT(31)
/* And who took a run is remembered, see stack.h. */
#define HR_HEAP_TRACKS_OWNERS	BIT(30)
/* What makes an allocation less than quick. */
#define HR_HEAP_LOOKS		(HR_HEAP_POISONS | HR_HEAP_TRACKS_OWNERS)

/* What one cache holds at most; and all of them, one part in so many of the heap. */
#define HR_HEAP_CACHE_MAX_PAGES	1024UL
#define HR_HEAP_CACHES_SHARE	4

/* Pages that were free at each of so many ticks are not needed, see tend.c. */
#define HR_HEAP_TICKS		9

enum hr_heap_count {
	/* The rejections, in the order of enum hr_verdict. */
	HR_COUNT_REJECTED_FOREIGN,
	HR_COUNT_REJECTED_DOUBLE,
	HR_COUNT_REJECTED_INTERIOR,
	HR_COUNT_REJECTED_SIZE,
	HR_COUNT_ALLOCS,
	HR_COUNT_ALLOC_FAILURES,
	HR_COUNT_FREES,
	HR_COUNT_GROWS,
	HR_COUNT_GROW_FAILURES,
	HR_COUNT_RELEASES,
	HR_COUNT_RELEASES_SHRINKER,	/* of these */
	HR_COUNT_CHECK_FAILURES,
	HR_COUNT_RESIZES,
	HR_COUNT_FAILURES_PARKED,
	/* How often runs went to a cache, and came back from one. */
	HR_COUNT_REFILLS,
	HR_COUNT_FLUSHES,
	/* How often pages that were held became free. */
	HR_COUNT_LET_GO,
	HR_NR_COUNTS,
};

static_assert((int)HR_COUNT_REJECTED_SIZE == (int)HR_VERDICT_SIZE);

struct dentry;
struct hr_cache;

struct heapranges {
	/* Set at create, for life. */
	char			name[HR_HEAP_NAME_MAX + 1];
	/* Those below, but NULL once the heap is corrupt. Read without a lock. */
	struct hr_cache __percpu *quick_caches;
	struct hr_cache __percpu *caches;	/* NULL: none; see cache.h */
	bool			caches_are_closed;	/* written under change */
	unsigned int		flags;
	/* Set once, for life: the heap does not trust itself to allocate. */
	bool			corrupt;
	/* Set once, for life, before the first region's pages are free: they may hold anything. */
	bool			has_regions;
	/* What one cache may hold. Written under lock, read anywhere. */
	unsigned int		cache_max_pages;
	/* So many free pages are left to those who may not block. */
	unsigned long		reserve_pages;
	int			node;
	u64			serial;		/* ascending in order of creation */
	unsigned long		arena_pages;
	unsigned long		grow_max_pages;
	unsigned long		max_pages;	/* 0: no cap */

	struct list_head	link;		/* guarded by hr_heaps_rwsem */
	struct dentry		*debugfs;	/* its folder; debugfs.c's alone */

	/*
	 * Guards what the heap owns: every change of ranges, of which chunks
	 * there are, and of arenas.
	 */
	struct mutex		change;
	struct hr_ranges	ranges;
	struct hr_store		store;		/* of ranges */
	struct list_head	arenas;		/* of struct hr_arena, see arenas.c */
	unsigned long		nr_arenas;	/* read anywhere, as a figure */
	unsigned long		nr_kept_arenas;	/* the same */

	/*
	 * Guards the bits of all chunks, their records, but for those of short runs
	 * (records.h), and the fields below, up to count; those that others read
	 * without it are written with WRITE_ONCE(). Taken with interrupts off, since
	 * interrupt handlers allocate and free; raw, so that they can on PREEMPT_RT too.
	 */
	raw_spinlock_t		lock;
	struct hr_runs		runs;	/* which chunks there are: under change */
	unsigned long		owned_pages;
	unsigned long		free_pages;	/* neither used, parked nor held */
	/* Freed, but not free yet: they are being wiped, or kept back. */
	unsigned long		held_pages;
	unsigned long		least_free_pages;	/* since tend.c looked last */
	struct hr_poison_kept	*kept;	/* not NULL: HR_HEAP_POISONS */
	/* What went by a cache is counted there. */
	u64			count[HR_NR_COUNTS];

	/* What is to be done in the background, see tend.c. */
	struct work_struct	tend;
	unsigned long		wants;		/* bits, set and cleared atomically */
	unsigned long		wanted_pages;	/* a run that there was no room for */
	struct delayed_work	tick;
	/* Of the last ticks. Written by the tick, read anywhere. */
	unsigned long		least_free[HR_HEAP_TICKS];
	unsigned int		tick_idx;
	u64			tick_cached;	/* runs cached or freed, before it */
	unsigned long		looked_for_parked;	/* jiffies; read and written anywhere */

	/* Not under lock: counted from NMI too, and by who has not taken it. */
	struct hr_count		rejected_context;
	atomic64_t		zeroing_saved_bytes;
	struct hr_reports	reports;
	struct hr_rejects	rejects;
};

/* What the quick paths read of a heap is one line, where lines have 64 bytes. */
static_assert(offsetof(struct heapranges, quick_caches) / 64 ==
	      offsetof(struct heapranges, reserve_pages) / 64);

/*
 * @params: checked, with defaults filled in. May sleep.
 * Return: a heap that owns nothing; NULL: no memory.
 */
struct heapranges *hr_heap_create(const struct heapranges_params *params);

/* Frees what hr_heap_create() made. The heap owns nothing any more. */
void hr_heap_destroy(struct heapranges *heap);

/*
 * Takes the lowest run of @nr_pages, at least 1, that is free. Any context but
 * NMI.
 *
 * @leave_reserve: for somebody who may block
 *
 * Return: the run; none, too, if the heap is corrupt.
 */
struct hr_taken hr_heap_take(struct heapranges *heap, unsigned long nr_pages,
			     bool leave_reserve);

/* The same at a multiple of @align_pages, a power of two. */
struct hr_taken hr_heap_take_aligned(struct heapranges *heap, unsigned long nr_pages,
				     unsigned long align_pages, bool leave_reserve);

/* The same at @addr. */
struct hr_taken hr_heap_take_at(struct heapranges *heap, unsigned long addr,
				unsigned long nr_pages, bool leave_reserve);

/*
 * Takes the lowest run of @nr_pages, up to HR_RECORD_PARKED_MAX, that is free, and
 * parks up to @max_parked that lie right behind it for a cache, which never come out
 * of the reserve. Not counted as an allocation. Any context but NMI.
 *
 * Return: as hr_heap_take(), and *@nr_parked. If the run is known to be zero, so are
 * those that are parked.
 */
struct hr_taken hr_heap_take_row(struct heapranges *heap, unsigned long nr_pages,
				 unsigned int max_parked, bool leave_reserve,
				 unsigned int *nr_parked);

/* A cache holds a run of @nr_pages at @base that is not parked. */
void hr_heap_distrust(struct heapranges *heap, unsigned long base,
		      unsigned int nr_pages);

/* The pages of @nr parked runs of @nr_pages each are free. Any context but NMI. */
void hr_heap_give_parked(struct heapranges *heap, const unsigned long *base,
			 unsigned int nr, unsigned int nr_pages);

/*
 * Changes the size of the live run at @addr to @nr_pages, at least 1. Any context
 * but NMI. @caller is for notes, see poison.h.
 *
 * Return: 0, *@old_pages being what the run had, or an errno as heapranges_resize();
 * *@verdict is that on @addr.
 */
int hr_heap_resize(struct heapranges *heap, unsigned long addr,
		   unsigned long nr_pages, unsigned long caller,
		   enum hr_verdict *verdict, unsigned long *old_pages);

/* What a free has come to. In two words, which fit into registers. */
struct hr_given {
	unsigned long	nr_pages;	/* the run's; 0: the verdict is not good */
	enum hr_verdict	verdict;
};

/*
 * Gives a run back. Any context but NMI.
 *
 * @nr_pages: the size that the caller knows; 0: it does not
 * @caller: for notes, see poison.h
 *
 * Return: the verdict, with the run's pages. But for HR_VERDICT_GOOD only its counter has
 * changed.
 */
struct hr_given hr_heap_give(struct heapranges *heap, unsigned long addr,
			     unsigned long nr_pages, unsigned long caller);

/* The pages of the live run that begins at @addr; 0: none does. */
unsigned long hr_heap_run_pages(struct heapranges *heap, unsigned long addr);

/* @stack took the live run at @base. Of a heap with HR_HEAP_TRACKS_OWNERS. */
void hr_heap_set_owner(struct heapranges *heap, unsigned long base, struct hr_stack stack);

/* Adds one to a counter. */
void hr_heap_count(struct heapranges *heap, enum hr_heap_count which);

/*
 * Hands out a run that is owned, busy and nobody's. Return: false: the heap was
 * corrupt, or the range array does not own the run and it is from now on.
 */
bool hr_heap_hand_out(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages);

/* The longest run of free pages. Any context but NMI. */
unsigned long hr_heap_largest_free_pages(struct heapranges *heap);

#endif /* HR_HEAP_H */
