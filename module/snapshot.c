// SPDX-License-Identifier: GPL-2.0
/*
 * What one chunk says of its pages, at one moment; and what many of them say of a range.
 */
#include <linux/sched.h>

#include "snapshot.h"

bool hr_snapshot_take(struct heapranges *heap, unsigned long chunk_idx,
		      struct hr_snapshot *snapshot)
{
	struct hr_chunk *chunk;
	unsigned long flags;

	/* Caches change codes of short runs meanwhile: each is right as of some moment. */
	raw_spin_lock_irqsave(&heap->lock, flags);
	chunk = hr_chunks_find(&heap->runs.chunks, chunk_idx);
	if (chunk) {
		snapshot->bits = chunk->bits;
		snapshot->records = chunk->records;
	}
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return chunk;
}

bool hr_snapshot_tally(struct heapranges *heap, const struct heapranges_range *range,
		       struct hr_snapshot_tally *tally)
{
	struct hr_piece piece = hr_piece_first(range->base, hr_range_pages(range));
	DECLARE_BITMAP(parked, HR_CHUNK_PAGES);
	DECLARE_BITMAP(used, HR_CHUNK_PAGES);
	struct hr_snapshot snapshot;

	do {
		if (!hr_snapshot_take(heap, piece.chunk_idx, &snapshot))
			return false;
		cond_resched();
		bitmap_zero(parked, HR_CHUNK_PAGES);
		hr_records_mark_parked(&snapshot.records, parked);
		bitmap_andnot(used, snapshot.bits.busy, parked, HR_CHUNK_PAGES);
		tally->used_pages += hr_bits_weigh(used, piece.begin, piece.end);
		tally->parked_pages += hr_bits_weigh(parked, piece.begin, piece.end);
		hr_bits_tally(&snapshot.bits, piece.begin, piece.end, &tally->free);
	} while (hr_piece_next(&piece));
	return true;
}
