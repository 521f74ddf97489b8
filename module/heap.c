// SPDX-License-Identifier: GPL-2.0
/*
 * A heap: the lock around its runs, and the counters.
 *
 * Context: what takes and gives runs with interrupts on or off, not in NMI; the
 * rest sleeps.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "heap.h"
#include "mem.h"
#include "room.h"
#include "wipe.h"

struct heapranges *hr_heap_create(const struct heapranges_params *params)
{
	struct heapranges *heap = hr_mem_kzalloc(sizeof(*heap), GFP_KERNEL);

	if (!heap)
		return NULL;
	if (params->flags & HR_HEAP_POISONS) {
		heap->kept = hr_mem_kzalloc(sizeof(*heap->kept), GFP_KERNEL);
		if (!heap->kept) {
			hr_mem_kfree(heap);
			return NULL;
		}
	}
	if (params->flags & HR_HEAP_TRACKS_OWNERS)
		hr_stack_setup();
	strscpy(heap->name, params->name, sizeof(heap->name));
	heap->flags = params->flags;
	heap->node = params->node;
	heap->arena_pages = params->arena_pages;
	heap->grow_max_pages = params->grow_max_pages;
	heap->max_pages = params->max_pages;
	heap->reserve_pages = params->reserve_pages;
	INIT_LIST_HEAD(&heap->link);
	mutex_init(&heap->change);
	hr_ranges_init(&heap->ranges, &heap->change);
	hr_runs_init(&heap->runs, &heap->change, params->flags & HR_HEAP_TRACKS_OWNERS);
	INIT_LIST_HEAD(&heap->arenas);
	atomic64_set(&heap->zeroing_saved_bytes, 0);
	raw_spin_lock_init(&heap->lock);
	hr_reports_init(&heap->reports);
	hr_rejects_init(&heap->rejects);
	return heap;
}

void hr_heap_destroy(struct heapranges *heap)
{
	mutex_destroy(&heap->change);
	hr_mem_kfree(heap->kept);
	hr_mem_kfree(heap);
}

/* Caller holds lock. */
static void hr_heap_count_taken_locked(struct heapranges *heap, unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	hr_room_lower_locked(heap, nr_pages);
	heap->count[HR_COUNT_ALLOCS]++;
}

/* What a search has found is not the heap's. Caller holds lock. */
static void hr_heap_distrust_locked(struct heapranges *heap)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	WRITE_ONCE(heap->corrupt, true);
	WRITE_ONCE(heap->quick_caches, NULL);
	heap->count[HR_COUNT_CHECK_FAILURES]++;
}

/* Caller holds lock. Return: false: see hr_heap_hand_out(). */
static bool hr_heap_begin_run_locked(struct heapranges *heap, unsigned long base,
				     unsigned long nr_pages,
				     unsigned long *dirty_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	if (unlikely(!hr_runs_begin(&heap->runs, &heap->ranges, base, nr_pages,
				    dirty_pages))) {
		hr_heap_distrust_locked(heap);
		return false;
	}
	hr_heap_count_taken_locked(heap, nr_pages);
	return true;
}

static void hr_heap_report_corruption(struct heapranges *heap, unsigned long base,
				      unsigned long nr_pages)
{
	hr_reports_corruption(heap->name, base, nr_pages,
			      hr_ranges_nr_ranges(&heap->ranges));
}

/*
 * What hr_heap_take() does when it is not quickly done. Caller holds lock, which is
 * let go of here, so that corruption can be reported.
 */
static noinline struct hr_taken hr_heap_take_full(struct heapranges *heap,
						  unsigned long nr_pages,
						  bool leave_reserve,
						  unsigned long flags)
	__releases(&heap->lock)
{
	struct hr_taken taken = HR_TAKEN_NONE, quick = HR_TAKEN_NONE;
	bool owned = true;

	lockdep_assert_held(&heap->lock);
	if (!heap->corrupt && nr_pages <= hr_room_pages_locked(heap, leave_reserve))
		taken.base = hr_radix_find(&heap->runs.radix, nr_pages);
	/* The search for one page ends at the hint. */
	if (taken.base && nr_pages == 1)
		quick = hr_runs_take_quick(&heap->runs, &heap->ranges, nr_pages);
	if (quick.base) {
		taken = quick;
		hr_heap_count_taken_locked(heap, nr_pages);
	} else if (taken.base) {
		owned = hr_heap_begin_run_locked(heap, taken.base, nr_pages,
						 &taken.dirty_pages);
	}
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (likely(owned))
		return taken;
	hr_heap_report_corruption(heap, taken.base, nr_pages);
	return HR_TAKEN_NONE;
}

