// SPDX-License-Identifier: GPL-2.0
/*
 * A heap: the lock around its runs, and the counters.
 *
 * Context: what takes and gives runs with interrupts on or off, not in NMI; the
 * rest sleeps.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "heap.h"
#include "mem.h"

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

/* Pages that somebody may take. Caller holds lock. */
static unsigned long hr_heap_room_locked(struct heapranges *heap, bool leave_reserve)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	if (likely(!heap->reserve_pages) || !leave_reserve)
		return heap->free_pages;
	return max(heap->free_pages, heap->reserve_pages) - heap->reserve_pages;
}

/*
 * Says what one cache may hold: nothing while the reserve is short, since what is parked
 * is anybody's. Caller holds lock.
 */
static void hr_heap_limit_caches_locked(struct heapranges *heap)
	__must_hold(&heap->lock)
{
	unsigned long share = HR_HEAP_CACHES_SHARE * num_possible_cpus();

	lockdep_assert_held(&heap->lock);
	WRITE_ONCE(heap->cache_max_pages, heap->free_pages < heap->reserve_pages ? 0 :
		   min(HR_HEAP_CACHE_MAX_PAGES, heap->owned_pages / share));
}

/* Caller holds lock. */
static void hr_heap_lower_free_locked(struct heapranges *heap, unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	heap->free_pages -= nr_pages;
	heap->least_free_pages = min(heap->least_free_pages, heap->free_pages);
	if (unlikely(heap->free_pages < heap->reserve_pages))
		hr_heap_limit_caches_locked(heap);
}

/* Caller holds lock. */
static void hr_heap_raise_free_locked(struct heapranges *heap, unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	heap->free_pages += nr_pages;
	if (unlikely(!heap->cache_max_pages))
		hr_heap_limit_caches_locked(heap);
}

