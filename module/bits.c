// SPDX-License-Identifier: GPL-2.0
/*
 * One chunk's bitmap: search and counting, a word at a time. A free run is carried
 * over the border of two words, and of two chunks. Bit 0 is the lowest page.
 */
#include "bits.h"

/* A bit for each word of a chunk. */
static_assert(BITS_TO_LONGS(HR_CHUNK_PAGES) <= BITS_PER_LONG);

bool hr_bits_are_free(const struct hr_bits *bits, unsigned int begin,
		      unsigned int end)
{
	return find_next_bit(bits->busy, end, begin) >= end;
}

/*
 * Bit n is kept if a run of @nr_pages, from 1 to a word's bits, begins there, found
 * by doubling: a run of 5 is where runs of 4 begin at n and at n + 1.
 */
static unsigned long hr_bits_keep_runs(unsigned long free, unsigned int nr_pages)
{
	unsigned int have = 1, step;

	for (; have < nr_pages && free; have += step) {
		step = min(have, nr_pages - have);
		free &= free >> step;
	}
	return free;
}

bool hr_bits_find(const struct hr_bits *bits, unsigned int begin,
		  unsigned long head_pages, unsigned long nr_pages, long *nr_before)
{
	unsigned int at = round_down(begin, BITS_PER_LONG), skip = begin - at, lead;
	unsigned long busy, runs, below = BIT(skip) - 1;
	/* As if the pages of the word below @begin were free, and had been counted. */
	long run = (long)head_pages - skip;

	if ((long)head_pages >= (long)nr_pages) {
		*nr_before = head_pages;
		return true;
	}
	for (; at < HR_CHUNK_PAGES; at += BITS_PER_LONG, below = 0) {
		busy = bits->busy[at / BITS_PER_LONG] & ~below;
		if (!~busy) {
			run = 0;
			continue;
		}
		lead = busy ? __ffs(busy) : BITS_PER_LONG;
		if (run + (long)lead >= (long)nr_pages) {
			*nr_before = run + (long)begin - (long)at;
			return true;
		}
		if (!busy) {
			run += BITS_PER_LONG;
			continue;
		}
		runs = nr_pages < BITS_PER_LONG ?
		       hr_bits_keep_runs(~busy & ~below, nr_pages) : 0;
		if (runs) {
			*nr_before = (long)begin - (long)(at + __ffs(runs));
			return true;
		}
		run = BITS_PER_LONG - 1 - __fls(busy);
	}
	*nr_before = run;
	return false;
}

unsigned int hr_bits_weigh(const unsigned long *bits, unsigned int begin, unsigned int end)
{
	unsigned int nr = 0, next;

	for (; begin < end; begin = next) {
		next = min_t(unsigned int, round_down(begin, BITS_PER_LONG) + BITS_PER_LONG,
			     end);
		nr += hweight_long(bits[begin / BITS_PER_LONG] & hr_bits_mask(begin, next));
	}
	return nr;
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
		tally->tail_pages = 0;
	}
}

/* The longest run of set bits in @free, if it is longer than @max, else @max. */
static unsigned long hr_bits_longer_run(unsigned long free, unsigned long max)
{
	for (free = hr_bits_keep_runs(free, max + 1); free; free &= free >> 1)
		max++;
	return max;
}

/* The same for what lies between the first and the last busy page of a word. */
static unsigned long hr_bits_longer_inner_run(unsigned long busy, unsigned long max)
{
	unsigned int first = __ffs(busy), last = __fls(busy);

	if (last - first <= max + 1)
		return max;
	return hr_bits_longer_run(~busy & GENMASK(last, first), max);
}

/*
 * First what is quick: runs at the ends of words and across them. Few words are then left
 * that have the room for a longer one within.
 */
void hr_bits_sum(const struct hr_bits *bits, struct hr_sum *sum)
{
	unsigned long run, max = 0, busy, inner = 0;
	unsigned int i = 0, first, last;

	while (i < BITS_TO_LONGS(HR_CHUNK_PAGES) && !bits->busy[i])
		i++;
	run = i * BITS_PER_LONG;
	sum->start = run;
	if (i < BITS_TO_LONGS(HR_CHUNK_PAGES))
		sum->start += __ffs(bits->busy[i]);

	for (; i < BITS_TO_LONGS(HR_CHUNK_PAGES); i++) {
		busy = bits->busy[i];
		if (!~busy) {
			max = max(max, run);
			run = 0;
			while (i + 1 < BITS_TO_LONGS(HR_CHUNK_PAGES) && !~bits->busy[i + 1])
				i++;
			continue;
		}
		if (!busy) {
			run += BITS_PER_LONG;
			continue;
		}
		first = __ffs(busy);
		last = __fls(busy);
		max = max(max, run + first);
		if (last - first > max + 1)
			inner |= BIT(i);
		run = BITS_PER_LONG - 1 - last;
	}
	sum->end = run;
	max = max(max, run);
	for (; inner; inner &= inner - 1)
		max = hr_bits_longer_inner_run(bits->busy[__ffs(inner)], max);
	sum->max = max;
}

/* The free run that reaches up to @page_idx begins here. */
static unsigned int hr_bits_run_begin(const struct hr_bits *bits, unsigned int page_idx)
{
	unsigned int i = page_idx / BITS_PER_LONG;
	unsigned long busy = bits->busy[i] & ~(~0UL << page_idx % BITS_PER_LONG);

	while (!busy) {
		if (!i)
			return 0;
		busy = bits->busy[--i];
	}
	return i * BITS_PER_LONG + __fls(busy) + 1;
}

/* The one that goes on behind page @page_idx ends here. */
static unsigned int hr_bits_run_end(const struct hr_bits *bits, unsigned int page_idx)
{
	unsigned int i = page_idx / BITS_PER_LONG;
	unsigned long busy = bits->busy[i] & (~1UL << page_idx % BITS_PER_LONG);

	while (!busy) {
		if (++i == BITS_TO_LONGS(HR_CHUNK_PAGES))
			return HR_CHUNK_PAGES;
		busy = bits->busy[i];
	}
	return i * BITS_PER_LONG + __ffs(busy);
}

void hr_bits_mend_sum(const struct hr_bits *bits, unsigned int begin, unsigned int end,
		      struct hr_sum *sum)
{
	bool free = !test_bit(begin, bits->busy);
	unsigned int run_begin = hr_bits_run_begin(bits, begin);
	unsigned int run_end = hr_bits_run_end(bits, end - 1);
	unsigned int run_pages = run_end - run_begin;

	/* What was the longest run is shorter now: another may be as long. */
	if (!free && run_pages == sum->max) {
		hr_bits_sum(bits, sum);
		return;
	}
	if (free)
		sum->max = max_t(unsigned long, sum->max, run_pages);
	if (!run_begin)
		sum->start = free ? run_pages : begin;
	if (run_end == HR_CHUNK_PAGES)
		sum->end = free ? run_pages : HR_CHUNK_PAGES - end;
}
