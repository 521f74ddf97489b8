/* SPDX-License-Identifier: GPL-2.0 */
/* What is done for a heap in the background, since whoever wanted it may not sleep. */
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
 * emptied in the background. Any context but NMI.
 *
 * Return: its address; 0: shortage.
 */
unsigned long hr_tend_take(struct heapranges *heap, unsigned long nr_pages,
			   unsigned long align_pages);

#endif /* HR_TEND_H */
