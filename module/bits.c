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
