/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one chunk says of its pages, at one moment; and what many of them say of a range.
 * So the heap's lock is held for one copy at a time, whatever is counted or printed.
 */
#ifndef HR_SNAPSHOT_H
#define HR_SNAPSHOT_H

#include "heap.h"

/* Invariant: a page of a parked run is busy. */
struct hr_snapshot {
	struct hr_bits		bits;
	struct hr_records	records;
};

/* Any context but NMI. Return: false: the heap has no such chunk. */
bool hr_snapshot_take(struct heapranges *heap, unsigned long chunk_idx,
		      struct hr_snapshot *snapshot);

struct hr_snapshot_tally {
	/* In a live run, or on its way in or out: busy, and not parked. */
	unsigned long		used_pages;
	unsigned long		parked_pages;
	struct hr_bits_tally	free;
};

/*
 * Counts the pages of [range->base, range->limit) from snapshots of one chunk at
 * a time, each kind by itself. @tally is all 0 so far. May sleep.
 *
 * Return: false: the heap has lost a part of the range meanwhile.
 */
bool hr_snapshot_tally(struct heapranges *heap, const struct heapranges_range *range,
		       struct hr_snapshot_tally *tally);

#endif /* HR_SNAPSHOT_H */
