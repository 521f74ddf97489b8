/* SPDX-License-Identifier: GPL-2.0 */
/* What the pages of a heap hold when they are freed and when they are taken: see wipe.c. */
#ifndef HR_WIPE_H
#define HR_WIPE_H

#include <linux/mm.h>

#include "heap.h"

/* Pages that are freed from @heap are held till hr_wipe_and_release(). */
static inline bool hr_wipe_is_wanted(const struct heapranges *heap)
{
	return (want_init_on_free() || heap->flags & HR_HEAP_POISONS) &&
	       !(heap->flags & HEAPRANGES_ADDRESS_ONLY);
}

/* Wipes pages that are held, and lets them go. @blame: for notes, see poison.h. */
void hr_wipe_and_release(struct heapranges *heap, unsigned long base,
			 unsigned long nr_pages, const struct hr_poison_blame *blame);

/* Runs that are kept back are free. Any context but NMI. */
void hr_wipe_release_kept(struct heapranges *heap);

/* Pages of runs that are kept back. Any context but NMI. */
unsigned long hr_wipe_kept_pages(struct heapranges *heap);

/*
 * The pages of a run have just been taken, and hold what they should: says so in the log
 * if not.
 */
void hr_wipe_check(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages);

/* The @nr_pages that have just been taken are zero from here on. */
void hr_wipe_zero(struct heapranges *heap, struct hr_taken taken,
		  unsigned long nr_pages);

#endif /* HR_WIPE_H */
