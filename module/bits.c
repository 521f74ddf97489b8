// SPDX-License-Identifier: GPL-2.0
/*
 * One chunk's bitmap: search and counting. The words and their edges are
 * lib/bitmap's and lib/find_bit's business; what is ours is to carry a free run
 * over the border of two chunks.
 */
#include "bits.h"

bool hr_bits_are_free(const struct hr_bits *bits, unsigned int begin,
		      unsigned int end)
{
	return find_next_bit(bits->busy, end, begin) >= end;
}

bool hr_bits_find(const struct hr_bits *bits, unsigned int begin, unsigned int end,
		  unsigned long head_pages, unsigned long nr_pages, long *nr_before)
{
	unsigned long run = head_pages;
	unsigned int from = begin, to;

	for (;;) {
		to = find_next_bit(bits->busy, end, from);
		run += to - from;
		if (run >= nr_pages) {
			*nr_before = (long)(run - (to - begin));
			return true;
		}
		if (to >= end)
			break;
		from = find_next_zero_bit(bits->busy, end, to);
		run = 0;
	}
	*nr_before = run;
	return false;
}

void hr_bits_tally(const struct hr_bits *bits, unsigned int begin,
		   unsigned int end, struct hr_bits_tally *tally)
{
	unsigned int from = begin, to;

	for (;;) {
		to = find_next_bit(bits->busy, end, from);
		tally->free_pages += to - from;
		tally->tail_pages += to - from;
		tally->longest_pages = max(tally->longest_pages, tally->tail_pages);
		if (to >= end)
			break;
		from = find_next_zero_bit(bits->busy, end, to);
		tally->used_pages += from - to;
		tally->tail_pages = 0;
	}
}

/*
 * The longest run of set bits in @free, if it is longer than @max, else @max.
 * Bit n of @free is first kept if a run of more than @max begins there, found by
 * doubling; what is left is shortened bit by bit, once for each page of gain.
 */
static unsigned long hr_bits_longer_run(unsigned long free, unsigned long max)
{
	unsigned long have = 1, step;

	for (; have <= max; have += step) {
		step = min(have, max + 1 - have);
		free &= free >> step;
	}
	for (; free; free &= free >> 1)
		max++;
	return max;
}

void hr_bits_sum(const struct hr_bits *bits, struct hr_sum *sum)
{
	unsigned long run = 0, max = 0, start = 0;
	bool unbroken = true;
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(HR_CHUNK_PAGES); i++) {
		unsigned long busy = bits->busy[i], first, last;

		if (!busy) {
			run += BITS_PER_LONG;
			continue;
		}
		if (!~busy) {
			if (unbroken)
				start = run;
			unbroken = false;
			max = max(max, run);
			run = 0;
			continue;
		}
		first = __ffs(busy);
		last = __fls(busy);
		run += first;
		if (unbroken)
			start = run;
		unbroken = false;
		max = max(max, run);
		/* Between the two: free runs that end within the word. */
		if (last - first > max + 1)
			max = hr_bits_longer_run(~busy & GENMASK(last, first), max);
		run = BITS_PER_LONG - 1 - last;
	}
	sum->start = unbroken ? run : start;
	sum->max = max(max, run);
	sum->end = run;
}
