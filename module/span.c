// SPDX-License-Identifier: GPL-2.0
/*
 * Spans, chunk by chunk: no lock is held over more than one.
 *
 * Context: may sleep.
 */
#include <linux/sched.h>

#include "mem.h"
#include "room.h"
#include "span.h"

static int hr_span_link_chunk(struct heapranges *heap, struct hr_chunk *chunk)
{
	struct hr_radix_node *spares = NULL;
	bool linked;

	do {
		raw_spin_lock_irq(&heap->lock);
		linked = hr_radix_link(&heap->runs.radix, chunk, &spares);
		raw_spin_unlock_irq(&heap->lock);
	} while (!linked && hr_radix_node_alloc(&spares, HR_MEM_GFP));
	hr_radix_node_free_chain(spares);
	return linked ? 0 : -ENOMEM;
}

int hr_span_link(struct heapranges *heap, unsigned long base,
		 unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	int err = 0;

	lockdep_assert_held(&heap->change);
	do {
		struct hr_chunk *chunk = hr_chunks_find(&heap->runs.chunks, piece.chunk_idx);

		if (!chunk->parent)
			err = hr_span_link_chunk(heap, chunk);
		cond_resched();
	} while (!err && hr_piece_next(&piece));
	return err;
}

void hr_span_unlink(struct heapranges *heap, unsigned long base,
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

void hr_span_disclose(struct heapranges *heap, unsigned long base,
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
		hr_room_raise_locked(heap, hr_piece_pages(&piece));
		raw_spin_unlock_irq(&heap->lock);
		cond_resched();
	} while (hr_piece_next(&piece));
}

/* No page of @piece is busy; and from now on all are, if @claim. */
static bool hr_span_claim_piece(struct heapranges *heap, const struct hr_piece *piece,
				bool leave_reserve, bool claim)
{
	struct hr_chunk *chunk = hr_chunks_find(&heap->runs.chunks, piece->chunk_idx);
	bool free;

	raw_spin_lock_irq(&heap->lock);
	free = hr_piece_pages(piece) <= hr_room_pages_locked(heap, leave_reserve) &&
	       hr_bits_are_free(&chunk->bits, piece->begin, piece->end);
	if (free && claim) {
		hr_runs_set_piece(&heap->runs, chunk, piece, false);
		hr_room_lower_locked(heap, hr_piece_pages(piece));
	}
	raw_spin_unlock_irq(&heap->lock);
	cond_resched();
	return free;
}

bool hr_span_claim(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, bool leave_reserve)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	unsigned long claimed_pages = 0;

	lockdep_assert_held(&heap->change);
	/* Looks first: pages claimed in vain would be missed by allocations. */
	do {
		if (!hr_span_claim_piece(heap, &piece, leave_reserve, false))
			return false;
	} while (hr_piece_next(&piece));

	piece = hr_piece_first(base, nr_pages);
	do {
		if (!hr_span_claim_piece(heap, &piece, leave_reserve, true)) {
			hr_span_disclose(heap, base, claimed_pages, false);
			return false;
		}
		claimed_pages += hr_piece_pages(&piece);
	} while (hr_piece_next(&piece));
	return true;
}

void hr_span_account(struct heapranges *heap, long nr_pages)
{
	lockdep_assert_held(&heap->change);
	raw_spin_lock_irq(&heap->lock);
	WRITE_ONCE(heap->owned_pages, heap->owned_pages + nr_pages);
	hr_room_limit_caches_locked(heap);
	raw_spin_unlock_irq(&heap->lock);
}

/* Busy pages of @piece that are in no use: as hr_cache_parked_pages(). Caller holds lock. */
static unsigned long hr_span_parked_pages_locked(struct heapranges *heap,
						 const struct hr_chunk *chunk,
						 const struct hr_piece *piece)
	__must_hold(&heap->lock)
{
	unsigned long base = hr_chunk_idx_to_addr(piece->chunk_idx) +
			     hr_pages_to_bytes(piece->begin);
	unsigned long nr_pages = hr_records_count_parked(&chunk->records, piece->begin,
							 piece->end);

	lockdep_assert_held(&heap->lock);
	if (heap->kept)
		nr_pages += hr_poison_kept_within(heap->kept, base, hr_piece_pages(piece));
	return nr_pages;
}

bool hr_span_is_idle(struct heapranges *heap, unsigned long base,
		     unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	struct hr_chunk *chunk;
	bool idle;

	lockdep_assert_held(&heap->change);
	do {
		raw_spin_lock_irq(&heap->lock);
		chunk = hr_chunks_find(&heap->runs.chunks, piece.chunk_idx);
		idle = hr_bits_are_free(&chunk->bits, piece.begin, piece.end) ||
		       hr_bits_weigh(chunk->bits.busy, piece.begin, piece.end) ==
		       hr_span_parked_pages_locked(heap, chunk, &piece);
		raw_spin_unlock_irq(&heap->lock);
		cond_resched();
	} while (idle && hr_piece_next(&piece));
	return idle;
}
