/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The summary of a span of pages, all that a search has to know of it: how many
 * are free at its start, at its end, and in the longest run.
 *
 *	pages	..##....#......###.		start 2, max 6, end 1
 *
 * In plain words of memory, since three fields packed into one end at runs of
 * 2^21 pages.
 */
#ifndef HR_SUM_H
#define HR_SUM_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>

struct hr_sum {
	/*
	 * Invariant: start <= max and end <= max; if one is the span's size, all
	 * three are.
	 */
	unsigned long	start, max, end;
};

/* Of @nr spans of @span_pages each, side by side; one of them may be wholly free. */
static inline void hr_sum_merge_any(struct hr_sum *whole, const struct hr_sum *part,
				    unsigned int nr, unsigned long span_pages)
{
	unsigned long start = 0, max = 0, run = 0;
	bool unbroken = true;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		run += part[i].start;
		max = max(max, run);
		if (part[i].start == span_pages)
			continue;
		if (unbroken)
			start = run;
		unbroken = false;
		max = max(max, part[i].max);
		run = part[i].end;
	}
	whole->start = unbroken ? run : start;
	whole->max = max(max, run);
	whole->end = run;
}

/*
 * The summary of @nr spans of @span_pages each, side by side. Mostly a run reaches over
 * one border at the most.
 */
static inline void hr_sum_merge(struct hr_sum *whole, const struct hr_sum *part,
				unsigned int nr, unsigned long span_pages)
{
	unsigned long max = 0, end = 0;
	unsigned int i;

	/* Of nr, the same for all nodes, so that nothing is left of the loop. */
#pragma GCC unroll 8
	for (i = 0; i < nr; i++) {
		max = max(max, end + part[i].start);
		max = max(max, part[i].max);
		end = part[i].end;
	}
	if (unlikely(max >= span_pages)) {
		hr_sum_merge_any(whole, part, nr, span_pages);
		return;
	}
	whole->start = part[0].start;
	whole->max = max;
	whole->end = end;
}

#endif /* HR_SUM_H */
