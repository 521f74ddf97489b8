// SPDX-License-Identifier: GPL-2.0
/*
 * A heap: the taking and giving of runs of pages.
 *
 *	ranges   [------------------)        [---------)     what is owned
 *	chunks   |  512  |  512  |  512  |   |  512  |  512  |
 *	bits      ..xx....x......xxxxxxxx     xxx....x         what is busy
 *	records     2     1      8            xxx    1         what begins where
 *
 * A page is free when a range holds it and its bit is clear. Pages that no range
 * holds are busy without a record, so chunks may reach over the ends of a range
 * and be shared by two. A run is taken by address-ordered first fit: the ranges
 * in order, their chunks in order. The search is linear in the chunks that lie
 * before the run, with the lock held.
 *
 * The range array is asked about each run before it leaves. On free the record
 * answers, which was set only after the array had said yes; the array is asked
 * again on the way to a verdict.
 *
 * Context: everything here runs with interrupts on or off, not in NMI.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "heap.h"

struct heapranges *hr_heap_create(const struct heapranges_params *params)
{
	struct heapranges *heap = kzalloc(sizeof(*heap), GFP_KERNEL);

	if (!heap)
		return NULL;
	strscpy(heap->name, params->name, sizeof(heap->name));
	heap->flags = params->flags;
	heap->node = params->node;
	heap->arena_pages = params->arena_pages;
	heap->grow_max_pages = params->grow_max_pages;
	heap->max_pages = params->max_pages;
	INIT_LIST_HEAD(&heap->link);
	mutex_init(&heap->change);
	hr_ranges_init(&heap->ranges, &heap->change);
	hr_chunks_init(&heap->chunks, &heap->change);
	INIT_LIST_HEAD(&heap->arenas);
	raw_spin_lock_init(&heap->lock);
	hr_reports_init(&heap->reports);
	return heap;
}

void hr_heap_destroy(struct heapranges *heap)
{
	mutex_destroy(&heap->change);
	kfree(heap);
}

/*
 * Chunks and ranges found under the lock stay for as long as it is held: what
 * frees them waits for a grace period.
 */
static unsigned long hr_heap_lock(struct heapranges *heap)
	__acquires(RCU) __acquires(&heap->lock)
{
	unsigned long flags;

	rcu_read_lock();
	raw_spin_lock_irqsave(&heap->lock, flags);
	return flags;
}

static void hr_heap_unlock(struct heapranges *heap, unsigned long flags)
	__releases(&heap->lock) __releases(RCU)
{
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	rcu_read_unlock();
}

/* The bits of one piece of a span become free, or busy. Caller holds lock. */
static void hr_heap_set_piece_locked(struct heapranges *heap, struct hr_chunk *chunk,
				     const struct hr_piece *piece, bool free)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	if (hr_piece_pages(piece) == HR_CHUNK_PAGES)
		hr_radix_set_whole(&heap->radix, chunk, free);
	else
		hr_radix_touch(&heap->radix, chunk);
	if (free)
		hr_bits_clear(&chunk->bits, piece->begin, piece->end);
	else
		hr_bits_set(&chunk->bits, piece->begin, piece->end);
}

/*
 * Makes a live run of pages that are free, or busy and nobody's. Return: false:
 * the range array does not hold them; nothing but the heap's trust has changed.
 * Caller holds lock.
 */
static bool hr_heap_begin_run_locked(struct heapranges *heap, unsigned long base,
				     unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	struct hr_chunk *chunk;

	lockdep_assert_held(&heap->lock);
	if (!hr_ranges_contains(&heap->ranges, base, nr_pages)) {
		heap->corrupt = true;
		heap->count[HR_COUNT_CHECK_FAILURES]++;
		return false;
	}

	chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);
	hr_records_set(&chunk->records, piece.begin, nr_pages);
	hr_heap_set_piece_locked(heap, chunk, &piece, false);
	while (hr_piece_next(&piece)) {
		chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);
		hr_records_set_lead(&chunk->records, piece.end);
		hr_heap_set_piece_locked(heap, chunk, &piece, false);
	}
	hr_radix_taken(&heap->radix, base, chunk, piece.end);
	heap->used_pages += nr_pages;
	heap->free_pages -= nr_pages;
	heap->count[HR_COUNT_ALLOCS]++;
	return true;
}

static void hr_heap_report_corruption(struct heapranges *heap, unsigned long base,
				      unsigned long nr_pages)
{
	hr_reports_corruption(heap->name, base, nr_pages,
			      hr_ranges_nr_ranges(&heap->ranges));
}

