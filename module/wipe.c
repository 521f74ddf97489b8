// SPDX-License-Identifier: GPL-2.0
/*
 * What pages hold: freed ones are wiped or filled with a pattern before they are free,
 * without a lock, and meanwhile they are held, that is busy and nobody's; with poison=1
 * the last ones freed are kept back so for a while.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "room.h"
#include "wipe.h"

/* Pages that are held are free. Caller holds lock. */
static void hr_wipe_let_go_locked(struct heapranges *heap, unsigned long base,
				  unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	if (!nr_pages)
		return;
	hr_runs_release(&heap->runs, base, nr_pages);
	hr_room_raise_locked(heap, nr_pages);
	heap->held_pages -= nr_pages;
	heap->count[HR_COUNT_LET_GO]++;
}

/* Keeps a run back instead of the one that has been for longest. Caller holds lock. */
static void hr_wipe_keep_locked(struct heapranges *heap, unsigned long *base,
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

void hr_wipe_and_release(struct heapranges *heap, unsigned long base,
			 unsigned long nr_pages, const struct hr_poison_blame *blame)
{
	unsigned long flags;

	if (heap->kept)
		hr_poison_fill(base, nr_pages, blame);
	else
		memset((void *)base, 0, hr_pages_to_bytes(nr_pages));
	raw_spin_lock_irqsave(&heap->lock, flags);
	if (heap->kept)
		hr_wipe_keep_locked(heap, &base, &nr_pages);
	hr_wipe_let_go_locked(heap, base, nr_pages);
	raw_spin_unlock_irqrestore(&heap->lock, flags);
}

void hr_wipe_release_kept(struct heapranges *heap)
{
	unsigned long flags, base, nr_pages;
	unsigned int i;

	if (!heap->kept)
		return;
	for (i = 0; i < HR_POISON_KEPT; i++) {
		base = 0;
		nr_pages = 0;
		raw_spin_lock_irqsave(&heap->lock, flags);
		hr_wipe_keep_locked(heap, &base, &nr_pages);
		hr_wipe_let_go_locked(heap, base, nr_pages);
		raw_spin_unlock_irqrestore(&heap->lock, flags);
	}
}

unsigned long hr_wipe_kept_pages(struct heapranges *heap)
{
	unsigned long flags, nr_pages;

	if (!heap->kept)
		return 0;
	raw_spin_lock_irqsave(&heap->lock, flags);
	nr_pages = heap->kept->nr_pages;
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return nr_pages;
}

void hr_wipe_check(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages)
{
	struct hr_poison_stain stain;

	if (heap->kept && hr_poison_is_stained(base, nr_pages, &stain))
		hr_reports_stain(&heap->reports, heap->name, base, &stain);
}

/* Where the machine clears what is freed, so do heaps; arenas come clear there. */
void hr_wipe_zero(struct heapranges *heap, struct hr_taken taken,
		  unsigned long nr_pages)
{
	if (want_init_on_free() && !READ_ONCE(heap->has_regions) && !heap->kept)
		taken.dirty_pages = 0;
	memset((void *)taken.base, 0, hr_pages_to_bytes(taken.dirty_pages));
	if (taken.dirty_pages < nr_pages)
		atomic64_add(hr_pages_to_bytes(nr_pages - taken.dirty_pages),
			     &heap->zeroing_saved_bytes);
}
