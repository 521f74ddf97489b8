/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a heap owns: how ranges enter and leave it, and regions as such. Everything
 * here may sleep.
 */
#ifndef HR_OWN_H
#define HR_OWN_H

#include "heap.h"

/* As heapranges_add() and heapranges_remove(), but for -EPERM and other heaps. */
int hr_own_add_region(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages);
int hr_own_remove_region(struct heapranges *heap, unsigned long base,
			 unsigned long nr_pages);

/* As hr_heap_take_at(), parked pages being free. */
struct hr_taken hr_own_take_at(struct heapranges *heap, unsigned long addr,
			       unsigned long nr_pages);

/* Frees what describes the ranges. Nobody uses the heap any more. */
void hr_own_exit(struct heapranges *heap);

/*
 * Takes the change mutex, everything being allocated as with GFP_NOIO from then on:
 * see own.c. Return: for hr_own_end_change().
 */
unsigned int hr_own_begin_change(struct heapranges *heap);
void hr_own_end_change(struct heapranges *heap, unsigned int noio);

/* The same, but false: somebody else has it. */
bool hr_own_try_begin_change(struct heapranges *heap, unsigned int *noio);

/* What follows is called with change held. */

/*
 * The span is about to be owned.
 * Return: 0, and @change for hr_own_commit(); or an errno as hr_own_add_region().
 */
int hr_own_prepare(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, struct hr_change *change);

/*
 * The span is owned; @live_pages from @live_base on, if any, are a live run at
 * once, so that nobody else can take what a caller has grown the heap for.
 * @is_zero: all pages are.
 * Return: false: the heap is corrupt, and those pages are nobody's.
 */
bool hr_own_commit(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, unsigned long live_base,
		   unsigned long live_pages, bool is_zero,
		   struct hr_change *change);

/*
 * The span, owned so far, is about to be so no longer.
 * Return: 0, and @change for hr_own_leave(); -EINVAL; -ENOENT: a page is not owned;
 * -ENOMEM.
 */
int hr_own_prepare_leave(struct heapranges *heap, unsigned long base,
			 unsigned long nr_pages, struct hr_change *change);

/*
 * The span is owned no longer. Caches are closed until then: they remember chunks.
 * Return: false: a page of it is in use, or it is the reserve's and @leave_reserve;
 * nothing has changed.
 */
bool hr_own_leave(struct heapranges *heap, unsigned long base,
		  unsigned long nr_pages, bool leave_reserve,
		  struct hr_change *change);

#endif /* HR_OWN_H */