unsigned long hr_heap_take(struct heapranges *heap, unsigned long nr_pages)
{
	unsigned long flags, base;
	bool owned = true;

	flags = hr_heap_lock(heap);
	base = heap->corrupt || nr_pages > heap->free_pages ? 0 :
	       hr_radix_find(&heap->radix, nr_pages);
	if (base)
		owned = hr_heap_begin_run_locked(heap, base, nr_pages);
	hr_heap_unlock(heap, flags);

	if (unlikely(!owned)) {
		hr_heap_report_corruption(heap, base, nr_pages);
		return 0;
	}
	return base;
}

bool hr_heap_hand_out(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages)
{
	unsigned long flags;
	bool owned;

	flags = hr_heap_lock(heap);
	owned = hr_heap_begin_run_locked(heap, base, nr_pages);
	hr_heap_unlock(heap, flags);

	if (unlikely(!owned))
		hr_heap_report_corruption(heap, base, nr_pages);
	return owned;
}

/* Caller holds lock. */
static enum hr_verdict hr_heap_judge_locked(struct heapranges *heap,
					    unsigned long addr,
					    unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	unsigned int page_idx = hr_addr_to_page_idx(addr);
	struct hr_chunk *chunk;
	unsigned long run_pages = 0;

	lockdep_assert_held(&heap->lock);
	chunk = hr_chunks_find(&heap->chunks, hr_addr_to_chunk_idx(addr));
	if (chunk && PAGE_ALIGNED(addr))
		run_pages = hr_records_pages(&chunk->records, page_idx);
	if (run_pages)
		return !nr_pages || nr_pages == run_pages ? HR_VERDICT_GOOD :
							    HR_VERDICT_SIZE;

	if (!chunk || !hr_ranges_contains(&heap->ranges, addr & PAGE_MASK, 1))
		return HR_VERDICT_FOREIGN;
	return hr_records_cover(&chunk->records, page_idx) ? HR_VERDICT_INTERIOR :
							     HR_VERDICT_DOUBLE;
}

/*
 * Ends the live run that begins at @base: a second free of it is a double free
 * from here on. Its pages stay busy. Return: how many. Caller holds lock.
 */
static unsigned long hr_heap_end_run_locked(struct heapranges *heap,
					    unsigned long base)
	__must_hold(&heap->lock)
{
	struct hr_chunk *chunk;
	struct hr_piece piece;
	unsigned long nr_pages;

	lockdep_assert_held(&heap->lock);
	chunk = hr_chunks_find(&heap->chunks, hr_addr_to_chunk_idx(base));
	nr_pages = hr_records_pages(&chunk->records, hr_addr_to_page_idx(base));
	piece = hr_piece_first(base, nr_pages);
	hr_records_clear(&chunk->records, piece.begin);
	while (hr_piece_next(&piece)) {
		chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);
		hr_records_set_lead(&chunk->records, 0);
	}
	heap->count[HR_COUNT_FREES]++;
	return nr_pages;
}

/* The pages of a run that has ended are free. Caller holds lock. */
static void hr_heap_release_locked(struct heapranges *heap, unsigned long base,
				   unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	struct hr_chunk *chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);

	lockdep_assert_held(&heap->lock);
	hr_radix_freed(&heap->radix, chunk, piece.begin);
	hr_heap_set_piece_locked(heap, chunk, &piece, true);
	while (hr_piece_next(&piece)) {
		chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);
		hr_heap_set_piece_locked(heap, chunk, &piece, true);
	}
	heap->used_pages -= nr_pages;
	heap->free_pages += nr_pages;
}

enum hr_verdict hr_heap_give(struct heapranges *heap, unsigned long addr,
			     unsigned long nr_pages)
{
	bool wipe = want_init_on_free() && !(heap->flags & HEAPRANGES_ADDRESS_ONLY);
	enum hr_verdict verdict;
	unsigned long flags;

	flags = hr_heap_lock(heap);
	verdict = hr_heap_judge_locked(heap, addr, nr_pages);
	if (verdict != HR_VERDICT_GOOD) {
		heap->count[verdict]++;
	} else {
		nr_pages = hr_heap_end_run_locked(heap, addr);
		if (!wipe)
			hr_heap_release_locked(heap, addr, nr_pages);
	}
	hr_heap_unlock(heap, flags);

	if (wipe && verdict == HR_VERDICT_GOOD) {
		memset((void *)addr, 0, hr_pages_to_bytes(nr_pages));
		flags = hr_heap_lock(heap);
		hr_heap_release_locked(heap, addr, nr_pages);
		hr_heap_unlock(heap, flags);
	}
	return verdict;
}

