/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The summary of a span of pages, all that a search has to know of it: how many
 * are free at its start, at its end, and in the longest run.
 *
 *	pages	..xx....x......xxx.		start 2, max 6, end 1
 *
 * In plain words of memory, since three fields packed into one end at runs of
 * 2^21 pages.
 */
#ifndef HR_SUM_H
#define HR_SUM_H

#include <linux/minmax.h>
#include <linux/types.h>

struct hr_sum {
	/*
	 * Invariant: start <= max and end <= max; if one is the span's size, all
	 * three are.
	 */
	unsigned long	start, max, end;
};

/*
 * The summary of @nr spans of @span_pages each, side by side.
 */
static inline void hr_sum_merge(struct hr_sum *whole, const struct hr_sum *part,
				unsigned int nr, unsigned long span_pages)
{
	unsigned long start = 0, max = 0, run = 0;
	bool unbroken = true;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!part[i].max) {
			if (unbroken)
				start = run;
			unbroken = false;
			run = 0;
			continue;
		}
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

#endif /* HR_SUM_H */