struct hr_taken hr_heap_take(struct heapranges *heap, unsigned long nr_pages,
			     bool leave_reserve)
{
	struct hr_taken taken = HR_TAKEN_NONE;
	unsigned long flags;

	raw_spin_lock_irqsave(&heap->lock, flags);
	if (likely(!heap->corrupt && !heap->reserve_pages))
		taken = hr_runs_take_quick(&heap->runs, &heap->ranges, nr_pages);
	if (unlikely(!taken.base))
		return hr_heap_take_full(heap, nr_pages, leave_reserve, flags);
	hr_heap_count_taken_locked(heap, nr_pages);
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return taken;
}

struct hr_taken hr_heap_take_aligned(struct heapranges *heap, unsigned long nr_pages,
				     unsigned long align_pages, bool leave_reserve)
{
	struct hr_taken taken = HR_TAKEN_NONE;
	unsigned long flags, from = HR_ADDR_MIN;
	bool owned = true;

	/* No address but 0 is so well aligned. */
	if (align_pages > hr_bytes_to_pages(ULONG_MAX))
		return taken;
	do {
		raw_spin_lock_irqsave(&heap->lock, flags);
		if (!heap->corrupt && nr_pages <= hr_room_pages_locked(heap, leave_reserve))
			taken.base = hr_runs_find_aligned(&heap->runs, &from, nr_pages,
							  align_pages);
		else
			from = 0;
		if (taken.base)
			owned = hr_heap_begin_run_locked(heap, taken.base, nr_pages,
							 &taken.dirty_pages);
		raw_spin_unlock_irqrestore(&heap->lock, flags);
	} while (!taken.base && from);

	if (likely(owned))
		return taken;
	hr_heap_report_corruption(heap, taken.base, nr_pages);
	return HR_TAKEN_NONE;
}

struct hr_taken hr_heap_take_at(struct heapranges *heap, unsigned long addr,
				unsigned long nr_pages, bool leave_reserve)
{
	struct hr_taken taken = HR_TAKEN_NONE;
	unsigned long flags;
	bool owned = true;

	raw_spin_lock_irqsave(&heap->lock, flags);
	if (!heap->corrupt && nr_pages <= hr_room_pages_locked(heap, leave_reserve) &&
	    hr_runs_are_free(&heap->runs, addr, nr_pages)) {
		taken.base = addr;
		owned = hr_heap_begin_run_locked(heap, addr, nr_pages, &taken.dirty_pages);
	}
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (likely(owned))
		return taken;
	hr_heap_report_corruption(heap, addr, nr_pages);
	return HR_TAKEN_NONE;
}

struct hr_taken hr_heap_take_row(struct heapranges *heap, unsigned long nr_pages,
				 unsigned int max_parked, bool leave_reserve,
				 unsigned int *nr_parked)
{
	struct hr_taken taken = HR_TAKEN_NONE;
	unsigned int nr_runs = 0;
	unsigned long flags;

	*nr_parked = 0;
	raw_spin_lock_irqsave(&heap->lock, flags);
	if (likely(!heap->corrupt && nr_pages <= hr_room_pages_locked(heap, leave_reserve))) {
		if (unlikely((1 + max_parked) * nr_pages > hr_room_pages_locked(heap, true)))
			max_parked = 0;
		/* A heap that is nearly full cannot do without the last pages of a chunk. */
		nr_runs = hr_runs_begin_row(&heap->runs, &heap->ranges, nr_pages,
					    1 + max_parked, heap->free_pages >= HR_CHUNK_PAGES,
					    &taken);
		hr_room_lower_locked(heap, nr_runs * nr_pages);
		heap->count[HR_COUNT_REFILLS]++;
		if (unlikely(taken.base && !nr_runs))
			hr_heap_distrust_locked(heap);
	}
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (likely(nr_runs)) {
		*nr_parked = nr_runs - 1;
		return taken;
	}
	if (unlikely(taken.base))
		hr_heap_report_corruption(heap, taken.base, nr_pages);
	return HR_TAKEN_NONE;
}

void hr_heap_give_parked(struct heapranges *heap, const unsigned long *base,
			 unsigned int nr, unsigned int nr_pages)
{
	unsigned long flags, odd = 0;
	unsigned int i;

	raw_spin_lock_irqsave(&heap->lock, flags);
	for (i = 0; i < nr; i++) {
		if (likely(hr_runs_end_parked(&heap->runs, base[i], nr_pages)))
			hr_room_raise_locked(heap, nr_pages);
		else
			odd = base[i];
	}
	heap->count[HR_COUNT_FLUSHES]++;
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (unlikely(odd))
		hr_heap_distrust(heap, odd, nr_pages);
}

