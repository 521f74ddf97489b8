/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The arenas of a heap, and its growth. Everything here may sleep and takes the heap's
 * change mutex.
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
 * A copy of the lowest arena that begins at @from or above it. Return: false: there is
 * none.
 */
bool hr_arenas_next(struct heapranges *heap, unsigned long from, struct hr_arena *copy);

/*
 * Gives all arenas back. Those with pages in use are left allocated, for good.
 * Return: how many.
 */
unsigned long hr_arenas_exit(struct heapranges *heap);

#endif /* HR_ARENAS_H */