unsigned long hr_heap_run_pages(struct heapranges *heap, unsigned long addr)
{
	unsigned long flags, run_pages = 0;
	struct hr_chunk *chunk;

	if (!PAGE_ALIGNED(addr))
		return 0;
	flags = hr_heap_lock(heap);
	chunk = hr_chunks_find(&heap->chunks, hr_addr_to_chunk_idx(addr));
	if (chunk)
		run_pages = hr_records_pages(&chunk->records,
					     hr_addr_to_page_idx(addr));
	hr_heap_unlock(heap, flags);
	return run_pages;
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
	struct hr_radix_node *spare = NULL;
	bool linked;

	for (;;) {
		raw_spin_lock_irq(&heap->lock);
		linked = hr_radix_link(&heap->radix, chunk, &spare);
		raw_spin_unlock_irq(&heap->lock);
		if (linked)
			break;
		spare = hr_radix_node_alloc(GFP_KERNEL | __GFP_NOWARN);
		if (!spare)
			return -ENOMEM;
	}
	if (spare)
		hr_radix_node_free(spare);
	return 0;
}

int hr_heap_link(struct heapranges *heap, unsigned long base,
		 unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	int err = 0;

	lockdep_assert_held(&heap->change);
	do {
		struct hr_chunk *chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);

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
	struct hr_radix_node *empty, *next;

	lockdep_assert_held(&heap->change);
	do {
		struct hr_chunk *chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);

		if (!chunk->parent || chunk->owned_pages)
			continue;
		raw_spin_lock_irq(&heap->lock);
		empty = hr_radix_unlink(&heap->radix, chunk);
		raw_spin_unlock_irq(&heap->lock);
		for (; empty; empty = next) {
			next = empty->parent;
			hr_radix_node_free(empty);
		}
		cond_resched();
	} while (hr_piece_next(&piece));
}

void hr_heap_disclose(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);

	lockdep_assert_held(&heap->change);
	if (!nr_pages)
		return;
	do {
		struct hr_chunk *chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);

		raw_spin_lock_irq(&heap->lock);
		hr_radix_freed(&heap->radix, chunk, piece.begin);
		hr_heap_set_piece_locked(heap, chunk, &piece, true);
		raw_spin_unlock_irq(&heap->lock);
		cond_resched();
	} while (hr_piece_next(&piece));
}

bool hr_heap_claim(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	unsigned long claimed_pages = 0;
	bool free;

	lockdep_assert_held(&heap->change);
	do {
		struct hr_chunk *chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);

		raw_spin_lock_irq(&heap->lock);
		free = hr_bits_are_free(&chunk->bits, piece.begin, piece.end);
		if (free)
			hr_heap_set_piece_locked(heap, chunk, &piece, false);
		raw_spin_unlock_irq(&heap->lock);
		if (!free) {
			hr_heap_disclose(heap, base, claimed_pages);
			return false;
		}
		claimed_pages += hr_piece_pages(&piece);
		cond_resched();
	} while (hr_piece_next(&piece));
	return true;
}

void hr_heap_account(struct heapranges *heap, long nr_pages)
{
	lockdep_assert_held(&heap->change);
	raw_spin_lock_irq(&heap->lock);
	heap->owned_pages += nr_pages;
	heap->free_pages += nr_pages;
	raw_spin_unlock_irq(&heap->lock);
}

unsigned long hr_heap_largest_free_pages(struct heapranges *heap)
{
	unsigned long flags, largest_pages;

	flags = hr_heap_lock(heap);
	largest_pages = hr_radix_max_pages(&heap->radix);
	hr_heap_unlock(heap, flags);
	return largest_pages;
}

bool hr_heap_tally(struct heapranges *heap, const struct heapranges_range *range,
		   struct hr_bits_tally *tally)
{
	struct hr_piece piece = hr_piece_first(range->base,
		hr_bytes_to_pages(range->limit - range->base));
	struct hr_chunk *chunk;
	struct hr_bits bits;
	unsigned long flags;

	do {
		flags = hr_heap_lock(heap);
		chunk = hr_chunks_find(&heap->chunks, piece.chunk_idx);
		if (chunk)
			bits = chunk->bits;
		hr_heap_unlock(heap, flags);
		if (!chunk)
			return false;
		hr_bits_tally(&bits, piece.begin, piece.end, tally);
	} while (hr_piece_next(&piece));
	return true;
}
