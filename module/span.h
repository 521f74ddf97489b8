/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the pages of a span of addresses enter a heap, and leave it; own.c alone uses it, but
 * for hr_span_is_idle(). The caller holds change, and chunks are there for the whole span.
 *
 * To enter: link, account, publish the range, disclose. To leave: claim, publish
 * the array without it, account, unlink.
 */
#ifndef HR_SPAN_H
#define HR_SPAN_H

#include "heap.h"

/*
 * Makes the chunks of the span known to searches, all busy as they are.
 * Return: 0, or -ENOMEM with some of them linked.
 */
int hr_span_link(struct heapranges *heap, unsigned long base,
		 unsigned long nr_pages);

/* Unlinks those chunks of the span that own nothing. */
void hr_span_unlink(struct heapranges *heap, unsigned long base,
		    unsigned long nr_pages);

/* The pages of the span, busy till now, are free; and all zero, if @is_zero. */
void hr_span_disclose(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages, bool is_zero);

/*
 * The pages of the span, all free, are busy. Return: false: one was not, or they are
 * the reserve's and @leave_reserve; no change.
 */
bool hr_span_claim(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, bool leave_reserve);

/* The heap owns @nr_pages more, or fewer, all busy. */
void hr_span_account(struct heapranges *heap, long nr_pages);

/* All pages of the span, which is owned and stays so, are free, parked or kept back. May sleep. */
bool hr_span_is_idle(struct heapranges *heap, unsigned long base,
		     unsigned long nr_pages);

#endif /* HR_SPAN_H */
