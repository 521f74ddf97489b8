/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arenas of a heap that hold nothing: which could be released, and their release.
 * Everything here but hr_idle_spare_pages() may sleep.
 */
#ifndef HR_IDLE_H
#define HR_IDLE_H

#include "heap.h"

/* What follows takes the heap's change mutex, but for hr_idle_spare_pages(). */

/*
 * Looks which arenas hold nothing but free and parked pages, and tells the machine.
 * Return: the pages that could be released; 0 also if somebody else has the mutex.
 */
unsigned long hr_idle_try_count(struct heapranges *heap);

/*
 * What the machine was told last. Return: -EBUSY: somebody else has the mutex.
 */
long hr_idle_try_reclaimable(struct heapranges *heap);

/* Pages that arenas to release may have in all, since the reserve stays. */
unsigned long hr_idle_spare_pages(struct heapranges *heap);

/*
 * Releases arenas all of whose pages are free or parked, from the highest address
 * down, until at least @least_pages are released, but never more than @most_pages.
 * Return: the pages.
 */
unsigned long hr_idle_release(struct heapranges *heap, unsigned long least_pages,
			      unsigned long most_pages);

/* The same for the shrinker. Return: -EBUSY: somebody else has the mutex. */
long hr_idle_try_release(struct heapranges *heap, unsigned long least_pages);

/*
 * A tick: looks which arenas hold nothing, and releases up to @unneeded_pages of those
 * that held nothing at the last HR_HEAP_TICKS either. Return: the pages.
 */
unsigned long hr_idle_tick(struct heapranges *heap, unsigned long unneeded_pages);

/* As heapranges_trim(). @may_wait: for who has the mutex; else nothing is done then. */
unsigned long hr_idle_trim(struct heapranges *heap, bool may_wait);

/* What follows is called with change held. */

/* As hr_idle_try_count(). */
unsigned long hr_idle_count(struct heapranges *heap);

/*
 * As hr_idle_release(), but for the arenas, which are left in @gone, and only those
 * that were found to hold nothing at the last @nr_ticks. Caches are emptied only if
 * there is such an arena.
 */
unsigned long hr_idle_unlink_arenas(struct heapranges *heap, unsigned long least_pages,
				    unsigned long most_pages, unsigned int nr_ticks,
				    struct list_head *gone);

/*
 * Unmaps arenas that are @gone; the heap owns @owned_pages without them. With change or
 * without it, but outside of spinlocks.
 */
void hr_idle_destroy(struct heapranges *heap, struct list_head *gone,
		     unsigned long owned_pages);

#endif /* HR_IDLE_H */