/* Caller holds lock. */
static void hr_heap_count_taken_locked(struct heapranges *heap, unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	hr_heap_lower_free_locked(heap, nr_pages);
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
	struct hr_taken taken = HR_TAKEN_NONE;
	bool owned = true;

	lockdep_assert_held(&heap->lock);
	if (!heap->corrupt && nr_pages <= hr_heap_room_locked(heap, leave_reserve))
		taken.base = hr_radix_find(&heap->runs.radix, nr_pages);
	if (taken.base)
		owned = hr_heap_begin_run_locked(heap, taken.base, nr_pages,
						 &taken.dirty_pages);
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
		if (!heap->corrupt && nr_pages <= hr_heap_room_locked(heap, leave_reserve))
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
	if (!heap->corrupt && nr_pages <= hr_heap_room_locked(heap, leave_reserve) &&
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
	if (likely(!heap->corrupt && nr_pages <= hr_heap_room_locked(heap, leave_reserve))) {
		if (unlikely((1 + max_parked) * nr_pages > hr_heap_room_locked(heap, true)))
			max_parked = 0;
		nr_runs = hr_runs_begin_row(&heap->runs, &heap->ranges, nr_pages,
					    1 + max_parked, &taken);
		hr_heap_lower_free_locked(heap, nr_runs * nr_pages);
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
			hr_heap_raise_free_locked(heap, nr_pages);
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
	unsigned long flags, dirty_pages;
	bool owned;

	raw_spin_lock_irqsave(&heap->lock, flags);
	owned = !heap->corrupt && hr_runs_begin(&heap->runs, &heap->ranges, base,
						nr_pages, &dirty_pages);
	if (likely(owned))
		heap->count[HR_COUNT_ALLOCS]++;
	else if (!heap->corrupt)
		hr_heap_distrust_locked(heap);
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (unlikely(!owned))
		hr_heap_report_corruption(heap, base, nr_pages);
	return owned;
}

/* Caller holds lock. */
static void hr_heap_count_given_locked(struct heapranges *heap, unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	hr_heap_raise_free_locked(heap, nr_pages);
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

static bool hr_heap_wipes(const struct heapranges *heap)
{
	return (want_init_on_free() || heap->flags & HR_HEAP_POISONS) &&
	       !(heap->flags & HEAPRANGES_ADDRESS_ONLY);
}

/* Pages that are held are free. Caller holds lock. */
static void hr_heap_let_go_locked(struct heapranges *heap, unsigned long base,
				  unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	if (!nr_pages)
		return;
	hr_runs_release(&heap->runs, base, nr_pages);
	hr_heap_raise_free_locked(heap, nr_pages);
	heap->held_pages -= nr_pages;
	heap->count[HR_COUNT_LET_GO]++;
}

/* Keeps a run back instead of the one that has been for longest. Caller holds lock. */
static void hr_heap_keep_locked(struct heapranges *heap, unsigned long *base,
				unsigned long *nr_pages)
	__must_hold(&heap->lock)
{
	struct hr_poison_kept *kept = heap->kept;

	lockdep_assert_held(&heap->lock);
	kept->nr_pages += *nr_pages;
	swap(kept->run[kept->oldest].base, *base);
	swap(kept->run[kept->oldest].nr_pages, *nr_pages);
	kept->nr_pages -= *nr_pages;
	kept->oldest = (kept->oldest + 1) % HR_POISON_KEPT;
}

/* Pages that are held. Without the lock. */
static void hr_heap_wipe_and_release(struct heapranges *heap, unsigned long base,
				     unsigned long nr_pages, unsigned long caller)
{
	unsigned long flags;

	if (heap->kept)
		hr_poison_fill(base, nr_pages, caller);
	else
		memset((void *)base, 0, hr_pages_to_bytes(nr_pages));
	raw_spin_lock_irqsave(&heap->lock, flags);
	if (heap->kept)
		hr_heap_keep_locked(heap, &base, &nr_pages);
	hr_heap_let_go_locked(heap, base, nr_pages);
	raw_spin_unlock_irqrestore(&heap->lock, flags);
}

void hr_heap_release_kept(struct heapranges *heap)
{
	unsigned long flags, base, nr_pages;
	unsigned int i;

	if (!heap->kept)
		return;
	for (i = 0; i < HR_POISON_KEPT; i++) {
		base = 0;
		nr_pages = 0;
		raw_spin_lock_irqsave(&heap->lock, flags);
		hr_heap_keep_locked(heap, &base, &nr_pages);
		hr_heap_let_go_locked(heap, base, nr_pages);
		raw_spin_unlock_irqrestore(&heap->lock, flags);
	}
}

void hr_heap_check_poison(struct heapranges *heap, unsigned long base,
			  unsigned long nr_pages)
{
	struct hr_poison_stain stain;

	if (heap->kept && hr_poison_is_stained(base, nr_pages, &stain))
		hr_reports_stain(&heap->reports, heap->name, base, &stain);
}

/* Where the machine clears what is freed, so do heaps; arenas come clear there. */
void hr_heap_zero(struct heapranges *heap, struct hr_taken taken,
		  unsigned long nr_pages)
{
	if (want_init_on_free() && !READ_ONCE(heap->has_regions) && !heap->kept)
		taken.dirty_pages = 0;
	memset((void *)taken.base, 0, hr_pages_to_bytes(taken.dirty_pages));
	if (taken.dirty_pages < nr_pages)
		atomic64_add(hr_pages_to_bytes(nr_pages - taken.dirty_pages),
			     &heap->zeroing_saved_bytes);
}

static noinline struct hr_given hr_heap_give_wiped(struct heapranges *heap,
						   unsigned long addr,
						   unsigned long nr_pages,
						   unsigned long caller)
{
	struct hr_given given;
	unsigned long flags;

	raw_spin_lock_irqsave(&heap->lock, flags);
	given.verdict = hr_runs_judge(&heap->runs, &heap->ranges, addr, nr_pages);
	given.nr_pages = hr_heap_end_run_locked(heap, addr, true, &given.verdict);
	if (given.nr_pages) {
		heap->held_pages += given.nr_pages;
		heap->count[HR_COUNT_FREES]++;
	}
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (given.nr_pages)
		hr_heap_wipe_and_release(heap, addr, given.nr_pages, caller);
	return given;
}

struct hr_given hr_heap_give(struct heapranges *heap, unsigned long addr,
			     unsigned long nr_pages, unsigned long caller)
{
	struct hr_given given = { .verdict = HR_VERDICT_GOOD };
	unsigned long flags;

	if (hr_heap_wipes(heap))
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
		if (nr_pages > *old_pages && heap->corrupt)
			return -EIO;
		if (nr_pages > *old_pages &&
		    nr_pages - *old_pages > hr_heap_room_locked(heap, true))
			return -ENOSPC;
		/* 0: it has been freed since, by a CPU that holds no lock. */
		if (*old_pages)
			err = hr_runs_resize(&heap->runs, &heap->ranges, addr,
					     *old_pages, nr_pages, wipe);
		if (err == -ENOSPC)
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
		hr_heap_lower_free_locked(heap, nr_pages - *old_pages);
	else if (wipe)
		heap->held_pages += *old_pages - nr_pages;
	else
		hr_heap_raise_free_locked(heap, *old_pages - nr_pages);
	return 0;
}

int hr_heap_resize(struct heapranges *heap, unsigned long addr,
		   unsigned long nr_pages, unsigned long caller,
		   enum hr_verdict *verdict, unsigned long *old_pages)
{
	unsigned long flags, end = addr + hr_pages_to_bytes(nr_pages);
	bool wipe = hr_heap_wipes(heap);
	struct hr_taken more;
	int err;

	raw_spin_lock_irqsave(&heap->lock, flags);
	err = hr_heap_resize_locked(heap, addr, nr_pages, wipe, verdict, old_pages);
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	if (!err && nr_pages < *old_pages && wipe)
		hr_heap_wipe_and_release(heap, end, *old_pages - nr_pages, caller);
	if (!err && nr_pages > *old_pages) {
		more.base = addr + hr_pages_to_bytes(*old_pages);
		more.dirty_pages = nr_pages - *old_pages;
		hr_heap_check_poison(heap, more.base, more.dirty_pages);
		if (want_init_on_alloc(0) && !(heap->flags & HEAPRANGES_ADDRESS_ONLY))
			hr_heap_zero(heap, more, more.dirty_pages);
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

static int hr_heap_link_chunk(struct heapranges *heap, struct hr_chunk *chunk)
{
	struct hr_radix_node *spares = NULL;
	bool linked;

	do {
		raw_spin_lock_irq(&heap->lock);
		linked = hr_radix_link(&heap->runs.radix, chunk, &spares);
		raw_spin_unlock_irq(&heap->lock);
	} while (!linked && hr_radix_node_alloc(&spares, GFP_KERNEL | __GFP_NOWARN));
	hr_radix_node_free_chain(spares);
	return linked ? 0 : -ENOMEM;
}

int hr_heap_link(struct heapranges *heap, unsigned long base,
		 unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	int err = 0;

	lockdep_assert_held(&heap->change);
	do {
		struct hr_chunk *chunk = hr_chunks_find(&heap->runs.chunks, piece.chunk_idx);

		if (!chunk->parent)
			err = hr_heap_link_chunk(heap, chunk);
		cond_resched();
	} while (!err && hr_piece_next(&piece));
	return err;
}

void hr_heap_unlink(struct heapranges *heap, unsigned long base,
		    unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	struct hr_radix_node *empty;

	lockdep_assert_held(&heap->change);
	do {
		struct hr_chunk *chunk = hr_chunks_find(&heap->runs.chunks, piece.chunk_idx);

		if (!chunk->parent || chunk->owned_pages)
			continue;
		raw_spin_lock_irq(&heap->lock);
		hr_runs_forget(&heap->runs, chunk);
		empty = hr_radix_unlink(&heap->runs.radix, chunk);
		raw_spin_unlock_irq(&heap->lock);
		hr_radix_node_free_chain(empty);
		cond_resched();
	} while (hr_piece_next(&piece));
}

void hr_heap_disclose(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages, bool is_zero)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);

	lockdep_assert_held(&heap->change);
	if (!nr_pages)
		return;
	do {
		struct hr_chunk *chunk = hr_chunks_find(&heap->runs.chunks, piece.chunk_idx);

		raw_spin_lock_irq(&heap->lock);
		if (is_zero)
			hr_chunk_set_zero(chunk, piece.begin, piece.end);
		hr_runs_set_piece(&heap->runs, chunk, &piece, true);
		hr_heap_raise_free_locked(heap, hr_piece_pages(&piece));
		raw_spin_unlock_irq(&heap->lock);
		cond_resched();
	} while (hr_piece_next(&piece));
}

/* No page of @piece is busy; and from now on all are, if @claim. */
static bool hr_heap_claim_piece(struct heapranges *heap, const struct hr_piece *piece,
				bool leave_reserve, bool claim)
{
	struct hr_chunk *chunk = hr_chunks_find(&heap->runs.chunks, piece->chunk_idx);
	bool free;

	raw_spin_lock_irq(&heap->lock);
	free = hr_piece_pages(piece) <= hr_heap_room_locked(heap, leave_reserve) &&
	       hr_bits_are_free(&chunk->bits, piece->begin, piece->end);
	if (free && claim) {
		hr_runs_set_piece(&heap->runs, chunk, piece, false);
		hr_heap_lower_free_locked(heap, hr_piece_pages(piece));
	}
	raw_spin_unlock_irq(&heap->lock);
	cond_resched();
	return free;
}

bool hr_heap_claim(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, bool leave_reserve)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	unsigned long claimed_pages = 0;

	lockdep_assert_held(&heap->change);
	/* Looks first: pages claimed in vain would be missed by allocations. */
	do {
		if (!hr_heap_claim_piece(heap, &piece, leave_reserve, false))
			return false;
	} while (hr_piece_next(&piece));

	piece = hr_piece_first(base, nr_pages);
	do {
		if (!hr_heap_claim_piece(heap, &piece, leave_reserve, true)) {
			hr_heap_disclose(heap, base, claimed_pages, false);
			return false;
		}
		claimed_pages += hr_piece_pages(&piece);
	} while (hr_piece_next(&piece));
	return true;
}

void hr_heap_account(struct heapranges *heap, long nr_pages)
{
	lockdep_assert_held(&heap->change);
	raw_spin_lock_irq(&heap->lock);
	heap->owned_pages += nr_pages;
	hr_heap_limit_caches_locked(heap);
	raw_spin_unlock_irq(&heap->lock);
}

bool hr_heap_is_idle(struct heapranges *heap, unsigned long base,
		     unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	struct hr_chunk *chunk;
	bool idle;

	do {
		raw_spin_lock_irq(&heap->lock);
		chunk = hr_chunks_find(&heap->runs.chunks, piece.chunk_idx);
		idle = hr_bits_are_free(&chunk->bits, piece.begin, piece.end) ||
		       hr_bits_count_busy(&chunk->bits, piece.begin, piece.end) ==
		       hr_records_count_parked(&chunk->records, piece.begin, piece.end);
		raw_spin_unlock_irq(&heap->lock);
		cond_resched();
	} while (idle && hr_piece_next(&piece));
	return idle;
}

unsigned long hr_heap_largest_free_pages(struct heapranges *heap)
{
	unsigned long flags, largest_pages;

	raw_spin_lock_irqsave(&heap->lock, flags);
	largest_pages = hr_radix_max_pages(&heap->runs.radix);
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return largest_pages;
}