void hr_heap_distrust(struct heapranges *heap, unsigned long base,
		      unsigned int nr_pages)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&heap->lock, flags);
	hr_heap_distrust_locked(heap);
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	hr_reports_odd_cache(heap->name, base, nr_pages);
}

bool hr_heap_hand_out(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages)
{
	bool was_corrupt, owned = false;
	unsigned long flags, dirty_pages;

	raw_spin_lock_irqsave(&heap->lock, flags);
	was_corrupt = heap->corrupt;
	if (likely(!was_corrupt))
		owned = hr_runs_begin(&heap->runs, &heap->ranges, base, nr_pages,
				      &dirty_pages);
	if (likely(owned))
		heap->count[HR_COUNT_ALLOCS]++;
	else if (!was_corrupt)
		hr_heap_distrust_locked(heap);
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (unlikely(!owned && !was_corrupt))
		hr_heap_report_corruption(heap, base, nr_pages);
	return owned;
}

/* Caller holds lock. */
static void hr_heap_count_given_locked(struct heapranges *heap, unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	hr_room_raise_locked(heap, nr_pages);
	heap->count[HR_COUNT_FREES]++;
}

/*
 * Ends the run that a verdict was good about, unless it has been claimed since:
 * then this is the second free of it. Return: its pages, also if they stay busy;
 * 0: *@verdict is no longer good. Caller holds lock.
 */
static unsigned long hr_heap_end_run_locked(struct heapranges *heap, unsigned long addr,
					    bool keep_busy, enum hr_verdict *verdict)
	__must_hold(&heap->lock)
{
	unsigned long nr_pages = 0;

	lockdep_assert_held(&heap->lock);
	if (*verdict == HR_VERDICT_GOOD) {
		nr_pages = hr_runs_end(&heap->runs, addr, keep_busy);
		if (nr_pages)
			return nr_pages;
		*verdict = HR_VERDICT_DOUBLE;
	}
	heap->count[*verdict]++;
	return 0;
}

/* What hr_heap_give() does when it is not quickly done. Caller holds lock. */
static noinline struct hr_given hr_heap_give_full_locked(struct heapranges *heap,
							 unsigned long addr,
							 unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	struct hr_given given;

	lockdep_assert_held(&heap->lock);
	given.verdict = hr_runs_judge(&heap->runs, &heap->ranges, addr, nr_pages);
	given.nr_pages = hr_heap_end_run_locked(heap, addr, false, &given.verdict);
	if (given.nr_pages)
		hr_heap_count_given_locked(heap, given.nr_pages);
	return given;
}

/* Who took the live run at @base, or had it until now. Caller holds lock. */
static struct hr_stack hr_heap_owner_locked(struct heapranges *heap, unsigned long base)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	if (!(heap->flags & HR_HEAP_TRACKS_OWNERS))
		return (struct hr_stack){ 0 };
	return hr_runs_chunk(&heap->runs, base)->owners[hr_addr_to_page_idx(base)];
}

static noinline struct hr_given hr_heap_give_wiped(struct heapranges *heap,
						   unsigned long addr,
						   unsigned long nr_pages,
						   unsigned long caller)
{
	struct hr_poison_blame blame = { .caller = caller };
	struct hr_given given;
	unsigned long flags;

	raw_spin_lock_irqsave(&heap->lock, flags);
	given.verdict = hr_runs_judge(&heap->runs, &heap->ranges, addr, nr_pages);
	given.nr_pages = hr_heap_end_run_locked(heap, addr, true, &given.verdict);
	if (given.nr_pages) {
		blame.owner = hr_heap_owner_locked(heap, addr);
		heap->held_pages += given.nr_pages;
		heap->count[HR_COUNT_FREES]++;
	}
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (given.nr_pages)
		hr_wipe_and_release(heap, addr, given.nr_pages, &blame);
	return given;
}

struct hr_given hr_heap_give(struct heapranges *heap, unsigned long addr,
			     unsigned long nr_pages, unsigned long caller)
{
	struct hr_given given = { .verdict = HR_VERDICT_GOOD };
	unsigned long flags;

	if (hr_wipe_is_wanted(heap))
		return hr_heap_give_wiped(heap, addr, nr_pages, caller);

	raw_spin_lock_irqsave(&heap->lock, flags);
	given.nr_pages = hr_runs_give_quick(&heap->runs, addr, nr_pages);
	if (likely(given.nr_pages))
		hr_heap_count_given_locked(heap, given.nr_pages);
	else
		given = hr_heap_give_full_locked(heap, addr, nr_pages);
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return given;
}

