/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a heap owns: how regions and arenas enter and leave it. Everything here
 * may sleep and, but for the end, takes the heap's change mutex.
 */
#ifndef HR_OWN_H
#define HR_OWN_H

#include "heap.h"

/* As heapranges_add() and heapranges_remove(), but for -EPERM and other heaps. */
int hr_own_add_region(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages);
int hr_own_remove_region(struct heapranges *heap, unsigned long base,
			 unsigned long nr_pages);

/*
 * Grows the heap by an arena of @nr_pages exactly.
 * Return: -ENOMEM, -ENOSPC: over max_pages.
 */
int hr_own_add_arena(struct heapranges *heap, unsigned long nr_pages);

/*
 * Takes a run of @nr_pages at a multiple of @align_pages, a power of two (1: any
 * address), growing the heap by an arena if it must and may. Of
 * @gfp only __GFP_NORETRY counts.
 * Return: its address; 0: shortage, or the cap is reached, or corruption.
 */
unsigned long hr_own_grow_and_take(struct heapranges *heap, unsigned long nr_pages,
				   unsigned long align_pages, gfp_t gfp);

/* As hr_heap_take_at(), parked pages being free. */
unsigned long hr_own_take_at(struct heapranges *heap, unsigned long addr,
			     unsigned long nr_pages);

/*
 * Ends the ownership of everything. Arenas with pages in use are left allocated,
 * for good. Return: how many.
 */
unsigned long hr_own_exit(struct heapranges *heap);

#endif /* HR_OWN_H */
