/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The arenas of a heap: growth ahead of need, and release. Everything here but
 * hr_arenas_spare_pages() may sleep and takes the heap's change mutex.
 */
#ifndef HR_ARENAS_H
#define HR_ARENAS_H

#include "arena.h"
#include "heap.h"

/*
 * Grows the heap by an arena of @nr_pages exactly, which stays for as long as it.
 * Return: -ENOMEM, -ENOSPC: over max_pages.
 */
int hr_arenas_add_kept(struct heapranges *heap, unsigned long nr_pages);

/*
 * Takes a run of @nr_pages at a multiple of @align_pages, a power of two (1: any
 * address), for somebody who may block: from what is parked, or growing the heap by
 * an arena if it may. Of @gfp only __GFP_NORETRY and __GFP_ZERO count.
 * Return: the run; none: shortage, or the cap is reached, or corruption.
 */
struct hr_taken hr_arenas_take(struct heapranges *heap, unsigned long nr_pages,
			       unsigned long align_pages, gfp_t gfp);

/* Grows the heap until a run of @nr_pages and its reserve are free, as far as it may. */
void hr_arenas_grow_ahead(struct heapranges *heap, unsigned long nr_pages);

/*
 * Looks which arenas hold nothing but free and parked pages, and tells the machine.
 * Return: the pages that could be released; 0 also if somebody else has the mutex.
 */
unsigned long hr_arenas_try_count(struct heapranges *heap);

/*
 * What the machine was told last. Return: -EBUSY: somebody else has the mutex.
 */
long hr_arenas_try_reclaimable(struct heapranges *heap);

/* Pages that arenas to release may have in all, since the reserve stays. */
unsigned long hr_arenas_spare_pages(struct heapranges *heap);

/*
 * A copy of the lowest arena that begins at @from or above it. Return: false: there is
 * none.
 */
bool hr_arenas_next(struct heapranges *heap, unsigned long from, struct hr_arena *copy);

/*
 * Releases arenas all of whose pages are free or parked, from the highest address
 * down, until at least @least_pages are released, but never more than @most_pages.
 * Return: the pages.
 */
unsigned long hr_arenas_release(struct heapranges *heap, unsigned long least_pages,
				unsigned long most_pages);

/* The same for the shrinker. Return: -EBUSY: somebody else has the mutex. */
long hr_arenas_try_release(struct heapranges *heap, unsigned long least_pages);

/*
 * A tick: looks which arenas hold nothing, and releases up to @unneeded_pages of those
 * that held nothing at the last HR_HEAP_TICKS either. Return: the pages.
 */
unsigned long hr_arenas_tick(struct heapranges *heap, unsigned long unneeded_pages);

/* As heapranges_trim(). @may_wait: for who has the mutex; else nothing is done then. */
unsigned long hr_arenas_trim(struct heapranges *heap, bool may_wait);

/*
 * Gives all arenas back. Those with pages in use are left allocated, for good.
 * Return: how many.
 */
unsigned long hr_arenas_exit(struct heapranges *heap);

#endif /* HR_ARENAS_H */