/* Return: as hr_runs_resize(), or -EIO. Caller holds lock. */
static int hr_heap_resize_run_locked(struct heapranges *heap, unsigned long addr,
				     unsigned long old_pages, unsigned long nr_pages,
				     bool wipe)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	if (nr_pages > old_pages) {
		if (heap->corrupt)
			return -EIO;
		if (nr_pages - old_pages > hr_room_pages_locked(heap, true))
			return -ENOSPC;
	}
	return hr_runs_resize(&heap->runs, &heap->ranges, addr, old_pages, nr_pages, wipe);
}

/*
 * Return: as hr_heap_resize(). *@old_pages is what the run had, if it changed.
 * Caller holds lock.
 */
static int hr_heap_resize_locked(struct heapranges *heap, unsigned long addr,
				 unsigned long nr_pages, bool wipe,
				 enum hr_verdict *verdict, unsigned long *old_pages)
	__must_hold(&heap->lock)
{
	int err = -EALREADY;

	lockdep_assert_held(&heap->lock);
	*verdict = hr_runs_judge(&heap->runs, &heap->ranges, addr, 0);
	if (*verdict == HR_VERDICT_GOOD) {
		*old_pages = hr_runs_pages(&heap->runs, addr);
		/* 0: it has been freed since, by a CPU that holds no lock. */
		if (*old_pages)
			err = hr_heap_resize_run_locked(heap, addr, *old_pages, nr_pages,
							wipe);
		if (err == -ENOSPC || err == -EIO)
			return err;
		if (err)
			*verdict = HR_VERDICT_DOUBLE;
	}
	if (*verdict != HR_VERDICT_GOOD) {
		heap->count[*verdict]++;
		return hr_reports_errno(*verdict);
	}
	heap->count[HR_COUNT_RESIZES]++;
	if (nr_pages > *old_pages)
		hr_room_lower_locked(heap, nr_pages - *old_pages);
	else if (wipe)
		heap->held_pages += *old_pages - nr_pages;
	else
		hr_room_raise_locked(heap, *old_pages - nr_pages);
	return 0;
}

int hr_heap_resize(struct heapranges *heap, unsigned long addr,
		   unsigned long nr_pages, unsigned long caller,
		   enum hr_verdict *verdict, unsigned long *old_pages)
{
	unsigned long flags, end = addr + hr_pages_to_bytes(nr_pages);
	struct hr_poison_blame blame = { .caller = caller };
	bool wipe = hr_wipe_is_wanted(heap);
	struct hr_taken more;
	int err;

	raw_spin_lock_irqsave(&heap->lock, flags);
	err = hr_heap_resize_locked(heap, addr, nr_pages, wipe, verdict, old_pages);
	if (!err)
		blame.owner = hr_heap_owner_locked(heap, addr);
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (!err && nr_pages < *old_pages && wipe)
		hr_wipe_and_release(heap, end, *old_pages - nr_pages, &blame);
	if (!err && nr_pages > *old_pages) {
		more.base = addr + hr_pages_to_bytes(*old_pages);
		more.dirty_pages = nr_pages - *old_pages;
		hr_wipe_check(heap, more.base, more.dirty_pages);
		if (want_init_on_alloc(0) && !(heap->flags & HEAPRANGES_ADDRESS_ONLY))
			hr_wipe_zero(heap, more, more.dirty_pages);
	}
	return err;
}

unsigned long hr_heap_run_pages(struct heapranges *heap, unsigned long addr)
{
	unsigned long flags, run_pages;

	raw_spin_lock_irqsave(&heap->lock, flags);
	run_pages = hr_runs_pages(&heap->runs, addr);
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return run_pages;
}

void hr_heap_set_owner(struct heapranges *heap, unsigned long base, struct hr_stack stack)
{
	struct hr_chunk *chunk;
	unsigned long flags;

	raw_spin_lock_irqsave(&heap->lock, flags);
	chunk = hr_runs_chunk(&heap->runs, base);
	chunk->owners[hr_addr_to_page_idx(base)] = stack;
	raw_spin_unlock_irqrestore(&heap->lock, flags);
}

void hr_heap_count(struct heapranges *heap, enum hr_heap_count which)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&heap->lock, flags);
	heap->count[which]++;
	raw_spin_unlock_irqrestore(&heap->lock, flags);
}

unsigned long hr_heap_largest_free_pages(struct heapranges *heap)
{
	unsigned long flags, largest_pages;

	raw_spin_lock_irqsave(&heap->lock, flags);
	largest_pages = hr_radix_max_pages(&heap->runs.radix);
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return largest_pages;
}
