/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is done for a heap in the background: what somebody wanted who may not sleep,
 * and what nobody wants.
 */
#ifndef HR_TEND_H
#define HR_TEND_H

#include "heap.h"

/* The workqueue, one for all heaps. */
int hr_tend_setup(void);
void hr_tend_teardown(void);

void hr_tend_init(struct heapranges *heap);

/* Nothing is on its way any more. May sleep. */
void hr_tend_exit(struct heapranges *heap);

/*
 * Takes a run for somebody who may not block, where the heap itself has none: from
 * what this CPU's cache holds. If other CPUs' caches hold enough pages they are
 * emptied in the background, and if that is not enough the heap grows there. Any context
 * but NMI.
 *
 * Return: the run; none: shortage.
 */
struct hr_taken hr_tend_take(struct heapranges *heap, unsigned long nr_pages,
			     unsigned long align_pages);

/* What the heap has had free throughout the last HR_HEAP_TICKS seconds, as of the last tick. */
unsigned long hr_tend_unneeded_pages(const struct heapranges *heap);

/* Has the reserve filled up if it has fallen under half. Any context but NMI. */
void hr_tend_mind_reserve(struct heapranges *heap);

/*
 * The heap has grown, or could not: arenas that turn out not to be needed are released
 * after HR_HEAP_TICKS + 1 seconds, and a reserve that is short is filled up as soon as it can
 * be. Any context but NMI.
 */
void hr_tend_mind_size(struct heapranges *heap);

#endif /* HR_TEND_H */
